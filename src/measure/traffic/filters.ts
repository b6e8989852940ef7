import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import type { Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import type { Scope } from '#src/measure/traffic/question.ts';
import type { Filter } from '#src/measure/traffic/shapes.ts';

type Condition = RawBuilder<SqlBool>;
type Stretch = Pick<Period, 'from' | 'until'>;

/** A visit lasts no longer than this, in milliseconds. */
const LONGEST_VISIT = 2 * 86_400_000;
/** Of so many stretches each is read on its own. */
const MOST_GAPS = 10;

/** The column of `visits` that says it. What is not here is asked of events, conversions or posts. */
export const columns = {
  entry: 'entry_path',
  exit: 'exit_path',
  host: 'host',
  source: 'source',
  medium: 'medium',
  channel: 'channel',
  referrer: 'referrer_host',
  campaign: 'utm_campaign',
  content: 'utm_content',
  term: 'utm_term',
  country: 'country',
  device: 'device',
  browser: 'browser',
  system: 'system',
  post: 'post_id',
} as const;

/** The visits `v` of people, begun in the stretch, that fit every filter. */
export function visitsThatFit(workspaceId: string, scope: Scope, { from, until }: Stretch): Condition {
  return sql<SqlBool>`v.workspace_id = ${workspaceId} and v.app_id = ${scope.appId}
    and v.started_at >= ${from} and v.started_at < ${until} and v.agent_class in ('human', 'unsure')
    ${fitting(workspaceId, scope, { from, until }, sql`v.id`)}`;
}

/**
 * Joins to conversions `c` the visit `v` each came out of, of those that fit. The touch of a visit knows when it began,
 * and so in which month it is kept. A filter by path or event sees visits begun up to a month before the stretch.
 */
export function visitOfConversion(workspaceId: string, scope: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 31 * 86_400_000), until };
  return sql`
    cross join lateral (${touchOfVisit(workspaceId, scope, { visitId: sql`c.visit_id`, visitor: sql`c.visitor` })}) t
    join lateral (${visitOfTouch(workspaceId, scope)}) v on true ${fitting(workspaceId, scope, reach, sql`c.visit_id`)}`;
}

/** Joins to `made`, conversions by their visit or by the touch credited, the visit `v` of each, of those that fit. */
export function visitOfMade(workspaceId: string, scope: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 31 * 86_400_000), until };
  return sql`
    cross join lateral (
      ${touchOfVisit(workspaceId, scope, { visitId: sql`made.visit_id`, visitor: sql`made.visitor` })}
      union all
      select t.visit_id, t.occurred_at from touches t where t.workspace_id = ${workspaceId} and t.id = made.touch_id
    ) t
    join lateral (${visitOfTouch(workspaceId, scope)}) v on true ${fitting(workspaceId, scope, reach, sql`t.visit_id`)}`;
}

/** Joins to credits `credit` the visit `v` each leads to, of those that fit. */
export function fittingVisits(workspaceId: string, scope: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 366 * 86_400_000), until };
  return sql`
    join touches t on t.workspace_id = ${workspaceId} and t.id = credit.touch_id
    join lateral (${visitOfTouch(workspaceId, scope)}) v on true ${fitting(workspaceId, scope, reach, sql`t.visit_id`)}`;
}

/**
 * When a visit began: its touch has the visit's id (of old an index of its own). Where no touch was kept the visit is
 * looked for by its visitor.
 */
function touchOfVisit(
  workspaceId: string,
  { appId }: Scope,
  of: { visitId: RawBuilder<unknown>; visitor: RawBuilder<unknown> },
): RawBuilder<unknown> {
  const touch = sql`from touches t where t.workspace_id = ${workspaceId} and t.app_id = ${appId}`;
  const [byId, byVisit] = [
    sql`t.id = ${of.visitId} and t.visit_id = t.id`,
    sql`t.visit_id = ${of.visitId} and t.visit_id <> t.id`,
  ];
  return sql`
    select t.visit_id, t.occurred_at ${touch} and ${byId}
    union all
    select t.visit_id, t.occurred_at ${touch} and ${byVisit}
    union all
    select v.id, v.started_at
    from (select where not exists (select ${touch} and ${byId}) and not exists (select ${touch} and ${byVisit}) offset 0) none
    cross join lateral (
      select v.id, v.started_at from visits v where v.workspace_id = ${workspaceId} and v.app_id = ${appId}
        and v.visitor = ${of.visitor} and v.id = ${of.visitId} offset 0) v`;
}

/** The visit of touch `t`, looked for in the one month in which it must stand (`offset 0` keeps it so). */
function visitOfTouch(workspaceId: string, { appId }: Scope): RawBuilder<unknown> {
  return sql`select * from visits v where v.workspace_id = ${workspaceId} and v.app_id = ${appId}
    and v.started_at = t.occurred_at and v.id = t.visit_id and v.agent_class in ('human', 'unsure') offset 0`;
}

/** `id`: that of the visit `v`, as early as it is known: what it did is looked up before the visit is. */
function fitting(workspaceId: string, scope: Scope, stretch: Stretch, id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql.join(
    scope.filters.map((filter) => sql`and ${conditionOf(workspaceId, scope, filter, stretch, id)}`),
    sql` `,
  );
}

/** What is read by several processors is worth it: rows are many and few of them are passed on. */
export const inParallel = sql`set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0.05', true),
  set_config('min_parallel_table_scan_size', '0', true)`;

/** Runs statements that read many visits: the planner takes conditions on events for rarer than they are. */
export async function reading<T>({ tx }: Inside, run: () => Promise<T>): Promise<T> {
  await sql`select set_config('enable_nestloop', 'off', true), ${inParallel}`.execute(tx);
  const result = await run();
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(tx);
  return result;
}

function conditionOf(
  workspaceId: string,
  scope: Scope,
  filter: Filter,
  stretch: Stretch,
  id: RawBuilder<unknown>,
): Condition {
  const { appId } = scope;
  switch (filter.dimension) {
    case 'path':
      return unless(filter, isIn(id, sawPage(workspaceId, scope, filter, stretch)));
    case 'event':
      return unless(filter, isIn(id, didEvent(workspaceId, scope, filter, stretch)));
    case 'goal':
      return unless(
        filter,
        sql<SqlBool>`exists (
          select from conversions c left join goals g on g.workspace_id = c.workspace_id and g.id = c.goal_id
          where c.workspace_id = ${workspaceId} and c.app_id = ${appId} and c.kind = 'goal' and c.visit_id = v.id
            and c.occurred_at >= ${stretch.from} and ${says(filter.operator === 'contains' ? sql`g.name` : sql`c.goal_id::text`, filter)})`,
      );
    case 'campaignId':
      return unless(filter, fromCampaign(workspaceId, filter));
    case 'post':
      return unless(
        filter,
        filter.operator === 'contains'
          ? sql<SqlBool>`exists (select from posts p where p.workspace_id = v.workspace_id and p.id = v.post_id and ${says(sql`p.title`, filter)})`
          : says(sql`v.post_id::text`, filter),
      );
    default:
      return unless(filter, says(sql.ref(`v.${columns[filter.dimension]}`), filter));
  }
}

/** On days that are closed it is written down which visits saw a page; of the others the events are read. */
function sawPage(workspaceId: string, scope: Scope, filter: Filter, stretch: Stretch): RawBuilder<unknown>[] {
  const { days, open } = openStretches(scope, stretch);
  const lists: RawBuilder<unknown>[] = open.map(
    ({ from, until }) => sql`
    select e.visit_id from events e where ${eventsOf(workspaceId, scope, { from, until })} and e.kind = 'pageview' and ${says(sql`e.path`, filter)}`,
  );
  if (days.length > 0)
    lists.unshift(sql`
    select unnest(p.visits) from visit_pages p
    where p.workspace_id = ${workspaceId} and p.app_id = ${scope.appId} and p.day = any(${days}::date[]) and ${says(sql`p.path`, filter)}`);
  return lists;
}

function didEvent(workspaceId: string, scope: Scope, filter: Filter, stretch: Stretch): RawBuilder<unknown>[] {
  return [
    sql`select e.visit_id from events e where ${eventsOf(workspaceId, scope, stretch)} and e.kind <> 'pageview' and ${says(sql`e.kind`, filter)}`,
  ];
}

/** Whether the visit is in one of the lists, which every processor reads for itself. */
function isIn(id: RawBuilder<unknown>, lists: readonly RawBuilder<unknown>[]): Condition {
  return sql<SqlBool>`exists (select from (${sql.join(lists, sql` union all `)}) done (visit_id) where done.visit_id = ${id})`;
}

/**
 * Of conversions `c` those whose visit saw and did what the filters ask, as far as that is known without the visit: what
 * is left is few.
 */
export function conversionsThatMayFit(
  workspaceId: string,
  scope: Scope,
  { from, until }: Stretch,
): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 31 * 86_400_000), until };
  const early = scope.filters.filter(({ dimension }) => dimension === 'path' || dimension === 'event');
  return fitting(workspaceId, { ...scope, filters: early }, reach, sql`c.visit_id`);
}

function eventsOf(workspaceId: string, { appId }: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  return sql`e.workspace_id = ${workspaceId} and e.app_id = ${appId} and e.visit_id is not null
    and e.occurred_at >= ${from} and e.occurred_at < ${new Date(until.getTime() + LONGEST_VISIT)}`;
}

/** The closed days of a stretch, and the stretches between them; of very many it is one that holds all. */
function openStretches({ closedDays, timeZone }: Scope, { from, until }: Stretch): { days: string[]; open: Stretch[] } {
  const dayOf = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
  const last = dayOf(until.getTime() - 1).toString();
  const days: string[] = [];
  const gaps: { from: string; until: string }[] = [];
  for (let date = dayOf(from.getTime()); date.toString() <= last; date = date.add({ days: 1 })) {
    const day = date.toString();
    const before = gaps.at(-1);
    if (closedDays.has(day)) days.push(day);
    else if (before?.until === day) before.until = date.add({ days: 1 }).toString();
    else gaps.push({ from: day, until: date.add({ days: 1 }).toString() });
  }
  const start = (day: string) => Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds;
  const open = gaps.map((gap) => ({
    from: new Date(Math.max(from.getTime(), start(gap.from))),
    until: new Date(Math.min(until.getTime(), start(gap.until))),
  }));
  return { days, open: open.length > MOST_GAPS ? [{ from, until }] : open };
}

function fromCampaign(workspaceId: string, filter: Filter): Condition {
  return sql<SqlBool>`exists (
    select from campaigns c
    where c.workspace_id = ${workspaceId} and ${says(filter.operator === 'contains' ? sql`c.name` : sql`c.id::text`, filter)} and (
      c.id = (select l.campaign_id from links l where l.workspace_id = c.workspace_id and l.id = v.link_id)
      or c.id = (select p.campaign_id from posts p where p.workspace_id = c.workspace_id and p.id = v.post_id)))`;
}

/** Whether a column holds one of the values; what is not known is the empty value. */
function says(column: RawBuilder<unknown>, { operator, values }: Filter): Condition {
  if (operator === 'contains')
    return sql<SqlBool>`${column} ilike any(${values.map((value) => `%${value.replaceAll(/[\\%_]/g, '\\$&')}%`)}::text[])`;
  // A plain comparison where it is enough: it is quicker over millions of visits.
  return values.includes('')
    ? sql<SqlBool>`coalesce(${column}, '') = any(${values}::text[])`
    : sql<SqlBool>`(${column} is not null and ${column} = any(${values}::text[]))`;
}

function unless({ operator }: Filter, condition: Condition): Condition {
  return operator === 'is_not' ? sql<SqlBool>`not ${condition}` : condition;
}

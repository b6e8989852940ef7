import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import type { Scope } from '#src/measure/traffic/question.ts';
import type { Filter } from '#src/measure/traffic/shapes.ts';

type Condition = RawBuilder<SqlBool>;
type Stretch = Pick<Period, 'from' | 'until'>;

/** A visit lasts no longer than this, in milliseconds. */
const LONGEST_VISIT = 2 * 86_400_000;

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
    ${fitting(workspaceId, scope, { from, until }, 'many')}`;
}

/**
 * Joins to conversions `c` the visit `v` each came out of, of those that fit. The touch of a visit knows when it began,
 * and so in which month it is kept. A filter by path or event sees visits begun up to a month before the stretch.
 */
export function visitOfConversion(workspaceId: string, scope: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 31 * 86_400_000), until };
  return sql`
    join touches t on t.workspace_id = ${workspaceId} and t.app_id = ${scope.appId} and t.visit_id = c.visit_id
    join lateral (${visitOfTouch(workspaceId, scope)}) v on true ${fitting(workspaceId, scope, reach, 'few')}`;
}

/** Joins to `made`, conversions by their visit or by the touch credited, the visit `v` of each, of those that fit. */
export function visitOfMade(workspaceId: string, scope: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 31 * 86_400_000), until };
  return sql`
    cross join lateral (
      select t.visit_id, t.occurred_at from touches t
      where t.workspace_id = ${workspaceId} and t.app_id = ${scope.appId} and t.visit_id = made.visit_id
      union all
      select t.visit_id, t.occurred_at from touches t where t.workspace_id = ${workspaceId} and t.id = made.touch_id
    ) t
    join lateral (${visitOfTouch(workspaceId, scope)}) v on true ${fitting(workspaceId, scope, reach, 'few')}`;
}

/** Joins to credits `credit` the visit `v` each leads to, of those that fit. */
export function fittingVisits(workspaceId: string, scope: Scope, { from, until }: Stretch): RawBuilder<unknown> {
  const reach = { from: new Date(from.getTime() - 366 * 86_400_000), until };
  return sql`
    join touches t on t.workspace_id = ${workspaceId} and t.id = credit.touch_id
    join lateral (${visitOfTouch(workspaceId, scope)}) v on true ${fitting(workspaceId, scope, reach, 'few')}`;
}

/** The visit of touch `t`, looked for in the one month in which it must stand (`offset 0` keeps it so). */
function visitOfTouch(workspaceId: string, { appId }: Scope): RawBuilder<unknown> {
  return sql`select * from visits v where v.workspace_id = ${workspaceId} and v.app_id = ${appId}
    and v.started_at = t.occurred_at and v.id = t.visit_id and v.agent_class in ('human', 'unsure') offset 0`;
}

/**
 * Of how many visits the events are asked: of many, both are read by every processor and matched by hashing (in
 * `reading`); of a few, the events are read once (`offset 0`) and never looked for visit by visit.
 */
type Of = 'many' | 'few';

function fitting(workspaceId: string, scope: Scope, stretch: Stretch, of: Of): RawBuilder<unknown> {
  return sql.join(
    scope.filters.map((filter) => sql`and ${conditionOf(workspaceId, scope.appId, filter, stretch, of)}`),
    sql` `,
  );
}

/** Runs statements that read many visits: the planner takes conditions on events for rarer than they are. */
export async function reading<T>({ tx }: Inside, run: () => Promise<T>): Promise<T> {
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(tx);
  const result = await run();
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(tx);
  return result;
}

function conditionOf(workspaceId: string, appId: string, filter: Filter, stretch: Stretch, of: Of): Condition {
  switch (filter.dimension) {
    case 'path':
      return unless(
        filter,
        inEvents(workspaceId, appId, stretch, of, sql`e.kind = 'pageview' and ${says(sql`e.path`, filter)}`),
      );
    case 'event':
      return unless(
        filter,
        inEvents(workspaceId, appId, stretch, of, sql`e.kind <> 'pageview' and ${says(sql`e.kind`, filter)}`),
      );
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

function inEvents(
  workspaceId: string,
  appId: string,
  { from, until }: Stretch,
  of: Of,
  what: RawBuilder<unknown>,
): Condition {
  const own = sql`e.workspace_id = ${workspaceId} and e.app_id = ${appId}
    and e.occurred_at >= ${from} and e.occurred_at < ${new Date(until.getTime() + LONGEST_VISIT)} and ${what}`;
  return of === 'many'
    ? sql<SqlBool>`exists (select from events e where ${own} and e.visit_id = v.id)`
    : sql<SqlBool>`exists (
        select from (select e.visit_id from events e where ${own} offset 0) done where done.visit_id = v.id)`;
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

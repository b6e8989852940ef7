import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import { totalsOf } from '#src/measure/rollups/closed.ts';
import { MOST_VALUES, OTHERS } from '#src/measure/rollups/crowds.ts';
import { visitSums } from '#src/measure/traffic/counts.ts';
import { columns, reading, visitOfConversion, visitsThatFit } from '#src/measure/traffic/filters.ts';
import { type Credited, moneyByValue, moneyOfVisits } from '#src/measure/traffic/money.ts';
import { answering, headOf, type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import {
  type BreakdownMeasure,
  type breakdownAsked,
  type breakdownShown,
  type Dimension,
  FLOOR,
} from '#src/measure/traffic/shapes.ts';
import { changeOf } from '#src/measure/traffic/totals.ts';

type Asked = z.output<typeof breakdownAsked>;

/** What adds up of one value. */
type Part = {
  visitors: number;
  visits: number;
  views: number;
  bounces: number;
  seconds: number;
  signups: number;
  revenue: number;
};

const NOTHING: Part = { visitors: 0, visits: 0, views: 0, bounces: 0, seconds: 0, signups: 0, revenue: 0 };

/** Visits by the values of one dimension, most first, with the values of the time before beside them. */
export function breakdown(context: Context, asked: Asked): Promise<z.output<typeof breakdownShown>> {
  return answering(context, async (inside) => {
    const scope = await scopeOf(inside, asked);
    const now = await partsOf(inside, scope, asked.dimension, scope.current);
    const sort = sortOf(asked);
    const labels = await labelsOf(inside, asked.dimension, [...now.keys()]);
    const found = matching(now, labels, asked.search);
    const direction = asked.order === 'most' ? -1 : 1;
    const sorted = found.sort(
      ([a, partA], [b, partB]) =>
        direction * ((measured(sort, partA) ?? -1) - (measured(sort, partB) ?? -1)) ||
        partB.visits - partA.visits ||
        partB.views - partA.views ||
        (a < b ? -1 : 1),
    );
    const from = Number(asked.cursor ?? 0);
    const page = sorted.slice(from, from + asked.limit);
    const values = page.map(([value]) => value);
    const before = scope.previous && (await partsOf(inside, scope, asked.dimension, scope.previous, values));
    const sum = adds(sort) ? [...now.values()].reduce((total, part) => total + (measured(sort, part) ?? 0), 0) : null;
    return {
      ...headOf(scope),
      dimension: asked.dimension,
      sort,
      rows: page.map(([value, part]) => {
        const past = before === null ? null : (before.get(value) ?? NOTHING);
        return {
          value,
          label: labels.get(value) ?? null,
          ...show(part),
          share: sum === null || sum === 0 ? null : (measured(sort, part) ?? 0) / sum,
          before: past && show(past),
          change: changeOf(measured(sort, part), past && measured(sort, past)),
        };
      }),
      count: found.length,
      sum,
      cursor: from + asked.limit < found.length ? String(from + asked.limit) : null,
    };
  });
}

function sortOf({ sort, dimension }: Asked): BreakdownMeasure {
  if (sort !== 'auto') return sort;
  return dimension === 'path' || dimension === 'event' ? 'views' : dimension === 'exit' ? 'visits' : 'visitors';
}

function adds(sort: BreakdownMeasure): boolean {
  return sort !== 'bounceRate' && sort !== 'visitSeconds';
}

function measured(sort: BreakdownMeasure, part: Part): number | null {
  const per = (share: number) => (part.visits < FLOOR ? null : share / part.visits);
  if (sort === 'bounceRate') return per(part.bounces);
  if (sort === 'visitSeconds') return per(part.seconds);
  return part[sort];
}

function show(part: Part) {
  const { visitors, visits, views, signups, revenue } = part;
  return {
    visitors,
    visits,
    views,
    bounceRate: measured('bounceRate', part),
    visitSeconds: measured('visitSeconds', part),
    signups,
    revenue,
  };
}

function matching(parts: Map<string, Part>, labels: ReadonlyMap<string, string>, search: string | undefined) {
  const all = [...parts];
  if (search === undefined || search === '') return all;
  const wanted = search.toLowerCase();
  return all.filter(([value]) => (labels.get(value) ?? value).toLowerCase().includes(wanted));
}

/** Titles of posts, and what the others are that had no room of their own; other values speak for themselves. */
async function labelsOf({ tx }: Inside, dimension: Dimension, values: string[]): Promise<Map<string, string>> {
  if (values.includes(OTHERS))
    return new Map([[OTHERS, `All others (on days with more than ${MOST_VALUES.toLocaleString('en')})`]]);
  if (dimension !== 'post' || values.length === 0) return new Map();
  const posts = await tx.selectFrom('posts').select(['id', 'title']).where('id', 'in', values).execute();
  return new Map(posts.map((post) => [post.id, post.title]));
}

/** `only`: no other values are wanted, so the totals of those alone are read. */
async function partsOf(
  inside: Inside,
  scope: Scope,
  dimension: Dimension,
  period: Period,
  only?: readonly string[],
): Promise<Map<string, Part>> {
  const filtered = scope.filters.length > 0;
  const parts = new Map<string, Part>();
  const put = (rows: readonly ({ value: string } & Partial<Part>)[]) => {
    for (const { value, ...some } of rows) parts.set(value, { ...(parts.get(value) ?? NOTHING), ...some });
  };
  put(
    filtered
      ? await fromVisits(inside, scope, dimension, period)
      : await fromTotals(inside, scope, dimension, period, only),
  );
  if (dimension === 'entry') for (const [value, part] of parts) if (part.visits === 0) parts.delete(value);
  // What brought money in the stretch may have brought no visit in it.
  if (dimension !== 'event') put(await revenueOf(inside, scope, dimension, period));
  return parts;
}

async function fromTotals(
  inside: Inside,
  scope: Scope,
  dimension: Dimension,
  { days }: Period,
  only?: readonly string[],
) {
  if (only?.length === 0) return [];
  const kept = totalsOf(inside, {
    appIds: [scope.appId],
    dimension: dimension === 'entry' ? 'path' : dimension,
    days,
    only,
  });
  const { rows } = await sql<{ value: string } & Omit<Part, 'revenue'>>`
    select value, sum(visitors)::bigint as visitors, sum(visits)::bigint as visits, sum(views)::bigint as views,
      sum(bounces)::bigint as bounces, sum(seconds)::bigint as seconds, sum(signups)::bigint as signups
    from (${kept}) kept group by value`.execute(inside.tx);
  // Where a visit ended says nothing of what it saw.
  return dimension === 'exit' ? rows.map((row) => ({ ...row, views: 0 })) : rows;
}

/** By what money is counted for a dimension; a page's is that of the visits that came in there. */
const credited: Record<Exclude<Dimension, 'event' | 'exit'>, Credited> = {
  path: 'entry',
  entry: 'entry',
  host: 'host',
  source: 'source',
  medium: 'medium',
  channel: 'channel',
  referrer: 'referrer',
  campaign: 'utm_campaign',
  content: 'utm_content',
  term: 'utm_term',
  country: 'country',
  device: 'device',
  browser: 'browser',
  system: 'system',
  post: 'post',
};

/** Money by what credits are counted by is kept; with filters, or by where a visit ended, it is read from the credits. */
function revenueOf(inside: Inside, scope: Scope, dimension: Exclude<Dimension, 'event'>, period: Period) {
  if (dimension === 'exit' || scope.filters.length > 0)
    return moneyOfVisits(inside, scope, columnOf(dimension), period);
  return moneyByValue(inside, scope, credited[dimension], period);
}

/** The app's own events: `views` says how often each happened. */
export async function eventsOf(inside: Inside, scope: Scope, period: Period) {
  return scope.filters.length > 0 ? eventsOfVisits(inside, scope, period) : fromTotals(inside, scope, 'event', period);
}

/** The column of a visit whose value it is; a visit's path is the one it came in at. */
function columnOf(dimension: Exclude<Dimension, 'event'>): RawBuilder<string> {
  const column = columns[dimension === 'path' ? 'entry' : dimension];
  return dimension === 'post' ? sql<string>`v.post_id::text` : sql<string>`${sql.ref(`v.${column}`)}`;
}

async function fromVisits(inside: Inside, scope: Scope, dimension: Dimension, period: Period) {
  const { tx, workspaceId } = inside;
  if (dimension === 'event') return eventsOfVisits(inside, scope, period);
  const column = columnOf(dimension);
  const { rows: visits } = await reading(inside, () =>
    sql<{ value: string } & Omit<Part, 'signups' | 'revenue'>>`
    select ${column} as value, ${visitSums} from visits v
    where ${visitsThatFit(workspaceId, scope, period)} and ${column} is not null group by 1
  `.execute(tx),
  );
  const { rows: signups } = await sql<{ value: string; signups: number }>`
    select ${column} as value, count(*)::int as signups
    from conversions c ${visitOfConversion(workspaceId, scope, period)}
    where c.workspace_id = ${workspaceId} and c.app_id = ${scope.appId} and c.kind = 'signup'
      and c.occurred_at >= ${period.from} and c.occurred_at < ${period.until} and ${column} is not null
    group by 1
  `.execute(tx);
  const views = dimension === 'path' || dimension === 'entry' ? await viewsOfVisits(inside, scope, period) : null;
  return merge([
    views === null && dimension !== 'exit' ? visits : visits.map((row) => ({ ...row, views: 0 })),
    views ?? [],
    dimension === 'exit' ? [] : signups,
  ]);
}

function merge(lists: readonly (readonly ({ value: string } & Partial<Part>)[])[]) {
  const rows = new Map<string, { value: string } & Partial<Part>>();
  for (const row of lists.flat()) rows.set(row.value, { ...rows.get(row.value), ...row });
  return [...rows.values()];
}

/** Page views by path, of visits that fit. */
async function viewsOfVisits(inside: Inside, scope: Scope, period: Period) {
  const { tx, workspaceId } = inside;
  const { rows } = await reading(inside, () =>
    sql<{ value: string; views: number }>`
    select e.path as value, count(*)::int as views
    from visits v
    join events e on e.workspace_id = v.workspace_id and e.app_id = v.app_id and e.visit_id = v.id
    where ${visitsThatFit(workspaceId, scope, period)} and e.kind = 'pageview' and e.path is not null
      and e.occurred_at >= ${period.from} and e.occurred_at < ${afterVisits(period)}
    group by 1
  `.execute(tx),
  );
  return rows;
}

async function eventsOfVisits(inside: Inside, scope: Scope, period: Period) {
  const { tx, workspaceId } = inside;
  const { rows } = await reading(inside, () =>
    sql<{ value: string; views: number; visits: number; visitors: number }>`
    select e.kind as value, count(*)::int as views, count(distinct v.id)::int as visits,
           (count(distinct v.id) filter (where v.first_today))::int as visitors
    from visits v
    join events e on e.workspace_id = v.workspace_id and e.app_id = v.app_id and e.visit_id = v.id
    where ${visitsThatFit(workspaceId, scope, period)} and e.kind <> 'pageview'
      and e.occurred_at >= ${period.from} and e.occurred_at < ${afterVisits(period)}
    group by 1
  `.execute(tx),
  );
  return rows;
}

/** Events of visits that began in the period may come for so long after it. */
function afterVisits({ until }: Period): Date {
  return new Date(until.getTime() + 2 * 86_400_000);
}

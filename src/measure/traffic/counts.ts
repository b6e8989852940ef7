import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import { reading, visitsThatFit } from '#src/measure/traffic/filters.ts';
import { type Scope, startsOf } from '#src/measure/traffic/question.ts';

/** What is counted of visits; they add up. `seconds`: whole seconds from the first to the last event. */
export type Counts = {
  visitors: number;
  visits: number;
  views: number;
  bounces: number;
  seconds: number;
};

export const NONE: Counts = { visitors: 0, visits: 0, views: 0, bounces: 0, seconds: 0 };
const HOUR = 3_600_000;

/** Sums over visits `v`, as the totals keep them: one definition for both. */
export const visitSums = sql`
  (count(*) filter (where v.first_today))::int as visitors, count(*)::int as visits,
  coalesce(sum(v.views), 0)::int as views, (count(*) filter (where v.views = 1 and v.events = 0))::int as bounces,
  coalesce(sum(floor(extract(epoch from v.last_seen_at - v.started_at))), 0)::bigint as seconds`;

export function add(a: Counts, b: Counts): Counts {
  return {
    visitors: a.visitors + b.visitors,
    visits: a.visits + b.visits,
    views: a.views + b.views,
    bounces: a.bounces + b.bounces,
    seconds: a.seconds + b.seconds,
  };
}

/** Counts of each local day of a period, in order: from the kept totals, or with filters from the visits. */
export async function countsByDay(inside: Inside, scope: Scope, period: Period): Promise<Counts[]> {
  if (scope.filters.length > 0) return countsBetween(inside, scope, startsOf(period, scope.timeZone));
  const rows = await inside.tx
    .selectFrom('trafficDays')
    .select(['day', 'visitors', 'visits', 'views', 'bounces', 'seconds'])
    .where('workspaceId', '=', inside.workspaceId)
    .where('appId', '=', scope.appId)
    .where('dimension', '=', 'total')
    .where('day', '>=', period.days[0] ?? '')
    .where('day', '<=', period.days.at(-1) ?? '')
    .execute();
  const byDay = new Map(rows.map(({ day, ...counts }) => [day, counts]));
  return period.days.map((day) => byDay.get(day) ?? NONE);
}

/** Counts of each hour that begins at one of `starts` (the last of them is the end), from the totals where hours fit. */
export async function countsByHour(inside: Inside, scope: Scope, starts: readonly Date[]): Promise<Counts[]> {
  // In a zone whose hours are not those of UTC an hour lies across two kept ones.
  if (scope.filters.length > 0 || starts.some((start) => start.getTime() % HOUR !== 0))
    return countsBetween(inside, scope, starts);
  const [from, until] = [starts[0] ?? new Date(0), starts.at(-1) ?? new Date(0)];
  const rows = await inside.tx
    .selectFrom('trafficHours')
    .select(['hour', 'visitors', 'visits', 'views', 'bounces', 'seconds'])
    .where('workspaceId', '=', inside.workspaceId)
    .where('appId', '=', scope.appId)
    .where('hour', '>=', from)
    .where('hour', '<', until)
    .execute();
  const byHour = new Map(rows.map(({ hour, ...counts }) => [hour.getTime(), counts]));
  return starts.slice(0, -1).map((start) => byHour.get(start.getTime()) ?? NONE);
}

/** Counts of the visits themselves between each two of `starts`, which are in order. */
async function countsBetween(inside: Inside, scope: Scope, starts: readonly Date[]): Promise<Counts[]> {
  const { tx, workspaceId } = inside;
  const stretch = { from: starts[0] ?? new Date(0), until: starts.at(-1) ?? new Date(0) };
  const { rows } = await reading(inside, () =>
    sql<Counts & { slot: number }>`
    select width_bucket(v.started_at, ${starts}::timestamptz[]) - 1 as slot, ${visitSums}
    from visits v where ${visitsThatFit(workspaceId, scope, stretch)} group by slot
  `.execute(tx),
  );
  const bySlot = new Map(rows.map(({ slot, ...counts }) => [slot, counts]));
  return starts.slice(0, -1).map((_, index) => bySlot.get(index) ?? NONE);
}

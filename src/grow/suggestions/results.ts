import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import type { Inside } from '#src/context.ts';
import { effectOf, type Found, type Week } from './effect.ts';
import type { Working } from './judge.ts';
import type { Measure } from './kind.ts';

/** A week as it is kept with the result. */
export type ResultWeek = Week & { from: string; isAfter: boolean };

export type Result = {
  metric: string;
  beforeValue: number | null;
  afterValue: number | null;
  effect: number | null;
  effectLow: number | null;
  effectHigh: number | null;
  error: number | null;
  verdict: 'better' | 'worse' | 'no_difference' | 'not_enough_data';
  reason: string | null;
  method: Found['method'] | null;
  control: string | null;
  expectedLow: number | null;
  expected: number | null;
  expectedHigh: number | null;
  weeks: ResultWeek[];
  closesOn: string;
  settled: boolean;
};

const weeksBefore = { most: 12, needed: 4 };
const weeksAfter = 8;

/**
 * Whole weeks before it was accepted against whole weeks after it was done and had time to settle: up to twelve before,
 * up to eight after, each of seven local days, so that every window has equal weekdays. The weeks in between, while the
 * work was going on, belong to neither. Settled when the eight weeks are over. Local days of the workspace.
 */
export async function measureResult(
  inside: Inside,
  suggestion: { id: string; appId: string; measure: unknown; working: unknown; settleDays: number },
  acceptedAt: Date,
  doneAt: Date,
): Promise<Result | null> {
  const measure = suggestion.measure as Measure | null;
  if (!measure) return null;
  const { timeZone } = await inside.tx
    .selectFrom('workspaces')
    .select('timeZone')
    .where('id', '=', inside.workspaceId)
    .executeTakeFirstOrThrow();
  const dayIn = (at: Date) =>
    Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const today = dayIn(inside.clock.now());
  const until = dayIn(acceptedAt);
  const from = dayIn(doneAt).add({ days: 1 + suggestion.settleDays });
  const closes = from.add({ weeks: weeksAfter });
  const since = await measuredSince(inside, suggestion.appId, measure, timeZone);
  const before = since
    ? weeksBack(until, weeksBefore.most).filter((week) => Temporal.PlainDate.compare(week, since) >= 0)
    : [];
  const after = Array.from({ length: weeksAfter }, (_, week) => from.add({ weeks: week })).filter(
    (week) => Temporal.PlainDate.compare(week.add({ weeks: 1 }), today) <= 0,
  );
  const touched = await alsoTouched(inside, suggestion, measure);
  const weeks = await readWeeks(
    inside,
    suggestion.appId,
    measure,
    touched,
    [
      ...before.map((week) => ({ from: week.toString(), isAfter: false })),
      ...after.map((week) => ({ from: week.toString(), isAfter: true })),
    ],
    timeZone,
  );
  const working = suggestion.working as Partial<Working>;
  const found = effectOf(
    weeks.filter(({ isAfter }) => !isAfter),
    weeks.filter(({ isAfter }) => isAfter),
  );
  const settled = Temporal.PlainDate.compare(today, closes) >= 0;
  const shared = {
    metric: metricOf(measure),
    control: controlOf(measure),
    expectedLow: working.effect?.low ?? null,
    expected: working.effect?.mid ?? null,
    expectedHigh: working.effect?.high ?? null,
    weeks,
    closesOn: closes.toString(),
    settled,
  };
  if (typeof found === 'string') {
    const wait = after.length < 4 ? ` The four weeks after it end on ${from.add({ weeks: 4 }).toString()}.` : '';
    return { ...shared, ...nothing, verdict: 'not_enough_data', reason: `${found}${wait}`, method: null };
  }
  return {
    ...shared,
    beforeValue: perUnit(weeks.filter(({ isAfter }) => !isAfter)),
    afterValue: perUnit(weeks.filter(({ isAfter }) => isAfter)),
    effect: found.ratio,
    effectLow: found.low,
    effectHigh: found.high,
    error: found.error,
    verdict: verdictOf(found, measure),
    reason: null,
    method: found.method,
  };
}

const nothing = { beforeValue: null, afterValue: null, effect: null, effectLow: null, effectHigh: null, error: null };

/** What the 90 % interval leaves out decides; of churn, less is better. */
function verdictOf({ low, high }: Found, measure: Measure): Result['verdict'] {
  if (low <= 1 && high >= 1) return 'no_difference';
  const more = low > 1;
  return more === (measure.of !== 'churn') ? 'better' : 'worse';
}

/** A week, or, for rates, a unit of what the count came from. */
function perUnit(weeks: readonly ResultWeek[]): number {
  const sum = (of: (week: ResultWeek) => number) => weeks.reduce((all, week) => all + of(week), 0);
  return (
    sum(({ count }) => count) /
    Math.max(
      1,
      sum(({ exposure }) => exposure),
    )
  );
}

function metricOf(measure: Measure): string {
  return 'dimension' in measure && measure.dimension !== 'total' ? `${measure.of}_by_${measure.dimension}` : measure.of;
}

function controlOf(measure: Measure): string | null {
  if (!('dimension' in measure) || measure.dimension === 'total') return null;
  const others: Record<string, string> = {
    path: 'pages',
    channel: 'channels',
    source: 'sources',
    referrer: 'sites that link to it',
    device: 'devices',
    post: 'posts',
  };
  return `the other ${others[measure.dimension]}, which were not touched`;
}

function weeksBack(until: Temporal.PlainDate, most: number): Temporal.PlainDate[] {
  return Array.from({ length: most }, (_, index) => until.subtract({ weeks: most - index }));
}

/** What other suggestions changed, or are changing, in the same dimension: it is no control. */
async function alsoTouched({ tx }: Inside, { id, appId }: { id: string; appId: string }, measure: Measure) {
  if (!('dimension' in measure)) return [];
  const rows = await tx
    .selectFrom('suggestions')
    .select('measure')
    .where('appId', '=', appId)
    .where('id', '<>', id)
    .where('state', 'in', ['in_progress', 'done'])
    .where('measure', 'is not', null)
    .execute();
  return rows.flatMap((row) => {
    const other = row.measure as Measure;
    return 'dimension' in other && other.dimension === measure.dimension ? other.values : [];
  });
}

/** The first whole day with data of this sort. */
async function measuredSince(inside: Inside, appId: string, measure: Measure, timeZone: string) {
  const queries = {
    traffic: sql<{ at: Date | null }>`select first_event_at as at from tracking_settings where app_id = ${appId}`,
    churn: sql<{ at: Date | null }>`select min(occurred_at) as at from mrr_movements where app_id = ${appId}`,
    subscribers: sql<{ at: Date | null }>`select min(created_at) as at from mailing_lists where app_id = ${appId}`,
    replies: sql<{ at: Date | null }>`select min(received_at) as at from inbox_items`,
  };
  const { rows } = await queries['dimension' in measure ? 'traffic' : measure.of].execute(inside.tx);
  const at = rows[0]?.at;
  if (!at) return null;
  return Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .add({ days: 1 });
}

async function readWeeks(
  inside: Inside,
  appId: string,
  measure: Measure,
  touched: readonly string[],
  weeks: readonly { from: string; isAfter: boolean }[],
  timeZone: string,
): Promise<ResultWeek[]> {
  const days = weeks.map(({ from }) => from);
  if (days.length === 0) return [];
  const { rows } = await weekly(appId, measure, touched, days, timeZone).execute(inside.tx);
  return weeks.map(({ from, isAfter }, index) => {
    const row = rows[index] ?? { count: 0, exposure: 0, others: null, rest: null };
    const control = row.others === null ? null : { count: row.others, exposure: row.rest ?? 1 };
    return { from, isAfter, count: row.count, exposure: row.exposure, control };
  });
}

/** Count and exposure of each week, and those of what was not touched. */
function weekly(
  appId: string,
  measure: Measure,
  touched: readonly string[],
  days: readonly string[],
  timeZone: string,
) {
  type Row = { count: number; exposure: number; others: number | null; rest: number | null };
  const week = sql`(select day, place, day::timestamp at time zone ${timeZone} as since, (day + 7)::timestamp at time zone ${timeZone} as until
    from unnest(${[...days]}::date[]) with ordinality as each_week (day, place)) as w`;
  if (measure.of === 'churn')
    return sql<Row>`
      select (select count(*) from mrr_movements m where m.app_id = ${appId} and m.kind = 'churn' and m.occurred_at >= w.since and m.occurred_at < w.until)::int as count,
        (select count(*) from subscriptions s where s.app_id = ${appId} and coalesce(s.first_paid_at, s.started_at) < w.since and (s.ended_at is null or s.ended_at >= w.since))::int as exposure,
        null::int as others, null::int as rest
      from ${week} order by w.place`;
  if (measure.of === 'subscribers')
    return sql<Row>`
      select (select count(*) from subscribers s join mailing_lists l on l.workspace_id = s.workspace_id and l.id = s.mailing_list_id
          where l.app_id = ${appId} and s.confirmed_at >= w.since and s.confirmed_at < w.until)::int as count,
        1 as exposure, null::int as others, null::int as rest
      from ${week} order by w.place`;
  if (measure.of === 'replies')
    return sql<Row>`
      select (select count(*) from inbox_items i where i.kind <> 'message' and i.received_at >= w.since and i.received_at < w.until)::int as count,
        1 as exposure, null::int as others, null::int as rest
      from ${week} order by w.place`;
  if (!('dimension' in measure)) throw new Error('Every count without a dimension is handled above.');
  const { of, dimension, values } = measure;
  const counted = of === 'visits' ? sql`t.visits` : sql`t.signups`;
  const base = of === 'signup_rate' ? sql`t.visits` : sql`0`;
  const mine = sql`filter (where t.value = any(${values}::text[]) or ${dimension === 'total'})`;
  const others = sql`filter (where not t.value = any(${[...values, ...touched]}::text[]))`;
  const isRate = of === 'signup_rate';
  return sql<Row>`
    select coalesce(x.count, 0)::int as count, ${isRate ? sql`coalesce(x.exposure, 0)::int` : sql`1`} as exposure,
      ${dimension === 'total' ? sql`null::int` : sql`coalesce(x.others, 0)::int`} as others,
      ${dimension === 'total' ? sql`null::int` : isRate ? sql`coalesce(x.rest, 0)::int` : sql`1`} as rest
    from ${week}
    left join lateral (
      select sum(${counted}) ${mine} as count, sum(${base}) ${mine} as exposure,
        sum(${counted}) ${others} as others, sum(${base}) ${others} as rest
      from traffic_days t where t.app_id = ${appId} and t.dimension = ${dimension} and t.day >= w.day and t.day < w.day + 7
    ) x on true
    order by w.place`;
}

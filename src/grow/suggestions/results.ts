import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { compareMeans, sum } from '#src/grow/comparison.ts';
import { dayMs, dayOf, weekMs } from '#src/grow/detectors/detector.ts';
import { type Comparison, enoughForRates, rateRatio } from '#src/measure/uncertainty.ts';

export type Result = {
  metric: 'visits' | 'signup_rate';
  beforeValue: number | null;
  afterValue: number | null;
  effect: number | null;
  effectLow: number | null;
  effectHigh: number | null;
  verdict: 'better' | 'worse' | 'no_difference' | 'not_enough_data';
  reason: string | null;
};

const weeksCompared = 4;

/** Visits and signups of one week. */
export type ResultWeek = { visits: number; signups: number };

/**
 * Four whole weeks before it was accepted against four after it was done, by the one number its category is about
 * (signups per visit for conversion, pricing and retention, else visits per week). A difference is what came after, not
 * a proof of what caused it.
 */
export async function measureResult(
  inside: Inside,
  suggestion: { appId: string; category: string },
  acceptedAt: Date,
  doneAt: Date,
): Promise<Result> {
  const metric = ['conversion', 'pricing', 'retention'].includes(suggestion.category) ? 'signup_rate' : 'visits';
  const beforeFrom = new Date(dayStart(acceptedAt).getTime() - weeksCompared * weekMs);
  const afterFrom = new Date(dayStart(doneAt).getTime() + dayMs);
  const afterUntil = new Date(afterFrom.getTime() + weeksCompared * weekMs);
  const settings = await inside.tx
    .selectFrom('trackingSettings')
    .select('firstEventAt')
    .where('appId', '=', suggestion.appId)
    .executeTakeFirst();
  if (!settings?.firstEventAt || settings.firstEventAt > beforeFrom)
    return lacking(metric, `Not enough data: the four weeks before ${dayOf(acceptedAt)} were not measured as a whole.`);
  if (inside.clock.now() < afterUntil)
    return lacking(metric, `Not enough data yet: the four weeks after it was done end on ${dayOf(afterUntil)}.`);
  const before = await weeksFrom(inside, suggestion.appId, beforeFrom);
  const after = await weeksFrom(inside, suggestion.appId, afterFrom);
  return judgeResult(metric, before, after);
}

/** The comparison itself, without a database. */
export function judgeResult(
  metric: Result['metric'],
  before: readonly ResultWeek[],
  after: readonly ResultWeek[],
): Result {
  const [b, a] = [totals(before), totals(after)];
  const enough = metric === 'visits' ? enoughForRates(b.visits, a.visits) : enoughForRates(b.signups, a.signups);
  if (!enough.enough) return lacking(metric, enough.reason);
  if (metric === 'signup_rate' && (b.visits === 0 || a.visits === 0))
    return lacking(metric, 'Not enough data: there were no visits on one side.');
  const found =
    metric === 'visits'
      ? compareMeans(
          before.map(({ visits }) => visits),
          after.map(({ visits }) => visits),
        )
      : rateRatio({ events: b.signups, exposure: b.visits }, { events: a.signups, exposure: a.visits });
  if (!found) return lacking(metric, 'Not enough data: nothing was counted on one side.');
  return {
    metric,
    beforeValue: metric === 'visits' ? b.visits / before.length : b.signups / b.visits,
    afterValue: metric === 'visits' ? a.visits / after.length : a.signups / a.visits,
    effect: found.estimate,
    effectLow: found.interval.low,
    effectHigh: Number.isFinite(found.interval.high) ? found.interval.high : null,
    verdict: verdictOf(found),
    reason: null,
  };
}

function verdictOf({ p, estimate }: Comparison): Result['verdict'] {
  if (p >= 0.05) return 'no_difference';
  return estimate > 1 ? 'better' : 'worse';
}

async function weeksFrom(inside: Inside, appId: string, from: Date): Promise<ResultWeek[]> {
  const { rows } = await sql<ResultWeek>`
    select
      (select coalesce(sum(visits), 0)::int from traffic_hours h where h.app_id = ${appId} and h.hour >= w.at and h.hour < w.at + interval '7 days') as visits,
      (select count(*)::int from conversions c where c.app_id = ${appId} and c.kind = 'signup' and c.occurred_at >= w.at and c.occurred_at < w.at + interval '7 days') as signups
    from generate_series(0, ${weeksCompared - 1}::int) n
    cross join lateral (select ${from}::timestamptz + n * interval '168 hours' as at) w order by n`.execute(inside.tx);
  return rows;
}

function totals(weeks: readonly ResultWeek[]): ResultWeek {
  return { visits: sum(weeks.map(({ visits }) => visits)), signups: sum(weeks.map(({ signups }) => signups)) };
}

function lacking(metric: Result['metric'], reason: string): Result {
  return {
    metric,
    beforeValue: null,
    afterValue: null,
    effect: null,
    effectLow: null,
    effectHigh: null,
    verdict: 'not_enough_data',
    reason,
  };
}

function dayStart(at: Date): Date {
  return new Date(Math.floor(at.getTime() / dayMs) * dayMs);
}

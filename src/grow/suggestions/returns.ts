import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { dayMs } from '#src/grow/detectors/detector.ts';
import { netOfRow } from '#src/measure/attribution/net.ts';
import { poissonRate } from '#src/measure/uncertainty.ts';

export type Return =
  | { lowMinor: bigint; highMinor: bigint; currency: string; reason: null }
  | { lowMinor: null; highMinor: null; currency: null; reason: string };

type GroupInsight = {
  id: string;
  appId: string;
  detector: string;
  direction: string | null;
  effectLow: number | null;
  effectHigh: number | null;
  sampleBefore: number | null;
};

const lookBackDays = 90;
const purchasesNeeded = 10;
/** As if four posts of a month were of the better sort. */
const postsChanged = 4;

/**
 * What four posts of the better sort would bring in addition, in money: the interval of the effect × the mean visits of
 * the other posts × the exact interval of purchases per visit × the mean of what was left of the payments of the last 90 days after tax and refunds. Null with the
 * reason unless the insight compares posts and there were at least ten purchases in one currency.
 */
export async function estimateReturn(inside: Inside, insight: GroupInsight): Promise<Return> {
  const { effectLow, effectHigh, sampleBefore } = insight;
  if (!['post_kinds', 'posting_times'].includes(insight.detector) || insight.direction !== 'up')
    return unknown('What this would earn cannot be worked out from what was counted.');
  if (effectLow === null || effectHigh === null || !sampleBefore)
    return unknown('Not enough data: the effect has no upper limit yet.');
  const since = new Date(inside.clock.now().getTime() - lookBackDays * dayMs);
  const { rows } = await sql<{
    currency: string | null;
    purchases: number;
    minor: string;
    currencies: number;
    visits: number;
    others: number;
  }>`
    select min(currency) as currency, count(*)::int as purchases, coalesce(sum(${netOfRow('payment')}), 0)::text as minor,
      count(distinct currency)::int as currencies,
      (select coalesce(sum(visits), 0)::int from traffic_hours where app_id = ${insight.appId} and hour >= ${since}) as visits,
      (select coalesce(max(value), 0)::int from insight_evidence where insight_id = ${insight.id} and position = 0) as others
    from payments payment where app_id = ${insight.appId} and paid_at >= ${since} and amount_minor > 0`.execute(
    inside.tx,
  );
  const found = rows[0];
  if (!found || found.purchases < purchasesNeeded || found.visits === 0)
    return unknown(
      `Not enough data: ${found?.purchases ?? 0} of the ${purchasesNeeded} payments of the last 90 days needed.`,
    );
  if (found.currencies > 1 || found.currency === null)
    return unknown('Payments came in several currencies, which are not added up here.');
  const perVisit = poissonRate(found.purchases, found.visits);
  const mean = Number(found.minor) / found.purchases;
  const extraVisits = (ratio: number) => Math.max(0, ratio - 1) * (found.others / sampleBefore) * postsChanged;
  return {
    lowMinor: BigInt(Math.round(extraVisits(effectLow) * perVisit.low * mean)),
    highMinor: BigInt(Math.round(extraVisits(effectHigh) * perVisit.high * mean)),
    currency: found.currency,
    reason: null,
  };
}

export const starterReturn: Return = unknown('A first step: what it brings can only be seen once it is in place.');

function unknown(reason: string): Return {
  return { lowMinor: null, highMinor: null, currency: null, reason };
}

import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { netOfRow } from '#src/measure/attribution/net.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';
import { type Flow, monthly, type Quantity, shrunkRate, summed } from './impact.ts';
import type { Dimension } from './kind.ts';

/** What the app's own numbers say: everything a flow is built from. Read once for all kinds. */
export type Baselines = {
  /** Days with measured traffic among the last 84 whole ones. */
  days: number;
  visits: number;
  signups: number;
  /** Variance ÷ mean of weekly visits, at least 1: how bursty this app's traffic is. */
  dispersion: number;
  /** Visits and signups of each value of a dimension in those days. Paths count by the page a visit began on. */
  places: ReadonlyMap<Dimension, ReadonlyMap<string, Place>>;
  currency: string;
  /** What a signup is worth; null with the reason in `worthMissing`. */
  perSignup: Quantity | null;
  worthMissing: string | null;
};

export type Place = { visits: number; signups: number; bounces: number };

const windowDays = 84;
const worthDays = 180;
const visitsNeeded = 300;
const signupsNeeded = 10;
const payersNeeded = 10;
const signupsForWorth = 30;

export async function readBaselines(inside: Inside, appId: string, today: string): Promise<Baselines> {
  const { rows } = await sql<{ dimension: Dimension; value: string } & Place>`
    select dimension, value, sum(visits)::int as visits, sum(signups)::int as signups, sum(bounces)::int as bounces
    from traffic_days
    where app_id = ${appId} and day >= ${today}::date - ${windowDays}::int and day < ${today}::date
      and dimension in ('path', 'channel', 'source', 'referrer', 'device', 'post')
    group by 1, 2`.execute(inside.tx);
  const weeks = await sql<{ visits: number; signups: number; days: number }>`
    select (${today}::date - day - 1) / 7 as week, sum(visits)::int as visits, sum(signups)::int as signups, count(distinct day)::int as days
    from traffic_days
    where app_id = ${appId} and day >= ${today}::date - ${windowDays}::int and day < ${today}::date and dimension = 'total'
    group by 1 order by 1`.execute(inside.tx);
  const settings = await sql<{ since: number | null }>`
    select (${today}::date - first_event_at::date)::int as since from tracking_settings where app_id = ${appId}`.execute(
    inside.tx,
  );
  const places = new Map<Dimension, Map<string, Place>>();
  for (const { dimension, value, ...place } of rows) {
    const values = places.get(dimension) ?? new Map<string, Place>();
    places.set(dimension, values.set(value, place));
  }
  const total = (of: 'visits' | 'signups') => weeks.rows.reduce((all, week) => all + week[of], 0);
  const currency = await reportingCurrency(inside);
  return {
    days: Math.max(0, Math.min(windowDays, settings.rows[0]?.since ?? 0)),
    visits: total('visits'),
    signups: total('signups'),
    dispersion: dispersionOf(weeks.rows.filter(({ days }) => days === 7).map(({ visits }) => visits)),
    places,
    currency,
    ...(await readWorth(inside, appId, currency)),
  };
}

/**
 * What signups at this place bring a month: its visits × signups per visit, drawn towards the app's own rate. The reason
 * when the app has too few visits or signups to say.
 */
export function signupsAt(
  base: Baselines,
  dimension: Dimension,
  values: readonly string[],
): Flow | { missing: string } {
  const here = placeAt(base, dimension, values);
  return signupsOf(base, here, listed(values));
}

/** As `signupsAt`, for visits and signups that were counted some other way over the same days. */
export function signupsOf(
  base: Baselines,
  place: { visits: number; signups: number },
  name: string,
): Flow | { missing: string } {
  const missing = missingOf(base);
  if (missing) return { missing };
  if (place.visits < 30) return { missing: `Not enough data: ${place.visits} of the 30 visits needed there.` };
  return {
    unit: 'signups',
    quantities: [
      monthly(`visits a month (${name})`, place.visits, base.days, base.dispersion),
      shrunkRate('signups per visit there', place, base),
    ],
  };
}

/** All signups of a month. */
export function allSignups(base: Baselines): Flow | { missing: string } {
  const missing = missingOf(base);
  return missing
    ? { missing }
    : { unit: 'signups', quantities: [monthly('signups a month', base.signups, base.days, 1.5)] };
}

/** So many more visits a month, each worth the app's usual signups. `days` is what the count stands on. */
export function signupsByVisits(
  base: Baselines,
  label: string,
  visits: number,
  days: number,
): Flow | { missing: string } {
  const missing = missingOf(base);
  if (missing) return { missing };
  if (visits < 10) return { missing: `Not enough data: ${visits} of the 10 visits needed to go by.` };
  return {
    unit: 'signups',
    quantities: [monthly(label, visits, days, base.dispersion), shrunkRate('signups per visit', base, base)],
  };
}

/** Single amounts of money in `days`, as so much a month; at least five of them. */
export function moneyOf(label: string, amounts: readonly number[], days: number): Flow | { missing: string } {
  if (amounts.length < 5) return { missing: `Not enough data: ${amounts.length} of the 5 amounts needed.` };
  return { unit: 'money', quantities: [summed(label, amounts, days)] };
}

/** As `moneyOf`, of what is lost: the gain is how much less of it there is afterwards. */
export function lossOf(label: string, amounts: readonly number[], days: number): Flow | { missing: string } {
  const flow = moneyOf(label, amounts, days);
  return 'missing' in flow ? flow : { ...flow, loss: true };
}

export function placeAt(base: Baselines, dimension: Dimension, values: readonly string[]): Place {
  const found = values.map((value) => base.places.get(dimension)?.get(value) ?? { visits: 0, signups: 0, bounces: 0 });
  const all = (of: keyof Place) => found.reduce((sum, place) => sum + place[of], 0);
  return { visits: all('visits'), signups: all('signups'), bounces: all('bounces') };
}

function missingOf(base: Baselines): string | null {
  if (base.days === 0) return 'Not enough data: the tracker on your site has not sent anything yet.';
  if (base.days < 28) return `Not enough data: ${base.days} of the 28 days needed are measured.`;
  if (base.visits < visitsNeeded)
    return `Not enough data: ${base.visits} of the ${visitsNeeded} visits of the last 12 weeks needed.`;
  if (base.signups < signupsNeeded)
    return `Not enough data: ${base.signups} of the ${signupsNeeded} signups of the last 12 weeks needed.`;
  return null;
}

function listed(values: readonly string[]): string {
  return values.length > 2 ? `${values.length} places` : values.join(', ');
}

/** Pearson's statistic ÷ degrees of freedom of weekly counts, at least 1; 4 where there are too few weeks to tell. */
function dispersionOf(weeks: readonly number[]): number {
  if (weeks.length < 4) return 4;
  const mean = weeks.reduce((all, each) => all + each, 0) / weeks.length;
  if (mean === 0) return 1;
  return Math.max(1, weeks.reduce((all, each) => all + (each - mean) ** 2, 0) / mean / (weeks.length - 1));
}

/**
 * What a signup is worth so far: all that the customers who first paid in the last 180 days have left after tax and
 * refunds, ÷ the signups of the same days. It grows as they stay, so it errs on the low side. Its uncertainty is that of
 * a sum of single customers (Σx² ÷ (Σx)²) and of the count of signups.
 */
async function readWorth(inside: Inside, appId: string, currency: string) {
  const since = new Date(inside.clock.now().getTime() - worthDays * 86_400_000);
  const { rows } = await sql<{ minor: number }>`
    select sum(case when payment.currency = ${currency} then net else net * payment.reporting_rate end)::float8 as minor
    from payments payment
    cross join lateral (select ${netOfRow('payment')} as net) left_over
    where payment.app_id = ${appId} and payment.amount_minor > 0
      and (payment.currency = ${currency} or payment.reporting_currency = ${currency})
    group by coalesce(payment.customer_id::text, payment.provider_customer_id, payment.id::text)
    having min(payment.paid_at) >= ${since}`.execute(inside.tx);
  const signups = await sql<{ count: number }>`
    select count(*)::int as count from conversions
    where app_id = ${appId} and kind = 'signup' and occurred_at >= ${since}`.execute(inside.tx);
  const count = signups.rows[0]?.count ?? 0;
  const amounts = rows.map(({ minor }) => minor).filter((minor) => minor > 0);
  if (amounts.length < payersNeeded || count < signupsForWorth)
    return {
      perSignup: null,
      worthMissing: `Not enough data to say it in money: ${amounts.length} of the ${payersNeeded} new customers and ${count} of the ${signupsForWorth} signups of the last 180 days needed.`,
    };
  const sum = amounts.reduce((all, each) => all + each, 0);
  const squares = amounts.reduce((all, each) => all + each * each, 0);
  const shape = 1 / (squares / (sum * sum) + 1 / count);
  return { perSignup: { label: 'what a signup has paid so far', mean: sum / count, shape }, worthMissing: null };
}

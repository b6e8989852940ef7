import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import { waitsForRate, worth } from '#src/measure/revenue/reporting.ts';
import { creditedTo, type Dimension } from './days.ts';
import type { AnyModel } from './settings.ts';
import { joinSeen, type VisitDimension } from './visits.ts';

/** What a model gives to one value of a dimension in a period; `netMinor` in the workspace's currency, exact. */
export type Sum = {
  model: AnyModel;
  value: string;
  signups: number;
  trials: number;
  goals: number;
  purchases: number;
  customers: number;
  conversions: number;
  /** Net of tax, refunds and disputes at the rate of the payment's day. A decimal: round it with `roundTogether`. */
  netMinor: string;
};

/** Which credits: `period` by local days of the conversion. */
export type SumView = { appId: string; period: Pick<Period, 'days'>; currency: string; models?: readonly AnyModel[] };

/**
 * The sums by model and value of a dimension, from the day totals; only purchases in other currencies are read
 * themselves, because each has the rate of its own day. What waits for a rate is left out (`waitingOf` names it).
 */
export async function sumsBy(
  { tx, workspaceId }: Inside,
  dimension: Dimension | VisitDimension,
  view: SumView,
): Promise<Sum[]> {
  const [first, last] = [view.period.days[0] ?? '', view.period.days.at(-1) ?? ''];
  const models = view.models ? sql`and model = any(${[...view.models]})` : sql``;
  const { rows } = await sql<Sum & { foreign: boolean }>`
    select model, value, sum(signups) as signups, sum(trials) as trials, sum(goals) as goals,
      sum(purchases) as purchases, sum(customers) as customers, sum(conversions)::int as conversions,
      coalesce(sum(net_minor) filter (where currency = ${view.currency}), 0)::text as net_minor,
      bool_or(currency not in ('', ${view.currency})) as foreign
    from credit_days
    where workspace_id = ${workspaceId} and app_id = ${view.appId} and dimension = ${dimension}
      and day between ${first} and ${last} ${models}
    group by model, value`.execute(tx);
  if (!rows.some((row) => row.foreign)) return rows.map(({ foreign: _, ...row }) => row);
  const only = view.models ? sql`and credit.model = any(${[...view.models]})` : sql``;
  const converted = await sql<{ model: AnyModel; value: string; minor: string }>`
    select credit.model, ${creditedTo(dimension)} as value,
      coalesce(sum(${worth('credit.net_minor', 'payment', view.currency)}), 0)::text as minor
    from credits credit
    join conversions conversion on conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id
      and conversion.kind = 'purchase'
    join payments payment on payment.workspace_id = credit.workspace_id and payment.id = conversion.payment_id
    left join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id ${joinSeen}
    where credit.workspace_id = ${workspaceId} and credit.app_id = ${view.appId}
      and credit.counted_day between ${first} and ${last} and credit.currency <> ${view.currency} ${only}
    group by 1, 2`.execute(tx);
  const more = new Map(converted.rows.map((row) => [`${row.model} ${row.value}`, row.minor]));
  return rows.map(({ foreign: _, ...row }) => ({
    ...row,
    netMinor: addDecimals(row.netMinor, more.get(`${row.model} ${row.value}`) ?? '0'),
  }));
}

/** Purchases of the period whose money has no amount in the workspace's currency yet, as credited. */
export async function waitingOf(
  { tx, workspaceId }: Inside,
  view: Omit<SumView, 'models'>,
): Promise<{ minor: string; currency: string }[]> {
  const [first, last] = [view.period.days[0] ?? '', view.period.days.at(-1) ?? ''];
  const { rows: foreign } = await sql<{ has: boolean }>`
    select exists (select from credit_days where workspace_id = ${workspaceId} and app_id = ${view.appId}
      and dimension = 'total' and day between ${first} and ${last} and currency not in ('', ${view.currency})) as has
    `.execute(tx);
  if (!foreign[0]?.has) return [];
  const { rows } = await sql<{ minor: string; currency: string }>`
    select credit.currency::text as currency, sum(credit.net_minor)::text as minor
    from credits credit
    join conversions conversion on conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id
      and conversion.kind = 'purchase'
    join payments payment on payment.workspace_id = credit.workspace_id and payment.id = conversion.payment_id
    where credit.workspace_id = ${workspaceId} and credit.app_id = ${view.appId} and credit.model = 'linear'
      and credit.counted_day between ${first} and ${last} and ${waitsForRate('payment', view.currency)}
    group by 1 order by 1`.execute(tx);
  return rows;
}

const SCALE = 9;

/**
 * Decimal amounts as whole minor units that sum to the rounded sum of all (half away from zero): each gets its whole
 * part, the units left go to the largest fractions, of equal ones to the first.
 */
export function roundTogether(amounts: readonly string[]): bigint[] {
  const unit = 10n ** BigInt(SCALE);
  const exact = amounts.map(scaled);
  const floor = (value: bigint) => (value >= 0n ? value / unit : -((-value + unit - 1n) / unit));
  const parts = exact.map(floor);
  const total = exact.reduce((sum, each) => sum + each, 0n);
  const size = (2n * (total < 0n ? -total : total) + unit) / (2n * unit);
  const left = Number((total < 0n ? -size : size) - parts.reduce((sum, each) => sum + each, 0n));
  const order = exact
    .map((each, index) => ({ index, rest: each - (parts[index] ?? 0n) * unit }))
    .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  for (const { index } of order.slice(0, Math.max(0, left))) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}

function addDecimals(a: string, b: string): string {
  const sum = scaled(a) + scaled(b);
  const size = String(sum < 0n ? -sum : sum).padStart(SCALE + 1, '0');
  return `${sum < 0n ? '-' : ''}${size.slice(0, -SCALE)}.${size.slice(-SCALE)}`;
}

/** A decimal as billionths of a minor unit; what lies beyond is cut off. */
function scaled(decimal: string): bigint {
  const negative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const value = BigInt(whole + fraction.slice(0, SCALE).padEnd(SCALE, '0'));
  return negative ? -value : value;
}

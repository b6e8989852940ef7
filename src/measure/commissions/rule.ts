import { Temporal } from 'temporal-polyfill';

/** A percentage with two decimals as text, or so much for each payment in minor units. */
export type Rule = { percent: string } | { fixed: string };

/**
 * What a payment earns an affiliate, in minor units: the percentage of what is left of it (docs/money.md), rounded half
 * up; or the fixed amount, as long as anything is left. Never below zero.
 */
export function commissionOf(rule: Rule, net: bigint): bigint {
  if (net <= 0n) return 0n;
  if ('fixed' in rule) return BigInt(rule.fixed);
  const hundredths = BigInt(Math.round(Number(rule.percent) * 100));
  return (2n * net * hundredths + 10_000n) / 20_000n;
}

/** Whether a payment still falls into the months that run from the customer's first one; null = all do. */
export function isWithin(months: number | null, first: Date, paidAt: Date): boolean {
  if (months === null) return true;
  const end = Temporal.Instant.fromEpochMilliseconds(first.getTime()).toZonedDateTimeISO('UTC').add({ months });
  return paidAt.getTime() < end.epochMilliseconds;
}

/**
 * The order of suggestions: what an hour of work is expected to bring. Money and signups are never mixed into one
 * number; where an app has both, the two orders are taken in turn.
 */

export type Ranked = {
  /** Expected additional minor units a month; null = not known. */
  money: number | null;
  /** Expected additional signups a month; null = not known. */
  signups: number | null;
  minutes: number;
  /** 1 to 5, for what has no number. */
  impact: number;
};

/** Less than this is not believed of any work: opening the page and thinking about it takes a while. */
const leastMinutes = 15;

/** What an hour brings a month, in the unit there is; null when nothing is known of the impact. */
export function perHour({ money, signups, minutes }: Ranked): { unit: 'money' | 'signups'; value: number } | null {
  const hours = Math.max(leastMinutes, minutes) / 60;
  if (money !== null) return { unit: 'money', value: money / hours };
  return signups === null ? null : { unit: 'signups', value: signups / hours };
}

/**
 * The places of the items, best first, as indexes. What has a number comes before what has none; among those without,
 * the grade of impact per effort decides. Equal ones keep their order.
 */
export function ranked(items: readonly Ranked[]): number[] {
  const worth = items.map(perHour);
  const indexes = items.map((_, index) => index);
  const of = (unit: 'money' | 'signups') =>
    indexes
      .filter((index) => worth[index]?.unit === unit)
      .sort((a, b) => (worth[b]?.value ?? 0) - (worth[a]?.value ?? 0));
  const unknown = indexes
    .filter((index) => !worth[index])
    .sort((a, b) => gradePerHour(items[b]) - gradePerHour(items[a]));
  return [...inTurn(of('money'), of('signups')), ...unknown];
}

function gradePerHour(item: Ranked | undefined): number {
  return item ? 2 ** item.impact / Math.sqrt(Math.max(leastMinutes, item.minutes)) : 0;
}

/** The k-th of n comes at (k + ½) / n of the way in either list. */
function inTurn(a: readonly number[], b: readonly number[]): number[] {
  const place = (list: readonly number[]) => list.map((index, k) => ({ index, at: (k + 0.5) / list.length }));
  return [...place(a), ...place(b)].sort((x, y) => x.at - y.at).map(({ index }) => index);
}

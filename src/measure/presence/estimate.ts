import { z } from 'zod';
import { binomialUpTo, normalQuantile, studentQuantile } from '#src/measure/distributions.ts';
import type { Interval } from '#src/measure/uncertainty.ts';

/** A figure with its 95 % interval, or why there is none. */
export const estimate = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reason: z.string().nullable(),
});
export type Estimate = z.infer<typeof estimate>;

export function known(value: number, interval: Interval | null): Estimate {
  return { value, low: interval?.low ?? null, high: interval?.high ?? null, reason: null };
}
export function unknown(reason: string): Estimate {
  return { value: null, low: null, high: null, reason };
}

/** Below so many posts neither a median nor a mean of posts is named. */
export const POSTS_NEEDED = 10;
/** Below so many impressions no engagement rate is named. */
export const IMPRESSIONS_NEEDED = 1000;

/**
 * The median with the interval between two order statistics (Thompson 1936; no assumption of a distribution, at least
 * 95 % sure). Not named below ten values.
 */
export function medianOf(values: readonly number[]): Estimate {
  const n = values.length;
  if (n < POSTS_NEEDED) return unknown(`Not enough data: ${n} of the ${POSTS_NEEDED} posts needed so far.`);
  const sorted = [...values].sort((a, b) => a - b);
  const value = ((sorted[Math.floor((n - 1) / 2)] ?? 0) + (sorted[Math.ceil((n - 1) / 2)] ?? 0)) / 2;
  let rank = 0;
  while (binomialUpTo(rank, n, 0.5) <= 0.025) rank++;
  return known(value, { low: sorted[rank - 1] ?? value, high: sorted[n - rank] ?? value });
}

/** A mean with Student's interval (1908). Not named below `needed` values. */
export function meanOf(values: readonly number[], needed: number, of: string): Estimate {
  const n = values.length;
  if (n < needed) return unknown(`Not enough data: ${n} of the ${needed} ${of} needed so far.`);
  const mean = values.reduce((sum, each) => sum + each, 0) / n;
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  const reach = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n);
  return known(mean, { low: mean - reach, high: mean + reach });
}

/**
 * How a typical value of each group compares with that of a typical group: means of logarithms, each drawn towards the
 * common one by how little is known of it (one-way random effects, variances by moments: Henderson 1953, method I; best
 * linear unbiased prediction). Half is added to every value, so that zeros count. Named from 30 values on, of two groups
 * or more with five values each; null otherwise, also for groups of fewer than five.
 */
export function shrunk(groups: ReadonlyMap<string, readonly number[]>): Map<string, Estimate> {
  const all = [...groups].map(([key, values]) => ({ key, logs: values.map((value) => Math.log(value + 0.5)) }));
  const counted = all.filter(({ logs }) => logs.length >= 5);
  const n = counted.reduce((sum, { logs }) => sum + logs.length, 0);
  const few =
    n < 30
      ? `Not enough data: ${n} of the 30 posts needed so far.`
      : counted.length < 2
        ? 'Not enough data: there is nothing to compare it with yet.'
        : null;
  if (few !== null) return new Map(all.map(({ key }) => [key, unknown(few)]));
  const means = new Map(counted.map(({ key, logs }) => [key, logs.reduce((sum, each) => sum + each, 0) / logs.length]));
  const meanFor = (key: string) => means.get(key) ?? 0;
  const within = counted.reduce(
    (sum, { key, logs }) => sum + logs.reduce((inner, each) => inner + (each - meanFor(key)) ** 2, 0),
    0,
  );
  const noise = within / (n - counted.length);
  const overall = counted.reduce((sum, { key, logs }) => sum + meanFor(key) * logs.length, 0) / n;
  const between = counted.reduce((sum, { key, logs }) => sum + logs.length * (meanFor(key) - overall) ** 2, 0);
  const spread = n - counted.reduce((sum, { logs }) => sum + logs.length ** 2, 0) / n;
  const variance = Math.max(0, (between - (counted.length - 1) * noise) / spread);
  const weight = (size: number) => 1 / (variance + noise / size);
  const weights = counted.reduce((sum, { logs }) => sum + weight(logs.length), 0);
  const centre = counted.reduce((sum, { key, logs }) => sum + weight(logs.length) * meanFor(key), 0) / weights;
  const z = normalQuantile(0.975);
  return new Map(
    all.map(({ key, logs }) => {
      if (logs.length < 5) return [key, unknown(`Not enough data: ${logs.length} of the 5 posts needed so far.`)];
      const trust = variance === 0 ? 0 : variance / (variance + noise / logs.length);
      const effect = trust * (meanFor(key) - centre);
      // What remains unknown of the group itself, and of the common mean it is drawn towards.
      const deviation = Math.sqrt(variance * (1 - trust) + (1 - trust) ** 2 / weights);
      return [
        key,
        known(Math.exp(effect), { low: Math.exp(effect - z * deviation), high: Math.exp(effect + z * deviation) }),
      ];
    }),
  );
}

import { shiftedStudent, student, studentQuantile } from '#src/measure/distributions.ts';
import type { Comparison } from '#src/measure/uncertainty.ts';
import type { Alternative } from './alternative.ts';

/** What is known of a group of measured values. `sd` by n − 1. */
export type Sample = { n: number; mean: number; sd: number };

/** Relative scatter that arithmetic alone makes of equal values (so R's `t.test`). */
const rounding = 10 * Number.EPSILON;

export type MeansComparison = Comparison & { t: number; degrees: number };

export function sampleOf(values: readonly number[]): Sample {
  const n = values.length;
  const mean = values.reduce((sum, each) => sum + each, 0) / n;
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 };
}

/**
 * Mean b − mean a by Student's t: Welch's degrees of freedom (1947), or one common variance (`pooled`); as R's `t.test`.
 * Null when a side has fewer than two values or nothing scatters.
 */
export function compareTwoMeans(
  a: Sample,
  b: Sample,
  { confidence = 0.95, pooled = false, alternative = 'two.sided' as Alternative } = {},
): MeansComparison | null {
  if (a.n < 2 || b.n < 2) return null;
  const [partA, partB] = [a.sd ** 2 / a.n, b.sd ** 2 / b.n];
  const common = ((a.n - 1) * a.sd ** 2 + (b.n - 1) * b.sd ** 2) / (a.n + b.n - 2);
  const error = pooled ? Math.sqrt(common * (1 / a.n + 1 / b.n)) : Math.sqrt(partA + partB);
  if (error <= rounding * Math.max(Math.abs(a.mean), Math.abs(b.mean))) return null;
  const degrees = pooled ? a.n + b.n - 2 : (partA + partB) ** 2 / (partA ** 2 / (a.n - 1) + partB ** 2 / (b.n - 1));
  return byStudent(b.mean - a.mean, error, degrees, confidence, alternative);
}

/** The mean of one group of values against an expected one (of differences against 0: a paired test). */
export function compareMeanWith(
  sample: Sample,
  expected: number,
  { confidence = 0.95, alternative = 'two.sided' as Alternative } = {},
): MeansComparison | null {
  const error = sample.sd / Math.sqrt(sample.n);
  if (sample.n < 2 || error <= rounding * Math.abs(sample.mean)) return null;
  const found = byStudent(sample.mean - expected, error, sample.n - 1, confidence, alternative);
  return {
    ...found,
    estimate: sample.mean,
    interval: { low: found.interval.low + expected, high: found.interval.high + expected },
  };
}

/** The chance to notice a difference of means with `perGroup` values in each of two groups (R's `power.t.test`). */
export function powerOfMeans(
  { difference, sd, perGroup }: { difference: number; sd: number; perGroup: number },
  { significance = 0.05, sides = 2 as 1 | 2 } = {},
): number {
  const degrees = 2 * (perGroup - 1);
  const bound = studentQuantile(1 - significance / sides, degrees);
  return 1 - shiftedStudent(bound, degrees, (Math.sqrt(perGroup / 2) * Math.abs(difference)) / sd);
}

/** Values needed in each group to notice it with the given power; a fraction, to be rounded up. */
export function valuesToNotice(
  { difference, sd }: { difference: number; sd: number },
  { power = 0.8, significance = 0.05, sides = 2 as 1 | 2 } = {},
): number {
  if (difference === 0) throw new RangeError('No number of values shows a difference that is not there.');
  const reached = (perGroup: number) => powerOfMeans({ difference, sd, perGroup }, { significance, sides }) >= power;
  let high = 4;
  while (!reached(high)) high *= 2;
  let low = high === 4 ? 1.0001 : high / 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function byStudent(
  estimate: number,
  error: number,
  degrees: number,
  confidence: number,
  alternative: Alternative,
): MeansComparison {
  const t = estimate / error;
  const sided = alternative === 'two.sided' ? (1 - confidence) / 2 : 1 - confidence;
  const reach = studentQuantile(1 - sided, degrees) * error;
  return {
    estimate,
    t,
    degrees,
    interval: {
      low: alternative === 'less' ? Number.NEGATIVE_INFINITY : estimate - reach,
      high: alternative === 'greater' ? Number.POSITIVE_INFINITY : estimate + reach,
    },
    p:
      alternative === 'two.sided'
        ? 2 * student(-Math.abs(t), degrees)
        : alternative === 'less'
          ? student(t, degrees)
          : student(-t, degrees),
  };
}

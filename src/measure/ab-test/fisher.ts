import { logGamma } from '#src/measure/distributions.ts';
import type { Comparison } from '#src/measure/uncertainty.ts';
import type { Alternative } from './alternative.ts';

/** Each outcome is gone through for each step to the interval: more of them than this would take minutes. */
export const mostOutcomes = 1_000_000;

/**
 * Fisher's exact test of a table of two rows and two columns: the odds of the first column in the first row against
 * those in the second. Estimate and interval are the conditional ones (the odds ratio at which the count seen is the
 * expected one, and those at which it would be just as rare as the confidence allows), as in R's `fisher.test`, to the
 * digits it prints. Infinite where a zero allows any odds. The smallest of the sums is `mostOutcomes` at most.
 */
export function oddsRatio(
  [[a, b], [c, d]]: readonly [readonly [number, number], readonly [number, number]],
  { confidence = 0.95, alternative = 'two.sided' as Alternative } = {},
): Comparison {
  const [row, column, all] = [a + b, a + c, a + b + c + d];
  const low = Math.max(0, row + column - all);
  const high = Math.min(row, column);
  if (high - low > mostOutcomes) throw new RangeError('The table has too many outcomes to go through each.');
  const logWays = Array.from({ length: high - low + 1 }, (_, i) => {
    const x = low + i;
    return -logGamma(x + 1) - logGamma(row - x + 1) - logGamma(column - x + 1) - logGamma(all - row - column + x + 1);
  });
  /** Probabilities of each count in the first cell at this odds ratio. */
  const at = (odds: number): number[] => {
    if (odds === 0) return logWays.map((_, i) => (i === 0 ? 1 : 0));
    const logs = logWays.map((ways, i) => ways + i * Math.log(odds));
    const largest = logs.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
    const weights = logs.map((each) => Math.exp(each - largest));
    const sum = total(weights);
    return weights.map((each) => each / sum);
  };
  const seen = a - low;
  const upTo = (odds: number) => total(at(odds).slice(0, seen + 1));
  const from = (odds: number) => total(at(odds).slice(seen));
  const mean = (odds: number) => at(odds).reduce((sum, each, i) => sum + each * i, 0);
  const tail = alternative === 'two.sided' ? (1 - confidence) / 2 : 1 - confidence;
  const atLow = a === low;
  const atHigh = a === high;
  const estimate = atLow ? 0 : atHigh ? Number.POSITIVE_INFINITY : oddsWhere((odds) => mean(odds) - seen);
  const lower = atLow || alternative === 'less' ? 0 : oddsWhere((odds) => from(odds) - tail);
  const upper = atHigh || alternative === 'greater' ? Number.POSITIVE_INFINITY : oddsWhere((odds) => tail - upTo(odds));
  return { estimate, interval: { low: lower, high: upper }, p: probability(at(1), seen, alternative) };
}

function probability(even: readonly number[], seen: number, alternative: Alternative): number {
  if (alternative === 'less') return Math.min(1, total(even.slice(0, seen + 1)));
  if (alternative === 'greater') return Math.min(1, total(even.slice(seen)));
  // R's tolerance for outcomes that are as likely as the one seen.
  const limit = (even[seen] ?? 0) * (1 + 1e-7);
  return Math.min(1, total(even.filter((each) => each <= limit)));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}

/**
 * The odds ratio at which a rising function is zero, looked for below 1, or by its inverse above: the way R goes, with
 * R's tolerance. A closer root would be other digits than R's: 626.24 instead of 621.93 in R's own example.
 */
function oddsWhere(rising: (odds: number) => number): number {
  const even = rising(1);
  if (even === 0) return 1;
  return even > 0 ? root(rising, 0, 1) : 1 / root((inverse) => rising(1 / inverse), Number.EPSILON, 1);
}

/** Brent's root finder (1973, `zeroin`) as R's `uniroot` runs it, with its default tolerance ε^¼. */
function root(f: (x: number) => number, from: number, to: number): number {
  const tolerance = Number.EPSILON ** 0.25;
  let [a, b] = [from, to];
  let [fa, fb] = [f(a), f(b)];
  let [c, fc] = [a, fa];
  if (fa === 0) return a;
  for (let round = 0; round < 1000 && fb !== 0; round++) {
    const before = b - a;
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const near = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2;
    let step = (c - b) / 2;
    if (Math.abs(step) <= near) break;
    if (Math.abs(before) >= near && Math.abs(fa) > Math.abs(fb)) {
      const [p, q] = a === c ? secant(c - b, fb / fa) : parabola(a, b, c, fa, fb, fc);
      if (p < 0.75 * (c - b) * q - Math.abs(near * q) / 2 && p < Math.abs((before * q) / 2)) step = p / q;
    }
    if (Math.abs(step) < near) step = step > 0 ? near : -near;
    [a, fa] = [b, fb];
    b += step;
    fb = f(b);
    if (Math.sign(fb) === Math.sign(fc)) [c, fc] = [a, fa];
  }
  return b;
}

/** A step as a fraction p / q with p not below zero. */
function secant(width: number, slope: number): [number, number] {
  return signed(width * slope, 1 - slope);
}

function parabola(a: number, b: number, c: number, fa: number, fb: number, fc: number): [number, number] {
  const [q, s, t] = [fa / fc, fb / fc, fb / fa];
  return signed(t * ((c - b) * q * (q - s) - (b - a) * (s - 1)), (q - 1) * (s - 1) * (t - 1));
}

function signed(p: number, q: number): [number, number] {
  return p > 0 ? [p, -q] : [-p, q];
}

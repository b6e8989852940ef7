import type { Comparison } from '#src/measure/uncertainty.ts';
import type { Sample } from './means.ts';

/**
 * A difference that may be looked at as often as one likes: the mixture sequential probability ratio test (Robbins 1970;
 * Johari, Pekelis & Walsh 2015) with a normal mixture, and the confidence sequence it belongs to. At no difference the
 * chance that p ever falls below 1 − confidence is at most 1 − confidence, over all looks together.
 *
 * @param estimate the difference seen
 * @param variance of that estimate now
 * @param planned the variance it has at the sample size planned before the start: the interval is narrowest around
 *   there (Howard, Ramdas, McAuliffe & Sekhon 2021, section 3.5). It must not be chosen from the data.
 */
export function alwaysValid(
  { estimate, variance, planned }: { estimate: number; variance: number; planned: number },
  confidence = 0.95,
): Comparison {
  const alpha = 1 - confidence;
  const spread = -2 * Math.log(alpha);
  const mixture = planned * (spread + Math.log(spread + 1));
  const both = variance + mixture;
  const reach = Math.sqrt(((variance * both) / mixture) * (spread + Math.log(both / variance)));
  const logRatio = (mixture * estimate ** 2) / (2 * variance * both) - Math.log(both / variance) / 2;
  return {
    estimate,
    interval: { low: estimate - reach, high: estimate + reach },
    p: Math.min(1, Math.exp(-logRatio)),
  };
}

/**
 * The same for the means of a few measured values with unknown scatter, such as the logarithms of visits per post: the
 * sequential t test with a normal mixture over the effect in standard deviations (Rouder et al. 2009, equation 2 with a
 * fixed g; a test martingale by Pérez-Ortiz, Lardy, de Heide & Grünwald 2022). Holds for normal values from the first
 * two on, not only for many. The interval is infinite while there are too few to end it.
 *
 * @param effect the difference, in standard deviations, that one would like to see; fixed before the start
 */
export function alwaysValidMeans(a: Sample, b: Sample, { effect = 0.5, confidence = 0.95 } = {}): Comparison | null {
  const degrees = a.n + b.n - 2;
  if (a.n < 2 || b.n < 2) return null;
  const common = ((a.n - 1) * a.sd ** 2 + (b.n - 1) * b.sd ** 2) / degrees;
  const error = Math.sqrt(common * (1 / a.n + 1 / b.n));
  if (error === 0) return null;
  const estimate = b.mean - a.mean;
  const weight = 1 + ((a.n * b.n) / (a.n + b.n)) * effect ** 2;
  const t2 = (estimate / error) ** 2;
  const logRatio =
    ((degrees + 1) / 2) * (Math.log1p(t2 / degrees) - Math.log1p(t2 / (degrees * weight))) - Math.log(weight) / 2;
  const bound = (Math.sqrt(weight) / (1 - confidence)) ** (2 / (degrees + 1));
  const reach =
    bound >= weight ? Number.POSITIVE_INFINITY : error * Math.sqrt((degrees * (bound - 1)) / (1 - bound / weight));
  return {
    estimate,
    interval: { low: estimate - reach, high: estimate + reach },
    p: Math.min(1, Math.exp(-logRatio)),
  };
}

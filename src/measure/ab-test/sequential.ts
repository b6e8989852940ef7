import type { Comparison } from '#src/measure/uncertainty.ts';

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

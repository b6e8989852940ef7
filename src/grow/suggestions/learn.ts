import { normalQuantile } from '#src/measure/distributions.ts';
import type { Effect } from './impact.ts';

/**
 * How a kind learns. The effect of one suggestion is θ ~ N(μ, τ²) around the mean μ of its kind, and μ itself is only
 * believed to be near the prior: μ ~ N(m, s²). The stated 90 % interval of the prior covers both, half of its variance
 * each. A measured result y ± e of that kind moves μ by the usual normal rule with variance τ² + e² (Gelman et al. 2013,
 * section 5.4, with τ held fixed): one noisy result moves little, five exact ones decide.
 */

/** The 90 % interval of after ÷ before that is believed of a kind before anything was measured, and why. */
export type Prior = { low: number; high: number; reason: string };

/** A result on the scale of log(after ÷ before), with its standard error. */
export type Measured = { log: number; error: number };

const reach = normalQuantile(0.95);
const shareOfKind = 0.5;

/** What is expected of the next suggestion of a kind. */
export function expectedOf(prior: Prior, results: readonly Measured[] = []): Effect {
  const { kind, within } = learnt(prior, results);
  return { mean: kind.mean, sd: Math.sqrt(kind.sd ** 2 + within ** 2) };
}

/** What is known of the mean of a kind, and how far its suggestions scatter around it. */
export function learnt(prior: Prior, results: readonly Measured[]): { kind: Effect; within: number } {
  const [low, high] = [Math.log(prior.low), Math.log(prior.high)];
  const variance = ((high - low) / (2 * reach)) ** 2;
  const within = variance * (1 - shareOfKind);
  let precision = 1 / (variance * shareOfKind);
  let weighted = ((low + high) / 2) * precision;
  for (const { log, error } of results) {
    const weight = 1 / (within + error ** 2);
    precision += weight;
    weighted += log * weight;
  }
  return { kind: { mean: weighted / precision, sd: Math.sqrt(1 / precision) }, within: Math.sqrt(within) };
}

/** What is expected once the rows themselves show an effect: the mean of the two, each by how exact it is. */
export function combined(expected: Effect, seen: Measured | null): Effect {
  if (!seen) return expected;
  const [a, b] = [1 / expected.sd ** 2, 1 / seen.error ** 2];
  return { mean: (expected.mean * a + seen.log * b) / (a + b), sd: Math.sqrt(1 / (a + b)) };
}

/** After ÷ before with its 90 % interval, for people. */
export function asRatio({ mean, sd }: Effect): { low: number; mid: number; high: number } {
  return { low: Math.exp(mean - reach * sd), mid: Math.exp(mean), high: Math.exp(mean + reach * sd) };
}

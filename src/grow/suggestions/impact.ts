import { type Chance, seeded } from '#src/measure/random.ts';

/**
 * What a suggestion is worth, as an interval. The model is one product:
 *
 *     what happens a month now × (e^θ − 1)      [× what a signup is worth]
 *
 * Each counted factor is a Gamma variable with the mean that was counted and the count as its shape (the posterior of a
 * Poisson rate; Gelman et al. 2013, section 2.6). θ, the logarithm of the ratio after ÷ before, is normal: the prior of
 * the kind (`priors.ts`), moved by what similar suggestions measured (`learn.ts`) and by what the rows themselves show.
 * The interval is the 5 % and 95 % quantile of seeded draws, the value for ranking their mean: a posterior mean is not
 * too large because it was picked for being large, as the raw number is (the winner's curse; Efron 2011).
 */

/** A counted amount with its uncertainty. `shape` is how many counts it stands on, in effect. */
export type Quantity = { label: string; mean: number; shape: number };

/** Normal, on the scale of log(after ÷ before). */
export type Effect = { mean: number; sd: number };

/** A month of what would change; its quantities multiply. With `loss` it is what is lost today: a fall is the gain. */
export type Flow = { unit: 'signups' | 'money'; quantities: readonly Quantity[]; loss?: boolean };

export type Range = { low: number; mean: number; high: number };
export type Impact = {
  /** Additional signups a month; null when the flow is money. */
  signups: Range | null;
  /** Additional minor units a month; null when nobody knows what a signup is worth. */
  money: Range | null;
  /** The chance that it brings anything at all, 0 to 1. */
  chance: number;
};

const manyDraws = 2000;

/** The impact of a suggestion by the model above; the same seed gives the same interval. */
export function impactOf(
  flow: Flow,
  effect: Effect,
  perSignup: Quantity | null,
  seed: number,
  draws = manyDraws,
): Impact {
  const chance = seeded(seed);
  const gains: number[] = [];
  const worth: number[] = [];
  let better = 0;
  for (let draw = 0; draw < draws; draw++) {
    const change = (flow.loss ? -1 : 1) * Math.expm1(effect.mean + effect.sd * chance.normal());
    if (change > 0) better++;
    const gain = flow.quantities.reduce((product, quantity) => product * gamma(chance, quantity), 1) * change;
    gains.push(gain);
    if (perSignup) worth.push(gain * gamma(chance, perSignup));
  }
  const range = rangeOf(gains);
  return {
    signups: flow.unit === 'signups' ? range : null,
    money: flow.unit === 'money' ? range : perSignup ? rangeOf(worth) : null,
    chance: better / draws,
  };
}

/**
 * A count of events in `days` as a rate a month, by Jeffreys' prior (half an event more). `dispersion` is variance ÷ mean
 * where the events come in bursts.
 */
export function monthly(label: string, count: number, days: number, dispersion = 1): Quantity {
  return { label, mean: ((count + 0.5) / days) * monthDays, shape: (count + 0.5) / Math.max(1, dispersion) };
}

/**
 * Signups per visit of one place, drawn towards those of the whole app as if five more signups had been seen at the
 * app's rate: a place with few visits keeps nearly the app's rate, one with many its own.
 */
export function shrunkRate(
  label: string,
  place: { visits: number; signups: number },
  whole: { visits: number; signups: number },
): Quantity {
  const rate = (whole.signups + 0.5) / Math.max(1, whole.visits);
  const shape = place.signups + 5;
  return { label, mean: shape / (place.visits + 5 / rate), shape };
}

/** A sum of single amounts a month: Gamma by its first two moments, so that one large amount counts as one. */
export function summed(label: string, amounts: readonly number[], days: number): Quantity {
  const total = amounts.reduce((all, each) => all + each, 0);
  const squares = amounts.reduce((all, each) => all + each * each, 0);
  return { label, mean: (total / days) * monthDays, shape: squares === 0 ? 1 : (total * total) / squares };
}

/** Days of a month, on average. */
export const monthDays = 365.25 / 12;

/** The 5 % and 95 % quantile and the mean. */
export function rangeOf(values: readonly number[]): Range {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { low: at(0.05), mean: values.reduce((all, each) => all + each, 0) / values.length, high: at(0.95) };
}

/** A number for `seeded` from a text, by FNV-1a. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** A Gamma variable with the mean and shape of the quantity (Marsaglia & Tsang 2000). */
export function gamma(chance: Chance, { mean, shape }: { mean: number; shape: number }): number {
  if (shape < 1) {
    const boosted = gamma(chance, { mean: shape + 1, shape: shape + 1 });
    return (boosted * (1 - chance.uniform()) ** (1 / shape) * mean) / shape;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = chance.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - chance.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v * mean) / shape;
  }
}

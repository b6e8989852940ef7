import type { Alternative } from './ab-test/alternative.ts';
import {
  betaQuantile,
  binomial,
  binomialUpTo,
  chiSquareAbove,
  chiSquareQuantile,
  normal,
  normalQuantile,
} from './distributions.ts';

/**
 * How sure a number is. Published methods only, named at each; results agree with R (4.2.2) to all digits it prints.
 * `confidence` is 0.95 unless given.
 */

export type Interval = { low: number; high: number };
/** `successes` of `trials`. */
export type Share = { successes: number; trials: number };
export type Comparison = {
  /** Of what is compared, by name of the test: a difference of shares or a ratio of rates. */
  estimate: number;
  interval: Interval;
  /** Probability of a difference at least as large if there were none. */
  p: number;
};

/** Whether there is enough to say something; if not, `reason` is a sentence for the page. */
export type Enough = { enough: true } | { enough: false; reason: string };

/** A share, `successes` of `trials`: Wilson's score interval (1927). Null without trials. */
export function wilson(successes: number, trials: number, confidence = 0.95): Interval | null {
  mustBeShare({ successes, trials });
  if (trials === 0) return null;
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = successes / trials;
  const squared = (z * z) / trials;
  const middle = (share + squared / 2) / (1 + squared);
  const reach = (z * Math.sqrt((share * (1 - share)) / trials + squared / (4 * trials))) / (1 + squared);
  return {
    low: successes === 0 ? 0 : Math.max(0, middle - reach),
    high: successes === trials ? 1 : Math.min(1, middle + reach),
  };
}

/** Events per unit of `exposure` (days, impressions …): the exact Poisson interval of Garwood (1936). */
export function poissonRate(events: number, exposure: number, confidence = 0.95): Interval {
  mustBeCounts(events);
  mustBeAboveZero(exposure);
  const tail = (1 - confidence) / 2;
  const low = events === 0 ? 0 : chiSquareQuantile(tail, 2 * events) / 2;
  const high = chiSquareQuantile(1 - tail, 2 * events + 2) / 2;
  return { low: low / exposure, high: high / exposure };
}

/**
 * Rate after ÷ rate before, for counts over exposures: given their sum, the count after is binomial, so test and
 * interval are exact (R's `poisson.test` for two samples; Przyborowski & Wilenski 1940, Clopper & Pearson 1934). Null
 * when nothing happened in either. `high` is Infinity when nothing happened before.
 */
export function rateRatio(
  before: { events: number; exposure: number },
  after: { events: number; exposure: number },
  confidence = 0.95,
  alternative: Alternative = 'two.sided',
): Comparison | null {
  mustBeCounts(before.events, after.events);
  mustBeAboveZero(before.exposure, after.exposure);
  const all = before.events + after.events;
  if (all === 0) return null;
  const expected = after.exposure / (before.exposure + after.exposure);
  const { interval, p } = exactBinomial(after.events, all, expected, confidence, alternative);
  const ratio = (share: number) => ((share / (1 - share)) * before.exposure) / after.exposure;
  return {
    estimate: ratio(after.events / all),
    interval: { low: ratio(interval.low), high: ratio(interval.high) },
    p,
  };
}

/**
 * A share against an expected one: the exact test (two-sided: all outcomes no likelier than the one seen) and the interval
 * of Clopper and Pearson (1934), as R's `binom.test`.
 */
export function exactBinomial(
  successes: number,
  trials: number,
  expected: number,
  confidence = 0.95,
  alternative: Alternative = 'two.sided',
): Comparison {
  mustBeShare({ successes, trials });
  if (trials === 0) throw new RangeError('A share needs at least one trial.');
  const tail = alternative === 'two.sided' ? (1 - confidence) / 2 : 1 - confidence;
  const low = () => (successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1));
  const high = () => (successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes));
  return {
    estimate: successes / trials,
    interval: { low: alternative === 'less' ? 0 : low(), high: alternative === 'greater' ? 1 : high() },
    p:
      alternative === 'less'
        ? binomialUpTo(successes, trials, expected)
        : alternative === 'greater'
          ? binomialUpTo(trials - successes, trials, 1 - expected)
          : twoSided(successes, trials, expected),
  };
}

/**
 * Share b − share a: Pearson's chi-square test with the interval of R's `prop.test`. `continuity` (Yates) is off: it
 * errs on the safe side, and `enoughToCompare` keeps small counts out. Null without trials on a side.
 */
export function compareShares(
  a: Share,
  b: Share,
  { confidence = 0.95, continuity = false } = {},
): (Comparison & { chiSquare: number }) | null {
  mustBeShare(a);
  mustBeShare(b);
  if (a.trials === 0 || b.trials === 0) return null;
  const [shareA, shareB] = [a.successes / a.trials, b.successes / b.trials];
  const estimate = shareB - shareA;
  const weight = 1 / a.trials + 1 / b.trials;
  const correction = continuity ? Math.min(0.5, Math.abs(estimate) / weight) : 0;
  const error = Math.sqrt((shareA * (1 - shareA)) / a.trials + (shareB * (1 - shareB)) / b.trials);
  const reach = normalQuantile(1 - (1 - confidence) / 2) * error + correction * weight;
  const pooled = (a.successes + b.successes) / (a.trials + b.trials);
  const spread = pooled * (1 - pooled) * weight;
  const chiSquare = spread === 0 ? 0 : (Math.abs(estimate) - correction * weight) ** 2 / spread;
  return {
    estimate,
    interval: { low: Math.max(-1, estimate - reach), high: Math.min(1, estimate + reach) },
    chiSquare,
    p: chiSquareAbove(chiSquare, 1),
  };
}

/**
 * Pearson's chi-square test whether rows and columns of a table of counts are independent, without correction
 * (R's `chisq.test(correct = FALSE)`, `prop.test` of several groups).
 */
export function independence(table: readonly (readonly number[])[]): { chiSquare: number; degrees: number; p: number } {
  const rows = table.map((row) => row.reduce((sum, each) => sum + each, 0));
  const width = table[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, column) => table.reduce((sum, row) => sum + (row[column] ?? 0), 0));
  const all = rows.reduce((sum, each) => sum + each, 0);
  if (rows.length < 2 || width < 2 || rows.includes(0) || columns.includes(0)) {
    throw new RangeError('The table needs two rows and two columns, none of them all zero.');
  }
  const chiSquare = table.reduce(
    (sum, row, i) =>
      row.reduce((inner, count, j) => {
        const expected = ((rows[i] ?? 0) * (columns[j] ?? 0)) / all;
        return inner + (count - expected) ** 2 / expected;
      }, sum),
    0,
  );
  const degrees = (rows.length - 1) * (width - 1);
  return { chiSquare, degrees, p: chiSquareAbove(chiSquare, degrees) };
}

/** The chance to notice that a share went from `from` to `to` with `perGroup` trials each (R's `power.prop.test`). */
export function powerToNotice(from: number, to: number, perGroup: number, significance = 0.05): number {
  const pooled = Math.sqrt((from + to) * (1 - (from + to) / 2));
  const separate = Math.sqrt(from * (1 - from) + to * (1 - to));
  const z = normalQuantile(1 - significance / 2);
  return normal((Math.sqrt(perGroup) * Math.abs(from - to) - z * pooled) / separate);
}

/** Trials needed per group to notice it with the given power; a fraction, to be rounded up. */
export function trialsToNotice(from: number, to: number, power = 0.8, significance = 0.05): number {
  if (from === to) throw new RangeError('No number of trials shows a difference that is not there.');
  const pooled = Math.sqrt((from + to) * (1 - (from + to) / 2));
  const separate = Math.sqrt(from * (1 - from) + to * (1 - to));
  const z = normalQuantile(1 - significance / 2);
  return ((z * pooled + normalQuantile(power) * separate) / (from - to)) ** 2;
}

/**
 * The chance that share b is higher than share a, from what was seen and a flat prior: two Beta distributions (Cook 2005,
 * "Exact calculation of beta inequalities"; Miller 2014). The steps grow with the square root of the counts.
 */
export function chanceThatHigher(a: Share, b: Share): number {
  mustBeShare(a);
  mustBeShare(b);
  const [a1, a2] = [a.successes + 1, a.trials - a.successes + 1];
  const [b1, b2] = [b.successes + 1, b.trials - b.successes + 1];
  // Failures may be counted instead, or a instead of b: the largest of the four makes the shortest tail.
  const tail = Math.max(a1, a2, b1, b2);
  if (tail < 1000) return closedForm(a1, a2, b1, b2);
  if (tail === a2) return betaInequality(a1, a2, b1, b2);
  if (tail === b1) return betaInequality(b2, b1, a2, a1);
  return 1 - (tail === b2 ? betaInequality(b1, b2, a1, a2) : betaInequality(a2, a1, b2, b1));
}

/** P(Beta(b1, b2) > Beta(a1, a2)) for whole numbers. Each term from the one before: no logarithm of a gamma function loses digits. */
function closedForm(a1: number, a2: number, b1: number, b2: number): number {
  let term = 1;
  for (let k = 0; k < b2; k++) term *= (a2 + k) / (a1 + a2 + k);
  let sum = term;
  for (let i = 1; i < b1; i++) {
    term *= ((a1 + i - 1) * (b2 + i - 1)) / (i * (a1 + a2 + b2 + i - 1));
    sum += term;
  }
  return Math.min(1, sum);
}

/**
 * The same where a2 is large: the terms are probabilities of a beta negative binomial count, those below b1 are asked for.
 * They are taken relative to the likeliest one, and only those that weigh something.
 */
function betaInequality(a1: number, a2: number, b1: number, b2: number): number {
  const step = (i: number) => ((a1 + i - 1) / i) * ((b2 + i - 1) / (a1 + a2 + b2 + i - 1));
  const peak = Math.floor(((a1 - 1) * (b2 - 1)) / (a2 + 1));
  let [below, above] = peak < b1 ? [1, 0] : [0, 1];
  for (let [i, term] = [peak, 1]; i > 0; i--) {
    term /= step(i);
    if (i - 1 < b1) below += term;
    else above += term;
    if (term < 1e-18 * (below + above)) break;
  }
  for (let [i, term] = [peak + 1, 1]; ; i++) {
    term *= step(i);
    if (i < b1) below += term;
    else above += term;
    if (term < 1e-18 * (below + above)) break;
  }
  return below / (below + above);
}

/** Below these a share is an anecdote: 30 trials, and 5 on either side (the usual rule for the normal approximation). */
export function enoughForShare(successes: number, trials: number): Enough {
  mustBeShare({ successes, trials });
  if (trials < 30) return tooFew(`${trials} of the 30 needed so far`);
  const rarer = Math.min(successes, trials - successes);
  if (rarer < 5) return tooFew(`${rarer} on the rarer side, 5 are needed`);
  return { enough: true };
}

export function enoughToCompare(a: Share, b: Share): Enough {
  const first = enoughForShare(a.successes, a.trials);
  return first.enough ? enoughForShare(b.successes, b.trials) : first;
}

/**
 * For counts before and after: with fewer than 10 in all, even none against all of them is hardly told from chance once
 * several things are looked at.
 */
export function enoughForRates(before: number, after: number): Enough {
  mustBeCounts(before, after);
  return before + after < 10 ? tooFew(`${before + after} of the 10 needed so far`) : { enough: true };
}

function tooFew(what: string): Enough {
  return { enough: false, reason: `Not enough data: ${what}.` };
}

/** Sum of the probabilities of all outcomes that are no likelier; R's tolerance of 1e-7 for equal ones. */
function twoSided(successes: number, trials: number, expected: number): number {
  const limit = binomial(successes, trials, expected) * (1 + 1e-7);
  const mode = Math.floor((trials + 1) * expected);
  const mean = trials * expected;
  if (successes === mean) return 1;
  // On either side of the mode the probabilities fall, so the edge of the other tail is found by halving.
  if (successes < mean) {
    const upper = firstWhere(mode, trials + 1, (k) => k > mean && binomial(k, trials, expected) <= limit);
    return Math.min(1, binomialUpTo(successes, trials, expected) + 1 - binomialUpTo(upper - 1, trials, expected));
  }
  const below = firstWhere(0, mode + 1, (k) => k >= mean || binomial(k, trials, expected) > limit);
  return Math.min(1, binomialUpTo(below - 1, trials, expected) + 1 - binomialUpTo(successes - 1, trials, expected));
}

/** The first whole number from `from` for which `holds`, which then holds to the end; `end` when it never does. */
function firstWhere(from: number, end: number, holds: (k: number) => boolean): number {
  let [low, high] = [from, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function mustBeShare({ successes, trials }: Share): void {
  mustBeCounts(successes, trials);
  if (successes > trials) throw new RangeError('There cannot be more successes than trials.');
}

function mustBeCounts(...counts: number[]): void {
  if (counts.some((each) => !Number.isSafeInteger(each) || each < 0)) {
    throw new RangeError('Counts are whole numbers from zero.');
  }
}

function mustBeAboveZero(...exposures: number[]): void {
  if (exposures.some((each) => !(each > 0))) throw new RangeError('A rate needs an exposure above zero.');
}

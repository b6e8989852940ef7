import { normal, studentQuantile, studentTwoSided } from '#src/measure/distributions.ts';
import type { Comparison, Enough, Share } from '#src/measure/uncertainty.ts';

/**
 * Counts of things that differ among themselves. Visits per post or per week scatter far more than a Poisson count, so
 * the exact Poisson comparison of `measure/uncertainty` would find something nearly every time. Here the post or the
 * week is the unit, and its own scatter is measured.
 */

/** Fewer units than this on a side say too little about their scatter. */
export const unitsNeeded = 5;

/**
 * Mean of `after` ÷ mean of `before`, for counts per unit (visits per post …): quasi-Poisson, variance = φ × mean with φ
 * from Pearson's statistic, never below 1 (Wedderburn 1974; McCullagh & Nelder 1989, chapter 6), t distribution with
 * n − 2 degrees. The p value is the largest of this test, its score form and the rank test of Mann and Whitney: one viral
 * post can carry a mean, but not ranks. Null when a side has no unit, when there are fewer than three in all, or nothing
 * was counted on a side.
 */
export function compareMeans(
  before: readonly number[],
  after: readonly number[],
  confidence = 0.95,
): Comparison | null {
  const degrees = before.length + after.length - 2;
  const [sumBefore, sumAfter] = [sum(before), sum(after)];
  if (before.length === 0 || after.length === 0 || degrees < 1 || sumBefore === 0 || sumAfter === 0) return null;
  const [meanBefore, meanAfter] = [sumBefore / before.length, sumAfter / after.length];
  const pearson = scatter(before, meanBefore) + scatter(after, meanAfter);
  const dispersion = Math.max(1, pearson / degrees);
  const estimate = meanAfter / meanBefore;
  const reach =
    studentQuantile(1 - (1 - confidence) / 2, degrees) * Math.sqrt(dispersion / sumBefore + dispersion / sumAfter);
  const pooled = (sumBefore + sumAfter) / (degrees + 2);
  const error = Math.sqrt(dispersion * pooled * (1 / before.length + 1 / after.length));
  // The larger of the two p values, so that what is claimed also has an interval that leaves out 1.
  const wald = Math.abs(Math.log(estimate)) / Math.sqrt(dispersion / sumBefore + dispersion / sumAfter);
  return {
    estimate,
    interval: { low: estimate * Math.exp(-reach), high: estimate * Math.exp(reach) },
    p: Math.max(
      studentTwoSided((meanAfter - meanBefore) / error, degrees),
      studentTwoSided(wald, degrees),
      rankTest(before, after),
    ),
  };
}

/**
 * One count against the usual ones, as a ratio to the typical (geometric mean) one: the prediction interval for one
 * further observation (Hahn & Meeker 1991, section 4.7) on logarithms of count + ½. The variance is never taken below
 * that of a Poisson count. Null with fewer than four usual ones.
 */
export function againstUsual(usual: readonly number[], seen: number, confidence = 0.95): Comparison | null {
  if (usual.length < 4) return null;
  const logs = usual.map((count) => Math.log(count + 0.5));
  const mean = sum(logs) / logs.length;
  const floor = 1 / (sum(usual) / usual.length + 0.5);
  return predict(logs, Math.log(seen + 0.5) - mean, floor, confidence);
}

/**
 * One growth factor (value at the end ÷ at the beginning) against the usual ones, by the same prediction interval.
 * `size` is the value at the beginning: one unit more or less is the least scatter that is believed.
 */
export function growthAgainstUsual(
  usual: readonly number[],
  seen: number,
  size: number,
  confidence = 0.95,
): Comparison | null {
  if (usual.length < 4 || size <= 0 || seen <= 0 || usual.some((each) => each <= 0)) return null;
  const logs = usual.map(Math.log);
  const mean = sum(logs) / logs.length;
  const leastChange = Math.max(1, Math.abs(Math.expm1(mean)) * size);
  return predict(logs, Math.log(seen) - mean, leastChange / size ** 2, confidence);
}

/**
 * Ratios of several comparisons of one kind, drawn to their common middle as far as their scatter is chance: empirical
 * Bayes on logarithms, the true scatter by DerSimonian & Laird 1986. The interval is drawn along. As given with fewer than three.
 */
export function shrink(found: readonly Comparison[]): Comparison[] {
  if (found.length < 3) return [...found];
  const each = found.map(({ estimate, interval }) => ({
    log: Math.log(estimate),
    error: Math.max(1e-9, Math.log(interval.high / interval.low) / (2 * 1.96)),
  }));
  if (!each.every(({ log, error }) => Number.isFinite(log) && Number.isFinite(error))) return [...found];
  const weights = each.map(({ error }) => 1 / error ** 2);
  const total = sum(weights);
  const middle = sum(each.map(({ log }, index) => log * weights[index]!)) / total;
  const scatter = sum(each.map(({ log }, index) => weights[index]! * (log - middle) ** 2));
  const between = Math.max(
    0,
    (scatter - (each.length - 1)) / (total - sum(weights.map((weight) => weight ** 2)) / total),
  );
  return found.map((one, index) => {
    const { log, error } = each[index]!;
    const own = between / (between + error ** 2);
    const drawn = middle + own * (log - middle);
    const reach = 1.96 * Math.sqrt(own) * error;
    return {
      ...one,
      estimate: Math.exp(drawn),
      interval: { low: Math.exp(drawn - reach), high: Math.exp(drawn + reach) },
    };
  });
}

/**
 * Share after ÷ share before, from several weeks on each side: quasi-binomial, the scatter of the weeks measured and never
 * below a binomial's (McCullagh & Nelder 1989, section 4.5), t distribution; visits of one week are alike, so that many
 * visits do not make a small difference certain. Null with fewer than three weeks or two successes and failures on a side.
 */
export function compareWeeklyShares(
  before: readonly Share[],
  after: readonly Share[],
  confidence = 0.95,
): Comparison | null {
  const sides = [before, after].map((weeks) => {
    const used = weeks.filter(({ trials }) => trials > 0);
    const [successes, trials] = [sum(used.map((week) => week.successes)), sum(used.map((week) => week.trials))];
    const share = successes / trials;
    const pearson = sum(
      used.map((week) => (week.successes - week.trials * share) ** 2 / (week.trials * share * (1 - share))),
    );
    return { weeks: used.length, successes, failures: trials - successes, share, pearson };
  });
  const [old, late] = [sides[0]!, sides[1]!];
  if (sides.some(({ weeks, successes, failures }) => weeks < 3 || successes < 2 || failures < 2)) return null;
  const degrees = old.weeks + late.weeks - 2;
  const dispersion = Math.max(1, (old.pearson + late.pearson) / degrees);
  const part = ({ successes, share }: { successes: number; share: number }) => (dispersion * (1 - share)) / successes;
  const error = Math.sqrt(part(old) + part(late));
  const estimate = late.share / old.share;
  const reach = studentQuantile(1 - (1 - confidence) / 2, degrees) * error;
  return {
    estimate,
    interval: { low: estimate * Math.exp(-reach), high: estimate * Math.exp(reach) },
    p: studentTwoSided(Math.log(estimate) / error, degrees),
  };
}

/** Whether both sides have enough units and counts to be compared at all. */
export function enoughUnits(
  what: { units: string; counts: string },
  a: readonly number[],
  b: readonly number[],
): Enough {
  const fewer = Math.min(a.length, b.length);
  if (fewer < unitsNeeded)
    return {
      enough: false,
      reason: `Not enough data: ${fewer} of the ${unitsNeeded} ${what.units} needed on each side.`,
    };
  const all = sum(a) + sum(b);
  if (all < 10) return { enough: false, reason: `Not enough data: ${all} of the 10 ${what.counts} needed.` };
  return { enough: true };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/**
 * Whether two groups tend to differ, by ranks alone: Mann & Whitney (1947), two-sided, normal approximation with
 * correction for ties and continuity (as R's `wilcox.test(exact = FALSE)`). 1 when all values are equal.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b].sort((x, y) => x - y);
  const middleRank = (value: number) => (all.indexOf(value) + all.lastIndexOf(value)) / 2 + 1;
  const statistic = sum(b.map(middleRank)) - (b.length * (b.length + 1)) / 2;
  const expected = (a.length * b.length) / 2;
  const ties = sum(
    [...new Set(all)].map((value) => all.lastIndexOf(value) - all.indexOf(value) + 1).map((t) => t ** 3 - t),
  );
  const variance = ((a.length * b.length) / 12) * (all.length + 1 - ties / (all.length * (all.length - 1)));
  if (variance <= 0) return 1;
  const z = Math.max(0, Math.abs(statistic - expected) - 0.5) / Math.sqrt(variance);
  return 2 * normal(-z);
}

function predict(logs: readonly number[], distance: number, floor: number, confidence: number): Comparison {
  const mean = sum(logs) / logs.length;
  const degrees = logs.length - 1;
  const variance = Math.max(floor, sum(logs.map((each) => (each - mean) ** 2)) / degrees);
  const error = Math.sqrt(variance * (1 + 1 / logs.length));
  const reach = studentQuantile(1 - (1 - confidence) / 2, degrees) * error;
  return {
    estimate: Math.exp(distance),
    interval: { low: Math.exp(distance - reach), high: Math.exp(distance + reach) },
    p: studentTwoSided(distance / error, degrees),
  };
}

function scatter(counts: readonly number[], mean: number): number {
  return sum(counts.map((count) => (count - mean) ** 2)) / mean;
}

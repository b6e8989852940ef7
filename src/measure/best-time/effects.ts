import { inverseOfPositive } from '#src/measure/lifetime/optimum.ts';
import type { Rows } from './stands-out.ts';

/** `mean` and `deviation` of what the hour adds to a score, given the posts. */
export type Effect = { hour: number; posts: number; mean: number; deviation: number };

/**
 * What each hour of the week adds: an hour of the day (neighbours alike), a day of the week, and the hour of the week
 * itself, each drawn from a normal distribution whose variance the posts themselves tell (empirical Bayes; variances by
 * moments, in this order, as in Henderson's method I 1953). An hour with few posts is drawn towards what its hour of the
 * day and its day say, and these towards nothing (best linear unbiased prediction). Hours with posts only.
 */
export function effects({ hours, scores }: Rows): Effect[] {
  const slots = [...new Set(hours)];
  const at = new Map(slots.map((hour, index) => [hour, index]));
  const counts = slots.map(() => 0);
  const sums = slots.map(() => 0);
  for (const [i, hour] of hours.entries()) {
    counts[at.get(hour)!]! += 1;
    sums[at.get(hour)!]! += scores[i]!;
  }
  const means = sums.map((sum, i) => sum / counts[i]!);
  const n = scores.length;
  const overall = scores.reduce((sum, each) => sum + each, 0) / n;
  const noise = noiseOf(hours, scores, means, at, overall);
  const left = means.map((mean) => mean - overall);
  const hourVariance = takeOut(
    left,
    slots.map((hour) => hour % 24),
    counts,
    noise,
  );
  const dayVariance = takeOut(
    left,
    slots.map((hour) => Math.floor(hour / 24)),
    counts,
    noise,
  );
  const slotVariance = takeOut(left, slots, counts, noise);
  const prior = (a: number, b: number) =>
    hourVariance * alike((a % 24) - (b % 24)) +
    (Math.floor(a / 24) === Math.floor(b / 24) ? dayVariance : 0) +
    (a === b ? slotVariance : 0);
  const precision = inverseOfPositive(
    slots.map((a, i) => slots.map((b, j) => prior(a, b) + (i === j ? noise / counts[i]! : 0))),
  );
  if (precision === null || hourVariance + dayVariance + slotVariance === 0) {
    return slots.map((hour, i) => ({ hour, posts: counts[i]!, mean: 0, deviation: 0 }));
  }
  // The general mean is estimated with the rest (generalised least squares).
  const rowSums = precision.map((row) => row.reduce((sum, each) => sum + each, 0));
  const centre =
    rowSums.reduce((sum, each, i) => sum + each * means[i]!, 0) / rowSums.reduce((sum, each) => sum + each, 0);
  const pulled = precision.map((row) => row.reduce((sum, each, j) => sum + each * (means[j]! - centre), 0));
  return slots.map((hour, i) => {
    const shared = slots.map((other) => prior(hour, other));
    const mean = shared.reduce((sum, each, j) => sum + each * pulled[j]!, 0);
    const explained = shared.reduce(
      (sum, each, j) => sum + each * precision[j]!.reduce((inner, cell, k) => inner + cell * shared[k]!, 0),
      0,
    );
    return { hour, posts: counts[i]!, mean, deviation: Math.sqrt(Math.max(0, prior(hour, hour) - explained)) };
  });
}

/**
 * How alike two hours of the day are. Half of what an hour adds it shares with its neighbours on the clock (0.37 with
 * the next, 0.16 with the one after), half is its own: evenings rise slowly, a lunch break does not.
 */
function alike(distance: number): number {
  return distance === 0 ? 1 : 0.5 * Math.exp((Math.cos((2 * Math.PI * distance) / 24) - 1) * 8.5);
}

/** Variance of single posts around their slot; around the overall mean while slots have single posts. */
function noiseOf(
  hours: readonly number[],
  scores: readonly number[],
  means: readonly number[],
  at: ReadonlyMap<number, number>,
  overall: number,
): number {
  const within = scores.reduce((sum, each, i) => sum + (each - means[at.get(hours[i]!)!]!) ** 2, 0);
  const degrees = scores.length - means.length;
  const around = scores.reduce((sum, each) => sum + (each - overall) ** 2, 0) / (scores.length - 1);
  // Ten degrees' worth of the wider variance keeps few repeated slots from looking certain.
  return Math.max((within + 10 * around) / (degrees + 10), around * 1e-6);
}

/**
 * The variance between groups beyond what noise makes (method of moments), after which `left` keeps what the groups,
 * drawn together, do not explain.
 */
function takeOut(left: number[], groups: readonly number[], counts: readonly number[], noise: number): number {
  const sums = new Map<number, { n: number; sum: number }>();
  for (const [i, group] of groups.entries()) {
    const each = sums.get(group) ?? { n: 0, sum: 0 };
    each.n += counts[i]!;
    each.sum += counts[i]! * left[i]!;
    sums.set(group, each);
  }
  const all = [...sums.values()];
  const n = all.reduce((sum, each) => sum + each.n, 0);
  const between = all.reduce((sum, each) => sum + each.sum ** 2 / each.n, 0);
  const spread = n - all.reduce((sum, each) => sum + each.n ** 2, 0) / n;
  const variance = spread > 0 ? Math.max(0, (between - (all.length - 1) * noise) / spread) : 0;
  for (const [i, group] of groups.entries()) {
    const { n: size, sum } = sums.get(group)!;
    left[i]! -= variance > 0 ? (sum / size) * (variance / (variance + noise / size)) : 0;
  }
  return variance;
}

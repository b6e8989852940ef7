import { effects } from './best-time/effects.ts';
import { type Rows, standsOut } from './best-time/stands-out.ts';
import { normalQuantile } from './distributions.ts';
import type { Interval } from './uncertainty.ts';

/**
 * When posts do best: the hours of a week, from posts and the engagement each got. Two questions, two answers: whether
 * any time stands out at all (a permutation test of the whole week at once), and how good each hour is (estimates drawn
 * together by how little is known of each). No time is named unless the first is answered with yes.
 */

/** `hour`: of the week in the app's own zone, 0 = Monday 00 h to 167. `engagement`: any number from zero up. */
export type TimedPost = { hour: number; engagement: number };

/** `ratio`: typical engagement at this hour ÷ that of a usual hour, drawn towards 1; with its interval. */
export type Slot = { hour: number; posts: number; ratio: number; interval: Interval };

export type BestTimes =
  | { verdict: 'best'; posts: number; slots: Slot[]; all: Slot[]; p: number }
  | { verdict: 'none'; posts: number; reason: string; all: Slot[]; p: number }
  | { verdict: 'not enough data'; posts: number; reason: string };

/** Below this nothing is said. */
export const postsNeeded = 30;

/**
 * A best time is named where `p` is at most this. It is below the 5 % that are promised, so that the promise also holds
 * where it is checked with a few hundred runs.
 */
const significance = 0.02;

/**
 * The three best slots, or why none is named. Same posts and `seed`, same answer, in whatever order. Throws a RangeError
 * for an hour outside the week or an engagement that is negative or no number.
 *
 * Where nothing differs between hours, a time is named in at most 2 % of cases, whatever the distribution of engagement
 * and however unevenly the posts lie: the test compares the posts with their own shufflings.
 */
export function bestTimes(
  posts: Iterable<TimedPost>,
  { seed = 1, confidence = 0.95 }: { seed?: number; confidence?: number } = {},
): BestTimes {
  const rows = rowsOf(posts);
  const count = rows.hours.length;
  if (count < postsNeeded) {
    return {
      verdict: 'not enough data',
      posts: count,
      reason: `Not enough data: ${count} of the ${postsNeeded} posts needed so far.`,
    };
  }
  const used = new Set(rows.hours).size;
  if (used < 2) {
    return {
      verdict: 'not enough data',
      posts: count,
      reason: 'Not enough data: all posts went out in the same hour of the week.',
    };
  }
  if (rows.scores.every((score) => score === rows.scores[0])) {
    return { verdict: 'not enough data', posts: count, reason: 'Not enough data: every post got the same engagement.' };
  }
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const all = effects(rows)
    .map(({ hour, posts: n, mean, deviation }) => ({
      hour,
      posts: n,
      ratio: Math.exp(mean),
      interval: { low: Math.exp(mean - z * deviation), high: Math.exp(mean + z * deviation) },
    }))
    .sort((a, b) => a.hour - b.hour);
  const p = standsOut(rows, seed, significance);
  // Of hours that are as good, the one with more posts behind it.
  const size = ({ ratio }: Slot) => Number(ratio.toFixed(9));
  const slots = all
    .filter(({ ratio }) => ratio > 1)
    .sort((a, b) => size(b) - size(a) || b.posts - a.posts || a.hour - b.hour);
  if (p > significance || slots.length === 0) {
    const reason = 'No time stands out: the differences between hours are no larger than chance makes them.';
    return { verdict: 'none', posts: count, reason, all, p };
  }
  return { verdict: 'best', posts: count, slots: slots.slice(0, 3), all, p };
}

/** "Tuesday 09:00". */
export function hourName(hour: number): string {
  const day = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][Math.floor(hour / 24)];
  return `${day} ${String(hour % 24).padStart(2, '0')}:00`;
}

/**
 * Engagement as scores: logarithms (differences are ratios then, and one lucky post does not outweigh twenty), the rest
 * of the tail pulled in at 3 robust standard deviations. Zeros count as half the smallest engagement above zero.
 */
function rowsOf(posts: Iterable<TimedPost>): Rows {
  const sorted = [...posts];
  for (const { hour, engagement } of sorted) {
    if (!Number.isSafeInteger(hour) || hour < 0 || hour > 167)
      throw new RangeError(`An hour of the week is 0 to 167, not ${hour}.`);
    if (!(engagement >= 0) || engagement === Number.POSITIVE_INFINITY) {
      throw new RangeError(`Engagement is a number from zero, not ${engagement}.`);
    }
  }
  sorted.sort((a, b) => a.hour - b.hour || a.engagement - b.engagement);
  const smallest = sorted.reduce(
    (least, { engagement }) => (engagement > 0 ? Math.min(least, engagement) : least),
    Infinity,
  );
  const logs = sorted.map(({ engagement }) => (engagement > 0 ? Math.log(engagement) : Math.log(smallest / 2)));
  const middle = median(logs);
  const robust = 1.4826 * median(logs.map((each) => Math.abs(each - middle)));
  const reach = robust > 0 ? 3 * robust : Number.POSITIVE_INFINITY;
  const scores = logs.map((each) => Math.max(middle - reach, Math.min(middle + reach, each)));
  return { hours: sorted.map(({ hour }) => hour), scores, engagements: sorted.map(({ engagement }) => engagement) };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half - 0.5)] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

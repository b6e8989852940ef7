import { seeded } from '#src/measure/random.ts';

/** One entry per post in each, by hour, then engagement. `scores`: engagement made comparable, the higher the better. */
export type Rows = { hours: number[]; scores: number[]; engagements: number[] };

/** A time is looked at once it has so many posts. */
const postsPerTime = 3;
const shuffles = 1999;

/**
 * The chance to see a time stand out so far if no time did: a permutation test of the largest of all standardised
 * differences between a time and the rest of the week (Westfall & Young 1993: the maximum carries the correction for
 * looking at hundreds of times). Times looked at: each hour of the week, each hour of the day, each day, and windows of
 * three hours, on one day and on all.
 *
 * Stops early where the answer will be well above `significance` (Besag & Clifford 1991). The same post counted twice
 * looks like agreement; where more pairs are equal than chance explains, each is also counted once and the larger of the
 * two answers stands.
 */
export function standsOut(rows: Rows, seed: number, significance: number): number {
  const p = chanceOf(rows, seed, significance);
  if (p > significance) return p;
  const once = withoutDuplicates(rows);
  if (once.scores.length === rows.scores.length || !tooManyDuplicates(rows, once.scores.length, seed)) return p;
  return Math.max(p, chanceOf(once, seed, significance));
}

function chanceOf({ hours, scores }: Rows, seed: number, significance: number): number {
  const n = scores.length;
  const mean = scores.reduce((sum, each) => sum + each, 0) / n;
  const deviation = Math.sqrt(scores.reduce((sum, each) => sum + (each - mean) ** 2, 0) / n);
  if (deviation === 0) return 1;
  const standard = Float64Array.from(scores, (each) => (each - mean) / deviation);
  const perHour = new Float64Array(168);
  for (const hour of hours) perHour[hour]! += 1;
  const times = timesOf(perHour);
  const sums = new Float64Array(168);
  // Flat, because this is the innermost loop: members of time i stand from starts[i] to starts[i + 1].
  const members = Int32Array.from(times.flatMap((time) => time.members));
  const factors = Float64Array.from(times, ({ factor }) => factor);
  const starts = new Int32Array(times.length + 1);
  for (const [i, time] of times.entries()) starts[i + 1] = starts[i]! + time.members.length;
  const largest = () => {
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < factors.length; i++) {
      let sum = 0;
      for (let at = starts[i]!; at < starts[i + 1]!; at++) sum += sums[members[at]!]!;
      most = Math.max(most, sum * factors[i]!);
    }
    return most;
  };
  if (times.length === 0) return 1;
  for (const [i, hour] of hours.entries()) sums[hour]! += standard[i]!;
  const seen = largest() - 1e-9;
  const chance = seeded(seed);
  const shuffle = n <= 20_000 ? shuffler(hours, standard, sums, chance) : normalSums(perHour, n, sums, chance);
  // Once so many were as large, the answer lies above the significance for sure enough to stop.
  const enough = Math.ceil(significance * (shuffles + 1)) + 20;
  let asLarge = 0;
  for (let round = 1; round <= shuffles; round++) {
    shuffle();
    if (largest() >= seen) asLarge++;
    if (asLarge >= enough) return asLarge / round;
  }
  return (asLarge + 1) / (shuffles + 1);
}

/** Each a set of hours of the week, with what makes a sum of standard scores in it a standardised difference. */
function timesOf(perHour: Float64Array): { members: number[]; factor: number }[] {
  const n = perHour.reduce((sum, each) => sum + each, 0);
  const sets: number[][] = [];
  const days = [0, 1, 2, 3, 4, 5, 6];
  for (let hour = 0; hour < 168; hour++) sets.push([hour], [(hour + 167) % 168, hour, (hour + 1) % 168]);
  for (let hour = 0; hour < 24; hour++) {
    const ofAllDays = (by: number) => days.map((day) => day * 24 + ((hour + by + 24) % 24));
    sets.push(ofAllDays(0), [...ofAllDays(-1), ...ofAllDays(0), ...ofAllDays(1)]);
  }
  for (const day of days) sets.push(Array.from({ length: 24 }, (_, hour) => day * 24 + hour));
  return sets.flatMap((set) => {
    const members = set.filter((hour) => perHour[hour]! > 0);
    const count = members.reduce((sum, hour) => sum + perHour[hour]!, 0);
    if (count < postsPerTime || count === n) return [];
    return [{ members, factor: 1 / Math.sqrt((count * (n - count)) / n) }];
  });
}

function shuffler(hours: readonly number[], standard: Float64Array, sums: Float64Array, chance: Chance): () => void {
  const order = Float64Array.from(standard);
  return () => {
    sums.fill(0);
    for (let i = order.length - 1; i >= 0; i--) {
      const j = chance.below(i + 1);
      const score = order[j]!;
      order[j] = order[i]!;
      order[i] = score;
      sums[hours[i]!]! += score;
    }
  };
}

/** With very many posts the sums of shuffled scores are normal; drawing these is as good and takes no time. */
function normalSums(perHour: Float64Array, n: number, sums: Float64Array, chance: Chance): () => void {
  return () => {
    let all = 0;
    for (let hour = 0; hour < 168; hour++) {
      sums[hour] = perHour[hour]! > 0 ? Math.sqrt(perHour[hour]!) * chance.normal() : 0;
      all += sums[hour]!;
    }
    for (let hour = 0; hour < 168; hour++) sums[hour]! -= (perHour[hour]! / n) * all;
  };
}

type Chance = ReturnType<typeof seeded>;

function withoutDuplicates({ hours, scores, engagements }: Rows): Rows {
  const kept = hours.flatMap((hour, i) =>
    i > 0 && hours[i - 1] === hour && engagements[i - 1] === engagements[i] ? [] : [i],
  );
  const only = (list: readonly number[]) => kept.map((i) => list[i]!);
  return { hours: only(hours), scores: only(scores), engagements: only(engagements) };
}

/** Whether fewer distinct pairs are left than in 99 shufflings: one in a hundred by chance. */
function tooManyDuplicates({ hours, engagements }: Rows, distinct: number, seed: number): boolean {
  const chance = seeded(seed + 1);
  const order = [...engagements];
  for (let round = 0; round < (engagements.length > 20_000 ? 9 : 99); round++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = chance.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    if (new Set(order.map((engagement, i) => `${hours[i]} ${engagement}`)).size <= distinct) return false;
  }
  return true;
}

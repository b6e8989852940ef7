import { describe, expect, test } from 'vitest';
import { type Chance, seeded } from '#src/measure/random.ts';
import { sum } from './comparison.ts';
import { poolMeans } from './pooling.ts';
import { gamma } from './suggestions/impact.ts';

/** Posts whose own appeal differs: counts scatter more than Poisson ones. */
function posts(chance: Chance, mean: number, count: number): number[] {
  return Array.from({ length: count }, () => Math.round(gamma(chance, { mean, shape: 1.5 })));
}

describe('groups of counts, pooled', () => {
  test('few posts are drawn to the middle, many keep what they brought', () => {
    const chance = seeded(1);
    const common = posts(chance, 20, 60);
    const [few, many] = poolMeans([[90, 85], Array.from({ length: 60 }, () => 88), common, posts(chance, 20, 20)])!;
    expect(few!.own).toBeLessThan(many!.own);
    expect(few!.ratio).toBeLessThan(many!.ratio);
    expect(many!.interval.low).toBeGreaterThan(1);
    expect(few!.interval.high - few!.interval.low).toBeGreaterThan(many!.interval.high - many!.interval.low);
  });

  test('a group that brought nothing is no division by nothing', () => {
    const [none] = poolMeans([[0, 0, 0, 0, 0], posts(seeded(2), 10, 30)])!;
    expect(none!.ratio).toBeLessThan(1);
    expect(none!.interval.low).toBeGreaterThanOrEqual(0);
  });

  test('too little is no number, and the same counts give the same answer', () => {
    expect(poolMeans([[5, 6, 7], [4, 2], [9]])).toBeNull();
    expect(poolMeans([Array(20).fill(0), Array(20).fill(0)])).toBeNull();
    const groups = [posts(seeded(3), 10, 12), posts(seeded(4), 14, 9)];
    expect(poolMeans(groups)).toEqual(poolMeans(groups));
  });

  test('the intervals hold the truth as often as they say, whatever the spread', () => {
    for (const spread of [0.05, 0.3, 0.8]) {
      const chance = seeded(Math.round(spread * 100));
      let held = 0;
      let all = 0;
      for (let round = 0; round < 40; round++) {
        const sizes = [6, 7, 8, 12, 20, 40];
        const means = sizes.map(() => gamma(chance, { mean: 25, shape: 1 / spread ** 2 }));
        const pooled = poolMeans(sizes.map((size, index) => posts(chance, means[index]!, size)))!;
        const middle = sum(means.map((mean, index) => mean * sizes[index]!)) / sum(sizes);
        for (const [index, { interval }] of pooled.entries()) {
          const truth = means[index]! / middle;
          held += truth >= interval.low && truth <= interval.high ? 1 : 0;
          all++;
        }
      }
      expect(held / all, `spread ${spread}`).toBeGreaterThan(0.91);
    }
  });
});

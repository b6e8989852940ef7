import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  againstUsual,
  compareMeans,
  compareWeeklyShares,
  enoughUnits,
  growthAgainstUsual,
  rankTest,
  shrink,
} from './comparison.ts';

test('equal means give a ratio of one, and a claim’s interval leaves out one', () => {
  expect(compareMeans([4, 6, 5], [5, 4, 6])?.estimate).toBe(1);
  const counts = fc.array(fc.nat({ max: 500 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(counts, counts, (before, after) => {
      const found = compareMeans(before, after);
      if (!found) return;
      expect(found.interval.low).toBeLessThanOrEqual(found.estimate);
      expect(found.interval.high).toBeGreaterThanOrEqual(found.estimate);
      if (found.p < 0.049) expect(found.interval.low > 1 || found.interval.high < 1).toBe(true);
    }),
  );
});

test('one post that did much better among scattered ones is no surprise, among steady ones it is', () => {
  expect(againstUsual([1, 40, 3, 90, 12, 2], 100)?.p).toBeGreaterThan(0.05);
  expect(againstUsual([10, 12, 9, 11, 13, 10], 100)?.p).toBeLessThan(0.002);
  expect(againstUsual([10, 12, 9], 100)).toBeNull();
});

test('growth that goes on as before is nothing new', () => {
  expect(growthAgainstUsual([1.02, 1.03, 1.025, 1.02], 1.022, 1000)?.p).toBeGreaterThan(0.3);
  expect(growthAgainstUsual([1.02, 1.03, 1.025, 1.02], 1.3, 1000)?.p).toBeLessThan(0.001);
  expect(growthAgainstUsual([1, 1, 1, 1], 1.1, 10)?.p).toBeGreaterThan(0.05);
});

test('ranks agree with the sum done by hand, and one viral post does not make a kind better', () => {
  // By hand: 35 of 50 pairs are in order, z = 9.5 / √66.67.
  expect(
    rankTest([0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.9, 0.74, 1.21]),
  ).toBeCloseTo(0.2446, 3);
  expect(rankTest([3, 3, 3], [3, 3, 3])).toBe(1);
  expect(compareMeans([5, 6, 4, 7, 5, 6, 4, 5, 6], [5, 4, 6, 5, 2000])?.p).toBeGreaterThan(0.5);
});

test('too little says what is missing', () => {
  const posts = { units: 'posts', counts: 'visits' };
  expect(enoughUnits(posts, [1, 2], [3, 4, 5, 6, 7])).toMatchObject({
    reason: 'Not enough data: 2 of the 5 posts needed on each side.',
  });
  expect(enoughUnits(posts, [0, 0, 0, 1, 0], [0, 0, 0, 0, 0])).toMatchObject({
    reason: 'Not enough data: 1 of the 10 visits needed.',
  });
});

test('ratios that scatter as chance would are drawn to one middle, a true outlier is not', () => {
  const one = (estimate: number, spread: number) => ({
    estimate,
    interval: { low: estimate / spread, high: estimate * spread },
    p: 0.5,
  });
  for (const { estimate } of shrink([one(1.1, 2), one(0.9, 2), one(1, 2), one(1.2, 2)]))
    expect(estimate).toBeCloseTo(1.04, 1);
  const [far, near] = shrink([one(8, 1.1), one(1, 1.1), one(1.05, 1.1), one(0.95, 1.1)]);
  expect(far!.estimate).toBeGreaterThan(7.5);
  expect(near!.estimate).toBeCloseTo(1, 1);
  expect(far!.interval.low).toBeGreaterThan(6);
  expect(shrink([one(3, 2), one(1, 2)])).toEqual([one(3, 2), one(1, 2)]);
});

test('shares by week: with weeks that scatter like a binomial nearly the plain answer, with more scatter a wider one', () => {
  const week = (successes: number, trials: number) => ({ successes, trials });
  const calm = compareWeeklyShares(
    [week(10, 100), week(11, 100), week(9, 100)],
    [week(20, 100), week(19, 100), week(21, 100)],
  )!;
  expect(calm.estimate).toBeCloseTo(2, 10);
  expect(calm.p).toBeLessThan(0.05);
  const wild = compareWeeklyShares(
    [week(2, 100), week(25, 100), week(3, 100)],
    [week(5, 100), week(50, 100), week(5, 100)],
  )!;
  expect(wild.estimate).toBeCloseTo(2, 10);
  expect(wild.p).toBeGreaterThan(0.3);
  expect(wild.interval.high / wild.interval.low).toBeGreaterThan(calm.interval.high / calm.interval.low);
  expect(compareWeeklyShares([week(1, 100), week(1, 100)], [week(5, 100), week(4, 100), week(3, 100)])).toBeNull();
});

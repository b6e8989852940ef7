import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  againstUsual,
  compareMeans,
  enoughUnits,
  growthAgainstUsual,
  holm,
  rankTest,
  studentQuantile,
  studentTwoSided,
} from './comparison.ts';

test('Student’s t agrees with the printed table', () => {
  expect(studentQuantile(0.975, 1)).toBeCloseTo(12.7062, 4);
  expect(studentQuantile(0.975, 10)).toBeCloseTo(2.22814, 5);
  expect(studentQuantile(0.025, 10)).toBeCloseTo(-2.22814, 5);
  expect(studentQuantile(0.995, 30)).toBeCloseTo(2.75, 4);
  expect(studentTwoSided(2.22814, 10)).toBeCloseTo(0.05, 5);
  expect(studentTwoSided(0, 7)).toBe(1);
});

test('Holm’s procedure steps down and stops at the first that fails', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
  expect(holm([0.05])).toEqual([true]);
  expect(holm([])).toEqual([]);
});

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

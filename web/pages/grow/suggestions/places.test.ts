import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apart } from './places.ts';

const floor = 0.87;
const overlap = (a: { x: number; y: number }, b: { x: number; y: number }) =>
  Math.abs(a.x - b.x) < 0.0789 && Math.abs(a.y - b.y) < 0.0769;

test('forty points, wherever they are, can all be read, and the first stands where it belongs', () => {
  const point = fc.record({
    x: fc.double({ min: 0.04, max: 0.96, noNaN: true }),
    y: fc.double({ min: 0.05, max: floor, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 40 }), (points) => {
      const drawn = apart(
        points.map((one) => ({ ...one, row: false })),
        floor,
      );
      expect(drawn[0]).toEqual(points[0]);
      expect(drawn.flatMap((a, i) => drawn.slice(i + 1).filter((b) => overlap(a, b)))).toEqual([]);
      expect(drawn.every(({ x, y }) => x >= 0.04 && x <= 0.96 && y >= 0.04 && y <= floor)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('what is not measured stays in its row', () => {
  const drawn = apart(
    Array.from({ length: 9 }, () => ({ x: 0.5, y: 0.96, row: true })),
    floor,
  );
  expect(new Set(drawn.map(({ y }) => y))).toEqual(new Set([0.96]));
  expect(drawn.flatMap((a, i) => drawn.slice(i + 1).filter((b) => overlap(a, b)))).toEqual([]);
});

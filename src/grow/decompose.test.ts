import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '#src/measure/random.ts';
import { periodOf } from './decompose/period.ts';
import { decompose } from './decompose.ts';

const day = 86_400_000;
const range = (rows: number, value: (row: number) => number) => Array.from({ length: rows }, (_, row) => value(row));
const first = (values: Float64Array) => [...values.slice(0, 5)];
const near = (values: Float64Array, expected: readonly number[], digits = 4) => {
  for (const [row, value] of first(values).entries()) expect(value).toBeCloseTo(expected[row]!, digits);
};

describe('STL', () => {
  const values = [5, 9, 2, 9, 0, 6, 3, 8, 5, 8, 7, 8, 8, 0, 2, 5, 0, 5, 6, 7, 3, 6, 1, 4, 4, 4, 3, 7, 5, 8];

  test('gives what the program of its authors gives, plain and robust', () => {
    const plain = decompose(values, { period: 7, seasons: 7, robust: false });
    near(plain.season, [0.36926576, 0.75655484, -1.3324139, 1.9553658, -0.6044802]);
    near(plain.trend, [4.804099, 4.9097075, 5.015316, 5.16045, 5.305584]);
    near(plain.remainder, [-0.17336464, 3.3337379, -1.6829021, 1.8841844, -4.7011037]);
    const robust = decompose(values, { period: 7, seasons: 7 });
    near(robust.season, [0.14922355, 0.47939026, -1.833231, 1.7411387, 0.8200711]);
    near(robust.trend, [5.397365, 5.4745436, 5.5517216, 5.6499176, 5.748114]);
  });

  test('the three add up to the values, whatever they are', () => {
    const value = fc.oneof(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 0, max: 10_000_000 }).map((cents) => cents / 100),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 14, maxLength: 80 }),
        fc.integer({ min: 2, max: 7 }),
        fc.boolean(),
        (all, period, robust) => {
          const { trend, season, remainder } = decompose(all, { period, robust });
          const rounding = 1e-15 * Math.max(...all.map(Math.abs), ...trend.map(Math.abs));
          for (const [row, one] of all.entries()) {
            const sum = trend[row]! + season[row]! + remainder[row]!;
            if (Number.isInteger(one)) expect(sum).toBe(one);
            else expect(Math.abs(sum - one)).toBeLessThanOrEqual(rounding);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a line and a wave come apart; outliers stay in the remainder', () => {
    const chance = seeded(11);
    const wave = (row: number) => 10 * Math.sin((2 * Math.PI * row) / 12);
    const made = range(240, (row) => 100 + 0.5 * row + wave(row) + chance.normal());
    made[100] = 400;
    const { trend, season, remainder } = decompose(made, { period: 12 });
    for (let row = 12; row < 228; row++) {
      expect(Math.abs(trend[row]! - 100 - 0.5 * row)).toBeLessThan(2);
      expect(Math.abs(season[row]! - wave(row))).toBeLessThan(1.5);
    }
    expect(remainder[100]).toBeGreaterThan(230);
    expect(() => decompose(made, { period: 121 })).toThrow(RangeError);
  });

  test('a season that changes is followed when asked to', () => {
    const made = range(240, (row) => (1 + row / 120) * 10 * Math.sin((2 * Math.PI * row) / 12));
    const { remainder } = decompose(made, { period: 12, seasons: 7 });
    const fixed = decompose(made, { period: 12 }).remainder;
    const size = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
    expect(size(remainder)).toBeLessThan(size(fixed) / 4);
  });
});

describe('the season of a series', () => {
  test('is found among noise and growth, and is none where nothing repeats', () => {
    const chance = seeded(3);
    const noise = (size: number) => size * chance.normal();
    expect(
      periodOf(
        range(140, (row) => [9, 9, 10, 9, 8, 3, 2][row % 7]! + row / 10 + noise(0.7)),
        day,
      ),
    ).toBe(7);
    expect(
      periodOf(
        range(24 * 40, (row) => Math.sin((2 * Math.PI * row) / 24) + noise(0.4)),
        day / 24,
      ),
    ).toBe(24);
    expect(
      periodOf(
        range(288 * 6, (row) => Math.sin((2 * Math.PI * row) / 288) + noise(0.3)),
        300_000,
      ),
    ).toBe(288);
    expect(
      periodOf(
        range(120, (row) => (row % 12) + row / 5 + noise(1)),
        30.4 * day,
      ),
    ).toBe(12);
    expect(
      periodOf(
        range(300, () => noise(1)),
        day,
      ),
    ).toBeNull();
    expect(
      periodOf(
        range(300, () => 5),
        day,
      ),
    ).toBeNull();
    expect(
      periodOf(
        range(300, (row) => row * 2),
        day,
      ),
    ).toBeNull();
  });
});

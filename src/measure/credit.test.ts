import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apportion, creditModels, creditTouches, type Touch } from './credit.ts';

const bought = new Date('2026-06-30T12:00:00Z');
const daysBefore = (days: number) => new Date(bought.getTime() - days * 86_400_000);
const touch = (id: string, days: number, direct = false): Touch => ({ id, channel: id, at: daysBefore(days), direct });

const path = [touch('tweet', 14), touch('search', 7), touch('mail', 1), touch('direct', 0, true)];
const amounts = (...parameters: Parameters<typeof creditTouches>) =>
  Object.fromEntries(creditTouches(...parameters).map((each) => [each.touchId, each.amount]));

describe('1,000 for four touches', () => {
  test.each([
    ['first', { tweet: 1000n }],
    ['last', { direct: 1000n }],
    ['last_non_direct', { mail: 1000n }],
    ['linear', { tweet: 250n, search: 250n, mail: 250n, direct: 250n }],
    ['position', { tweet: 400n, search: 100n, mail: 100n, direct: 400n }],
    // Weights 1/4, 1/2, 2^(−1/7), 1.
    ['time_decay', { tweet: 94n, search: 188n, mail: 341n, direct: 377n }],
  ] as const)('%s', (model, expected) => {
    expect(amounts(model, path, bought, 1000n)).toEqual(expected);
  });
});

test('what came after the conversion or before the lookback does not count', () => {
  const later = touch('later', -1);
  expect(amounts('last', [...path, later], bought, 10n)).toEqual({ direct: 10n });
  expect(amounts('first', path, bought, 10n, { lookbackDays: 7 })).toEqual({ search: 10n });
  expect(creditTouches('linear', [later], bought, 10n)).toEqual([]);
});

test('only direct visits: the last of them gets it', () => {
  expect(amounts('last_non_direct', [touch('a', 2, true), touch('b', 1, true)], bought, 10n)).toEqual({ b: 10n });
});

test('the order in which touches are given does not matter', () => {
  for (const model of creditModels) {
    expect(creditTouches(model, path.toReversed(), bought, 1001n)).toEqual(creditTouches(model, path, bought, 1001n));
  }
});

const anyTouches = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    channel: fc.constantFrom('x', 'search', 'mail', 'direct'),
    at: fc.date({ min: new Date('2020-01-01'), max: bought, noInvalidDate: true }),
    direct: fc.boolean(),
  }),
  { selector: (each) => each.id, minLength: 1, maxLength: 40 },
);

test('any money over any touches sums to the money, to the cent', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...creditModels),
      anyTouches,
      fc.bigInt(-(10n ** 30n), 10n ** 30n),
      fc.double({ min: 0.01, max: 1000, noNaN: true }),
      (model, touches, amount, halfLifeDays) => {
        const credits = creditTouches(model, touches, bought, amount, { halfLifeDays });
        expect(credits.reduce((sum, each) => sum + each.amount, 0n)).toBe(amount);
        expect(credits.reduce((sum, each) => sum + each.share, 0)).toBeCloseTo(1, 9);
        for (const credit of credits) expect(credit.amount === 0n || credit.amount > 0n === amount > 0n).toBe(true);
        const refund = creditTouches(model, touches, bought, -amount, { halfLifeDays });
        expect(refund.map((each) => -each.amount)).toEqual(credits.map((each) => each.amount));
      },
    ),
  );
});

test('nobody is more than one unit from their quota', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 10n ** 9n),
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 }).filter((list) => list.some(Boolean)),
      (amount, weights) => {
        const total = weights.reduce((sum, each) => sum + each, 0);
        apportion(amount, weights).forEach((part, index) => {
          expect(Math.abs(Number(part) - (Number(amount) * (weights[index] ?? 0)) / total)).toBeLessThan(1.0001);
        });
      },
    ),
  );
});

test('weights that cannot split money are refused', () => {
  expect(apportion(5n, [])).toEqual([]);
  expect(() => apportion(5n, [0, 0])).toThrow(RangeError);
  expect(() => apportion(5n, [1, -1])).toThrow(RangeError);
  expect(() => apportion(5n, [1, Number.NaN])).toThrow(RangeError);
});

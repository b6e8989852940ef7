import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chanceThatHigher,
  compareShares,
  enoughForRates,
  enoughForShare,
  enoughToCompare,
  exactBinomial,
  independence,
  poissonRate,
  powerToNotice,
  rateRatio,
  trialsToNotice,
  wilson,
} from './uncertainty.ts';

/** As R prints it: so many significant digits. */
const digits = (value: number, count: number) => Number(value.toPrecision(count));
const of = (successes: number, trials: number) => ({ successes, trials });

describe('R 4.2.2 says the same, to all its digits', () => {
  test('prop.test of two groups, with and without continuity correction', () => {
    const plain = compareShares(of(25, 50), of(15, 50));
    expect(digits(plain?.interval.low ?? 0, 8)).toBe(-0.38799314);
    expect(digits(plain?.interval.high ?? 0, 7)).toBe(-0.01200686);
    expect(digits(plain?.p ?? 0, 4)).toBe(0.04123);
    const corrected = compareShares(of(25, 50), of(15, 50), { continuity: true });
    expect(digits(corrected?.interval.low ?? 0, 9)).toBe(-0.407993141);
    expect(digits(corrected?.interval.high ?? 0, 7)).toBe(0.007993141);
    expect(digits(corrected?.p ?? 0, 4)).toBe(0.06619);
  });

  test('prop.test of four groups (smokers), chisq.test', () => {
    const smokers = [
      [83, 3],
      [90, 3],
      [129, 7],
      [70, 12],
    ];
    const { chiSquare, degrees, p } = independence(smokers);
    expect([digits(chiSquare, 3), degrees, digits(p, 4)]).toEqual([12.6, 3, 0.005585]);
    const party = independence([
      [762, 327, 468],
      [484, 239, 477],
    ]);
    expect([digits(party.chiSquare, 4), party.degrees, digits(party.p, 4)]).toEqual([30.07, 2, 2.954e-7]);
    expect(
      digits(
        independence([
          [15, 35],
          [25, 25],
        ]).chiSquare,
        5,
      ),
    ).toBe(4.1667);
  });

  test('binom.test', () => {
    const { interval, p, estimate } = exactBinomial(682, 925, 0.75);
    expect([interval.low, interval.high, estimate].map((each) => digits(each, 7))).toEqual([
      0.7076683, 0.7654066, 0.7372973,
    ]);
    expect(digits(p, 4)).toBe(0.3825);
  });

  test('power.prop.test', () => {
    expect(digits(powerToNotice(0.5, 0.75, 50), 7)).toBe(0.7401659);
    expect(digits(trialsToNotice(0.5, 0.75, 0.9), 7)).toBe(76.70693);
    expect(digits(trialsToNotice(0.2, 0.25, 0.8), 7)).toBe(1093.739);
  });

  test('the chance that one share is higher', () => {
    expect(chanceThatHigher(of(0, 0), of(0, 0))).toBe(0.5);
    expect(digits(chanceThatHigher(of(10, 100), of(15, 100)), 12)).toBe(0.853283789934);
    expect(digits(chanceThatHigher(of(50, 1000), of(70, 1000)), 12)).toBe(0.969853178699);
    expect(digits(chanceThatHigher(of(120, 1000), of(140, 1000)), 11)).toBe(0.90787258637);
    // Where the closed form gives way to its likeliest terms; and a thousand million, where a normal one says the same.
    const around = [998, 999, 1000].map((n) => chanceThatHigher(of(n, 2 * n), of(1020, 2 * n + 10)));
    expect(around.map((each) => digits(each, 6))).toEqual([0.704017, 0.692942, 0.6817]);
    expect(chanceThatHigher(of(5e8, 1e9), of(500_020_000, 1e9))).toBeCloseTo(0.814453315, 8);
    expect(chanceThatHigher(of(0, 0), of(1e9, 2e9))).toBeCloseTo(0.5, 9);
    expect(chanceThatHigher(of(1e9, 1e9), of(0, 1e9))).toBe(0);
  });

  test('poisson.test of two samples (its documented example)', () => {
    // R: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878)); p-value = 0.07967, 0.8584264 … 4.2772659, 1.971488.
    const ratio = rateRatio({ events: 21, exposure: 3011 }, { events: 11, exposure: 800 });
    expect(digits(ratio?.p ?? 0, 4)).toBe(0.07967);
    expect(digits(ratio?.interval.low ?? 0, 7)).toBe(0.8584264);
    expect(digits(ratio?.interval.high ?? 0, 8)).toBe(4.2772659);
    expect(digits(ratio?.estimate ?? 0, 7)).toBe(1.971488);
  });
});

test("Wilson's interval (Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29)", () => {
  const four = (successes: number, trials: number) => {
    const interval = wilson(successes, trials);
    return [interval?.low.toFixed(4), interval?.high.toFixed(4)];
  };
  expect(four(81, 263)).toEqual(['0.2553', '0.3662']);
  expect(four(15, 148)).toEqual(['0.0624', '0.1605']);
  expect(four(0, 20)).toEqual(['0.0000', '0.1611']);
  expect(four(1, 29)).toEqual(['0.0061', '0.1718']);
  expect(wilson(0, 0)).toBeNull();
});

test("Garwood's exact interval (95 %, by the chi-square table)", () => {
  const limits = (events: number) => Object.values(poissonRate(events, 1)).map((each) => digits(each, 4));
  expect(limits(0)).toEqual([0, 3.689]);
  expect(limits(1)).toEqual([0.02532, 5.572]);
  expect(limits(10)).toEqual([4.795, 18.39]);
  expect(limits(100)).toEqual([81.36, 121.6]);
  expect(digits(poissonRate(10, 5).low * 5, 4)).toBe(4.795);
});

test('the exact test sums the outcomes that are no likelier, like counting them', () => {
  const probability = (k: number, n: number, p: number) => {
    let ways = 1;
    for (let i = 0; i < k; i++) ways *= (n - i) / (i + 1);
    return ways * p ** k * (1 - p) ** (n - k);
  };
  fc.assert(
    fc.property(fc.nat(30), fc.nat(30), fc.double({ min: 0.02, max: 0.98, noNaN: true }), (hits, misses, p) => {
      const n = hits + misses;
      fc.pre(n > 0);
      const seen = probability(hits, n, p) * (1 + 1e-7);
      let sum = 0;
      for (let k = 0; k <= n; k++) if (probability(k, n, p) <= seen) sum += probability(k, n, p);
      expect(exactBinomial(hits, n, p).p).toBeCloseTo(Math.min(1, sum), 6);
    }),
  );
});

test('an interval holds its estimate, and more data narrows it', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(5000), (successes, failures) => {
      const trials = successes + failures;
      fc.pre(trials > 0);
      const interval = wilson(successes, trials);
      const tenfold = wilson(successes * 10, trials * 10);
      if (interval === null || tenfold === null) throw new Error('There are trials.');
      const share = successes / trials;
      expect(interval.low).toBeLessThanOrEqual(share + 1e-12);
      expect(interval.high).toBeGreaterThanOrEqual(share - 1e-12);
      expect(tenfold.high - tenfold.low).toBeLessThan(interval.high - interval.low);
      const rate = poissonRate(successes, trials);
      expect(rate.low <= share && share <= rate.high).toBe(true);
    }),
  );
});

test('nothing before: the ratio has no upper end; nothing at all: there is no ratio', () => {
  expect(rateRatio({ events: 0, exposure: 7 }, { events: 12, exposure: 7 })).toMatchObject({
    estimate: Number.POSITIVE_INFINITY,
    interval: { high: Number.POSITIVE_INFINITY },
  });
  expect(rateRatio({ events: 0, exposure: 7 }, { events: 0, exposure: 7 })).toBeNull();
  expect(compareShares(of(0, 0), of(1, 2))).toBeNull();
  expect(compareShares(of(0, 10), of(0, 10))?.p).toBe(1);
});

test('too little data is said in words', () => {
  expect(enoughForShare(3, 12)).toEqual({ enough: false, reason: 'Not enough data: 12 of the 30 needed so far.' });
  expect(enoughForShare(2, 400)).toEqual({
    enough: false,
    reason: 'Not enough data: 2 on the rarer side, 5 are needed.',
  });
  expect(enoughForShare(5, 400)).toEqual({ enough: true });
  expect(enoughToCompare(of(50, 100), of(0, 3)).enough).toBe(false);
  expect(enoughForRates(4, 5)).toEqual({ enough: false, reason: 'Not enough data: 9 of the 10 needed so far.' });
  expect(enoughForRates(4, 6)).toEqual({ enough: true });
});

test('what is no count is refused', () => {
  expect(() => wilson(3, 2)).toThrow(RangeError);
  expect(() => wilson(0.5, 2)).toThrow(RangeError);
  expect(() => poissonRate(1, 0)).toThrow(RangeError);
  expect(() =>
    independence([
      [0, 0],
      [1, 2],
    ]),
  ).toThrow(RangeError);
});

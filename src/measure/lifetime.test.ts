import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import {
  bgBbAlive,
  bgBbExpected,
  bgBbFuture,
  bgBbLogLikelihood,
  bgNbdAlive,
  bgNbdExpected,
  bgNbdFuture,
  bgNbdLogLikelihood,
  customerValue,
  fitBgBb,
  fitBgNbd,
  fitGammaGamma,
  fitSbg,
  gammaGammaMean,
  lifetimePeriods,
  type Opportunities,
  type Purchase,
  type Summary,
  sbgLogLikelihood,
  sbgPeriods,
  sbgResidual,
  sbgRetention,
  sbgSurvival,
  summarise,
  tenures,
  tenuresOf,
} from './lifetime.ts';
import { seeded } from './random.ts';

function parametersOf<P>(fit: { enough: true; parameters: P } | { enough: false; reason: string }): P {
  if (!fit.enough) throw new Error(fit.reason);
  return fit.parameters;
}

const json = published('lifetime/expected.json');
const table = published('lifetime/cdnow_customers_summary.csv');
const purchases = published('lifetime/CDNOW_sample.txt');

describe.skipIf(json === null)('subscribers, as published in 2007 (skipped where shared/data is absent)', () => {
  const expected = json === null ? null : JSON.parse(json);
  const sevenYears = expected?.sbg_high_end_survival_percent_years_0_12.slice(0, 8).map((each: number) => each * 10);

  test('parameters, log-likelihood, survival, retention and residual lifetime', () => {
    const observed = tenuresOf(sevenYears);
    const fit = fitSbg(observed);
    const parameters = parametersOf(fit);
    const { alpha, beta, ll_per_1000, LL11, S, retention, DERL_d10 } = expected.sbg_high_end;
    expect(parameters.alpha).toBeCloseTo(alpha, 5);
    expect(parameters.beta).toBeCloseTo(beta, 5);
    expect(fit.enough && fit.logLikelihood).toBeCloseTo(ll_per_1000, 6);
    expect(sbgLogLikelihood({ alpha: 1, beta: 1 }, observed) / 1000).toBeCloseTo(LL11, 9);
    S.forEach((each: number, t: number) => {
      expect(sbgSurvival({ alpha, beta }, t)).toBeCloseTo(each, 5);
    });
    retention.forEach((each: number, t: number) => {
      expect(sbgRetention({ alpha, beta }, t + 1)).toBeCloseTo(each, 12);
    });
    DERL_d10.forEach((each: number, renewals: number) => {
      expect(sbgResidual({ alpha, beta }, renewals, 0.1)).toBeCloseTo(each, 10);
    });
  });
});

describe.skipIf(json === null || table === null)(
  'CDNOW, as published in 2005 (skipped where shared/data is absent)',
  () => {
    const expected = json === null ? null : JSON.parse(json).bgnbd;
    const customers: Summary[] = (table ?? '')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number) as [number, number, number, number])
      .map(([, frequency, recency, age]) => ({ frequency, recency, age }));

    test('the customer summary gives the published parameters and projections', () => {
      const fit = fitBgNbd(customers);
      const parameters = parametersOf(fit);
      for (const name of ['r', 'alpha', 'a', 'b'] as const) expect(parameters[name]).toBeCloseTo(expected[name], 5);
      expect(fit.enough && fit.logLikelihood).toBeCloseTo(expected.ll, 6);
      for (const [t, each] of Object.entries(expected.E_t)) {
        expect(bgNbdExpected(parameters, Number(t))).toBeCloseTo(each as number, 6);
      }
      const known = { frequency: 2, recency: 30.43, age: 38.86 };
      expect(bgNbdFuture(parameters, known, 39)).toBeCloseTo(expected.CE_39_x2, 6);
      expect(bgNbdAlive(parameters, known)).toBeCloseTo(expected.palive_x2, 6);
      const sum = customers.reduce((all, each) => all + bgNbdFuture(parameters, each, 39), 0);
      expect(sum).toBeCloseTo(expected.sum_CE_39, 3);
    });

    test.skipIf(purchases === null)('single purchases give the same, and what is spent', () => {
      const day = (text: string) =>
        Date.UTC(Number(text.slice(0, 4)), Number(text.slice(4, 6)) - 1, Number(text.slice(6))) / 86_400_000;
      const rows: Purchase[] = (purchases ?? '')
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .map(([, customer = '', date = '', , amount]) => ({ customer, day: day(date), amount: Number(amount) }));
      const summaries = summarise(rows, { until: day('19970930'), unitDays: 7 });
      expect(summaries).toHaveLength(customers.length);
      const parameters = parametersOf(fitBgNbd(summaries));
      for (const name of ['r', 'alpha', 'a', 'b'] as const) expect(parameters[name]).toBeCloseTo(expected[name], 3);

      const bought = summaries.flatMap(({ frequency, money }) => (money === null ? [] : [{ frequency, money }]));
      expect(bought).toHaveLength(946);
      const spend = parametersOf(fitGammaGamma(bought));
      // Fader & Hardie 2013 print 6.25, 3.74 and 15.44.
      expect(spend).toEqual({ p: expect.closeTo(6.25, 2), q: expect.closeTo(3.744, 3), v: expect.closeTo(15.44, 2) });
      expect(gammaGammaMean(spend)).toBeCloseTo((spend.p * spend.v) / (spend.q - 1), 10);
      const [first] = summaries;
      const soon = customerValue(parameters, spend, first!, { horizon: 39 })!;
      const later = customerValue(parameters, spend, first!, { horizon: 39, discount: 0.003 })!;
      expect(soon).toBeGreaterThan(later);
      expect(later).toBeGreaterThan(soon * 0.9);
    });
  },
);

describe('projections against the integrals they stand for', () => {
  // ∫ (1 − (α/(α + p t))^r) / p · Beta(p; a, b) dp to 25 digits, times P(alive) for a known customer.
  test.each([
    [{ r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }, 78, 1.8605190579427686],
    [{ r: 0.5, alpha: 2, a: 1, b: 2 }, 10, 1.3399083498360922],
    [{ r: 0.5, alpha: 2, a: 1.0005, b: 2 }, 10, 1.3396450360087357],
    [{ r: 2, alpha: 3, a: 0.3, b: 0.7 }, 10, 3.7985390865627737],
    [{ r: 10, alpha: 3, a: 2, b: 5 }, 100, 5.901480905985714],
    [{ r: 50.2, alpha: 10, a: 0.5, b: 2 }, 30, 29.655116593446454],
  ])('%j within %d', (parameters, t, expected) => {
    expect(bgNbdExpected(parameters, t)).toBeCloseTo(expected, 8);
  });

  test('a customer with very many purchases', () => {
    const parameters = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    expect(bgNbdFuture(parameters, { frequency: 120, recency: 38.5, age: 38.86 }, 39)).toBeCloseTo(
      81.45997443922695,
      8,
    );
    expect(bgNbdFuture(parameters, { frequency: 0, recency: 0, age: 38.86 }, 39)).toBeCloseTo(0.19509805201126265, 12);
  });
});

test('equal customers may be given once, with a weight', () => {
  const parameters = { r: 0.5, alpha: 3, a: 0.8, b: 2 };
  const one = { frequency: 3, recency: 5, age: 9 };
  const once = bgNbdLogLikelihood(parameters, [{ ...one, weight: 4 }]);
  expect(bgNbdLogLikelihood(parameters, [one, one, one, one])).toBeCloseTo(once, 10);
});

/** Customers who behave as a model says. */
function simulated(count: number, seed: number) {
  const chance = seeded(seed);
  const gamma = (shape: number): number => {
    // Marsaglia & Tsang 2000.
    if (shape < 1) return gamma(shape + 1) * chance.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = chance.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(chance.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const share = (a: number, b: number) => {
    const [x, y] = [gamma(a), gamma(b)];
    return x / (x + y);
  };
  const opportunities = Array.from({ length: count }, (): Opportunities => {
    const [taking, leaving] = [share(1.2, 0.75), share(0.66, 2.8)];
    let [frequency, recency] = [0, 0];
    for (let i = 1; i <= 6 && chance.uniform() > leaving; i++) {
      if (chance.uniform() < taking) [frequency, recency] = [frequency + 1, i];
    }
    return { frequency, recency, opportunities: 6 };
  });
  const periods = Array.from({ length: count }, () => {
    const leaving = share(0.7, 1.2);
    let stayed = 0;
    while (stayed < 8 && chance.uniform() > leaving) stayed++;
    return { periods: stayed, lost: stayed < 8 };
  });
  return { opportunities, periods };
}

test('what was put into simulated customers comes out again', () => {
  const { opportunities, periods } = simulated(20_000, 7);
  const fit = fitBgBb(opportunities);
  const found = parametersOf(fit);
  const errors = fit.enough ? fit.standardErrors : found;
  for (const [name, put] of Object.entries({ alpha: 1.2, beta: 0.75, gamma: 0.66, delta: 2.8 })) {
    const key = name as keyof typeof found;
    expect(Math.abs(found[key] - put) / errors[key]).toBeLessThan(4);
  }
  const seen = opportunities.reduce((sum, { frequency }) => sum + frequency, 0) / opportunities.length;
  expect(bgBbExpected(found, 6)).toBeCloseTo(seen, 1);

  const staying = tenures(periods);
  const left = periods.filter(({ lost }) => !lost).length / periods.length;
  expect(sbgSurvival(parametersOf(fitSbg(staying)), 8)).toBeCloseTo(left, 2);
  const year = lifetimePeriods(staying, { horizon: 24 });
  expect(year.enough && year.interval.low < sbgPeriods({ alpha: 0.7, beta: 1.2 }, { horizon: 24 })).toBe(true);
  expect(year.enough && year.interval.high > sbgPeriods({ alpha: 0.7, beta: 1.2 }, { horizon: 24 })).toBe(true);
});

test('the chances of all histories of a few opportunities sum to one', () => {
  const parameters = { alpha: 1.2, beta: 0.75, gamma: 0.66, delta: 2.8 };
  let sum = 0;
  for (let n = 0; n <= 6; n++) {
    for (let x = 0; x <= n; x++) {
      // The last of x is at n: the others lie anywhere before.
      if ((x === 0) !== (n === 0)) continue;
      const ways = x === 0 ? 1 : choose(n - 1, x - 1);
      sum += ways * Math.exp(bgBbLogLikelihood(parameters, [{ frequency: x, recency: n, opportunities: 6 }]));
    }
  }
  expect(sum).toBeCloseTo(1, 12);
  const lively = { frequency: 6, recency: 6, opportunities: 6 };
  const quiet = { frequency: 1, recency: 1, opportunities: 6 };
  expect(bgBbAlive(parameters, lively)).toBeGreaterThan(bgBbAlive(parameters, quiet));
  expect(bgBbFuture(parameters, lively, 5)).toBeGreaterThan(bgBbFuture(parameters, quiet, 5));
});

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
}

test('cohorts of different ages add up, and the interval narrows with customers', () => {
  const cohort = [400, 252, 187, 153, 130];
  const all = { lost: [...tenuresOf(cohort).lost], kept: [...tenuresOf(cohort).kept] };
  const young = tenuresOf([300, 190, 140]);
  young.lost.forEach((count, t) => {
    all.lost[t] = (all.lost[t] ?? 0) + count;
  });
  young.kept.forEach((count, t) => {
    all.kept[t] = (all.kept[t] ?? 0) + count;
  });
  const wide = lifetimePeriods(tenuresOf(cohort), { horizon: 12 });
  const narrow = lifetimePeriods(all, { horizon: 12 });
  if (!wide.enough || !narrow.enough) throw new Error('Both are enough.');
  expect(narrow.customers).toBe(700);
  const width = ({ low, high }: { low: number; high: number }) => high - low;
  expect(width(narrow.interval)).toBeLessThan(width(wide.interval));
  expect(narrow.interval.low).toBeLessThan(narrow.periods);
  expect(narrow.interval.high).toBeGreaterThan(narrow.periods);
});

test('too little is said to be too little', () => {
  const reason = (fit: { enough: true } | { enough: false; reason: string }) => (fit.enough ? '' : fit.reason);
  expect(reason(fitSbg(tenuresOf([100, 100, 100])))).toBe('Not enough data: nobody has left yet.');
  // One chance for all: nothing tells how customers differ.
  expect(reason(fitSbg(tenuresOf([100, 50, 25, 12.5, 6.25])))).toContain('differ');
  expect(reason(lifetimePeriods(tenuresOf([20, 10, 5]), { horizon: 12 }))).toContain('20 of the 30');
  expect(reason(lifetimePeriods(tenuresOf([60, 55]), { horizon: 12 }))).toContain('5 of the 10');
  expect(reason(fitBgNbd([{ frequency: 0, recency: 0, age: 10 }]))).toContain('nobody has bought again');
  expect(reason(fitBgNbd([{ frequency: 1, recency: 3, age: 10 }]))).toContain('Not enough data');
  const few = [0, 5, 6, 9.5].map((recency, frequency) => ({ frequency, recency, age: 10 }));
  expect(reason(fitBgNbd(few))).toContain('Not enough data');
  expect(reason(fitGammaGamma([{ frequency: 2, money: 10 }]))).toContain('two customers');
  expect(reason(fitBgBb([{ frequency: 0, recency: 0, opportunities: 5 }]))).toContain('nobody');
});

test('customers who all leave alike: how they differ is not known, what to expect of them is', () => {
  const chance = seeded(3);
  const customers = Array.from({ length: 300 }, (): Summary => {
    const rate = -Math.log(chance.uniform()) / 5;
    let [frequency, recency] = [0, 0];
    for (let at = 0; frequency === 0 || chance.uniform() > 0.3; ) {
      at -= Math.log(1 - chance.uniform()) / rate;
      if (at > 40) break;
      [frequency, recency] = [frequency + 1, at];
    }
    return { frequency, recency, age: 40 };
  });
  const parameters = parametersOf(fitBgNbd(customers));
  expect(parameters.a / (parameters.a + parameters.b)).toBeCloseTo(0.3, 1);
  expect(bgNbdExpected(parameters, 40)).toBeCloseTo(
    customers.reduce((sum, { frequency }) => sum + frequency, 0) / 300,
    0,
  );
});

test('what cannot be is refused', () => {
  expect(() => tenuresOf([10, 11])).toThrow('Period 1');
  expect(() => fitBgNbd([{ frequency: 1, recency: 11, age: 10 }])).toThrow(RangeError);
  expect(() => fitBgNbd([{ frequency: 1, recency: 0, age: 10 }])).toThrow(RangeError);
  expect(() => fitGammaGamma([{ frequency: 1, money: 0 }])).toThrow(RangeError);
  expect(() => fitBgBb([{ frequency: 3, recency: 2, opportunities: 6 }])).toThrow(RangeError);
  expect(() => sbgResidual({ alpha: 1, beta: 1 }, 0, 0)).toThrow(RangeError);
});

test('purchases of one day are one, those after the end are none, order does not matter', () => {
  const rows: Purchase[] = [
    { customer: 'ada', day: 0, amount: 10 },
    { customer: 'ada', day: 14, amount: 4 },
    { customer: 'ada', day: 14, amount: 6 },
    { customer: 'ada', day: 99, amount: 1 },
    { customer: 'bo', day: 50, amount: 1 },
  ];
  const expected = [{ customer: 'ada', frequency: 1, recency: 2, age: 4, money: 10 }];
  expect(summarise(rows, { until: 28, unitDays: 7 })).toEqual(expected);
  expect(summarise(rows.toReversed(), { until: 28, unitDays: 7 })).toEqual(expected);
});

test('whoever is known, chances are chances and more time brings more purchases', () => {
  const positive = fc.double({ min: 0.05, max: 20, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({ r: positive, alpha: positive, a: positive, b: positive }),
      fc.nat(200),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      (parameters, frequency, share, age) => {
        const customer = { frequency, recency: frequency === 0 ? 0 : share * age, age };
        const alive = bgNbdAlive(parameters, customer);
        expect(alive).toBeGreaterThanOrEqual(0);
        expect(alive).toBeLessThanOrEqual(1);
        const soon = bgNbdFuture(parameters, customer, 1);
        expect(soon).toBeGreaterThanOrEqual(0);
        expect(bgNbdFuture(parameters, customer, 10)).toBeGreaterThanOrEqual(soon - 1e-9);
        // Nobody who never leaves buys more than at their expected rate.
        const rate = (parameters.r + frequency) / (parameters.alpha + age);
        expect(soon).toBeLessThanOrEqual(rate * (1 + 1e-6));
      },
    ),
  );
});

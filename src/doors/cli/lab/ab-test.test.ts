import { expect, test } from 'vitest';
import { answer, lab, refused } from '#test/lab.ts';

type Answer = {
  test: string;
  verdict: string;
  p?: number;
  statistic?: number;
  interval?: { low: number | null; high: number | null };
  estimate?: { [name: string]: number | null };
  chanceHigher?: number;
  perGroup?: number;
  adjusted?: number[];
};
const ask = (question: unknown) => answer<Answer>(JSON.stringify(question), 'ab-test');
const wrong = (question: unknown) => lab(JSON.stringify(question), 'ab-test', '--json');
const digits = (value: number | null | undefined, count: number) => Number((value ?? Number.NaN).toPrecision(count));

const a = { successes: 15, trials: 50 };
const b = { successes: 25, trials: 50 };

test('what R 4.2.2 prints', () => {
  const plain = ask({ a: b, b: a });
  expect(digits(plain.p, 4)).toBe(0.04123);
  expect(digits(plain.interval?.low, 8)).toBe(-0.38799314);
  expect(digits(ask({ a, b, correct: true }).statistic, 4)).toBe(3.375);
  const smokers = [
    [83, 86],
    [90, 93],
    [129, 136],
    [70, 82],
  ].map(([successes, trials]) => ({ successes, trials }));
  expect(digits(ask({ groups: smokers }).p, 4)).toBe(0.005585);
  const binomial = ask({ successes: 682, trials: 925, expected: 0.75 });
  expect(digits(binomial.p, 4)).toBe(0.3825);
  expect(digits(binomial.interval?.low, 7)).toBe(0.7076683);
  const fisher = ask({
    table: [
      [3, 1],
      [1, 3],
    ],
    test: 'fisher.test',
  });
  expect(digits(fisher.estimate?.['odds ratio'], 7)).toBe(6.408309);
  const table = [
    [762, 327, 468],
    [484, 239, 477],
  ];
  expect(digits(ask({ table }).p, 4)).toBe(2.954e-7);
  expect(digits(ask({ from: 0.5, to: 0.75, power: 0.9 }).perGroup, 7)).toBe(76.70693);
  expect(digits(ask({ delta: 1, power: 0.9 }).perGroup, 6)).toBe(22.0211);
  expect(ask({ p: [0.01, 0.04, 0.03, 0.005], by: 'fdr' }).adjusted).toEqual([0.02, 0.04, 0.04, 0.02]);
});

test('one direction, for every kind that has one', () => {
  expect(digits(ask({ a, b, alternative: 'greater' }).p, 6)).toBe(0.0206134);
  // SciPy 1.17: binomtest, and the same for two rates.
  expect(digits(ask({ successes: 682, trials: 925, expected: 0.75, alternative: 'less' }).p, 12)).toBe(0.196009267054);
  const share = ask({ successes: 682, trials: 925, expected: 0.75, alternative: 'greater' });
  expect(digits(share.p, 12)).toBe(0.824089122352);
  expect(share.interval).toEqual({ low: expect.closeTo(0.7125, 3), high: 1 });
  const rates = { a: { events: 10, exposure: 100 }, b: { events: 20, exposure: 100 } };
  expect(digits(ask({ ...rates, alternative: 'greater' }).p, 6)).toBe(0.0493686);
  expect(ask({ ...rates, alternative: 'greater' }).interval?.high).toBeNull();
  for (const question of [
    { groups: [a, b, a], alternative: 'less' },
    { table: [Object.values(a), Object.values(b)], alternative: 'less' },
    { a, b, method: 'always-valid', planned: 100, alternative: 'less' },
    { a, b, alternative: 'one.sided' },
  ])
    expect(wrong(question)).toMatchObject({ code: 1, err: expect.stringContaining('alternative: ') });
});

test('counts of a million millions, and groups of very different size', () => {
  const huge = ask({ a: { successes: 5e8, trials: 1e9 }, b: { successes: 500_020_000, trials: 1e9 } });
  expect(digits(huge.chanceHigher, 9)).toBe(0.814453315);
  expect(ask({ a: { successes: 4e11, trials: 1e12 }, b: { successes: 4e11, trials: 1e12 } }).chanceHigher).toBeCloseTo(
    0.5,
    9,
  );
  expect(digits(ask({ successes: 500_100_000, trials: 1e9, expected: 0.5 }).p, 6)).toBe(2.54015e-10);
  expect(digits(ask({ successes: 500_001e6, trials: 1e12, expected: 0.5 }).p, 3)).toBe(0.0455);
  expect(ask({ a: { successes: 10, trials: 1000 }, b: { successes: 900_000, trials: 9e7 } }).p).toBe(1);
  expect(
    wrong({
      test: 'fisher',
      table: [
        [1e9, 2e9],
        [1e9, 2e9],
      ],
    }).err,
  ).toContain('a million at most');
  expect(wrong({ a: { successes: 2e12, trials: 3e12 }, b: a }).err).toContain('a.successes: "successes" is a whole');
});

test('where zeros leave nothing to compare, that is the answer, never a number', () => {
  const none = { successes: 0, trials: 100 };
  const all = { successes: 100, trials: 100 };
  const table = [
    [0, 0],
    [1, 3],
  ];
  const same = { values: [0.1, 0.1, 0.1] };
  for (const question of [
    { a: none, b: none },
    { a: all, b: all },
    { groups: [none, none, none] },
    { table },
    { table, test: 'fisher' },
    { table, correct: true },
    { a: same, b: same },
    { a: same, expected: 0.2 },
    { a: { events: 0, exposure: 1 }, b: { events: 0, exposure: 1 } },
  ]) {
    const found = ask(question);
    expect({ question, verdict: found.verdict, p: found.p }).toEqual({
      question,
      verdict: 'not enough data',
      p: undefined,
    });
  }
  expect(digits(ask({ a: none, b: { successes: 5, trials: 100 } }).p, 4)).toBe(0.02354);
});

test('what is not understood is named, and never answered by another test', () => {
  for (const [question, message] of [
    [{ a: { successes: '15', trials: 50 }, b }, 'a.successes: a number is expected.'],
    [{ a: null, b }, 'a: a value is expected, not null.'],
    [{ a, b, correct: 'yes' }, 'correct: true or false is expected.'],
    [{ a, b, test: 5 }, 'test: a word is expected.'],
    [{ groups: [a, b, a], test: 'exact' }, 'the exact test compares two groups.'],
    [{ groups: [a, b, a], test: 'always-valid', planned: 9 }, 'always-valid compares two groups.'],
    [{ groups: [{ values: [1, 2] }, { values: [1, 3] }, { values: [2, 3] }] }, 'means are compared two at a time.'],
    [{ a: { values: [1e200, 3e200] }, b: { values: [1, 2] } }, 'a: the values are too large to reckon with.'],
    [{ from: 0.5, to: 0.5, power: 0.8 }, 'no number of trials shows a difference that is not there.'],
    [{ delta: 1, perGroup: 1 }, 'perGroup: two in each group are the least.'],
    [{ delta: 1, sd: 0, power: 0.8 }, 'sd: a number above zero is expected.'],
    [[], 'an object with the groups to compare is expected.'],
  ] as const)
    expect(wrong(question)).toEqual(refused(`:1: ${message}`));
  expect(wrong({ a, b, test: 'bogus' }).err).toContain('test: for these fields it is one of shares');
  const { code, err } = wrong({ a: { ...a, colour: 'red' }, b, alternativ: 'less' });
  expect({ code, err }).toEqual({ code: 0, err: 'standard input: not used: "alternativ", "a.colour".\n' });
});

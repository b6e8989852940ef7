import { describe, expect, test } from 'vitest';
import { answer, lab, refused } from '#test/lab.ts';
import { published } from '#test/published.ts';

describe('attribution', () => {
  type Answer = {
    totals: { conversions: number };
    probability: number;
    channels: { channel: string; conversions: number; value: number; removalEffect: number }[];
  };
  const bryl = 'path,conversions,value,nulls\n"C1 > C2 > C3",1,10,0\n"C1",0,0,1\nC2 > C3,0,0,1\n';

  test('the worked example (Bryl 2016)', () => {
    const { probability, channels } = answer<Answer>(bryl, 'attribution', '--model', 'markov');
    expect(probability).toBeCloseTo(1 / 3, 12);
    expect(channels.map(({ removalEffect, conversions }) => [removalEffect, conversions])).toEqual(
      [
        [0.5, 0.2],
        [1, 0.4],
        [1, 0.4],
      ].map((pair) => pair.map((each) => expect.closeTo(each, 12))),
    );
  });

  const csv = published('attribution/PathData.csv');
  const expected = published('attribution/expected.json');
  test.skipIf(csv === null || expected === null)(
    '10,000 published journeys (skipped where shared/data is absent)',
    () => {
      const { heuristics, markov_order_1, shapley } = JSON.parse(expected ?? '{}');
      for (const model of ['first', 'last', 'linear']) {
        for (const { channel, conversions } of answer<Answer>(csv ?? '', 'attribution', '--model', model).channels) {
          expect(conversions).toBeCloseTo(heuristics[channel][model], 6);
        }
      }
      const markov = answer<Answer>(csv ?? '', 'attribution', '--model', 'markov', '--order', '1').channels;
      for (const { channel, conversions, removalEffect } of markov) {
        expect(conversions).toBeCloseTo(markov_order_1[channel].conv, 6);
        expect(removalEffect).toBeCloseTo(markov_order_1[channel].re_conv, 9);
      }
      for (const { channel, value } of answer<Answer>(csv ?? '', 'attribution', '--model', 'shapley').channels) {
        expect(value).toBeCloseTo(shapley[channel].value, 6);
      }
    },
  );

  test('columns are found by name in any order, or stand in theirs; names may hold commas and quotes', () => {
    const named = 'total_null;total_conversions;path;total_conversion_value\n0;2;"a, ""b"" > c";7\n';
    const { channels } = answer<Answer>(named, 'attribution', '--model', 'first');
    expect(channels).toEqual([
      { channel: 'a, "b"', conversions: 2, value: 7 },
      { channel: 'c', conversions: 0, value: 0 },
    ]);
    expect(answer<Answer>('a > b,3,1,0\r\nb,1,0,5\r\n', 'attribution', '--model', 'last').channels).toEqual([
      { channel: 'a', conversions: 0, value: 0 },
      { channel: 'b', conversions: 4, value: 1 },
    ]);
    expect(
      answer<Answer>('\uFEFFp,q\na|b,3\n', 'attribution', '--model', 'last', '--separator', '|').totals.conversions,
    ).toBe(3);
  });

  test('every model credits all conversions', () => {
    for (const model of ['first', 'last', 'last_non_direct', 'linear', 'decay', 'position', 'markov', 'shapley']) {
      const { channels } = answer<Answer>('a > direct > b > a,3,12,4\nb,2,5,1\n', 'attribution', '--model', model);
      expect(channels.reduce((sum, { conversions }) => sum + conversions, 0)).toBeCloseTo(5, 10);
      expect(channels.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(17, 10);
    }
  });

  test.each([
    ['path,conversions\na,1\n,2\n', ':3: the path is empty.'],
    ['path,conversions\na > > b,1\n', ':2: a channel without a name in "a > > b".'],
    ['path,conversions\na,one\n', ':2: conversions is a number from zero, not "one".'],
    ['path,conversions\na,-1\n', ':2: conversions is a number from zero, not "-1".'],
    ['path,conversions\na,1,5\n', ':2: 3 fields, where the first line has 2.'],
    ['path,colour\na,1\n', ':1: there is no column for conversions; found "path", "colour".'],
    ['path,conversions\n"a,1\nb,2\n', ':2: a quoted field begins here and does not end.'],
    ['', ':1: the file is empty.'],
  ])('%j is refused with its line', (text, message) => {
    const { code, out, err } = lab(text, 'attribution', '--model', 'first');
    expect({ code, out, err: err.split('\n').at(-2) }).toEqual({ code: 1, out: '', err: `standard input${message}` });
  });

  test('the command line is checked', () => {
    expect(lab(bryl, 'attribution')).toMatchObject({ code: 2, err: expect.stringContaining('--model is needed') });
    expect(lab(bryl, 'attribution', '--model', 'magic')).toMatchObject({ code: 2 });
    expect(lab(bryl, 'attribution', '--model', 'markov', '--order', '4')).toMatchObject({ code: 2 });
    expect(lab(bryl, 'attribution', '--model', 'decay', '--half-life', '0')).toMatchObject({ code: 2 });
    expect(lab(bryl, 'attribution', '--colour', 'red')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--colour'),
    });
  });
});

describe('lifetime', () => {
  type Answer = {
    enough: boolean;
    parameters: Record<string, number>;
    logLikelihood: number;
    standardErrors: unknown;
    projections: { survival: number }[];
    future: { alive: number };
    lifetime: { interval: { low: number; high: number } | null };
  };
  const highEnd = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1];

  test('the published cohort in every form it may be written in', () => {
    const forms = [
      highEnd.join('\n'),
      JSON.stringify(highEnd),
      JSON.stringify({ survival: highEnd }),
      `year,survivors\n${highEnd.map((each, year) => `${year},${each}%`).join('\n')}`,
      highEnd.map((each) => each / 100).join('\n'),
      highEnd.slice(1).join('\n'),
    ];
    for (const form of forms) {
      const { parameters, logLikelihood, standardErrors } = answer<Answer>(form, 'lifetime', '--model', 'sbg');
      expect(parameters).toEqual({ alpha: expect.closeTo(0.668, 3), beta: expect.closeTo(3.806, 3) });
      expect(logLikelihood).toBeCloseTo(-1611.158, 3);
      expect(standardErrors).toBeNull();
    }
    const counts = answer<Answer>(highEnd.map((each) => each * 10).join('\n'), 'lifetime', '--model', 'sbg');
    expect(counts.logLikelihood).toBeCloseTo(-1611.158, 3);
    expect(counts.lifetime.interval?.low).toBeLessThan(counts.lifetime.interval?.high ?? 0);
    expect(
      answer<Answer>(highEnd.join('\n'), 'lifetime', '--model', 'sbg', '--customers', '100').logLikelihood,
    ).toBeCloseTo(-161.1158, 3);
    const early = answer<Answer>(
      `${highEnd.join('\n')}\n46.8\n`,
      'lifetime',
      '--model',
      'sbg',
      '--fit',
      '7',
      '--horizon',
      '12',
    );
    expect(early.projections[12]?.survival).toBeCloseTo(0.378, 3);
  });

  const summary = published('lifetime/cdnow_customers_summary.csv');
  const purchases = published('lifetime/CDNOW_sample.txt');
  test.skipIf(summary === null || purchases === null)(
    'CDNOW from either file (skipped where shared/data is absent)',
    () => {
      const { parameters, logLikelihood } = answer<Answer>(summary ?? '', 'lifetime', '--model', 'bgnbd');
      expect(parameters).toEqual({
        r: expect.closeTo(0.2426, 4),
        alpha: expect.closeTo(4.4135, 3),
        a: expect.closeTo(0.7929, 3),
        b: expect.closeTo(2.4258, 3),
      });
      expect(logLikelihood).toBeCloseTo(-9582.4256, 3);
      const raw = ['--columns', '_,customer,date,_,amount', '--until', '1997-09-30', '--unit', 'week'];
      expect(answer<Answer>(purchases ?? '', 'lifetime', '--model', 'bgnbd', ...raw).parameters.r).toBeCloseTo(
        0.2426,
        3,
      );
      expect(answer<Answer>(purchases ?? '', 'lifetime', '--model', 'gamma-gamma', ...raw).parameters).toMatchObject({
        p: expect.closeTo(6.25, 2),
      });
    },
  );

  test('opportunities, with rows that stand for many', () => {
    const rows = [
      'frequency,recency,n,count',
      '6,6,6,12',
      '3,4,6,20',
      '3,6,6,30',
      '1,1,6,80',
      '1,5,6,25',
      '2,2,6,40',
      '2,6,6,22',
      '0,0,6,300',
    ];
    const { enough, future } = answer<Answer>(rows.join('\n'), 'lifetime', '--model', 'bgbb', '--horizon', '5');
    expect(enough).toBe(true);
    expect(future.alive).toBeGreaterThan(0);
  });

  test('too little is said, and is no fault', () => {
    expect(answer(JSON.stringify([50, 50, 50]), 'lifetime', '--model', 'sbg')).toEqual({
      model: 'sbg',
      enough: false,
      reason: 'Not enough data: nobody has left yet.',
    });
    expect(lab('frequency,recency,T\n0,0,5\n', 'lifetime', '--model', 'bgnbd')).toMatchObject({ code: 0 });
  });

  test.each([
    ['100\n90\n95\n', 'sbg', ':3: 95 survivors, more than the 90 before.'],
    ['100\nmany\n', 'sbg', ':2: a number of survivors is expected, not "many".'],
    ['[100, 90,\n "x"]', 'sbg', ':2: [2]: a number is expected, not "x".'],
    ['period,survivors\n0,100\n2,80\n', 'sbg', ':3: period 2 follows period 0.'],
    [
      'frequency,recency,T\n1,9,5\n',
      'bgnbd',
      ':2: Nobody buys later than they were seen (frequency 1, recency 9, age 5).',
    ],
    ['frequency,recency,T\n1,2,5\n1,two,5\n', 'bgnbd', ':3: frequency, recency'],
    ['frequency,recency\n1,2\n', 'bgnbd', ':1: there is no column for T; found "frequency", "recency".'],
    [
      'customer,date,amount\nada,1997-13-01,5\n',
      'bgnbd',
      ':2: a date is written 1997-09-30 or 19970930, not "1997-13-01".',
    ],
    ['frequency,monetary_value\n2,0\n', 'gamma-gamma', ':2: A mean spend is above zero, not 0.'],
    [
      'frequency,recency,n\n3,2,6\n',
      'bgbb',
      ':2: Nobody takes more, or later, than there was (frequency 3, recency 2, opportunities 6).',
    ],
  ])('%j is refused with its line', (text, model, message) => {
    const { code, err } = lab(text, 'lifetime', '--model', model);
    expect(code).toBe(1);
    expect(err).toContain(
      `standard input${message.replace(': frequency, recency', ': recency is a number, not "two".')}`,
    );
  });
});

describe('survival', () => {
  test('curves by group with the test between them, and R’s own coding', () => {
    type Answer = {
      groups: { group: string | null; steps: { survival: number; atRisk: number }[] }[];
      logRank: unknown;
    };
    const zeroOne = answer<Answer>('time,status,group\n1,1,a\n2,0,a\n3,1,b\n4,0,b\n', 'survival');
    const oneTwo = answer<Answer>('months,event,arm\n1,2,a\n2,1,a\n3,2,b\n4,1,b\n', 'survival');
    expect(oneTwo).toEqual(zeroOne);
    expect(zeroOne.groups.map(({ group, steps }) => [group, steps[0]?.survival])).toEqual([
      ['a', 0.5],
      ['b', 0.5],
    ]);
    expect(answer<Answer>('5,TRUE\n6,FALSE\n', 'survival')).toMatchObject({
      logRank: null,
      groups: [{ group: null, n: 2 }],
    });
  });

  test.each([
    ['time,status\n1,1\n-2,0\n', ':3: time is a number from zero, not "-2".'],
    ['time,status\n1,maybe\n', ':2: status is 0 or 1, not "maybe".'],
    ['time,status\n1,0\n2,2\n', ':3: status is coded 0 and 1, or 1 and 2, not both.'],
  ])('%j is refused with its line', (text, message) => {
    expect(lab(text, 'survival')).toEqual(refused(message));
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import { kaplanMeier, logRank, type Observed, survivalAt } from './survival.ts';

const data = published('survival/freireich_6mp.csv');
const table = published('survival/freireich_6mp_km_expected.csv');
const rows = (text: string | null) =>
  (text ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.replaceAll('"', '').trim().split(','));

describe.skipIf(data === null || table === null)(
  'remission times of 1963 (skipped where shared/data is absent)',
  () => {
    const groups = Map.groupBy(rows(data), ([, , group]) => group ?? '');
    const observed = [...groups].map(([group, list]) => ({
      group,
      rows: list.map(([time, status]): Observed => ({ time: Number(time), event: status === '1' })),
    }));

    test.each(observed)('$group, all digits', ({ group, rows: list }) => {
      const expected = rows(table).filter(([name]) => name === `group=${group}`);
      const { steps } = kaplanMeier(list);
      expect(steps).toHaveLength(expected.length);
      for (const [i, [, time, atRisk, events, survival, error]] of expected.entries()) {
        expect(steps[i]).toMatchObject({ time: Number(time), atRisk: Number(atRisk), events: Number(events) });
        expect(steps[i]?.survival).toBeCloseTo(Number(survival), 14);
        if (error === 'NA') expect(steps[i]?.standardError).toBeNull();
        else expect(steps[i]?.standardError).toBeCloseTo(Number(error), 14);
      }
    });

    test('the median, its interval, and the difference of the groups', () => {
      const [treated, placebo] = observed.map((each) => each.rows) as [Observed[], Observed[]];
      expect(kaplanMeier(treated, { interval: 'log' }).median).toEqual({ time: 23, low: 16, high: null });
      expect(kaplanMeier(placebo, { interval: 'log' }).median).toEqual({ time: 8, low: 4, high: 12 });
      // R's survdiff: 16.8 on 1 degree of freedom, p = 4e-05.
      const test = logRank([treated, placebo]);
      expect(test).toMatchObject({ degrees: 1, chiSquare: expect.closeTo(16.793, 3), p: expect.closeTo(4.17e-5, 7) });
    });
  },
);

const event = (time: number): Observed => ({ time, event: true });
const censored = (time: number): Observed => ({ time, event: false });

test('who is censored when something happens was still at risk', () => {
  const { steps } = kaplanMeier([event(5), censored(5), event(7)]);
  expect(steps.map(({ atRisk, survival }) => [atRisk, survival])).toEqual([
    [3, expect.closeTo(2 / 3, 14)],
    [1, 0],
  ]);
});

test('a median on a level piece lies in its middle; one not reached is none', () => {
  expect(kaplanMeier([event(1), event(2), event(3), event(6)]).median.time).toBe(2.5);
  expect(kaplanMeier([event(1), censored(2), censored(2)]).median.time).toBeNull();
});

test('nothing gives nothing, and nothing is said beyond the last time', () => {
  expect(kaplanMeier([])).toMatchObject({ n: 0, steps: [], lastTime: null });
  const curve = kaplanMeier([event(1), censored(4), censored(4)]);
  expect([0, 1, 4, 5].map((time) => survivalAt(curve, time))).toEqual([
    1,
    expect.closeTo(2 / 3, 14),
    expect.closeTo(2 / 3, 14),
    null,
  ]);
  expect(survivalAt(kaplanMeier([event(1)]), 9)).toBe(0);
  expect(kaplanMeier([censored(1), censored(2)])).toMatchObject({ n: 2, events: 0, steps: [], censoredBefore: 2 });
  expect(logRank([[event(1)], []])).toBeNull();
  expect(logRank([[censored(1)], [censored(2)]])).toBeNull();
  expect(() => kaplanMeier([event(-1)])).toThrow(RangeError);
});

test('without censoring it is the share left; curves fall, intervals hold them', () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(times, fc.constantFrom('log-log', 'log', 'plain'), (list, interval) => {
      const { steps, n } = kaplanMeier(list.map(event), { interval });
      let before = 1;
      for (const { time, survival, interval: around } of steps) {
        expect(survival).toBeCloseTo(list.filter((each) => each > time).length / n, 12);
        expect(survival).toBeLessThan(before);
        before = survival;
        if (around === null) continue;
        expect(around.low).toBeLessThanOrEqual(survival);
        expect(around.high).toBeGreaterThanOrEqual(survival);
      }
    }),
  );
});

test('the same group twice does not differ', () => {
  const list = [event(1), event(3), censored(4), event(9)];
  expect(logRank([list, list])).toMatchObject({ chiSquare: expect.closeTo(0, 12), p: expect.closeTo(1, 6) });
  expect(logRank([list, list, list])?.degrees).toBe(2);
});

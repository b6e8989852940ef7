import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alarmDays,
  benchmarkScore,
  countings,
  dailyCounts,
  delays,
  detect,
  falseAlarms,
  labelledSeries,
} from '#test/anomalies.ts';
import { alarmThreshold, anomalyScores, type Point } from './anomaly.ts';

const minute = 60_000;
const day = 1440 * minute;
const start = Date.UTC(2026, 0, 5);
const published = labelledSeries();

const every = (step: number, values: readonly number[]): Point[] =>
  values.map((value, row) => ({ at: start + row * step, value }));
const alarms = (points: readonly Point[]) =>
  anomalyScores(points).flatMap((score, row) => (score >= alarmThreshold ? [row] : []));
/** Two weeks of five minutes: a wave a day and a little noise. */
const waves = (rows = 4000) =>
  Array.from({ length: rows }, (_, row) => 50 + 20 * Math.sin((2 * Math.PI * row) / 288) + ((row * 7919) % 13) / 13);

test.skipIf(published === null)(
  'one threshold for 31 published series by the rules of the Numenta benchmark (skipped where shared/data is absent)',
  () => {
    expect(benchmarkScore(detect(published!))).toBeGreaterThan(70);
  },
);

test('the rules themselves: no alarm earns 0, one at each beginning 100, and a false one costs', () => {
  const series = {
    name: 'a',
    folder: 'a',
    points: every(minute, Array(1000).fill(0)),
    windows: [
      { from: 300, to: 399 },
      { from: 700, to: 799 },
    ],
  };
  const score = (...rows: number[]) => benchmarkScore([{ series, alarms: rows }]);
  expect(score()).toBe(0);
  expect(score(300, 700)).toBeCloseTo(100, 12);
  expect(score(300, 301, 302, 700)).toBeCloseTo(100, 12);
  expect(score(10, 149, 300, 700)).toBeCloseTo(100, 12);
  expect(score(200, 300, 700)).toBeCloseTo(100 - (100 * 0.11) / 4, 12);
  expect(score(300, 405, 700)).toBeGreaterThan(score(300, 600, 700));
  expect(score(300)).toBeCloseTo(50, 12);
  expect(score(399, 700)).toBeLessThan(76);
});

describe('a score', () => {
  test('rests on the rows until then: the beginning of a series has the scores of the whole', () => {
    const step = fc.constantFrom(minute, 5 * minute, 60 * minute, day, 7 * day);
    const value = fc.oneof(
      fc.integer({ min: 0, max: 50 }),
      fc.double({ min: -1e6, max: 1e9, noNaN: true }),
      fc.constantFrom(0, 1e15, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE),
    );
    fc.assert(
      fc.property(
        step,
        fc.array(fc.tuple(value, fc.nat(5)), { minLength: 2, maxLength: 400 }),
        fc.nat(399),
        (gap, rows, cut) => {
          let at = start;
          const points = rows.map(([one, skipped]) => {
            at += gap * (skipped === 5 ? 3 : skipped === 4 ? 0 : 1);
            return { at, value: one };
          });
          const scores = anomalyScores(points);
          expect(anomalyScores(points.slice(0, cut))).toEqual(scores.slice(0, cut));
          expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('does not depend on the unit', () => {
    const values = waves(1500).map((value, row) => (row > 1200 && row < 1220 ? value + 60 : value));
    const times = (factor: number) =>
      alarms(
        every(
          5 * minute,
          values.map((value) => value * factor),
        ),
      );
    expect(times(1e-6)).toEqual(times(1));
    expect(times(1e9)).toEqual(times(1));
    expect(times(1).some((row) => row > 1200 && row < 1210)).toBe(true);
  });

  test('a series that never changes is never unusual; its first change is', () => {
    const flat = Array(3000).fill(0.1);
    expect(Math.max(...anomalyScores(every(5 * minute, flat)))).toBeLessThan(alarmThreshold);
    flat[2500] = 0.2;
    expect(alarms(every(5 * minute, flat))).toEqual([2500]);
  });

  test('an incident is one alarm, and a missing wave of the day is one', () => {
    const high = waves().map((value, row) => (row >= 3000 && row < 3060 ? value + 100 : value));
    expect(alarms(every(5 * minute, high)).filter((row) => row > 2800)).toEqual([3000]);
    const flat = waves().map((value, row) => (row >= 3024 && row < 3168 ? 50 : value));
    expect(alarms(every(5 * minute, flat)).filter((row) => row > 2800 && row < 3168)).toHaveLength(1);
  });

  test('gaps, doubled and late stamps are taken as they come', () => {
    const points = every(5 * minute, waves(2000));
    points.splice(900, 300);
    points.splice(1200, 0, { ...points[1199]! }, { at: points[1100]!.at, value: points[1199]!.value });
    expect(alarms(points).length).toBeLessThan(6);
  });
});

describe('daily counts', () => {
  test('with a weekly season and nothing else: at most one false alarm in 60 days for every kind of metric', () => {
    for (const counting of countings)
      expect({ counting, rate: falseAlarms(counting, { metrics: 6, days: 300 }) <= 1 }).toEqual({
        counting,
        rate: true,
      });
  });

  test('twice as many, half as many and none at all are noticed within days where there is enough to count', () => {
    const steady = { mean: 20, weekend: 0.6, scatter: 0 };
    for (const [ratio, within] of [
      [2, 3],
      [0.5, 7],
      [0, 2],
    ] as const) {
      const { median, noticed } = delays(steady, ratio, 12);
      expect({ ratio, ok: median !== null && median <= within && noticed > 0.9 }).toEqual({ ratio, ok: true });
    }
  });

  test('an alarm is followed by two quiet weeks, a return to the old level is not a new one after an incident', () => {
    const counts = dailyCounts(5, 200, { mean: 20, weekend: 0.6, scatter: 0 }, (at) => (at >= 120 && at < 124 ? 4 : 1));
    const found = alarmDays(counts).filter((each) => each >= 120 && each < 180);
    expect(found).toEqual([120]);
  });

  test('amounts of money and missing days are no special case', () => {
    const money = dailyCounts(3, 150, { mean: 6, weekend: 0.8, scatter: 0 }, (at) => (at < 120 ? 1 : 5)).map(
      (count) => count * 19.99,
    );
    const points = every(day, money).filter((_, row) => row % 11 !== 3);
    expect(alarms(points).map((row) => (points[row]!.at - start) / day)).toEqual([
      expect.toSatisfy((at: number) => at >= 120 && at < 124),
    ]);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayIn, daysBetween, momentOf, nextMonday, spreadMoments, timeIn } from './times.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Australia/Lord_Howe'];

test('a day is the day it is there', () => {
  const at = new Date('2026-11-22T23:30:00Z');
  expect(zones.map((zone) => dayIn(zone, at)).slice(0, 4)).toEqual([
    '2026-11-22',
    '2026-11-23',
    '2026-11-22',
    '2026-11-23',
  ]);
  expect(timeIn('Asia/Kolkata', at)).toBe('05:00');
});

test('a time the clock skips is moved on, of one it repeats the first is meant', () => {
  expect(momentOf('Europe/Berlin', '2026-03-29', '02:30').toISOString()).toBe('2026-03-29T01:30:00.000Z'); // 03:30 there
  expect(momentOf('Europe/Berlin', '2026-10-25', '02:30').toISOString()).toBe('2026-10-25T00:30:00.000Z');
});

test('the next Monday is never today', () => {
  expect(nextMonday('2026-11-22')).toBe('2026-11-23');
  expect(nextMonday('2026-11-23')).toBe('2026-11-30');
  expect(daysBetween('2026-11-30', '2026-11-22')).toBe(-8);
});

test('moments are in order, after the start, at distinct times, on as many days a week as wanted', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.date({ min: new Date('2024-01-01'), max: new Date('2028-01-01'), noInvalidDate: true }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 21 }),
      (zone, after, count, perWeek) => {
        const moments = spreadMoments({ zone, after, count, perWeek });
        expect(moments).toHaveLength(count);
        expect(moments[0]!.getTime()).toBeGreaterThan(after.getTime());
        for (let at = 1; at < count; at++)
          expect(moments[at]!.getTime() - moments[at - 1]!.getTime()).toBeGreaterThanOrEqual(36e5 / 2);
        const last = moments.at(-1)!.getTime() - after.getTime();
        expect(last).toBeLessThan((Math.ceil(count / perWeek) + 2) * 7 * 864e5);
      },
    ),
    { numRuns: 100 },
  );
});

test('what is taken stays free of others', () => {
  const wanted = { zone: 'Europe/Berlin', after: new Date('2026-11-23T00:00:00Z'), count: 5, perWeek: 5 };
  const first = spreadMoments(wanted);
  const second = spreadMoments({ ...wanted, taken: first });
  expect(second.filter((moment) => first.some((other) => other.getTime() === moment.getTime()))).toEqual([]);
  expect(first.map((moment) => timeIn('Europe/Berlin', moment))).toEqual(['09:00', '12:30', '17:30', '09:00', '12:30']);
});

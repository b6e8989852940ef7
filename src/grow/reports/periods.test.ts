import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { dueAt, nameOf, periodAfter, periodAround, periodBefore, periodFrom, reportKinds } from './periods.ts';

const anyDay = fc
  .integer({ min: 0, max: 20_000 })
  .map((days) => Temporal.PlainDate.from('1995-01-01').add({ days }).toString());
const anyKind = fc.constantFrom(...reportKinds);

test('every day lies in one period of each kind, and periods follow each other without a gap', () => {
  fc.assert(
    fc.property(anyKind, anyDay, (kind, day) => {
      const period = periodAround(kind, day);
      expect(period.from <= day && day <= period.until).toBe(true);
      expect(periodAround(kind, period.from)).toEqual(period);
      expect(periodAround(kind, period.until)).toEqual(period);
      expect(periodAfter(kind, periodBefore(kind, period))).toEqual(period);
      expect(Temporal.PlainDate.from(periodBefore(kind, period).until).add({ days: 1 }).toString()).toBe(period.from);
    }),
  );
});

test('a week begins on a Monday and has its number by ISO 8601', () => {
  expect(periodAround('weekly', '2026-11-22')).toEqual({ from: '2026-11-16', until: '2026-11-22' });
  expect(nameOf('weekly', periodAround('weekly', '2026-11-22'))).toBe('Week 47, 16 to 22 November 2026');
  expect(nameOf('weekly', periodAround('weekly', '2027-01-01'))).toBe('Week 53, 28 December 2026 to 3 January 2027');
  expect(nameOf('monthly', periodAround('monthly', '2028-02-29'))).toBe('February 2028');
  expect(nameOf('quarterly', periodAround('quarterly', '2026-11-22'))).toBe('Quarter 4, 2026');
  expect(nameOf('annual', periodAround('annual', '2026-11-22'))).toBe('2026');
});

test('it is due on the first day after, by the clock on the wall, also where that was changed', () => {
  const week = { from: '2026-03-23', until: '2026-03-29' };
  // Berlin went to summer time on 29 March 2026: eight o’clock on the 30th is six in UTC.
  expect(dueAt('Europe/Berlin', week, 480).toISOString()).toBe('2026-03-30T06:00:00.000Z');
  expect(dueAt('Europe/Berlin', periodBefore('weekly', week), 480).toISOString()).toBe('2026-03-23T07:00:00.000Z');
  // In Cairo the first hour of Friday 24 April 2026 was skipped; a report of Thursday’s end would go out at one.
  expect(dueAt('Africa/Cairo', { from: '2026-04-17', until: '2026-04-23' }, 30).toISOString()).toBe(
    '2026-04-23T22:30:00.000Z',
  );
});

test('a day on which no period begins, or one that is not over, is refused in words', () => {
  expect(() => periodFrom('weekly', '2026-11-17', '2026-11-30')).toThrow('A week begins on a Monday. Name one.');
  expect(() => periodFrom('quarterly', '2026-11-01', '2027-11-30')).toThrow('January, April, July or October');
  expect(() => periodFrom('annual', '2026-01-01', '2026-12-31')).toThrow('This period is not over yet.');
});

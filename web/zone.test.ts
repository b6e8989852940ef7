import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { addDays, dayIn, instantIn, mondayOf, timeIn, weekdayOf } from './zone.ts';

test('wall times become instants, also where the clock is changed', () => {
  expect(instantIn('2026-11-24', '09:00', 'Europe/Berlin').toISOString()).toBe('2026-11-24T08:00:00.000Z');
  expect(instantIn('2026-03-29', '02:30', 'Europe/Berlin').toISOString()).toBe('2026-03-29T01:30:00.000Z');
  expect(instantIn('2026-10-25', '02:30', 'Europe/Berlin').toISOString()).toBe('2026-10-25T00:30:00.000Z');
  expect(dayIn('2026-11-22T23:30:00Z', 'Asia/Tokyo')).toBe('2026-11-23');
  expect(timeIn('2026-11-22T23:30:00Z', 'Asia/Tokyo')).toBe('08:30');
  expect(mondayOf('2026-11-22')).toBe('2026-11-16');
  expect(weekdayOf('2026-11-22')).toBe(7);
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
});

test('the same as Temporal says, in every zone', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/St_Johns',
    'UTC',
  ];
  const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(moment, fc.constantFrom(...zones), (at, zone) => {
      const [day, time] = at.toISOString().slice(0, 16).split('T') as [string, string];
      const right = Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone, {
        disambiguation: 'compatible',
      });
      expect(instantIn(day, time, zone).getTime()).toBe(right.epochMilliseconds);
    }),
  );
});

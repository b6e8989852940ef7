import fc from 'fast-check';
import { expect, test } from 'vitest';
import { change, compact, count, counted, dateTime, day, money, percent, relative, weekday } from './format.ts';

test('numbers are written as a person would say them', () => {
  expect(count(7318)).toBe('7,318');
  expect(compact(9_999)).toBe('9,999');
  expect(compact(48_213)).toBe('48.2k');
  expect(compact(214_000)).toBe('214k');
  expect(compact(1_240_000)).toBe('1.24M');
  expect(percent(0.182)).toBe('18.2%');
  expect(percent(0.16)).toBe('16%');
  expect(counted(1, 'post')).toBe('1 post');
  expect(counted(2, 'reply', 'replies')).toBe('2 replies');
  expect(change(3, 0)).toBeNull();
  expect(change(3, 2)).toBe(0.5);
});

test('money keeps every digit it was given', () => {
  expect(money(124_000n, 'USD')).toBe('$1,240.00');
  expect(money(124_000n, 'USD', { whole: true })).toBe('$1,240');
  expect(money('1.5', 'USD')).toBe('$0.015');
  expect(money('-5', 'EUR')).toBe('-€0.05');
  expect(money(500, 'JPY')).toBe('¥500');
  expect(money('900719925474099312345', 'USD')).toBe('$9,007,199,254,740,993,123.45');
});

test('money never loses or invents a cent', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (minor) => {
      expect(BigInt(money(minor, 'USD').replace(/[^\d-]/g, ''))).toBe(minor);
    }),
  );
});

test('moments are written in the zone they are meant for', () => {
  const now = '2026-11-22T12:00:00Z';
  expect(dateTime('2026-11-24T08:00:00Z', 'Europe/Berlin', now)).toBe('Tue 24 Nov, 09:00');
  expect(dateTime('2026-11-24T23:30:00Z', 'Asia/Tokyo', now)).toBe('Wed 25 Nov, 08:30');
  expect(relative('2026-11-22T09:00:00Z', '2026-11-22T09:03:00Z')).toBe('3 minutes ago');
  expect(relative('2026-11-24T09:00:00Z', '2026-11-22T09:00:00Z')).toBe('in 2 days');
});

test('a day of another year says its year, as the zone counts years', () => {
  const now = '2026-11-22T12:00:00Z';
  expect(weekday('2025-11-22T12:00:00Z', 'UTC', now)).toBe('Sat 22 Nov 2025');
  expect(dateTime('2027-01-04T08:00:00Z', 'Europe/Berlin', now)).toBe('Mon 4 Jan 2027, 09:00');
  expect(day('2026-12-31T23:30:00Z', 'UTC', now)).toBe('31 Dec');
  expect(day('2026-12-31T23:30:00Z', 'Asia/Tokyo', now)).toBe('1 Jan 2027');
  // In Tokyo the new year has begun.
  expect(day('2026-12-31T12:00:00Z', 'Asia/Tokyo', '2026-12-31T20:00:00Z')).toBe('31 Dec 2026');
  expect(weekday('2025-01-01', 'UTC')).toBe('Wed 1 Jan 2025');
});

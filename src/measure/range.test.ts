import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { periodsFor, type RangeAsked } from './range.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Chatham',
  'America/Asuncion',
];
const DAY = 86_400_000;

const ask = (asked: Partial<RangeAsked>, now: string, zone = 'UTC', began: string | null = null) =>
  periodsFor({ range: '30d', compare: 'previous', ...asked }, new Date(now), zone, began);
const ends = ({ days }: { days: string[] }) => [days[0], days.at(-1), days.length];

describe('a range', () => {
  test('ends today and holds as many days as it says', () => {
    expect(ends(ask({ range: '7d' }, '2026-11-22T09:00:00Z').current)).toEqual(['2026-11-16', '2026-11-22', 7]);
    expect(ends(ask({ range: '12m' }, '2026-11-22T09:00:00Z').current)).toEqual(['2025-11-23', '2026-11-22', 365]);
    expect(ends(ask({ range: 'yesterday' }, '2026-11-22T09:00:00Z').current)).toEqual(['2026-11-21', '2026-11-21', 1]);
  });

  test('takes the day that it is somewhere: in the evening of UTC it is tomorrow in the east', () => {
    const now = '2026-11-22T20:00:00Z';
    expect(ends(ask({ range: 'today' }, now, 'Asia/Kathmandu').current)[0]).toBe('2026-11-23');
    expect(ask({ range: 'today' }, now, 'Asia/Kathmandu').current.from).toEqual(new Date('2026-11-22T18:15:00Z'));
    expect(ends(ask({ range: 'today' }, now, 'America/New_York').current)[0]).toBe('2026-11-22');
  });

  test('of a month has the days of that month, whatever month it is now', () => {
    expect(ends(ask({ range: 'last_month' }, '2028-03-31T12:00:00Z').current)).toEqual([
      '2028-02-01',
      '2028-02-29',
      29,
    ]);
    expect(ends(ask({ range: 'last_month' }, '2027-03-31T12:00:00Z').current)).toEqual([
      '2027-02-01',
      '2027-02-28',
      28,
    ]);
    expect(ends(ask({ range: 'last_month' }, '2027-01-01T00:00:00Z').current)).toEqual([
      '2026-12-01',
      '2026-12-31',
      31,
    ]);
    expect(ends(ask({ range: 'this_month' }, '2026-11-01T00:00:00Z').current)).toEqual(['2026-11-01', '2026-11-01', 1]);
    expect(ends(ask({ range: 'this_year' }, '2028-12-31T12:00:00Z').current)[2]).toBe(366);
  });

  test('is compared with as many days right before, or with the same dates a year ago', () => {
    const before = ask({ range: 'custom', from: '2026-03-01', until: '2026-03-10' }, '2026-11-22T09:00:00Z');
    expect(ends(before.previous as never)).toEqual(['2026-02-19', '2026-02-28', 10]);
    const year = ask(
      { range: 'custom', from: '2028-02-29', until: '2028-02-29', compare: 'year' },
      '2028-11-22T09:00:00Z',
    );
    expect(ends(year.previous as never)).toEqual(['2027-02-28', '2027-02-28', 1]);
    expect(ask({ compare: 'none' }, '2026-11-22T09:00:00Z').previous).toBeNull();
  });

  test('of everything begins with the first day there is, and is compared with nothing', () => {
    expect(ends(ask({ range: 'all' }, '2026-11-22T09:00:00Z', 'UTC', '2026-11-20').current)).toEqual([
      '2026-11-20',
      '2026-11-22',
      3,
    ]);
    expect(ask({ range: 'all' }, '2026-11-22T09:00:00Z').current.days).toEqual(['2026-11-22']);
    expect(ask({ range: 'all' }, '2026-11-22T09:00:00Z', 'UTC', '2027-01-01').current.days).toEqual(['2026-11-22']);
    expect(ask({ range: 'all' }, '2026-11-22T09:00:00Z').previous).toBeNull();
    // Somebody's first payment was long ago: no question about everything is refused for it.
    expect(ends(ask({ range: 'all' }, '2026-11-22T09:00:00Z', 'UTC', '2009-02-01').current)).toEqual([
      '2016-11-15',
      '2026-11-22',
      3660,
    ]);
  });

  test('that makes no sense is refused in words', () => {
    const now = '2026-11-22T09:00:00Z';
    expect(() => ask({ range: 'custom', from: '2026-03-10', until: '2026-03-01' }, now)).toThrow(
      'ends before it begins',
    );
    expect(() => ask({ range: 'custom', from: '2026-03-10' }, now)).toThrow('first and its last day');
    expect(() => ask({ range: 'custom', from: '2000-01-01', until: '2026-01-01' }, now)).toThrow('ten years');
  });
});

test('days have 23, 24 or 25 hours where a clock is changed', () => {
  const hours = (day: string, zone: string) => {
    const { current } = ask({ range: 'custom', from: day, until: day }, '2026-11-22T09:00:00Z', zone);
    return (current.until.getTime() - current.from.getTime()) / 3_600_000;
  };
  expect(hours('2026-03-29', 'Europe/Berlin')).toBe(23);
  expect(hours('2026-10-25', 'Europe/Berlin')).toBe(25);
  expect(hours('2026-04-05', 'Australia/Lord_Howe')).toBe(24.5);
  // Egypt changes its clock at midnight: the day begins at one.
  expect(hours('2026-04-24', 'Africa/Cairo')).toBe(23);
  expect(hours('2026-10-25', 'UTC')).toBe(24);
});

test('in every zone days follow each other without gap or overlap, and now lies in the last of them', () => {
  const instants = fc.date({ min: new Date('2001-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  const names = fc.constantFrom('today', '7d', '30d', '90d', '12m', 'this_month', 'this_year' as const);
  fc.assert(
    fc.property(instants, fc.constantFrom(...ZONES), names, (now, zone, range) => {
      const { current, previous } = periodsFor({ range: range as '7d', compare: 'previous' }, now, zone);
      expect(current.from <= now && now < current.until).toBe(true);
      expect(previous?.until).toEqual(current.from);
      expect(previous?.days.length).toBe(current.days.length);
      for (const period of [current, previous as typeof current]) {
        const days = period.days.map((day) => Temporal.PlainDate.from(day));
        for (const [index, day] of days.entries())
          if (index > 0) expect(days[index - 1]?.add({ days: 1 }).equals(day)).toBe(true);
        const length = period.until.getTime() - period.from.getTime();
        // No zone changes its clock by more than a day, and a day that is left out is still a name.
        expect(Math.abs(length - days.length * DAY)).toBeLessThanOrEqual(DAY);
      }
      const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDate();
      expect(current.days.at(-1)).toBe(local.toString());
    }),
    { numRuns: 300 },
  );
});

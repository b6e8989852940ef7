import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { dayOfTime, momentsOf, occurrencesOf, shortestGap } from './occurrences.ts';

const rule = (weekdays: number[], startsOn: string, endsOn: string | null = null, everyWeeks = 1) => ({
  weekdays,
  startsOn,
  endsOn,
  everyWeeks,
});

test('every other week counts from the week in which it begins', () => {
  const fortnight = rule([1, 4], '2026-11-25', '2026-12-31', 2);
  expect([...occurrencesOf(fortnight)]).toEqual(['2026-11-26', '2026-12-07', '2026-12-10', '2026-12-21', '2026-12-24']);
  expect([...occurrencesOf(fortnight, '2026-12-08', '2026-12-20')]).toEqual(['2026-12-10']);
  expect(dayOfTime(fortnight, 3)).toBe('2026-12-10');
  expect(shortestGap(fortnight)).toBe(3);
  expect(shortestGap(rule([1], '2026-11-23', '2026-11-23'))).toBeNull();
});

test('it keeps its local time over both changes of the clock', () => {
  const daily = {
    ...rule([1, 2, 3, 4, 5, 6, 7], '2026-03-27', '2026-03-30'),
    atTime: '02:30',
    timeZone: 'Europe/Berlin',
  };
  const all = [...momentsOf(daily, new Date('2026-03-01'), new Date('2026-04-30'))].map(({ at }) => at.toISOString());
  // On 29 March 02:30 does not exist there: an hour later it is.
  expect(all).toEqual([
    '2026-03-27T01:30:00.000Z',
    '2026-03-28T01:30:00.000Z',
    '2026-03-29T01:30:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
});

test('in every zone and over every change of the clock: each day once, in order, at its local time where that exists', () => {
  fc.assert(
    fc.property(
      fc.record({
        timeZone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        everyWeeks: fc.integer({ min: 1, max: 4 }),
        minute: fc.integer({ min: 0, max: 1439 }),
        start: fc.date({ min: new Date('2015-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        length: fc.integer({ min: 0, max: 120 }),
        cut: fc.integer({ min: 0, max: 120 }),
      }),
      ({ timeZone, weekdays, everyWeeks, minute, start, length, cut }) => {
        const startsOn = start.toISOString().slice(0, 10);
        const endsOn = Temporal.PlainDate.from(startsOn).add({ days: length }).toString();
        const atTime = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const it = { weekdays, everyWeeks, startsOn, endsOn, atTime, timeZone };
        const from = new Date(start.getTime() - 3 * 864e5);
        const to = new Date(start.getTime() + 130 * 864e5);
        const all = [...momentsOf(it, from, to)];
        expect(all.map((one) => one.occurrence)).toEqual([...occurrencesOf(it)]);
        for (const [index, { occurrence, at }] of all.entries()) {
          expect(weekdays).toContain(Temporal.PlainDate.from(occurrence).dayOfWeek);
          expect(occurrence >= startsOn && occurrence <= endsOn).toBe(true);
          const before = all[index - 1];
          if (before) expect(at > before.at).toBe(true);
          const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
          const asked = Temporal.PlainDateTime.from(`${occurrence}T${atTime}`);
          if (local.toPlainDateTime().equals(asked)) continue;
          // Only where the wall clock jumped over it.
          const jump = local.subtract({ hours: 25 }).offsetNanoseconds !== local.add({ hours: 1 }).offsetNanoseconds;
          expect(jump).toBe(true);
        }
        // Read in two pieces it is the same: nothing is lost or doubled where a daily run leaves off.
        const middle = new Date(start.getTime() + cut * 864e5);
        const pieces = [...momentsOf(it, from, middle), ...momentsOf(it, middle, to)];
        expect(pieces).toEqual(all);
      },
    ),
    { numRuns: 300 },
  );
});

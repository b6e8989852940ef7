import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { firstFree, instantsOf, type Slot } from '#src/distribute/slots.ts';

/**
 * Thirty zones with every kind of change: an hour at night and at midnight, half an hour, in the southern summer, around
 * Ramadan, backwards in winter, a whole day left out, and some that have none.
 */
const ZONES = [
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'Europe/Lisbon',
  'Europe/Moscow',
  'Europe/Istanbul',
  'Atlantic/Azores',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Africa/Nairobi',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Jerusalem',
  'Asia/Tehran',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Asia/Pyongyang',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Apia',
  'America/New_York',
  'America/St_Johns',
  'America/Havana',
  'America/Sao_Paulo',
  'America/Santiago',
  'America/Asuncion',
  'America/Nuuk',
];

/** All changes of the wall clock from 2008 to 2027, by zone: the only moments at which this can go wrong. */
const CHANGES = ZONES.flatMap((timeZone) => {
  const found: { timeZone: string; at: Temporal.ZonedDateTime }[] = [];
  let at = Temporal.ZonedDateTime.from(`2008-01-01T00:00[${timeZone}]`).getTimeZoneTransition('next');
  for (; at && at.year < 2028; at = at.getTimeZoneTransition('next')) found.push({ timeZone, at });
  return found;
});

const time = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** A slot whose time lies within some hours of a change of its zone's clock, and a moment some weeks before. */
const nearChange = fc
  .record({
    change: fc.constantFrom(...CHANGES),
    minutes: fc.integer({ min: -180, max: 180 }),
    weeks: fc.integer({ min: 1, max: 3 }),
    seconds: fc.integer({ min: 0, max: 7 * 86_400 }),
  })
  .map(({ change: { timeZone, at }, minutes, weeks, seconds }) => {
    // Wall time around the change, as it stood before: so that times in the gap are drawn as well.
    const local = at.subtract({ nanoseconds: 1 }).toPlainDateTime().add({ nanoseconds: 1 }).add({ minutes });
    const slot: Slot = { weekday: local.dayOfWeek, atTime: time(local.hour * 60 + local.minute), timeZone };
    const after = new Date(at.epochMilliseconds - weeks * 7 * 86_400_000 - seconds * 1000);
    return { slot, after, date: local.toPlainDate() };
  });

test('the zones have changes of all kinds', () => {
  const jumps = new Set(
    CHANGES.map(({ at }) => (at.offsetNanoseconds - at.subtract({ nanoseconds: 1 }).offsetNanoseconds) / 60e9),
  );
  expect(ZONES.length).toBe(30);
  for (const minutes of [60, -60, 30, -30, 1440]) expect(jumps).toContain(minutes);
});

test('around every change: one instant for each date, strictly in order, on the right weekday, at the right time', () => {
  fc.assert(
    fc.property(nearChange, ({ slot, after }) => {
      const instants = instantsOf(slot, after);
      let before = after;
      let day: Temporal.PlainDate | null = null;
      for (let n = 0; n < 7; n += 1) {
        const at = instants.next().value as Date;
        expect(at.getTime()).toBeGreaterThan(before.getTime());
        const date = dateOf(slot, at);
        expect(date.dayOfWeek).toBe(slot.weekday);
        // No week without, and none with two.
        if (day) expect(day.until(date).days).toBe(7);
        expect(at.getTime()).toBe(expected(slot, date));
        [before, day] = [at, date];
      }
    }),
    { numRuns: 2_000 },
  );
});

test('asked from any moment on, it gives the same instants', () => {
  fc.assert(
    fc.property(nearChange, fc.integer({ min: -86_400_000, max: 86_400_000 }), ({ slot, after }, shift) => {
      const all = take(instantsOf(slot, after), 6);
      const from = new Date((all[2]?.getTime() ?? 0) + shift);
      const rest = take(instantsOf(slot, from), 2);
      expect(rest).toEqual(all.filter((at) => at > from).slice(0, 2));
    }),
    { numRuns: 1_000 },
  );
});

test('filling slots one after the other takes each instant once, in order', () => {
  fc.assert(
    fc.property(nearChange, fc.array(fc.integer({ min: 0, max: 1439 }), { maxLength: 2 }), ({ slot, after }, more) => {
      const slots = [slot, ...more.map((minute) => ({ ...slot, atTime: time(minute) }))];
      const taken = new Set<number>();
      let last = after.getTime();
      for (let n = 0; n < 8; n += 1) {
        const free = firstFree(slots, after, taken)?.getTime() ?? 0;
        expect(taken.has(free)).toBe(false);
        expect(free).toBeGreaterThan(last);
        taken.add(free);
        last = free;
      }
    }),
    { numRuns: 500 },
  );
});

function take(instants: Generator<Date>, count: number): Date[] {
  return Array.from({ length: count }, () => instants.next().value as Date);
}

/** The local date the instant was made for: its own, or in a gap over midnight the date that the gap swallowed. */
function dateOf(slot: Slot, at: Date): Temporal.PlainDate {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(slot.timeZone);
  const own = zoned.toPlainDate();
  return own.dayOfWeek === slot.weekday ? own : own.subtract({ days: 1 });
}

/**
 * By the offsets alone, without asking the library to disambiguate. The wall time under the offset before the change and
 * under the one after it: where the clock repeats it both are right, and the first counts; where it skips it neither is,
 * and the later one, the time as it would have been, is as much later as the gap is long.
 */
function expected(slot: Slot, date: Temporal.PlainDate): number {
  const local = date.toPlainDateTime(Temporal.PlainTime.from(slot.atTime));
  const utc = local.toZonedDateTime('UTC').epochMilliseconds;
  const offsetAt = (ms: number) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(slot.timeZone).offsetNanoseconds / 1e6;
  const candidates = [offsetAt(utc - 36 * 3_600_000), offsetAt(utc + 36 * 3_600_000)].map((offset) => utc - offset);
  const right = candidates.filter((ms) => ms + offsetAt(ms) === utc);
  return right.length > 0 ? Math.min(...right) : Math.max(...candidates);
}

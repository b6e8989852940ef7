import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { day } from '#src/operation.ts';
import { refuse } from '#src/refusal.ts';

export const rangeNames = [
  'today',
  'yesterday',
  '7d',
  '30d',
  '90d',
  '12m',
  'this_month',
  'last_month',
  'this_year',
  'all',
  'custom',
] as const;
export type RangeName = (typeof rangeNames)[number];

/** The fields of every question about a stretch of time; spread them into its input. */
export const rangeFields = {
  range: z.enum(rangeNames).default('30d').describe('A named range; with `custom`, name `from` and `until`.'),
  from: day.optional().describe('First day of a custom range.'),
  until: day.optional().describe('Last day of a custom range, itself included.'),
  compare: z.enum(['previous', 'year', 'none']).default('previous').describe('What to compare it with.'),
};
export type RangeAsked = {
  range: RangeName;
  from?: string | undefined;
  until?: string | undefined;
  compare: 'previous' | 'year' | 'none';
};

/** Local days in order, and the instants between which they lie (`until` excluded). */
export type Period = { days: string[]; from: Date; until: Date };

/** No range is longer: ten years of days. */
const LONGEST = 3660;

/**
 * The days a question means and those it is compared with, by the calendar of the time zone. `previous` is as many days
 * right before; `year` the same dates a year ago, as many of them. `began`: the first day with data, for `all`; without
 * it `all` is today, and never is it longer than ten years. Refuses a custom range that is upside down, lies ahead as a whole or is longer than ten years.
 */
export function periodsFor(
  asked: RangeAsked,
  now: Date,
  timeZone: string,
  began: string | null = null,
): { current: Period; previous: Period | null } {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const [first, last] = boundsOf(asked, today, began);
  const count = first.until(last).days + 1;
  if (count < 1) throw refuse('invalid', 'range', 'The range ends before it begins. Exchange its two days.');
  if (count > LONGEST) throw refuse('invalid', 'range', 'The range is longer than ten years. Choose a shorter one.');
  const current = periodOf(first, count, timeZone);
  if (asked.compare === 'none' || asked.range === 'all') return { current, previous: null };
  const before = asked.compare === 'year' ? first.subtract({ years: 1 }) : first.subtract({ days: count });
  return { current, previous: periodOf(before, count, timeZone) };
}

function boundsOf(
  { range, from, until }: RangeAsked,
  today: Temporal.PlainDate,
  began: string | null,
): [Temporal.PlainDate, Temporal.PlainDate] {
  const back = (days: number): [Temporal.PlainDate, Temporal.PlainDate] => [today.subtract({ days: days - 1 }), today];
  switch (range) {
    case 'today':
      return [today, today];
    case 'yesterday':
      return [today.subtract({ days: 1 }), today.subtract({ days: 1 })];
    case '7d':
      return back(7);
    case '30d':
      return back(30);
    case '90d':
      return back(90);
    case '12m':
      return back(365);
    case 'this_month':
      return [today.with({ day: 1 }), today];
    case 'last_month': {
      const first = today.with({ day: 1 }).subtract({ months: 1 });
      return [first, first.with({ day: first.daysInMonth })];
    }
    case 'this_year':
      return [today.with({ month: 1, day: 1 }), today];
    case 'all':
      return [began === null ? today : notTooEarly(earlier(Temporal.PlainDate.from(began), today), today), today];
    case 'custom':
      if (from === undefined || until === undefined)
        throw refuse('invalid', 'range', 'A custom range needs its first and its last day, as from and until.');
      return [Temporal.PlainDate.from(from), Temporal.PlainDate.from(until)];
  }
}

/** Money may be older than the longest range: then `all` is that long. */
function notTooEarly(first: Temporal.PlainDate, today: Temporal.PlainDate): Temporal.PlainDate {
  const earliest = today.subtract({ days: LONGEST - 1 });
  return Temporal.PlainDate.compare(first, earliest) < 0 ? earliest : first;
}

function earlier(a: Temporal.PlainDate, b: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(a, b) < 0 ? a : b;
}

function periodOf(first: Temporal.PlainDate, count: number, timeZone: string): Period {
  const start = (date: Temporal.PlainDate) => new Date(date.toZonedDateTime(timeZone).epochMilliseconds);
  return {
    days: Array.from({ length: count }, (_, index) => first.add({ days: index }).toString()),
    from: start(first),
    until: start(first.add({ days: count })),
  };
}

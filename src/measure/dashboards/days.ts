import { Temporal } from 'temporal-polyfill';

export const ranges = { '7d': 7, '30d': 30, '90d': 90, '12m': 365 } as const;
export type Range = keyof typeof ranges;

/** The days of a range, ending today in the zone, and as many before them. `from` and `until` are instants. */
export type Period = { days: string[]; from: Date; until: Date };

/** The period a range names and the one before it, by the calendar of the time zone. */
export function periodsOf(range: Range, now: Date, timeZone: string): { current: Period; previous: Period } {
  const count = ranges[range];
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  return {
    current: period(today.subtract({ days: count - 1 }), count, timeZone),
    previous: period(today.subtract({ days: 2 * count - 1 }), count, timeZone),
  };
}

/** The local day of an instant, `2026-11-22`. */
export function localDay(at: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/** Sums by day, put in the order of the period's days; a day without a row is 0. */
export function onDays(period: Period, rows: readonly { day: string; value: number }[]): number[] {
  const byDay = new Map<string, number>();
  for (const { day, value } of rows) byDay.set(day, (byDay.get(day) ?? 0) + value);
  return period.days.map((day) => byDay.get(day) ?? 0);
}

function period(first: Temporal.PlainDate, count: number, timeZone: string): Period {
  const start = (date: Temporal.PlainDate) => new Date(date.toZonedDateTime(timeZone).epochMilliseconds);
  return {
    days: Array.from({ length: count }, (_, index) => first.add({ days: index }).toString()),
    from: start(first),
    until: start(first.add({ days: count })),
  };
}

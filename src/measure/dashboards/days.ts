import { Temporal } from 'temporal-polyfill';

import { type Period, periodsFor, type RangeName } from '#src/measure/range.ts';

export type { Period };

/** The ranges Home offers. */
export type Range = Extract<RangeName, '7d' | '30d' | '90d' | '12m'>;

/** The period a range names and the one before it, by the calendar of the time zone. */
export function periodsOf(range: Range, now: Date, timeZone: string): { current: Period; previous: Period } {
  const { current, previous } = periodsFor({ range, compare: 'previous' }, now, timeZone);
  return { current, previous: previous as Period };
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

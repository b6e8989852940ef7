/** The periods of reports, as days of the workspace's zone: weeks from Monday, months, quarters, years. */
import { Temporal } from 'temporal-polyfill';
import { momentOf } from '#src/plan/times.ts';
import { refuse } from '#src/refusal.ts';

export const reportKinds = ['weekly', 'monthly', 'quarterly', 'annual'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** First and last day, both included. */
export type Span = { from: string; until: string };

/** Minute of the local day on which a report goes out when nobody chose another: 08:00. */
export const USUAL_MINUTE = 480;

/** The period in which a day lies. */
export function periodAround(kind: ReportKind, day: string): Span {
  const first = firstDay(kind, Temporal.PlainDate.from(day));
  return { from: first.toString(), until: first.add(LENGTH[kind]).subtract({ days: 1 }).toString() };
}

/** The period right before another. */
export function periodBefore(kind: ReportKind, { from }: Span): Span {
  return periodAround(kind, Temporal.PlainDate.from(from).subtract({ days: 1 }).toString());
}

/** The period right after another. */
export function periodAfter(kind: ReportKind, { until }: Span): Span {
  return periodAround(kind, dayAfter({ until }));
}

/** The first day that no longer belongs to it. */
export function dayAfter({ until }: Pick<Span, 'until'>): string {
  return Temporal.PlainDate.from(until).add({ days: 1 }).toString();
}

/** The period that begins on a day and is over by `today`; refused when none does. */
export function periodFrom(kind: ReportKind, startsOn: string, today: string): Span {
  const period = periodAround(kind, startsOn);
  if (period.from !== startsOn) throw refuse('invalid', 'period', BEGINS[kind]);
  if (period.until >= today)
    throw refuse('conflict', 'period_open', 'This period is not over yet. Its report can be written afterwards.');
  return period;
}

/**
 * When the report of a period is due: on the first day after it, at the chosen minute of that zone. A minute the clock
 * skips is moved on; of one it repeats the first counts.
 */
export function dueAt(zone: string, period: Span, minute: number): Date {
  const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return momentOf(zone, dayAfter(period), time);
}

/** `Week 47, 16 to 22 November 2026`, `November 2026`, `Quarter 4, 2026`, `2026`. A week has its number by ISO 8601. */
export function nameOf(kind: ReportKind, period: Span): string {
  const [first, last] = [Temporal.PlainDate.from(period.from), Temporal.PlainDate.from(period.until)];
  const month = (date: Temporal.PlainDate) => date.toLocaleString('en-GB', { month: 'long' });
  if (kind === 'annual') return String(first.year);
  if (kind === 'quarterly') return `Quarter ${Math.ceil(first.month / 3)}, ${first.year}`;
  if (kind === 'monthly') return `${month(first)} ${first.year}`;
  const begins = first.month === last.month ? String(first.day) : `${first.day} ${month(first)}`;
  const year = first.year === last.year ? '' : ` ${first.year}`;
  return `Week ${first.weekOfYear}, ${begins}${year} to ${last.day} ${month(last)} ${last.year}`;
}

const LENGTH = {
  weekly: { days: 7 },
  monthly: { months: 1 },
  quarterly: { months: 3 },
  annual: { years: 1 },
} as const satisfies Record<ReportKind, Temporal.DurationLike>;

const BEGINS: Record<ReportKind, string> = {
  weekly: 'A week begins on a Monday. Name one.',
  monthly: 'A month begins on its first day. Name that day.',
  quarterly: 'A quarter begins on the first of January, April, July or October. Name that day.',
  annual: 'A year begins on the first of January. Name that day.',
};

function firstDay(kind: ReportKind, date: Temporal.PlainDate): Temporal.PlainDate {
  if (kind === 'weekly') return date.subtract({ days: date.dayOfWeek - 1 });
  if (kind === 'monthly') return date.with({ day: 1 });
  if (kind === 'quarterly') return date.with({ day: 1, month: date.month - ((date.month - 1) % 3) });
  return date.with({ day: 1, month: 1 });
}

import { day, weekday } from '#web/format.ts';

export type PointStep = 'hour' | 'day' | 'week' | 'month';

const months = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortMonths = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });

/** A point of a line in words: `Sun 22 Nov, 13:00`, `Sun 22 Nov`, `Week of 16 Nov`, `November 2026`. */
export function pointWords(point: string, by: PointStep): string {
  const date = point.slice(0, 10);
  if (by === 'hour') return `${weekday(date, 'UTC')}, ${point.slice(11, 16)}`;
  if (by === 'week') return `Week of ${day(date, 'UTC')}`;
  return by === 'month' ? months.format(new Date(date)) : weekday(date, 'UTC');
}

/** The same under the axis, where there is less room. */
export function pointLabel(point: string, by: PointStep): string {
  const date = point.slice(0, 10);
  if (by === 'hour') return point.slice(11, 16);
  return by === 'month' ? shortMonths.format(new Date(date)) : day(date, 'UTC');
}

/** The point that holds a local day (and, among hours, `HH:MM`); undefined when none does. `points` are in order. */
export function pointOf(points: readonly string[], by: PointStep, date: string, time?: string): string | undefined {
  if (by === 'hour') return points.find((point) => point.startsWith(time ? `${date}T${time.slice(0, 2)}` : date));
  if (by === 'day') return points.includes(date) ? date : undefined;
  return points.findLast((point) => point.slice(0, 10) <= date) ?? points[0];
}

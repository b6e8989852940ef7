import { Temporal } from 'temporal-polyfill';

/** A day of a time zone's calendar and when it lies, in milliseconds since 1970; `until` excluded. */
export type LocalDay = { day: string; from: number; until: number };

/** So many days are remembered: events come in the order of time, and houses have few time zones. */
const REMEMBERED = 500;
const newest = new Map<string, LocalDay>();

/** The day of the calendar of `timeZone` in which a moment lies. Days have 23 to 25 hours where clocks are changed. */
export function localDay(timeZone: string, at: number): LocalDay {
  const known = newest.get(timeZone);
  if (known && at >= known.from && at < known.until) return known;
  const date = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
  const start = (of: Temporal.PlainDate) => of.toZonedDateTime(timeZone).epochMilliseconds;
  const found = { day: date.toString(), from: start(date), until: start(date.add({ days: 1 })) };
  if (newest.size >= REMEMBERED) newest.clear();
  newest.set(timeZone, found);
  return found;
}

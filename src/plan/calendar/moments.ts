import { Temporal } from 'temporal-polyfill';
import { isTimeZone } from '#src/people/workspaces.ts';
import type { CsvRow } from './csv.ts';

type Cells = Pick<CsvRow, 'date' | 'time' | 'time_zone'>;

/** The moment that the cells of a row name, null when they are empty; or which cell is wrong and why. */
export function momentOfCells(
  row: Cells,
  zone: string,
): { at: Date | null } | { column: 'date' | 'time' | 'time_zone'; reason: string } {
  const [date, time, named] = [row.date.trim(), row.time.trim(), row.time_zone.trim()];
  if (!date && !time) return { at: null };
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !isDay(date))
    return { column: 'date', reason: date ? 'A date is written 2026-11-22.' : 'There is a time, but no date.' };
  const [, clock, offset] = /^((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)([+-]\d\d:\d\d)?$/.exec(time) ?? [];
  if (!clock) return { column: 'time', reason: time ? 'A time is written 09:30.' : 'There is a date, but no time.' };
  if (named && !isTimeZone(named))
    return { column: 'time_zone', reason: `“${named.slice(0, 60)}” is not an IANA time zone such as Europe/Berlin.` };
  const local = Temporal.PlainDateTime.from(
    `${date}T${clock.padStart(clock.length === 4 || clock.length === 7 ? clock.length + 1 : clock.length, '0')}`,
  );
  if (offset) return { at: new Date(Temporal.Instant.from(`${local.toString()}${offset}`).epochMilliseconds) };
  return { at: new Date(local.toZonedDateTime(named || zone).epochMilliseconds) };
}

/** A moment as cells that lead back to it, to the second. */
export function cellsOf(at: Date, zone: string): Cells {
  const there = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
  const local = there.toPlainDateTime();
  const time = local.toPlainTime().toString({ smallestUnit: local.second === 0 ? 'minute' : 'second' });
  // The second of two equal local times has to say which it is.
  const twice = local.toZonedDateTime(zone).offsetNanoseconds !== there.offsetNanoseconds;
  return { date: local.toPlainDate().toString(), time: twice ? `${time}${there.offset}` : time, time_zone: zone };
}

function isDay(date: string): boolean {
  try {
    Temporal.PlainDate.from(date);
    return date >= '1970' && date < '2200';
  } catch {
    return false;
  }
}

/** Local time: days and moments in a zone, by the IANA tables (gaps and overlaps of the clock are settled there). */
import { Temporal } from 'temporal-polyfill';

/** The day it is somewhere, `2026-11-22`. */
export function dayIn(zone: string, at: Date): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** The local time of day, `09:30`. */
export function timeIn(zone: string, at: Date): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(zone)
    .toPlainTime()
    .toString({ smallestUnit: 'minute' });
}

export function addDays(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}

/** From one day to another, in days; negative when it lies before. */
export function daysBetween(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to)).days;
}

/** The moment a local time stands for. A time the clock skips is moved on, of one it repeats the first is meant. */
export function momentOf(zone: string, day: string, time: string): Date {
  const local = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone, plainTime: time });
  return new Date(local.epochMilliseconds);
}

/** The next Monday after a day; a Monday leads to the one a week later. */
export function nextMonday(day: string): string {
  return addDays(day, 8 - Temporal.PlainDate.from(day).dayOfWeek);
}

/** When readers of one's own zone look in: before work, at noon, after work. Where slots are set, those count. */
const TIMES = ['09:00', '12:30', '17:30'];

/**
 * `count` moments after `after`, in order, none of which is in `taken` (within the hour). `perWeek` of them fall in
 * each week, spread over its days, working days first; the time of day changes from one to the next.
 */
export function spreadMoments(wanted: {
  zone: string;
  after: Date;
  count: number;
  perWeek: number;
  taken?: readonly Date[];
}): Date[] {
  const { zone, after, count } = wanted;
  const perWeek = Math.max(1, wanted.perWeek);
  const weekdays = daysOfWeek(Math.min(perWeek, 7));
  const perDay = Math.ceil(perWeek / 7);
  const moments: Date[] = [];
  for (let day = dayIn(zone, after), turn = 0; moments.length < count; day = addDays(day, 1)) {
    if (!weekdays.includes(Temporal.PlainDate.from(day).dayOfWeek)) continue;
    for (let round = 0; round < perDay && moments.length < count; round++, turn++) {
      const time = perDay > TIMES.length ? evenTime(round, perDay) : (TIMES[turn % TIMES.length] as string);
      const moment = momentOf(zone, day, time);
      const occupied = (wanted.taken ?? []).some((other) => Math.abs(other.getTime() - moment.getTime()) < 36e5);
      if (moment > after && !occupied) moments.push(moment);
    }
  }
  return moments.sort((a, b) => a.getTime() - b.getTime());
}

/** Weekdays (1 = Monday) for so many posts a week. Tuesday to Thursday first, the weekend last. */
function daysOfWeek(count: number): number[] {
  const choices: number[][] = [[], [3], [2, 4], [1, 3, 5], [1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]];
  return choices[count] ?? [1, 2, 3, 4, 5, 6, 7];
}

function evenTime(round: number, perDay: number): string {
  const minutes = 8 * 60 + Math.round((round * 12 * 60) / perDay);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

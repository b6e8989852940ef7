import { addDays, dayIn, instantIn, weekdayOf } from '#web/zone.ts';

/**
 * The queue's next (1) or previous (-1) time seen from a moment; undefined when there is none within a week, or it is over.
 * `slots` are times by weekday, Monday is 1, in `zone`.
 */
export function slotAfter(
  slots: ReadonlyMap<number, readonly string[]>,
  from: Date,
  step: 1 | -1,
  zone: string,
  now = Date.now(),
): Date | undefined {
  const start = dayIn(from, zone);
  const days = Array.from({ length: 9 }, (_, ahead) => addDays(start, ahead * step));
  const all = days.flatMap((day) => (slots.get(weekdayOf(day)) ?? []).map((time) => instantIn(day, time, zone)));
  const found = all
    .filter((at) => (step === 1 ? at > from : at < from) && at.getTime() > now)
    .sort((a, b) => (a.getTime() - b.getTime()) * step);
  return found[0];
}

import { Temporal } from 'temporal-polyfill';
import type { Period } from '#src/measure/range.ts';

export const grains = ['day', 'week', 'month'] as const;
export type Grain = (typeof grains)[number];

/** One slot of a range: its first day as its name, and the instants between which it lies (`until` excluded). */
export type Slot = { name: string; from: Date; until: Date; days: number };

/** More columns than this no table and no chart shows. */
const MOST = 400;

/**
 * A range cut into local days, weeks (from Monday) or months; the first and the last may be parts of one. A grain that
 * would make more than 400 slots becomes the next coarser one.
 */
export function slotsOf(
  { days, from, until }: Period,
  grain: Grain,
  timeZone: string,
): { grain: Grain; slots: Slot[] } {
  const names = days.map((day) => startOf(day, grain));
  const firsts = days.filter((_, index) => index === 0 || names[index] !== names[index - 1]);
  if (firsts.length > MOST && grain !== 'month')
    return slotsOf({ days, from, until }, grain === 'day' ? 'week' : 'month', timeZone);
  const starts = firsts.map((day, index) =>
    index === 0 ? from : new Date(Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds),
  );
  const indexOf = new Map(days.map((day, index) => [day, index]));
  const slots = firsts.map((day, index) => {
    const next = firsts[index + 1];
    const end = next === undefined ? days.length : (indexOf.get(next) ?? days.length);
    return {
      name: grain === 'month' ? day.slice(0, 7) : day,
      from: starts[index] ?? from,
      until: starts[index + 1] ?? until,
      days: end - (indexOf.get(day) ?? 0),
    };
  });
  return { grain, slots };
}

/** The edges of the slots, for `width_bucket`: 0 lies before them, `slots.length + 1` behind. */
export function edgesOf(slots: readonly Slot[]): Date[] {
  const last = slots.at(-1);
  return [...slots.map((slot) => slot.from), ...(last ? [last.until] : [])];
}

function startOf(day: string, grain: Grain): string {
  if (grain === 'day') return day;
  if (grain === 'month') return day.slice(0, 7);
  const date = Temporal.PlainDate.from(day);
  return date.subtract({ days: date.dayOfWeek - 1 }).toString();
}

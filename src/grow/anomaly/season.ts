import { spacing } from './spacing.ts';

const minute = 60_000;
const day = 86_400_000;
/** Days, or weeks of daily rows, that make what is usual. */
const cycles = 7;
const sameWeekdays = 5;
/** Values outside the middle three fifths of what this time of day had stand out by their distance to them. */
const middle = { from: 0.2, to: 0.8 };
const fewest = 6;
const fewestWeeks = 3;

type Kept = { day: number; value: number };

/**
 * By how much a value lies outside what the same time of day had on the last seven days; once the same weekday is known from
 * earlier weeks, also outside what it had, and the smaller counts. Times are neighbours when they are within one step of
 * the series, learnt from its own stamps. Zero while nothing is known.
 */
export function seasonalExcess(): (at: number, value: number) => number {
  const slots = new Map<number, Kept[]>();
  const step = spacing();
  return (at, value) => {
    const apart = step(at);
    const today = Math.floor(at / day);
    const slot = Math.floor((at - today * day) / minute);
    const daily: number[] = [];
    const weekly: number[] = [];
    const reach = apart >= day / 2 ? 0 : Math.max(1, Math.round(apart / minute));
    for (let off = -reach; off <= reach; off++) {
      const kept = slots.get((slot + off + 1440) % 1440);
      if (!kept) continue;
      for (let index = kept.length - 1; index >= 0; index--) {
        const one = kept[index]!;
        if (kept.length - index <= cycles) daily.push(one.value);
        if (one.day < today && (today - one.day) % 7 === 0) weekly.push(one.value);
      }
    }
    keep(slots, slot, { day: today, value });
    const known = daily.length >= fewest ? outside(daily, value) : 0;
    const weeksNeeded = reach === 0 ? fewestWeeks : fewest;
    return weekly.length >= weeksNeeded ? Math.min(known, outside(weekly, value)) : known;
  };
}

/** One value for a minute of a day: the last. */
function keep(slots: Map<number, Kept[]>, slot: number, value: Kept): void {
  const kept = slots.get(slot);
  if (!kept) slots.set(slot, [value]);
  else if (kept.at(-1)?.day === value.day) kept[kept.length - 1] = value;
  else {
    kept.push(value);
    if (kept.length > sameWeekdays * 7) kept.shift();
  }
}

function outside(usual: number[], value: number): number {
  usual.sort((a, b) => a - b);
  const low = usual[Math.floor(usual.length * middle.from)]!;
  const high = usual[Math.min(usual.length - 1, Math.floor(usual.length * middle.to))]!;
  return value > high ? value - high : value < low ? low - value : 0;
}

import { weekday } from '#web/format.ts';

/** `Tue 1 Dec`, with the year when it is not this one. `day` is `YYYY-MM-DD`. */
export function dayWords(day: string): string {
  return weekday(day, 'UTC');
}

/** How far and how fast a clock runs away from the machine's: the same numbers in two processes give the same time. */
export type Pace = { origin: number; factor: number };

/** A clock that showed the machine's time at `origin` (milliseconds) and has run `factor` times as fast since. */
export function fastClock({ origin, factor }: Pace): { now(): Date } {
  return { now: () => new Date(origin + (Date.now() - origin) * factor) };
}

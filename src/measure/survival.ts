import { chiSquareAbove, normalQuantile } from './distributions.ts';
import type { Interval } from './uncertainty.ts';

/**
 * How long until something happens (a cancellation, a first purchase), when for some it has not happened yet: Kaplan and
 * Meier's estimate (1958). Conventions are those of R's `survival::survfit`.
 */

/** `event` false: it had not happened by `time`, when we last looked (censored). */
export type Observed = { time: number; event: boolean };

export type SurvivalStep = {
  time: number;
  /** Still under observation just before; who is censored at this very time counts. */
  atRisk: number;
  events: number;
  /** Censored from this time until before the next step. */
  censored: number;
  survival: number;
  /** Greenwood's standard error of the survival; null where survival is 0. */
  standardError: number | null;
  /** Null where survival is 0 or 1. */
  interval: Interval | null;
};

export type SurvivalCurve = {
  n: number;
  events: number;
  /** When half are left: the first time at or below 0.5; null when it is not reached. */
  median: { time: number | null; low: number | null; high: number | null };
  /** One per distinct time at which something happened. */
  steps: SurvivalStep[];
  /** Censored before the first step. */
  censoredBefore: number;
  /** The last time anyone was seen: the curve says nothing beyond. */
  lastTime: number | null;
};

export type IntervalKind = 'log-log' | 'log' | 'plain';

/**
 * The curve of one group. `interval`: `log-log` (default; stays within 0 and 1 and holds for few), `log` (R's default)
 * or `plain`. Throws a RangeError for a time that is negative or no number.
 */
export function kaplanMeier(
  rows: Iterable<Observed>,
  { confidence = 0.95, interval = 'log-log' }: { confidence?: number; interval?: IntervalKind } = {},
): SurvivalCurve {
  const times = counted(rows);
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const n = times.reduce((sum, { events, censored }) => sum + events + censored, 0);
  const steps: SurvivalStep[] = [];
  let atRisk = n;
  let survival = 1;
  let greenwood = 0;
  let censoredBefore = 0;
  for (const { time, events, censored } of times) {
    if (events > 0) {
      survival = atRisk === events ? 0 : survival * (1 - events / atRisk);
      greenwood += events / (atRisk * (atRisk - events));
      const known = survival > 0;
      steps.push({
        time,
        atRisk,
        events,
        censored,
        survival,
        standardError: known ? survival * Math.sqrt(greenwood) : null,
        interval: known ? around(survival, Math.sqrt(greenwood), z, interval) : null,
      });
    } else if (steps.length > 0) steps.at(-1)!.censored += censored;
    else censoredBefore += censored;
    atRisk -= events + censored;
  }
  return {
    n,
    events: steps.reduce((sum, step) => sum + step.events, 0),
    median: {
      time: halfReached(steps, (step) => step.survival),
      low: halfReached(steps, (step) => step.interval?.low ?? 0),
      high: halfReached(steps, (step) => step.interval?.high ?? null),
    },
    steps,
    censoredBefore,
    lastTime: times.at(-1)?.time ?? null,
  };
}

/** Share left at a time; null beyond the last time anyone was seen, unless nobody was left by then. */
export function survivalAt(curve: SurvivalCurve, time: number): number | null {
  const last = curve.steps.findLast((step) => step.time <= time);
  if (curve.lastTime === null || (time > curve.lastTime && last?.survival !== 0)) return null;
  return last?.survival ?? 1;
}

/**
 * Whether groups differ: the log-rank test (Mantel 1966; R's `survdiff` with rho = 0). Null when nothing happened, or
 * fewer than two groups ever had anyone at risk.
 */
export function logRank(
  groups: readonly Iterable<Observed>[],
): { chiSquare: number; degrees: number; p: number } | null {
  const size = groups.length;
  const tables = groups.map((rows) => new Map(counted(rows).map((each) => [each.time, each])));
  const times = [...new Set(tables.flatMap((table) => [...table.keys()]))].sort((a, b) => a - b);
  const atRisk = tables.map((table) =>
    [...table.values()].reduce((sum, { events, censored }) => sum + events + censored, 0),
  );
  const difference = new Array<number>(size).fill(0);
  const variance = groups.map(() => new Array<number>(size).fill(0));
  const expected = new Array<number>(size).fill(0);
  for (const time of times) {
    const here = tables.map((table) => table.get(time) ?? { time, events: 0, censored: 0 });
    const all = atRisk.reduce((sum, each) => sum + each, 0);
    const events = here.reduce((sum, each) => sum + each.events, 0);
    if (events > 0) {
      const factor = all > 1 ? (events * (all - events)) / (all - 1) : 0;
      for (let i = 0; i < size; i++) {
        const share = atRisk[i]! / all;
        expected[i]! += events * share;
        difference[i]! += here[i]!.events - events * share;
        for (let j = 0; j < size; j++) variance[i]![j]! += factor * share * ((i === j ? 1 : 0) - atRisk[j]! / all);
      }
    }
    for (const [i, each] of here.entries()) atRisk[i]! -= each.events + each.censored;
  }
  const used = [...groups.keys()].filter((i) => expected[i]! > 0);
  if (used.length < 2) return null;
  const free = used.slice(1);
  const solved = solve(
    free.map((i) => free.map((j) => variance[i]![j]!)),
    free.map((i) => difference[i]!),
  );
  if (solved === null) return null;
  const chiSquare = free.reduce((sum, i, k) => sum + difference[i]! * solved[k]!, 0);
  return { chiSquare, degrees: free.length, p: chiSquareAbove(chiSquare, free.length) };
}

type Count = { time: number; events: number; censored: number };

/** Distinct times in order. */
function counted(rows: Iterable<Observed>): Count[] {
  const counts = new Map<number, Count>();
  for (const { time, event } of rows) {
    if (!(time >= 0) || time === Number.POSITIVE_INFINITY)
      throw new RangeError(`A time is a number from zero, not ${time}.`);
    const count = counts.get(time) ?? { time, events: 0, censored: 0 };
    if (event) count.events++;
    else count.censored++;
    counts.set(time, count);
  }
  return [...counts.values()].sort((a, b) => a.time - b.time);
}

/** `error`: of the cumulative hazard, the root of Greenwood's sum. */
function around(survival: number, error: number, z: number, kind: IntervalKind): Interval {
  if (kind === 'plain') {
    const reach = z * survival * error;
    return { low: Math.max(0, survival - reach), high: Math.min(1, survival + reach) };
  }
  if (kind === 'log') {
    return { low: survival * Math.exp(-z * error), high: Math.min(1, survival * Math.exp(z * error)) };
  }
  const reach = (z * error) / Math.log(survival);
  return { low: survival ** Math.exp(-reach), high: survival ** Math.exp(reach) };
}

/** The first time a falling line is at or below one half; in the middle of the next span where it lies on it, as in R. */
function halfReached(steps: readonly SurvivalStep[], line: (step: SurvivalStep) => number | null): number | null {
  const tolerance = 1e-10;
  for (const [index, step] of steps.entries()) {
    const height = line(step);
    if (height === null || height > 0.5 + tolerance) continue;
    const next = steps[index + 1];
    return height < 0.5 - tolerance || !next ? step.time : (step.time + next.time) / 2;
  }
  return null;
}

/** Gaussian elimination with pivots; null when the matrix is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++)
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    if (Math.abs(rows[pivot]![column]!) < 1e-12) return null;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = 0; i < size; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let k = column; k <= size; k++) rows[i]![k]! -= factor * rows[column]![k]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}

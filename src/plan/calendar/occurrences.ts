import { Temporal } from 'temporal-polyfill';
import { dayIn, momentOf } from '#src/plan/times.ts';

/** Days on which something comes again. Weekdays: 1 = Monday. Days are `2026-11-22`; `endsOn` is the last that counts. */
export type Rule = { weekdays: readonly number[]; everyWeeks: number; startsOn: string; endsOn: string | null };

/** Longer than that nobody looks ahead, in days. */
const FAR = 366 * 20;

/**
 * The days of a rule from `from` to `to`, both included, in order. Weeks are counted from Monday; the first week is the one
 * that holds `startsOn`, then every `everyWeeks`-th.
 */
export function* occurrencesOf(rule: Rule, from = rule.startsOn, to = rule.endsOn): Generator<string> {
  const start = Temporal.PlainDate.from(rule.startsOn);
  const firstMonday = start.subtract({ days: start.dayOfWeek - 1 });
  const last = [to, rule.endsOn].filter((day) => day !== null).sort()[0] ?? null;
  const end = last === null ? start.add({ days: FAR }) : Temporal.PlainDate.from(last);
  let day = Temporal.PlainDate.from(from > rule.startsOn ? from : rule.startsOn);
  for (; Temporal.PlainDate.compare(day, end) <= 0; day = day.add({ days: 1 })) {
    const week = Math.floor(firstMonday.until(day).days / 7);
    if (week % rule.everyWeeks === 0 && rule.weekdays.includes(day.dayOfWeek)) yield day.toString();
  }
}

/** The day of the `count`-th time: where a rule that comes so often ends. Null when that lies further than 20 years ahead. */
export function dayOfTime(rule: Omit<Rule, 'endsOn'>, count: number): string | null {
  let left = count;
  for (const day of occurrencesOf({ ...rule, endsOn: null })) if (--left === 0) return day;
  return null;
}

/** The fewest days between two times of a rule; null when it comes once. */
export function shortestGap(rule: Rule): number | null {
  let shortest: number | null = null;
  let before: Temporal.PlainDate | undefined;
  let seen = 0;
  for (const text of occurrencesOf(rule)) {
    const day = Temporal.PlainDate.from(text);
    if (before) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, before.until(day).days);
    before = day;
    // Two rounds of the rule hold every gap there is.
    if (++seen > 2 * rule.weekdays.length) break;
  }
  return shortest;
}

/** The moments of a rule after `after` and not after `until`: each with the local day it stands for. */
export function* momentsOf(
  rule: Rule & { atTime: string; timeZone: string },
  after: Date,
  until: Date,
): Generator<{ occurrence: string; at: Date }> {
  // A day more on both sides: a time that the clock skips at midnight falls on the day after.
  const from = Temporal.PlainDate.from(dayIn(rule.timeZone, after)).subtract({ days: 1 }).toString();
  const to = dayIn(rule.timeZone, until);
  for (const occurrence of occurrencesOf(rule, from, to)) {
    const at = momentOf(rule.timeZone, occurrence, rule.atTime);
    if (at > after && at <= until) yield { occurrence, at };
  }
}

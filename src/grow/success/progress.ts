import { z } from 'zod';
import type { Figure } from '#src/grow/numbers.ts';
import { daysBetween } from '#src/plan/times.ts';

export const progress = z.object({
  state: z.enum(['reached', 'on_track', 'behind', 'missed', 'no_date', 'not_enough_data']),
  /** What it comes to on the day at the pace of the last 28 days: a count or minor units; null where that is not said. */
  expected: z.string().nullable(),
  /** In a sentence, for people. */
  reason: z.string(),
});
export type Progress = z.infer<typeof progress>;

/** Over how many days a figure is counted, and how long before it the figure is that it is held against. */
export const PERIOD = 28;
/** Below so many, in both periods together, the pace of a count is chance. */
const FLOOR = 30;

/** The rule, as the page states it. */
export const progressRule =
  'On track: at the pace of the last 28 days (the figure now, plus its change from the 28 days before, carried on in a straight line) the target is met by its day. Behind: it is not. Below 30 counted in the 56 days, or without the 28 days before, there is not enough data to say.';

/** What one does oneself: every one of them is meant, none is chance. */
const deeds: readonly string[] = ['posts', 'answered'];

/**
 * How a figure stands to its target by the rule above. `today` and `byDay` are days of the workspace's zone; a target is
 * a count or minor units, like the figure.
 */
export function progressOf(
  figure: Pick<Figure, 'metric' | 'unit' | 'value' | 'before' | 'reason'>,
  { target, byDay, today }: { target: string; byDay: string | null; today: string },
): Progress {
  const { metric, unit, value, before, reason } = figure;
  if (value === null) return { state: 'not_enough_data', expected: null, reason: reason ?? 'Not counted yet.' };
  const [now, goal] = [Number(value), Number(target)];
  if (now >= goal) return { state: 'reached', expected: null, reason: 'The target is met.' };
  if (byDay === null)
    return { state: 'no_date', expected: null, reason: 'Without a day nothing can be said about the pace.' };
  if (byDay < today) return { state: 'missed', expected: null, reason: 'The day is over and the target was not met.' };
  if (before === null)
    return {
      state: 'not_enough_data',
      expected: null,
      reason: 'Not enough data: nothing is known of the 28 days before.',
    };
  const was = Number(before);
  if (unit === 'count' && !deeds.includes(metric) && now + was < FLOOR)
    return {
      state: 'not_enough_data',
      expected: null,
      reason: `Not enough data: ${now + was} of the ${FLOOR} needed in 56 days.`,
    };
  if (unit === 'money' && now === 0 && was === 0)
    return { state: 'not_enough_data', expected: null, reason: 'Not enough data: no money came in 56 days.' };
  const expected = Math.max(0, Math.round(now + ((now - was) * daysBetween(today, byDay)) / PERIOD));
  return expected >= goal
    ? { state: 'on_track', expected: String(expected), reason: 'At this pace the target is met by its day.' }
    : { state: 'behind', expected: String(expected), reason: 'At this pace the target is not met by its day.' };
}

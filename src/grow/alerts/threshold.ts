import { type AlertMetric, baseNeeded, type Day, metricMeta } from './metrics.ts';

export type Threshold = {
  metric: AlertMetric;
  comparison: 'above' | 'below';
  value: number;
  /** On the calm side of `value`: an open alert ends only beyond it. */
  release: number;
  windowDays: number;
};

/** What a rule looks at on one day: the number, or null with what is missing. */
export type Seen = { day: string; value: number | null; missing: string | null };

/** So far from the threshold an alert ends when nothing else is said: a tenth of it. */
export function usualRelease(comparison: 'above' | 'below', value: number): number {
  return comparison === 'above' ? value * 0.9 : value * 1.1;
}

/**
 * One step of the hysteresis. An alert opens beyond the threshold and ends only at or beyond the release value, so noise
 * between the two never opens or ends anything. A number that is not measured changes nothing.
 */
export function step(isOpen: boolean, { comparison, value, release }: Threshold, seen: number | null): boolean {
  if (seen === null) return isOpen;
  const beyond = (limit: number) => (comparison === 'above' ? seen > limit : seen < limit);
  return isOpen ? beyond(release) : beyond(value);
}

/**
 * What the rule sees at the end of each day given. A sum that is to stay above something is taken over whole days (a day
 * that has just begun is always low), one that must not go above something includes today.
 */
export function watched(rule: Threshold, days: readonly Day[], today: string): Seen[] {
  const { shape, of } = metricMeta[rule.metric];
  const wholeOnly = shape === 'rate' || shape === 'rateOfStart' || (shape === 'sum' && rule.comparison === 'below');
  const usable = wholeOnly ? days.filter(({ day }) => day < today) : days;
  if (shape === 'moment')
    return usable.map(({ day, part }) => ({
      day,
      value: part,
      missing: part === null ? 'It is not measured yet.' : null,
    }));
  return usable.flatMap(({ day }, index): Seen[] => {
    const window = usable.slice(index + 1 - rule.windowDays, index + 1);
    if (index + 1 < rule.windowDays) return [];
    if (window.some(({ part }) => part === null))
      return [{ day, value: null, missing: 'It was not measured on all of these days.' }];
    const part = window.reduce((sum, one) => sum + (one.part ?? 0), 0);
    if (shape === 'sum') return [{ day, value: part, missing: null }];
    const base = shape === 'rate' ? window.reduce((sum, one) => sum + (one.base ?? 0), 0) : (window[0]?.base ?? 0);
    if (base < baseNeeded)
      return [{ day, value: null, missing: `Not enough data: ${base} of the ${baseNeeded} ${of} needed.` }];
    return [{ day, value: (100 * part) / base, missing: null }];
  });
}

/** The days on which the rule would have raised an alert, had it been there from the first one, and whether one were open now. */
export function firings(rule: Threshold, seen: readonly Seen[]): { fired: Seen[]; isOpen: boolean } {
  let isOpen = false;
  const fired = seen.filter(({ value }) => {
    const was = isOpen;
    isOpen = step(was, rule, value);
    return isOpen && !was;
  });
  return { fired, isOpen };
}

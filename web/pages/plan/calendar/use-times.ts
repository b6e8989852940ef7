import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '#web/api.ts';
import { dayIn, timeIn, weekdayOf } from '#web/zone.ts';

/** The queue's times of all accounts by weekday, earliest first, as the clock of `zone` shows them this week. */
export function useSlots(zone: string): Map<number, string[]> {
  const { data } = useQuery({ queryKey: ['slots', 'list'], queryFn: () => api.slots.list({}), staleTime: 300_000 });
  return useMemo(() => {
    const times = new Map<number, string[]>();
    for (const { nextAt } of data?.slots ?? []) {
      const weekday = weekdayOf(dayIn(nextAt, zone));
      times.set(weekday, [...new Set([...(times.get(weekday) ?? []), timeIn(nextAt, zone)])].sort());
    }
    return times;
  }, [data, zone]);
}

/**
 * The time shown on a day nothing stands on: where one is known to do better on that weekday, that; else the queue's
 * first. With neither, none.
 */
export function useBestTimes(slots: Map<number, string[]>): Map<number, string[]> {
  const { data } = useQuery({ queryKey: ['timing', 'all'], queryFn: () => api.timing.best({}), staleTime: 300_000 });
  return useMemo(() => {
    const times = new Map(slots);
    // The best is named first, so it is put in front last.
    for (const { weekday, atTime } of data?.slots.toReversed() ?? [])
      times.set(weekday, [...new Set([atTime, ...(times.get(weekday) ?? [])])]);
    return times;
  }, [data, slots]);
}

import { type Filter, filtersInAddress, filtersOf } from '#web/filters.ts';
import { type RangeAsked, rangeInAddress, rangeOf } from '#web/range.ts';
import { isMeasure, type Measure } from './words.tsx';

/** What a saved view of this page keeps; a shared one is answered by exactly these. */
export interface Settings extends RangeAsked {
  appId: string;
  filters: Filter[];
  measure?: Measure;
}

/** What a saved view holds; undefined when it is of another kind. */
export function settingsOf(saved: Record<string, unknown>): Settings | undefined {
  const { appId, filters, measure } = saved;
  if (typeof appId !== 'string') return undefined;
  return {
    appId,
    ...rangeOf(saved),
    filters: Array.isArray(filters) ? filtersOf(filters.map(asWritten)) : [],
    ...(isMeasure(measure) ? { measure } : {}),
  };
}

/** As it is kept: nothing in it is undefined. */
export function savedOf({ appId, range, from, until, compare, filters, measure = 'visitors' }: Settings) {
  const custom: Record<string, string> = from !== undefined && until !== undefined ? { from, until } : {};
  return { appId, range, ...custom, compare, filters: filters.map((filter) => ({ ...filter })), measure };
}

/** Whether two show the same, whatever the order of their filters. */
export function isSame(one: Settings, other: Settings): boolean {
  const written = ({ appId, filters, measure = 'visitors', ...range }: Settings) =>
    JSON.stringify([appId, measure, rangeInAddress(range), (filtersInAddress(filters) ?? []).map(String).sort()]);
  return written(one) === written(other);
}

function asWritten(filter: unknown): unknown {
  if (typeof filter !== 'object' || filter === null) return null;
  const { dimension, operator = 'is', values } = filter as Partial<Filter>;
  return [dimension, operator, ...(Array.isArray(values) ? values : [])];
}

import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAddressChange } from './address.ts';

/** One condition: the dimension is any of these values, is none of them, or has any of them in it. `''` is "not known". */
export type Filter = { dimension: string; operator: 'is' | 'is_not' | 'contains'; values: string[] };

export interface ChosenFilters {
  /** The same array until it changes. */
  filters: Filter[];
  /** Whether the page is narrowed to this value. */
  has: (dimension: string, value: string) => boolean;
  /** Adds a condition, in the place of one about the same dimension. */
  add: (filter: Filter) => void;
  remove: (filter: Filter) => void;
  /** Narrows to one value, or takes that back. */
  toggle: (dimension: string, value: string) => void;
  clear: () => void;
}

/** What the page is narrowed to, kept in its address as `?only=[["country","is","DE"],["path","contains","/blog"]]`. */
export function useFilters(): ChosenFilters {
  const { only } = useSearch({ strict: false }) as { only?: unknown };
  const change = useAddressChange();
  const written = JSON.stringify(only ?? []);
  return useMemo(() => {
    const filters = filtersOf(JSON.parse(written));
    const set = (next: Filter[]) => change({ only: filtersInAddress(next) });
    const has = (dimension: string, value: string) =>
      filters.some((each) => each.dimension === dimension && each.operator === 'is' && each.values.includes(value));
    const about = (dimension: string) => filters.filter((each) => each.dimension !== dimension);
    const add = (filter: Filter) => set([...about(filter.dimension), filter]);
    return {
      filters,
      has,
      add,
      remove: (filter) => set(filters.filter((each) => each !== filter)),
      toggle: (dimension, value) =>
        has(dimension, value) ? set(about(dimension)) : add({ dimension, operator: 'is', values: [value] }),
      clear: () => set([]),
    };
  }, [written, change]);
}

/** What an address asks for; what it says wrongly counts as not said. */
export function filtersOf(only: unknown): Filter[] {
  if (!Array.isArray(only)) return [];
  return only.flatMap((one: unknown) => {
    if (!Array.isArray(one) || one.length < 3 || !one.every((each) => typeof each === 'string')) return [];
    const [dimension, operator, ...values] = one as [string, string, ...string[]];
    return operator === 'is' || operator === 'is_not' || operator === 'contains'
      ? [{ dimension, operator, values }]
      : [];
  });
}

/** As `useAddressChange` writes them under `only`. */
export function filtersInAddress(filters: readonly Filter[]): string[][] | null {
  return filters.length === 0
    ? null
    : filters.map(({ dimension, operator, values }) => [dimension, operator, ...values]);
}

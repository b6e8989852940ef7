import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { RangeAsked, RangeName } from '#src/measure/range.ts';
import { useAddressChange } from './address.ts';
import { day } from './format.ts';

export type { RangeAsked, RangeName };

export interface ChosenRange {
  /** Spread it into the input of an operation: `api.analytics.overview({ appId, ...asked })`. The same object until it changes. */
  asked: RangeAsked;
  /** The range in words: `30 days`, `3 Nov to 9 Nov`. */
  label: string;
  /** What it is compared with in words, `Previous 30 days`; null where it is compared with nothing. */
  compareLabel: string | null;
  set: (change: Partial<RangeAsked>) => void;
}

export const rangeLabels: Record<Exclude<RangeName, 'custom'>, string> = {
  today: 'Today',
  yesterday: 'Yesterday',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  '12m': '12 months',
  this_month: 'This month',
  last_month: 'Last month',
  this_year: 'This year',
  all: 'All time',
};

export const compareLabels: Record<RangeAsked['compare'], string> = {
  previous: 'Previous period',
  year: 'Same days a year before',
  none: 'Nothing',
};

/** The range the page is about, kept in its address as `?range=90d&compare=year` or `?range=custom&from=…&until=…`. */
export function useRange(): ChosenRange {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const change = useAddressChange();
  const { range, from, until, compare } = search;
  return useMemo(() => {
    const asked = rangeOf({ range, from, until, compare });
    return {
      asked,
      ...rangeWords(asked),
      set: (changed) => change(rangeInAddress({ ...asked, ...changed })),
    };
  }, [range, from, until, compare, change]);
}

/** What an address asks for; what it says wrongly counts as not said. */
export function rangeOf({ range, from, until, compare }: Record<string, unknown>): RangeAsked {
  const against = typeof compare === 'string' && Object.hasOwn(compareLabels, compare) ? compare : 'previous';
  const asked = { compare: against as RangeAsked['compare'] };
  if (range === 'custom' && isDay(from) && isDay(until) && from <= until) return { range, from, until, ...asked };
  if (typeof range === 'string' && Object.hasOwn(rangeLabels, range)) return { range: range as RangeName, ...asked };
  return { range: '30d', ...asked };
}

/** As `useAddressChange` writes a range. */
export function rangeInAddress({ range, from, until, compare }: RangeAsked): Record<string, string | null> {
  const custom = range === 'custom';
  return {
    range: range === '30d' ? null : range,
    from: custom ? (from ?? null) : null,
    until: custom ? (until ?? null) : null,
    compare: compare === 'previous' ? null : compare,
  };
}

/** A range and what it is compared with, in words. */
export function rangeWords(asked: RangeAsked): Pick<ChosenRange, 'label' | 'compareLabel'> {
  return { label: labelOf(asked), compareLabel: compareLabelOf(asked) };
}

function labelOf({ range, from, until }: RangeAsked): string {
  if (range !== 'custom') return rangeLabels[range];
  const [first, last] = [day(from!, 'UTC'), day(until!, 'UTC')];
  return first === last ? first : `${first} to ${last}`;
}

function compareLabelOf({ range, compare }: RangeAsked): string | null {
  if (compare === 'none' || range === 'all') return null;
  if (compare === 'year') return compareLabels.year;
  if (range === 'today') return 'Yesterday';
  if (range === 'yesterday') return 'The day before';
  return range === '7d' || range === '30d' || range === '90d' || range === '12m'
    ? `Previous ${rangeLabels[range]}`
    : compareLabels.previous;
}

function isDay(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { type Filter, useFilters } from '#web/filters.ts';
import { type RangeAsked, useRange } from '#web/range.ts';

export type Totals = Awaited<ReturnType<typeof api.analytics.totals>>;
export type Series = Awaited<ReturnType<typeof api.analytics.series>>;
export type Ranked = Awaited<ReturnType<typeof api.analytics.breakdown>>;
export type RankedRow = Ranked['rows'][number];
export type Live = Awaited<ReturnType<typeof api.analytics.live>>;
export type Annotation = Awaited<ReturnType<typeof api.annotations.list>>['annotations'][number];
export type View = Awaited<ReturnType<typeof api.views.list>>['views'][number];
type BreakdownAsked = Parameters<typeof api.analytics.breakdown>[0];
export type Dimension = BreakdownAsked['dimension'];
export type Sort = NonNullable<BreakdownAsked['sort']>;
export type Step = NonNullable<Parameters<typeof api.analytics.series>[0]['by']>;
type AskedFilters = NonNullable<BreakdownAsked['filters']>;

/** What every question of the page is about: the app, the range of the address and its filters. The same object until one changes. */
export interface Question extends RangeAsked {
  appId: string;
  filters: AskedFilters;
}

export function useQuestion(): Question {
  const { id: appId } = useApp();
  const { asked } = useRange();
  const { filters } = useFilters();
  return useMemo(() => ({ appId, ...asked, filters: askedFilters(filters) }), [appId, asked, filters]);
}

/** The server knows the dimensions and says which it does not; the address may name any. */
export function askedFilters(filters: readonly Filter[]): AskedFilters {
  return filters as AskedFilters;
}

export const analyticsKey = ['analytics'] as const;

/** Kept until the next answer is there, so that nothing jumps, and asked again while the page is looked at. */
const steady = { placeholderData: keepPreviousData, refetchInterval: 60_000 } as const;

export const totalsQuery = (question: Question) =>
  queryOptions({
    queryKey: [...analyticsKey, 'totals', question],
    queryFn: () => api.analytics.totals(question),
    ...steady,
  });

/** All measures at once: they are few numbers, and choosing another then needs no question. */
export const seriesQuery = (question: Question, by: Step) =>
  queryOptions({
    queryKey: [...analyticsKey, 'series', question, by],
    queryFn: () =>
      api.analytics.series({
        ...question,
        by,
        measures: ['visitors', 'visits', 'views', 'bounceRate', 'visitSeconds', 'signups', 'revenue'],
      }),
    ...steady,
  });

export const breakdownQuery = (question: Question, dimension: Dimension, sort: Sort) =>
  queryOptions({
    queryKey: [...analyticsKey, 'breakdown', question, dimension, sort],
    queryFn: () => api.analytics.breakdown({ ...question, dimension, sort, limit: 9 }),
    ...steady,
  });

export const eventsQuery = (question: Question, kind?: string) =>
  queryOptions({
    queryKey: [...analyticsKey, 'events', question, kind ?? null],
    queryFn: () => api.analytics.events({ ...question, ...(kind === undefined ? {} : { kind }) }),
    ...steady,
  });

export const agentsQuery = ({ filters: _, ...question }: Question) =>
  queryOptions({
    queryKey: [...analyticsKey, 'agents', question],
    queryFn: () => api.analytics.agents(question),
    ...steady,
  });

export const weekQuery = (
  { filters: _, ...question }: Question,
  measure: 'visitors' | 'visits' | 'views' | 'signups',
) =>
  queryOptions({
    queryKey: [...analyticsKey, 'week', question, measure],
    queryFn: () => api.analytics.week({ ...question, measure }),
    ...steady,
  });

export const liveQuery = (appId: string) =>
  queryOptions({
    queryKey: [...analyticsKey, 'live', appId],
    queryFn: () => api.analytics.live({ appId }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

export const annotationsKey = ['annotations'] as const;

export const annotationsQuery = ({ filters: _, ...question }: Question) =>
  queryOptions({
    queryKey: [...annotationsKey, question],
    queryFn: () => api.annotations.list(question),
    placeholderData: keepPreviousData,
  });

export const viewsKey = ['views'] as const;

export const viewsQuery = queryOptions({
  queryKey: [...viewsKey, 'analytics'],
  queryFn: async () => (await api.views.list({ page: 'analytics' })).views,
});

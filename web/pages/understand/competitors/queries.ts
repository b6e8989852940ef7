import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Competitor = Awaited<ReturnType<typeof api.competitors.list>>['competitors'][number];
export type Whole = Awaited<ReturnType<typeof api.competitors.get>>;
export type Change = Whole['changes'][number] & { competitor?: { id: string; name: string } };
export type Price = Whole['prices'][number];
export type Matrix = Awaited<ReturnType<typeof api.features.list>>;
export type Severity = Change['severity'];

/** All that is asked about competitors begins with this. */
export const competitorsKey = (appId: string) => ['competitors', appId];

export const competitorsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...competitorsKey(appId), 'list'],
    queryFn: async () => (await api.competitors.list({ appId })).competitors,
  });

export const changesQuery = (appId: string, severity: Severity) =>
  queryOptions({
    queryKey: [...competitorsKey(appId), 'changes', severity],
    queryFn: async () => (await api.competitors.changes({ appId, severity, limit: 100 })).changes,
  });

export const matrixQuery = (appId: string) =>
  queryOptions({ queryKey: [...competitorsKey(appId), 'matrix'], queryFn: () => api.features.list({ appId }) });

export const pricesQuery = (appId: string) =>
  queryOptions({
    queryKey: [...competitorsKey(appId), 'prices'],
    queryFn: async () => (await api.competitors.prices({ appId })).competitors,
  });

export const benchmarkQuery = (appId: string) =>
  queryOptions({
    queryKey: [...competitorsKey(appId), 'benchmark'],
    queryFn: async () => (await api.competitors.benchmark({ appId })).rows,
  });

export const competitorQuery = (appId: string, competitorId: string) =>
  queryOptions({
    queryKey: [...competitorsKey(appId), 'one', competitorId],
    queryFn: () => api.competitors.get({ competitorId }),
  });

import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Strategy = NonNullable<Awaited<ReturnType<typeof api.strategies.current>>['strategy']>;
export type Item = Strategy['items'][number];
export type Version = Awaited<ReturnType<typeof api.strategies.list>>['strategies'][number];
export type StrategyDiff = Awaited<ReturnType<typeof api.strategies.diff>>;
export type Campaign = Awaited<ReturnType<typeof api.campaigns.list>>['campaigns'][number];
export type CampaignInFull = Awaited<ReturnType<typeof api.campaigns.get>>;

export const currentQuery = (appId: string) =>
  queryOptions({
    queryKey: ['strategies', appId, 'current'],
    queryFn: async () => (await api.strategies.current({ appId })).strategy,
  });

export const versionsQuery = (appId: string) =>
  queryOptions({
    queryKey: ['strategies', appId, 'list'],
    queryFn: async () => (await api.strategies.list({ appId })).strategies,
  });

export const versionQuery = (appId: string, strategyId: string) =>
  queryOptions({
    queryKey: ['strategies', appId, 'get', strategyId],
    queryFn: () => api.strategies.get({ strategyId }),
  });

export const diffQuery = (appId: string, strategyId: string, withId: string) =>
  queryOptions({
    queryKey: ['strategies', appId, 'diff', strategyId, withId],
    queryFn: () => api.strategies.diff({ strategyId, withId }),
  });

/** One campaign; asked again while its first drafts are on their way. */
export const campaignQuery = (campaignId: string) =>
  queryOptions({
    queryKey: ['campaigns', 'get', campaignId],
    queryFn: () => api.campaigns.get({ campaignId }),
    refetchInterval: ({ state }) => (state.data && awaitsDrafts(state.data) ? 2_000 : false),
  });

/** A campaign that has just started gets its first week by itself. */
export function awaitsDrafts({ status, posts }: Pick<Campaign, 'status' | 'posts'>): boolean {
  return (status === 'active' || status === 'scheduled') && posts.all === 0;
}

export const strategiesKey = (appId: string) => ['strategies', appId];
export const campaignsKey = ['campaigns'];

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from './api.ts';

/** What several pages ask the server for, each under one key, so that an answer is shared and a change refreshes all of them. */

export const postQuery = (postId: string) =>
  queryOptions({ queryKey: ['posts', 'get', postId], queryFn: () => api.posts.get({ postId }) });

export type PostFilter = Omit<NonNullable<Parameters<typeof api.posts.list>[0]>, 'cursor'>;

export const postsQuery = (filter: PostFilter) =>
  queryOptions({
    queryKey: ['posts', 'list', filter],
    queryFn: () => api.posts.list(filter),
    placeholderData: keepPreviousData,
  });

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: async () => (await api.accounts.list({})).accounts,
});

export const campaignsQuery = (appId: string) =>
  queryOptions({
    queryKey: ['campaigns', appId],
    queryFn: async () => (await api.campaigns.list({ appId })).campaigns,
  });

export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: async () => (await api.notices.list({})).notices,
  refetchInterval: 60_000,
});

export const spendQuery = queryOptions({ queryKey: ['spend'], queryFn: () => api.spend.month({}) });

export const suggestionsQuery = (appId: string) =>
  queryOptions({ queryKey: ['suggestions', 'list', appId], queryFn: () => api.suggestions.list({ appId }) });

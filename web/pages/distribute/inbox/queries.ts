import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Item = Awaited<ReturnType<typeof api.inbox.list>>['items'][number];
export type Conversation = Awaited<ReturnType<typeof api.inbox.get>>;
export type Show = 'all' | 'unread' | 'unanswered';

export const itemsQuery = (state: Show) =>
  infiniteQueryOptions({
    queryKey: ['inbox', 'list', state],
    queryFn: ({ pageParam }) => api.inbox.list({ state, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });

export const itemQuery = (itemId: string) =>
  queryOptions({ queryKey: ['inbox', 'item', itemId], queryFn: () => api.inbox.get({ itemId }) });

export const advocatesQuery = queryOptions({
  queryKey: ['inbox', 'advocates'],
  queryFn: () => api.contacts.advocates({}),
});

/** How much of the inbox nobody has read. */
export const inboxCountQuery = queryOptions({
  queryKey: ['inbox', 'count'],
  queryFn: async () => (await api.inbox.list({ limit: 1 })).counts,
  refetchInterval: 60_000,
});

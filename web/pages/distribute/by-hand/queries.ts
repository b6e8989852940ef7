import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Task = Awaited<ReturnType<typeof api.assisted.list>>['tasks'][number];
export type Piece = Task['copies'][number];

export const openTasksQuery = (appId: string) =>
  queryOptions({
    queryKey: ['assisted', 'open', appId],
    queryFn: () => api.assisted.list({ appId, limit: 200 }),
    // Some are found by themselves after they were sent.
    refetchInterval: 60_000,
  });

export const allTasksQuery = (appId: string) =>
  infiniteQueryOptions({
    queryKey: ['assisted', 'all', appId],
    queryFn: ({ pageParam }) =>
      api.assisted.list({ appId, open: false, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
  });

export const pagesQuery = queryOptions({
  queryKey: ['assisted', 'platforms'],
  queryFn: async () => (await api.assisted.platforms({})).platforms,
  staleTime: 600_000,
});

/** How many posts wait to be sent by hand now. */
export const byHandCountQuery = queryOptions({
  queryKey: ['assisted', 'count'],
  queryFn: async () => (await api.assisted.list({ limit: 1 })).due,
  refetchInterval: 60_000,
});

import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Lists = Awaited<ReturnType<typeof api.mailingLists.list>>;
export type List = Lists['lists'][number];
export type Letter = Awaited<ReturnType<typeof api.newsletter.letters>>['letters'][number];
export type Subscriber = Awaited<ReturnType<typeof api.subscribers.list>>['subscribers'][number];

/** Everything of the page begins with this key, so that one change refreshes the numbers too. */
export const ALL = ['mailing-lists'];

export const listsQuery = (appId: string) =>
  queryOptions({ queryKey: [...ALL, appId], queryFn: () => api.mailingLists.list({ appId }) });

/** Asked again while letters are on their way. */
export const lettersQuery = (listId: string) =>
  queryOptions({
    queryKey: [...ALL, 'letters', listId],
    queryFn: async () => (await api.newsletter.letters({ listId })).letters,
    refetchInterval: ({ state }) => (state.data?.some((letter) => letter.due > 0) ? 5_000 : false),
  });

import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Account = Awaited<ReturnType<typeof api.accounts.list>>['accounts'][number];
export type DeveloperApp = Awaited<ReturnType<typeof api.accounts.developerApp>>;
export type Slot = Awaited<ReturnType<typeof api.slots.list>>['slots'][number];

export type Platform = Awaited<ReturnType<typeof api.accounts.platforms>>['platforms'][number];

/** Everything an account's settings can change, `accountsQuery` of #web/queries.ts among it. */
export const accountsKey = ['accounts'];

export const platformsQuery = queryOptions({
  queryKey: [...accountsKey, 'platforms'],
  queryFn: async () => (await api.accounts.platforms({})).platforms,
  staleTime: Number.POSITIVE_INFINITY,
});

export const developerAppQuery = (platform: string) =>
  queryOptions({
    queryKey: [...accountsKey, 'developerApp', platform],
    queryFn: () => api.accounts.developerApp({ platform }),
  });

export const slotsQuery = (accountId: string) =>
  queryOptions({
    queryKey: [...accountsKey, 'slots', accountId],
    queryFn: async () => (await api.slots.list({ accountId })).slots,
  });

import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Plan = NonNullable<Awaited<ReturnType<typeof api.launch.get>>['plan']>;
export type Step = Plan['steps'][number];

export const launchKey = ['launch'] as const;

export const launchQuery = (appId: string) =>
  queryOptions({
    queryKey: [...launchKey, appId],
    queryFn: async () => (await api.launch.get({ appId })).plan,
  });

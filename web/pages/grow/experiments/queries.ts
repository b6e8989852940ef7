import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export const experimentsKey = ['experiments'];

export const experimentsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...experimentsKey, 'of', appId],
    queryFn: async () => (await api.experiments.list({ appId })).experiments,
  });

export type Experiment = Awaited<ReturnType<typeof api.experiments.list>>['experiments'][number];

export const resultQuery = (experimentId: string) =>
  queryOptions({
    queryKey: [...experimentsKey, 'result', experimentId],
    queryFn: () => api.experiments.result({ experimentId }),
  });

export type Result = Awaited<ReturnType<typeof api.experiments.result>>;
export type Comparison = Result['comparisons'][number];

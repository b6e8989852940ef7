import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Answer = Awaited<ReturnType<typeof api.funnels.preview>>;
export type Saved = Awaited<ReturnType<typeof api.funnels.list>>['funnels'][number];
type Asked = Parameters<typeof api.funnels.preview>[0];
export type Step = Asked['steps'][number];
export type Grouping = NonNullable<Asked['breakdown']>;
/** What is counted: the steps, the window, whose, how strictly. */
export type Definition = Pick<Saved, 'steps' | 'windowMinutes' | 'by' | 'strict'>;
export type Goal = Awaited<ReturnType<typeof api.goals.list>>['goals'][number];

export const funnelsKey = ['funnels'] as const;

export const funnelsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...funnelsKey, 'list', appId],
    queryFn: async () => (await api.funnels.list({ appId })).funnels,
  });

export const answerQuery = (asked: Asked) =>
  queryOptions({
    queryKey: [...funnelsKey, 'answer', asked],
    queryFn: () => api.funnels.preview(asked),
    placeholderData: keepPreviousData,
  });

export const insteadQuery = ({ compare: _, breakdown: __, ...asked }: Asked) =>
  queryOptions({
    queryKey: [...funnelsKey, 'instead', asked],
    queryFn: () => api.funnels.instead(asked),
  });

export const goalsQuery = (appId: string) =>
  queryOptions({ queryKey: ['goals', appId], queryFn: async () => (await api.goals.list({ appId })).goals });

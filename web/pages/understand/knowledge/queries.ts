import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Facts = Awaited<ReturnType<typeof api.knowledge.list>>;
export type Fact = Facts['groups'][number]['facts'][number];
export type Overview = Awaited<ReturnType<typeof api.knowledge.overview>>;
export type Kind = Fact['kind'];
export type Analysis = NonNullable<Awaited<ReturnType<typeof api.analyses.latest>>['analysis']>;
export type Difference = Awaited<ReturnType<typeof api.knowledge.diff>>;
export type Audience = Awaited<ReturnType<typeof api.audiences.list>>['audiences'][number];
export type ReadPage = Awaited<ReturnType<typeof api.pages.list>>['pages'][number];

export const factsQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'list'], queryFn: () => api.knowledge.list({ appId }) });

export const overviewQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'overview'], queryFn: () => api.knowledge.overview({ appId }) });

export const differenceQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'diff'], queryFn: () => api.knowledge.diff({ appId }) });

export const audiencesQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'audiences'],
    queryFn: async () => (await api.audiences.list({ appId })).audiences,
  });

export const voiceQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'voice'], queryFn: () => api.voice.show({ appId }) });

/** What the customers of each audience are worth, as measured. */
export const measuredQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'segments', 'audience'],
    queryFn: () => api.segments.by({ appId, by: 'audience' }),
  });

/** The latest reading; asked again each second while it is under way. */
export const readingQuery = (appId: string) =>
  queryOptions({
    queryKey: ['analyses.latest', appId],
    queryFn: async () => (await api.analyses.latest({ appId })).analysis,
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? 1000 : false),
  });

export function isUnderWay(analysis: Analysis | null | undefined): boolean {
  return analysis?.state === 'waiting' || analysis?.state === 'running';
}

/** Everything a reading or a decision about it can change. */
export const knowledgeKey = (appId: string) => ['knowledge', appId];

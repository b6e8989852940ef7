import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Facts = Awaited<ReturnType<typeof api.knowledge.list>>;
export type Fact = Facts['groups'][number]['facts'][number];
export type Kind = Fact['kind'];
export type Analysis = NonNullable<Awaited<ReturnType<typeof api.analyses.latest>>['analysis']>;
export type Difference = Awaited<ReturnType<typeof api.knowledge.diff>>;
export type Keyword = Awaited<ReturnType<typeof api.keywords.list>>['keywords'][number];
export type Audience = Awaited<ReturnType<typeof api.audiences.list>>['audiences'][number];
export type ReadPage = Awaited<ReturnType<typeof api.pages.list>>['pages'][number];
export type Competitor = Awaited<ReturnType<typeof api.competitors.list>>['competitors'][number];

export const factsQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'list'], queryFn: () => api.knowledge.list({ appId }) });

export const differenceQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'diff'], queryFn: () => api.knowledge.diff({ appId }) });

export const keywordsQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'keywords'],
    queryFn: async () => (await api.keywords.list({ appId })).keywords,
  });

export const audiencesQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'audiences'],
    queryFn: async () => (await api.audiences.list({ appId })).audiences,
  });

export const competitorsQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'competitors'],
    queryFn: async () => (await api.competitors.list({ appId })).competitors,
  });

export const pagesQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'pages'],
    queryFn: async () => (await api.pages.list({ appId })).pages,
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

import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Keyword = Awaited<ReturnType<typeof api.keywords.list>>['keywords'][number];
export type Shown = Awaited<ReturnType<typeof api.keywords.get>>;
export type Question = Awaited<ReturnType<typeof api.keywords.questions>>['questions'][number];
export type Covered = Awaited<ReturnType<typeof api.keywords.coverage>>['pages'][number];

export const keywordsQuery = (appId: string) =>
  queryOptions({
    queryKey: ['keywords', appId, 'list'],
    queryFn: async () => (await api.keywords.list({ appId })).keywords,
  });

export const keywordQuery = (appId: string, keywordId: string) =>
  queryOptions({ queryKey: ['keywords', appId, 'one', keywordId], queryFn: () => api.keywords.get({ keywordId }) });

export const questionsQuery = (appId: string) =>
  queryOptions({
    queryKey: ['keywords', appId, 'questions'],
    queryFn: async () => (await api.keywords.questions({ appId })).questions,
  });

export const coverageQuery = (appId: string) =>
  queryOptions({
    queryKey: ['keywords', appId, 'coverage'],
    queryFn: async () => (await api.keywords.coverage({ appId })).pages,
  });

/** Everything a decision about a phrase can change. */
export const keywordsKey = (appId: string) => ['keywords', appId];

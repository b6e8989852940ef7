import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type AppDetails = Awaited<ReturnType<typeof api.apps.get>>;
export type OwnPage = Awaited<ReturnType<typeof api.pages.list>>['pages'][number];
export type PageDetails = Awaited<ReturnType<typeof api.pages.get>>;
export type Checklist = Awaited<ReturnType<typeof api.findings.list>>;
export type Rule = Checklist['rules'][number];
export type Finding = Rule['pages'][number];
export type Asset = Awaited<ReturnType<typeof api.assets.list>>['assets'][number];

/** Under the key of what a reading changes, so that the end of one refreshes all of it. */
export const appQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'app'], queryFn: () => api.apps.get({ appId }) });

export const pagesQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'pages'],
    queryFn: async () => (await api.pages.list({ appId })).pages.filter((page) => page.competitor === null),
  });

export const pageQuery = (appId: string, pageId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'page', pageId], queryFn: () => api.pages.get({ pageId }) });

export const pageChangesQuery = (appId: string) =>
  queryOptions({
    queryKey: ['knowledge', appId, 'page-changes'],
    queryFn: async () => (await api.pages.changes({ appId })).changes,
  });

export const checklistQuery = (appId: string) =>
  queryOptions({ queryKey: ['knowledge', appId, 'findings'], queryFn: () => api.findings.list({ appId }) });

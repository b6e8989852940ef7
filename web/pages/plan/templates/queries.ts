import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { accountsQuery } from '#web/queries.ts';

export const templatesKey = ['templates'];

export const templatesQuery = (appId: string) =>
  queryOptions({
    queryKey: [...templatesKey, 'of', appId],
    queryFn: async () => (await api.templates.list({ appId })).templates,
  });

export type Template = Awaited<ReturnType<typeof api.templates.list>>['templates'][number];
export type Variable = Template['variables'][number];
export type Kind = Template['kind'];

export const resultsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...templatesKey, 'results', appId],
    queryFn: () => api.templates.results({ appId }),
  });

export type Results = Awaited<ReturnType<typeof api.templates.results>>;

export const previewQuery = (input: Parameters<typeof api.templates.preview>[0] & { version: number }) =>
  queryOptions({
    queryKey: [...templatesKey, 'preview', input],
    queryFn: () => {
      const { version: _, ...asked } = input;
      return api.templates.preview(asked);
    },
    // The old text stays until the new one is there: nothing jumps while one types.
    placeholderData: (before) => before,
  });

export type Preview = Awaited<ReturnType<typeof api.templates.preview>>;

export const versionsQuery = (templateId: string) =>
  queryOptions({
    queryKey: [...templatesKey, 'versions', templateId],
    queryFn: async () => (await api.templates.versions({ templateId })).versions,
  });

/** Where a post made from a template goes: the platforms of the connected accounts. */
export function usePlatforms(): string[] {
  const accounts = useQuery(accountsQuery).data ?? [];
  return [...new Set(accounts.filter(({ status }) => status !== 'removed').map(({ platform }) => platform))];
}

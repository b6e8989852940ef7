import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Link = Awaited<ReturnType<typeof api.links.list>>['links'][number];

export const linksKey = ['links'] as const;

export const channelsKey = ['channels'] as const;

export const channelsQuery = (appId: string, days = 90) =>
  queryOptions({
    queryKey: [...channelsKey, 'list', appId, days],
    queryFn: () => api.channels.list({ appId, days }),
  });

/** An address as people read it: without its scheme and a last slash. */
export function plainUrl(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

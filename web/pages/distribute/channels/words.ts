import type { api } from '#web/api.ts';

export type Channel = Awaited<ReturnType<typeof api.channels.list>>['channels'][number];
export type Place = Awaited<ReturnType<typeof api.channels.places>>['places'][number];

export const kindWords: Record<Channel['kind'], string> = {
  social: 'Social networks',
  community: 'Communities',
  directory: 'Directories',
  content: 'Content',
  search: 'Search',
  email: 'E-mail',
  store: 'App stores',
  marketplace: 'Marketplaces',
  press: 'Press',
  partnership: 'Partnerships',
  affiliate: 'Affiliates',
  ads: 'Paid ads',
};

export const statusWords: Record<Channel['status'], string> = {
  idea: 'Idea',
  preparing: 'Preparing',
  active: 'Active',
  paused: 'Paused',
  dropped: 'Dropped',
};
/** The state whose look a channel's status has. */
export const statusLook: Record<Channel['status'], string> = {
  idea: 'draft',
  preparing: 'in_progress',
  active: 'active',
  paused: 'paused',
  dropped: 'withdrawn',
};

import type { api } from '#web/api.ts';

export type Channel = Awaited<ReturnType<typeof api.channels.list>>['channels'][number];
export type Returns = Awaited<ReturnType<typeof api.returns.by>>;
export type Figures = Omit<Returns['rows'][number], 'key' | 'name' | 'note'>;
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

/** By what channels are ranked; `kind` keeps them apart by kind, the most visits first. */
export const sortWords = {
  kind: 'By kind',
  visits: 'Most visits',
  signups: 'Most signups',
  revenue: 'Most revenue',
  cost: 'Most cost',
  payback: 'Paid back soonest',
} as const;
export type Sort = keyof typeof sortWords;

/** What a channel is ranked by, the larger the higher. What cannot be said ranks last. */
export function rankOf(figures: Figures | undefined, sort: Sort): number {
  if (!figures) return Number.NEGATIVE_INFINITY;
  switch (sort) {
    case 'signups':
      return figures.signups;
    case 'revenue':
      return Number(figures.revenueMinor);
    case 'cost':
      return Number(figures.cost.allMinor);
    case 'payback':
      return -(figures.ratios.paybackMonths.value ?? Number.POSITIVE_INFINITY);
    default:
      return figures.visits;
  }
}

import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { money } from '#web/format.ts';

export type Affiliate = Awaited<ReturnType<typeof api.affiliates.list>>['affiliates'][number];
export type Commission = Awaited<ReturnType<typeof api.commissions.list>>['commissions'][number];

export const affiliatesKey = ['affiliates'] as const;

export const affiliatesQuery = (appId: string) =>
  queryOptions({
    queryKey: [...affiliatesKey, 'list', appId],
    queryFn: async () => (await api.affiliates.list({ appId })).affiliates,
  });

/** `25% of each payment`, `€5.00 a payment`. */
export function ruleWords({ percent, fixed }: Pick<Affiliate, 'percent' | 'fixed'>): string {
  if (percent !== null) return `${percent}% of each payment`;
  return fixed ? `${money(fixed.minor, fixed.currency)} a payment` : '';
}

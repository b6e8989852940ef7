import { api } from '#web/api.ts';

export type Webhook = Awaited<ReturnType<typeof api.webhooks.list>>['webhooks'][number];
export type Delivery = Awaited<ReturnType<typeof api.webhooks.deliveries>>['deliveries'][number];

export const webhooksQuery = {
  queryKey: ['webhooks.list'],
  queryFn: async () => (await api.webhooks.list({})).webhooks,
} as const;
export const activitiesQuery = {
  queryKey: ['webhooks.activities'],
  queryFn: async () => (await api.webhooks.activities({})).activities,
  staleTime: Number.POSITIVE_INFINITY,
} as const;

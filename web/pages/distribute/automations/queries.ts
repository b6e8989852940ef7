import { queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';

export type Automation = Awaited<ReturnType<typeof api.automations.list>>['automations'][number];
export type Rule = Automation['rule'];
export type Kind = Rule['kind'];
export type Run = Awaited<ReturnType<typeof api.automations.runs>>['runs'][number];
export type Previewed = Awaited<ReturnType<typeof api.automations.preview>>;
/** A rule as the server takes it. */
export type RuleInput = Parameters<typeof api.automations.create>[0]['rule'];

export const automationsKey = ['automations'];

export const automationsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...automationsKey, 'list', appId],
    queryFn: async () => (await api.automations.list({ appId })).automations,
    refetchInterval: 60_000,
  });

export const runsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...automationsKey, 'runs', appId],
    queryFn: async () => (await api.automations.runs({ appId, limit: 50 })).runs,
    refetchInterval: 60_000,
  });

export const previewQuery = (wanted: {
  automationId?: string;
  appId: string;
  accountId: string | null;
  rule: RuleInput;
}) =>
  queryOptions({
    queryKey: [...automationsKey, 'preview', wanted],
    queryFn: () => api.automations.preview(wanted),
    retry: false,
  });

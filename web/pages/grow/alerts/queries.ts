import { api } from '#web/api.ts';

export type Alert = Awaited<ReturnType<typeof api.alerts.list>>['alerts'][number];
export type Rule = Awaited<ReturnType<typeof api.alertRules.list>>['rules'][number];
export type RuleInput = Parameters<typeof api.alertRules.create>[0];
export type Target = Awaited<ReturnType<typeof api.alertTargets.list>>['targets'][number];

export const alertsQuery = (appId: string, which: 'waiting' | 'snoozed' | 'history') => ({
  queryKey: ['alerts', appId, which],
  queryFn: () => api.alerts.list({ appId, which, limit: 200 }),
});
export const rulesQuery = (appId: string) => ({
  queryKey: ['alert-rules', appId],
  queryFn: () => api.alertRules.list({ appId }),
});
export const mutesQuery = (appId: string) => ({
  queryKey: ['alert-mutes', appId],
  queryFn: () => api.alerts.muted({ appId }),
});
export const targetsQuery = { queryKey: ['alert-targets'], queryFn: () => api.alertTargets.list({}) };
export const mannersQuery = { queryKey: ['alert-settings'], queryFn: () => api.alertSettings.show({}) };

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import type { RangeAsked } from '#web/range.ts';

export type Figures = Awaited<ReturnType<typeof api.revenue.figures>>;
export type Period = Figures['periods'][number];
export type MovementKind = Awaited<ReturnType<typeof api.revenue.movements>>['movements'][number]['kind'];
export type Grain = Figures['grain'];
export type Segment = NonNullable<Parameters<typeof api.revenue.figures>[0]['segment']>;
export type LedgerDay = Awaited<ReturnType<typeof api.ledger.days>>['days'][number];
export type Payment = Awaited<ReturnType<typeof api.payments.list>>['payments'][number];
export type Receipt = Awaited<ReturnType<typeof api.payments.receipt>>;
export type CohortMeasure = NonNullable<Parameters<typeof api.revenue.cohorts>[0]['measure']>;

export const revenueKey = ['revenue'] as const;
const steady = { placeholderData: keepPreviousData, refetchInterval: 60_000 } as const;

export const figuresQuery = (asked: { appId: string; grain: Grain; segment?: Segment } & RangeAsked, waits = false) =>
  queryOptions({
    queryKey: [...revenueKey, 'figures', asked],
    queryFn: () => api.revenue.figures(asked),
    ...steady,
    // While nothing has come yet the first payment should show by itself.
    ...(waits ? { refetchInterval: 4000 } : {}),
  });

export const lifetimeQuery = (appId: string) =>
  queryOptions({ queryKey: [...revenueKey, 'lifetime', appId], queryFn: () => api.revenue.lifetime({ appId }) });

export const cohortsQuery = (appId: string, measure: CohortMeasure) =>
  queryOptions({
    queryKey: [...revenueKey, 'cohorts', appId, measure],
    queryFn: () => api.revenue.cohorts({ appId, measure }),
    placeholderData: keepPreviousData,
  });

export const definitionsQuery = (appId: string) =>
  queryOptions({ queryKey: [...revenueKey, 'definitions', appId], queryFn: () => api.revenue.definitions({ appId }) });

export const ledgerQuery = (appId: string) =>
  queryOptions({ queryKey: [...revenueKey, 'ledger', appId], queryFn: () => api.ledger.days({ appId }) });

export const payoutsQuery = (appId: string) =>
  queryOptions({
    queryKey: [...revenueKey, 'payouts', appId],
    queryFn: async () => (await api.ledger.payouts({ appId, limit: 12 })).payouts,
  });

export const explainQuery = (day: LedgerDay) =>
  queryOptions({
    queryKey: [...revenueKey, 'explain', day.sourceId, day.day, day.paid.currency],
    queryFn: async () =>
      (await api.ledger.explain({ day: day.day, sourceId: day.sourceId, currency: day.paid.currency })).explanations,
  });

export const receiptQuery = (paymentId: string) =>
  queryOptions({
    queryKey: [...revenueKey, 'receipt', paymentId],
    queryFn: () => api.payments.receipt({ paymentId }),
  });

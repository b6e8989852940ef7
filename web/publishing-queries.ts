import { queryOptions } from '@tanstack/react-query';
import { api } from './api.ts';
import { useChange } from './change.ts';

export const publishingKey = ['publishing'];

export const healthQuery = queryOptions({
  queryKey: ['publishing', 'health'],
  queryFn: () => api.publications.health({}),
  refetchInterval: 15_000,
});

export const heldQuery = queryOptions({
  queryKey: ['publishing', 'status'],
  queryFn: () => api.publishing.status({}),
  refetchInterval: 60_000,
});

export function useResume(after?: () => void) {
  return useChange(api.publishing.resume, {
    refreshes: [publishingKey, ['accounts']],
    says: 'Publishing goes on',
    ...(after ? { after } : {}),
  });
}

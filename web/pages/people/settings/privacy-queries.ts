import { api } from '#web/api.ts';

/** How long each class of data is kept, and from when on its rows are there. */
export const retentionQuery = { queryKey: ['retention.list'], queryFn: () => api.retention.list({}) } as const;

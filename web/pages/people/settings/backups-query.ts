import { api } from '#web/api.ts';

export type Backups = Awaited<ReturnType<typeof api.backups.list>>;
export type Backup = Backups['backups'][number];

/** Looked at again every two seconds while one is being made or verified. */
export const backupsQuery = {
  queryKey: ['backups.list'],
  queryFn: () => api.backups.list({}),
  refetchInterval: (query: { state: { data?: Backups | undefined } }) =>
    query.state.data?.backups.some(({ state, verifying }) => state === 'running' || verifying) ? 2_000 : false,
} as const;

/** `12.3 MB`: sizes of files, in powers of a thousand. */
export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let unit = 0;
  for (; amount >= 1000 && unit < units.length - 1; unit++) amount /= 1000;
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

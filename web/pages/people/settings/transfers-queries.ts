import { api } from '#web/api.ts';

export type Transfer = Awaited<ReturnType<typeof api.transfers.list>>['transfers'][number];
export type Preview = Awaited<ReturnType<typeof api.transfers.preview>>;
export type Content = NonNullable<Preview['content']>;

const isOpen = ({ state }: Transfer) => state === 'waiting' || state === 'running';

/** Asked again every two seconds while something is on its way. */
export const transfersQuery = {
  queryKey: ['transfers.list'],
  queryFn: async () => (await api.transfers.list({ limit: 50 })).transfers.filter(({ state }) => state !== 'uploaded'),
  refetchInterval: ({ state }: { state: { data?: Transfer[] } }) => (state.data?.some(isOpen) ? 2000 : false),
} as const;

/** Sends a file piece by piece and tells how far it is, from 0 to 1. Throws with the server's words. */
export function sendFile(file: File, told: (part: number) => void): Promise<{ id: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/transfers/files?name=${encodeURIComponent(file.name)}`);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer = request.response as { id?: string; message?: string } | null;
      if (request.status < 300 && answer?.id) resolve({ id: answer.id });
      else
        reject(
          new Error(answer?.message ?? `The server answered ${request.status} without saying why. Its log knows more.`),
        );
    };
    request.onerror = () => reject(new Error('The server did not answer. Check that you are online, then try again.'));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

export const formatWords: Record<Transfer['format'], string> = {
  x_archive: 'X archive',
  csv: 'CSV',
  plausible: 'Plausible',
  umami: 'Umami',
  google_analytics: 'Google Analytics',
  archive: 'Fanfare export',
  ndjson: 'NDJSON',
  parquet: 'Parquet',
};

export const contentWords: Record<Content, string> = {
  events: 'Page views and events',
  conversions: 'Signups and other conversions',
  payments: 'Payments',
  post_metrics: 'Numbers of posts',
  costs: 'Costs',
};

/** Our columns by content, those that must be there first. */
export const columnsOf: Record<Content, string[]> = {
  events: [
    'time',
    'visitor',
    'kind',
    'path',
    'host',
    'referrer',
    'utm_source',
    'utm_medium',
    'utm_campaign',
    'utm_content',
    'utm_term',
    'country',
    'device',
    'browser',
    'system',
    'value',
    'currency',
    'id',
  ],
  conversions: ['time', 'person', 'kind', 'email', 'click', 'value', 'currency'],
  payments: ['time', 'amount', 'currency', 'reference', 'tax', 'fee', 'person', 'email', 'click'],
  post_metrics: [
    'post',
    'time',
    'impressions',
    'views',
    'likes',
    'replies',
    'reposts',
    'quotes',
    'bookmarks',
    'linkClicks',
    'profileClicks',
    'follows',
  ],
  costs: ['date', 'amount', 'channel', 'kind', 'currency', 'campaign', 'note'],
};

import type { Content } from './store.ts';

/** A column of ours: under which names other tables have it, and whether it must be there. */
export type Wanted = { needed: boolean; names: readonly string[] };

const optional = (...names: string[]): Wanted => ({ needed: false, names });
const needed = (...names: string[]): Wanted => ({ needed: true, names });

/** What a CSV of each content may tell; the first name is ours. */
export const wantedColumns: Record<Content, Record<string, Wanted>> = {
  events: {
    time: needed('time', 'timestamp', 'occurred_at', 'created_at', 'date', 'datetime'),
    visitor: needed(
      'visitor',
      'visitor_id',
      'session',
      'session_id',
      'user_id',
      'client_id',
      'anonymous_id',
      'distinct_id',
    ),
    kind: optional('kind', 'event', 'event_name', 'name', 'type'),
    path: optional('path', 'url_path', 'pathname', 'page', 'url', 'page_url', 'page_path'),
    host: optional('host', 'hostname', 'domain'),
    referrer: optional('referrer', 'referer', 'referrer_url', 'referring_url'),
    utm_source: optional('utm_source'),
    utm_medium: optional('utm_medium'),
    utm_campaign: optional('utm_campaign'),
    utm_content: optional('utm_content'),
    utm_term: optional('utm_term'),
    country: optional('country', 'country_code'),
    device: optional('device', 'device_type'),
    browser: optional('browser'),
    system: optional('system', 'os', 'operating_system'),
    value: optional('value', 'amount', 'revenue'),
    currency: optional('currency', 'currency_code'),
    id: optional('id', 'event_id', 'uuid'),
  },
  conversions: {
    time: needed('time', 'timestamp', 'occurred_at', 'created_at', 'signed_up_at', 'date'),
    person: needed('person', 'user', 'user_id', 'customer', 'customer_id', 'id'),
    kind: optional('kind', 'event', 'type', 'conversion'),
    email: optional('email', 'e-mail', 'email_address'),
    click: optional('click', 'ff', 'click_id'),
    value: optional('value', 'amount'),
    currency: optional('currency', 'currency_code'),
  },
  payments: {
    time: needed(
      'time',
      'paid_at',
      'created_at',
      'created',
      'date',
      'timestamp',
      'created (utc)',
      'created date (utc)',
    ),
    amount: needed('amount', 'total', 'gross', 'value', 'price'),
    currency: optional('currency', 'currency_code'),
    reference: optional('reference', 'id', 'payment_id', 'order_id', 'invoice', 'transaction_id'),
    tax: optional('tax', 'tax_amount', 'vat'),
    fee: optional('fee', 'fees', 'processing_fee'),
    person: optional('person', 'user_id', 'customer_id', 'customer'),
    email: optional('email', 'customer email', 'customer_email', 'email_address'),
    click: optional('click', 'ff', 'click_id'),
  },
  post_metrics: {
    post: needed(
      'post',
      'post_url',
      'url',
      'link',
      'permalink',
      'post link',
      'tweet permalink',
      'post id',
      'post_id',
      'tweet id',
      'tweet_id',
      'id',
    ),
    time: optional('time', 'taken_at', 'collected_at'),
    impressions: optional('impressions'),
    views: optional('views', 'video_views'),
    likes: optional('likes', 'favorites', 'reactions'),
    replies: optional('replies', 'comments'),
    reposts: optional('reposts', 'retweets', 'shares', 'repost'),
    quotes: optional('quotes'),
    bookmarks: optional('bookmarks', 'saves'),
    linkClicks: optional('linkclicks', 'link_clicks', 'link clicks', 'url clicks', 'clicks'),
    profileClicks: optional('profileclicks', 'profile_clicks', 'profile visits', 'user profile clicks'),
    follows: optional('follows', 'new follows'),
  },
  costs: {
    date: needed('date', 'day', 'datum'),
    amount: needed('amount', 'cost', 'spend', 'amount spent'),
    channel: optional('channel', 'source', 'platform'),
    kind: optional('kind', 'type', 'category'),
    currency: optional('currency', 'currency code', 'currency_code'),
    campaign: optional('campaign', 'campaign name'),
    note: optional('note', 'notes', 'description'),
  },
};

const plain = (name: string) =>
  name
    .replace(/^\uFEFF/, '')
    .trim()
    .toLowerCase();

/** Which of the file's columns is which of ours, as far as their names say; each of the file's is used once. */
export function guessColumns(content: Content, head: readonly string[]): Record<string, string> {
  const free = new Map(head.map((name) => [plain(name), name.trim()]));
  const found: Record<string, string> = {};
  for (const [column, { names }] of Object.entries(wantedColumns[content])) {
    const name = names.find((one) => free.has(one) || free.has(one.replaceAll('_', ' ')));
    const key = name === undefined ? undefined : free.has(name) ? name : name.replaceAll('_', ' ');
    const own = key === undefined ? undefined : free.get(key);
    if (key === undefined || own === undefined) continue;
    found[column] = own;
    free.delete(key);
  }
  return found;
}

/** What a CSV is about, by its columns: the content of which most are there, with all that are needed; else null. */
export function guessContent(head: readonly string[]): Content | null {
  const contents = (['costs', 'payments', 'post_metrics', 'events', 'conversions'] as const).map((content) => {
    const found = guessColumns(content, head);
    const whole = Object.entries(wantedColumns[content]).every(([column, { needed: must }]) => !must || found[column]);
    return { content, score: whole ? Object.keys(found).length : 0 };
  });
  const best = contents.sort((a, b) => b.score - a.score)[0];
  return best && best.score > 0 ? best.content : null;
}

/** Needed columns that nothing of the file is, by our names. */
export function missingColumns(content: Content, columns: Readonly<Record<string, string>>): string[] {
  return Object.entries(wantedColumns[content]).flatMap(([column, { needed: must }]) =>
    must && !columns[column] ? [column] : [],
  );
}

import { money } from '#web/format.ts';
import type { Price } from './queries.ts';

/** `$9 per user a month, billed yearly`. */
export function priceWords({ price, every, perSeat, starting, billed }: Price): string {
  if (Number(price.minor) === 0) return 'Free';
  const seat = perSeat ? ' per user' : '';
  const interval = every === 'unsaid' ? '' : every === 'once' ? ' once' : ` a ${every}`;
  const bill = billed ? `, billed ${billed === 'year' ? 'yearly' : 'monthly'}` : '';
  return `${starting ? 'from ' : ''}${money(price.minor, price.currency)}${seat}${interval}${bill}`;
}

export const severityWords = { high: 'High', medium: 'Medium', low: 'Low' } as const;
export const kindWords = {
  price: 'Price',
  feature: 'Feature',
  message: 'Message',
  post: 'Post',
  page: 'Page',
} as const;
export const supportWords = { yes: 'Yes', partly: 'Partly', no: 'No', unknown: 'Unknown' } as const;

/** `saas` → `SaaS`; `developer_tools` → `Developer tools`. */
export function categoryWords(category: string): string {
  if (category === 'saas') return 'SaaS';
  const words = category.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.replace(/^www\./, '') : url;
}

import { api } from '#web/api.ts';
import { money } from '#web/format.ts';

export type Ai = Awaited<ReturnType<typeof api.ai.show>>;

export const aiQuery = { queryKey: ['ai.show'], queryFn: () => api.ai.show({}) } as const;

export const providers: Record<NonNullable<Ai['provider']>, string> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google',
  'openai-compatible': 'OpenAI-compatible',
};

/** Millionths of a US dollar as dollars and cents; what is more than nothing and less than a cent says so. */
export function dollars(micros: number): string {
  if (micros > 0 && micros < 10_000) return 'under $0.01';
  return money(String(Math.round(micros / 10_000)), 'USD');
}

export const classNames: Record<Ai['mayLeave'][number], [name: string, what: string]> = {
  public_pages: ['Public pages', 'What your site and your competitors show to everyone'],
  knowledge: ['Knowledge', 'Facts, voice and audiences that Fanfare keeps of your app'],
  own_posts: ['Own posts and plans', 'Drafts, published posts, campaigns'],
  people: ['Inbox and people', 'Messages to you, and who wrote them'],
  customers: ['Customers and money', 'Payments, subscriptions, subscribers'],
};

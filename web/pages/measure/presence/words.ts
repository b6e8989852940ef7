import type { api } from '#web/api.ts';
import { count, percent } from '#web/format.ts';

export type Presence = Awaited<ReturnType<typeof api.presence.show>>;
export type Account = NonNullable<Presence['account']>;
export type BestTime = Awaited<ReturnType<typeof api.timing.best>>;
export type Comparison = Awaited<ReturnType<typeof api.platforms.compare>>;
export type Estimate = Account['growthPerWeek'];

export const byWords = { platform: 'Platform', account: 'Account', format: 'Format' } as const;

export const formatNames: Record<string, string> = {
  text: 'Text',
  picture: 'Picture',
  video: 'Video',
  thread: 'Thread',
  poll: 'Poll',
  link: 'Link',
  article: 'Article',
};

const oneDigit = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
export function decimal(value: number): string {
  return oneDigit.format(value);
}
/** `1.4 ×`. */
export function times(value: number): string {
  return `${new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value)} ×`;
}
/** `12 to 19`, or nothing. */
export function span({ low, high }: Estimate, write: (value: number) => string): string | null {
  return low === null || high === null ? null : `${write(low)} to ${write(high)}`;
}
export const rate = percent;
export const whole = (value: number) => count(Math.round(value));

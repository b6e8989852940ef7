/** What X bills, by its price list of 2026-04-16. */
import type { State, User } from './state.ts';

/** In millionths of a dollar. */
const PRICES = {
  post: 15_000,
  post_with_url: 200_000,
  summoned_reply: 10_000,
  post_read: 5_000,
  owned_read: 1_000,
  user_read: 10_000,
  media_metadata: 5_000,
  repost: 15_000,
  delete: 10_000,
};

/** Writes the ledger. What has a key is billed once a UTC day. */
export function charge(
  state: State,
  now: number,
  user: User,
  item: keyof typeof PRICES,
  key: string | null = null,
): void {
  if (key !== null) {
    const day = new Date(now).toISOString().slice(0, 10);
    const billed = state.billed[day] ?? [];
    if (billed.includes(`${user.id} ${key}`)) return;
    state.billed[day] = [...billed, `${user.id} ${key}`];
  }
  state.ledger.push({ at: now, item, micros: PRICES[item], userId: user.id });
}

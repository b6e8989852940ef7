import type { Inside } from '#src/context.ts';
import { ACTIVE } from '#src/distribute/publications/waiting.ts';
import { nextFreeSlot } from '#src/distribute/slots.ts';
import { refuse } from '#src/refusal.ts';

/** Further ahead nobody means it, in milliseconds. */
const FAR = 2 * 366 * 86_400_000;

export type When = { at: Date } | 'next_slot' | 'now';

export async function assertNotTwice({ tx }: Inside, postId: string, accountId: string, again: boolean): Promise<void> {
  const states = again ? ACTIVE : [...ACTIVE, 'published' as const];
  const known = await tx
    .selectFrom('publications')
    .select('state')
    .where('postId', '=', postId)
    .where('accountId', '=', accountId)
    .where('state', 'in', states)
    .executeTakeFirst();
  if (known?.state === 'published')
    throw refuse('conflict', 'already_published', 'This post is out on that account. Duplicate it to post it again.');
  if (known) throw refuse('conflict', 'already_scheduled', 'This post is scheduled on that account. Move it instead.');
}

/** The moment that is meant. For the next free slot the account has to be locked (`lockAccounts`). */
export async function momentOf(inside: Inside, accountId: string, when: When): Promise<Date> {
  const now = inside.clock.now();
  if (when === 'now') return now;
  if (when !== 'next_slot') return when.at;
  const slot = await nextFreeSlot(inside, accountId, now);
  if (!slot) throw refuse('conflict', 'no_slot', 'This account has no free slot. Add slots, or choose a time.');
  return slot;
}

export function assertMoment(at: Date, now: Date): void {
  if (at.getTime() < now.getTime() - 60_000)
    throw refuse('invalid', 'in_the_past', 'This moment is over. Choose a later one, or publish now.');
  if (at.getTime() > now.getTime() + FAR)
    throw refuse('invalid', 'too_far', 'This is more than two years away. Choose an earlier moment.');
}

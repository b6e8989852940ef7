/**
 * What the sandbox's pretend people write under posts. Like the audience's numbers it follows from a post's id and the
 * time that has passed: whoever looks finds the same, and nothing that was there goes away.
 */
import type { Mention } from '#src/outside/platform.ts';
import { chances, idAt, timeOf } from './audience.ts';
import type { StoredPost } from './store.ts';

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;

/** Nobody who reads them should take them for real. Those at the front write more often. */
const PEOPLE = [
  { handle: 'ada_pretends', name: 'Ada (pretend)', followers: 2_310 },
  { handle: 'sam_pretends', name: 'Sam (pretend)', followers: 184 },
  { handle: 'lin_pretends', name: 'Lin (pretend)', followers: 12_400 },
  { handle: 'joao_pretends', name: 'João (pretend)', followers: 47 },
  { handle: 'vera_pretends', name: 'Vera (pretend)', followers: 903 },
  { handle: 'kofi_pretends', name: 'Kofi (pretend)', followers: 5_120 },
  { handle: 'mei_pretends', name: 'Mei (pretend)', followers: 61 },
  { handle: 'omar_pretends', name: 'Omar (pretend)', followers: 760 },
] as const;

const REPLIES = [
  'This is the part I always get wrong. How long did it take you to find out?',
  'Been looking for something like this for months. Is there a free plan?',
  'Love that you share the numbers, also the bad ones.',
  'Does it work with a team, or is it for one person?',
  'Tried it on the weekend, set up in ten minutes. Nice.',
  'Not sure I agree. What happens when the server is down?',
  'Saved this one, thank you.',
  'Would you write up how you did it?',
] as const;

const MENTIONS = [
  'If you look for people who build in public, follow @{handle}.',
  'We moved over to what @{handle} makes last week, no regrets so far.',
] as const;

/** Everything that was written by `now` under or about an account's own posts, oldest first. */
export function mentionsOf(own: readonly StoredPost[], handle: string, now: Date): Mention[] {
  return own
    .filter((post) => post.replyTo === null)
    .flatMap((post) => writtenUnder(post.id, handle))
    .filter((mention) => mention.receivedAt <= now)
    .sort((a, b) => (BigInt(a.platformId) < BigInt(b.platformId) ? -1 : 1));
}

/** Those after `since`; of the last week without it. */
export function since(mentions: Mention[], known: string | null, now: Date): Mention[] {
  return mentions.filter((mention) =>
    known === null ? mention.receivedAt.getTime() > now.getTime() - WEEK : BigInt(mention.platformId) > BigInt(known),
  );
}

/** Under half of the posts nobody writes, under some two people do. */
function writtenUnder(postId: string, handle: string): Mention[] {
  const chance = chances(`mentions ${postId}`);
  const luck = chance();
  return Array.from({ length: luck < 0.45 ? 0 : luck < 0.8 ? 1 : 2 }, () => {
    const person = PEOPLE[Math.floor(chance() ** 2 * PEOPLE.length)] ?? PEOPLE[0];
    const answers = chance() < 0.85;
    const texts = answers ? REPLIES : MENTIONS;
    const text = (texts[Math.floor(chance() * texts.length)] ?? texts[0]).replace('{handle}', handle);
    // Most come within hours, the last after a day and a half.
    const receivedAt = new Date(timeOf(postId).getTime() + Math.round((10 + 2_000 * chance() ** 3) * MINUTE));
    const platformId = idAt(receivedAt, Math.floor(chance() * 2 ** 22));
    return {
      kind: answers ? 'reply' : 'mention',
      platformId,
      url: `sandbox:/posts/${platformId}`,
      text,
      receivedAt,
      replyTo: answers ? postId : null,
      author: { platformUserId: person.handle, ...person },
    };
  });
}

/** What X bills a pay-per-use developer for. */
import type { Cost, PricedPart } from '#src/outside/platform.ts';
import { findUrls } from './urls.ts';

/**
 * X's price list of 2026-04-16 (docs.x.com, getting-started/pricing), in millionths of a US dollar for each resource.
 * An owned read is a post of the signed-in account, read through its own timeline by an app of the same account.
 */
export const PRICES = {
  date: '2026-04-16',
  post: 15_000,
  postWithUrl: 200_000,
  ownedRead: 1_000,
  userRead: 10_000,
  /** A reply to somebody who mentioned or quoted us. */
  summonedReply: 10_000,
  /** One description of a picture. */
  mediaMetadata: 5_000,
} as const;

/** The price of one post. Any link in it, even a bare domain, makes it thirteen times as dear. */
export function priceOfPost(text: string): Cost {
  return findUrls(text.normalize('NFC')).length > 0
    ? { item: 'x.post_with_url', micros: PRICES.postWithUrl }
    : { item: 'x.post', micros: PRICES.post };
}

/** Everything that publishing one part is charged for: the post itself and a description for each picture that has one. */
export function priceOfPart({ text, describedMedia, answersOther }: PricedPart): Cost[] {
  const post = priceOfPost(text);
  const described = { item: 'x.media_metadata', micros: PRICES.mediaMetadata };
  return [
    answersOther && post.item === 'x.post' ? { item: 'x.summoned_reply', micros: PRICES.summonedReply } : post,
    ...Array.from({ length: describedMedia }, () => described),
  ];
}

/**
 * The price of a look at the own timeline. An upper bound: X does not bill the same post twice within one UTC day
 * (a soft guarantee), which a single call cannot know.
 */
export function priceOfTimeline(postsRead: number): Cost {
  return { item: 'x.owned_read', micros: postsRead * PRICES.ownedRead };
}

/** The price of reading the own profile. It is not on the list of owned reads. */
export function priceOfProfile(): Cost {
  return { item: 'x.user_read', micros: PRICES.userRead };
}

/** What X bills a pay-per-use developer for. */
import type { Cost, PricedPart, PriceList } from '#src/outside/platform.ts';
import { findUrls } from './urls.ts';

/**
 * X's price list, in millionths of a US dollar for one. An owned read is a post in the timeline or the mentions of the
 * signed-in account, read by an app of the same account. X bills the same resource once within a UTC day (a soft
 * guarantee), which a single call cannot know: what we note for reading is an upper bound.
 */
export const PRICES = {
  asOf: '2026-04-16',
  source: 'https://docs.x.com/x-api/getting-started/pricing',
  items: [
    { item: 'x.post', micros: 15_000, what: 'A post without a link' },
    { item: 'x.post_with_url', micros: 200_000, what: 'A post with a link' },
    { item: 'x.summoned_reply', micros: 10_000, what: 'A reply to somebody who mentioned you' },
    { item: 'x.media_metadata', micros: 5_000, what: 'The description of a picture' },
    { item: 'x.repost', micros: 15_000, what: 'A repost' },
    { item: 'x.delete', micros: 10_000, what: 'Removing a post' },
    { item: 'x.owned_read', micros: 1_000, what: 'Reading a post of your own timeline or mentions' },
    { item: 'x.post_read', micros: 5_000, what: 'Reading any other post' },
    { item: 'x.user_read', micros: 10_000, what: 'Reading a profile' },
    { item: 'x.mentions', micros: 16_000, what: 'Reading a mention, with its author and the post it answers, at most' },
  ],
} as const satisfies PriceList;

export type PricedItem = (typeof PRICES.items)[number]['item'];

const MICROS = new Map<PricedItem, number>(PRICES.items.map(({ item, micros }) => [item, micros]));

/** The price of so many of one item. */
export function priceOfItem(item: PricedItem, count = 1): Cost {
  return { item, micros: (MICROS.get(item) as number) * count };
}

/** The price of one post. Any link in it, even a bare domain, makes it thirteen times as dear. */
export function priceOfPost(text: string): Cost {
  return priceOfItem(findUrls(text.normalize('NFC')).length > 0 ? 'x.post_with_url' : 'x.post');
}

/** Everything that publishing one part is charged for: the post itself and a description for each picture that has one. */
export function priceOfPart({ text, describedMedia, answersOther }: PricedPart): Cost[] {
  const post = priceOfPost(text);
  return [
    answersOther && post.item === 'x.post' ? priceOfItem('x.summoned_reply') : post,
    ...Array.from({ length: describedMedia }, () => priceOfItem('x.media_metadata')),
  ];
}

/**
 * The price of a look at the mentions: an owned read for each, but a full one for each author and for each post that is
 * answered or quoted.
 */
export function priceOfMentions(read: { posts: number; referenced: number; users: number }): Cost {
  const parts = [
    priceOfItem('x.owned_read', read.posts),
    priceOfItem('x.post_read', read.referenced),
    priceOfItem('x.user_read', read.users),
  ];
  return { item: 'x.mentions', micros: parts.reduce((sum, { micros }) => sum + micros, 0) };
}

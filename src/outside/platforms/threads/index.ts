/** Threads, by Meta's Threads API. */
import type { Platform } from '#src/outside/platform.ts';
import { mentions, metrics, profile } from './numbers.ts';
import { authorizeUrl, defaults, exchange, refresh } from './oauth.ts';
import { ownPosts, publish, remove } from './posts.ts';

const LENGTH = 500;

export const threads = {
  id: 'threads',
  name: 'Threads',
  // developers.facebook.com/documentation/threads/posts and /overview, 2026-04.
  limits: {
    length: LENGTH,
    lengthWithLongPosts: null,
    urlLength: null,
    threads: true,
    firstReply: true,
    media: {
      images: 20,
      gifs: 0,
      videos: 20,
      mixed: true,
      imageBytes: 8_000_000,
      imageTypes: ['image/jpeg', 'image/png'],
      gifBytes: 0,
      videoBytes: 1_000_000_000,
      videoTypes: ['video/mp4', 'video/quicktime'],
      videoMilliseconds: [1, 300_000],
    },
    altTextLength: 1_000,
    // Always open for a day.
    poll: { options: 4, optionLength: 25, minutes: [1_440, 1_440] },
    replySettings: ['everyone', 'following', 'mentioned'],
    community: null,
    title: null,
    // Besides 1,000 replies in the same time.
    rates: [{ posts: 250, minutes: 1_440 }],
  },
  measureText(text) {
    const length = measure(text);
    return { length, valid: text.trim().length > 0 && length <= LENGTH };
  },
  comparable: (text) => text.normalize('NFC').replace(/\s+/g, ' ').trim(),
  priceOf: () => [],
  oauth: { apps: 'own', defaults, authorizeUrl, exchange },
  keys: null,
  refresh,
  profile,
  // Threads fetches files from where we have them, together with the post.
  upload: null,
  uploadState: null,
  publish,
  idempotentFor: 0,
  ownPosts,
  metrics,
  mentions,
  repost: null,
  remove,
} satisfies Platform;

const EMOJI = /\p{RGI_Emoji}/gv;

/** Characters; an emoji counts as its bytes in UTF-8 ("emojis are counted as the number of UTF-8 bytes"). */
function measure(text: string): number {
  let emoji = 0;
  const rest = text.replace(EMOJI, (one) => {
    emoji += new TextEncoder().encode(one).length;
    return '';
  });
  return [...rest].length + emoji;
}

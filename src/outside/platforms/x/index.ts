/** X, by its API v2 on a pay-per-use developer app. */
import type { Platform } from '#src/outside/platform.ts';
import { countText, MAX_LENGTH, URL_LENGTH } from './count.ts';
import { metrics, profile } from './metrics.ts';
import { authorizeUrl, exchange, refresh } from './oauth.ts';
import { comparable, ownPosts, publish } from './posts.ts';
import { priceOfPart } from './prices.ts';

export { X_API_URL, X_AUTHORIZE_URL } from './oauth.ts';

export const x = {
  id: 'x',
  name: 'X',
  limits: {
    length: MAX_LENGTH,
    lengthWithLongPosts: 25_000,
    urlLength: URL_LENGTH,
    threads: true,
    firstReply: true,
    media: {
      images: 4,
      gifs: 1,
      videos: 1,
      mixed: false,
      imageBytes: 5_000_000,
      imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
      gifBytes: 15_000_000,
      videoBytes: 512_000_000,
      videoTypes: ['video/mp4', 'video/quicktime'],
      videoMilliseconds: [500, 140_000],
    },
    altTextLength: 1_000,
    poll: { options: 4, optionLength: 25, minutes: [5, 10_080] },
    replySettings: ['everyone', 'following', 'mentioned', 'subscribers', 'verified'],
    community: { label: 'Community', required: false },
    title: null,
    rates: [
      { posts: 100, minutes: 15 },
      { posts: 300, minutes: 180 },
    ],
  },
  measureText: countText,
  comparable,
  priceOf: priceOfPart,
  oauth: { apps: 'own', authorizeUrl, exchange },
  keys: null,
  refresh,
  profile,
  upload: null,
  uploadState: null,
  publish,
  idempotentFor: 0,
  ownPosts,
  metrics,
  mentions: null,
  repost: null,
  remove: null,
} satisfies Platform;

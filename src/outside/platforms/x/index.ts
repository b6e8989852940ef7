/** X, by its API v2 on a pay-per-use developer app. */
import type { Platform } from '#src/outside/platform.ts';
import { countText, MAX_LENGTH, URL_LENGTH } from './count.ts';
import { metrics, profile } from './metrics.ts';
import { authorizeUrl, exchange, refresh } from './oauth.ts';
import { comparable, ownPosts, publish } from './posts.ts';
import { priceOfPost } from './prices.ts';

export { X_API_URL, X_AUTHORIZE_URL } from './oauth.ts';

export const x: Platform = {
  id: 'x',
  name: 'X',
  limits: {
    length: MAX_LENGTH,
    lengthWithLongPosts: 25_000,
    urlLength: URL_LENGTH,
    threads: true,
    media: { images: 4, videos: 1 },
    altTextLength: 1_000,
  },
  measureText: countText,
  comparable,
  priceOf: priceOfPost,
  oauth: { authorizeUrl, exchange, refresh },
  profile,
  publish,
  ownPosts,
  metrics,
};

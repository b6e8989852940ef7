/** X, by its API v2 on a pay-per-use developer app. */
import type { Platform } from '#src/outside/platform.ts';
import { countText } from './count.ts';
import { idOfUrl } from './ids.ts';
import { LIMITS } from './limits.ts';
import { upload, uploadState } from './media.ts';
import { mentions } from './mentions.ts';
import { metrics, profile } from './metrics.ts';
import { authorizeUrl, defaults, exchange, refresh } from './oauth.ts';
import { comparable, ownPosts, publish, remove, repost } from './posts.ts';
import { PRICES, priceOfPart } from './prices.ts';

export const x = {
  id: 'x',
  name: 'X',
  limits: LIMITS,
  measureText: countText,
  comparable,
  priceOf: priceOfPart,
  prices: PRICES,
  oauth: { apps: 'own', defaults, authorizeUrl, exchange },
  keys: null,
  refresh,
  profile,
  upload,
  uploadState,
  publish,
  idOfUrl,
  idempotentFor: 0,
  ownPosts,
  metrics,
  mentions,
  repost,
  remove,
} satisfies Platform;

/** Bluesky, on bsky.social or on a server (PDS) of one's own, by its own protocol without an AppView between. */
import type { Platform } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { upload } from './files.ts';
import { publish, remove, repost } from './posts.ts';
import { mentions, metrics, ownPosts, profile } from './reading.ts';
import { fields, open, refresh } from './sessions.ts';
import { comparable, MAX_GRAPHEMES, measureText } from './text.ts';
import { uriOfPage } from './wire.ts';

/** Bluesky through the guarded door: a person names the server. */
export function openBluesky(web: Web) {
  return {
    id: 'bluesky',
    name: 'Bluesky',
    limits: {
      length: MAX_GRAPHEMES,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: true,
      firstReply: true,
      media: {
        images: 4,
        gifs: 0,
        videos: 0,
        mixed: false,
        // The lexicon of app.bsky.embed.images says 2 MB, "formerly limited to 1 MB" (in @atproto/pds 0.5.35, November
        // 2026): servers that have not been updated since take no more than that.
        imageBytes: 1_000_000,
        imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
        gifBytes: 0,
        videoBytes: 0,
        videoTypes: [],
        videoMilliseconds: [0, 0],
      },
      // The lexicon sets none; Bluesky's own app stops here.
      altTextLength: 2_000,
      poll: null,
      replySettings: ['everyone', 'following', 'mentioned'],
      community: null,
      title: null,
      // 5,000 points an hour and 35,000 a day, 3 for a new record (docs.bsky.app, "Rate limits", read November 2026).
      rates: [
        { posts: 1_666, minutes: 60 },
        { posts: 11_666, minutes: 1_440 },
      ],
    },
    measureText,
    comparable,
    priceOf: () => [],
    oauth: null,
    keys: { fields, open: (values) => open(web, values) },
    refresh: (stale) => refresh(web, stale),
    profile: (grant) => profile(web, grant),
    upload: (grant, media, step) => upload(web, grant, media, step),
    uploadState: null,
    publish: (grant, part) => publish(web, grant, part),
    idOfUrl: uriOfPage,
    idempotentFor: Number.POSITIVE_INFINITY,
    ownPosts: (grant, since) => ownPosts(web, grant, since),
    metrics: (grant, platformIds) => metrics(web, grant, platformIds),
    mentions: (grant, since) => mentions(web, grant, since),
    repost: (grant, platformId) => repost(web, grant, platformId),
    remove: (grant, platformId) => remove(web, grant, platformId),
  } satisfies Platform;
}

/** Mastodon, and the servers that speak its API (Pleroma, Akkoma, GoToSocial): each at the address a person gives. */
import type { Platform } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { upload, uploadState } from './media.ts';
import { authorizeUrl, exchange, refresh, register } from './oauth.ts';
import { ownPosts, publish, remove, repost } from './posts.ts';
import { mentions, metrics, profile } from './reading.ts';
import { comparable, LONG_LENGTH, MAX_LENGTH, measureText, URL_LENGTH } from './text.ts';
import { idOfPage } from './wire.ts';

/** Mastodon through the guarded door: a person names the server. Limits are those of a server nobody changed. */
export function openMastodon(web: Web) {
  return {
    id: 'mastodon',
    name: 'Mastodon',
    limits: {
      length: MAX_LENGTH,
      lengthWithLongPosts: LONG_LENGTH,
      urlLength: URL_LENGTH,
      threads: true,
      firstReply: true,
      // MediaAttachment of Mastodon 4.5: 16 MiB a picture, 99 MiB a video, 1,500 characters of description, no length.
      media: {
        images: 4,
        gifs: 1,
        videos: 1,
        mixed: false,
        imageBytes: 16_777_216,
        imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
        gifBytes: 16_777_216,
        videoBytes: 103_809_024,
        videoTypes: ['video/mp4', 'video/quicktime', 'video/webm'],
        videoMilliseconds: [1, 86_400_000],
      },
      altTextLength: 1_500,
      // PollOptionsValidator and PollExpirationValidator: five minutes to a month.
      poll: { options: 4, optionLength: 50, minutes: [5, 43_829] },
      replySettings: [],
      community: null,
      title: null,
      // RateLimiter of Mastodon 4.5. All calls together: 300 in five minutes, answered with 429 beyond.
      rates: [{ posts: 300, minutes: 180 }],
    },
    measureText,
    comparable,
    priceOf: () => [],
    oauth: {
      apps: 'registered',
      register: (serverUrl, about) => register(web, serverUrl, about),
      authorizeUrl,
      exchange: (app, grant) => exchange(web, app, grant),
    },
    keys: null,
    refresh: (stale) => refresh(web, stale),
    profile: (grant) => profile(web, grant),
    upload: (grant, media, step) => upload(web, grant, media, step),
    uploadState: (grant, mediaId) => uploadState(web, grant, mediaId),
    publish: (grant, part) => publish(web, grant, part),
    idOfUrl: idOfPage,
    // The server keeps the key for an hour; ten minutes are kept back for clocks and waiting.
    idempotentFor: 50 * 60_000,
    ownPosts: (grant, since) => ownPosts(web, grant, since),
    metrics: (grant, platformIds) => metrics(web, grant, platformIds),
    mentions: (grant, since) => mentions(web, grant, since),
    repost: (grant, platformId) => repost(web, grant, platformId),
    remove: (grant, platformId) => remove(web, grant, platformId),
  } satisfies Platform;
}

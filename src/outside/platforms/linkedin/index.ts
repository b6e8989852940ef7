/** LinkedIn, as a member, by the API that every developer app gets (Posts API). */
import type { Platform } from '#src/outside/platform.ts';
import { upload, uploadState } from './media.ts';
import { metrics } from './metrics.ts';
import { authorizeUrl, defaults, exchange, profile, refresh } from './oauth.ts';
import { idOfUrl, publish, remove } from './posts.ts';

const LENGTH = 3_000;

export const linkedin = {
  id: 'linkedin',
  name: 'LinkedIn',
  limits: {
    length: LENGTH,
    lengthWithLongPosts: null,
    urlLength: null,
    threads: false,
    firstReply: true,
    // Images API, Videos API and MultiImage API, November 2026. Images are limited by 36,152,320 pixels and not by
    // bytes; 8 MB is what the page takes.
    media: {
      images: 20,
      gifs: 1,
      videos: 1,
      mixed: false,
      imageBytes: 8_000_000,
      imageTypes: ['image/jpeg', 'image/png'],
      gifBytes: 8_000_000,
      videoBytes: 500_000_000,
      videoTypes: ['video/mp4'],
      videoMilliseconds: [3_000, 1_800_000],
    },
    altTextLength: 4_086,
    poll: null,
    replySettings: [],
    community: null,
    title: null,
    // Shown only in the developer portal; commonly 150 a day for a member.
    rates: [{ posts: 150, minutes: 1_440 }],
  },
  // In UTF-16 units, which is never less than what LinkedIn may count.
  measureText: (text) => ({ length: text.length, valid: text.trim().length > 0 && text.length <= LENGTH }),
  comparable: (text) => text.normalize('NFC').replace(/\s+/g, ' ').trim(),
  priceOf: () => [],
  oauth: { apps: 'own', defaults, authorizeUrl, exchange },
  keys: null,
  refresh,
  profile,
  upload,
  uploadState,
  publish,
  idOfUrl,
  idempotentFor: 0,
  // `r_member_social` is closed to new apps: a person has to look.
  ownPosts: null,
  metrics,
  mentions: null,
  repost: null,
  remove,
} satisfies Platform;

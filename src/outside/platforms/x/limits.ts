/** What X allows (docs.x.com, read 2026-11: create posts, media best practices, rate limits, counting characters). */
import type { Limits } from '#src/outside/platform.ts';
import { MAX_LENGTH, URL_LENGTH } from './count.ts';

export const LIMITS = {
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
} satisfies Limits;

/** Pixels of an animated GIF. */
export const GIF_SIZE = { width: 1280, height: 1080 };
/** How many times wider than high, or higher than wide, a video may be. */
export const VIDEO_RATIO = 3;

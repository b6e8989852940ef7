/**
 * Slack, by the bot token of an app one makes for one's own workspace (https://docs.slack.dev, read November 2026). An
 * account is one channel of one workspace.
 */
import type { Platform } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { keysOf, profileOf } from './connect.ts';
import { ownPostsOf } from './history.ts';
import { LENGTH, publishOn, removeOn } from './messages.ts';
import { comparable } from './text.ts';
import { uploadStateOn, uploadTo } from './upload.ts';

/** The adapter. `web` guards the address, which a person may change (GovSlack has its own). */
export function openSlack(web: Web) {
  return {
    id: 'slack',
    name: 'Slack',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: true,
      firstReply: true,
      // What an image block takes: png, jpg and gif (slack_file). Slack names no size for it; larger ones load slowly.
      media: {
        images: 10,
        gifs: 10,
        videos: 0,
        mixed: false,
        imageBytes: 10_000_000,
        imageTypes: ['image/jpeg', 'image/png'],
        gifBytes: 10_000_000,
        videoBytes: 0,
        videoTypes: [],
        videoMilliseconds: [0, 0],
      },
      altTextLength: 2_000,
      poll: null,
      replySettings: [],
      community: null,
      title: null,
      // "chat.postMessage generally allows posting one message per second per channel" (docs.slack.dev, rate limits).
      rates: [{ posts: 60, minutes: 1 }],
    },
    /** Counted before & < > are escaped, as Slack shows it. */
    measureText: (text) => ({ length: text.length, valid: text.isWellFormed() }),
    comparable,
    priceOf: () => [],
    oauth: null,
    keys: keysOf(web),
    refresh: null,
    profile: profileOf(web),
    upload: uploadTo(web),
    uploadState: uploadStateOn(web),
    publish: publishOn(web),
    idempotentFor: 0,
    ownPosts: ownPostsOf(web),
    metrics: null,
    mentions: null,
    repost: null,
    remove: removeOn(web),
  } satisfies Platform;
}

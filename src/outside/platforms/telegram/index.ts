/**
 * Telegram, by a bot that may post in a channel or group (https://core.telegram.org/bots/api, read November 2026). A
 * bot cannot read what stands in a channel, so an unknown outcome is settled by a person.
 */
import type { Platform } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { keysOf, profileOf } from './connect.ts';
import { LENGTH, publishOn, removeOn } from './messages.ts';

/** The adapter. `web` guards the address, which a person may change: Telegram's server can be run by oneself. */
export function openTelegram(web: Web) {
  return {
    id: 'telegram',
    name: 'Telegram',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: true,
      firstReply: true,
      // sendPhoto, sendVideo, sendAnimation and sendMediaGroup by upload: photos to 10 MB, other files to 50 MB.
      media: {
        images: 10,
        gifs: 1,
        videos: 10,
        mixed: true,
        imageBytes: 10_000_000,
        imageTypes: ['image/jpeg', 'image/png'],
        gifBytes: 50_000_000,
        videoBytes: 50_000_000,
        videoTypes: ['video/mp4'],
        videoMilliseconds: [0, 86_400_000],
      },
      altTextLength: null,
      // open_period is 5 to 600 seconds; longer ones stay open until somebody closes them.
      poll: { options: 12, optionLength: 100, minutes: [5, 43_200] },
      replySettings: [],
      community: { label: 'Topic id', required: false },
      title: null,
      // "Avoid sending more than one message per second" in a chat, "20 messages per minute" in a group (bots/faq).
      rates: [{ posts: 20, minutes: 1 }],
    },
    measureText: (text) => ({ length: text.length, valid: text.isWellFormed() }),
    comparable: (text) => text.normalize('NFC').replace(/\s+/g, ' ').trim(),
    priceOf: () => [],
    oauth: null,
    keys: keysOf(web),
    refresh: null,
    profile: profileOf(web),
    upload: null,
    uploadState: null,
    publish: publishOn(web),
    idempotentFor: 0,
    ownPosts: null,
    metrics: null,
    mentions: null,
    repost: null,
    remove: removeOn(web),
  } satisfies Platform;
}

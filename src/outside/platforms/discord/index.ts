/**
 * Discord, by the incoming webhook of a channel (https://docs.discord.com/developers/resources/webhook, read November
 * 2026). The webhook's address is the key: whoever has it may post. A webhook can neither read nor answer, so there are
 * no threads and an unknown outcome is settled by a person.
 */
import type { Platform } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { keysOf, profileOf } from './connect.ts';
import { LENGTH, publishOn, removeOn } from './messages.ts';

/** The file limit of a server without boosts, since September 2024. It holds for each file. */
const FILE_BYTES = 10 * 1_048_576;

/** The adapter. `web` guards the address, which a person gives. */
export function openDiscord(web: Web) {
  return {
    id: 'discord',
    name: 'Discord',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: false,
      firstReply: false,
      media: {
        images: 10,
        gifs: 10,
        videos: 10,
        mixed: true,
        imageBytes: FILE_BYTES,
        imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
        gifBytes: FILE_BYTES,
        videoBytes: FILE_BYTES,
        videoTypes: ['video/mp4', 'video/quicktime', 'video/webm'],
        videoMilliseconds: [0, 86_400_000],
      },
      altTextLength: 1_024,
      // A poll ends on the hour, after 1 to 768 of them; ours are kept up to 30 days.
      poll: { options: 10, optionLength: 55, minutes: [60, 43_200] },
      replySettings: [],
      community: { label: 'Thread id', required: false },
      title: null,
      // Not documented ("do not hard-code"); what callers of webhooks have measured for years, per channel.
      rates: [{ posts: 30, minutes: 1 }],
    },
    /** Counted as the longer of the two readings of "character" (UTF-16 units), so that it never is too long there. */
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

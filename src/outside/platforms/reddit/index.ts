/** Reddit, with an app of one's own: link and text posts in a subreddit, and comments under them. */
import type { Platform } from '#src/outside/platform.ts';
import { mentions, metrics } from './numbers.ts';
import { authorizeUrl, defaults, exchange, profile, refresh } from './oauth.ts';
import { idOfUrl, linkIn, ownPosts, publish, remove } from './posts.ts';

/** Of a comment; a post may be longer, but its first comment has to fit as well. */
const LENGTH = 10_000;

export const reddit = {
  id: 'reddit',
  name: 'Reddit',
  limits: {
    length: LENGTH,
    lengthWithLongPosts: null,
    urlLength: null,
    threads: false,
    firstReply: true,
    // Pictures go through an upload that Reddit does not document; an address in the text is shown as a link.
    media: null,
    altTextLength: null,
    poll: null,
    replySettings: [],
    community: { label: 'Subreddit', required: true },
    title: { length: 300, required: true },
    // Reddit names no number: it says how long to wait, by the account's standing.
    rates: [],
  },
  measureText(text) {
    const length = [...text].length;
    return { length, valid: text.trim().length > 0 && length <= LENGTH };
  },
  comparable: (text) => (linkIn(text) ?? text).normalize('NFC').replace(/\s+/g, ' ').trim(),
  priceOf: () => [],
  oauth: { apps: 'own', defaults, authorizeUrl, exchange },
  keys: null,
  refresh,
  profile,
  upload: null,
  uploadState: null,
  publish,
  idOfUrl,
  idempotentFor: 0,
  ownPosts,
  metrics,
  mentions,
  repost: null,
  remove,
} satisfies Platform;

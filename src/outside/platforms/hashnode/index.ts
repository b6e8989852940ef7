/** Hashnode, by its GraphQL API. An account is a blog ("publication"), and it has to be on the Pro plan. */
import type { Keys, Platform } from '#src/outside/platform.ts';
import { mentions, metrics, profileOf } from './numbers.ts';
import { ownPosts, publish, remove, upload } from './posts.ts';

/** Hashnode publishes no limit; this is ours. */
const LENGTH = 250_000;

/** The adapter for the server at this address. */
export function hashnodeAt(apiUrl: string) {
  return {
    id: 'hashnode',
    name: 'Hashnode',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: false,
      firstReply: false,
      // The cover. 8 MB, no SVG (Hashnode/gql-skill, mutations.md, September 2026).
      media: {
        images: 1,
        gifs: 0,
        videos: 0,
        mixed: false,
        imageBytes: 8_000_000,
        imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
        gifBytes: 0,
        videoBytes: 0,
        videoTypes: [],
        videoMilliseconds: [0, 0],
      },
      altTextLength: null,
      poll: null,
      replySettings: [],
      community: null,
      // No length is published; longer ones do not fit the page.
      title: { length: 250, required: true },
      // 500 mutations in a minute are named, and not enforced.
      rates: [{ posts: 500, minutes: 1 }],
    },
    measureText: (text) => ({ length: text.length, valid: text.trim().length > 0 && text.length <= LENGTH }),
    comparable: (text) => text.normalize('NFC').replace(/\s+/g, ' ').trim(),
    priceOf: () => [],
    oauth: null,
    keys: {
      fields: [
        {
          name: 'token',
          label: 'Personal access token',
          help: 'On Hashnode, open Account settings, then Developer, and generate a token.',
          secret: true,
          example: '12345678-90ab-cdef-1234-567890abcdef',
        },
        {
          name: 'publication',
          label: 'Blog',
          help: 'The address of your blog. It has to be on the Pro plan of Hashnode.',
          secret: false,
          example: 'maker.hashnode.dev',
        },
      ],
      async open({ token = '', publication = '' }) {
        const host = publication
          .replace(/^https?:\/\//i, '')
          .replace(/\/.*$/, '')
          .toLowerCase();
        const profile = await profileOf({ token, apiUrl }, { host });
        if (!profile.ok) return profile;
        const tokens = { access: token, refresh: null, expiresIn: null, scopes: [] };
        return { ok: true, value: { tokens, profile: profile.value, apiUrl } };
      },
    } satisfies Keys,
    refresh: null,
    profile: (grant) => profileOf(grant, { id: grant.platformUserId }),
    upload,
    uploadState: null,
    publish,
    idempotentFor: 0,
    ownPosts,
    metrics,
    mentions,
    repost: null,
    remove,
  } satisfies Platform;
}

// The address of before May 2026, gql.hashnode.com, answers with a notice.
export const hashnode = hashnodeAt('https://gql-beta.hashnode.com');

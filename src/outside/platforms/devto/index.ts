/** Dev.to, by the API of Forem. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Keys, Outcome, Platform, Profile } from '#src/outside/platform.ts';
import { metrics, ownPosts, publish, remove } from './articles.ts';
import { call, failureOf } from './calls.ts';
import { meAnswer } from './wire.ts';

/** In bytes of UTF-8: 800 kilobytes. */
const LENGTH = 800_000;

/** The adapter for the server at this address. */
export function devtoAt(apiUrl: string) {
  return {
    id: 'devto',
    name: 'Dev.to',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: false,
      firstReply: false,
      // Pictures are addresses in the Markdown; there is no upload for apps.
      media: null,
      altTextLength: null,
      poll: null,
      replySettings: [],
      community: null,
      title: { length: 128, required: true },
      // 10 in 30 seconds.
      rates: [{ posts: 10, minutes: 1 }],
    },
    measureText(text) {
      const { length } = new TextEncoder().encode(text);
      return { length, valid: text.trim().length > 0 && length <= LENGTH };
    },
    comparable,
    priceOf: () => [],
    oauth: null,
    keys: {
      fields: [
        {
          name: 'apiKey',
          label: 'API key',
          help: 'On Dev.to, open Settings, then Extensions, and generate a key under "DEV Community API Keys".',
          secret: true,
          example: 'aBcDeFgHiJkLmNoPqRsTuVwX',
        },
      ],
      async open({ apiKey = '' }) {
        const profile = await profileOf({ token: apiKey, apiUrl });
        if (!profile.ok) return profile;
        const tokens = { access: apiKey, refresh: null, expiresIn: null, scopes: [] };
        return { ok: true, value: { tokens, profile: profile.value, apiUrl } };
      },
    } satisfies Keys,
    refresh: null,
    profile: profileOf,
    upload: null,
    uploadState: null,
    publish,
    idempotentFor: 0,
    ownPosts,
    metrics,
    mentions: null,
    repost: null,
    remove,
  } satisfies Platform;
}

export const devto = devtoAt('https://dev.to');

/** Dev.to writes the language it guesses behind a bare fence of code. */
function comparable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/^([ \t]*(?:`{3,}|~{3,}))[^\n`]*$/gm, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

async function profileOf(grant: Pick<Grant, 'token' | 'apiUrl'>): Promise<Outcome<Profile>> {
  const answer = await call(grant, 'GET', '/api/users/me');
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : meAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const { id, username, name, profile_image } = parsed.data;
  return {
    ok: true,
    value: {
      platformUserId: String(id),
      handle: username,
      name,
      avatarUrl: profile_image ?? null,
      followers: null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}

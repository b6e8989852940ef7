/** Numbers a profile shows to anybody, where a platform answers without an account of ours. */
import { z } from 'zod';
import type { Web } from '#src/outside/web.ts';
import { isNoAnswer } from './http.ts';

export type PublicProfile =
  | { ok: true; followers: number | null; posts: number | null; lastPostAt: Date | null }
  /** For people: why the numbers are not known. */
  | { ok: false; reason: string };

const bluesky = z.object({ followersCount: z.int().nonnegative(), postsCount: z.int().nonnegative() });
const mastodon = z.object({
  followers_count: z.int().nonnegative(),
  statuses_count: z.int().nonnegative(),
  last_status_at: z.string().nullish(),
});
const github = z.object({ followers: z.int().nonnegative() });

/**
 * Followers and posts of a profile on Bluesky (app.bsky.actor.getProfile), Mastodon (/api/v1/accounts/lookup) or GitHub
 * (/users), all open to anybody as documented in November 2026. Other platforms show them only to those who are signed in.
 */
export async function lookUpProfile(
  web: Pick<Web, 'call'>,
  profile: { platform: string; handle: string; url: string | null },
): Promise<PublicProfile> {
  const name = encodeURIComponent(profile.handle.replace(/^@/, '').split('@')[0] ?? '');
  switch (profile.platform) {
    case 'bluesky': {
      const actor = encodeURIComponent(profile.handle.replace(/^@/, ''));
      return ask(web, `https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor=${actor}`, bluesky, (said) => ({
        followers: said.followersCount,
        posts: said.postsCount,
        lastPostAt: null,
      }));
    }
    case 'mastodon': {
      if (!profile.url || !URL.canParse(profile.url)) return { ok: false, reason: 'Its server is not known.' };
      return ask(web, `${new URL(profile.url).origin}/api/v1/accounts/lookup?acct=${name}`, mastodon, (said) => ({
        followers: said.followers_count,
        posts: said.statuses_count,
        lastPostAt: dayOf(said.last_status_at),
      }));
    }
    case 'github':
      return ask(web, `https://api.github.com/users/${name}`, github, (said) => ({
        followers: said.followers,
        posts: null,
        lastPostAt: null,
      }));
    default:
      return { ok: false, reason: 'Not public: the platform shows these numbers only to people who are signed in.' };
  }
}

async function ask<T>(
  web: Pick<Web, 'call'>,
  url: string,
  schema: z.ZodType<T>,
  take: (said: T) => Omit<Extract<PublicProfile, { ok: true }>, 'ok'>,
): Promise<PublicProfile> {
  const answer = await web.call({
    method: 'GET',
    url,
    headers: { accept: 'application/json', 'user-agent': 'Fanfare' },
    timeoutMs: 8_000,
    maxBytes: 200_000,
  });
  if (isNoAnswer(answer)) return { ok: false, reason: `${new URL(url).host} gave no answer.` };
  if (answer.status === 404) return { ok: false, reason: 'There is no such profile any more.' };
  if (answer.status !== 200)
    return { ok: false, reason: `${new URL(url).host} does not show it (HTTP ${answer.status}).` };
  const said = schema.safeParse(answer.json());
  return said.success
    ? { ok: true, ...take(said.data) }
    : { ok: false, reason: `${new URL(url).host} answered with something else than a profile.` };
}

function dayOf(day: string | null | undefined): Date | null {
  const time = day ? Date.parse(day) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time);
}

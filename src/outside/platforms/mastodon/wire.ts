/**
 * What a Mastodon server says on the wire (docs.joinmastodon.org, API of 4.5, November 2026). Pleroma, Akkoma and
 * GoToSocial speak it too and leave some of it out, so only what is needed is asked for.
 */
import { z } from 'zod';
import type { ApiAnswer, NoAnswer } from '#src/outside/http.ts';
import type { Grant } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';

type Query = Record<string, string | readonly string[]>;

/** Reads with the account's token. A parameter may be given several times. */
export async function read(web: Web, grant: Grant, path: string, query: Query = {}): Promise<ApiAnswer | NoAnswer> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) search.append(name, one);
  const url = `${grant.apiUrl}${path}${search.size > 0 ? `?${search}` : ''}`;
  return web.call({ method: 'GET', url, headers: authorization(grant) });
}

/** Changes something with the account's token. */
export async function change(
  web: Web,
  grant: Grant,
  request: { method: 'POST' | 'DELETE'; path: string; headers?: Record<string, string>; body?: object },
): Promise<ApiAnswer | NoAnswer> {
  return web.call({
    method: request.method,
    url: `${grant.apiUrl}${request.path}`,
    headers: {
      ...authorization(grant),
      ...(request.body ? { 'content-type': 'application/json' } : {}),
      ...request.headers,
    },
    ...(request.body ? { body: JSON.stringify(request.body) } : {}),
  });
}

export function authorization(grant: Grant): Record<string, string> {
  return { authorization: `Bearer ${grant.token}` };
}

/** The id in the address of a post's page; null when it is no post's. */
export function idOfPage(url: string): string | null {
  const [, id] =
    /^https?:\/\/[^/]+\/(?:@[^/]+|users\/[^/]+\/statuses|notice)\/([A-Za-z0-9]+)\/?(?:[?#]|$)/.exec(url) ?? [];
  return id ?? null;
}

// Snowflakes on Mastodon, ULIDs and the like elsewhere.
const id = z.string().min(1);
const count = z.number().int().nonnegative();
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)));

export const problemAnswer = z.object({ error: z.string(), error_description: z.string().nullish() });

export const appAnswer = z.object({ client_id: z.string(), client_secret: z.string() });

export const tokenAnswer = z.object({
  access_token: z.string(),
  refresh_token: z.string().nullish(),
  expires_in: z.number().positive().nullish(),
  scope: z.string().nullish(),
});

export const accountAnswer = z.object({
  id,
  username: z.string(),
  display_name: z.string().nullish(),
  avatar: z.string().nullish(),
  followers_count: count.nullish(),
  following_count: count.nullish(),
  statuses_count: count.nullish(),
});

export const instanceAnswer = z.object({
  domain: z.string(),
  configuration: z.object({ statuses: z.object({ max_characters: count }) }),
});

const author = z.object({
  id,
  acct: z.string(),
  display_name: z.string().nullish(),
  followers_count: count.nullish(),
});

export const status = z.object({
  id,
  uri: z.string(),
  url: z.string().nullish(),
  created_at: instant,
  content: z.string(),
  visibility: z.string(),
  in_reply_to_id: id.nullish(),
  in_reply_to_account_id: id.nullish(),
  favourites_count: count.nullish(),
  reblogs_count: count.nullish(),
  replies_count: count.nullish(),
  /** Since 4.5. */
  quotes_count: count.nullish(),
  quote: z.object({ quoted_status: z.object({ id }).nullish() }).nullish(),
  account: author,
});
export type WireStatus = z.infer<typeof status>;

export const statusesAnswer = z.array(status);

export const notificationsAnswer = z.array(
  z.object({ id, type: z.string(), created_at: instant, account: author, status: status.nullish() }),
);

export const mediaAnswer = z.object({ id, url: z.string().nullish() });

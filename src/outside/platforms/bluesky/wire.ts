/** What a PDS says on the wire: XRPC (atproto.com/specs/xrpc) and the lexicons that ship with @atproto/pds 0.5.35. */
import { z } from 'zod';
import type { ApiAnswer, NoAnswer } from '#src/outside/http.ts';
import type { Web } from '#src/outside/web.ts';

export const POST = 'app.bsky.feed.post';
export const REPOST = 'app.bsky.feed.repost';
export const THREADGATE = 'app.bsky.feed.threadgate';

export type Server = { token: string; apiUrl: string };

/** Reads. A parameter may be given several times. */
export async function query(
  web: Web,
  server: Server,
  method: string,
  parameters: Record<string, string | readonly string[]>,
): Promise<ApiAnswer | NoAnswer> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) for (const one of [value].flat()) search.append(name, one);
  const url = `${server.apiUrl}/xrpc/${method}?${search}`;
  return web.call({ method: 'GET', url, headers: { authorization: `Bearer ${server.token}` } });
}

/** Changes something. `token` null where there is none yet. */
export async function procedure(
  web: Web,
  server: { token: string | null; apiUrl: string },
  method: string,
  body: object | null,
): Promise<ApiAnswer | NoAnswer> {
  return web.call({
    method: 'POST',
    url: `${server.apiUrl}/xrpc/${method}`,
    headers: {
      ...(server.token === null ? {} : { authorization: `Bearer ${server.token}` }),
      ...(body === null ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
}

/** A record's address in pieces; null for what is none. */
export function readUri(uri: string): { repo: string; collection: string; rkey: string } | null {
  const [, repo, collection, rkey] = /^at:\/\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(uri) ?? [];
  return repo && collection && rkey ? { repo, collection, rkey } : null;
}

/** Where people look at a post. Records have no page of their own; this is the best known of the apps that show them. */
export function pageOf(uri: string): string {
  const at = readUri(uri);
  return at ? `https://bsky.app/profile/${at.repo}/post/${at.rkey}` : 'https://bsky.app';
}

/** The at:// address behind a page of bsky.app, with a handle where the page has one; null when it is no post's. */
export function uriOfPage(url: string): string | null {
  const [, repo, rkey] = /^https:\/\/bsky\.app\/profile\/([^/?#]+)\/post\/([^/?#]+)/i.exec(url) ?? [];
  return repo && rkey ? `at://${repo}/${POST}/${rkey}` : null;
}

/** The address of an own post by the account's DID, whichever name of it the id has. */
export function ownUri(did: string, platformId: string): string {
  const at = readUri(platformId);
  return at ? `at://${did}/${at.collection}/${at.rkey}` : platformId;
}

const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const count = z.number().int().nonnegative().nullish();
const reference = z.object({ uri: z.string(), cid: z.string() });

export const problemAnswer = z.object({ error: z.string().optional(), message: z.string().optional() });

export const sessionAnswer = z.object({
  accessJwt: z.string(),
  refreshJwt: z.string(),
  did: z.string().startsWith('did:'),
  handle: z.string(),
  active: z.boolean().optional(),
});

export const profileAnswer = z.object({
  did: z.string(),
  handle: z.string(),
  displayName: z.string().nullish(),
  avatar: z.string().nullish(),
  followersCount: count,
  followsCount: count,
  postsCount: count,
});

export const repoAnswer = z.object({ did: z.string(), handle: z.string() });

export const profileRecord = z.object({
  value: z.object({
    displayName: z.string().nullish(),
    avatar: z.object({ ref: z.object({ $link: z.string() }) }).nullish(),
  }),
});

export const handleAnswer = z.object({ did: z.string().startsWith('did:') });

/** A stored file, as records name it. */
export const blob = z.object({
  $type: z.literal('blob'),
  ref: z.object({ $link: z.string() }),
  mimeType: z.string(),
  size: z.number(),
});
export const blobAnswer = z.object({ blob });

export const writtenAnswer = reference;

/** A post as its record says it. */
const post = z.object({
  text: z.string(),
  createdAt: instant.optional(),
  reply: z.object({ root: reference, parent: reference }).optional(),
});
export const postRecord = reference.extend({ value: post });

export const recordsAnswer = z.object({
  cursor: z.string().optional(),
  records: z.array(reference.extend({ value: z.unknown() })),
});
export const ownPostRecord = post.extend({ createdAt: instant });

export const postsAnswer = z.object({
  posts: z.array(
    z.object({
      uri: z.string(),
      likeCount: count,
      replyCount: count,
      repostCount: count,
      quoteCount: count,
      bookmarkCount: count,
    }),
  ),
});

export const notificationsAnswer = z.object({
  cursor: z.string().optional(),
  notifications: z.array(
    z.object({
      uri: z.string(),
      reason: z.string(),
      reasonSubject: z.string().optional(),
      indexedAt: instant,
      author: z.object({ did: z.string(), handle: z.string(), displayName: z.string().nullish() }),
      record: z.unknown(),
    }),
  ),
});

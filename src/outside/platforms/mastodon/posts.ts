/** Publishing on Mastodon, finding what was published, and what is done with it afterwards. */
import { isNoAnswer, saidBy } from '#src/outside/http.ts';
import type { Failure, Grant, Outcome, OutgoingPart, OwnPost, PublishedPart } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, unreadable } from './errors.ts';
import { comparable, textOf } from './text.ts';
import { change, read, status, statusesAnswer, type WireStatus } from './wire.ts';

/** The server's clock and ours may differ by so much, in milliseconds. */
const CLOCKS_DIFFER = 2 * 60_000;
const PAGE = '40';
const MOST_PAGES = 30;

/**
 * Creates one part. A server keeps the key for an hour and answers the same again with the post that is there. Some
 * releases of September 2026 answer with HTTP 500 instead (mastodon#40399): then the own posts tell.
 */
export async function publish(web: Web, grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  if (part.media.some((media) => media.uploadedId === null))
    return refused('media_missing', 'A file of this post was not given to the server.');
  const answer = await change(web, grant, {
    method: 'POST',
    path: '/api/v1/statuses',
    headers: { 'idempotency-key': part.idempotencyKey },
    body: {
      status: part.text,
      // The account's own default may be to show posts to followers only.
      visibility: 'public',
      ...(part.replyTo === null ? {} : { in_reply_to_id: part.replyTo }),
      ...(part.media.length > 0 ? { media_ids: part.media.map((media) => media.uploadedId) } : {}),
      ...(part.poll ? { poll: { options: part.poll.options, expires_in: part.poll.minutes * 60 } } : {}),
    },
  });
  const said = saidBy(answer);
  if (isNoAnswer(answer) || answer.status !== 200) {
    if (!isNoAnswer(answer) && answer.status === 404 && part.replyTo !== null)
      return { ...refused('post_not_there', 'The post this one answers is not there any more.'), said };
    const there = !isNoAnswer(answer) && answer.status === 500 ? await look(web, grant, part) : null;
    if (there) return { ok: true, value: publishedAs(there), said };
    return { ok: false, failure: failureOf('create', answer), said };
  }
  const parsed = status.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('create', answer), said };
  return { ok: true, value: publishedAs(ownPostOf(parsed.data)), said };
}

/** The account's own posts since then, newest first, as a person reads them. */
export async function ownPosts(web: Web, grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const found: OwnPost[] = [];
  let before: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const answer = await read(web, grant, `/api/v1/accounts/${encodeURIComponent(grant.platformUserId)}/statuses`, {
      limit: PAGE,
      exclude_reblogs: 'true',
      ...(before === undefined ? {} : { max_id: before }),
    });
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
    const parsed = statusesAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
    const posts = parsed.data.map(ownPostOf);
    found.push(...posts.filter((post) => post.publishedAt >= since));
    const last = posts.at(-1);
    if (!last || last.publishedAt < since) break;
    before = last.platformId;
  }
  return { ok: true, value: found };
}

/** Shows an own post once more. The server answers the second time with the first. */
export async function repost(web: Web, grant: Grant, platformId: string): Promise<Outcome<null>> {
  const answer = await change(web, grant, { method: 'POST', path: `${pathOf(platformId)}/reblog` });
  if (!isNoAnswer(answer) && answer.status === 404) return refused('post_not_there', 'The post is not there any more.');
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('create', answer) };
  return { ok: true, value: null };
}

/** Removes an own post. */
export async function remove(web: Web, grant: Grant, platformId: string): Promise<Outcome<null>> {
  const answer = await change(web, grant, { method: 'DELETE', path: pathOf(platformId) });
  if (!isNoAnswer(answer) && (answer.status === 200 || answer.status === 404)) return { ok: true, value: null };
  return { ok: false, failure: failureOf('create', answer) };
}

/** Where a post is in the API. */
export function pathOf(platformId: string): string {
  return `/api/v1/statuses/${encodeURIComponent(platformId)}`;
}

async function look(web: Web, grant: Grant, part: OutgoingPart): Promise<OwnPost | null> {
  const own = await ownPosts(web, grant, new Date(part.firstTriedAt.getTime() - CLOCKS_DIFFER));
  if (!own.ok) return null;
  const wanted = comparable(part.text);
  return own.value.findLast((post) => post.replyTo === part.replyTo && comparable(post.text) === wanted) ?? null;
}

function ownPostOf(post: WireStatus): OwnPost {
  return {
    platformId: post.id,
    url: post.url ?? post.uri,
    text: textOf(post.content),
    replyTo: post.in_reply_to_id ?? null,
    publishedAt: new Date(post.created_at),
  };
}

function publishedAs({ platformId, url, publishedAt }: OwnPost): PublishedPart {
  return { platformId, url, publishedAt };
}

function refused(code: string, reason: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind: 'refused', code, reason } };
}

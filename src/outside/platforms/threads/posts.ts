/** Publishing on Threads, finding what was published, removing it. */
import { later, refused } from '#src/outside/failures.ts';
import { isNoAnswer, saidBy } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingPart, OwnPost, PublishedPart } from '#src/outside/platform.ts';
import { failureOf, get, isMissing, removePost, send } from './calls.ts';
import { forget, prepare } from './containers.ts';
import { idAnswer, listAnswer, type WirePost, wirePost } from './wire.ts';

/** A container that Threads says it does not find this often will not be found; the post it answers is gone, mostly. */
const MOST_MISSED = 5;
const FIELDS = 'id,media_type,text,permalink,timestamp,replied_to,has_replies';
/** Pages of 100 posts. */
const MOST_PAGES = 10;

/**
 * Creates one post: a container, which nobody sees, and then the one call that publishes it. Measured by others (2026):
 * publishing the same container again answers with the same post, but Meta does not promise it, so a lost answer is
 * looked up like any other.
 */
export async function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  if (part.media.some((media) => media.publicUrl === null))
    return refused(
      'no_public_address',
      'Threads fetches pictures and videos from the web, and this Fanfare has no public address. Set one in Settings, or post without files.',
    );
  const container = await prepare(grant, part);
  if (!container.ok) return container;
  const form = { creation_id: container.value.id };
  const answer = await send(grant, `${grant.platformUserId}/threads_publish`, form, 15_000);
  const said = saidBy(answer);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : idAnswer.safeParse(answer.json());
  if (parsed?.success) {
    forget(part);
    return { ok: true, value: await shownAs(grant, parsed.data.id), said };
  }
  if (!isNoAnswer(answer) && isMissing(answer)) {
    container.value.notFound += 1;
    const gone =
      'Threads does not find what was prepared. If the post it answers was removed, publish it as a post of its own.';
    if (container.value.notFound < MOST_MISSED)
      return { ok: false, failure: later(15_000, 'not_ready', 'Threads is not done with preparing the post.'), said };
    forget(part);
    return { ...refused('not_found', gone), said };
  }
  const failure = failureOf('create', answer);
  if (failure.kind === 'refused') forget(part);
  return { ok: false, failure, said };
}

/** The account's own posts and replies since then, newest first. */
export async function ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const posts: OwnPost[] = [];
  for (const list of ['threads', 'replies']) {
    const read = await readList(grant, `${grant.platformUserId}/${list}`, FIELDS, since);
    if (!read.ok) return read;
    posts.push(...read.value.filter((post) => post.media_type !== 'REPOST_FACADE').map(ownPostOf));
  }
  posts.sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime());
  return { ok: true, value: posts };
}

/** Removes a post (100 in a day at most). */
export async function remove(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const answer = await removePost(grant, platformId);
  if (!isNoAnswer(answer) && (answer.status === 200 || isMissing(answer))) return { ok: true, value: null };
  return { ok: false, failure: failureOf('read', answer) };
}

/** All posts of a list since then, newest first. */
export async function readList(grant: Grant, path: string, fields: string, since: Date): Promise<Outcome<WirePost[]>> {
  const posts: WirePost[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const cursor: Record<string, string> = after === undefined ? {} : { after };
    const start = String(Math.floor(since.getTime() / 1_000));
    const answer = await get(grant, path, { fields, limit: '100', since: start, ...cursor });
    const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : listAnswer.safeParse(answer.json());
    if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
    const { data, paging } = parsed.data;
    const recent = data.filter((post) => new Date(post.timestamp) >= since);
    posts.push(...recent);
    after = paging?.next === undefined ? undefined : paging.cursors?.after;
    if (after === undefined || recent.length < data.length) break;
  }
  return { ok: true, value: posts };
}

/** It is out: whatever this reading says, that stays. Without an answer the address is that of the site. */
async function shownAs(grant: Grant, id: string): Promise<PublishedPart> {
  const answer = await get(grant, id, { fields: 'id,permalink,timestamp' }, 5_000);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : wirePost.safeParse(answer.json());
  const found = parsed?.success ? parsed.data : null;
  return {
    platformId: id,
    url: found?.permalink ?? 'https://www.threads.com/',
    publishedAt: found ? new Date(found.timestamp) : new Date(),
  };
}

function ownPostOf(post: WirePost): OwnPost {
  return {
    platformId: post.id,
    url: post.permalink ?? 'https://www.threads.com/',
    text: post.text ?? '',
    replyTo: post.replied_to?.id ?? null,
    publishedAt: new Date(post.timestamp),
  };
}

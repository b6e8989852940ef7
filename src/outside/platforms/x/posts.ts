/** Publishing on X, finding what was published, showing it again and removing it. */
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer, saidBy } from '#src/outside/http.ts';
import type { Failure, Grant, Outcome, OutgoingPart, OwnPost, PublishedPart } from '#src/outside/platform.ts';
import { bodyOf, whyRefused, whyUnfit } from './body.ts';
import { failureOf, mayBeDone, unreadable } from './errors.ts';
import { timeOf, urlOf } from './ids.ts';
import { priceOfItem, priceOfPost } from './prices.ts';
import { readOwnTimeline } from './timeline.ts';
import { findUrls } from './urls.ts';
import { createdAnswer, deletedAnswer, repostAnswer, type WirePost } from './wire.ts';

/**
 * Creates one post. X knows no idempotency key, so this is one call and never a second one. What X would refuse for its
 * form is refused here, in words and before the call. An unknown outcome is charged: X bills what it created, and a
 * budget that forgets it would be overspent.
 */
export async function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  const unfit = whyUnfit(part);
  if (unfit) return { ok: false, failure: { kind: 'refused', ...unfit } };
  const answer = await write(grant, 'POST', '/2/tweets', bodyOf(part));
  const said = saidBy(answer);
  const cost = priceOfPost(part.text);
  if (isNoAnswer(answer) || (answer.status !== 201 && answer.status !== 200)) {
    const failure = whyRefused(failureOf('create', answer), part);
    // A duplicate is refused and not billed, whatever became of the post before it.
    const billed = failure.kind === 'unknown' && failure.code !== 'duplicate';
    return { ok: false, failure, said, ...(billed ? { cost } : {}) };
  }
  const parsed = createdAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('create', answer), cost, said };
  const { id } = parsed.data.data;
  return { ok: true, value: { platformId: id, url: urlOf(id), publishedAt: timeOf(id) }, cost, said };
}

/** The account's own posts since then, newest first, with the text as the author wrote it. Reposts are none of them. */
export async function ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const read = await readOwnTimeline(grant, ({ postFields, parent, longText }) => ({
    start_time: `${since.toISOString().slice(0, 19)}Z`,
    [postFields]: ['id', 'text', 'entities', longText, ...parent.fields].join(','),
    ...(parent.expansions.length > 0 ? { expansions: parent.expansions.join(',') } : {}),
  }));
  if (!read.ok) return read;
  return { ...read, value: read.value.posts.map(ownPostOf) };
}

/**
 * Shows an own post once more in the timelines of the followers. X knows one repost of a post by the same account, so
 * the second time nothing happens. Self-serve developers may do this (quotes, likes and follows they may not, since
 * 2026-04-20).
 */
export async function repost(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const path = `/2/users/${grant.platformUserId}/retweets`;
  const answer = await write(grant, 'POST', path, { tweet_id: platformId });
  const cost = priceOfItem('x.repost');
  if (isNoAnswer(answer) || answer.status !== 200) {
    const failure = failureOf('repeatable', answer);
    if (failure.kind === 'refused' && /already (retweeted|reposted)/i.test(failure.reason))
      return { ok: true, value: null };
    return { ok: false, failure, ...(mayBeDone(answer) ? { cost } : {}) };
  }
  const parsed = repostAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('repeatable', answer), cost };
  const notDone: Failure = {
    kind: 'refused',
    code: 'not_reposted',
    reason: 'X did not repost this, and says no more.',
  };
  return parsed.data.data.retweeted ? { ok: true, value: null, cost } : { ok: false, failure: notDone, cost };
}

/** Removes an own post. What is not there any more costs nothing and is fine. */
export async function remove(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const answer = await write(grant, 'DELETE', `/2/tweets/${platformId}`);
  const cost = priceOfItem('x.delete');
  if (isNoAnswer(answer) || answer.status !== 200) {
    if (!isNoAnswer(answer) && answer.status === 404) return { ok: true, value: null };
    return { ok: false, failure: failureOf('repeatable', answer), ...(mayBeDone(answer) ? { cost } : {}) };
  }
  const parsed = deletedAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('repeatable', answer), cost };
  return { ok: true, value: null, ...(parsed.data.data.deleted ? { cost } : {}) };
}

/**
 * Both sides of a comparison after X's shortener: "fanfare.dev" comes back as "http://fanfare.dev", white space at
 * the ends is dropped, and composed letters are composed.
 */
export function comparable(text: string): string {
  const normal = text.normalize('NFC');
  let plain = '';
  let at = 0;
  for (const { start, end } of findUrls(normal)) {
    plain += normal.slice(at, start) + withoutForm(normal.slice(start, end));
    at = end;
  }
  return (plain + normal.slice(at)).replace(/\s+/g, ' ').trim();
}

/** The text as it was written: X shortens links to t.co, escapes &, < and >, and appends a link for each picture. */
export function writtenText(post: WirePost): string {
  const { text, entities } = post.note_post ?? post;
  let written = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  for (const { url, expanded_url, media_key } of entities?.urls ?? []) {
    if (!url) continue;
    if (media_key) written = written.replace(url, '').trimEnd();
    else if (expanded_url) written = written.replace(url, () => expanded_url);
  }
  return written.normalize('NFC');
}

function ownPostOf(post: WirePost): OwnPost {
  return {
    platformId: post.id,
    url: urlOf(post.id),
    text: writtenText(post),
    replyTo: post.referenced_posts.find((reference) => reference.type === 'replied_to')?.id ?? null,
    publishedAt: timeOf(post.id),
  };
}

function withoutForm(url: string): string {
  const bare = url.replace(/^https?:\/\//i, '').replace(/\/$/, '');
  const host = bare.split(/[/?#]/, 1)[0] ?? '';
  return host.toLowerCase() + bare.slice(host.length);
}

async function write(
  grant: Grant,
  method: 'POST' | 'DELETE',
  path: string,
  body?: Record<string, unknown>,
): Promise<ApiAnswer | NoAnswer> {
  return callApi({
    method,
    url: `${grant.apiUrl}${path}`,
    headers: {
      authorization: `Bearer ${grant.token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

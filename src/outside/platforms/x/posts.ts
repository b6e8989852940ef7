/** Publishing on X, and finding what was published. */
import { callApi, isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingPart, OwnPost, PublishedPart } from '#src/outside/platform.ts';
import { failureOf, unreadable } from './errors.ts';
import { timeOf, urlOf } from './ids.ts';
import { priceOfPost } from './prices.ts';
import { readOwnTimeline } from './timeline.ts';
import { findUrls } from './urls.ts';
import { createdAnswer, type WirePost } from './wire.ts';

/**
 * Creates one post. X knows no idempotency key, so this is one call and never a second one. An unknown outcome is
 * charged: X bills what it created, and a budget that forgets it would be overspent.
 */
export async function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  const answer = await callApi({
    method: 'POST',
    url: `${grant.apiUrl}/2/tweets`,
    headers: { authorization: `Bearer ${grant.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      text: part.text,
      ...(part.replyTo === null ? {} : { reply: { in_reply_to_tweet_id: part.replyTo } }),
    }),
  });
  const cost = priceOfPost(part.text);
  if (isNoAnswer(answer) || (answer.status !== 201 && answer.status !== 200)) {
    const failure = failureOf('create', answer);
    // A duplicate is refused and not billed, whatever became of the post before it.
    return failure.kind === 'unknown' && failure.code !== 'duplicate'
      ? { ok: false, failure, cost }
      : { ok: false, failure };
  }
  const parsed = createdAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('create', answer), cost };
  const { id } = parsed.data.data;
  return { ok: true, value: { platformId: id, url: urlOf(id), publishedAt: timeOf(id) }, cost };
}

/** The account's own posts since then, newest first, with the text as the author wrote it. */
export async function ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const read = await readOwnTimeline(grant, ({ postFields, parent, longText }) => ({
    start_time: `${since.toISOString().slice(0, 19)}Z`,
    [postFields]: ['id', 'text', 'created_at', 'entities', longText, ...parent.fields].join(','),
    ...(parent.expansions.length > 0 ? { expansions: parent.expansions.join(',') } : {}),
  }));
  if (!read.ok) return read;
  return { ...read, value: read.value.map(ownPostOf) };
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

function ownPostOf(post: WirePost): OwnPost {
  return {
    platformId: post.id,
    url: urlOf(post.id),
    text: writtenText(post),
    replyTo: post.referenced_posts.find((reference) => reference.type === 'replied_to')?.id ?? null,
    publishedAt: timeOf(post.id),
  };
}

/** X shortens links to t.co, escapes &, < and >, and appends a link for each picture. */
function writtenText(post: WirePost): string {
  const { text, entities } = post.note_post ?? post;
  let written = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  for (const { url, expanded_url, media_key } of entities?.urls ?? []) {
    if (!url) continue;
    if (media_key) written = written.replace(url, '').trimEnd();
    else if (expanded_url) written = written.replace(url, () => expanded_url);
  }
  return written.normalize('NFC');
}

function withoutForm(url: string): string {
  const bare = url.replace(/^https?:\/\//i, '').replace(/\/$/, '');
  const host = bare.split(/[/?#]/, 1)[0] ?? '';
  return host.toLowerCase() + bare.slice(host.length);
}

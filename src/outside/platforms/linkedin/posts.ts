/** Publishing on LinkedIn. What a member has posted cannot be read back without an approval nobody gets. */
import { refused } from '#src/outside/failures.ts';
import { isNoAnswer, saidBy } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingPart, PublishedPart } from '#src/outside/platform.ts';
import { call, failureOf, personOf } from './calls.ts';
import { littleText } from './little.ts';
import { commentAnswer } from './wire.ts';

/** A comment may be shorter than a post (the limit of the page, November 2026). */
const COMMENT_LENGTH = 1_250;

/** Creates a post, or a comment where the part answers one. One call. */
export function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  return part.replyTo === null ? publishPost(grant, part) : publishComment(grant, part.text, part.replyTo);
}

/** Removes a post or a comment of ours. */
export async function remove(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const comment = partsOfComment(platformId);
  const path = comment
    ? `/rest/socialActions/${encodeURIComponent(comment.post)}/comments/${comment.id}?actor=${encodeURIComponent(personOf(grant))}`
    : `/rest/posts/${encodeURIComponent(platformId)}`;
  const answer = await call(grant, 'DELETE', path);
  if (!isNoAnswer(answer) && (answer.status < 300 || answer.status === 404)) return { ok: true, value: null };
  return { ok: false, failure: failureOf('read', answer) };
}

/** From an address as the page shows it; an activity stands for its post. */
export function idOfUrl(url: string): string | null {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (!/(^|\.)linkedin\.com$/.test(host)) return null;
  const [, kind, number] = /(?:urn:li:|-)(share|ugcPost|activity)[:-](\d+)/.exec(url.replace(/%3a/gi, ':')) ?? [];
  return kind && number ? `urn:li:${kind}:${number}` : null;
}

async function publishPost(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  if (part.media.some((media) => media.uploadedId === null))
    return refused('media_missing', 'A picture or video was not given to LinkedIn before the post. Try again.');
  const answer = await call(grant, 'POST', '/rest/posts', {
    author: personOf(grant),
    commentary: littleText(part.text),
    visibility: 'PUBLIC',
    distribution: { feedDistribution: 'MAIN_FEED', targetEntities: [], thirdPartyDistributionChannels: [] },
    ...contentOf(part),
    lifecycleState: 'PUBLISHED',
    isReshareDisabledByAuthor: false,
  });
  const said = saidBy(answer);
  const id = isNoAnswer(answer) || answer.status !== 201 ? null : answer.headers.get('x-restli-id');
  if (!id) return { ok: false, failure: failureOf('create', answer), said };
  const url = `https://www.linkedin.com/feed/update/${id}/`;
  return { ok: true, value: { platformId: id, url, publishedAt: new Date() }, said };
}

async function publishComment(grant: Grant, text: string, replyTo: string): Promise<Outcome<PublishedPart>> {
  if (text.length > COMMENT_LENGTH)
    return refused(
      'too_long',
      `LinkedIn takes comments of at most ${COMMENT_LENGTH} characters; this one has ${text.length}. Shorten it.`,
    );
  const parent = partsOfComment(replyTo);
  const post = parent?.post ?? replyTo;
  const answer = await call(grant, 'POST', `/rest/socialActions/${encodeURIComponent(post)}/comments`, {
    actor: personOf(grant),
    object: post,
    message: { text },
    ...(parent ? { parentComment: replyTo } : {}),
  });
  const said = saidBy(answer);
  if (isNoAnswer(answer) || answer.status !== 201) return { ok: false, failure: failureOf('create', answer), said };
  const parsed = commentAnswer.safeParse(answer.json());
  const number = answer.headers.get('x-restli-id') ?? (parsed.success ? parsed.data.id : undefined);
  const id = (parsed.success && parsed.data.commentUrn) || (number && `urn:li:comment:(${post},${number})`);
  if (!id) return { ok: false, failure: failureOf('create', { ...answer, status: 200 }), said };
  const url = `https://www.linkedin.com/feed/update/${post}/?commentUrn=${encodeURIComponent(id)}`;
  return { ok: true, value: { platformId: id, url, publishedAt: new Date() }, said };
}

function contentOf({ media, title }: OutgoingPart): { content?: object } {
  const [first, ...more] = media.map((one) => ({ ...one, id: one.uploadedId }));
  if (!first) return {};
  if (first.kind === 'video') return { content: { media: { id: first.id, ...(title ? { title } : {}) } } };
  const described = (one: typeof first) => ({ id: one.id, ...(one.altText ? { altText: one.altText } : {}) });
  if (more.length === 0) return { content: { media: described(first) } };
  return { content: { multiImage: { images: [first, ...more].map(described) } } };
}

function partsOfComment(id: string): { post: string; id: string } | null {
  const [, post, number] = /^urn:li:comment:\((.+),([^,]+)\)$/.exec(id) ?? [];
  return post && number ? { post, id: number } : null;
}

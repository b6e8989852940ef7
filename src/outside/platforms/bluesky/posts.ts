/**
 * Publishing on Bluesky. A post is a record whose key we choose (`tid.ts`), written on condition that nothing stands
 * there: however often that is sent, one post comes of it, and what is out is never changed.
 */
import { type ApiAnswer, isNoAnswer, type NoAnswer, saidBy } from '#src/outside/http.ts';
import type { Failure, Grant, Outcome, OutgoingPart, PublishedPart } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { cardOf } from './card.ts';
import { errorIn, failureOf, unreadable } from './errors.ts';
import { imagesOf } from './files.ts';
import { bytesOf, type Entity, entitiesOf } from './text.ts';
import { tidOf } from './tid.ts';
import {
  handleAnswer,
  ownUri,
  POST,
  pageOf,
  postRecord,
  procedure,
  query,
  REPOST,
  readUri,
  THREADGATE,
  writtenAnswer,
} from './wire.ts';

/** Creates one part. The platform's id of a post is its at:// address. */
export async function publish(web: Web, grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  const rkey = tidOf(part.firstTriedAt, part.idempotencyKey);
  const made = await recordOf(web, grant, part);
  if (!made.ok) return made;
  if (part.replyTo === null) {
    const closed = await limitReplies(web, grant, part, rkey);
    if (!closed.ok) return closed;
  }
  const answer = await put(web, grant, POST, rkey, made.value);
  const said = saidBy(answer);
  const uri = `at://${grant.platformUserId}/${POST}/${rkey}`;
  const value = { platformId: uri, url: pageOf(uri), publishedAt: part.firstTriedAt };
  if (errorIn(answer) === 'InvalidSwap') return { ...(await standsThere(web, grant, rkey, part, value)), said };
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('create', answer), said };
  if (!writtenAnswer.safeParse(answer.json()).success)
    return { ok: false, failure: unreadable('create', answer), said };
  return { ok: true, value, said };
}

/** Removes an own post. The PDS is content when there is none. */
export async function remove(web: Web, grant: Grant, platformId: string): Promise<Outcome<null>> {
  const at = readUri(platformId);
  if (!at) return refused('bad_id', 'This is not the address of a post on Bluesky.');
  const body = { repo: grant.platformUserId, collection: at.collection, rkey: at.rkey };
  const answer = await procedure(web, grant, 'com.atproto.repo.deleteRecord', body);
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('create', answer) };
  return { ok: true, value: null };
}

/** Shows a post once more: a record with the key of the post itself, so that there can be only one. */
export async function repost(web: Web, grant: Grant, platformId: string): Promise<Outcome<null>> {
  const subject = await readPost(web, grant, ownUri(grant.platformUserId, platformId));
  if (!subject.ok) return subject;
  const { uri, cid } = subject.value;
  const answer = await put(web, grant, REPOST, readUri(uri)?.rkey ?? '', {
    $type: REPOST,
    subject: { uri, cid },
    createdAt: new Date().toISOString(),
  });
  if (errorIn(answer) === 'InvalidSwap') return { ok: true, value: null };
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('create', answer) };
  return { ok: true, value: null };
}

async function recordOf(web: Web, grant: Grant, part: OutgoingPart): Promise<Outcome<object>> {
  if (part.poll) return refused('no_polls', 'Bluesky has no polls. Take the poll out.');
  if (part.text.trim() === '' && part.media.length === 0) return refused('empty', 'The text is empty.');
  const entities = entitiesOf(part.text);
  const facets = await facetsOf(web, grant, part.text, entities);
  if (!facets.ok) return facets;
  const reply = part.replyTo === null ? null : await replyOf(web, grant, part.replyTo);
  if (reply && !reply.ok) return reply;
  const images = part.media.length > 0 ? imagesOf(part.media) : null;
  if (images && !images.ok) return images;
  const embed = images ? images.value : await cardOf(web, entities);
  return {
    ok: true,
    value: {
      $type: POST,
      text: part.text,
      createdAt: part.firstTriedAt.toISOString(),
      ...(facets.value.length > 0 ? { facets: facets.value } : {}),
      ...(reply ? { reply: reply.value } : {}),
      ...(embed ? { embed } : {}),
    },
  };
}

/** A name that nobody has stays plain text. */
async function facetsOf(web: Web, grant: Grant, text: string, entities: readonly Entity[]): Promise<Outcome<object[]>> {
  const facets: object[] = [];
  for (const entity of entities) {
    let feature: object;
    if (entity.kind === 'mention') {
      const known = await query(web, grant, 'com.atproto.identity.resolveHandle', { handle: entity.handle });
      if (!isNoAnswer(known) && (known.status === 400 || known.status === 404) && !isGrantTrouble(known)) continue;
      if (isNoAnswer(known) || known.status !== 200) return { ok: false, failure: failureOf('read', known) };
      const parsed = handleAnswer.safeParse(known.json());
      if (!parsed.success) return { ok: false, failure: unreadable('read', known) };
      feature = { $type: 'app.bsky.richtext.facet#mention', did: parsed.data.did };
    } else if (entity.kind === 'link') feature = { $type: 'app.bsky.richtext.facet#link', uri: entity.uri };
    else feature = { $type: 'app.bsky.richtext.facet#tag', tag: entity.tag };
    facets.push({ index: bytesOf(text, entity), features: [feature] });
  }
  return { ok: true, value: facets };
}

/** A reply names its parent and the first post of the thread, both by address and content. */
async function replyOf(web: Web, grant: Grant, replyTo: string): Promise<Outcome<object>> {
  const read = await readPost(web, grant, replyTo);
  if (!read.ok) return read;
  const { uri, cid, value } = read.value;
  const parent = { uri, cid };
  return { ok: true, value: { root: value.reply?.root ?? parent, parent } };
}

async function readPost(web: Web, grant: Grant, platformId: string) {
  const at = readUri(platformId);
  if (!at) return refused('bad_id', 'This is not the address of a post on Bluesky.');
  const answer = await query(web, grant, 'com.atproto.repo.getRecord', at);
  if (!isNoAnswer(answer) && /^Record|^InvalidRequest$/.test(errorIn(answer)))
    return refused('post_not_there', 'The post this one belongs to is not there any more.');
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false as const, failure: failureOf('read', answer) };
  const parsed = postRecord.safeParse(answer.json());
  if (!parsed.success) return { ok: false as const, failure: unreadable('read', answer) };
  return { ok: true as const, value: parsed.data };
}

/** Who may reply stands in a record beside the first post, written before it: nobody replies in between. */
async function limitReplies(web: Web, grant: Grant, part: OutgoingPart, rkey: string): Promise<Outcome<null>> {
  const rule = RULES.get(part.replySettings ?? 'everyone');
  if (!rule) return { ok: true, value: null };
  const answer = await put(web, grant, THREADGATE, rkey, {
    $type: THREADGATE,
    post: `at://${grant.platformUserId}/${POST}/${rkey}`,
    allow: [{ $type: `${THREADGATE}#${rule}` }],
    createdAt: part.firstTriedAt.toISOString(),
  });
  if (errorIn(answer) === 'InvalidSwap') return { ok: true, value: null };
  // No post yet, and writing the rule again changes nothing: so this is no unknown outcome.
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
  return { ok: true, value: null };
}

const RULES = new Map([
  ['following', 'followingRule'],
  ['mentioned', 'mentionRule'],
]);

/** `swapRecord: null`: only when nothing stands under this key. The same content once more is taken as well. */
function put(web: Web, grant: Grant, collection: string, rkey: string, record: object): Promise<ApiAnswer | NoAnswer> {
  const body = { repo: grant.platformUserId, collection, rkey, record, swapRecord: null };
  return procedure(web, grant, 'com.atproto.repo.putRecord', body);
}

/** An earlier attempt got through, with another card for instance. With other words it would be another post. */
async function standsThere(
  web: Web,
  grant: Grant,
  rkey: string,
  part: OutgoingPart,
  value: PublishedPart,
): Promise<Outcome<PublishedPart>> {
  const there = await readPost(web, grant, value.platformId);
  if (!there.ok) {
    const reason = `Bluesky has a post under the key ${rkey} already, and it could not be read: ${there.failure.reason}`;
    return { ok: false, failure: { kind: 'unknown', code: 'duplicate', reason } };
  }
  if (there.value.value.text === part.text) return { ok: true, value };
  return refused('other_text', 'An earlier attempt at this post went out with other words. Look at your profile.');
}

function isGrantTrouble(answer: ApiAnswer): boolean {
  return failureOf('read', answer).kind === 'reconnect';
}

function refused(code: string, reason: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind: 'refused', code, reason } };
}

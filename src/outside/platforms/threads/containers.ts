/**
 * What is published on Threads is first prepared as a container that nobody sees, and that Meta needs a moment for, a
 * minute or more with a video. A container is kept in mind by this process, so that the next attempt at the same part
 * goes on with it: publishing one container twice makes one post.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { duplicate, later, no } from '#src/outside/failures.ts';
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingMedia, OutgoingPart, ReplySettings } from '#src/outside/platform.ts';
import { failureOf, get, send, THREADS } from './calls.ts';
import { containerAnswer, idAnswer } from './wire.ts';

export type Prepared = { children: string[]; id: string | null; notFound: number; madeAt: number };

/** Meta drops containers after 24 hours. */
const KEPT = 20 * 3_600_000;
/** Preparing may take so long in one attempt: publishing has to be done before the queue gives the part to another. */
const BUDGET = 20_000;
/** One call of preparing. */
const CALL = 8_000;

const prepared = new Map<string, Prepared>();

/** A container for this part that is ready to be published. Everything that fails here has published nothing. */
export async function prepare(grant: Grant, part: OutgoingPart): Promise<Outcome<Prepared & { id: string }>> {
  const until = Date.now() + BUDGET;
  const mine = remembered(part);
  const several = part.media.length > 1;
  for (const media of several ? part.media.slice(mine.children.length) : []) {
    if (Date.now() > until) return stillConverting();
    const child = await create(grant, { ...formOf(media), is_carousel_item: 'true' });
    if (!child.ok) return child;
    mine.children.push(child.value);
  }
  for (const child of mine.id === null ? mine.children : []) {
    const state = await ready(grant, child, until);
    if (state.ok) continue;
    if (state.failure.kind === 'refused') forget(part);
    return state;
  }
  if (mine.id === null) {
    const container = await create(grant, { ...wordsOf(part), ...bodyOf(part, mine.children) });
    if (!container.ok) return container;
    mine.id = container.value;
  }
  const state = await ready(grant, mine.id, until);
  if (state.ok) return { ok: true, value: Object.assign(mine, { id: mine.id }) };
  if (state.failure.kind === 'refused' || state.failure.code === 'expired') forget(part);
  return state;
}

/** The container has done its work, or never will. */
export function forget(part: OutgoingPart): void {
  prepared.delete(keyOf(part));
}

function remembered(part: OutgoingPart): Prepared {
  const now = Date.now();
  for (const [key, one] of prepared) if (now - one.madeAt > KEPT) prepared.delete(key);
  const known = prepared.get(keyOf(part)) ?? { children: [], id: null, notFound: 0, madeAt: now };
  prepared.set(keyOf(part), known);
  return known;
}

/** Not the addresses of files: those carry a signature that changes. */
function keyOf({ idempotencyKey, text, replyTo, replySettings, poll, media }: OutgoingPart): string {
  const files = media.map(({ kind, bytes, altText }) => [kind, bytes, altText]);
  return JSON.stringify([idempotencyKey, text, replyTo, replySettings, poll, files]);
}

async function create(grant: Grant, form: Record<string, string>): Promise<Outcome<string>> {
  const answer = await send(grant, `${grant.platformUserId}/threads`, form, CALL);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : idAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  return { ok: true, value: parsed.data.id };
}

async function ready(grant: Grant, id: string, until: number): Promise<Outcome<null>> {
  for (let pause = 500; ; pause *= 2) {
    const answer = await get(grant, id, { fields: 'status,error_message' }, CALL);
    const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : containerAnswer.safeParse(answer.json());
    if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
    const { status, error_message: words } = parsed.data;
    if (status === 'FINISHED') return { ok: true, value: null };
    if (status === 'PUBLISHED') return { ok: false, failure: duplicate(THREADS) };
    if (status === 'EXPIRED')
      return { ok: false, failure: later(1_000, 'expired', 'Threads dropped what was prepared; it is made anew.') };
    if (status === 'ERROR')
      return { ok: false, failure: no(THREADS, words || 'the file cannot be used', 'media_failed') };
    if (Date.now() + pause > until) return stillConverting();
    await wait(pause);
  }
}

function stillConverting(): Outcome<never> {
  return { ok: false, failure: later(30_000, 'converting', 'Threads is still converting what the post carries.') };
}

function bodyOf(part: OutgoingPart, children: string[]): Record<string, string> {
  const [first] = part.media;
  if (children.length > 0) return { media_type: 'CAROUSEL', children: children.join(',') };
  if (first) return formOf(first);
  if (!part.poll) return { media_type: 'TEXT' };
  const options = part.poll.options.map((text, at) => [`option_${'abcd'[at]}`, text]);
  return { media_type: 'TEXT', poll_attachment: JSON.stringify(Object.fromEntries(options)) };
}

function formOf(media: OutgoingMedia): Record<string, string> {
  const url = media.publicUrl ?? '';
  const altText: Record<string, string> = media.altText ? { alt_text: media.altText } : {};
  return media.kind === 'video'
    ? { media_type: 'VIDEO', video_url: url, ...altText }
    : { media_type: 'IMAGE', image_url: url, ...altText };
}

const REPLY_CONTROL: Partial<Record<ReplySettings, string>> = {
  everyone: 'everyone',
  following: 'accounts_you_follow',
  mentioned: 'mentioned_only',
};

function wordsOf({ text, replyTo, replySettings }: OutgoingPart): Record<string, string> {
  const control = replyTo === null && replySettings ? REPLY_CONTROL[replySettings] : undefined;
  return {
    ...(text ? { text } : {}),
    ...(replyTo === null ? {} : { reply_to_id: replyTo }),
    ...(control ? { reply_control: control } : {}),
  };
}

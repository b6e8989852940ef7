import { z } from 'zod';
import { refused } from '#src/outside/failures.ts';
import type { Grant, Outcome, OutgoingPart, PublishedPart } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { callSlack } from './call.ts';
import { channelOf } from './connect.ts';
import { mrkdwn } from './text.ts';

/** "For best results, limit the number of characters in the text field to 4,000" (chat.postMessage). */
export const LENGTH = 4_000;
/** Of a section block, which carries the text where there are pictures. */
const SECTION_LENGTH = 3_000;

const sentAnswer = z.object({ ok: z.literal(true), channel: z.string(), ts: z.string().regex(/^\d+\.\d+$/) });

/** Posts into the account's channel. `replyTo` is the message that begins the thread, or one in it. */
export function publishOn(web: Web) {
  return async (grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> => {
    if (part.text.length > LENGTH)
      return refused('too_long', `The text has ${part.text.length} characters; Slack shows ${LENGTH} at best.`);
    const text = mrkdwn(part.text);
    if (part.media.length > 0 && text.length > SECTION_LENGTH)
      return refused('too_long', `With pictures, a Slack message may have ${SECTION_LENGTH} characters.`);
    if (part.media.some((media) => media.uploadedId === null))
      return refused('not_uploaded', 'A picture was not given to Slack yet.');
    const sent = await callSlack(
      web,
      grant,
      'chat.postMessage',
      'create',
      {
        channel: channelOf(grant),
        text,
        ...(part.replyTo === null ? {} : { thread_ts: threadOf(part.replyTo) }),
        ...(part.media.length === 0 ? {} : { blocks: blocksOf(text, part) }),
      },
      sentAnswer,
    );
    if (!sent.ok) return { ok: false, failure: sent.failure, said: sent.said };
    const { ts } = sent.value;
    // Answers of a thread name its beginning, so that the next part is put under it and not under an answer.
    const platformId = part.replyTo === null ? ts : `${threadOf(part.replyTo)}/${ts}`;
    return {
      ok: true,
      said: sent.said,
      value: { platformId, url: addressOf(grant, platformId), publishedAt: timeOf(ts) },
    };
  };
}

/** Removes a message of the app's own. */
export function removeOn(web: Web) {
  return async (grant: Grant, platformId: string): Promise<Outcome<null>> => {
    const input = { channel: channelOf(grant), ts: platformId.split('/').at(-1) ?? '' };
    const removed = await callSlack(web, grant, 'chat.delete', 'read', input, z.object({ ok: z.literal(true) }));
    if (removed.ok || removed.error === 'message_not_found') return { ok: true, value: null };
    return { ok: false, failure: removed.failure, said: removed.said };
  };
}

/** The beginning of the thread a message stands in. */
export function threadOf(platformId: string): string {
  return platformId.split('/')[0] ?? platformId;
}

/** Leads to the message in the browser or the app, for whoever is in the workspace. */
export function addressOf(grant: Pick<Grant, 'platformUserId'>, platformId: string): string {
  const [thread = '', reply] = platformId.split('/');
  const point = `p${(reply ?? thread).replace('.', '')}`;
  const [team] = grant.platformUserId.split('/');
  const base = `https://slack.com/archives/${channelOf(grant)}/${point}?team=${team}`;
  return reply ? `${base}&thread_ts=${thread}&cid=${channelOf(grant)}` : base;
}

/** A message's id is its time, in seconds. */
export function timeOf(ts: string): Date {
  return new Date(Number(ts) * 1_000);
}

function blocksOf(text: string, { media }: OutgoingPart) {
  return [
    { type: 'section', text: { type: 'mrkdwn', text } },
    ...media.map(({ uploadedId, altText }) => ({
      type: 'image',
      slack_file: { id: uploadedId },
      alt_text: altText || 'Picture',
    })),
  ];
}

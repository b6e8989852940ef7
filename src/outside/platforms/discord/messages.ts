import { z } from 'zod';
import { refused } from '#src/outside/failures.ts';
import { isNoAnswer, saidBy, secretsOf } from '#src/outside/http.ts';
import { fileOf, multipart } from '#src/outside/multipart.ts';
import type { Grant, Outcome, OutgoingPart, PublishedPart } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, UNKNOWN_MESSAGE, unreadable } from './errors.ts';

export const LENGTH = 2_000;
const QUESTION_LENGTH = 300;

const snowflake = z.string().regex(/^\d{1,20}$/);
const messageAnswer = z.object({ id: snowflake, channel_id: snowflake, timestamp: z.iso.datetime({ offset: true }) });

/** Posts with `wait=true`: only then Discord answers with the message, and says what it did not take. */
export function publishOn(web: Web) {
  return async (grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> => {
    if (part.replyTo !== null)
      return refused('no_replies', 'A Discord webhook cannot answer a message. Send the parts as one post.');
    if (part.text.length > LENGTH)
      return refused('too_long', `The text has ${part.text.length} characters; Discord takes ${LENGTH}.`);
    if (part.community && !/^\d{1,20}$/.test(part.community))
      return refused('bad_thread', 'The id of a Discord thread has digits only. Copy it from the thread’s menu.');
    const url = new URL(grant.token);
    url.searchParams.set('wait', 'true');
    if (part.community) url.searchParams.set('thread_id', part.community);
    const answer = await web.call({ method: 'POST', url: url.href, ...(await requestOf(part)), timeoutMs: 120_000 });
    const said = saidBy(answer, secretsOf(grant.token));
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('create', answer), said };
    const parsed = messageAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('create', answer), said };
    const { id, channel_id, timestamp } = parsed.data;
    const guild = grant.platformUserId.split('/')[0] || '@me';
    return {
      ok: true,
      said,
      value: {
        platformId: id,
        url: `https://discord.com/channels/${guild}/${channel_id}/${id}`,
        publishedAt: new Date(timestamp),
      },
    };
  };
}

/** Removes a message of the webhook's own. */
export function removeOn(web: Web) {
  return async (grant: Grant, platformId: string): Promise<Outcome<null>> => {
    const answer = await web.call({
      method: 'DELETE',
      url: `${grant.token}/messages/${encodeURIComponent(platformId)}`,
    });
    if (!isNoAnswer(answer) && (answer.status === 204 || isGone(answer.json()))) return { ok: true, value: null };
    return { ok: false, failure: failureOf('read', answer), said: saidBy(answer, secretsOf(grant.token)) };
  };
}

async function requestOf(part: OutgoingPart): Promise<{ headers: Record<string, string>; body: string | Uint8Array }> {
  const message = {
    ...contentOf(part),
    // A post never pings anybody, whatever its text says.
    allowed_mentions: { parse: [] },
    ...(part.media.length === 0
      ? {}
      : {
          attachments: part.media.map((media, id) => ({
            id,
            ...(media.altText ? { description: media.altText } : {}),
          })),
        }),
  };
  if (part.media.length === 0)
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(message) };
  const form = new FormData();
  form.set('payload_json', JSON.stringify(message));
  for (const [at, media] of part.media.entries()) {
    const { blob, name } = await fileOf(media, at);
    form.set(`files[${at}]`, blob, name);
  }
  const { body, contentType } = await multipart(form);
  return { headers: { 'content-type': contentType }, body };
}

/** A poll needs a question of its own: a short text is the question, of a longer one its title. */
function contentOf({ text, title, poll }: OutgoingPart) {
  if (!poll) return { content: text };
  const short = text.length <= QUESTION_LENGTH;
  return {
    ...(short ? {} : { content: text }),
    poll: {
      question: { text: short ? text : (title || text).slice(0, QUESTION_LENGTH) },
      answers: poll.options.map((option) => ({ poll_media: { text: option } })),
      duration: Math.max(1, Math.round(poll.minutes / 60)),
      allow_multiselect: false,
    },
  };
}

function isGone(body: unknown): boolean {
  const parsed = z.object({ code: z.literal(UNKNOWN_MESSAGE) }).safeParse(body);
  return parsed.success;
}

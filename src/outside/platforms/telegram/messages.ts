import { z } from 'zod';
import { fileOf, multipart } from '#src/outside/multipart.ts';
import type { Grant, Outcome, OutgoingMedia, OutgoingPart, PublishedPart } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { callTelegram } from './call.ts';

export const LENGTH = 4_096;
const CAPTION_LENGTH = 1_024;
const QUESTION_LENGTH = 300;

const message = z.object({
  message_id: z.number().int(),
  date: z.number().int(),
  chat: z.object({ id: z.number(), type: z.string(), username: z.string().optional() }),
});
type Message = z.output<typeof message>;

/** Sends one message; several pictures are one album, which Telegram keeps as several messages. */
export function publishOn(web: Web) {
  return async (grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> => {
    const wrong = whatDoesNotFit(part);
    if (wrong) return { ok: false, failure: { kind: 'refused', ...wrong } };
    const { method, input } = await requestOf(grant, part);
    const answer = z.union([message.transform((one) => [one]), z.array(message).min(1)]);
    const sent = await callTelegram(web, grant, method, 'create', input, answer);
    if (!sent.ok) return sent;
    const first = sent.value[0] as Message;
    return {
      ok: true,
      said: sent.said,
      value: {
        platformId: sent.value.map((one) => one.message_id).join('+'),
        url: addressOf(first),
        publishedAt: new Date(first.date * 1_000),
      },
    };
  };
}

/** Removes what was sent, every picture of an album. Telegram lets a bot do so in a channel at any time. */
export function removeOn(web: Web) {
  return async (grant: Grant, platformId: string): Promise<Outcome<null>> => {
    const message_ids = platformId.split('+').map(Number);
    const input = { chat_id: grant.platformUserId, message_ids };
    // What is gone already is skipped: the method answers with true all the same.
    const removed = await callTelegram(web, grant, 'deleteMessages', 'read', input, z.boolean());
    return removed.ok ? { ok: true, value: null } : removed;
  };
}

function whatDoesNotFit({ text, media, poll, community }: OutgoingPart): { code: string; reason: string } | null {
  if (community && !/^\d{1,19}$/.test(community))
    return { code: 'bad_topic', reason: 'The id of a Telegram topic is a number. It stands in the link to the topic.' };
  if (poll && text.length > QUESTION_LENGTH)
    return {
      code: 'too_long',
      reason: `The question of a Telegram poll may have ${QUESTION_LENGTH} characters; this has ${text.length}.`,
    };
  if (poll && media.length > 0)
    return { code: 'poll_and_media', reason: 'A Telegram poll carries no pictures. Remove one of the two.' };
  const most = media.length > 0 ? CAPTION_LENGTH : LENGTH;
  if (text.length > most)
    return {
      code: 'too_long',
      reason: `The text has ${text.length} characters; Telegram takes ${most}${media.length > 0 ? ' under pictures' : ''}.`,
    };
  if (media.length > 1 && media.some(({ kind }) => kind === 'gif'))
    return { code: 'gif_alone', reason: 'A moving picture (GIF) stands alone on Telegram. Remove the other pictures.' };
  return null;
}

type Request = { method: string; input: Record<string, unknown> | { body: Uint8Array; contentType: string } };

async function requestOf(grant: Grant, part: OutgoingPart): Promise<Request> {
  const { text, media, poll } = part;
  const where = {
    chat_id: grant.platformUserId,
    ...(part.community ? { message_thread_id: Number(part.community) } : {}),
    ...(part.replyTo === null ? {} : { reply_parameters: { message_id: Number(part.replyTo.split('+')[0]) } }),
  };
  if (poll)
    return {
      method: 'sendPoll',
      input: {
        ...where,
        question: text,
        options: poll.options.map((option) => ({ text: option })),
        // Longer than ten minutes cannot be asked for: such a poll stays open.
        ...(poll.minutes <= 10 ? { open_period: poll.minutes * 60 } : {}),
      },
    };
  if (media.length === 0) return { method: 'sendMessage', input: { ...where, text } };
  return withFiles(where, text, media);
}

async function withFiles(where: object, caption: string, media: OutgoingMedia[]): Promise<Request> {
  const form = new FormData();
  for (const [name, value] of Object.entries(where))
    form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  const attach = async (field: string, one: OutgoingMedia, at: number) => {
    const { blob, name } = await fileOf(one, at);
    form.set(field, blob, name);
  };
  const [only] = media;
  if (only && media.length === 1) {
    const [method, field] = WAYS[only.kind];
    form.set('caption', caption);
    await attach(field, only, 0);
    return { method, input: await multipart(form) };
  }
  // The caption of the first is shown under the album.
  const album = media.map((one, at) => ({
    type: one.kind === 'video' ? 'video' : 'photo',
    media: `attach://file${at}`,
    ...(at === 0 ? { caption } : {}),
  }));
  form.set('media', JSON.stringify(album));
  for (const [at, one] of media.entries()) await attach(`file${at}`, one, at);
  return { method: 'sendMediaGroup', input: await multipart(form) };
}

const WAYS = {
  image: ['sendPhoto', 'photo'],
  gif: ['sendAnimation', 'animation'],
  video: ['sendVideo', 'video'],
} as const;

/** A public chat has an address for everyone, a private supergroup or channel one for its members. */
function addressOf({ chat, message_id }: Message): string {
  if (chat.username) return `https://t.me/${chat.username}/${message_id}`;
  const inner = /^-100(\d+)$/.exec(String(chat.id))?.[1];
  // A small group has no addresses; this opens it in the app.
  return inner
    ? `https://t.me/c/${inner}/${message_id}`
    : `tg://openmessage?chat_id=${Math.abs(chat.id)}&message_id=${message_id}`;
}

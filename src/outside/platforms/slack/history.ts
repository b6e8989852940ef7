import { z } from 'zod';
import type { Grant, Outcome, OwnPost } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { callSlack } from './call.ts';
import { channelOf } from './connect.ts';
import { addressOf, timeOf } from './messages.ts';
import { written } from './text.ts';

const message = z.object({
  ts: z.string(),
  text: z.string().default(''),
  bot_id: z.string().optional(),
  thread_ts: z.string().optional(),
  reply_count: z.number().optional(),
});
type Message = z.output<typeof message>;
const page = z.object({
  ok: z.literal(true),
  messages: z.array(message),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const auth = z.object({ bot_id: z.string() });

/** So many pages of 200 are read; a channel in which more happens cannot be looked through. */
const PAGES = 10;
/** Threads are looked into whose beginning is at most so old, in milliseconds: the channel's list shows no answers. */
const THREADS_SINCE = 24 * 3_600_000;

/**
 * What the app itself wrote since then, answers in its threads included. Needs channels:history (groups:history for a
 * private channel); without it this says so, and a person has to look.
 */
export function ownPostsOf(web: Web) {
  return async (grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> => {
    const me = await callSlack(web, grant, 'auth.test', 'read', {}, auth);
    if (!me.ok) return me;
    const oldest = since.getTime() - THREADS_SINCE;
    const read = await readAll(web, grant, 'conversations.history', { oldest: seconds(oldest) });
    if (!read.ok) return read;
    const own = read.value.filter((one) => one.bot_id === me.value.bot_id);
    const posts = own
      .filter((one) => one.thread_ts === undefined || one.thread_ts === one.ts)
      .map((one) => postOf(grant, one));
    for (const { ts } of own.filter((one) => (one.reply_count ?? 0) > 0)) {
      const replies = await readAll(web, grant, 'conversations.replies', { ts });
      if (!replies.ok) return replies;
      const mine = replies.value.filter((one) => one.ts !== ts && one.bot_id === me.value.bot_id);
      posts.push(...answersOf(grant, ts, mine));
    }
    const wanted = posts.filter((post) => post.publishedAt >= since);
    return { ok: true, value: wanted.sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime()) };
  };
}

async function readAll(
  web: Web,
  grant: Grant,
  method: string,
  input: Record<string, unknown>,
): Promise<Outcome<Message[]>> {
  const messages: Message[] = [];
  let cursor: string | undefined;
  for (let read = 0; read < PAGES; read++) {
    const asked = { channel: channelOf(grant), limit: 200, ...input, ...(cursor ? { cursor } : {}) };
    const answer = await callSlack(web, grant, method, 'read', asked, page);
    if (!answer.ok) return answer;
    messages.push(...answer.value.messages);
    cursor = answer.value.response_metadata?.next_cursor;
    if (!cursor) return { ok: true, value: messages };
  }
  const reason = 'Too much was written in this Slack channel to look through it. Look there yourself.';
  return { ok: false, failure: { kind: 'refused', code: 'too_much', reason } };
}

function postOf(grant: Grant, { ts, text }: Message): OwnPost {
  return { platformId: ts, url: addressOf(grant, ts), text: written(text), replyTo: null, publishedAt: timeOf(ts) };
}

/**
 * Slack tells which thread an answer is in, not which message of it was meant; so an answer of ours is listed once for
 * each of our messages it may stand under: whoever looks for one names the parent.
 */
function answersOf(grant: Grant, thread: string, mine: Message[]): OwnPost[] {
  const inOrder = mine.toSorted((a, b) => Number(a.ts) - Number(b.ts));
  return inOrder.flatMap((one, at) => {
    const platformId = `${thread}/${one.ts}`;
    const parents = [thread, ...inOrder.slice(0, at).map((earlier) => `${thread}/${earlier.ts}`)];
    return parents.map((replyTo) => ({
      ...postOf(grant, one),
      platformId,
      url: addressOf(grant, platformId),
      replyTo,
    }));
  });
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(6);
}

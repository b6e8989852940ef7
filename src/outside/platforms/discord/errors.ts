/**
 * What Discord's failures mean. Status codes and JSON error codes:
 * https://docs.discord.com/developers/topics/opcodes-and-status-codes (read November 2026).
 */
import { z } from 'zod';
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure } from '#src/outside/platform.ts';

const problem = z.object({
  code: z.number().optional(),
  message: z.string().optional(),
  /** Seconds, with fractions. */
  retry_after: z.number().nonnegative().optional(),
  errors: z.unknown().optional(),
});

export type Call = 'create' | 'read';

/** The failure behind an answer that is not the expected one. */
export function failureOf(call: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  const later = (seconds: number, code: string, reason: string): Failure => ({
    kind: 'later',
    until: new Date(now.getTime() + Math.max(seconds, 1) * 1_000),
    code,
    reason,
  });
  if (isNoAnswer(answer)) {
    if (answer.neverSent || call === 'read') return later(60, 'unreachable', answer.reason);
    return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  }
  const { status } = answer;
  const parsed = problem.safeParse(answer.json());
  const { code, message, retry_after, errors } = parsed.success ? parsed.data : {};
  if (status === 429) {
    // A ban of our address by Discord's proxy is answered with a page, and the header only.
    const seconds = retry_after ?? (Number(answer.headers.get('retry-after')) || 60);
    return later(seconds, 'rate_limited', 'Discord limits how often this webhook may post, and the limit is reached.');
  }
  if (code === UNKNOWN_CHANNEL)
    return {
      kind: 'refused',
      code: 'bad_thread',
      reason: 'Discord knows no such thread in the channel of this webhook. Copy the id from the thread’s menu.',
    };
  if (status === 401 || (status === 404 && code !== UNKNOWN_MESSAGE))
    return {
      kind: 'reconnect',
      code: 'webhook_gone',
      reason: 'Discord no longer knows this webhook: it was deleted, or its address was renewed.',
    };
  if (code === FORUM_NEEDS_THREAD)
    return {
      kind: 'refused',
      code: 'forum_needs_thread',
      reason: 'This webhook belongs to a forum channel, which takes posts into a thread only. Name the id of a thread.',
    };
  if (status === 413)
    return { kind: 'refused', code: 'too_large', reason: 'Discord does not take files of this size here.' };
  if (status >= 400 && status < 500 && status !== 408)
    return {
      kind: 'refused',
      code: code === undefined ? `http_${status}` : String(code),
      reason: `Discord refused this: ${[message ?? `HTTP ${status}`, ...wordsIn(errors)]
        .join(' ')
        .slice(0, 500)
        .replace(/[.!?]*$/, '.')}`,
    };
  if (call === 'create')
    return {
      kind: 'unknown',
      reason: `Discord answered with HTTP ${status}, which does not say whether it was published.`,
    };
  return later(60, 'unavailable', `Discord is not available at the moment (HTTP ${status}).`);
}

/** An answer with a good status whose body is not what Discord documents. */
export function unreadable(call: Call, answer: ApiAnswer): Failure {
  const reason = `Discord answered with HTTP ${answer.status}, but in a form that is not known.`;
  return call === 'create'
    ? { kind: 'unknown', code: 'unreadable', reason }
    : { kind: 'refused', code: 'unreadable', reason };
}

export const UNKNOWN_MESSAGE = 10_008;
const UNKNOWN_CHANNEL = 10_003;
/** "Webhooks posted to forum channels must have a thread_name or thread_id". */
const FORUM_NEEDS_THREAD = 220_001;

/** The sentences inside the nested `errors` of an invalid form. */
function wordsIn(errors: unknown): string[] {
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors).flatMap(([key, value]) =>
    key === 'message' && typeof value === 'string' ? [value] : wordsIn(value),
  );
}

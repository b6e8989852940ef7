/**
 * What most services mean by the way a call ended. An adapter looks first for what only its own service says, and asks
 * here for the rest.
 */
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure } from '#src/outside/platform.ts';

/** A call that creates may have created; one that reads, or prepares what nobody sees, can simply be made again. */
export type Call = 'create' | 'read';

/** How long to wait where a service limits and does not say for how long, in milliseconds. */
const UNTOLD = 15 * 60_000;
const MINUTE = 60_000;

/**
 * The failure behind an answer that is not the expected one, by its status alone: 401 the access is gone, 429 later, other
 * 4xx refused, everything else says nothing. `words` is what the service said about it, if it did.
 */
export function usualFailure(
  name: string,
  call: Call,
  answer: ApiAnswer | NoAnswer,
  words = '',
  now = new Date(),
): Failure {
  if (isNoAnswer(answer)) {
    if (answer.neverSent || call === 'read') return later(MINUTE, 'unreachable', answer.reason, now);
    return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  }
  const { status } = answer;
  if (status === 401) return gone(name, words);
  if (status === 429)
    return later(retryAfter(answer, now) ?? UNTOLD, 'rate_limited', `${name} limits how often one may call.`, now);
  if (status >= 400 && status < 500 && status !== 408) return no(name, words || `HTTP ${status}`, `http_${status}`);
  if (status >= 200 && status < 400) {
    const reason = `${name} answered with HTTP ${status}, but in a form that is not known.`;
    return { kind: call === 'create' ? 'unknown' : 'refused', code: 'unreadable', reason };
  }
  if (call === 'create')
    return {
      kind: 'unknown',
      code: `http_${status}`,
      reason: `${name} answered with HTTP ${status}, which does not say whether it was published.`,
    };
  const wait = retryAfter(answer, now) ?? MINUTE;
  return later(wait, 'unavailable', `${name} is not available at the moment (HTTP ${status}).`, now);
}

/** Not now: again in `wait` milliseconds. */
export function later(wait: number, code: string, reason: string, now = new Date()): Failure {
  return { kind: 'later', until: new Date(now.getTime() + Math.max(wait, 1_000)), code, reason };
}

/** The service said no; `words` are its own. */
export function no(name: string, words: string, code: string): Failure {
  return { kind: 'refused', code, reason: `${name} refused this: ${sentence(words)}` };
}

/** We said no before anything was sent; `reason` is the whole sentence. */
export function refused(code: string, reason: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind: 'refused', code, reason } };
}

/** The access is no longer accepted. */
export function gone(name: string, words = ''): Failure {
  const told = words ? ` It says: ${sentence(words)}` : '';
  return { kind: 'reconnect', code: 'unauthorized', reason: `${name} no longer accepts this access.${told}` };
}

/** The text exists already: evidence that an earlier attempt went through. */
export function duplicate(name: string): Failure {
  const reason = `${name} says that this post exists already, so it may have been published.`;
  return { kind: 'unknown', code: 'duplicate', reason };
}

/** What `Retry-After` asks for, in milliseconds: seconds or a date. */
export function retryAfter(answer: ApiAnswer, now = new Date()): number | undefined {
  const value = answer.headers.get('retry-after');
  if (!value) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now.getTime();
  return Number.isFinite(wait) && wait > 0 ? wait : undefined;
}

/** Words of others as a sentence: one line, with an end, at most 400 characters. */
export function sentence(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim().slice(0, 400);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** What a Mastodon server's failures mean (docs.joinmastodon.org, and its sources, November 2026). */
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure } from '#src/outside/platform.ts';
import { problemAnswer } from './wire.ts';

const MINUTE = 60_000;

/** A call that creates may have created; one that reads, or gives a file, can simply be made again. */
export type Call = 'create' | 'read';

/** The failure behind an answer that is not the expected one. */
export function failureOf(call: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) {
    if (answer.neverSent || call === 'read') return later(now, MINUTE, 'unreachable', answer.reason);
    return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  }
  const { status } = answer;
  const words = wordsOf(answer);
  if (status === 429) return rateLimited(answer, now);
  if (status === 401)
    return {
      kind: 'reconnect',
      code: 'unauthorized',
      reason: `The server no longer accepts the access to this account${said(words)}`,
    };
  if (status === 403) return forbidden(words);
  if (status >= 300 && status < 500 && status !== 408) return refusal(status, words, now);
  if (call === 'read')
    return later(now, MINUTE, 'unavailable', `The server is not available at the moment (HTTP ${status}).`);
  return {
    kind: 'unknown',
    code: `http_${status}`,
    reason: `The server answered with HTTP ${status}, which does not say whether it was published.`,
  };
}

/** The failure behind an answer of the token endpoint that is not the expected one. */
export function tokenFailureOf(answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer) || answer.status === 429 || answer.status >= 500 || answer.status === 408)
    return failureOf('create', answer, now);
  const parsed = problemAnswer.safeParse(answer.json());
  const { error, error_description } = parsed.success ? parsed.data : { error: `http_${answer.status}` };
  const words = error_description || error;
  if (error === 'invalid_client' || error === 'unauthorized_client')
    return {
      kind: 'refused',
      code: 'invalid_client',
      reason: `The server has forgotten Fanfare's registration (${words}). Connect the account again.`,
    };
  return { kind: 'reconnect', code: error, reason: `The server does not accept this access: ${words}` };
}

/** The failure of registering at a server: most often there is no Mastodon at the address. */
export function registrationFailureOf(answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (!isNoAnswer(answer) && answer.status !== 429 && answer.status < 500)
    return {
      kind: 'refused',
      code: 'not_mastodon',
      reason: `There is no Mastodon server at this address (HTTP ${answer.status}). Check it, for example mastodon.social.`,
    };
  return failureOf('read', answer, now);
}

/** An answer with a good status whose body is not what the API documents. */
export function unreadable(call: Call, answer: ApiAnswer): Failure {
  const reason = `The server answered with HTTP ${answer.status}, but in a form that is not known.`;
  return { kind: call === 'create' ? 'unknown' : 'refused', code: 'unreadable', reason };
}

function wordsOf(answer: ApiAnswer): string {
  const parsed = problemAnswer.safeParse(answer.json());
  return parsed.success ? parsed.data.error_description || parsed.data.error : '';
}

function said(words: string): string {
  return words ? `: ${words}` : '.';
}

function forbidden(words: string): Failure {
  // Of the whole account, not of this post: outside the scopes, login disabled, not confirmed yet, suspended.
  if (/scope|login|suspend|confirm|pending/i.test(words))
    return { kind: 'reconnect', code: 'forbidden', reason: `The server does not let this account in${said(words)}` };
  return { kind: 'refused', code: 'forbidden', reason: `The server does not permit this${said(words)}` };
}

function refusal(status: number, words: string, now: Date): Failure {
  if (status < 400)
    return {
      kind: 'refused',
      code: `http_${status}`,
      reason: 'The server has moved to another address. Connect the account again with the new one.',
    };
  if (status === 422 && /not finished processing/i.test(words))
    return later(now, MINUTE / 2, 'media_processing', 'The server is still converting a file of this post.');
  if (status === 422 && /character limit/i.test(words))
    return { kind: 'refused', code: 'too_long', reason: `The text is longer than this server takes${said(words)}` };
  return {
    kind: 'refused',
    code: status === 422 ? 'invalid' : `http_${status}`,
    reason: words ? `The server refused this: ${words}` : `The server refused this (HTTP ${status}).`,
  };
}

function rateLimited(answer: ApiAnswer, now: Date): Failure {
  // An instant such as 2026-11-22T09:05:00.000000Z, where others send seconds.
  const reset = Date.parse(answer.headers.get('x-ratelimit-reset') ?? '');
  const wait = Number.isNaN(reset) ? 5 * MINUTE : Math.max(reset - now.getTime(), 1_000);
  return later(
    now,
    wait,
    'rate_limited',
    'The server limits how often this account may call, and the limit is reached.',
  );
}

function later(now: Date, wait: number, code: string, reason: string): Failure {
  return { kind: 'later', until: new Date(now.getTime() + wait), code, reason };
}

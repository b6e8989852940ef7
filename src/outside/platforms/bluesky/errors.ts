/** What a PDS's failures mean (atproto.com/specs/xrpc, and @atproto/pds 0.5.35 itself, November 2026). */
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure } from '#src/outside/platform.ts';
import { problemAnswer } from './wire.ts';

const MINUTE = 60_000;

/**
 * `create` may have created; `read` can simply be made again, and so can giving a file; `session` may have changed the
 * refresh token.
 */
export type Call = 'create' | 'read' | 'session';

/** The failure behind an answer that is not the expected one. */
export function failureOf(call: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) {
    if (answer.neverSent || call === 'read') return later(now, MINUTE, 'unreachable', answer.reason);
    return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  }
  const { status } = answer;
  const { error, words } = problemOf(answer);
  if (status === 429) return rateLimited(answer, now);
  if (status === 401 || GRANT_IS_GONE.has(error)) return signInAgain(error, words);
  if (status >= 300 && status < 500 && status !== 408) return refusal(status, error, words);
  if (call === 'read')
    return later(now, MINUTE, 'unavailable', `Bluesky is not available at the moment (HTTP ${status}).`);
  return {
    kind: 'unknown',
    code: `http_${status}`,
    reason: `Bluesky answered with HTTP ${status}, which does not say what became of it.`,
  };
}

/** The failure of signing in with a handle and a password. */
export function signInFailure(answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (!isNoAnswer(answer)) {
    const { error } = problemOf(answer);
    if (error === 'AuthFactorTokenRequired')
      return {
        kind: 'refused',
        code: 'needs_app_password',
        reason: 'This is the password of the account itself, which asks for a code by e-mail. Make an app password.',
      };
    if (answer.status === 401 && !TAKEN_DOWN.has(error))
      return {
        kind: 'refused',
        code: 'wrong_password',
        reason:
          'Bluesky does not know this handle with this app password. Check both, and the server if the account is on one of its own.',
      };
    if (answer.status === 404)
      return {
        kind: 'refused',
        code: 'no_pds',
        reason: 'There is no Bluesky server (PDS) at this address. Check the server.',
      };
  }
  const failure = failureOf('read', answer, now);
  return failure.kind === 'reconnect' ? { ...failure, kind: 'refused' } : failure;
}

/** An answer with a good status whose body is not what the lexicon says. */
export function unreadable(call: Call, answer: ApiAnswer): Failure {
  const reason = `Bluesky answered with HTTP ${answer.status}, but in a form that is not known.`;
  return { kind: call === 'read' ? 'refused' : 'unknown', code: 'unreadable', reason };
}

/** The name of the error in an answer, `InvalidSwap` for example; empty when there is none. */
export function errorIn(answer: ApiAnswer | NoAnswer): string {
  return isNoAnswer(answer) ? '' : problemOf(answer).error;
}

const TAKEN_DOWN = new Set(['AccountTakedown', 'AccountSuspended', 'AccountDeactivated', 'RepoDeactivated']);
const GRANT_IS_GONE = new Set(['ExpiredToken', 'InvalidToken', 'AuthMissing', 'AuthenticationRequired', ...TAKEN_DOWN]);

function problemOf(answer: ApiAnswer): { error: string; words: string } {
  const parsed = problemAnswer.safeParse(answer.json());
  const { error = '', message = '' } = parsed.success ? parsed.data : {};
  return { error, words: message || error };
}

function signInAgain(error: string, words: string): Failure {
  const reason = TAKEN_DOWN.has(error)
    ? `Bluesky has closed this account for now: ${words}.`
    : 'Bluesky no longer accepts the access to this account.';
  return { kind: 'reconnect', code: error || 'unauthorized', reason };
}

function refusal(status: number, error: string, words: string): Failure {
  if (status < 400)
    return {
      kind: 'refused',
      code: `http_${status}`,
      reason: 'The Bluesky server has moved to another address. Connect the account again with the new one.',
    };
  if (/grapheme/i.test(words))
    return { kind: 'refused', code: 'too_long', reason: 'The text is longer than the 300 characters Bluesky takes.' };
  const reason = words ? `Bluesky refused this: ${words}` : `Bluesky refused this (HTTP ${status}).`;
  return { kind: 'refused', code: error || `http_${status}`, reason };
}

function rateLimited(answer: ApiAnswer, now: Date): Failure {
  const reset = Number(answer.headers.get('ratelimit-reset')) * 1000;
  const seconds = Number(answer.headers.get('retry-after'));
  // Without a header: the shortest window of a PDS is five minutes.
  const wait = reset > 0 ? Math.max(reset - now.getTime(), 1000) : seconds > 0 ? seconds * 1000 : 5 * MINUTE;
  return later(now, wait, 'rate_limited', 'Bluesky limits how often this account may call, and the limit is reached.');
}

function later(now: Date, wait: number, code: string, reason: string): Failure {
  return { kind: 'later', until: new Date(now.getTime() + wait), code, reason };
}

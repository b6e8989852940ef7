/**
 * What X's failures mean. The shapes were collected from its documentation and from public reports, as noted; X does
 * not document most of them.
 */
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure } from '#src/outside/platform.ts';
import { problemAnswer, tokenProblem } from './wire.ts';

const MINUTE = 60_000;

/** A call that creates may have created; one that reads can simply be made again. */
export type Call = 'create' | 'read';

/** The failure behind an answer that is not the expected one. */
export function failureOf(call: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) return noAnswer(call, answer, now);
  const { status } = answer;
  const problem = problemOf(answer);
  if (status === 402 || (status === 429 && isUsageCap(problem))) return usageCapped(now);
  if (status === 429) return rateLimited(answer, now);
  if (status === 401)
    return { kind: 'reconnect', code: 'unauthorized', reason: 'X no longer accepts the access to this account.' };
  if (status === 403) return forbidden(problem);
  if (status >= 400 && status < 500 && status !== 408)
    return {
      kind: 'refused',
      code: status === 400 ? 'invalid_request' : `http_${status}`,
      reason: problem.words ? `X refused this: ${problem.words}` : `X refused this (HTTP ${status}).`,
    };
  if (call === 'create')
    return { kind: 'unknown', reason: `X answered with HTTP ${status}, which does not say whether it was published.` };
  return later(now, MINUTE, 'unavailable', `X is not available at the moment (HTTP ${status}).`);
}

/** The failure behind an answer of the token endpoint that is not the expected one. */
export function tokenFailureOf(answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer))
    return answer.neverSent
      ? later(now, MINUTE, 'unreachable', answer.reason)
      : { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  const { status } = answer;
  if (status === 429) return rateLimited(answer, now);
  if (status >= 400 && status < 500 && status !== 408) {
    const parsed = tokenProblem.safeParse(answer.json());
    const error = parsed.success ? parsed.data.error : `http_${status}`;
    const words = (parsed.success && parsed.data.error_description) || `HTTP ${status}`;
    // The app is wrong, not the grant: connecting again would fail in the same way.
    if (status === 401 || error === 'invalid_client' || error === 'unauthorized_client')
      return {
        kind: 'refused',
        code: 'invalid_client',
        reason: `X does not accept the client id and secret of your developer app (${words}). Correct them in Settings.`,
      };
    // A refresh token that was used before is answered `invalid_request` as often as `invalid_grant`.
    return { kind: 'reconnect', code: error, reason: `X no longer accepts the stored access: ${words}` };
  }
  return { kind: 'unknown', code: `http_${status}`, reason: `X's sign-in answered with HTTP ${status}.` };
}

/** An answer with a good status whose body is not what X documents. */
export function unreadable(call: Call, answer: ApiAnswer): Failure {
  const reason = `X answered with HTTP ${answer.status}, but in a form that is not known.`;
  return call === 'create'
    ? { kind: 'unknown', code: 'unreadable', reason }
    : { kind: 'refused', code: 'unreadable', reason };
}

/** True for the answer to a query parameter X does not know, such as one in the other dialect. */
export function isInvalidRequest(answer: ApiAnswer | NoAnswer): boolean {
  return !isNoAnswer(answer) && answer.status === 400;
}

type Problem = { title: string; type: string; words: string };

function problemOf(answer: ApiAnswer): Problem {
  const parsed = problemAnswer.safeParse(answer.json());
  if (!parsed.success) return { title: '', type: '', words: '' };
  const { title = '', type = '', detail, message, errors = [] } = parsed.data;
  const words = [detail ?? message, ...errors.map((error) => error.message ?? error.detail)].filter(Boolean);
  return { title, type, words: [...new Set(words)].join(' ') || title };
}

function noAnswer(call: Call, answer: NoAnswer, now: Date): Failure {
  if (answer.neverSent || call === 'read') return later(now, MINUTE, 'unreachable', answer.reason);
  return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
}

/** Seen with `x-rate-limit-remaining` still high (xdk#25): waiting for the reset would not help. */
function isUsageCap(problem: Problem): boolean {
  return problem.title === 'UsageCapExceeded' || problem.type.endsWith('/usage-capped');
}

function usageCapped(now: Date): Failure {
  const reason =
    'Your X developer account has used up its credits or its cap. Add credits in the developer console of X.';
  return later(now, 24 * 60 * MINUTE, 'usage_capped', reason);
}

function rateLimited(answer: ApiAnswer, now: Date): Failure {
  const reset = Number(answer.headers.get('x-rate-limit-reset')) * 1000;
  // Every window of X is 15 minutes or longer; without the header, wait one.
  const wait = reset > 0 ? Math.max(reset - now.getTime(), 1000) : 15 * MINUTE;
  return later(now, wait, 'rate_limited', 'X limits how often this account may call, and the limit is reached.');
}

function forbidden(problem: Problem): Failure {
  // akrherz/iembot#163, 2026-02. Also the answer when our own first call went through and its answer was lost.
  if (/duplicate content/i.test(problem.words))
    return {
      kind: 'unknown',
      code: 'duplicate',
      reason: 'X says that a post with this text exists already, so it may have been published.',
    };
  // gptme-contrib#1302, 2026-07: the rule for self-serve developers since 2026-02-23.
  if (/only (reply|quote|reply to or quote)/i.test(problem.words))
    return {
      kind: 'refused',
      code: 'reply_not_allowed',
      reason: 'X lets apps reply only to your own posts and to posts that mention you. Reply on X itself instead.',
    };
  return {
    kind: 'refused',
    code: 'forbidden',
    reason: problem.words ? `X does not permit this: ${problem.words}` : 'X does not permit this.',
  };
}

function later(now: Date, wait: number, code: string, reason: string): Failure {
  return { kind: 'later', until: new Date(now.getTime() + wait), code, reason };
}

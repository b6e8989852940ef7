/**
 * What X's failures mean. The shapes were collected from its documentation and from public reports, as noted; X does
 * not document most of them.
 */
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure } from '#src/outside/platform.ts';
import { problemAnswer, tokenProblem } from './wire.ts';

const MINUTE = 60_000;

/** A call that creates may have created; a repeatable one (a read, an upload) can simply be made again. */
export type Call = 'create' | 'repeatable';

/** The failure behind an answer that is not the expected one. */
export function failureOf(call: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) return noAnswer(call, answer, now);
  const { status } = answer;
  const problem = problemOf(answer);
  if (status === 402 || isUsageCap(problem)) return usageCapped(now);
  if (status === 429) return rateLimited(answer, now);
  if (status === 401)
    return { kind: 'reconnect', code: 'unauthorized', reason: 'X no longer accepts the access to this account.' };
  if (status === 403) return forbidden(problem, now);
  if (/media ids? (are|is) invalid/i.test(problem.words)) return mediaGone();
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

/** True when X may have done it, and billed it, although it did not say so. */
export function mayBeDone(answer: ApiAnswer | NoAnswer): boolean {
  return isNoAnswer(answer) ? !answer.neverSent : answer.status >= 500;
}

/** X does not know a file any more, or has not finished it. Uploading it again helps. */
export function mediaGone(): Failure {
  return {
    kind: 'refused',
    code: 'media_gone',
    reason:
      'X has no finished file for this post: what was uploaded is kept there for a day. Publish again to upload it anew.',
  };
}

/** An answer with a good status whose body is not what X documents, or that holds errors only. */
export function unreadable(call: Call, answer: ApiAnswer): Failure {
  const { words } = problemOf(answer);
  if (call === 'repeatable' && words) return { kind: 'refused', code: 'refused', reason: `X refused this: ${words}` };
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
  if (answer.neverSent || call === 'repeatable') return later(now, MINUTE, 'unreachable', answer.reason);
  return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
}

/**
 * Seen as 429 with `x-rate-limit-remaining` still high (xdk#25): waiting for the reset would not help. Empty credits are
 * a 402, a reached spending limit of one's own may be a 403; both carry the type `credits`.
 */
function isUsageCap(problem: Problem): boolean {
  return (
    /^(UsageCapExceeded|CreditsDepleted|SpendCapReached)$/.test(problem.title) ||
    /\/(usage-capped|credits)$/.test(problem.type)
  );
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

function forbidden({ words, type }: Problem, now: Date): Failure {
  // akrherz/iembot#163, 2026-02. Also the answer when our own first call went through and its answer was lost.
  if (/duplicate content/i.test(words))
    return {
      kind: 'unknown',
      code: 'duplicate',
      reason: 'X says that a post with this text exists already, so it may have been published.',
    };
  for (const [pattern, failure] of FORBIDDEN) if (pattern.test(`${words} ${type}`)) return failure(now);
  return {
    kind: 'refused',
    code: 'forbidden',
    reason: words ? `X does not permit this: ${words}` : 'X does not permit this.',
  };
}

const refused = (code: string, reason: string) => (): Failure => ({ kind: 'refused', code, reason });

/** What stands in the words or the type of a 403, and what it means. The codes are those of API 1.1, where known. */
const FORBIDDEN: readonly [RegExp, (now: Date) => Failure][] = [
  // gptme-contrib#1302, 2026-07: the rule for self-serve developers since 2026-02-23.
  [
    /only (reply|quote|reply to or quote)/i,
    refused(
      'reply_not_allowed',
      'X lets apps reply only to your own posts and to posts that mention you. Reply on X itself instead.',
    ),
  ],
  // 185 and 344. X says that the day's limit is split into smaller ones of half an hour.
  [
    /daily (status update )?limit/i,
    (now) => later(now, 30 * MINUTE, 'daily_limit', 'This account has reached the limit of posts that X sets per day.'),
  ],
  // 226
  [
    /might be automated/i,
    (now) =>
      later(
        now,
        60 * MINUTE,
        'looks_automated',
        'X takes this for spam and asks to wait. It is tried again in an hour.',
      ),
  ],
  // 326
  [
    /temporarily locked/i,
    () => ({
      kind: 'reconnect',
      code: 'locked',
      reason: 'X has locked this account for now. Sign in on x.com to unlock it, then connect it again here.',
    }),
  ],
  // 64
  [
    /suspended/i,
    () => ({
      kind: 'reconnect',
      code: 'suspended',
      reason: 'X has suspended this account. Appeal on x.com, and connect it again here once it is free.',
    }),
  ],
  [
    /oauth1-permissions|not configured with the appropriate|cannot perform write actions/i,
    refused(
      'app_read_only',
      'Your X developer app may only read. Give it the permission to read and write in the developer console of X, then connect the account again.',
    ),
  ],
  [
    /client-forbidden|client-not-enrolled|attached to a project/i,
    refused(
      'app_not_enrolled',
      'Your X developer app is not enrolled for this. Add it to a project with pay-per-use in the developer console of X.',
    ),
  ],
  [
    /community/i,
    refused(
      'community_not_allowed',
      'X does not let this account post into that community. Join it on x.com first, or choose another one.',
    ),
  ],
];

function later(now: Date, wait: number, code: string, reason: string): Failure {
  return { kind: 'later', until: new Date(now.getTime() + wait), code, reason };
}

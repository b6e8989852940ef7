/** Calling Dev.to, and what its failures mean. */
import { type Call, duplicate, gone, later, retryAfter, usualFailure } from '#src/outside/failures.ts';
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure, Grant } from '#src/outside/platform.ts';
import { problemAnswer } from './wire.ts';

export const DEVTO = 'Dev.to';

/** One call with the account's key. */
export function call(
  grant: Pick<Grant, 'token' | 'apiUrl'>,
  method: string,
  path: string,
  body?: object,
): Promise<ApiAnswer | NoAnswer> {
  return callApi({
    method,
    url: `${grant.apiUrl}${path}`,
    headers: {
      'api-key': grant.token,
      accept: 'application/vnd.forem.api-v1+json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

/** The failure behind an answer that is not the expected one. */
export function failureOf(kind: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) return usualFailure(DEVTO, kind, answer, '', now);
  const parsed = problemAnswer.safeParse(answer.json());
  const words = parsed.success ? parsed.data.error : '';
  if (answer.status === 401) return gone(DEVTO, 'the API key was deleted or is mistyped');
  if (answer.status === 429) {
    // "Rate limit reached, try again in 30 seconds": ten new articles in half a minute.
    const seconds = Number(/(\d+) seconds/.exec(words)?.[1] ?? 30);
    const wait = retryAfter(answer, now) ?? seconds * 1_000;
    return later(wait, 'rate_limited', 'Dev.to limits how many articles one may create at once.', now);
  }
  // Both are also the answer when our own first call went through. The title counts for five minutes.
  if (answer.status === 422 && /canonical url has already been taken|title has already been used/i.test(words))
    return duplicate(DEVTO);
  return usualFailure(DEVTO, kind, answer, words, now);
}

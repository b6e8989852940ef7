/** Calling Threads, and what its failures mean. */
import { type Call, gone, later, no, usualFailure } from '#src/outside/failures.ts';
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure, Grant } from '#src/outside/platform.ts';
import { problemAnswer, VERSION } from './wire.ts';

export const THREADS = 'Threads';

/** One GET. The token goes along as Meta documents it, as a parameter; addresses are never shown or kept. */
export function get(
  grant: Grant,
  path: string,
  query: Record<string, string>,
  timeoutMs?: number,
): Promise<ApiAnswer | NoAnswer> {
  const search = new URLSearchParams({ ...query, access_token: grant.token });
  return callApi({ method: 'GET', url: `${grant.apiUrl}${VERSION}/${path}?${search}`, timeoutMs });
}

/** One POST. */
export function send(
  grant: Grant,
  path: string,
  form: Record<string, string>,
  timeoutMs?: number,
): Promise<ApiAnswer | NoAnswer> {
  const body = new URLSearchParams({ ...form, access_token: grant.token });
  return callApi({ method: 'POST', url: `${grant.apiUrl}${VERSION}/${path}`, body, timeoutMs });
}

/** One DELETE of a post. */
export function removePost(grant: Grant, id: string): Promise<ApiAnswer | NoAnswer> {
  const search = new URLSearchParams({ access_token: grant.token });
  return callApi({ method: 'DELETE', url: `${grant.apiUrl}${VERSION}/${id}?${search}` });
}

/** What Meta says of an error: its number, the number below it, and the words for people. */
export function problemOf(answer: ApiAnswer | NoAnswer): { code: number; subcode: number; words: string } {
  const parsed = isNoAnswer(answer) ? null : problemAnswer.safeParse(answer.json());
  if (!parsed?.success) return { code: 0, subcode: 0, words: '' };
  const { code = 0, error_subcode = 0, error_user_msg, message } = parsed.data.error;
  return { code, subcode: error_subcode, words: error_user_msg || message };
}

/** True when the thing a call speaks of is not there: a post that was removed, a container that is not ready. */
export function isMissing(answer: ApiAnswer | NoAnswer): boolean {
  const { code, subcode } = problemOf(answer);
  return code === 24 || (code === 100 && subcode === 33) || (!isNoAnswer(answer) && answer.status === 404);
}

/** The failure behind an answer that is not the expected one (Graph API, "Handling errors"). */
export function failureOf(kind: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  const { code, subcode, words } = problemOf(answer);
  if (isNoAnswer(answer) || code === 0 || answer.status >= 500) return usualFailure(THREADS, kind, answer, words, now);
  if (code === 190 || code === 102) return gone(THREADS, words);
  // 4, 17, 32 and 613 are the limits of the app, the account and the call; 9 with this subcode the 250 posts of a day.
  if ([4, 17, 32, 613].includes(code) || subcode === 2_207_042 || subcode === 2_207_051)
    return later(3_600_000, 'rate_limited', 'The number of posts or calls Threads allows in a day is reached.', now);
  if (code === 1 || code === 2)
    return kind === 'create'
      ? usualFailure(THREADS, kind, { ...answer, status: 500 }, words, now)
      : later(60_000, 'unavailable', 'Threads is not available at the moment.', now);
  if (code === 10 || (code >= 200 && code < 300))
    return no(THREADS, `${words} Connect the account again and allow everything that is asked for`, 'forbidden');
  return no(THREADS, words || `error ${code}`, `threads_${code}`);
}

/** Calling LinkedIn, and what its failures mean. */
import { type Call, duplicate, later, no, usualFailure } from '#src/outside/failures.ts';
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure, Grant } from '#src/outside/platform.ts';
import { LINKEDIN_VERSION, problemAnswer } from './wire.ts';

export const LINKEDIN = 'LinkedIn';

/** One call with the account's token, in the version and protocol that we speak. */
export function call(grant: Grant, method: string, path: string, body?: object): Promise<ApiAnswer | NoAnswer> {
  return callApi({
    method,
    url: `${grant.apiUrl}${path}`,
    headers: {
      authorization: `Bearer ${grant.token}`,
      'linkedin-version': LINKEDIN_VERSION,
      'x-restli-protocol-version': '2.0.0',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

/** The member who speaks, as LinkedIn names people. */
export function personOf(grant: Grant): string {
  return `urn:li:person:${grant.platformUserId}`;
}

/** The failure behind an answer that is not the expected one. */
export function failureOf(kind: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) return usualFailure(LINKEDIN, kind, answer, '', now);
  const parsed = problemAnswer.safeParse(answer.json());
  const { message = '', code = '', errorDetails } = parsed.success ? parsed.data : {};
  const { status } = answer;
  if (status === 426)
    return {
      kind: 'refused',
      code: 'version_ended',
      reason: `LinkedIn has switched off the version of its API that this Fanfare speaks (${LINKEDIN_VERSION}). Update Fanfare, then try again.`,
    };
  // 422, also for a post that was deleted since, for a day or two (composio#2710).
  const said = `${code} ${message} ${JSON.stringify(errorDetails ?? '')}`;
  if ((status === 422 || status === 409 || status === 400) && /DUPLICATE_POST|is a duplicate of/i.test(said))
    return duplicate(LINKEDIN);
  if (status === 429) {
    const limited = usualFailure(LINKEDIN, kind, answer, '', now);
    if (answer.headers.has('retry-after')) return limited;
    // The limits of a day end at midnight UTC; LinkedIn does not say whether it was one of those.
    const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 0, 1) - now.getTime();
    return later(Math.min(midnight, 3_600_000), 'rate_limited', limited.reason, now);
  }
  if (status === 403) return no(LINKEDIN, message || 'This account may not do that', 'forbidden');
  return usualFailure(LINKEDIN, kind, answer, message, now);
}

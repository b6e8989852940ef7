/** Calling Hashnode's GraphQL, and what its failures mean. The code is in the body, not in the status. */
import type { z } from 'zod';
import { type Call, gone, later, no, usualFailure } from '#src/outside/failures.ts';
import { callApi, isNoAnswer, saidBy } from '#src/outside/http.ts';
import type { Failure, Grant, Outcome } from '#src/outside/platform.ts';
import { answerWith } from './wire.ts';

export const HASHNODE = 'Hashnode';

/** One query or mutation; `said` is what came back. */
export async function ask<T extends z.ZodType>(
  grant: Pick<Grant, 'token' | 'apiUrl'>,
  kind: Call,
  schema: T,
  query: string,
  variables: object,
): Promise<Outcome<z.output<T>> & { said: string }> {
  const answer = await callApi({
    method: 'POST',
    url: `${grant.apiUrl}/`,
    headers: { authorization: `Bearer ${grant.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const said = saidBy(answer);
  if (isNoAnswer(answer)) return { ok: false, failure: usualFailure(HASHNODE, kind, answer), said };
  const parsed = answerWith(schema).safeParse(answer.json());
  const [error] = (parsed.success && parsed.data.errors) || [];
  if (error) return { ok: false, failure: failureOf(kind, error.extensions?.code ?? '', error.message), said };
  if (answer.status === 200 && parsed.success && parsed.data.data) return { ok: true, value: parsed.data.data, said };
  return { ok: false, failure: usualFailure(HASHNODE, kind, answer), said };
}

/** Hashnode names five codes, and everything else INTERNAL_SERVER_ERROR. */
function failureOf(kind: Call, code: string, words: string): Failure {
  if (code === 'UNAUTHENTICATED') return gone(HASHNODE, words);
  if (code === 'FORBIDDEN' && /pro plan/i.test(words))
    return {
      kind: 'refused',
      code: 'needs_pro',
      reason:
        'Hashnode lets apps publish only to blogs on its Pro plan, and this one is not. Upgrade the blog on Hashnode, or publish there by hand.',
    };
  // First: "too many tags" is no limit that goes by.
  if (['FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'BAD_REQUEST'].includes(code))
    return no(HASHNODE, words || code, code.toLowerCase());
  if (/rate.?limit|too.many/i.test(`${code} ${words}`))
    return later(60_000, 'rate_limited', 'Hashnode limits how often one may call.');
  if (kind === 'read') return later(60_000, 'unavailable', 'Hashnode is not available at the moment.');
  return {
    kind: 'unknown',
    code: code.toLowerCase() || 'error',
    reason: 'Hashnode answered with an error that does not say whether the post was published.',
  };
}

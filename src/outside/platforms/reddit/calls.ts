/** Calling Reddit, and what its failures mean. */
import { type Call, duplicate, later, no, retryAfter, usualFailure } from '#src/outside/failures.ts';
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Failure, Grant, Outcome } from '#src/outside/platform.ts';
import { listing, problemAnswer, type Thing } from './wire.ts';

export const REDDIT = 'Reddit';

/** Reddit throttles clients without a name of their own: "<platform>:<app>:<version> (by /u/<name>)". */
export function userAgent(name: string): string {
  return name ? `server:fanfare:1 (by /u/${name})` : 'server:fanfare:1';
}

/** One GET. `raw_json` keeps &, < and > as they are. */
export function get(grant: Grant, path: string, query: Record<string, string> = {}): Promise<ApiAnswer | NoAnswer> {
  const search = new URLSearchParams({ ...query, raw_json: '1' });
  return callApi({ method: 'GET', url: `${grant.apiUrl}${path}?${search}`, headers: headersOf(grant) });
}

/** One POST. */
export function post(grant: Grant, path: string, form: Record<string, string>): Promise<ApiAnswer | NoAnswer> {
  const body = new URLSearchParams({ ...form, api_type: 'json', raw_json: '1' });
  return callApi({ method: 'POST', url: `${grant.apiUrl}${path}`, headers: headersOf(grant), body });
}

/** The things of one page of a listing, and where the next one begins. */
export async function list(
  grant: Grant,
  path: string,
  query: Record<string, string>,
): Promise<Outcome<{ things: Thing[]; after: string | null }>> {
  const answer = await get(grant, path, query);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : listing.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const { children, after = null } = parsed.data.data;
  return { ok: true, value: { things: children, after } };
}

/** The failure behind an answer that is not the expected one, by its status. */
export function failureOf(kind: Call, answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer)) return usualFailure(REDDIT, kind, answer, '', now);
  if (answer.status === 429) {
    // Seconds until the window of ten minutes ends.
    const reset = Number(answer.headers.get('x-ratelimit-reset')) * 1_000;
    const wait = retryAfter(answer, now) ?? (reset > 0 ? reset : 600_000);
    return later(wait, 'rate_limited', 'Reddit limits how often this app may call.', now);
  }
  const parsed = problemAnswer.safeParse(answer.json());
  const { explanation, message, reason } = parsed.success ? parsed.data : {};
  return usualFailure(REDDIT, kind, answer, explanation || message || reason, now);
}

/** The failure behind the first of the `errors` of a 200. Nothing was created, unless it exists already. */
export function refusalOf([name, words]: readonly [string, string | null, ...unknown[]], seconds?: number): Failure {
  const said = words || name;
  if (name === 'RATELIMIT') return later(waitIn(said, seconds), 'rate_limited', `Reddit asks to wait: ${said}`);
  if (name === 'ALREADY_SUB') return duplicate(REDDIT);
  if (name === 'USER_REQUIRED') return { kind: 'reconnect', code: name.toLowerCase(), reason: `Reddit says: ${said}.` };
  return no(REDDIT, said, name.toLowerCase());
}

/** "Take a break for 9 minutes before trying again." A minute more, since it is rounded. */
function waitIn(words: string, seconds: number | undefined): number {
  if (seconds !== undefined) return seconds * 1_000 + 1_000;
  const [, count = '10', unit = 'minute'] = /(\d+)\s*(second|minute|hour)/i.exec(words) ?? [];
  const length = { second: 1_000, minute: 60_000, hour: 3_600_000 }[unit.toLowerCase()] ?? 60_000;
  return (Number(count) + 1) * length;
}

function headersOf(grant: Grant): Record<string, string> {
  return { authorization: `Bearer ${grant.token}`, 'user-agent': userAgent(grant.platformUserId) };
}

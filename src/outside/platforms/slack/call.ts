/**
 * Calling Slack's Web API. Errors come with status 200 in the body (`ok: false`), see
 * https://docs.slack.dev/apis/web-api and the lists of errors at each method, read November 2026.
 */
import { z } from 'zod';
import { type ApiAnswer, isNoAnswer, type NoAnswer, saidBy } from '#src/outside/http.ts';
import type { Failure, Grant } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';

export const SLACK_API = 'https://slack.com/api';

export type Call = 'create' | 'read';

export type Said<T> =
  | { ok: true; value: T; said: string }
  | { ok: false; failure: Failure; error: string; said: string };

/** One call. `form` for the methods that take no JSON. */
export async function callSlack<T>(
  web: Web,
  grant: Pick<Grant, 'token' | 'apiUrl'>,
  method: string,
  call: Call,
  input: Record<string, unknown>,
  schema: z.ZodType<T>,
): Promise<Said<T>> {
  const form = call === 'read';
  const answer = await web.call({
    method: 'POST',
    url: `${grant.apiUrl}/${method}`,
    headers: {
      authorization: `Bearer ${grant.token}`,
      ...(form ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    },
    body: form
      ? new URLSearchParams(Object.entries(input).map(([name, value]) => [name, String(value)]))
      : JSON.stringify(input),
  });
  const said = saidBy(answer);
  const error = errorOf(answer);
  if (isNoAnswer(answer) || answer.status !== 200 || error !== '')
    return { ok: false, failure: failureOf(call, answer, error), error, said };
  const parsed = schema.safeParse(answer.json());
  if (parsed.success) return { ok: true, value: parsed.data, said };
  const reason = `Slack answered to ${method} in a form that is not known.`;
  const failure: Failure =
    call === 'create'
      ? { kind: 'unknown', code: 'unreadable', reason }
      : { kind: 'refused', code: 'unreadable', reason };
  return { ok: false, failure, error: 'unreadable', said };
}

const problem = z.object({ ok: z.literal(false), error: z.string(), needed: z.string().optional() });

function errorOf(answer: ApiAnswer | NoAnswer): string {
  if (isNoAnswer(answer)) return '';
  const parsed = problem.safeParse(answer.json());
  if (!parsed.success) return '';
  return parsed.data.needed ? `${parsed.data.error} ${parsed.data.needed}` : parsed.data.error;
}

/** The token is no longer good, whatever is asked with it. */
const GRANT_GONE = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'org_login_required',
  'team_access_not_granted',
]);

/** What an author or the person who set the app up can mend. */
const SENTENCES = new Map([
  ['not_in_channel', 'The app is not in this channel. Type “/invite @your-app” there, then try again.'],
  [
    'channel_not_found',
    'Slack knows no such channel, or the app is not in it. Copy the channel’s id, and invite the app.',
  ],
  ['is_archived', 'This Slack channel is archived. Restore it, or connect another one.'],
  ['msg_too_long', 'Slack says that the text is too long.'],
  ['msg_blocks_too_long', 'Slack says that the text with its pictures is too long.'],
  ['no_text', 'Slack takes no message without a text.'],
  ['restricted_action', 'The rules of this Slack workspace do not let the app post in this channel.'],
  ['cannot_reply_to_message', 'Slack does not let anybody answer this message.'],
]);

/** Temporary by Slack's own words, and answered before anything is done. */
const LATER = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded', 'team_added_to_org']);
/** "It's possible some aspect of the operation succeeded before the error was raised." */
const TELLS_NOTHING = new Set(['fatal_error', 'internal_error', 'service_unavailable', 'request_timeout']);

function failureOf(call: Call, answer: ApiAnswer | NoAnswer, named: string, now = new Date()): Failure {
  const later = (seconds: number, code: string, reason: string): Failure => ({
    kind: 'later',
    until: new Date(now.getTime() + Math.max(seconds, 1) * 1_000),
    code,
    reason,
  });
  if (isNoAnswer(answer)) {
    if (answer.neverSent || call === 'read') return later(60, 'unreachable', answer.reason);
    return { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  }
  const [error = '', needed] = named.split(' ');
  if (answer.status === 429 || LATER.has(error)) {
    const seconds = Number(answer.headers.get('retry-after')) || 60;
    return later(seconds, 'rate_limited', 'Slack limits how often this app may call, and the limit is reached.');
  }
  if (GRANT_GONE.has(error))
    return { kind: 'reconnect', code: error, reason: `Slack no longer accepts the token of the app (${error}).` };
  if (error === 'missing_scope')
    return {
      kind: 'refused',
      code: error,
      reason: `The app lacks the permission “${needed ?? 'chat:write'}”. Add it under OAuth & Permissions, install the app again, and connect with the new token.`,
    };
  const says = SENTENCES.get(error);
  if (says) return { kind: 'refused', code: error, reason: says };
  if (error !== '' && !TELLS_NOTHING.has(error))
    return { kind: 'refused', code: error, reason: `Slack refused this: ${error.replaceAll('_', ' ')}.` };
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 408)
    return { kind: 'refused', code: `http_${answer.status}`, reason: `Slack refused this (HTTP ${answer.status}).` };
  const what = error === '' ? `HTTP ${answer.status}` : error.replaceAll('_', ' ');
  if (call === 'create')
    return { kind: 'unknown', reason: `Slack answered with ${what}, which does not say whether it was published.` };
  return later(60, 'unavailable', `Slack is not available at the moment (${what}).`);
}

/** Connecting an account: a page of consent, a token of an hour, and for that one of 60 days. */
import { gone, no } from '#src/outside/failures.ts';
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { DeveloperApp, Failure, Outcome, Tokens } from '#src/outside/platform.ts';
import { failureOf, problemOf, THREADS } from './calls.ts';
import { signInProblem, tokenAnswer } from './wire.ts';

export const defaults = {
  apiUrl: 'https://graph.threads.net',
  authorizeUrl: 'https://threads.net/oauth/authorize',
};

const SCOPES = [
  'threads_basic',
  'threads_content_publish',
  'threads_manage_replies',
  'threads_read_replies',
  'threads_manage_mentions',
  'threads_manage_insights',
  'threads_delete',
];

/** The page to which the person is sent. */
export function authorizeUrl(app: DeveloperApp, request: { redirectUri: string; state: string }): string {
  const url = new URL(app.authorizeUrl);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', app.clientId);
  url.searchParams.set('redirect_uri', request.redirectUri);
  url.searchParams.set('scope', SCOPES.join(','));
  url.searchParams.set('state', request.state);
  return url.href;
}

/** Changes the code for a short token, and that at once for a long-lived one. */
export async function exchange(
  app: DeveloperApp,
  grant: { code: string; redirectUri: string },
): Promise<Outcome<Tokens>> {
  const answer = await callApi({
    method: 'POST',
    url: `${app.apiUrl}/oauth/access_token`,
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: app.clientId,
      client_secret: app.clientSecret ?? '',
      redirect_uri: grant.redirectUri,
      // Meta appends "#_" to the address it sends the person back to.
      code: grant.code.replace(/#_$/, ''),
    }),
  });
  const short = tokensIn(answer);
  if (!short.ok) return short;
  return ask(app.apiUrl, 'access_token', {
    grant_type: 'th_exchange_token',
    client_secret: app.clientSecret ?? '',
    access_token: short.value.access,
  });
}

/**
 * Renews a long-lived token that is at least a day old for another 60 days. The token itself is what renews it, and the
 * old one stays good.
 */
export function refresh(stale: { refreshToken: string; apiUrl: string }): Promise<Outcome<Tokens>> {
  return ask(stale.apiUrl, 'refresh_access_token', {
    grant_type: 'th_refresh_token',
    access_token: stale.refreshToken,
  });
}

async function ask(apiUrl: string, path: string, query: Record<string, string>): Promise<Outcome<Tokens>> {
  return tokensIn(await callApi({ method: 'GET', url: `${apiUrl}/${path}?${new URLSearchParams(query)}` }));
}

function tokensIn(answer: ApiAnswer | NoAnswer): Outcome<Tokens> {
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : tokenAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: tokenFailureOf(answer) };
  const { access_token: access, expires_in } = parsed.data;
  return { ok: true, value: { access, refresh: access, expiresIn: expires_in ?? null, scopes: SCOPES } };
}

function tokenFailureOf(answer: ApiAnswer | NoAnswer): Failure {
  const older = isNoAnswer(answer) ? null : signInProblem.safeParse(answer.json());
  const { code, words } = older?.success
    ? { code: older.data.code, words: older.data.error_message }
    : problemOf(answer);
  if (/client[ _](id|secret)|app(lication)? (id|secret)/i.test(words)) {
    const wrong = `${words} Correct the id and the secret of your Threads app in Settings`;
    return no(THREADS, wrong, 'invalid_client');
  }
  if (!isNoAnswer(answer) && answer.status === 400 && code !== 4) return gone(THREADS, words);
  return failureOf('create', answer);
}

/** Connecting an account: OAuth 2.0 with PKCE (docs.x.com, fundamentals/authentication/oauth-2-0). */
import { callApi, isNoAnswer } from '#src/outside/http.ts';
import type { DeveloperApp, Outcome, Tokens } from '#src/outside/platform.ts';
import { tokenFailureOf } from './errors.ts';
import { tokenAnswer } from './wire.ts';

/** Where X is, unless the developer app says otherwise. The OpenAPI document names another authorize page; it is old. */
export const defaults = { apiUrl: 'https://api.x.com', authorizeUrl: 'https://x.com/i/oauth2/authorize' };

/** `offline.access` brings the refresh token. */
const SCOPES = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'];

/** The page to which the person is sent. `state` may have up to 500 characters. */
export function authorizeUrl(
  app: DeveloperApp,
  request: { redirectUri: string; state: string; codeChallenge: string },
): string {
  const url = new URL(app.authorizeUrl);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', app.clientId);
  url.searchParams.set('redirect_uri', request.redirectUri);
  url.searchParams.set('scope', SCOPES.join(' '));
  url.searchParams.set('state', request.state);
  url.searchParams.set('code_challenge', request.codeChallenge);
  url.searchParams.set('code_challenge_method', 'S256');
  // A space is safe as %20 everywhere, as + only in forms.
  return url.href.replaceAll('+', '%20');
}

/** Changes the code of the callback for tokens. A code lives 30 seconds: call it in the callback request itself. */
export async function exchange(
  app: DeveloperApp,
  grant: { code: string; codeVerifier: string; redirectUri: string },
): Promise<Outcome<Tokens>> {
  return askForTokens(app, {
    grant_type: 'authorization_code',
    code: grant.code,
    code_verifier: grant.codeVerifier,
    redirect_uri: grant.redirectUri,
  });
}

/**
 * Changes the refresh token for a new pair. It is used up by this: store the new pair before anything else. A failure
 * of kind `unknown` may be tried once more with the same token; using a token that X has already changed ends the
 * whole grant.
 */
export async function refresh({
  app,
  refreshToken,
}: {
  app: DeveloperApp | null;
  refreshToken: string;
}): Promise<Outcome<Tokens>> {
  if (!app) return { ok: false, failure: { kind: 'refused', code: 'no_app', reason: 'There is no X developer app.' } };
  return askForTokens(app, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

async function askForTokens(app: DeveloperApp, form: Record<string, string>): Promise<Outcome<Tokens>> {
  const answer = await callApi({
    method: 'POST',
    url: `${app.apiUrl}/2/oauth2/token`,
    headers: app.clientSecret === null ? {} : { authorization: basic(app.clientId, app.clientSecret) },
    body: new URLSearchParams({ ...form, client_id: app.clientId }),
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: tokenFailureOf(answer) };
  const parsed = tokenAnswer.safeParse(answer.json());
  if (!parsed.success) {
    const reason = 'X answered the request for access in a form that is not known.';
    return { ok: false, failure: { kind: 'unknown', code: 'unreadable', reason } };
  }
  const { access_token, refresh_token = null, expires_in, scope = '' } = parsed.data;
  return {
    ok: true,
    value: {
      access: access_token,
      refresh: refresh_token,
      expiresIn: expires_in ?? null,
      scopes: scope.split(' ').filter(Boolean),
    },
  };
}

function basic(id: string, secret: string): string {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

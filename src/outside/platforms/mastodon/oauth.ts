/** Connecting an account: OAuth 2.0 at the account's own server, with an app that we register there ourselves. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { DeveloperApp, Outcome, Tokens } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { registrationFailureOf, tokenFailureOf, unreadable } from './errors.ts';
import { appAnswer, tokenAnswer } from './wire.ts';

/** No more than is done: nothing of direct messages, followers or filters. */
const SCOPES = 'read:accounts read:statuses read:notifications write:statuses write:media';

/** Makes our app at a server. Nobody is asked for it; what nobody uses is nobody's. */
export async function register(
  web: Web,
  serverUrl: string,
  about: { name: string; website: string; redirectUri: string },
): Promise<Outcome<DeveloperApp>> {
  const answer = await web.call({
    method: 'POST',
    url: `${serverUrl}/api/v1/apps`,
    body: new URLSearchParams({
      client_name: about.name,
      website: about.website,
      redirect_uris: about.redirectUri,
      scopes: SCOPES,
    }),
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: registrationFailureOf(answer) };
  const parsed = appAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: registrationFailureOf(answer) };
  const { client_id: clientId, client_secret: clientSecret } = parsed.data;
  return {
    ok: true,
    value: { clientId, clientSecret, apiUrl: serverUrl, authorizeUrl: `${serverUrl}/oauth/authorize` },
  };
}

/** The page to which the person is sent. Servers before 4.3 know no PKCE and ignore its two parameters. */
export function authorizeUrl(
  app: DeveloperApp,
  request: { redirectUri: string; state: string; codeChallenge: string },
): string {
  const url = new URL(app.authorizeUrl);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', app.clientId);
  url.searchParams.set('redirect_uri', request.redirectUri);
  url.searchParams.set('scope', SCOPES);
  url.searchParams.set('state', request.state);
  url.searchParams.set('code_challenge', request.codeChallenge);
  url.searchParams.set('code_challenge_method', 'S256');
  return url.href.replaceAll('+', '%20');
}

/** Changes the code of the callback for tokens. Mastodon's do not end; those of its relatives may. */
export async function exchange(
  web: Web,
  app: DeveloperApp,
  grant: { code: string; codeVerifier: string; redirectUri: string },
): Promise<Outcome<Tokens>> {
  return askForTokens(web, app, {
    grant_type: 'authorization_code',
    code: grant.code,
    code_verifier: grant.codeVerifier,
    redirect_uri: grant.redirectUri,
    scope: SCOPES,
  });
}

/** For servers whose tokens end, Pleroma's for one. */
export async function refresh(
  web: Web,
  stale: { refreshToken: string; app: DeveloperApp | null },
): Promise<Outcome<Tokens>> {
  const { app, refreshToken } = stale;
  if (!app) {
    const reason = 'Fanfare is not registered at this server. Connect the account again.';
    return { ok: false, failure: { kind: 'reconnect', code: 'no_app', reason } };
  }
  return askForTokens(web, app, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

async function askForTokens(web: Web, app: DeveloperApp, form: Record<string, string>): Promise<Outcome<Tokens>> {
  const answer = await web.call({
    method: 'POST',
    url: `${app.apiUrl}/oauth/token`,
    body: new URLSearchParams({ ...form, client_id: app.clientId, client_secret: app.clientSecret ?? '' }),
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: tokenFailureOf(answer) };
  const parsed = tokenAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('create', answer) };
  const { access_token, refresh_token, expires_in, scope } = parsed.data;
  return {
    ok: true,
    value: {
      access: access_token,
      refresh: refresh_token ?? null,
      expiresIn: expires_in ?? null,
      scopes: (scope ?? '').split(' ').filter(Boolean),
    },
  };
}

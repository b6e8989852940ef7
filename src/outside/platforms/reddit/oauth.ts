/** Connecting an account with an app of one's own. Reddit has given out no new keys by itself since November 2025. */
import { gone, no, usualFailure } from '#src/outside/failures.ts';
import { callApi, isNoAnswer } from '#src/outside/http.ts';
import type { DeveloperApp, Grant, Outcome, Profile, Tokens } from '#src/outside/platform.ts';
import { failureOf, get, REDDIT, userAgent } from './calls.ts';
import { meAnswer, tokenAnswer, tokenProblem } from './wire.ts';

export const defaults = {
  apiUrl: 'https://oauth.reddit.com',
  authorizeUrl: 'https://www.reddit.com/api/v1/authorize',
};

const SCOPES = ['identity', 'submit', 'edit', 'read', 'history', 'privatemessages'];

/** The page to which the person is sent. `permanent` brings the refresh token. */
export function authorizeUrl(app: DeveloperApp, request: { redirectUri: string; state: string }): string {
  const url = new URL(app.authorizeUrl);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', app.clientId);
  url.searchParams.set('redirect_uri', request.redirectUri);
  url.searchParams.set('state', request.state);
  url.searchParams.set('duration', 'permanent');
  url.searchParams.set('scope', SCOPES.join(' '));
  return url.href.replaceAll('+', '%20');
}

/** Changes the code of the callback for tokens. */
export function exchange(app: DeveloperApp, grant: { code: string; redirectUri: string }): Promise<Outcome<Tokens>> {
  return askForTokens(app, { grant_type: 'authorization_code', code: grant.code, redirect_uri: grant.redirectUri });
}

/** A new access token. The refresh token stays the same and does not end. */
export async function refresh(stale: { refreshToken: string; app: DeveloperApp | null }): Promise<Outcome<Tokens>> {
  if (!stale.app)
    return { ok: false, failure: { kind: 'refused', code: 'no_app', reason: 'There is no Reddit developer app.' } };
  return askForTokens(stale.app, { grant_type: 'refresh_token', refresh_token: stale.refreshToken });
}

/** The signed-in account. Its name never changes on Reddit and is what all paths ask for, so it is the id as well. */
export async function profile(grant: Grant): Promise<Outcome<Profile>> {
  const answer = await get(grant, '/api/v1/me');
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : meAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const { name, icon_img, snoovatar_img, subreddit } = parsed.data;
  return {
    ok: true,
    value: {
      platformUserId: name,
      handle: name,
      name: subreddit?.title || name,
      avatarUrl: snoovatar_img || icon_img || null,
      followers: subreddit?.subscribers ?? null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}

async function askForTokens(app: DeveloperApp, form: Record<string, string>): Promise<Outcome<Tokens>> {
  const pair = `${app.clientId}:${app.clientSecret ?? ''}`;
  const answer = await callApi({
    method: 'POST',
    // Beside the page of consent, not at the API.
    url: new URL('access_token', app.authorizeUrl).href,
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}`, 'user-agent': userAgent('') },
    body: new URLSearchParams(form),
  });
  if (isNoAnswer(answer)) return { ok: false, failure: usualFailure(REDDIT, 'create', answer) };
  const parsed = answer.status === 200 ? tokenAnswer.safeParse(answer.json()) : null;
  if (parsed?.success) {
    const { access_token: access, refresh_token, expires_in, scope = '' } = parsed.data;
    const scopes = scope.split(/[\s,]+/).filter(Boolean);
    return { ok: true, value: { access, refresh: refresh_token ?? null, expiresIn: expires_in ?? null, scopes } };
  }
  if (answer.status === 401) {
    const wrong = 'It does not accept the id and secret of your Reddit app. Correct them in Settings';
    return { ok: false, failure: no(REDDIT, wrong, 'invalid_client') };
  }
  const problem = tokenProblem.safeParse(answer.json());
  if (problem.success && answer.status <= 400) return { ok: false, failure: gone(REDDIT, String(problem.data.error)) };
  return { ok: false, failure: failureOf('create', answer) };
}

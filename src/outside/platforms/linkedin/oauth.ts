/** Connecting a member's account: OAuth 2.0, and who they are by OpenID Connect. */
import { gone, no, usualFailure } from '#src/outside/failures.ts';
import { callApi, isNoAnswer } from '#src/outside/http.ts';
import type { DeveloperApp, Grant, Outcome, Profile, Tokens } from '#src/outside/platform.ts';
import { call, failureOf, LINKEDIN } from './calls.ts';
import { tokenAnswer, tokenProblem, userinfoAnswer } from './wire.ts';

export const defaults = {
  apiUrl: 'https://api.linkedin.com',
  authorizeUrl: 'https://www.linkedin.com/oauth/v2/authorization',
};

/** What every app gets by itself: the products "Sign in with LinkedIn using OpenID Connect" and "Share on LinkedIn". */
const SCOPES = ['openid', 'profile', 'w_member_social'];

/**
 * The page to which the person is sent. An app that is approved for more (`r_member_postAnalytics`) says so with
 * `?scope=` on its authorize address: scopes an app does not have make LinkedIn refuse the whole page.
 */
export function authorizeUrl(app: DeveloperApp, request: { redirectUri: string; state: string }): string {
  const url = new URL(app.authorizeUrl);
  const more = url.searchParams.get('scope')?.split(/[\s,]+/) ?? [];
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', app.clientId);
  url.searchParams.set('redirect_uri', request.redirectUri);
  url.searchParams.set('state', request.state);
  url.searchParams.set('scope', [...new Set([...SCOPES, ...more.filter(Boolean)])].join(' '));
  return url.href.replaceAll('+', '%20');
}

/** Changes the code of the callback for a token of 60 days. */
export function exchange(app: DeveloperApp, grant: { code: string; redirectUri: string }): Promise<Outcome<Tokens>> {
  return askForTokens(app, { grant_type: 'authorization_code', code: grant.code, redirect_uri: grant.redirectUri });
}

/** Only apps of approved partners get a refresh token; with the others the person connects again before day 60. */
export async function refresh(stale: { refreshToken: string; app: DeveloperApp | null }): Promise<Outcome<Tokens>> {
  if (!stale.app)
    return { ok: false, failure: { kind: 'refused', code: 'no_app', reason: 'There is no LinkedIn developer app.' } };
  return askForTokens(stale.app, { grant_type: 'refresh_token', refresh_token: stale.refreshToken });
}

/** The signed-in member. LinkedIn gives no short name, so the handle is the name; nor does it count followers for us. */
export async function profile(grant: Grant): Promise<Outcome<Profile>> {
  const answer = await call(grant, 'GET', '/v2/userinfo');
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : userinfoAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const { sub, picture } = parsed.data;
  const name = parsed.data.name ?? parsed.data.given_name ?? sub;
  return {
    ok: true,
    value: {
      platformUserId: sub,
      handle: name,
      name,
      avatarUrl: picture ?? null,
      followers: null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}

async function askForTokens(app: DeveloperApp, form: Record<string, string>): Promise<Outcome<Tokens>> {
  const answer = await callApi({
    method: 'POST',
    // Beside the page of consent, not at the API.
    url: new URL('accessToken', app.authorizeUrl).href,
    body: new URLSearchParams({ ...form, client_id: app.clientId, client_secret: app.clientSecret ?? '' }),
  });
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : tokenAnswer.safeParse(answer.json());
  if (parsed?.success) {
    const { access_token, refresh_token = null, expires_in, scope = '' } = parsed.data;
    const scopes = scope.split(/[\s,]+/).filter(Boolean);
    return { ok: true, value: { access: access_token, refresh: refresh_token, expiresIn: expires_in ?? null, scopes } };
  }
  const problem = isNoAnswer(answer) ? null : tokenProblem.safeParse(answer.json());
  if (!problem?.success) return { ok: false, failure: usualFailure(LINKEDIN, 'create', answer) };
  const { error, error_description: words = error } = problem.data;
  if (/client/.test(error)) {
    const wrong = 'It does not accept the client id and secret of your developer app. Correct them in Settings';
    return { ok: false, failure: no(LINKEDIN, wrong, 'invalid_client') };
  }
  return { ok: false, failure: gone(LINKEDIN, words) };
}

/** The fake's sign-in: authorize page, codes of 30 seconds, tokens that rotate, and families that die of re-use. */
import { createHash, randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { State } from './state.ts';

export type Client = { id: string; secret: string | null };

type Token = State['tokens'][number];

const CODE_LIVES = 30_000;
const ACCESS_LIVES = 7_200_000;

/** Routes of sign-in. `now` is the fake's clock in milliseconds. */
export function oauthRoutes(state: State, client: Client, now: () => number): Hono {
  const routes = new Hono();

  routes.get('/i/oauth2/authorize', (c) => {
    const wrong = wrongWith(new URL(c.req.url).searchParams, client);
    if (wrong) return c.html(html`<h1>Something went wrong</h1><p>${wrong}</p>`, 400);
    if (state.autoApprove) return answerConsent(c, state, c.req.query(), state.signedInAs, true, now());
    const fields = Object.entries(c.req.query()).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    );
    return c.html(html`<!doctype html>
      <title>Authorize app</title>
      <h1>An app wants to access your X account</h1>
      <form method="post">
        ${fields}
        <label>Account <select name="as">${state.users.map((user) => html`<option>${user.username}</option>`)}</select></label>
        <button name="decision" value="approve">Authorize app</button>
        <button name="decision" value="deny">Cancel</button>
      </form>`);
  });

  routes.post('/i/oauth2/authorize', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const wrong = wrongWith(form, client);
    if (wrong) return c.html(html`<h1>Something went wrong</h1><p>${wrong}</p>`, 400);
    const approved = form.get('decision') === 'approve';
    return answerConsent(c, state, Object.fromEntries(form), form.get('as') ?? state.signedInAs, approved, now());
  });

  routes.post('/2/oauth2/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    if (!isClient(c, form, client))
      return c.json({ error: 'unauthorized_client', error_description: 'Missing valid authorization header' }, 401);
    const token =
      form.get('grant_type') === 'authorization_code'
        ? tokenForCode(state, form, now())
        : form.get('grant_type') === 'refresh_token'
          ? tokenForRefresh(state, form.get('refresh_token'), now())
          : null;
    if (!token)
      return c.json({ error: 'invalid_request', error_description: 'Value passed for the token was invalid.' }, 400);
    return c.json({
      token_type: 'bearer',
      expires_in: ACCESS_LIVES / 1000,
      access_token: token.access,
      scope: token.scopes.join(' '),
      ...(token.refresh === null ? {} : { refresh_token: token.refresh }),
    });
  });

  routes.post('/2/oauth2/revoke', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    if (!isClient(c, form, client)) return c.json({ error: 'unauthorized_client' }, 401);
    const given = form.get('token');
    const token = state.tokens.find((one) => one.access === given || one.refresh === given);
    if (token) revokeFamily(state, token.family);
    return c.json({ revoked: true });
  });

  return routes;
}

/** Signs an account in without the dance. */
export function issueToken(
  state: State,
  grant: { userId: string; scopes: string[]; family: string },
  now: number,
): Token {
  const token: Token = {
    ...grant,
    access: `access-${secret()}`,
    refresh: grant.scopes.includes('offline.access') ? `refresh-${secret()}` : null,
    expiresAt: now + ACCESS_LIVES,
    rotated: false,
    revoked: false,
  };
  state.tokens.push(token);
  return token;
}

/** All tokens that came from one consent end together. */
export function revokeFamily(state: State, family: string): void {
  for (const token of state.tokens) if (token.family === family) token.revoked = true;
}

function wrongWith(query: URLSearchParams, client: Client): string | null {
  if (query.get('response_type') !== 'code') return 'response_type must be code.';
  if (query.get('client_id') !== client.id) return 'This client id is not known.';
  if (!URL.canParse(query.get('redirect_uri') ?? '')) return 'redirect_uri must be an address.';
  if (!query.get('state') || (query.get('state') ?? '').length > 500) return 'state must have 1 to 500 characters.';
  if (query.get('code_challenge_method') !== 'S256') return 'code_challenge_method must be S256.';
  if (!/^[\w-]{43}$/.test(query.get('code_challenge') ?? '')) return 'code_challenge is not a SHA-256 in base64url.';
  if (!query.get('scope')) return 'scope is missing.';
  return null;
}

function answerConsent(
  c: Context,
  state: State,
  query: Record<string, string>,
  username: string,
  approved: boolean,
  now: number,
): Response {
  const back = new URL(query.redirect_uri ?? '');
  back.searchParams.set('state', query.state ?? '');
  const user = state.users.find((one) => one.username === username);
  if (!approved || !user) {
    back.searchParams.set('error', 'access_denied');
    return c.redirect(back.href);
  }
  const code = `code-${secret()}`;
  state.codes.push({
    code,
    redirectUri: query.redirect_uri ?? '',
    challenge: query.code_challenge ?? '',
    userId: user.id,
    scopes: (query.scope ?? '').split(' '),
    expiresAt: now + CODE_LIVES,
    family: null,
  });
  back.searchParams.set('code', code);
  return c.redirect(back.href);
}

function isClient(c: Context, form: URLSearchParams, client: Client): boolean {
  if (client.secret === null) return form.get('client_id') === client.id;
  const pair = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
  return c.req.header('authorization') === `Basic ${Buffer.from(pair).toString('base64')}`;
}

function tokenForCode(state: State, form: URLSearchParams, now: number): Token | null {
  const code = state.codes.find((one) => one.code === form.get('code'));
  if (!code) return null;
  if (code.family !== null) {
    // Somebody has stolen a code and used it before or after its owner.
    revokeFamily(state, code.family);
    return null;
  }
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  code.family = secret();
  if (code.expiresAt < now || challenge !== code.challenge || form.get('redirect_uri') !== code.redirectUri)
    return null;
  return issueToken(state, { userId: code.userId, scopes: code.scopes, family: code.family }, now);
}

function tokenForRefresh(state: State, refresh: string | null, now: number): Token | null {
  const token = state.tokens.find((one) => one.refresh !== null && one.refresh === refresh);
  if (!token) return null;
  if (token.rotated) revokeFamily(state, token.family);
  if (token.revoked) return null;
  token.rotated = true;
  return issueToken(state, { userId: token.userId, scopes: token.scopes, family: token.family }, now);
}

function secret(): string {
  return randomBytes(18).toString('base64url');
}

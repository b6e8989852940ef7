/** Registering, the page of consent, and tokens, as Mastodon has them: Doorkeeper with PKCE, tokens without an end. */
import { createHash, randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import type { State } from './state.ts';

/** The routes of OAuth. The person at the page of consent is always Maya, and always approves. */
export function oauthRoutes(state: State): Hono {
  const app = new Hono();

  app.post('/api/v1/apps', async (c) => {
    const form = await c.req.parseBody();
    const [name, redirectUris, scopes] = [form.client_name, form.redirect_uris, form.scopes].map((one) =>
      String(one ?? ''),
    );
    if (!name || !URL.canParse(redirectUris ?? ''))
      return c.json({ error: 'Validation failed: Redirect URI must be an absolute URI.' }, 422);
    const made = { id: random(), secret: random(), redirectUri: redirectUris ?? '', scopes: scopes ?? 'read' };
    state.apps.push(made);
    return c.json({
      id: '1',
      name,
      website: form.website,
      client_id: made.id,
      client_secret: made.secret,
      vapid_key: 'x',
    });
  });

  app.get('/oauth/authorize', (c) => {
    const query = c.req.query();
    const found = state.apps.find((one) => one.id === query.client_id);
    if (!found || found.redirectUri !== query.redirect_uri) return c.text('Client authentication failed', 401);
    if (query.scope?.split(' ').some((scope) => !found.scopes.split(' ').includes(scope)))
      return c.text('The requested scope is invalid, unknown, or malformed.', 400);
    const code = random();
    state.codes.set(code, { appId: found.id, challenge: query.code_challenge ?? null, scope: query.scope ?? 'read' });
    return c.redirect(`${found.redirectUri}?${new URLSearchParams({ code, state: query.state ?? '' })}`);
  });

  app.post('/oauth/token', async (c) => {
    const form = Object.fromEntries(Object.entries(await c.req.parseBody()).map(([name, one]) => [name, String(one)]));
    const found = state.apps.find((one) => one.id === form.client_id && one.secret === form.client_secret);
    if (!found) {
      const error_description =
        'Client authentication failed due to unknown client, no client authentication included.';
      return c.json({ error: 'invalid_client', error_description }, 401);
    }
    const code = state.codes.get(form.code ?? '');
    state.codes.delete(form.code ?? '');
    const challenge = createHash('sha256')
      .update(form.code_verifier ?? '')
      .digest('base64url');
    const fits = code && code.appId === found.id && form.redirect_uri === found.redirectUri;
    const refreshed = form.grant_type === 'refresh_token' && state.refreshTokens.delete(form.refresh_token ?? '');
    if (!refreshed && (!fits || (code.challenge !== null && code.challenge !== challenge))) {
      const error_description = 'The provided authorization grant is invalid, expired, revoked, or was used before.';
      return c.json({ error: 'invalid_grant', error_description }, 400);
    }
    const token = random();
    state.tokens.add(token);
    const answer = { access_token: token, token_type: 'Bearer', scope: code?.scope ?? found.scopes, created_at: 0 };
    if (!state.tokensEnd) return c.json(answer);
    const refresh = random();
    state.refreshTokens.add(refresh);
    return c.json({ ...answer, refresh_token: refresh, expires_in: 600 });
  });

  return app;
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * A pretend Mastodon 4.5 on a port of 127.0.0.1: registering, OAuth with PKCE, posts with its idempotency keys, its HTML
 * and its rules, files that take their time; and on demand what goes wrong in practice. There is no Mastodon one could
 * install from npm, so what it does was taken from its documentation and its sources (November 2026).
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { addStatus, apiRoutes, Problem } from './api.ts';
import { oauthRoutes } from './oauth.ts';
import { type Author, freshState, MAYA, type State } from './state.ts';

type Trouble = { kind: 'before' | 'after'; status: ContentfulStatusCode; body: object | null } | { kind: 'lose' };

export type FakeMastodon = Awaited<ReturnType<typeof startFakeMastodon>>;

/** Starts the fake. Close it when done. */
export async function startFakeMastodon() {
  const state: State = freshState();
  const trouble: Trouble[] = [];
  const calls: string[] = [];
  let url = '';
  let limitedUntil = 0;
  const now = () => Date.now() + state.ahead;

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    calls.push(`${c.req.method} ${c.req.path}`);
    if (limitedUntil > now()) {
      c.header('x-ratelimit-reset', new Date(limitedUntil).toISOString().replace('Z', '000Z'));
      return c.json({ error: 'Too many requests' }, 429);
    }
    const next_ = trouble.shift();
    if (next_?.kind === 'before') return c.json(next_.body ?? {}, next_.status);
    const open = /^\/(oauth\/|api\/v1\/apps$|api\/v2\/instance$)/.test(c.req.path);
    const token = (c.req.header('authorization') ?? '').replace(/^Bearer /, '');
    if (!open && !state.tokens.has(token)) return c.json({ error: 'The access token is invalid' }, 401);
    await next();
    if (next_?.kind === 'after') c.res = c.json(next_.body ?? {}, next_.status);
    if (next_?.kind === 'lose') {
      (c.env.incoming as IncomingMessage).socket.destroy();
      c.res = RESPONSE_ALREADY_SENT;
    }
    return;
  });
  app.onError((error, c) => {
    if (error instanceof Problem) return c.json({ error: error.message }, error.status);
    throw error;
  });
  app.route('/', oauthRoutes(state));
  app.route(
    '/',
    apiRoutes(state, () => url, now),
  );

  const server = createAdaptorServer(app);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    state,
    /** What was called, in order: `POST /api/v1/statuses`. */
    calls,
    /** A token of Maya's, as after connecting. */
    connect(): { token: string; platformUserId: string } {
      const token = randomBytes(24).toString('base64url');
      state.tokens.add(token);
      return { token, platformUserId: MAYA.id };
    },
    /** Somebody else's post that Maya is told of. */
    notify(
      type: string,
      author: Author,
      status: Parameters<typeof addStatus>[2],
      at = now(),
      quotes: string | null = null,
    ) {
      const post = addStatus(state, at, status, author);
      const id = String(1000 + state.notifications.length);
      state.notifications.push({ id, type, at, author, statusId: post.id, quotes });
      return post;
    },
    /** The next call is answered with this, and nothing is done. */
    failBefore: (status: ContentfulStatusCode, body: object | null = null) =>
      void trouble.push({ kind: 'before', status, body }),
    /** The next call is carried out and then answered with this. */
    failAfter: (status: ContentfulStatusCode) => void trouble.push({ kind: 'after', status, body: null }),
    /** The next call is carried out and its answer lost. */
    loseAnswer: () => void trouble.push({ kind: 'lose' }),
    /** Every call is refused for so many seconds. */
    limit(seconds: number): Date {
      limitedUntil = now() + seconds * 1000;
      return new Date(limitedUntil);
    },
    unlimit(): void {
      limitedUntil = 0;
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

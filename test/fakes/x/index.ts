/**
 * A pretend X on a port of 127.0.0.1: OAuth 2.0 with PKCE and rotating tokens, posts with X's rules, rate limits and
 * prices, and on demand everything that goes wrong in practice. Speaks the vocabulary of before or after August 2026.
 * Its requests and answers are held against X's own OpenAPI document (`contractProblems`).
 */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type Next } from 'hono';
import { apiRoutes, invalid, Problem } from './api.ts';
import { contractOfX } from './contract.ts';
import { type Control, controlOf, controlRoutes } from './control.ts';
import { type Client, oauthRoutes } from './oauth.ts';
import { loadState, type State, saveState, type Target, takeRule, type User } from './state.ts';
import { inOldNames } from './wire.ts';

export type FakeX = Control & {
  /** Base address; also `apiUrl` of the developer app. */
  url: string;
  /** The developer app as the product's settings hold it. */
  app: { clientId: string; clientSecret: string | null; apiUrl: string; authorizeUrl: string };
  /** Where requests or answers differ from X's own document. Always empty where the document is absent. */
  contractProblems: string[];
  /** False when X's document is not there and nothing is checked. */
  checksContract: boolean;
  /** What was called, in order: `POST /2/tweets 201`; `lost` where the answer was thrown away. */
  calls: string[];
  close(): Promise<void>;
};

export type FakeXOptions = {
  /** 0 for any free port. */
  port?: number;
  /** Keeps the state in this file; a fake started on it again goes on where the last one was. */
  stateFile?: string | null;
  /** Milliseconds; what `advance` adds comes on top. */
  clock?: () => number;
  clientId?: string;
  /** Null for a public client. */
  clientSecret?: string | null;
};

/** Calls a user may make in 15 minutes, as X documents them. */
const LIMITS: [RegExp, number][] = [
  [/^POST \/2\/tweets$/, 100],
  [/^DELETE \/2\/tweets\//, 50],
  [/^GET \/2\/tweets$/, 5000],
  [/^GET \/2\/users\/me$/, 75],
  [/^GET \/2\/users\/\d+\/tweets$/, 900],
];
const WINDOW = 15 * 60_000;

/** Starts the fake. Close it when done. */
export async function startFakeX(options: FakeXOptions = {}): Promise<FakeX> {
  const stateFile = options.stateFile ?? null;
  const state = loadState(stateFile);
  const clock = options.clock ?? Date.now;
  const now = () => clock() + state.ahead;
  const client: Client = {
    id: options.clientId ?? 'fake-client',
    secret: options.clientSecret === undefined ? 'fake-secret' : options.clientSecret,
  };
  const contract = contractOfX();
  const contractProblems: string[] = [];
  const calls: string[] = [];
  const waiting = new Set<NodeJS.Timeout>();
  const save = () => saveState(stateFile, state);
  const control = controlOf(state, now, save);

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.route(
    '/_control',
    controlRoutes(control, () => ({ calls, contractProblems })),
  );

  app.use('/2/*', async (c, next) => {
    const target = targetOf(c);
    const before = takeRule(state, 'before', target);
    if (before) {
      const answer = brokenAnswer(before.status ?? 503);
      record(c, answer);
      return answer;
    }
    if (target !== 'token') await holdAgainstContract(c);
    await next();
    await holdAnswerAgainstContract(c);
    if (state.vocabulary === 'old' && isJson(c.res))
      c.res = new Response(JSON.stringify(inOldNames(await c.res.json())), c.res);
    save();
    if (c.res.status < 300) {
      const slow = takeRule(state, 'slow', target);
      if (slow) await wait(slow.ms ?? 0);
      const after = takeRule(state, 'after', target);
      if (after) c.res = brokenAnswer(after.status ?? 503);
      else if (takeRule(state, 'lose', target)) {
        record(c, null);
        (c.env.incoming as IncomingMessage).socket.destroy();
        c.res = RESPONSE_ALREADY_SENT;
        return;
      }
    }
    record(c, c.res);
    return;
  });
  app.onError((error, c) => {
    if (!(error instanceof Problem)) throw error;
    return c.json(error.body, error.status, { 'content-type': 'application/problem+json' });
  });
  app.route('/', oauthRoutes(state, client, now));
  app.use('/2/*', limitsOf(state, now));
  app.route(
    '/',
    apiRoutes(state, now, (c, scope) => userOf(state, c, scope, now())),
  );

  const server = createAdaptorServer(app);
  await new Promise<void>((ready, failed) => {
    server.once('error', failed);
    server.listen(options.port ?? 0, '127.0.0.1', ready);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    ...control,
    url,
    app: { clientId: client.id, clientSecret: client.secret, apiUrl: url, authorizeUrl: `${url}/i/oauth2/authorize` },
    contractProblems,
    checksContract: contract !== null,
    calls,
    async close() {
      for (const timer of waiting) clearTimeout(timer);
      await new Promise<void>((done) => {
        server.close(() => done());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };

  /** The document speaks the new vocabulary only. */
  async function holdAgainstContract(c: Context): Promise<void> {
    if (!contract || (state.vocabulary === 'old' && c.req.method === 'GET')) return;
    const text = await c.req.text();
    const query = new URL(c.req.url).searchParams;
    const body = text === '' ? undefined : safeJson(text);
    contractProblems.push(...contract.checkRequest({ method: c.req.method, path: c.req.path, query, body }));
  }

  async function holdAnswerAgainstContract(c: Context): Promise<void> {
    if (!contract || targetOf(c) === 'token' || !isJson(c.res)) return;
    const type = (c.res.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    const answer = { method: c.req.method, path: c.req.path, status: c.res.status, type };
    contractProblems.push(...contract.checkAnswer({ ...answer, body: await c.res.clone().json() }));
  }

  function record(c: Context, answer: Response | null): void {
    calls.push(`${c.req.method} ${c.req.path} ${answer ? answer.status : 'lost'}`);
    save();
  }

  function wait(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        done();
      }, ms);
      waiting.add(timer);
    });
  }
}

/** Counts calls and says how many are left; refuses above the limit, at the cap, and in the other vocabulary. */
function limitsOf(state: State, now: () => number) {
  return async (c: Context, next: Next): Promise<void> => {
    const call = `${c.req.method} ${c.req.path}`;
    const most = LIMITS.find(([pattern]) => pattern.test(call))?.[1] ?? 900;
    const key = `${call.replace(/\d{2,}/g, ':id')} ${c.req.header('authorization') ?? ''}`;
    const old = state.buckets[key];
    const bucket = old && old.resetAt > now() ? old : { resetAt: now() + WINDOW, used: 0 };
    state.buckets[key] = bucket;
    bucket.used += 1;
    const forced = takeRule(state, 'limit', targetOf(c));
    const resetAt = forced ? now() + (forced.resetSeconds ?? 900) * 1000 : bucket.resetAt;
    const left = forced ? 0 : Math.max(0, most - bucket.used);
    c.header('x-rate-limit-limit', String(most));
    c.header('x-rate-limit-remaining', String(left));
    c.header('x-rate-limit-reset', String(Math.ceil(resetAt / 1000)));
    if (state.usageCap)
      throw new Problem(429, {
        title: 'UsageCapExceeded',
        detail: 'Usage cap exceeded: Monthly product cap',
        type: 'https://api.x.com/2/problems/usage-capped',
        period: 'Monthly',
        scope: 'Product',
      });
    if (forced || bucket.used > most)
      throw new Problem(429, { title: 'Too Many Requests', detail: 'Too Many Requests', type: 'about:blank' });
    const foreign = state.vocabulary === 'old' ? 'post.fields' : 'tweet.fields';
    if (c.req.query(foreign) !== undefined)
      throw invalid(foreign, `The query parameter [${foreign}] is not one of the known ones.`);
    await next();
  };
}

function targetOf(c: Context): Target {
  if (c.req.path.startsWith('/2/oauth2/')) return 'token';
  return c.req.method === 'GET' ? 'read' : 'create';
}

function userOf(state: State, c: Context, scope: string, now: number): User {
  const access = (c.req.header('authorization') ?? '').replace(/^Bearer /, '');
  const token = state.tokens.find((one) => one.access === access && !one.revoked && one.expiresAt > now);
  const user = state.users.find((one) => one.id === token?.userId);
  if (!token || !user) throw new Problem(401, { title: 'Unauthorized', detail: 'Unauthorized', type: 'about:blank' });
  if (!token.scopes.includes(scope))
    throw new Problem(403, { title: 'Forbidden', detail: 'Your token lacks a scope.', type: 'about:blank' });
  return user;
}

/** What stands between X and its callers answers in HTML, or nothing at all. */
function brokenAnswer(status: number): Response {
  return new Response(`<html><body>${status}</body></html>`, { status, headers: { 'content-type': 'text/html' } });
}

function isJson(answer: Response): boolean {
  return /json/.test(answer.headers.get('content-type') ?? '');
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

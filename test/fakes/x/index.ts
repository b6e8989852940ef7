/**
 * A pretend X on a port of 127.0.0.1: OAuth 2.0 with PKCE and rotating tokens, posts with media and polls, mentions and
 * reposts, with X's rules, rate limits and prices, and on demand everything that goes wrong in practice. Speaks the vocabulary of before or after August 2026.
 * Its requests and answers are held against X's own OpenAPI document (`contractProblems`).
 */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type Next } from 'hono';
import { apiRoutes } from './api.ts';
import { contractOfX } from './contract.ts';
import { type Control, controlOf, controlRoutes } from './control.ts';
import { mediaRoutes } from './media.ts';
import { type Client, oauthRoutes } from './oauth.ts';
import { forbidden, invalid, Problem } from './problems.ts';
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
  [/^GET \/2\/users\/\d+\/mentions$/, 300],
  [/^POST \/2\/users\/\d+\/retweets$/, 50],
  [/^POST \/2\/media\/upload\/(initialize$|\d+\/)/, 1875],
  [/^POST \/2\/media\/(upload|metadata)$/, 500],
];
const WINDOW = 15 * 60_000;
/** A call of which nobody waits for the answer has no connection. */
const NOBODY = {} as HttpBindings;

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
    const late = c.env.incoming ? takeRule(state, 'late', target) : null;
    if (late) {
      const { method, url, headers } = c.req.raw;
      const body = method === 'GET' ? null : await c.req.arrayBuffer();
      breakOff(c);
      later(late.ms ?? 0, () => app.request(url, { method, headers, body }, NOBODY));
      return;
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
      else if (c.env.incoming && takeRule(state, 'lose', target)) return breakOff(c);
      else if (takeRule(state, 'heard', target)) c.res = duplicate();
      else if (c.env.incoming && takeRule(state, 'twice', target)) {
        record(c, c.res);
        return sayTwice(c);
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
  const who = (c: Context, scope: string) => userOf(state, c, scope, now());
  app.route('/', apiRoutes(state, now, who));
  app.route('/', mediaRoutes(state, now, who));

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
    const query = new URL(c.req.url).searchParams;
    const type = (c.req.header('content-type') ?? '').split(';', 1)[0] ?? '';
    const text = type === 'multipart/form-data' ? '' : await c.req.text();
    const body =
      type === 'multipart/form-data' ? fieldsOf(await c.req.formData()) : text === '' ? undefined : safeJson(text);
    contractProblems.push(...contract.checkRequest({ method: c.req.method, path: c.req.path, query, type, body }));
  }

  async function holdAnswerAgainstContract(c: Context): Promise<void> {
    if (!contract || targetOf(c) === 'token' || !isJson(c.res)) return;
    // What uploads answered before has no place in the document.
    if (state.vocabulary === 'old' && c.req.path.startsWith('/2/media/')) return;
    const type = (c.res.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    const answer = { method: c.req.method, path: c.req.path, status: c.res.status, type };
    contractProblems.push(...contract.checkAnswer({ ...answer, body: await c.res.clone().json() }));
  }

  function record(c: Context, answer: Response | null): void {
    calls.push(`${c.req.method} ${c.req.path} ${answer ? answer.status : 'lost'}`);
    save();
  }

  function breakOff(c: Context<{ Bindings: HttpBindings }>): void {
    record(c, null);
    (c.env.incoming as IncomingMessage).socket.destroy();
    c.res = RESPONSE_ALREADY_SENT;
  }

  /**
   * Works by the fake's own clock and never much later than asked: what takes longer than the caller can know about is
   * not done at all, as it is with requests for which a service's own deadline has passed.
   */
  function later(ms: number, work: () => unknown): void {
    const begun = now();
    const timer = setInterval(() => {
      const passed = now() - begun;
      if (passed < ms) return;
      clearInterval(timer);
      waiting.delete(timer);
      if (passed < ms + 10_000) void work();
    }, 5);
    waiting.add(timer);
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
  if (c.req.method === 'GET') return 'read';
  return c.req.path.startsWith('/2/media/') ? 'upload' : 'create';
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

/** The second of two requests with the same text. */
function duplicate(): Response {
  const { status, body } = forbidden('You are not allowed to create a Tweet with duplicate content.');
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}

/** Writes the answer to the connection two times. */
async function sayTwice(c: Context<{ Bindings: HttpBindings }>): Promise<void> {
  const body = await c.res.text();
  const head = `HTTP/1.1 ${c.res.status} OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  (c.env.incoming as IncomingMessage).socket.end(head + body + head + body);
  c.res = RESPONSE_ALREADY_SENT;
}

/** What stands between X and its callers answers in HTML, or nothing at all. */
function brokenAnswer(status: number): Response {
  return new Response(`<html><body>${status}</body></html>`, { status, headers: { 'content-type': 'text/html' } });
}

function isJson(answer: Response): boolean {
  return /json/.test(answer.headers.get('content-type') ?? '');
}

/** A form as the document describes it: files are strings there, and small numbers are numbers. */
function fieldsOf(form: FormData): Record<string, unknown> {
  const plain = (value: unknown) =>
    typeof value !== 'string' ? 'binary' : /^\d{1,4}$/.test(value) ? Number(value) : value;
  return Object.fromEntries([...form].map(([name, value]) => [name, plain(value)]));
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Handler, Hono, type MiddlewareHandler, type Context as Request_ } from 'hono';
import type { World } from '#src/context.ts';
import { PROOF_BELOW, proofOf } from '#src/doctor/reach.ts';
import { api } from '#src/doors/http/api.ts';
import { atMost, readableAddress } from '#src/doors/http/body.ts';
import { addressOf } from '#src/doors/http/caller.ts';
import { faultOf } from '#src/doors/http/faults.ts';
import { feedDoor } from '#src/doors/http/feeds.ts';
import { NONCE_PLACE, nonceOf, safeHeaders } from '#src/doors/http/headers.ts';
import { hooks } from '#src/doors/http/hooks.ts';
import { type EventCounts, openIntakeDoor } from '#src/doors/http/intake.ts';
import { letterDoor } from '#src/doors/http/letters.ts';
import { mcpOverHttp } from '#src/doors/http/mcp.ts';
import { oauthDoor } from '#src/doors/http/oauth.ts';
import { OWN_PAGES_ONLY, ownPagesOnly } from '#src/doors/http/origin.ts';
import { openRedirectDoor } from '#src/doors/http/redirect.ts';
import type { Shortcut } from '#src/doors/http/shortcuts.ts';
import { transferDoor } from '#src/doors/http/transfers.ts';
import { uploads } from '#src/doors/http/uploads.ts';
import { writingDoor } from '#src/doors/http/writing.ts';
import { isSignInPath } from '#src/people/sign-in/paths.ts';
import { openSignIn } from '#src/people/sign-in.ts';

const DIST = join(import.meta.dirname, '../../../dist');

/** Everything that is reached by HTTP. */
export function httpApp(world: World): Hono {
  return httpDoors(world).app;
}

/**
 * The application, one line a door, and the doors that may be tried before it. `rest` returns when everything that was
 * taken in is stored; to be called when nothing comes any more.
 */
export function httpDoors(world: World): {
  app: Hono;
  shortcuts: Shortcut[];
  events(): EventCounts;
  rest(): Promise<void>;
} {
  const signIn = openSignIn(world);
  const redirects = openRedirectDoor(world);
  const intake = openIntakeDoor(world);
  const app = new Hono();

  app.use('/shared/*', unlisted);
  app.use(safeHeaders(world));
  app.use(readableAddress);
  for (const path of OWN_PAGES_ONLY) app.use(path, ownPagesOnly(world));
  app.route('/', redirects.door);
  app.get(`${PROOF_BELOW}:word{[A-Za-z0-9_-]{8,64}}`, (request) =>
    request.text(proofOf(world, request.req.param('word'))),
  );
  app.on(['GET', 'POST'], '/api/auth/*', atMost(1), async (request) => {
    if (!isSignInPath(request.req.method, request.req.path.slice('/api/auth'.length))) return request.notFound();
    const headers = new Headers(request.req.raw.headers);
    headers.set('x-fanfare-address', addressOf(world, request) ?? '127.0.0.1');
    return withoutToken(await signIn.handler(new Request(request.req.raw, { headers })));
  });
  app.route('/', api(world, signIn));
  app.route('/', mcpOverHttp(world, signIn));
  app.route('/', oauthDoor(world, signIn));
  app.route('/', uploads(world, signIn));
  app.route('/', transferDoor(world, signIn));
  app.route('/', writingDoor(world, signIn));
  app.route('/', feedDoor(world));
  app.route('/', letterDoor(world));
  app.route('/', intake.door);
  app.route('/', hooks(world));

  app.on('GET', ['/', '/index.html'], webPage);
  app.get('*', serveStatic({ root: join(DIST, 'web'), onFound: keepForever }));
  app.get('/assets/*', (request) => request.text('There is no such file.', 404));
  app.get('*', webPage);
  app.notFound((request) =>
    request.json({ code: 'NOT_FOUND', message: `There is no ${request.req.method} ${request.req.path}.` }, 404),
  );
  app.onError((error, request) => {
    world.log.error(
      { err: error, path: request.req.path.replace(/^(\/(?:letters|feeds|shared|hooks|transfers)\/).*/, '$1…') },
      'A request failed',
    );
    const { status, code, message } = faultOf(error);
    return request.json({ code, message }, status);
  });
  const rest = async () => {
    await Promise.all([redirects.rest(), intake.events.close()]);
  };
  return { app, shortcuts: [redirects.shortcut, intake.shortcut], events: intake.counts, rest };
}

/** The page, whatever its address; it finds its way itself. Read each time, so that a page that was built again is shown. */
const webPage: Handler = async (request) => {
  const page = await readFile(join(DIST, 'web', 'index.html'), 'utf8').catch(() => null);
  if (page === null) return request.text('The page is not built. Run: npm run build', 404);
  request.header('cache-control', 'no-cache');
  return request.html(page.replaceAll(NONCE_PLACE, nonceOf(request)));
};

/** A shared view is for those who have its link: not for search engines, nor for the sites its page leads to. */
const unlisted: MiddlewareHandler = async (request, next) => {
  await next();
  request.header('x-robots-tag', 'noindex, nofollow');
  request.header('referrer-policy', 'no-referrer');
  request.header('cache-control', 'no-store');
};

/** Built files carry a hash in their name, so they may be kept for a year; the page itself may not. */
function keepForever(path: string, request: Request_): void {
  request.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** The sign-in library puts the session's token into the answer, where scripts could read it; the cookie is enough. */
async function withoutToken(answer: Response): Promise<Response> {
  if (!answer.ok || !answer.headers.get('content-type')?.includes('json')) return answer;
  const told: unknown = await answer.json();
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  return new Response(
    JSON.stringify(told, (key, value) => (key === 'token' ? undefined : value)),
    {
      status: answer.status,
      headers,
    },
  );
}

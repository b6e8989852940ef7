import { readFile } from 'node:fs/promises';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { World } from '#src/context.ts';
import { api } from '#src/doors/http/api.ts';
import { addressOf } from '#src/doors/http/caller.ts';
import { openSignIn } from '#src/people/sign-in.ts';

const DIST = new URL('../../../dist/', import.meta.url).pathname;

/** Everything that is reached by HTTP, one line a door. */
export function httpApp(world: World): Hono {
  const signIn = openSignIn(world);
  const app = new Hono();

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'https:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'strict-origin-when-cross-origin',
      crossOriginResourcePolicy: false,
    }),
  );
  app.on(['GET', 'POST'], '/api/auth/*', (request) => {
    const headers = new Headers(request.req.raw.headers);
    headers.set('x-fanfare-address', addressOf(request) ?? '127.0.0.1');
    return signIn.handler(new Request(request.req.raw, { headers }));
  });
  app.route('/', api(world, signIn));

  app.use('/assets/*', serveStatic({ root: `${DIST}web`, precompressed: true }));
  app.get('*', serveStatic({ root: `${DIST}web` }));
  app.get('*', async (request) => request.html(await readFile(`${DIST}web/index.html`, 'utf8')));
  app.onError((error, request) => {
    world.log.error({ err: error, path: request.req.path }, 'A request failed');
    return request.json(
      { code: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong on our side; it is in the log.' },
      500,
    );
  });
  return app;
}

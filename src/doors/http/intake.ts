import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { World } from '#src/context.ts';
import { addressOf } from '#src/doors/http/caller.ts';
import { openIntake } from '#src/measure/events/intake.ts';

const SCRIPT = new URL('../../../dist/tracker/t.js', import.meta.url);
const LARGEST_EVENT = 64 * 1024;

/**
 * Where the tracker's events come in (`POST /e`), and the tracker itself (`/t.js`). Open to pages of every origin: the
 * public key and the app's hosts say what is accepted, and nothing is ever read from here.
 */
export function intake(world: World): Hono {
  const events = openIntake(world);
  const app = new Hono();

  app.use('/e', async (request, next) => {
    request.header('access-control-allow-origin', '*');
    request.header('access-control-allow-methods', 'POST');
    request.header('access-control-allow-headers', 'content-type');
    request.header('access-control-max-age', '86400');
    request.header('cache-control', 'no-store');
    await next();
  });
  app.options('/e', (request) => request.body(null, 204));
  app.post(
    '/e',
    bodyLimit({
      maxSize: LARGEST_EVENT,
      onError: (request) =>
        request.json({ stored: false, reason: 'too_large', message: 'An event has at most 64 kB.' }, 413),
    }),
    async (request) => {
      // The tracker sends text/plain so that no preflight is needed; whatever it is called, it is JSON.
      const reception = await events.receive({
        body: readJson(await request.req.text()),
        address: addressOf(world, request),
        userAgent: request.req.header('user-agent') ?? null,
        doNotTrack: request.req.header('dnt') === '1',
        privacyControl: request.req.header('sec-gpc') === '1',
      });
      if (reception.outcome === 'stored') return request.json({ stored: true }, 202);
      if (reception.outcome === 'refused')
        return request.json(
          { stored: false, reason: reception.reason, message: reception.message },
          reception.reason === 'malformed' ? 400 : 202,
        );
      request.header('retry-after', '5');
      return request.json({ stored: false, reason: 'unavailable', message: 'Try again in a few seconds.' }, 503);
    },
  );
  app.all('/e', (request) => request.json({ stored: false, reason: 'method', message: 'Send events by POST.' }, 405));
  app.get('/t.js', async (request) => {
    const script = await readFile(SCRIPT, 'utf8').catch(() => null);
    if (script === null) return request.text('The tracker is not built. Run: npm run build', 404);
    request.header('content-type', 'text/javascript; charset=utf-8');
    request.header('access-control-allow-origin', '*');
    request.header('cache-control', 'public, max-age=86400, stale-while-revalidate=604800');
    return request.body(script);
  });
  return app;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

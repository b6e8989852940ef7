import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { World } from '#src/context.ts';
import { receiveWebhook } from '#src/measure/revenue/webhooks.ts';
import { Refusal } from '#src/refusal.ts';

const LARGEST = 5 * 1024 * 1024;
const STATUS = { not_found: 404, conflict: 409, invalid: 400 } as const;

/** Where payment providers send their webhooks. The body is taken raw: its signature covers every byte. */
export function hooks(world: World): Hono {
  const app = new Hono();
  app.post(
    '/hooks/:path',
    bodyLimit({
      maxSize: LARGEST,
      onError: (request) =>
        request.json({ received: false, reason: 'too_large', message: 'A webhook has at most 5 MB.' }, 413),
    }),
    async (request) => {
      try {
        const body = new Uint8Array(await request.req.arrayBuffer());
        const { duplicate } = await receiveWebhook(world, request.req.param('path'), request.req.raw.headers, body);
        return request.json({ received: true, duplicate });
      } catch (error) {
        if (!(error instanceof Refusal)) {
          world.log.error({ err: error }, 'A webhook could not be taken in');
          request.header('retry-after', '30');
          return request.json({ received: false, reason: 'unavailable', message: 'Send it again later.' }, 503);
        }
        const status = STATUS[error.kind as keyof typeof STATUS] ?? 400;
        return request.json({ received: false, reason: error.reason, message: error.message }, status);
      }
    },
  );
  return app;
}

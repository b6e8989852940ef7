import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { z } from 'zod';
import { asSystem, type World } from '#src/context.ts';
import type { OutgoingMedia } from '#src/outside/platform.ts';
import { Refusal } from '#src/refusal.ts';
import { isPublicMedia, openMedia } from '#src/understand/assets/open.ts';

const asked = z.object({
  workspaceId: z.uuid(),
  assetId: z.uuid(),
  platform: z.string().min(1).max(40),
  until: z.string().regex(/^\d{1,16}$/),
  sign: z.string().max(100),
});

/** Read and sent piece by piece: a video may be larger than the memory. Bytes. */
const PIECE = 1_000_000;

/**
 * `GET /media/public/<id>`: a picture or video that is on its way out, for platforms that fetch it themselves. The
 * address is signed and good for a day (understand/assets/open.ts); whatever is wrong with it, nothing is there.
 */
export function publicMedia(world: World): Hono {
  const routes = new Hono();
  routes.get('/media/public/:id', async (request) => {
    const { workspace, for: platform, until, sign } = request.req.query();
    const wanted = asked.safeParse({
      workspaceId: workspace,
      assetId: request.req.param('id'),
      platform,
      until,
      sign,
    });
    const adapter = world.platforms.get(platform ?? '');
    if (!wanted.success || !adapter || !isPublicMedia(world, wanted.data)) return request.notFound();
    const { workspaceId, assetId } = wanted.data;
    try {
      const media = await openMedia(asSystem(world, workspaceId, 'public media'), assetId, adapter);
      if (!/^(image|video)\//.test(media.mediaType)) return request.notFound();
      return request.body(Readable.toWeb(Readable.from(pieces(media))) as ReadableStream, 200, {
        'content-type': media.mediaType,
        'content-length': String(media.bytes),
        'cache-control': 'private, max-age=3600',
        'content-disposition': 'inline',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      });
    } catch (error) {
      if (error instanceof Refusal) return request.notFound();
      throw error;
    }
  });
  return routes;
}

async function* pieces(media: Pick<OutgoingMedia, 'bytes' | 'read'>): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < media.bytes; from += PIECE)
    yield await media.read(from, Math.min(from + PIECE, media.bytes));
}

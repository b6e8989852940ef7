import { Hono } from 'hono';
import type { World } from '#src/context.ts';
import { readFeed } from '#src/distribute/feeds.ts';

/** RSS feeds of published posts: whoever has the address reads them, and asks again for a few bytes when nothing is new. */
export function feedDoor(world: World): Hono {
  const door = new Hono();
  door.get('/feeds/:file{[A-Za-z0-9_-]+\\.xml}', async (request) => {
    const feed = await readFeed(world, request.req.param('file').replace(/\.xml$/, ''));
    if (!feed) return request.text('There is no such feed. It may have got a new address.', 404);
    request.header('etag', feed.etag);
    request.header('cache-control', 'public, max-age=300');
    request.header('access-control-allow-origin', '*');
    const known = request.req.header('if-none-match')?.split(/\s*,\s*/) ?? [];
    if (known.some((mark) => mark === '*' || mark.replace(/^W\//, '') === feed.etag)) return request.body(null, 304);
    request.header('content-type', 'application/rss+xml; charset=utf-8');
    return request.body(feed.xml);
  });
  return door;
}

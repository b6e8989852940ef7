/**
 * What stands around a PDS, as small as it can be: the directory of DIDs, and an AppView that shows what a test gave
 * it. Both on ports of 127.0.0.1.
 */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';

type Counts = { likeCount: number; replyCount: number; repostCount: number; quoteCount: number };

export type Notification = {
  uri: string;
  reason: string;
  reasonSubject?: string;
  indexedAt: string;
  author: { did: string; handle: string; displayName?: string };
  record: object;
};

/** A directory of DIDs that believes everything. */
export async function startDirectory() {
  const operation = z.object({
    alsoKnownAs: z.array(z.string()),
    verificationMethods: z.object({ atproto: z.string() }),
    services: z.object({ atproto_pds: z.object({ type: z.string(), endpoint: z.string() }) }),
  });
  const known = new Map<string, z.infer<typeof operation>>();
  const app = new Hono();
  app.post('/:did', async (c) => {
    known.set(c.req.param('did'), operation.parse(await c.req.json()));
    return c.json({});
  });
  app.get('/:did', (c) => {
    const id = c.req.param('did');
    const found = known.get(id);
    if (!found) return c.json({ message: `DID not registered: ${id}` }, 404);
    const { type, endpoint } = found.services.atproto_pds;
    const publicKeyMultibase = found.verificationMethods.atproto.replace('did:key:', '');
    return c.json({
      '@context': ['https://www.w3.org/ns/did/v1'],
      id,
      alsoKnownAs: found.alsoKnownAs,
      verificationMethod: [{ id: `${id}#atproto`, type: 'Multikey', controller: id, publicKeyMultibase }],
      service: [{ id: '#atproto_pds', type, serviceEndpoint: endpoint }],
    });
  });
  return listen(app);
}

/** An AppView with the numbers, profiles and notifications it was told. */
export async function startAppView() {
  const counts = new Map<string, Counts>();
  const notifications: Notification[] = [];
  const profiles = new Map<string, object>();
  const pages = new Map<string, string>();
  const asked: string[] = [];
  const app = new Hono();
  app.use(async (c, next) => {
    asked.push(c.req.url.replace(/^https?:\/\/[^/]+/, ''));
    await next();
  });
  app.get('/xrpc/app.bsky.feed.getPosts', (c) => {
    const uris = c.req.queries('uris') ?? [];
    if (uris.length > 25) return c.json({ error: 'InvalidRequest', message: 'Too many uris' }, 400);
    const posts = uris.flatMap((uri) => {
      const found = counts.get(uri);
      const author = { did: uri.split('/')[2], handle: 'maya.test' };
      const about = { uri, cid: CID, author, record: {}, indexedAt: new Date(0).toISOString() };
      return found ? [{ ...about, ...found }] : [];
    });
    return c.json({ posts });
  });
  app.get('/xrpc/app.bsky.actor.getProfile', (c) => {
    const profile = profiles.get(c.req.query('actor') ?? '');
    return profile ? c.json(profile) : c.json({ error: 'InvalidRequest', message: 'Profile not found' }, 400);
  });
  app.get('/xrpc/app.bsky.notification.listNotifications', (c) => {
    const reasons = c.req.queries('reasons');
    const from = Number(c.req.query('cursor') ?? 0);
    const limit = Math.min(Number(c.req.query('limit') ?? 50), 2);
    const all = notifications
      .filter((one) => !reasons || reasons.includes(one.reason))
      .toSorted((a, b) => b.indexedAt.localeCompare(a.indexedAt));
    const next = from + limit < all.length ? { cursor: String(from + limit) } : {};
    const shown = all.slice(from, from + limit);
    return c.json({ ...next, notifications: shown.map((one) => ({ ...one, cid: CID, isRead: false })) });
  });
  app.get('/pages/:name', (c) => {
    const html = pages.get(c.req.param('name'));
    return html === undefined ? c.notFound() : c.html(html);
  });
  return { ...(await listen(app)), counts, notifications, profiles, pages, asked };
}

const CID = 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a';

async function listen(app: Hono) {
  const server = createAdaptorServer(app);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
  return { url, close };
}

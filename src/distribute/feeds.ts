import { createHash } from 'node:crypto';
import { z } from 'zod';
import { asSystem, type Inside, shared, transaction, type World } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { randomToken } from '#src/secrets.ts';
import { appOf } from '#src/understand/apps.ts';

/** The newest posts of an app that its feed holds. */
/** What goes out there is for those inside: it is no news for everybody. */
const BEHIND_DOORS = ['discord', 'slack', 'telegram', 'webhook', 'newsletter'];
const ITEMS = 50;

export const feedOperations = {
  get: operation({
    summary: 'Show the address under which everyone reads an app’s published posts as RSS; made when first asked for.',
    route: 'GET /feeds/{appId}',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ url: z.string(), createdAt: z.date() }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const feed = (await find(inside, appId)) ?? (await make(inside, appId));
        return { url: urlOf(inside, feed.token), createdAt: feed.createdAt };
      }),
  }),
  renew: operation({
    summary: 'Give the feed of an app a new address; the old one ends at once.',
    route: 'POST /feeds/{appId}/renew',
    access: 'destructive',
    input: z.strictObject({ appId: id }),
    output: z.object({ url: z.string(), createdAt: z.date() }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const { tx, workspaceId } = inside;
        await tx.deleteFrom('publicFeeds').where('workspaceId', '=', workspaceId).where('appId', '=', appId).execute();
        const feed = await make(inside, appId);
        await audit(inside, { operation: 'feeds.renew', subject: appId });
        return { url: urlOf(inside, feed.token), createdAt: feed.createdAt };
      }),
  }),
};

/** The feed behind an address, as RSS 2.0 with a mark of its content; null for an address that is none (any more). */
export async function readFeed(world: World, token: string): Promise<{ xml: string; etag: string } | null> {
  const feed = await shared(world, (tx) =>
    tx.selectFrom('publicFeeds').select(['workspaceId', 'appId']).where('token', '=', token).executeTakeFirst(),
  );
  if (!feed) return null;
  const context = asSystem(world, feed.workspaceId, 'feed');
  const xml = await transaction(context, (inside) => write(inside, feed.appId, token));
  return { xml, etag: `"${createHash('sha256').update(xml).digest('base64url').slice(0, 27)}"` };
}

async function write(inside: Inside, appId: string, token: string): Promise<string> {
  const { tx } = inside;
  const app = await tx
    .selectFrom('apps')
    .select(['name', 'url', 'description'])
    .where('id', '=', appId)
    .executeTakeFirstOrThrow();
  // A post on several accounts stands once, as it went out first.
  const items = await tx
    .selectFrom((eb) =>
      eb
        .selectFrom('publications')
        .innerJoin('posts', 'posts.id', 'publications.postId')
        .innerJoin('accounts', 'accounts.id', 'publications.accountId')
        .distinctOn('publications.postId')
        .select(['publications.id', 'publications.postId', 'publications.publishedAt', 'posts.title', 'posts.linkUrl'])
        .where('posts.appId', '=', appId)
        // An answer to somebody says nothing by itself, and what was removed is not shown here either.
        .where('posts.source', '<>', 'reply')
        .where('publications.removedAt', 'is', null)
        .where('accounts.platform', 'not in', BEHIND_DOORS)
        .where('publications.state', '=', 'published')
        .where('publications.publishedAt', 'is not', null)
        .orderBy('publications.postId')
        .orderBy('publications.publishedAt')
        .as('first'),
    )
    .selectAll()
    .orderBy('publishedAt', 'desc')
    .limit(ITEMS)
    .execute();
  const parts = items.length
    ? await tx
        .selectFrom('publicationParts')
        .select(['publicationId', 'text', 'platformUrl'])
        .where(
          'publicationId',
          'in',
          items.map((item) => item.id),
        )
        .where('state', '=', 'confirmed')
        .where('origin', '=', 'part')
        .orderBy('position')
        .execute()
    : [];
  const { generateRssFeed } = await import('feedsmith');
  return generateRssFeed({
    title: app.name,
    link: app.url,
    description: app.description || `What ${app.name} published.`,
    language: 'en',
    // The newest post, not now: the same content is the same feed.
    ...(items[0]?.publishedAt ? { lastBuildDate: items[0].publishedAt } : {}),
    generator: 'Fanfare',
    atom: { links: [{ href: urlOf(inside, token), rel: 'self', type: 'application/rss+xml' }] },
    items: items.map((item) => {
      const own = parts.filter((part) => part.publicationId === item.id);
      const shown = own.find((part) => /^https?:/.test(part.platformUrl ?? ''))?.platformUrl;
      return {
        title: readable(item.title),
        link: item.linkUrl ?? shown ?? app.url,
        description: asHtml(readable(own.map((part) => part.text).join('\n\n'))),
        ...(item.publishedAt ? { pubDate: item.publishedAt } : {}),
        guid: { value: `urn:uuid:${item.postId}`, isPermaLink: false },
      };
    }),
  });
}

/** Readers take a description for HTML: what the author wrote is words, whatever stands in it. */
function asHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>\n');
}

/** Without the characters that XML 1.0 has no place for (section 2.2): one of them and readers refuse the whole feed. */
function readable(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

async function find({ tx, workspaceId }: Inside, appId: string) {
  return tx
    .selectFrom('publicFeeds')
    .select(['token', 'createdAt'])
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .executeTakeFirst();
}

async function make({ tx, workspaceId, clock }: Inside, appId: string) {
  await tx
    .insertInto('publicFeeds')
    .values({ token: randomToken(18), workspaceId, appId, createdAt: clock.now() })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId']).doNothing())
    .execute();
  return tx
    .selectFrom('publicFeeds')
    .select(['token', 'createdAt'])
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .executeTakeFirstOrThrow();
}

function urlOf({ publicUrl }: World, token: string): string {
  return `${publicUrl}/feeds/${token}.xml`;
}

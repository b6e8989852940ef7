import { randomInt } from 'node:crypto';
import { record } from '#src/activity.ts';
import { actorName, asSystem, type Context, type Inside, shared, transaction, type World } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

/** No 0, O, 1, l or I: a code is sometimes read aloud or typed from a slide. */
const LETTERS = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 7;

/** The code of the tracked link of a post on an account, or null when none was made. */
export async function linkOf({ tx }: Inside, postId: string, accountId: string): Promise<string | null> {
  const link = await tx
    .selectFrom('links')
    .innerJoin('publications', 'publications.id', 'links.publicationId')
    .select('links.code')
    .where('links.postId', '=', postId)
    .where('publications.accountId', '=', accountId)
    .orderBy('links.createdAt')
    .executeTakeFirst();
  return link?.code ?? null;
}

/** Makes the tracked link of a post on an account: to the post's link, else to its app. Returns the code. */
export async function makeLink(
  inside: Inside,
  postId: string,
  publicationId: string,
  account: { platform: string },
): Promise<string> {
  const post = await inside.tx
    .selectFrom('posts')
    .innerJoin('apps', 'apps.id', 'posts.appId')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .leftJoin('channels', (join) =>
      join.onRef('channels.appId', '=', 'posts.appId').on('channels.platform', '=', account.platform),
    )
    .select(['posts.appId', 'posts.campaignId', 'posts.linkUrl', 'apps.url', 'campaigns.slug'])
    .select('channels.id as channelId')
    .where('posts.id', '=', postId)
    .executeTakeFirstOrThrow();
  const { code } = await insertLink(inside, {
    appId: post.appId,
    destination: post.linkUrl ?? post.url,
    postId,
    publicationId,
    campaignId: post.campaignId,
    channelId: post.channelId,
    utmSource: account.platform,
    utmMedium: 'social',
    utmCampaign: post.slug ?? 'fanfare',
    utmContent: postId.slice(0, 8),
  });
  return code;
}

export type NewLink = {
  appId: string;
  destination: string;
  /** A code of one's own; left out, a random one. */
  code?: string | undefined;
  campaignId?: string | undefined;
  channelId?: string | undefined;
  expiresAt?: Date | undefined;
  utmSource?: string | undefined;
  utmMedium?: string | undefined;
  utmCampaign?: string | undefined;
  utmContent?: string | undefined;
  utmTerm?: string | undefined;
};

/** Makes a tracked link by hand, for a newsletter, a directory or a talk. */
export async function createLink(
  context: Context,
  wanted: NewLink,
): Promise<{ id: string; code: string; url: string }> {
  const destination = assertDestination(wanted.destination);
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    for (const [table, key] of [
      ['campaigns', wanted.campaignId],
      ['channels', wanted.channelId],
    ] as const) {
      if (!key) continue;
      const found = await inside.tx
        .selectFrom(table)
        .select('id')
        .where('id', '=', key)
        .where('appId', '=', wanted.appId)
        .executeTakeFirst();
      if (!found) throw notFound(table === 'campaigns' ? 'campaign of this app' : 'channel of this app');
    }
    const link = await insertLink(inside, { ...wanted, destination });
    await audit(inside, { operation: 'links.create', subject: link.id, after: { destination, code: link.code } });
    await record(inside, 'link.created', { subjectId: link.id });
    return { ...link, url: urlOfCode(inside, link.code) };
  });
}

/** Points a link elsewhere from now on; where it pointed before is kept. */
export async function changeDestination(
  context: Context,
  wanted: { linkId: string; destination?: string | undefined; expiresAt?: Date | null | undefined },
): Promise<{ id: string; destination: string }> {
  const destination = wanted.destination === undefined ? undefined : assertDestination(wanted.destination);
  return transaction(context, async (inside) => {
    const link = await inside.tx
      .selectFrom('links')
      .select(['id', 'destination'])
      .where('id', '=', wanted.linkId)
      .forUpdate()
      .executeTakeFirst();
    if (!link) throw notFound('link');
    const to = destination ?? link.destination;
    if (to !== link.destination)
      await inside.tx
        .insertInto('linkChanges')
        .values({
          workspaceId: inside.workspaceId,
          linkId: link.id,
          fromDestination: link.destination,
          toDestination: to,
          changedBy: actorName(inside.who),
          changedAt: inside.clock.now(),
        })
        .execute();
    await inside.tx
      .updateTable('links')
      .set({ destination: to, ...(wanted.expiresAt === undefined ? {} : { expiresAt: wanted.expiresAt }) })
      .where('id', '=', link.id)
      .execute();
    await audit(inside, {
      operation: 'links.changeDestination',
      subject: link.id,
      before: { destination: link.destination },
      after: { destination: to },
    });
    return { id: link.id, destination: to };
  });
}

/** What the door knows of the one who follows a link. No address is among it. */
export type Follower = {
  agentClass: 'human' | 'bot' | 'preview' | 'unsure';
  agentName: string | null;
  referrerHost: string | null;
  country: string | null;
  /** The daily hash by which visitors of an app are told apart; null for who does not want to be counted so. */
  visitor: ((inside: Inside, appId: string) => Promise<string>) | null;
};

export type Followed = { kind: 'unknown' } | { kind: 'expired' } | { kind: 'found'; location: string };

/**
 * Follows a tracked link: counts the click and says where to go, with the UTM parameters and the click's id (`ff`).
 * Without a follower (a HEAD request) nothing is counted.
 */
export async function followLink(world: World, code: string, follower: Follower | null): Promise<Followed> {
  const found = await shared(world, (tx) =>
    tx.selectFrom('linkCodes').select(['workspaceId', 'linkId']).where('code', '=', code).executeTakeFirst(),
  );
  if (!found) return { kind: 'unknown' };
  const context = asSystem(world, found.workspaceId, 'link');
  try {
    return await transaction(context, (inside) => followInside(inside, found.linkId, follower));
  } catch (error) {
    // Whoever follows a link wants to arrive: a click that cannot be stored must not stop them.
    world.log.error({ err: error, link: found.linkId }, 'A click could not be counted');
    return transaction(context, (inside) => followInside(inside, found.linkId, null));
  }
}

async function followInside(inside: Inside, linkId: string, follower: Follower | null): Promise<Followed> {
  const link = await inside.tx.selectFrom('links').selectAll().where('id', '=', linkId).executeTakeFirst();
  if (!link) return { kind: 'unknown' };
  const now = inside.clock.now();
  if (link.expiresAt && link.expiresAt <= now) return { kind: 'expired' };
  if (!follower) return { kind: 'found', location: locationOf(link, null) };
  const click = await inside.tx
    .insertInto('clicks')
    .values({
      workspaceId: inside.workspaceId,
      occurredAt: now,
      linkId: link.id,
      appId: link.appId,
      postId: link.postId,
      ...follower,
      visitor: follower.visitor ? await follower.visitor(inside, link.appId) : null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { kind: 'found', location: locationOf(link, click.id) };
}

/** The public address of a code. */
export function urlOfCode(context: { publicUrl: string }, code: string): string {
  return new URL(`/l/${code}`, context.publicUrl).href;
}

function locationOf(
  link: {
    destination: string;
    utmSource: string | null;
    utmMedium: string | null;
    utmCampaign: string | null;
    utmContent: string | null;
    utmTerm: string | null;
  },
  clickId: string | null,
): string {
  const url = new URL(link.destination);
  const utm = {
    utm_source: link.utmSource,
    utm_medium: link.utmMedium,
    utm_campaign: link.utmCampaign,
    utm_content: link.utmContent,
    utm_term: link.utmTerm,
  };
  // What the author wrote into the destination by hand is meant.
  for (const [name, value] of Object.entries(utm))
    if (value && !url.searchParams.has(name)) url.searchParams.set(name, value);
  if (clickId) url.searchParams.set('ff', clickId);
  return url.href;
}

function assertDestination(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw refuse('invalid', 'destination', 'A link leads to an address that begins with https:// or http://.');
  return url.href;
}

async function insertLink(
  inside: Inside,
  wanted: Omit<NewLink, 'campaignId' | 'channelId'> & {
    postId?: string;
    publicationId?: string;
    campaignId?: string | null | undefined;
    channelId?: string | null | undefined;
  },
): Promise<{ id: string; code: string }> {
  const { code: own, ...values } = wanted;
  const code = own ?? (await freeCode(inside));
  const taken = await inside.tx.selectFrom('linkCodes').select('code').where('code', '=', code).executeTakeFirst();
  if (taken) throw refuse('conflict', 'code_taken', `The code "${code}" is taken. Choose another one.`);
  const link = await inside.tx
    .insertInto('links')
    .values({
      ...values,
      workspaceId: inside.workspaceId,
      code,
      createdBy: actorName(inside.who),
      createdAt: inside.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await inside.tx.insertInto('linkCodes').values({ code, workspaceId: inside.workspaceId, linkId: link.id }).execute();
  return { id: link.id, code };
}

async function freeCode({ tx }: Inside): Promise<string> {
  for (;;) {
    const code = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    const taken = await tx.selectFrom('linkCodes').select('code').where('code', '=', code).executeTakeFirst();
    if (!taken) return code;
  }
}

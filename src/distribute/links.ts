import { randomInt } from 'node:crypto';
import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { addressOf, destinationIn, domainOf } from './links/address.ts';
import { type Change, changesBetween, writeChanges } from './links/history.ts';

export { type Followed, type Follower, followLink, openRedirects } from './links/follow.ts';

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

/** The public address of a code, on the workspace's own short domain when it has one. */
export async function urlOfCode(inside: Inside, code: string): Promise<string> {
  return addressOf(inside, await domainOf(inside), code);
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
    .select(['posts.appId', 'posts.campaignId', 'posts.linkUrl', 'apps.url', 'campaigns.slug'])
    .where('posts.id', '=', postId)
    .executeTakeFirstOrThrow();
  const { code } = await insertLink(inside, {
    appId: post.appId,
    destination: post.linkUrl ?? post.url,
    postId,
    publicationId,
    campaignId: post.campaignId,
    channelId: await channelOn(inside, post.appId, account.platform),
    utmSource: account.platform,
    utmMedium: 'social',
    utmCampaign: post.slug ?? 'fanfare',
    utmContent: postId.slice(0, 8),
  });
  return code;
}

/** The channel of an app that stands for a platform, the one in use first; null when there is none. */
export async function channelOn({ tx }: Inside, appId: string, platform: string): Promise<string | null> {
  const row = await tx
    .selectFrom('channels')
    .select('id')
    .where('appId', '=', appId)
    .where('platform', '=', platform)
    .where('status', '<>', 'dropped')
    .orderBy((eb) => eb('status', '=', 'active'), 'desc')
    .orderBy('createdAt')
    .executeTakeFirst();
  return row?.id ?? null;
}

export type Utm = {
  utmSource?: string | null | undefined;
  utmMedium?: string | null | undefined;
  utmCampaign?: string | null | undefined;
  utmContent?: string | null | undefined;
  utmTerm?: string | null | undefined;
};

export type NewLink = Utm & {
  appId: string;
  destination: string;
  /** A code of one's own; left out, a random one. */
  code?: string | undefined;
  campaignId?: string | null | undefined;
  channelId?: string | null | undefined;
  expiresAt?: Date | null | undefined;
  /** Where it leads after its end. */
  fallbackUrl?: string | null | undefined;
  /** Its key in the campaign's file. */
  fileKey?: string | undefined;
};

/** Makes a tracked link by hand, for a newsletter, a directory or a talk. */
export async function createLink(
  context: Context,
  wanted: NewLink,
): Promise<{ id: string; code: string; url: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    await assertParts(inside, wanted.appId, wanted);
    const link = await insertLink(inside, wanted);
    await audit(inside, {
      operation: 'links.create',
      subject: link.id,
      after: { destination: wanted.destination, code: link.code },
    });
    await record(inside, 'link.created', { subjectId: link.id });
    return { ...link, url: await urlOfCode(inside, link.code) };
  });
}

export type LinkChange = Utm & {
  linkId: string;
  destination?: string | undefined;
  campaignId?: string | null | undefined;
  channelId?: string | null | undefined;
  expiresAt?: Date | null | undefined;
  fallbackUrl?: string | null | undefined;
};

/** Changes where a link leads from now on, its UTM parameters, its end. What it said before is kept. */
export async function updateLink(context: Context, wanted: LinkChange): Promise<{ id: string; destination: string }> {
  return transaction(context, async (inside) => {
    const { tx } = inside;
    const link = await tx
      .selectFrom('links')
      .selectAll()
      .where('id', '=', wanted.linkId)
      .forUpdate()
      .executeTakeFirst();
    if (!link) throw notFound('link');
    await assertParts(inside, link.appId, wanted);
    const own = { publicUrl: inside.publicUrl, domain: await domainOf(inside) };
    const { linkId, destination, fallbackUrl, ...rest } = wanted;
    const set = Object.fromEntries(
      Object.entries({
        ...rest,
        destination: destination === undefined ? undefined : destinationIn(destination, own),
        fallbackUrl: fallbackUrl == null ? fallbackUrl : destinationIn(fallbackUrl, own),
      }).filter(([, value]) => value !== undefined),
    ) as Partial<Omit<LinkChange, 'linkId'>>;
    if (Object.keys(set).length === 0)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    const after = { ...link, ...set };
    const changes: Change[] = changesBetween(link, after);
    await writeChanges(inside, linkId, changes);
    await tx.updateTable('links').set(set).where('id', '=', linkId).execute();
    const { campaignId: _, channelId: __, ...onCode } = set;
    if (Object.keys(onCode).length > 0)
      await tx.updateTable('linkCodes').set(onCode).where('code', '=', link.code).execute();
    if (changes.length > 0) {
      const told = (side: 'from' | 'to') => Object.fromEntries(changes.map((change) => [change.field, change[side]]));
      await audit(inside, { operation: 'links.update', subject: linkId, before: told('from'), after: told('to') });
    }
    return { id: linkId, destination: after.destination };
  });
}

/** Gives a channel the links of posts on its platform that belong to no channel yet. Returns how many. */
export async function claimLinks(
  { tx }: Inside,
  channel: { id: string; appId: string; platform: string },
): Promise<number> {
  const rows = await tx
    .updateTable('links')
    .set({ channelId: channel.id })
    .where('appId', '=', channel.appId)
    .where('channelId', 'is', null)
    .where('publicationId', 'in', (eb) =>
      eb
        .selectFrom('publications')
        .innerJoin('accounts', 'accounts.id', 'publications.accountId')
        .select('publications.id')
        .where('accounts.platform', '=', channel.platform),
    )
    .returning('id')
    .execute();
  return rows.length;
}

/** Makes a link as part of a larger change. `utm…` and the ids have been looked at by whoever calls. */
export async function insertLink(
  inside: Inside,
  wanted: NewLink & {
    postId?: string | null;
    publicationId?: string | null;
    affiliateId?: string | null;
  },
): Promise<{ id: string; code: string }> {
  const { tx, workspaceId, publicUrl } = inside;
  const { code: own, ...told } = wanted;
  const here = { publicUrl, domain: await domainOf(inside) };
  const values = {
    ...told,
    destination: destinationIn(wanted.destination, here),
    fallbackUrl: wanted.fallbackUrl == null ? null : destinationIn(wanted.fallbackUrl, here),
  };
  const code = own ?? (await freeCode(inside));
  if (await isTaken(inside, code))
    throw refuse('conflict', 'code_taken', `The code "${code}" is taken. Choose another one.`);
  const link = await tx
    .insertInto('links')
    .values({ ...values, workspaceId, code, createdBy: actorName(inside.who), createdAt: inside.clock.now() })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { campaignId: _, channelId: __, publicationId: ___, affiliateId: ____, fileKey: _____, ...onCode } = values;
  await tx
    .insertInto('linkCodes')
    .values({ ...onCode, code, workspaceId, linkId: link.id })
    .execute();
  return { id: link.id, code };
}

/** Says with which publication a link went out, when a person sent it by hand. */
export async function attachLink({ tx }: Inside, linkId: string, publicationId: string): Promise<void> {
  await tx.updateTable('links').set({ publicationId }).where('id', '=', linkId).execute();
}

/** A code like the one wished for that is not taken. */
export async function freeCodeLike(inside: Inside, wish: string): Promise<string> {
  if (!(await isTaken(inside, wish))) return wish;
  for (;;) {
    const code = `${wish.slice(0, 56)}-${randomCode(4)}`;
    if (!(await isTaken(inside, code))) return code;
  }
}

async function freeCode(inside: Inside): Promise<string> {
  for (;;) {
    const code = randomCode(LENGTH);
    if (!(await isTaken(inside, code))) return code;
  }
}

/** On a short domain these are asked for by whoever watches over the server (doors/http/health.ts, metrics.ts). */
const HEALTH_CODES = ['healthz', 'readyz', 'metrics'];

async function isTaken({ tx }: Inside, code: string): Promise<boolean> {
  if (HEALTH_CODES.includes(code)) return true;
  return Boolean(await tx.selectFrom('linkCodes').select('code').where('code', '=', code).executeTakeFirst());
}

const randomCode = (length: number) => Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');

async function assertParts(
  { tx }: Inside,
  appId: string,
  wanted: { campaignId?: string | null | undefined; channelId?: string | null | undefined },
): Promise<void> {
  for (const [table, key, what] of [
    ['campaigns', wanted.campaignId, 'campaign of this app'],
    ['channels', wanted.channelId, 'channel of this app'],
  ] as const) {
    if (!key) continue;
    const found = await tx
      .selectFrom(table)
      .select('id')
      .where('id', '=', key)
      .where('appId', '=', appId)
      .executeTakeFirst();
    if (!found) throw notFound(what);
  }
}

import type { Inside } from '#src/context.ts';
import { addressOf, domainOf } from './address.ts';

export type LinkFilter = {
  appId?: string | undefined;
  postId?: string | undefined;
  channelId?: string | undefined;
  /** Made by hand, or by itself for a post. */
  made?: 'by_hand' | 'for_posts' | undefined;
  /** Part of a code or destination. */
  search?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

/** A page of links, newest first, with their clicks. The cursor is the id of the last link shown. */
export async function listLinks(inside: Inside, wanted: LinkFilter) {
  const { tx } = inside;
  const pattern = `%${(wanted.search ?? '').replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const rows = await tx
    .selectFrom('links')
    .innerJoin('apps', 'apps.id', 'links.appId')
    .leftJoin('posts', 'posts.id', 'links.postId')
    .leftJoin('campaigns', 'campaigns.id', 'links.campaignId')
    .leftJoin('channels', 'channels.id', 'links.channelId')
    .leftJoin('affiliates', 'affiliates.id', 'links.affiliateId')
    .selectAll('links')
    .select(['apps.name as appName', 'posts.title as postTitle', 'campaigns.name as campaignName'])
    .select(['channels.name as channelName', 'affiliates.name as affiliateName'])
    .$if(wanted.appId !== undefined, (query) => query.where('links.appId', '=', wanted.appId ?? ''))
    .$if(wanted.postId !== undefined, (query) => query.where('links.postId', '=', wanted.postId ?? ''))
    .$if(wanted.channelId !== undefined, (query) => query.where('links.channelId', '=', wanted.channelId ?? ''))
    .$if(wanted.made !== undefined, (query) =>
      query.where('links.publicationId', wanted.made === 'by_hand' ? 'is' : 'is not', null),
    )
    .$if(wanted.search !== undefined, (query) =>
      query.where((eb) => eb.or([eb('links.code', 'ilike', pattern), eb('links.destination', 'ilike', pattern)])),
    )
    .$if(wanted.cursor !== undefined, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple('links.createdAt', 'links.id'),
          '<',
          eb
            .selectFrom('links as last')
            .select(['last.createdAt', 'last.id'])
            .where('last.id', '=', wanted.cursor ?? '')
            .$asTuple('createdAt', 'id'),
        ),
      ),
    )
    .orderBy('links.createdAt', 'desc')
    .orderBy('links.id', 'desc')
    .limit(wanted.limit)
    .execute();
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return { links: [], cursor: null };
  const clicks = await clicksByLink(inside, ids);
  const changes = await tx
    .selectFrom('linkChanges')
    .select((eb) => ['linkId', eb.fn.countAll<number>().as('times')])
    .where('linkId', 'in', ids)
    .groupBy('linkId')
    .execute();
  const domain = await domainOf(inside);
  const now = inside.clock.now();
  const links = rows.map((row) => {
    const own = clicks.get(row.id);
    return {
      ...row,
      url: addressOf(inside, domain, row.code),
      app: { id: row.appId, name: row.appName },
      post: named(row.postId, row.postTitle, 'title'),
      campaign: named(row.campaignId, row.campaignName, 'name'),
      channel: named(row.channelId, row.channelName, 'name'),
      affiliate: named(row.affiliateId, row.affiliateName, 'name'),
      byHand: row.publicationId === null,
      ended: row.expiresAt !== null && row.expiresAt <= now,
      clicks: own?.people ?? 0,
      otherClicks: (own?.all ?? 0) - (own?.people ?? 0),
      lastClickAt: own?.lastAt ?? null,
      changes: changes.find((change) => change.linkId === row.id)?.times ?? 0,
    };
  });
  return { links, cursor: rows.length === wanted.limit ? (ids.at(-1) ?? null) : null };
}

/** Clicks of each link: by people, and all. */
export async function clicksByLink({ tx }: Inside, linkIds: string[]) {
  if (linkIds.length === 0) return new Map<string, { people: number; all: number; lastAt: Date | null }>();
  const rows = await tx
    .selectFrom('clicks')
    .select((eb) => [
      'linkId',
      eb.fn.countAll<number>().filterWhere('agentClass', 'in', ['human', 'unsure']).as('people'),
      eb.fn.countAll<number>().as('all'),
      eb.fn.max('occurredAt').as('lastAt'),
    ])
    .where('linkId', 'in', linkIds)
    .groupBy('linkId')
    .execute();
  return new Map(rows.map(({ linkId, ...row }) => [linkId, row]));
}

function named<Key extends string>(id: string | null, text: string | null, key: Key) {
  return id === null || text === null ? null : ({ id, [key]: text } as { id: string } & Record<Key, string>);
}

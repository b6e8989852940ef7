import type { Inside } from '#src/context.ts';
import { urlOfCode } from '#src/distribute/links.ts';

/** A page of links, newest first, with their clicks. The cursor is the id of the last link shown. */
export async function listLinks(
  inside: Inside,
  wanted: { appId?: string | undefined; postId?: string | undefined; limit: number; cursor?: string | undefined },
) {
  const { tx } = inside;
  const rows = await tx
    .selectFrom('links')
    .innerJoin('apps', 'apps.id', 'links.appId')
    .leftJoin('posts', 'posts.id', 'links.postId')
    .leftJoin('campaigns', 'campaigns.id', 'links.campaignId')
    .selectAll('links')
    .select(['apps.name as appName', 'posts.title as postTitle', 'campaigns.name as campaignName'])
    .$if(wanted.appId !== undefined, (query) => query.where('links.appId', '=', wanted.appId ?? ''))
    .$if(wanted.postId !== undefined, (query) => query.where('links.postId', '=', wanted.postId ?? ''))
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
  const clicks = await tx
    .selectFrom('clicks')
    .select((eb) => [
      'linkId',
      eb.fn.countAll<number>().filterWhere('agentClass', 'in', ['human', 'unsure']).as('people'),
      eb.fn.countAll<number>().as('all'),
      eb.fn.max('occurredAt').as('lastAt'),
    ])
    .where('linkId', 'in', ids)
    .groupBy('linkId')
    .execute();
  const changes = await tx
    .selectFrom('linkChanges')
    .select(['linkId', 'fromDestination', 'toDestination', 'changedAt'])
    .where('linkId', 'in', ids)
    .orderBy('changedAt', 'desc')
    .execute();
  const links = rows.map((row) => {
    const own = clicks.find((click) => click.linkId === row.id);
    return {
      ...row,
      url: urlOfCode(inside, row.code),
      app: { id: row.appId, name: row.appName },
      post: row.postId && row.postTitle ? { id: row.postId, title: row.postTitle } : null,
      campaign: row.campaignId && row.campaignName ? { id: row.campaignId, name: row.campaignName } : null,
      clicks: own?.people ?? 0,
      otherClicks: (own?.all ?? 0) - (own?.people ?? 0),
      lastClickAt: own?.lastAt ?? null,
      changes: changes.filter((change) => change.linkId === row.id),
    };
  });
  return { links, cursor: rows.length === wanted.limit ? (ids.at(-1) ?? null) : null };
}

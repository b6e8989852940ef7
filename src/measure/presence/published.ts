import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

export const formats = ['text', 'picture', 'video', 'thread', 'poll', 'link', 'article'] as const;
export type Format = (typeof formats)[number];

/**
 * One post on one account with its numbers as last counted, summed over its parts. A post that was removed or archived
 * later stays: it was out, it was seen, and what it brought is in every other figure. It keeps the last numbers it had.
 */
export type Published = {
  id: string;
  postId: string;
  title: string;
  accountId: string;
  platform: string;
  format: Format;
  at: Date;
  /** The local day it went out. */
  day: string;
  reply: boolean;
  removed: boolean;
  /** Null = not told by the platform, or not read yet. */
  impressions: number | null;
  /** Likes, replies, reposts, quotes and bookmarks; null when none of them is told. */
  engagement: number | null;
  linkClicks: number | null;
  profileClicks: number | null;
  follows: number | null;
};

type Wanted = { appId?: string; accountId?: string; timeZone: string; from: Date; until: Date };

/** What went out between two moments, oldest first. */
export async function publishedIn(inside: Inside, wanted: Wanted): Promise<Published[]> {
  const { tx, workspaceId, platforms } = inside;
  // What needs a headline and no place to go to is read as an article.
  const articles = [...platforms.values()].flatMap(({ id, limits }) =>
    limits.title?.required && limits.community === null ? id : [],
  );
  const { rows } = await sql<Published>`
    with out as (
      select u.id, u.post_id, p.title, u.account_id, a.platform, u.published_at, u.reply_to, u.removed_at, u.archived_at
      from publications u
      join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
      join accounts a on a.workspace_id = u.workspace_id and a.id = u.account_id
      where u.workspace_id = ${workspaceId} and u.published_at >= ${wanted.from} and u.published_at < ${wanted.until}
        and ${wanted.appId === undefined ? sql`true` : sql`p.app_id = ${wanted.appId}`}
        and ${wanted.accountId === undefined ? sql`true` : sql`u.account_id = ${wanted.accountId}`}
    ), made as (
      select part.publication_id, count(*) filter (where part.origin = 'part') as parts,
             bool_or(part.poll_options is not null) as poll,
             bool_or(part.text ~* 'https?://') filter (where part.origin = 'part') as linked,
             bool_or(media.video) as video, bool_or(media.picture) as picture,
             sum(m.impressions)::float8 as impressions,
             case when count(m.likes) + count(m.replies) + count(m.reposts) + count(m.quotes) + count(m.bookmarks) > 0 then
               sum(coalesce(m.likes, 0) + coalesce(m.replies, 0) + coalesce(m.reposts, 0) + coalesce(m.quotes, 0)
                 + coalesce(m.bookmarks, 0))::float8 end as engagement,
             sum(m.link_clicks)::float8 as link_clicks, sum(m.profile_clicks)::float8 as profile_clicks,
             sum(m.follows)::float8 as follows
      from out
      join publication_parts part on part.workspace_id = ${workspaceId} and part.publication_id = out.id
        and part.state = 'confirmed'
      left join post_metrics m on m.workspace_id = part.workspace_id and m.publication_part_id = part.id
      left join lateral (
        select bool_or(asset.kind in ('video', 'gif')) as video, bool_or(asset.kind not in ('video', 'gif')) as picture
        from publication_part_media own
        join assets asset on asset.workspace_id = own.workspace_id and asset.id = own.asset_id
        where own.workspace_id = part.workspace_id and own.publication_part_id = part.id
      ) media on true
      group by part.publication_id
    )
    select out.id, out.post_id, out.title, out.account_id, out.platform,
           case when out.platform = any(${articles}::text[]) then 'article' when made.poll then 'poll' when made.video then 'video'
             when made.picture then 'picture' when made.parts > 1 then 'thread'
             when made.linked then 'link' else 'text' end as format,
           out.published_at as at, to_char(out.published_at at time zone ${wanted.timeZone}, 'YYYY-MM-DD') as day,
           out.reply_to is not null as reply, (out.removed_at is not null or out.archived_at is not null) as removed,
           made.impressions, made.engagement, made.link_clicks, made.profile_clicks, made.follows
    from out left join made on made.publication_id = out.id
    order by out.published_at, out.id`.execute(tx);
  return rows;
}

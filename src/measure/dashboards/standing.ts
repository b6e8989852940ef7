import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type OverviewFigure, showFigure } from '#src/measure/dashboards/figure.ts';
import type { Period } from '#src/measure/range.ts';
import type { Scope } from '#src/measure/traffic/question.ts';

/** How the app stands beside the competitors that are watched: features by the matrix, prices that moved in the period. */
export async function competitionOf(inside: Inside, { appId, current, previous }: Scope): Promise<OverviewFigure[]> {
  const { tx, workspaceId } = inside;
  const { rows } = await sql<{ watched: number; ahead: number; behind: number; known: number }>`
    with watched as (
      select id from competitors where workspace_id = ${workspaceId} and app_id = ${appId} and state = 'watched'
    ), cells as (
      select f.id,
             bool_or(s.competitor_id is null and s.support in ('yes', 'partly')) as ours,
             bool_or(s.competitor_id is null and s.support = 'no') as not_ours,
             bool_or(s.competitor_id in (select id from watched) and s.support in ('yes', 'partly')) as theirs,
             bool_or(s.competitor_id in (select id from watched) and s.support <> 'unknown') as looked_at
      from features f join feature_support s on s.workspace_id = f.workspace_id and s.feature_id = f.id
      where f.workspace_id = ${workspaceId} and f.app_id = ${appId}
      group by f.id
    )
    select (select count(*) from watched)::int as watched,
           (select count(*) from cells where ours and looked_at and not theirs)::int as ahead,
           (select count(*) from cells where not_ours and theirs)::int as behind,
           (select count(*) from cells where looked_at)::int as known
  `.execute(tx);
  const { watched, ahead, behind, known } = rows[0] ?? { watched: 0, ahead: 0, behind: 0, known: 0 };
  const page = '/competitors';
  const nobody = watched === 0 ? 'No competitor is watched yet.' : 'The comparison of features is not filled in yet.';
  return [
    showFigure({ key: 'watched', label: 'Competitors watched', page }, watched, null),
    showFigure({ key: 'ahead', label: 'Features only you have', page }, known === 0 ? null : ahead, null, nobody),
    showFigure({ key: 'behind', label: 'Features you lack', page }, known === 0 ? null : behind, null, nobody),
    showFigure(
      { key: 'priceChanges', label: 'Prices they changed', page },
      watched === 0 ? null : await pricesChanged(inside, appId, current),
      watched === 0 || previous === null ? null : await pricesChanged(inside, appId, previous),
      'No competitor is watched yet.',
    ),
  ];
}

/** Prices first seen in the period, of competitors that had one before: another amount, or a new plan. */
async function pricesChanged({ tx, workspaceId }: Inside, appId: string, { from, until }: Period): Promise<number> {
  const { rows } = await sql<{ times: number }>`
    select count(*)::int as times
    from competitor_prices price
    join competitors competitor on competitor.workspace_id = price.workspace_id and competitor.id = price.competitor_id
    where price.workspace_id = ${workspaceId} and competitor.app_id = ${appId} and competitor.state = 'watched'
      and price.seen_from >= ${from} and price.seen_from < ${until}
      and exists (select from competitor_prices earlier where earlier.workspace_id = price.workspace_id
        and earlier.competitor_id = price.competitor_id and earlier.seen_from < price.seen_from)
  `.execute(tx);
  return rows[0]?.times ?? 0;
}

/** Followers, posts and what they were seen by, on X: accounts that posted for the app, or for none yet. */
export async function presenceOf(inside: Inside, { appId, current, previous }: Scope): Promise<OverviewFigure[]> {
  const now = await presenceIn(inside, appId, current);
  const before = previous && (await presenceIn(inside, appId, previous));
  const page = '/presence';
  const none = now.accounts === 0 ? 'No account on X is connected yet.' : 'X has told no numbers yet.';
  const show = (key: string, label: string, of: (numbers: typeof now) => number | null) =>
    showFigure({ key, label, page }, of(now), before && of(before), none);
  const rate = ({ impressions, engagement }: typeof now) =>
    impressions === null || engagement === null || impressions < 1000 ? null : engagement / impressions;
  return [
    show('followers', 'Followers', (numbers) => numbers.followers),
    show('posts', 'Posts', (numbers) => (numbers.accounts === 0 ? null : numbers.posts)),
    show('impressions', 'Impressions of these posts', (numbers) => numbers.impressions),
    showFigure(
      { key: 'engagementRate', label: 'Engagement rate', unit: 'rate', page },
      rate(now),
      before && rate(before),
      now.accounts === 0 ? none : 'Not enough data: this needs 1,000 impressions.',
    ),
  ];
}

type Presence = {
  accounts: number;
  followers: number | null;
  posts: number;
  impressions: number | null;
  engagement: number | null;
};

async function presenceIn({ tx, workspaceId }: Inside, appId: string, period: Period): Promise<Presence> {
  const { rows } = await sql<Presence>`
    with mine as (
      select account.id from accounts account
      where account.workspace_id = ${workspaceId} and account.platform = 'x' and account.status <> 'removed'
        and (exists (select from publications p join posts on posts.workspace_id = p.workspace_id and posts.id = p.post_id
               where p.workspace_id = account.workspace_id and p.account_id = account.id and posts.app_id = ${appId})
          or not exists (select from publications p where p.workspace_id = account.workspace_id and p.account_id = account.id))
    ), out as (
      select p.id from publications p
      join posts on posts.workspace_id = p.workspace_id and posts.id = p.post_id and posts.app_id = ${appId}
      where p.workspace_id = ${workspaceId} and p.account_id in (select id from mine) and p.reply_to is null
        and p.published_at >= ${period.from} and p.published_at < ${period.until}
    ), seen as (
      select m.* from post_metrics m
      join publication_parts part on part.workspace_id = m.workspace_id and part.id = m.publication_part_id
      where m.workspace_id = ${workspaceId} and part.publication_id in (select id from out)
    )
    select (select count(*) from mine)::int as accounts,
           (select sum(s.followers) from mine cross join lateral (
              select followers from account_snapshots s where s.workspace_id = ${workspaceId} and s.account_id = mine.id
                and s.followers is not null and s.day <= ${period.days.at(-1) ?? ''}::date order by s.day desc limit 1) s)::float8 as followers,
           (select count(*) from out)::int as posts,
           (select sum(impressions) from seen)::float8 as impressions,
           (select sum(coalesce(likes, 0) + coalesce(replies, 0) + coalesce(reposts, 0) + coalesce(quotes, 0) + coalesce(bookmarks, 0))
              from seen)::float8 as engagement
  `.execute(tx);
  return rows[0] ?? { accounts: 0, followers: null, posts: 0, impressions: null, engagement: null };
}

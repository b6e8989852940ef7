import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound } from '#src/refusal.ts';
import type { Arm } from './compare.ts';

export async function experimentOf({ tx }: Inside, experimentId: string) {
  const row = await tx.selectFrom('experiments').selectAll().where('id', '=', experimentId).executeTakeFirst();
  if (!row) throw notFound('experiment');
  return row;
}

/** The experiment's row, held for the transaction. */
export async function holdExperiment(inside: Inside, experimentId: string) {
  await inside.tx.selectFrom('experiments').select('id').where('id', '=', experimentId).forNoKeyUpdate().execute();
  return experimentOf(inside, experimentId);
}

/**
 * The arms in their order, their posts in the order they went out. What counts of a post is what it brought in its first
 * seven days: visits and signups of the workspace's own days, clicks to the minute, the platform's counters as they were
 * last read by then. A counter the platform does not tell, or that was not read in time, is unknown and no nought.
 */
export async function readArms(inside: Inside, experimentId: string, metric: string): Promise<Arm[]> {
  const { timeZone } = await workspaceOf(inside);
  const { rows } = await sql<{
    arm: string;
    id: string | null;
    title: string;
    isOver: boolean;
    isMeasured: boolean;
    value: number;
  }>`
    select n.arm, p.id, p.title, told.is_over,
      told.is_over and (case ${metric}::text
        when 'impressions' then seen.impressions is not null
        when 'engagement_rate' then seen.impressions > 0
        when 'engagement' then seen.engagement is not null
        else true
      end) is true as is_measured,
      coalesce(case ${metric}::text
        when 'visits' then (select sum(d.visits) from traffic_days d where d.app_id = p.app_id and d.dimension = 'post' and d.value = p.id::text
          and d.day >= (out.at at time zone ${timeZone})::date and d.day < (out.at at time zone ${timeZone})::date + 7)
        when 'signups' then (select sum(d.signups) from traffic_days d where d.app_id = p.app_id and d.dimension = 'post' and d.value = p.id::text
          and d.day >= (out.at at time zone ${timeZone})::date and d.day < (out.at at time zone ${timeZone})::date + 7)
        when 'clicks' then (select count(*) from clicks c join links l on l.workspace_id = c.workspace_id and l.id = c.link_id
          where l.post_id = p.id and c.agent_class in ('human', 'unsure') and c.occurred_at >= out.at and c.occurred_at < out.at + interval '7 days')
        when 'impressions' then seen.impressions
        when 'engagement_rate' then seen.engagement_of_impressions / nullif(seen.impressions, 0)
        else seen.engagement
      end, 0)::float8 as value
    from experiment_names n
    left join experiment_arms a on a.workspace_id = n.workspace_id and a.experiment_id = n.experiment_id and a.arm = n.arm
    left join posts p on p.workspace_id = a.workspace_id and p.id = a.post_id
    left join lateral (select min(u.published_at) as at from publications u
      where u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published') out on true
    cross join lateral (select coalesce(out.at <= ${inside.clock.now()}::timestamptz - interval '7 days', false) as is_over) told
    left join lateral (
      select sum(s.impressions)::float8 as impressions,
        sum(reacted.count)::float8 as engagement,
        sum(reacted.count) filter (where s.impressions is not null)::float8 as engagement_of_impressions
      from post_metrics m
      cross join lateral (
        (select * from metric_snapshots early where early.workspace_id = m.workspace_id and early.publication_part_id = m.publication_part_id
           and early.taken_at <= out.at + interval '7 days' order by early.taken_at desc limit 1)
      ) s
      cross join lateral (select coalesce(s.likes, 0) + coalesce(s.replies, 0) + coalesce(s.reposts, 0) + coalesce(s.quotes, 0) + coalesce(s.bookmarks, 0) as count) reacted
      where m.workspace_id = p.workspace_id and m.post_id = p.id
    ) seen on true
    where n.experiment_id = ${experimentId} order by n.position, out.at nulls last, p.id`.execute(inside.tx);
  return [...Map.groupBy(rows, ({ arm }) => arm)].map(([arm, own]) => ({
    arm,
    posts: own.flatMap(({ arm: _, id, ...post }) => (id === null ? [] : [{ id, ...post }])),
  }));
}

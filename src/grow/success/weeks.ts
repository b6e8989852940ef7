import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { daysBefore } from '#src/grow/detectors/detector.ts';
import { netOfRow } from '#src/measure/attribution/net.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';

/** So many weeks up to now; the last four are the 28 days of the figure. */
const WEEKS = 8;

/**
 * The figures of success week by week, oldest first, by metric. Counts are of the week, levels (followers, advocates,
 * subscribers, mrr) at its end; money in the workspace's currency. Null = not known then.
 */
export async function weeksOf(
  inside: Inside,
  appId: string,
  until: Date,
): Promise<(metric: string) => (number | null)[]> {
  const { tx, workspaceId } = inside;
  const currency = await reportingCurrency(inside);
  const edges = Array.from({ length: WEEKS + 1 }, (_, week) => daysBefore(until, 7 * (WEEKS - week)));
  const from = edges[0] ?? until;
  const ends = sql`(select end_at, number from unnest(${edges.slice(1)}::timestamptz[]) with ordinality as week(end_at, number)) week`;
  const week = (column: string) => sql`width_bucket(${sql.ref(column)}, ${edges}::timestamptz[])`;
  const within = (column: string) => sql`${sql.ref(column)} >= ${from} and ${sql.ref(column)} < ${until}`;
  const { rows } = await sql<{ metric: string; week: number; value: number | null }>`
    with out as (
      select u.id, ${week('u.published_at')} as week from publications u
      join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id and p.app_id = ${appId}
      where u.workspace_id = ${workspaceId} and ${within('u.published_at')}
    ), seen as (
      select out.week, sum(m.impressions)::float8 as impressions, sum(m.bookmarks)::float8 as bookmarks,
             sum(coalesce(m.likes, 0) + coalesce(m.replies, 0) + coalesce(m.reposts, 0) + coalesce(m.quotes, 0) + coalesce(m.bookmarks, 0))::float8 as engagement,
             sum(coalesce(m.reposts, 0) + coalesce(m.quotes, 0))::float8 as reposts
      from post_metrics m
      join publication_parts t on t.workspace_id = m.workspace_id and t.id = m.publication_part_id
      join out on out.id = t.publication_id
      where m.workspace_id = ${workspaceId} group by out.week
    ), inbox as (
      select kind, ${week('received_at')} as week from inbox_items
      where workspace_id = ${workspaceId} and ${within('received_at')}
    ), paid as (
      select ${week('payment.paid_at')} as week,
             case when payment.currency = ${currency} then ${netOfRow('payment')}
               when payment.reporting_currency = ${currency} then ${netOfRow('payment')} * payment.reporting_rate end as minor
      from payments payment
      where payment.workspace_id = ${workspaceId} and payment.app_id = ${appId} and ${within('payment.paid_at')}
    ), moved as (
      select occurred_at, kind,
             case when currency = ${currency} then amount_minor when reporting_currency = ${currency} then reporting_minor end as minor
      from mrr_movements where workspace_id = ${workspaceId} and app_id = ${appId} and occurred_at < ${until}
    )
    select 'posts' as metric, week, count(*)::float8 as value from out group by week
    union all select 'impressions', week, impressions from seen
    union all select 'engagement', week, engagement from seen
    union all select 'reposts', week, reposts from seen
    union all select 'bookmarks', week, bookmarks from seen
    union all select 'replies', week, count(*) from inbox where kind = 'reply' group by week
    union all select 'mentions', week, count(*) from inbox where kind in ('mention', 'quote') group by week
    union all select 'answered', ${week('answered_at')}, count(*) from inbox_items
      where workspace_id = ${workspaceId} and ${within('answered_at')} group by 2
    union all select 'visits', ${week('hour')}, sum(visits) from traffic_hours
      where workspace_id = ${workspaceId} and app_id = ${appId} and ${within('hour')} group by 2
    union all select 'signups', ${week('occurred_at')}, count(*) from conversions
      where workspace_id = ${workspaceId} and app_id = ${appId} and kind = 'signup' and ${within('occurred_at')} group by 2
    union all select 'customers', ${week('first_at')}, count(*) from (
      select min(occurred_at) as first_at from conversions
      where workspace_id = ${workspaceId} and app_id = ${appId} and kind = 'purchase' and customer_id is not null
      group by customer_id) customer where ${within('first_at')} group by 2
    union all select 'paid', week, round(sum(minor)) from paid group by week
    union all select 'newMrr', ${week('occurred_at')}, sum(minor) from moved where kind = 'new' and ${within('occurred_at')} group by 2
    union all select 'mrr', week.number, coalesce((select sum(minor) from moved where occurred_at < week.end_at), 0) from ${ends}
    union all select 'advocates', week.number, (select count(*) from contacts
      where workspace_id = ${workspaceId} and advocate_since < week.end_at) from ${ends}
    union all select 'subscribers', week.number, (select count(distinct s.email) from subscribers s
      join mailing_lists l on l.workspace_id = s.workspace_id and l.id = s.mailing_list_id and l.app_id = ${appId}
      where s.workspace_id = ${workspaceId} and s.confirmed_at < week.end_at
        and (s.ended_at is null or s.ended_at >= week.end_at)) from ${ends}
    union all select 'followers', week.number, (select sum(s.followers) from accounts a cross join lateral (
      select followers from account_snapshots s where s.workspace_id = a.workspace_id and s.account_id = a.id
        and s.followers is not null and s.day < (week.end_at at time zone 'UTC')::date + 1 order by s.day desc limit 1
      ) s where a.workspace_id = ${workspaceId} and a.status <> 'removed') from ${ends}`.execute(tx);
  const weeks = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const values = weeks.get(row.metric) ?? emptyFor(row.metric);
    values[Number(row.week) - 1] = row.value === null ? null : Number(row.value);
    weeks.set(row.metric, values);
  }
  return (metric) => weeks.get(metric) ?? emptyFor(metric);
}

/** What a platform must tell is not known where it told nothing; a level is told for every week; the rest was none. */
function emptyFor(metric: string): (number | null)[] {
  const told = ['impressions', 'engagement', 'reposts', 'bookmarks', 'followers'];
  return Array.from({ length: WEEKS }, () => (told.includes(metric) ? null : 0));
}

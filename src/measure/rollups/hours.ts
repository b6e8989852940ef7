import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** What is counted anew: an app's visits begun in a stretch of time. */
export type Scope = { appId: string; since: Date; until: Date };

const HOUR = 3_600_000;

/** Counts anew the whole hours (UTC) in which the span lies: in some zones a day begins at half past. */
export async function countHours({ tx, workspaceId }: Inside, scope: Scope): Promise<void> {
  const since = new Date(Math.floor(scope.since.getTime() / HOUR) * HOUR);
  const until = new Date(Math.ceil(scope.until.getTime() / HOUR) * HOUR);
  const { appId } = scope;
  await tx
    .deleteFrom('trafficHours')
    .where('appId', '=', appId)
    .where('hour', '>=', since)
    .where('hour', '<', until)
    .execute();
  await sql`
    insert into traffic_hours (workspace_id, app_id, hour, visitors, visits, views, bots, bounces, seconds, signups)
    select ${workspaceId}::uuid, ${appId}::uuid, date_trunc('hour', at, 'UTC'),
      sum(visitors), sum(visits), sum(views), sum(bots), sum(bounces), sum(seconds), sum(signups)
    from (
      select started_at as at, first_today::int as visitors, 1 as visits, views, 0 as bots,
        (views = 1 and events = 0)::int as bounces,
        floor(extract(epoch from last_seen_at - started_at))::bigint as seconds, 0 as signups
      from visits
      where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
        and agent_class in ('human', 'unsure')
      union all
      select started_at, 0, 0, 0, 1, 0, 0, 0 from visits
      where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
        and agent_class not in ('human', 'unsure')
      union all
      select occurred_at, 0, 0, 0, 0, 0, 0, 1 from conversions
      where workspace_id = ${workspaceId} and app_id = ${appId} and kind = 'signup'
        and occurred_at >= ${since} and occurred_at < ${until}
    ) rows
    group by 3
  `.execute(tx);
}

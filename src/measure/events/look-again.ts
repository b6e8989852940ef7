import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/**
 * Writes anew into the visits that began in a span (a local day of an app) which of them was its visitor's first that day,
 * and how many custom events each holds: the first depends on where the day begins, the second was not kept with visits of
 * former versions. Under the events' lock.
 */
export async function lookAgainAtVisits(
  { tx, workspaceId }: Inside,
  { appId, since, until }: { appId: string; since: Date; until: Date },
): Promise<void> {
  await sql`
    with own as (
      select id, started_at, last_seen_at, row_number() over (partition by visitor order by started_at, id) = 1 as first_today
      from visits
      where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
    ),
    custom as (
      select e.visit_id, count(*) as events
      from events e join own on own.id = e.visit_id
      where e.workspace_id = ${workspaceId} and e.app_id = ${appId} and e.kind <> 'pageview'
        and e.occurred_at >= ${since} and e.occurred_at <= (select max(last_seen_at) from own)
        and e.origin is distinct from 'server'
      group by e.visit_id
    )
    update visits set first_today = own.first_today, events = coalesce(custom.events, 0)
    from own left join custom on custom.visit_id = own.id
    where visits.workspace_id = ${workspaceId} and visits.app_id = ${appId}
      and visits.started_at = own.started_at and visits.id = own.id
      and (visits.first_today, visits.events) is distinct from (own.first_today, coalesce(custom.events, 0)::int)
  `.execute(tx);
}

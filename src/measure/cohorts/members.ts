import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { edgesOf, type Slot } from '#src/measure/revenue/slots.ts';

/** Somebody's first slot (from 1) and the slots in which they did something, that one included. */
export type Member = { began: number; active: number[] };

/**
 * People who signed up, by the slot they did so in, and when they came back: anything they are known to have done, as
 * the identity links stand now. Who signed up and was never linked to a visitor is seen in server events alone.
 */
export async function signups({ tx, workspaceId }: Inside, appId: string, slots: readonly Slot[]): Promise<Member[]> {
  const edges = edgesOf(slots);
  const own = (alias: string) =>
    sql`${sql.ref(`${alias}.workspace_id`)} = ${workspaceId} and ${sql.ref(`${alias}.app_id`)} = ${appId}`;
  const { rows } = await sql<Member>`
    with people as materialized (
      select coalesce(customer.merged_into, customer.id) as id, min(c.occurred_at) as at
      from conversions c
      join customers customer on customer.workspace_id = c.workspace_id and customer.id = c.customer_id
      where ${own('c')} and c.kind = 'signup' and c.occurred_at < ${edges.at(-1)}
      group by 1
    ),
    mine as materialized (select * from people where at >= ${edges[0]}),
    known as materialized (
      select distinct on (link.kind, link.value) link.kind, link.value, coalesce(customer.merged_into, customer.id) as id
      from identity_links link
      join customers customer on customer.workspace_id = link.workspace_id and customer.id = link.customer_id
      where ${own('link')} and link.kind in ('visitor', 'person')
      order by link.kind, link.value, link.linked_at desc
    ),
    done as (
      select known.id, v.started_at as at from visits v
      join known on known.kind = 'visitor' and known.value = v.visitor
      where ${own('v')} and v.started_at >= ${edges[0]} and v.started_at < ${edges.at(-1)} and v.agent_class in ('human', 'unsure')
      union all
      select known.id, e.occurred_at from events e
      join known on known.kind = 'person' and known.value = e.person
      where ${own('e')} and e.occurred_at >= ${edges[0]} and e.occurred_at < ${edges.at(-1)} and e.kind <> 'pageview' and e.person is not null
    )
    ${members(edges)}
  `.execute(tx);
  return rows;
}

/** Visitors by the slot of their first visit: only where they are known again on another day, that is with consent. */
export async function visitors({ tx, workspaceId }: Inside, appId: string, slots: readonly Slot[]): Promise<Member[]> {
  const edges = edgesOf(slots);
  const { rows } = await sql<Member>`
    with done as materialized (
      select v.visitor as id, v.started_at as at from visits v
      where v.workspace_id = ${workspaceId} and v.app_id = ${appId} and v.started_at < ${edges.at(-1)} and v.agent_class in ('human', 'unsure')
    ),
    mine as (select id, min(at) as at from done group by id having min(at) >= ${edges[0]})
    ${members(edges)}
  `.execute(tx);
  return rows;
}

/** What somebody did before they began (looked around before they signed up) is no return. */
function members(edges: readonly Date[]): RawBuilder<unknown> {
  const slot = (at: RawBuilder<unknown>) => sql`width_bucket(${at}, ${edges}::timestamptz[])`;
  return sql`
    select ${slot(sql`mine.at`)} as began,
      array_agg(distinct ${slot(sql`done.at`)}) filter (where done.at >= mine.at) as active
    from mine left join done on done.id = mine.id
    group by mine.id, mine.at`;
}

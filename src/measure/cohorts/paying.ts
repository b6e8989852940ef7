import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { payer } from '#src/measure/revenue/changes.ts';

/** When somebody first brought MRR, and when they stopped for the first time; null = they have not. */
export type Payer = { began: Date; ended: Date | null };

/**
 * Everybody who ever brought MRR. Whose subscriptions all came to nothing has stopped; one that follows at the very
 * same moment is the same paying life. Somebody who comes back later has stopped all the same: how long the first life
 * lasts is what is asked, and a return makes it no longer.
 */
export async function payers({ tx, workspaceId }: Inside, appId: string): Promise<Payer[]> {
  const { rows } = await sql<Payer>`
    with moved as (
      select ${payer} as who, movement.occurred_at as at, movement.currency, sum(movement.amount_minor) as minor
      from mrr_movements movement
      join subscriptions subscription on subscription.workspace_id = movement.workspace_id and subscription.id = movement.subscription_id
      where movement.workspace_id = ${workspaceId} and movement.app_id = ${appId}
      group by 1, 2, 3
    ),
    levels as (
      select who, at, sum(minor) over (partition by who, currency order by at) as level, currency from moved
    ),
    paid as (
      -- In whatever currency: the level of each at a moment is the last one known of it.
      select moment.who, moment.at,
        exists (
          select from levels now where now.who = moment.who and now.at <= moment.at and now.level > 0
            and not exists (select from levels later where later.who = now.who and later.currency = now.currency and later.at > now.at and later.at <= moment.at)
        ) as pays
      from (select distinct who, at from levels) moment
    ),
    begun as (select who, min(at) as at from paid where pays group by who)
    select begun.at as began, min(paid.at) filter (where not paid.pays and paid.at > begun.at) as ended
    from begun join paid on paid.who = begun.who group by begun.who, begun.at
  `.execute(tx);
  return rows;
}

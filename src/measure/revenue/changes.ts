import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Change } from '#src/measure/revenue/bridges.ts';
import { edgesOf, type Slot } from '#src/measure/revenue/slots.ts';

export const segments = ['plan', 'channel', 'country', 'audience', 'currency'] as const;
export type Segment = (typeof segments)[number];

/** SQL: who a subscription belongs to, `subscription` being its row: the customer, or the provider's while unknown. */
export const payer = sql<string>`coalesce(subscription.customer_id::text,
  subscription.payment_source_id || ' ' || subscription.provider_customer_id, subscription.id::text)`;

/**
 * By how much each customer's MRR changed in each slot, in the workspace's currency, with the segment they are in. What
 * waits for a rate is left out (`mrrWithoutRate` names it). Segments: the plan and the currency are the subscription's
 * as it is now; channel, country and audience are the customer's: what their first purchase is credited to most (last
 * non-direct touch), where their first known visit was, whom they were said to be.
 */
export async function mrrChanges(
  { tx, workspaceId }: Inside,
  view: { appId: string; currency: string; slots: readonly Slot[] },
  segment: Segment | null,
): Promise<(Change & { segment: string })[]> {
  const { of, join } = segment === null ? { of: sql`''`, join: sql`` } : bySegment(segment);
  const edges = edgesOf(view.slots);
  const { rows } = await sql<{ who: string; segment: string; slot: number; change: string }>`
    select ${payer} as who, ${of} as segment,
           width_bucket(movement.occurred_at, ${edges}::timestamptz[]) as slot,
           sum(movement.reporting_minor)::text as change
    from mrr_movements movement
    join subscriptions subscription on subscription.workspace_id = movement.workspace_id
      and subscription.id = movement.subscription_id
    ${join}
    where movement.workspace_id = ${workspaceId} and movement.app_id = ${view.appId}
      and movement.reporting_currency = ${view.currency} and movement.occurred_at < ${edges.at(-1) ?? new Date(0)}
    group by 1, 2, 3
  `.execute(tx);
  return rows.map((row) => ({ ...row, change: BigInt(row.change) }));
}

/** MRR that waits for an exchange rate, by its own currency. */
export async function mrrWithoutRate(
  { tx }: Inside,
  view: { appId: string; currency: string },
): Promise<{ currency: string; minor: string }[]> {
  return tx
    .selectFrom('subscriptions')
    .select((eb) => ['currency', eb.fn.sum<string>('mrrMinor').as('minor')])
    .where('appId', '=', view.appId)
    .where('mrrMinor', '<>', '0')
    .where('reportingCurrency', 'is distinct from', view.currency)
    .groupBy('currency')
    .orderBy('currency')
    .execute();
}

function bySegment(segment: Segment): { of: RawBuilder<string>; join: RawBuilder<unknown> } {
  switch (segment) {
    case 'plan':
      return { of: sql`coalesce(subscription.plan, '')`, join: sql`` };
    case 'currency':
      return { of: sql`subscription.currency::text`, join: sql`` };
    case 'audience':
      return {
        of: sql`coalesce(audience.name, '')`,
        join: sql`
          left join customers customer on customer.workspace_id = subscription.workspace_id
            and customer.id = subscription.customer_id
          left join audiences audience on audience.workspace_id = customer.workspace_id
            and audience.id = customer.audience_id`,
      };
    case 'channel':
      return {
        of: sql`coalesce(origin.channel, '')`,
        join: sql`
          left join (
            select distinct on (conversion.customer_id) conversion.customer_id, credit.channel
            from conversions conversion
            join credits credit on credit.workspace_id = conversion.workspace_id
              and credit.conversion_id = conversion.id and credit.model = 'last_non_direct'
            where conversion.workspace_id = current_workspace() and conversion.kind = 'purchase'
              and conversion.customer_id is not null
            order by conversion.customer_id, conversion.occurred_at, conversion.id, credit.share desc, credit.id
          ) origin on origin.customer_id = subscription.customer_id`,
      };
    case 'country':
      return {
        of: sql`coalesce(origin.country, '')`,
        join: sql`
          left join (
            select distinct on (link.customer_id) link.customer_id, visit.country
            from identity_links link
            join visits visit on visit.workspace_id = link.workspace_id and visit.app_id = link.app_id
              and visit.visitor = link.value and visit.country is not null
            where link.workspace_id = current_workspace() and link.kind = 'visitor'
            order by link.customer_id, visit.started_at
          ) origin on origin.customer_id = subscription.customer_id`,
      };
  }
}

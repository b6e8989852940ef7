import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { payer } from '#src/measure/revenue/changes.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';
import { id, instant, money, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

const kinds = ['new', 'expansion', 'contraction', 'churn', 'reactivation'] as const;

export const movementOperations = {
  movements: operation({
    summary: 'List the changes of recurring revenue, newest first: which customer, which subscription, by how much.',
    route: 'GET /revenue/movements',
    access: 'read',
    input: z.strictObject({
      appId: id,
      from: instant.optional(),
      until: instant.optional().describe('Excluded.'),
      kind: z.enum(kinds).optional(),
      customerId: id.optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.object({
      movements: z.array(
        z.object({
          id,
          occurredAt: z.date(),
          kind: z.enum(kinds),
          amount: money,
          /** In the workspace's currency at the subscription's rate; null while it waits for one. */
          reported: money.nullable(),
          customerId: id.nullable(),
          person: z.string().nullable(),
          name: z.string().nullable(),
          /** Stands for the customer while nobody knows who they are. */
          customer: z.string(),
          subscription: z.string(),
          plan: z.string().nullable(),
          /** False: time did it, a discount or a trial ended. */
          told: z.boolean(),
        }),
      ),
    }),
    run: (context, { appId, from, until, kind, customerId, limit }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const currency = await reportingCurrency(inside);
        const { rows } = await sql<{
          id: string;
          occurredAt: Date;
          kind: (typeof kinds)[number];
          minor: string;
          currency: string;
          reported: string | null;
          customerId: string | null;
          person: string | null;
          name: string | null;
          customer: string;
          subscription: string;
          plan: string | null;
          told: boolean;
        }>`
          select movement.id, movement.occurred_at, movement.kind, movement.amount_minor::text as minor,
                 movement.currency::text as currency,
                 case when movement.reporting_currency = ${currency} then movement.reporting_minor::text end as reported,
                 movement.customer_id, customer.person, customer.name, ${payer} as customer,
                 subscription.provider_id as subscription, subscription.plan,
                 movement.payment_event_id is not null as told
          from mrr_movements movement
          join subscriptions subscription on subscription.workspace_id = movement.workspace_id
            and subscription.id = movement.subscription_id
          left join customers customer on customer.workspace_id = movement.workspace_id
            and customer.id = movement.customer_id
          where movement.workspace_id = ${inside.workspaceId} and movement.app_id = ${appId}
            and (${from ?? null}::timestamptz is null or movement.occurred_at >= ${from ?? null}::timestamptz)
            and (${until ?? null}::timestamptz is null or movement.occurred_at < ${until ?? null}::timestamptz)
            and (${kind ?? null}::text is null or movement.kind = ${kind ?? null}::text)
            and (${customerId ?? null}::uuid is null or movement.customer_id = ${customerId ?? null}::uuid)
          order by movement.occurred_at desc, movement.id
          limit ${limit}
        `.execute(inside.tx);
        return {
          movements: rows.map(({ minor, currency: own, reported, ...row }) => ({
            ...row,
            amount: { minor, currency: own },
            reported: reported === null ? null : { minor: reported, currency },
          })),
        };
      }),
  }),
};

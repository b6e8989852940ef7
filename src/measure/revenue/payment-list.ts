import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { receiptOf, receiptShown } from '#src/measure/revenue/receipt.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';
import { id, idCursor, money, operation, pageInput } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

const listed = z.object({
  id,
  /** The provider's id, or the app's own reference. */
  reference: z.string(),
  paidAt: z.date(),
  amount: money,
  /** In the workspace's currency at the rate of the day; null while it waits for a rate. */
  reported: money.nullable(),
  refunded: money,
  customerId: id.nullable(),
  person: z.string().nullable(),
  name: z.string().nullable(),
  provider: z.string(),
  source: z.string(),
  plan: z.string().nullable(),
  /** Where it came from, by last non-direct touch; null when it is unattributed or not settled yet. */
  channel: z.string().nullable(),
  postId: id.nullable(),
  postTitle: z.string().nullable(),
  attributed: z.boolean(),
});

export const paymentOperations = {
  list: operation({
    summary: 'List payments, newest first, with who paid, what brought them and what went back.',
    route: 'GET /payments',
    access: 'read',
    input: z.strictObject({ appId: id, customerId: id.optional(), ...pageInput, cursor: idCursor }),
    output: z.object({ payments: z.array(listed), cursor: z.string().nullable() }),
    run: (context, { appId, customerId, limit, cursor }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const currency = await reportingCurrency(inside);
        const { rows } = await sql<{
          id: string;
          reference: string;
          paidAt: Date;
          minor: string;
          currency: string;
          reported: string | null;
          refunded: string;
          customerId: string | null;
          person: string | null;
          name: string | null;
          provider: string;
          source: string;
          plan: string | null;
          channel: string | null;
          postId: string | null;
          postTitle: string | null;
          attributed: boolean;
        }>`
          select payment.id, payment.provider_id as reference, payment.paid_at, payment.amount_minor::text as minor,
                 payment.currency::text as currency,
                 case when payment.reporting_currency = ${currency} then payment.reporting_minor::text end as reported,
                 coalesce(back.minor, 0)::text as refunded, payment.customer_id, customer.person, customer.name,
                 source.provider, source.name as source, subscription.plan, credit.channel, credit.post_id,
                 post.title as post_title, coalesce(credit.touch_id is not null, false) as attributed
          from payments payment
          join payment_sources source on source.workspace_id = payment.workspace_id
            and source.id = payment.payment_source_id
          left join customers customer on customer.workspace_id = payment.workspace_id
            and customer.id = payment.customer_id
          left join subscriptions subscription on subscription.workspace_id = payment.workspace_id
            and subscription.id = payment.subscription_id
          left join lateral (
            select sum(case when refund.kind = 'dispute_won' then -refund.amount_minor else refund.amount_minor end) as minor
            from refunds refund
            where refund.workspace_id = payment.workspace_id and refund.payment_id = payment.id
              and refund.status = 'succeeded' and refund.currency = payment.currency
          ) back on true
          left join lateral (
            select credit.channel, credit.post_id, credit.touch_id from conversions conversion
            join credits credit on credit.workspace_id = conversion.workspace_id
              and credit.conversion_id = conversion.id and credit.model = 'last_non_direct'
            where conversion.workspace_id = payment.workspace_id and conversion.payment_id = payment.id
            order by credit.share desc limit 1
          ) credit on true
          left join posts post on post.workspace_id = payment.workspace_id and post.id = credit.post_id
          where payment.workspace_id = ${inside.workspaceId} and payment.app_id = ${appId}
            and (${customerId ?? null}::uuid is null or payment.customer_id = ${customerId ?? null}::uuid)
            and (${cursor ?? null}::uuid is null or (payment.paid_at, payment.id) < (
              select last.paid_at, last.id from payments last
              where last.workspace_id = ${inside.workspaceId} and last.id = ${cursor ?? null}::uuid))
          order by payment.paid_at desc, payment.id desc
          limit ${limit}
        `.execute(inside.tx);
        return {
          payments: rows.map(({ minor, currency: own, reported, refunded, ...row }) => ({
            ...row,
            amount: { minor, currency: own },
            reported: reported === null ? null : { minor: reported, currency },
            refunded: { minor: refunded, currency: own },
          })),
          cursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
        };
      }),
  }),
  receipt: operation({
    summary: 'Show what a payment rests on: its events, who paid, what brought them, refunds, fees and the payout.',
    route: 'GET /payments/{paymentId}',
    access: 'read',
    input: z.strictObject({ paymentId: id }),
    output: receiptShown,
    run: (context, { paymentId }) => transaction(context, (inside) => receiptOf(inside, paymentId)),
  }),
};

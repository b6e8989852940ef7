import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** A payment that may earn somebody a commission, with what is known of how its customer came. */
export type Candidate = {
  paymentId: string;
  customerId: string | null;
  paidAt: Date;
  amountMinor: string;
  taxMinor: string;
  returnedMinor: string;
  currency: string;
  /** The last visit by an affiliate's link among those the attribution counts for this payment. */
  touchId: string | null;
  touchAffiliateId: string | null;
  /** Whose code the app told: with the payment, or with a signup within the window before it. */
  codeAffiliateId: string | null;
  /** Every address known of the customer, hashed. */
  emailHashes: string[];
};

/**
 * The payments of an app whose credits or net amount changed since they were last looked at (`commission_dues`), as far
 * as they are attributed and came after its first affiliate, in order of time. "Linear" credits name every visit that
 * counts within the app's window: they are the evidence, whoever else gets a part of the credit.
 */
export async function candidatesOf({ tx, workspaceId }: Inside, appId: string): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select payment.id as "paymentId", payment.customer_id as "customerId", payment.paid_at as "paidAt",
      payment.amount_minor as "amountMinor", payment.tax_minor as "taxMinor", payment.currency,
      coalesce(back.minor, 0) as "returnedMinor",
      touch.id as "touchId", touch.affiliate_id as "touchAffiliateId", coded.id as "codeAffiliateId",
      coalesce(address.hashes, '{}') as "emailHashes"
    from commission_dues due
    join payments payment on payment.workspace_id = due.workspace_id and payment.id = due.payment_id
    join conversions conversion on conversion.workspace_id = payment.workspace_id
      and conversion.payment_id = payment.id and conversion.kind = 'purchase' and conversion.attributed_at is not null
    left join lateral (
      select sum(case refund.kind when 'dispute_won' then -refund.amount_minor else refund.amount_minor end) as minor
      from refunds refund where refund.workspace_id = payment.workspace_id and refund.payment_id = payment.id
        and refund.currency = payment.currency and refund.status = 'succeeded'
    ) back on true
    left join lateral (
      select touch.id, touch.affiliate_id from credits credit
      join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id
      where credit.workspace_id = payment.workspace_id and credit.conversion_id = conversion.id
        and credit.model = 'linear' and touch.affiliate_id is not null and touch.kind = 'arrival'
      order by touch.occurred_at desc, touch.id limit 1
    ) touch on true
    left join lateral (
      select event.props ->> 'affiliate' as code from conversions signup
      join events event on event.workspace_id = signup.workspace_id and event.id = signup.event_id
      where signup.workspace_id = payment.workspace_id and signup.customer_id = payment.customer_id
        and signup.kind in ('signup', 'trial') and event.props ->> 'affiliate' is not null
        and signup.occurred_at <= payment.paid_at
        and signup.occurred_at >= payment.paid_at - make_interval(days => coalesce((
          select settings.attribution_window_days from tracking_settings settings
          where settings.workspace_id = payment.workspace_id and settings.app_id = payment.app_id), 30))
      order by signup.occurred_at desc limit 1
    ) told on true
    left join affiliates coded on coded.workspace_id = payment.workspace_id and coded.app_id = payment.app_id
      and lower(coded.code) = lower(coalesce(payment.metadata ->> 'fanfare_affiliate', told.code))
    left join lateral (
      select array_agg(distinct link.value) as hashes from identity_links link
      where link.workspace_id = payment.workspace_id and link.customer_id = payment.customer_id
        and link.kind = 'email_hash'
    ) address on true
    where due.workspace_id = ${workspaceId} and due.app_id = ${appId} and payment.amount_minor > 0
      and payment.paid_at >= (select min(first.created_at) from affiliates first
                              where first.workspace_id = ${workspaceId} and first.app_id = ${appId})
    order by payment.paid_at, payment.id`.execute(tx);
  return rows;
}

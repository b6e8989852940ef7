import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { netOf } from '#src/measure/attribution/net.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';
import { id, money } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';

export const receiptShown = z.object({
  paymentId: id,
  appId: id,
  reference: z.string(),
  provider: z.string(),
  source: z.string(),
  paidAt: z.date(),
  amount: money,
  tax: money,
  /** In the workspace's currency, with the rate that made it and the day it was published for. */
  reported: money.extend({ rate: z.string(), day: z.string() }).nullable(),
  /** What is left for the seller after refunds, disputes and tax, before fees (docs/money.md). */
  net: money,
  subscription: z.object({ reference: z.string(), plan: z.string().nullable() }).nullable(),
  invoice: z.string().nullable(),
  /** The raw events that told of it, in the order of their own time. */
  events: z.array(
    z.object({
      id,
      reference: z.string(),
      kind: z.string(),
      occurredAt: z.date().nullable(),
      receivedAt: z.date(),
      outcome: z.string().nullable(),
    }),
  ),
  customer: z
    .object({
      id,
      person: z.string().nullable(),
      name: z.string().nullable(),
      firstSeenAt: z.date(),
      /** By what the payment, the person and their visits are known to belong together. */
      links: z.array(z.object({ kind: z.string(), grade: z.string(), linkedAt: z.date() })),
    })
    .nullable(),
  conversionId: id.nullable(),
  attributedAt: z.date().nullable(),
  /** For each model the shares of it; they sum to the amount. `touch` null: nothing is known of where it came from. */
  credits: z.array(
    z.object({
      model: z.string(),
      share: z.number(),
      amount: money,
      net: money,
      channel: z.string().nullable(),
      source: z.string().nullable(),
      postId: id.nullable(),
      postTitle: z.string().nullable(),
      grade: z.string().nullable(),
      arrivedAt: z.date().nullable(),
    }),
  ),
  refunds: z.array(
    z.object({ reference: z.string(), kind: z.string(), status: z.string(), amount: money, refundedAt: z.date() }),
  ),
  fees: z.array(z.object({ reference: z.string(), amount: money, chargedAt: z.date() })),
  /** The provider's own statement of it. */
  statement: z.array(
    z.object({
      about: z.string(),
      gross: money,
      fee: money,
      tax: money,
      net: money,
      occurredAt: z.date(),
      payout: z.string().nullable(),
      payoutStatus: z.string().nullable(),
      arrivesOn: z.string().nullable(),
    }),
  ),
});

/** Everything a payment rests on, and everything that happened to it since. Refuses one that is not there. */
export async function receiptOf(inside: Inside, paymentId: string): Promise<z.output<typeof receiptShown>> {
  const { tx } = inside;
  const payment = await tx
    .selectFrom('payments')
    .innerJoin('paymentSources', 'paymentSources.id', 'payments.paymentSourceId')
    .leftJoin('subscriptions', 'subscriptions.id', 'payments.subscriptionId')
    .selectAll('payments')
    .select(['paymentSources.provider', 'paymentSources.name as source'])
    .select(['subscriptions.providerId as subscription', 'subscriptions.plan'])
    .where('payments.id', '=', paymentId)
    .executeTakeFirst();
  if (!payment) throw notFound('payment');
  const currency = await reportingCurrency(inside);
  const own = (minor: string) => ({ minor, currency: payment.currency });
  const { reportingMinor, reportingRate, reportingDay, reportingCurrency: reportedIn } = payment;
  const conversion = await tx
    .selectFrom('conversions')
    .select(['id', 'attributedAt'])
    .where('paymentId', '=', paymentId)
    .where('kind', '=', 'purchase')
    .executeTakeFirst();
  const credits = conversion ? await creditsOf(inside, conversion.id) : [];
  const refunds = await refundsOf(inside, paymentId);
  const back = refunds
    .filter((row) => row.status === 'succeeded' && row.currency === payment.currency)
    .reduce((sum, row) => sum + BigInt(row.amountMinor) * (row.kind === 'dispute_won' ? -1n : 1n), 0n);
  return {
    paymentId,
    appId: payment.appId,
    reference: payment.providerId,
    provider: payment.provider,
    source: payment.source,
    paidAt: payment.paidAt,
    amount: own(payment.amountMinor),
    tax: own(payment.taxMinor),
    reported:
      reportingMinor !== null && reportingRate !== null && reportingDay !== null && reportedIn === currency
        ? { minor: reportingMinor, currency, rate: reportingRate, day: reportingDay }
        : null,
    net: own(String(netOf({ paid: BigInt(payment.amountMinor), tax: BigInt(payment.taxMinor), returned: back }))),
    subscription: payment.subscription === null ? null : { reference: payment.subscription, plan: payment.plan },
    invoice: payment.providerInvoiceId,
    events: await eventsOf(inside, payment),
    customer: payment.customerId === null ? null : await customerOf(inside, payment.customerId),
    conversionId: conversion?.id ?? null,
    attributedAt: conversion?.attributedAt ?? null,
    credits,
    refunds: refunds.map((row) => ({
      reference: row.providerId,
      kind: row.kind,
      status: row.status,
      amount: { minor: row.amountMinor, currency: row.currency },
      refundedAt: row.refundedAt,
    })),
    fees: await feesOf(inside, payment),
    statement: await statementOf(inside, payment),
  };
}

type Told = { paymentSourceId: string; providerId: string; providerInvoiceId: string | null };

function eventsOf({ tx }: Inside, { paymentSourceId, providerId, providerInvoiceId }: Told) {
  return tx
    .selectFrom('paymentEventSubjects')
    .innerJoin('paymentEvents', 'paymentEvents.id', 'paymentEventSubjects.paymentEventId')
    .select(['paymentEvents.id', 'providerEventId as reference', 'kind', 'occurredAt', 'receivedAt', 'outcome'])
    .distinct()
    .where('paymentEventSubjects.paymentSourceId', '=', paymentSourceId)
    .where('subject', 'in', [providerId, ...(providerInvoiceId === null ? [] : [providerInvoiceId])])
    .orderBy('occurredAt')
    .orderBy('receivedAt')
    .limit(100)
    .execute();
}

async function customerOf({ tx }: Inside, customerId: string) {
  const customer = await tx
    .selectFrom('customers')
    .select(['id', 'person', 'name', 'firstSeenAt'])
    .where('id', '=', customerId)
    .executeTakeFirstOrThrow();
  const links = await tx
    .selectFrom('identityLinks')
    .select(['kind', 'grade', 'linkedAt'])
    .where('customerId', '=', customerId)
    .orderBy('linkedAt')
    .limit(100)
    .execute();
  return { ...customer, links };
}

async function creditsOf({ tx }: Inside, conversionId: string) {
  const rows = await tx
    .selectFrom('credits')
    .leftJoin('touches', 'touches.id', 'credits.touchId')
    .leftJoin('posts', 'posts.id', 'credits.postId')
    .select(['credits.model', 'credits.share', 'credits.amountMinor', 'credits.netMinor', 'credits.currency'])
    .select(['credits.channel', 'credits.postId', 'posts.title as postTitle', 'credits.grade'])
    .select(['touches.source', 'touches.occurredAt as arrivedAt'])
    .where('conversionId', '=', conversionId)
    .orderBy('credits.model')
    .orderBy('credits.share', 'desc')
    .orderBy('credits.id')
    .execute();
  return rows.map(({ share, amountMinor, netMinor, currency, ...row }) => ({
    ...row,
    share: Number(share),
    amount: { minor: amountMinor, currency: currency ?? '' },
    net: { minor: netMinor, currency: currency ?? '' },
  }));
}

function refundsOf({ tx }: Inside, paymentId: string) {
  return tx
    .selectFrom('refunds')
    .select(['providerId', 'kind', 'status', 'amountMinor', 'currency', 'refundedAt'])
    .where('paymentId', '=', paymentId)
    .orderBy('refundedAt')
    .execute();
}

async function feesOf({ tx }: Inside, { paymentSourceId, providerId }: Told) {
  const rows = await tx
    .selectFrom('fees')
    .select(['providerId as reference', 'amountMinor', 'currency', 'chargedAt'])
    .where('paymentSourceId', '=', paymentSourceId)
    .where('providerPaymentId', '=', providerId)
    .orderBy('chargedAt')
    .execute();
  return rows.map(({ amountMinor, currency, ...row }) => ({ ...row, amount: { minor: amountMinor, currency } }));
}

async function statementOf({ tx, workspaceId }: Inside, { paymentSourceId, providerId }: Told) {
  const { rows } = await sql<{
    about: string;
    gross: string;
    fee: string;
    tax: string;
    net: string;
    currency: string;
    occurredAt: Date;
    payout: string | null;
    payoutStatus: string | null;
    arrivesOn: string | null;
  }>`
    select line.about, line.gross_minor::text as gross, line.fee_minor::text as fee, line.tax_minor::text as tax,
           line.net_minor::text as net, line.currency::text as currency, line.occurred_at,
           line.provider_payout_id as payout, payout.status as payout_status, payout.arrives_on::text as arrives_on
    from statement_lines line
    left join payouts payout on payout.workspace_id = line.workspace_id
      and payout.payment_source_id = line.payment_source_id and payout.provider_id = line.provider_payout_id
    where line.workspace_id = ${workspaceId} and line.payment_source_id = ${paymentSourceId}
      and line.provider_payment_id = ${providerId}
    order by line.occurred_at
  `.execute(tx);
  return rows.map(({ gross, fee, tax, net, currency, ...row }) => {
    const amount = (minor: string) => ({ minor, currency });
    return { ...row, gross: amount(gross), fee: amount(fee), tax: amount(tax), net: amount(net) };
  });
}

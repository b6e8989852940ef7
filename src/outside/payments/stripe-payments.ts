import type { z } from 'zod';
import { fromStripeAmount } from './currency.ts';
import {
  type DisputeFact,
  type FeeFact,
  type MoneyFact,
  type PaymentFact,
  type RefundFact,
  UnreadableEvent,
} from './payment.ts';
import * as objects from './stripe-objects.ts';
import { read, type StripeEvent } from './stripe-objects.ts';

/** A session in setup mode sells nothing and is left out. */
export function checkoutFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const session = read(objects.checkoutSession, object, event.type);
  if (session.mode === 'setup' || session.currency == null || session.amount_total == null) return [];
  return [
    {
      kind: 'checkout',
      checkoutId: session.id,
      customerId: session.customer,
      email: session.customer_details?.email ?? session.customer_email,
      clientReferenceId: session.client_reference_id,
      metadata: session.metadata,
      subscriptionId: session.subscription,
      invoiceId: session.invoice,
      paymentId: session.payment_intent,
      amount: fromStripeAmount(session.amount_total, session.currency),
      currency: session.currency,
      paid: session.payment_status !== 'unpaid',
      occurredAt: event.created,
    },
  ];
}

/**
 * The invoice, and the payments as far as it names them: the intent or charge before 2025-03-31, the list of payments
 * where it came along, the invoice itself where it was settled outside Stripe.
 */
export function invoiceFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const invoice = read(objects.invoice, object, event.type);
  const taxes = invoice.total_taxes ?? invoice.total_tax_amounts;
  const tax = invoice.tax ?? taxes?.reduce((sum, each) => sum + each.amount, 0) ?? null;
  const about = {
    invoiceId: invoice.id,
    customerId: invoice.customer,
    subscriptionId: invoice.parent ?? invoice.subscription,
    amount: fromStripeAmount(invoice.amount_paid, invoice.currency),
    tax: tax === null ? null : fromStripeAmount(tax, invoice.currency),
    currency: invoice.currency,
    metadata: invoice.metadata,
    occurredAt: invoice.status_transitions?.paid_at ?? event.created,
  };
  const inside = invoice.payment_intent ?? invoice.charge;
  const outside = invoice.paid_out_of_band === true ? invoice.amount_paid : (invoice.amount_paid_off_stripe ?? 0);
  const known: PaymentFact[] = [];
  if (inside !== null && invoice.amount_paid > 0) {
    known.push({ kind: 'payment', paymentId: inside, fee: null, ...about });
  } else if (outside > 0) {
    const amount = fromStripeAmount(outside, invoice.currency);
    known.push({ kind: 'payment', paymentId: invoice.id, fee: null, ...about, amount });
  }
  const payments = (invoice.payments?.data ?? []).flatMap((each) =>
    paymentOfInvoice(read(objects.invoicePayment, each, event.type), event).map((payment) => ({
      ...payment,
      customerId: about.customerId,
      subscriptionId: about.subscriptionId,
    })),
  );
  return [{ kind: 'invoice', ...about }, ...known, ...payments.filter((each) => each.paymentId !== inside)];
}

export function invoicePaymentFacts(object: unknown, event: StripeEvent): PaymentFact[] {
  return paymentOfInvoice(read(objects.invoicePayment, object, event.type), event);
}

function paymentOfInvoice(paid: z.output<typeof objects.invoicePayment>, event: StripeEvent): PaymentFact[] {
  const paymentId = paid.payment.payment_intent ?? paid.payment.charge;
  if (paymentId === null || paid.status !== 'paid' || paid.amount_paid == null) return [];
  return [
    {
      kind: 'payment',
      paymentId,
      customerId: null,
      subscriptionId: null,
      invoiceId: paid.invoice,
      amount: fromStripeAmount(paid.amount_paid, paid.currency),
      tax: null,
      fee: null,
      currency: paid.currency,
      occurredAt: paid.status_transitions?.paid_at ?? event.created,
      metadata: {},
    },
  ];
}

/** Money is what was captured: an authorisation that waits for its capture is none. */
export function chargeFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const charge = read(objects.charge, object, event.type);
  if (!charge.paid || !charge.captured) return [];
  const paymentId = charge.payment_intent ?? charge.id;
  const payment: PaymentFact = {
    kind: 'payment',
    paymentId,
    customerId: charge.customer,
    subscriptionId: null,
    invoiceId: charge.invoice,
    amount: fromStripeAmount(charge.amount_captured ?? charge.amount, charge.currency),
    tax: null,
    fee: null,
    currency: charge.currency,
    occurredAt: charge.created,
    metadata: charge.metadata,
  };
  const fees = charge.balance_transaction ? [feeOf(charge.balance_transaction, paymentId)] : [];
  const refunds = (charge.refunds?.data ?? []).map((refund) => refundOf(refund, paymentId));
  return [payment, ...fees, ...refunds];
}

function feeOf(transaction: z.output<typeof objects.balanceTransaction>, paymentId: string): FeeFact {
  return {
    kind: 'fee',
    feeId: transaction.id,
    paymentId,
    amount: fromStripeAmount(transaction.fee, transaction.currency),
    currency: transaction.currency,
    occurredAt: transaction.created,
  };
}

/** A refund of something that is no payment of ours (a credit balance) is left out. */
export function refundFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const refund = read(objects.refund, object, event.type);
  const paymentId = refund.payment_intent ?? refund.charge;
  return paymentId === null ? [] : [refundOf(refund, paymentId)];
}

function refundOf(refund: z.output<typeof objects.refund>, paymentId: string): RefundFact {
  const failed = refund.status === 'failed' || refund.status === 'canceled';
  return {
    kind: 'refund',
    refundId: refund.id,
    paymentId: refund.payment_intent ?? paymentId,
    amount: fromStripeAmount(refund.amount, refund.currency),
    tax: null,
    currency: refund.currency,
    status: failed ? 'failed' : refund.status === 'succeeded' ? 'succeeded' : 'pending',
    occurredAt: refund.created,
  };
}

export function disputeFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const dispute = read(objects.dispute, object, event.type);
  const paymentId = dispute.payment_intent ?? dispute.charge;
  if (paymentId === null) throw new UnreadableEvent(`Stripe's ${event.type} names neither a charge nor a payment.`);
  const fact: DisputeFact = {
    kind: 'dispute',
    disputeId: dispute.id,
    paymentId,
    amount: fromStripeAmount(dispute.amount, dispute.currency),
    tax: null,
    currency: dispute.currency,
    status: disputeStatus(dispute.status),
    reason: dispute.reason,
    occurredAt: event.created,
  };
  const fees = dispute.balance_transactions.filter((transaction) => transaction.fee !== 0);
  return [fact, ...fees.map((transaction) => feeOf(transaction, paymentId))];
}

/** Statuses as in stripe 23.1.0's types; one that is new counts as open. */
function disputeStatus(status: string): DisputeFact['status'] {
  if (status === 'won' || status === 'lost') return status;
  if (status === 'warning_closed' || status === 'prevented') return 'closed';
  return status.startsWith('warning_') ? 'warning' : 'open';
}

import type { z } from 'zod';
import { reader } from './fields.ts';
import type {
  CustomerFact,
  Discount,
  DisputeFact,
  MoneyFact,
  StatementFact,
  SubscriptionFact,
  SubscriptionItem,
} from './payment.ts';
import * as objects from './polar-objects.ts';

export type PolarEvent = { type: string; at: Date };

const read = reader('Polar');

export function customerFacts(object: unknown, event: PolarEvent): CustomerFact[] {
  const customer = read(objects.customer, object, event.type);
  return [customerOf(customer, event, event.type === 'customer.deleted')];
}

function customerOf(customer: z.output<typeof objects.customer>, event: PolarEvent, deleted = false): CustomerFact {
  return {
    kind: 'customer',
    customerId: customer.id,
    email: customer.email,
    name: customer.name,
    deleted: deleted || customer.deleted_at !== null,
    person: customer.external_id,
    aliases: [],
    metadata: customer.metadata,
    occurredAt: event.at,
  };
}

/** An order is money once it is paid; Polar works its fee out a little later and tells it with an update. */
export function orderFacts(object: unknown, event: PolarEvent): MoneyFact[] {
  const order = read(objects.order, object, event.type);
  const who = order.customer ? [customerOf(order.customer, event)] : [];
  const paid = order.paid ?? ['paid', 'refunded', 'partially_refunded'].includes(order.status);
  const amount = order.total_amount + (order.applied_balance_amount ?? 0n);
  if (!paid || amount <= 0n) return who;
  const about = { currency: order.currency, occurredAt: order.created_at };
  const fee = order.platform_fee_amount ?? 0n;
  const feeCurrency = order.platform_fee_currency ?? order.currency;
  return [
    ...who,
    {
      kind: 'payment',
      paymentId: order.id,
      customerId: order.customer_id,
      subscriptionId: order.subscription_id,
      invoiceId: null,
      amount,
      tax: order.tax_amount,
      fee: null,
      metadata: order.metadata,
      ...about,
    },
    ...(fee > 0n
      ? [
          {
            kind: 'fee' as const,
            feeId: `${order.id}:fee`,
            paymentId: order.id,
            amount: fee,
            currency: feeCurrency,
            occurredAt: order.created_at,
          },
        ]
      : []),
    ...(fee > 0n && feeCurrency === order.currency
      ? [
          lineOf(
            { lineId: `order:${order.id}`, about: 'payment', paymentId: order.id },
            amount,
            order.tax_amount,
            fee,
            about,
          ),
        ]
      : []),
  ];
}

export function refundFacts(object: unknown, event: PolarEvent): MoneyFact[] {
  const refund = read(objects.refund, object, event.type);
  const amount = refund.amount + refund.tax_amount;
  const failed = refund.status === 'failed' || refund.status === 'canceled';
  const succeeded = refund.status === 'succeeded';
  const about = { currency: refund.currency, occurredAt: refund.created_at };
  const line = { lineId: `refund:${refund.id}`, about: 'refund' as const, paymentId: refund.order_id };
  return [
    {
      kind: 'refund',
      refundId: refund.id,
      paymentId: refund.order_id,
      amount,
      tax: refund.tax_amount,
      status: failed ? 'failed' : succeeded ? 'succeeded' : 'pending',
      ...about,
    },
    succeeded ? lineOf(line, -amount, -refund.tax_amount, 0n, about) : lineOf(line, 0n, 0n, 0n, about),
  ];
}

/** Polar sends no webhook about disputes; they come with the history. */
export function disputeFacts(object: unknown, event: PolarEvent): MoneyFact[] {
  const dispute = read(objects.dispute, object, event.type);
  const tax = dispute.tax_amount ?? 0n;
  const amount = dispute.amount + tax;
  const status = disputeStatus(dispute.status);
  const gone = status === 'open' || status === 'lost';
  const about = { currency: dispute.currency, occurredAt: dispute.created_at };
  const line = { lineId: `dispute:${dispute.id}`, about: 'dispute' as const, paymentId: dispute.order_id };
  return [
    {
      kind: 'dispute',
      disputeId: dispute.id,
      paymentId: dispute.order_id,
      amount,
      tax,
      status,
      reason: null,
      ...about,
    },
    gone ? lineOf(line, -amount, -tax, 0n, about) : lineOf(line, 0n, 0n, 0n, about),
  ];
}

function disputeStatus(status: string): DisputeFact['status'] {
  if (status === 'won' || status === 'lost') return status;
  if (status === 'prevented') return 'closed';
  return status === 'early_warning' ? 'warning' : 'open';
}

function lineOf(
  line: Pick<StatementFact, 'lineId' | 'about' | 'paymentId'>,
  gross: bigint,
  tax: bigint,
  fee: bigint,
  at: { currency: string; occurredAt: Date },
): StatementFact {
  return {
    kind: 'statement',
    ...line,
    gross,
    fee,
    tax,
    net: gross - fee - tax,
    converted: null,
    payoutId: null,
    ...at,
  };
}

export function subscriptionFacts(object: unknown, event: PolarEvent): MoneyFact[] {
  const subscription = read(objects.subscription, object, event.type);
  const startedAt = subscription.started_at ?? subscription.created_at;
  const fact: SubscriptionFact = {
    kind: 'subscription',
    subscriptionId: subscription.id,
    customerId: subscription.customer_id,
    status: subscription.status,
    items: [itemOf(subscription)],
    discounts:
      isBeforeDiscount(subscription) && subscription.discount ? [discountOf(subscription.discount, subscription)] : [],
    trialEnd: subscription.trial_end,
    cancelAt: subscription.cancel_at_period_end
      ? (subscription.ends_at ?? subscription.current_period_end)
      : subscription.ends_at,
    canceledAt: subscription.canceled_at,
    endedAt: subscription.ended_at,
    currentPeriodEnd: subscription.current_period_end,
    pausedAt: subscription.status === 'paused' ? event.at : null,
    metadata: subscription.metadata,
    startedAt,
    occurredAt: event.at,
  };
  return [...(subscription.customer ? [customerOf(subscription.customer, event)] : []), fact];
}

type Subscription = z.output<typeof objects.subscription>;

/**
 * Polar's `amount` is less the discount that runs. Where the prices are all fixed they say what it was before, and the
 * discount can be told beside it; else (seats in tiers, pay what you want) the amount is told as it is, without.
 */
function isBeforeDiscount(subscription: Subscription): boolean {
  const prices = subscription.prices ?? [];
  return (
    subscription.discount != null &&
    prices.length > 0 &&
    prices.every((price) => price.amount_type === 'fixed' && price.price_amount != null)
  );
}

function itemOf(subscription: Subscription): SubscriptionItem {
  const prices = subscription.prices ?? [];
  const whole = isBeforeDiscount(subscription)
    ? prices.reduce((sum, price) => sum + (price.price_amount ?? 0n), 0n)
    : subscription.amount;
  const seats = BigInt(subscription.seats ?? 1);
  const even = whole % seats === 0n;
  return {
    itemId: subscription.id,
    priceId: prices.length === 1 && prices[0] ? prices[0].id : subscription.product_id,
    productId: subscription.product_id,
    quantity: even ? Number(seats) : 1,
    unitAmount: even ? whole / seats : whole,
    unitAmountDecimal: null,
    currency: subscription.currency,
    interval: subscription.recurring_interval,
    intervalCount: subscription.recurring_interval_count ?? 1,
    usageType: 'licensed',
    discounts: [],
  };
}

/** Polar takes a discount off the subscription when it has run out, at a renewal; so "once" ends with this period. */
function discountOf(discount: z.output<typeof objects.discount>, subscription: Subscription): Discount {
  const startsAt = subscription.started_at ?? subscription.created_at;
  const fixed = discount.type === 'fixed';
  const months = discount.duration === 'repeating' ? (discount.duration_in_months ?? null) : null;
  return {
    discountId: discount.id,
    percentOff: fixed || discount.basis_points == null ? null : String(discount.basis_points / 100),
    amountOff: fixed ? (discount.amount ?? null) : null,
    currency: fixed ? (discount.currency ?? subscription.currency) : null,
    duration: discount.duration,
    startsAt,
    endsAt:
      discount.duration === 'once' ? subscription.current_period_end : months === null ? null : later(startsAt, months),
  };
}

function later(from: Date, months: number): Date {
  const end = new Date(from);
  end.setUTCMonth(end.getUTCMonth() + months);
  return end;
}

/** A checkout that succeeded; before that it is nobody's. */
export function checkoutFacts(object: unknown, event: PolarEvent): MoneyFact[] {
  const checkout = read(objects.checkout, object, event.type);
  if (checkout.status !== 'succeeded' || checkout.total_amount == null || checkout.currency == null) return [];
  return [
    {
      kind: 'checkout',
      checkoutId: checkout.id,
      customerId: checkout.customer_id,
      email: checkout.customer_email,
      clientReferenceId: checkout.customer_external_id,
      metadata: checkout.metadata,
      subscriptionId: checkout.subscription_id,
      invoiceId: null,
      paymentId: null,
      amount: checkout.total_amount,
      currency: checkout.currency,
      paid: true,
      occurredAt: event.at,
    },
  ];
}

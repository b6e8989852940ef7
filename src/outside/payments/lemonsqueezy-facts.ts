import type { z } from 'zod';
import { fromHundredths } from './currency.ts';
import { reader } from './fields.ts';
import * as objects from './lemonsqueezy-objects.ts';
import type { CustomerFact, Interval, Metadata, MoneyFact, SubscriptionFact, SubscriptionItem } from './payment.ts';

export type LemonEvent = { type: string; id: string; at: Date; customData: Metadata; currency: string | null };

const read = reader('Lemon Squeezy');

/** The money of a first purchase, also of a subscription's: the invoice of the same is left out. */
export function orderFacts(attributes: unknown, event: LemonEvent): MoneyFact[] {
  const order = read(objects.order, attributes, event.type);
  return [customerOf(order, event), ...moneyOf(order, event, `order:${event.id}`, null)];
}

/** Renewals and changes. The first invoice is the order told once more. */
export function invoiceFacts(attributes: unknown, event: LemonEvent): MoneyFact[] {
  const invoice = read(objects.invoice, attributes, event.type);
  const who = customerOf(invoice, event);
  if (invoice.billing_reason === 'initial') return [who];
  return [who, ...moneyOf(invoice, event, `subscription_invoice:${event.id}`, invoice.subscription_id)];
}

/** Lemon Squeezy tells how much was given back so far, so all refunds of a payment are one that grows. */
function moneyOf(
  paid: z.output<typeof objects.order>,
  event: LemonEvent,
  paymentId: string,
  subscriptionId: string | null,
): MoneyFact[] {
  const inMinor = (amount: bigint) => fromHundredths(amount, paid.currency);
  if (!['paid', 'refunded', 'partial_refund'].includes(paid.status) || paid.total <= 0n) return [];
  const whole = paid.status === 'refunded' || (paid.refunded === true && paid.refunded_amount == null);
  const back = paid.refunded_amount || (whole ? paid.total : 0n);
  const facts: MoneyFact[] = [
    {
      kind: 'payment',
      paymentId,
      customerId: paid.customer_id,
      subscriptionId,
      invoiceId: null,
      amount: inMinor(paid.total),
      tax: inMinor(paid.tax),
      fee: null,
      currency: paid.currency,
      occurredAt: paid.created_at,
      metadata: event.customData,
    },
  ];
  if (back > 0n)
    facts.push({
      kind: 'refund',
      refundId: `${paymentId}:refund`,
      paymentId,
      amount: inMinor(back),
      tax: back === paid.total ? inMinor(paid.tax) : null,
      currency: paid.currency,
      status: 'succeeded',
      occurredAt: paid.refunded_at ?? event.at,
    });
  return facts;
}

export function subscriptionFacts(attributes: unknown, event: LemonEvent): MoneyFact[] {
  const subscription = read(objects.subscription, attributes, event.type);
  const { status } = subscription;
  const expired = status === 'expired';
  const cancelled = status === 'cancelled';
  const paused = status === 'paused' || subscription.pause != null;
  const running = status === 'on_trial' ? 'trialing' : cancelled ? 'active' : expired ? 'canceled' : status;
  const fact: SubscriptionFact = {
    kind: 'subscription',
    subscriptionId: event.id,
    customerId: subscription.customer_id,
    status: paused && !expired ? 'paused' : running,
    items: subscription.first_subscription_item ? [itemOf(subscription.first_subscription_item, subscription)] : [],
    discounts: [],
    trialEnd: subscription.trial_ends_at,
    cancelAt: cancelled ? subscription.ends_at : null,
    canceledAt: cancelled || expired ? event.at : null,
    endedAt: expired ? (subscription.ends_at ?? event.at) : null,
    currentPeriodEnd: subscription.renews_at,
    // When it began is not said; the first event that shows it is the closest there is.
    pausedAt: paused && !expired ? event.at : null,
    metadata: event.customData,
    startedAt: subscription.created_at,
    occurredAt: event.at,
  };
  const first: MoneyFact[] =
    subscription.order_id === null
      ? []
      : [
          {
            kind: 'belongs',
            paymentId: `order:${subscription.order_id}`,
            subscriptionId: event.id,
            occurredAt: event.at,
          },
        ];
  return [customerOf(subscription, event), fact, ...first];
}

/** A subscription names its price by id only; what it is stands in the list of prices. */
function itemOf(
  item: NonNullable<z.output<typeof objects.subscription>['first_subscription_item']>,
  subscription: z.output<typeof objects.subscription>,
): SubscriptionItem {
  return {
    itemId: item.id,
    priceId: item.price_id,
    productId: subscription.product_id,
    quantity: item.quantity ?? 1,
    unitAmount: null,
    unitAmountDecimal: null,
    currency: null,
    interval: 'month',
    intervalCount: 1,
    usageType: item.is_usage_based ? 'metered' : 'licensed',
    discounts: [],
  };
}

/** A price in tiers or packages says no amount for one piece. */
export function priceFacts(attributes: unknown, event: LemonEvent): MoneyFact[] {
  const price = read(objects.price, attributes, event.type);
  if (price.renewal_interval_unit == null || event.currency === null) return [];
  const plain = price.scheme === 'standard' && (price.package_size ?? 1) === 1;
  return [
    {
      kind: 'price',
      priceId: event.id,
      productId: null,
      unitAmount: plain && price.unit_price != null ? fromHundredths(price.unit_price, event.currency) : null,
      unitAmountDecimal: null,
      currency: event.currency,
      interval: price.renewal_interval_unit,
      intervalCount: price.renewal_interval_quantity ?? 1,
      usageType: price.usage_aggregation === null ? 'licensed' : 'metered',
      occurredAt: event.at,
    },
  ];
}

/** A discount that was used for an order, on the subscriptions that came of it. */
export function redemptionFacts(attributes: unknown, event: LemonEvent): MoneyFact[] {
  const used = read(objects.redemption, attributes, event.type);
  const percent = used.discount_amount_type === 'percent';
  const months = used.duration === 'repeating' ? (used.duration_in_months ?? 1) : null;
  const once = used.duration === 'once' && used.interval ? used.interval : null;
  const endsAt =
    months !== null
      ? after(used.created_at, 'month', months)
      : once
        ? after(used.created_at, once.unit, once.quantity)
        : null;
  return used.subscription_ids.map((subscriptionId) => ({
    kind: 'discount',
    discount: {
      discountId: `redemption:${event.id}:${subscriptionId}`,
      percentOff: percent ? String(used.discount_amount) : null,
      amountOff: percent || event.currency === null ? null : fromHundredths(used.discount_amount, event.currency),
      currency: percent ? null : event.currency,
      duration: used.duration,
      startsAt: used.created_at,
      endsAt,
    },
    subscriptionId,
    customerId: null,
    removed: false,
    occurredAt: event.at,
  }));
}

function customerOf(
  about: { customer_id: string; user_name: string | null; user_email: string | null },
  event: LemonEvent,
): CustomerFact {
  return {
    kind: 'customer',
    customerId: about.customer_id,
    email: about.user_email,
    name: about.user_name,
    deleted: false,
    person: null,
    aliases: [],
    metadata: event.customData,
    occurredAt: event.at,
  };
}

function after(from: Date, unit: Interval, count: number): Date {
  const end = new Date(from);
  if (unit === 'day') end.setUTCDate(end.getUTCDate() + count);
  if (unit === 'week') end.setUTCDate(end.getUTCDate() + 7 * count);
  if (unit === 'month') end.setUTCMonth(end.getUTCMonth() + count);
  if (unit === 'year') end.setUTCFullYear(end.getUTCFullYear() + count);
  return end;
}

import type { z } from 'zod';
import { fromStripeAmount, fromStripeDecimal } from './currency.ts';
import type { Discount, MoneyFact, SubscriptionFact, SubscriptionItem } from './payment.ts';
import * as objects from './stripe-objects.ts';
import { read, type StripeEvent } from './stripe-objects.ts';

export function customerFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const customer = read(objects.customer, object, event.type);
  return [
    {
      kind: 'customer',
      customerId: customer.id,
      email: customer.email,
      name: customer.name,
      deleted: event.type === 'customer.deleted' || customer.deleted === true,
      person: null,
      aliases: [],
      metadata: customer.metadata,
      occurredAt: event.created,
    },
  ];
}

export function subscriptionFacts(object: unknown, event: StripeEvent): SubscriptionFact[] {
  const subscription = read(objects.subscription, object, event.type);
  const periodEnds = subscription.items.data.flatMap((item) => item.current_period_end ?? []);
  const latest = periodEnds.reduce<Date | null>((end, each) => (end === null || each > end ? each : end), null);
  const currentPeriodEnd = subscription.current_period_end ?? latest;
  const legacy = subscription.discounts.length === 0 && subscription.discount ? [subscription.discount] : [];
  const paused = subscription.pause_collection != null || subscription.status === 'paused';
  return [
    {
      kind: 'subscription',
      subscriptionId: subscription.id,
      customerId: subscription.customer,
      status: subscription.status,
      items: subscription.items.data.flatMap(itemOf),
      discounts: [...subscription.discounts, ...legacy].map(discountOf),
      trialEnd: subscription.trial_end,
      cancelAt: subscription.cancel_at ?? (subscription.cancel_at_period_end ? currentPeriodEnd : null),
      canceledAt: subscription.canceled_at,
      endedAt: subscription.ended_at,
      currentPeriodEnd,
      // Stripe does not say when a pause began; the first event that shows it is the closest there is.
      pausedAt: paused ? event.created : null,
      metadata: subscription.metadata,
      startedAt: subscription.start_date,
      occurredAt: event.created,
    },
  ];
}

function itemOf(item: z.output<typeof objects.subscription>['items']['data'][number]): SubscriptionItem[] {
  const { price } = item;
  if (price.recurring == null) return [];
  const exact = price.unit_amount_decimal == null ? null : String(price.unit_amount_decimal);
  const whole = exact !== null && /^-?\d+$/.test(exact) ? Number(exact) : (price.unit_amount ?? null);
  return [
    {
      itemId: item.id,
      priceId: price.id,
      productId: price.product,
      quantity: item.quantity ?? 1,
      unitAmount: whole === null ? null : fromStripeAmount(whole, price.currency),
      unitAmountDecimal: whole === null && exact !== null ? fromStripeDecimal(exact, price.currency) : null,
      currency: price.currency,
      interval: price.recurring.interval,
      intervalCount: price.recurring.interval_count,
      usageType: price.recurring.usage_type ?? 'licensed',
      discounts: item.discounts.map(discountOf),
    },
  ];
}

export function discountFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const discount = read(objects.discount, object, event.type);
  return [
    {
      kind: 'discount',
      discount: discountOf(discount),
      subscriptionId: discount.subscription,
      customerId: discount.customer,
      removed: event.type === 'customer.discount.deleted',
      occurredAt: event.created,
    },
  ];
}

function discountOf(discount: string | z.output<typeof objects.discount>): Discount {
  const known = typeof discount === 'string' ? null : discount;
  const coupon = known?.coupon ?? known?.source?.coupon ?? null;
  const couponCurrency = coupon?.currency ?? null;
  return {
    discountId: typeof discount === 'string' ? discount : discount.id,
    percentOff: coupon?.percent_off == null ? null : String(coupon.percent_off),
    amountOff:
      coupon?.amount_off == null || couponCurrency === null
        ? null
        : fromStripeAmount(coupon.amount_off, couponCurrency),
    currency: couponCurrency,
    duration: coupon?.duration ?? null,
    startsAt: known?.start ?? null,
    endsAt: known?.end ?? null,
  };
}

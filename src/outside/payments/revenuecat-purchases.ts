import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fromDecimal, partOf } from './currency.ts';
import { currency, momentIn, text } from './fields.ts';
import type { CustomerFact, Interval, MoneyFact, PaymentFact, PriceFact, SubscriptionFact } from './payment.ts';

/** What RevenueCat says of a customer and of a purchase, and the facts in it. */

export type Told = { type: string; at: Date };
export type Purchase = z.output<typeof purchase>;

export const instant = momentIn(1);
const optionalInstant = instant.nullish().transform((value) => value ?? null);
const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const attributes = z
  .record(z.string(), z.object({ value: z.string().nullish() }))
  .nullish()
  .transform((value) =>
    Object.fromEntries(Object.entries(value ?? {}).flatMap(([key, one]) => (one.value ? [[key, one.value]] : []))),
  );

export const person = z.object({
  app_user_id: z.string(),
  original_app_user_id: text,
  aliases: list,
  subscriber_attributes: attributes,
});

export const transfer = z.object({ transferred_to: z.array(z.string()).min(1) });

export const purchase = person.extend({
  product_id: z.string(),
  period_type: text,
  purchased_at_ms: instant,
  expiration_at_ms: optionalInstant,
  grace_period_expiration_at_ms: optionalInstant,
  transaction_id: z.string(),
  original_transaction_id: text,
  is_family_share: z.boolean().nullish(),
  currency: currency.nullish().transform((value) => value ?? null),
  price_in_purchased_currency: z.number().nullish(),
  tax_percentage: z.number().nullish(),
  commission_percentage: z.number().nullish(),
  cancel_reason: text,
  expiration_reason: text,
});

/** Events with which money came in. */
export function isBought(type: string): boolean {
  return type === 'INITIAL_PURCHASE' || type === 'RENEWAL' || type === 'NON_RENEWING_PURCHASE';
}

/** Those who receive are one customer. Those who gave may be somebody else, and keep what they paid. */
export function transferFacts(about: z.output<typeof transfer>, told: Told): CustomerFact[] {
  const [customerId = '', ...aliases] = about.transferred_to;
  return [
    customerOf({ app_user_id: customerId, original_app_user_id: null, aliases, subscriber_attributes: {} }, told),
  ];
}

export function customerOf(about: z.output<typeof person>, told: Told): CustomerFact {
  const customerId = about.original_app_user_id ?? about.app_user_id;
  const all = [...new Set([about.app_user_id, ...about.aliases])];
  return {
    kind: 'customer',
    customerId,
    email: about.subscriber_attributes.$email ?? null,
    name: about.subscriber_attributes.$displayName ?? null,
    deleted: false,
    person: [...all, customerId].find((one) => !one.startsWith('$RCAnonymousID:')) ?? null,
    aliases: all.filter((one) => one !== customerId),
    metadata: about.subscriber_attributes,
    occurredAt: told.at,
  };
}

/** The money of a purchase. One of which the store tells no price or currency is none that can be counted. */
export function paymentFacts(about: Purchase, told: Told): PaymentFact[] {
  const price = priceOf(about);
  if (!isBought(told.type) || price === null || price.amount <= 0n) return [];
  const share = (part: number | null | undefined) => (part == null ? null : partOf(price.amount, part));
  return [
    {
      kind: 'payment',
      paymentId: about.transaction_id,
      customerId: about.original_app_user_id ?? about.app_user_id,
      subscriptionId: told.type === 'NON_RENEWING_PURCHASE' ? null : subscriptionIdOf(about),
      invoiceId: null,
      amount: price.amount,
      tax: share(about.tax_percentage),
      fee: share(about.commission_percentage),
      currency: price.currency,
      occurredAt: about.purchased_at_ms,
      metadata: about.subscriber_attributes,
    },
  ];
}

/** Everybody may pay another price, by country, offer and time, so each subscription has its own. */
export function priceFacts(about: Purchase, told: Told): PriceFact[] {
  const price = priceOf(about);
  if (!isBought(told.type) || price === null || about.expiration_at_ms === null || isFree(about)) return [];
  if (about.period_type === 'TRIAL') return [];
  return [
    {
      kind: 'price',
      priceId: priceIdOf(about),
      productId: about.product_id,
      unitAmount: price.amount,
      unitAmountDecimal: null,
      currency: price.currency,
      ...intervalOf(about.purchased_at_ms, about.expiration_at_ms),
      usageType: 'licensed',
      occurredAt: told.at,
    },
  ];
}

export function subscriptionFacts(about: Purchase, told: Told): SubscriptionFact[] {
  const until = about.expiration_at_ms ?? told.at;
  // The money is ours again; whether there still is a subscription is for the time it was paid for to say.
  if (told.type === 'REFUND_REVERSED' && until <= told.at) return [];
  const trial = about.period_type === 'TRIAL';
  const cancelled = told.type === 'CANCELLATION';
  const expired = told.type === 'EXPIRATION';
  const paused = expired && about.expiration_reason === 'SUBSCRIPTION_PAUSED';
  const owes = told.type === 'BILLING_ISSUE' || (cancelled && about.cancel_reason === 'BILLING_ERROR');
  const running = trial ? 'trialing' : owes ? 'past_due' : 'active';
  const fact: SubscriptionFact = {
    kind: 'subscription',
    subscriptionId: subscriptionIdOf(about),
    customerId: about.original_app_user_id ?? about.app_user_id,
    status: paused ? 'paused' : expired ? 'canceled' : running,
    items: [
      {
        itemId: about.product_id,
        priceId: priceIdOf(about),
        productId: about.product_id,
        quantity: 1,
        unitAmount: isFree(about) ? 0n : null,
        unitAmountDecimal: null,
        currency: isFree(about) ? (about.currency ?? 'USD') : null,
        interval: 'month',
        intervalCount: 1,
        usageType: 'licensed',
        discounts: [],
      },
    ],
    discounts: [],
    trialEnd: trial ? until : null,
    cancelAt: cancelled ? until : null,
    canceledAt: cancelled || (expired && !paused) ? told.at : null,
    endedAt: expired && !paused ? until : null,
    currentPeriodEnd: about.grace_period_expiration_at_ms ?? until,
    // Told ahead: a pause begins when the time that is paid for ends.
    pausedAt: paused || told.type === 'SUBSCRIPTION_PAUSED' ? until : null,
    metadata: about.subscriber_attributes,
    startedAt: about.purchased_at_ms,
    occurredAt: told.at,
  };
  return [fact];
}

/** A refund is a cancellation with a price below zero; one that was reversed counts no more. */
export function refundFacts(about: Purchase, told: Told): MoneyFact[] {
  const price = priceOf(about);
  const back = told.type === 'CANCELLATION' && price !== null && price.amount < 0n;
  if (price === null || (!back && told.type !== 'REFUND_REVERSED')) return [];
  const amount = price.amount < 0n ? -price.amount : price.amount;
  const at = { currency: price.currency, occurredAt: told.at };
  const paymentId = about.transaction_id;
  const share = about.commission_percentage;
  const tax = about.tax_percentage == null ? null : partOf(amount, about.tax_percentage);
  const status = back ? ('succeeded' as const) : ('failed' as const);
  return [
    { kind: 'refund', refundId: `${paymentId}:refund`, paymentId, amount, tax, status, ...at },
    ...(share == null
      ? []
      : [
          {
            kind: 'fee' as const,
            feeId: `${paymentId}:refund`,
            paymentId,
            amount: back ? -partOf(amount, share) : 0n,
            ...at,
          },
        ]),
  ];
}

function priceOf(about: Purchase): { amount: bigint; currency: string } | null {
  if (about.price_in_purchased_currency == null || about.currency === null) return null;
  return { amount: fromDecimal(about.price_in_purchased_currency, about.currency), currency: about.currency };
}

/** Shared in the family, or granted by the app's maker: nobody pays for it. */
function isFree(about: Purchase): boolean {
  return about.is_family_share === true || about.period_type === 'PROMOTIONAL';
}

function subscriptionIdOf(about: Purchase): string {
  return about.original_transaction_id ?? about.transaction_id;
}

function priceIdOf(about: Purchase): string {
  const owner = createHash('sha256').update(subscriptionIdOf(about)).digest('hex').slice(0, 12);
  return `${about.product_id}@${owner}`;
}

/** The billing interval behind a paid period: calendar months where it ends on such a day, else weeks or days. */
function intervalOf(from: Date, until: Date): { interval: Interval; intervalCount: number } {
  const day = 86_400_000;
  for (let months = 1; months <= 36; months++) {
    const end = new Date(from);
    end.setUTCDate(1);
    end.setUTCMonth(end.getUTCMonth() + months);
    const last = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
    end.setUTCDate(Math.min(from.getUTCDate(), last));
    if (Math.abs(end.getTime() - until.getTime()) > 1.5 * day) continue;
    return months % 12 === 0
      ? { interval: 'year', intervalCount: months / 12 }
      : { interval: 'month', intervalCount: months };
  }
  const days = Math.max(1, Math.round((until.getTime() - from.getTime()) / day));
  return days % 7 === 0 ? { interval: 'week', intervalCount: days / 7 } : { interval: 'day', intervalCount: days };
}

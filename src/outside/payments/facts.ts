/**
 * What providers tell about money, in facts that name no provider.
 *
 * Facts are partial and arrive in any order, more than once. `null` means "this event does not say", never "none":
 * keep what is known and fill in what comes later. Facts about the same thing carry the same id (`paymentId`,
 * `invoiceId`, `subscriptionId`, `refundId`, `disputeId`, `feeId`, `priceId`, `payoutId`, `lineId`), so storing a fact
 * is an upsert by that id.
 * A fact's `occurredAt` is when it happened; what orders facts about one thing is the `occurredAt` of their events
 * (`Verified`): what an older event says never overwrites what a newer one said.
 *
 * Amounts are minor units by ISO 4217 (`./currency.ts`), currencies upper-case three-letter codes.
 */

export type Metadata = Record<string, string>;

export type SubscriptionStatus =
  | 'incomplete'
  | 'incomplete_expired'
  | 'trialing'
  | 'active'
  | 'past_due'
  | 'unpaid'
  | 'paused'
  | 'canceled';

export type Interval = 'day' | 'week' | 'month' | 'year';

/** What takes something off a price. With both `percentOff` and `amountOff` null only its id is known as yet. */
export type Discount = {
  discountId: string;
  /** Percent as an exact decimal, "12.5". */
  percentOff: string | null;
  amountOff: bigint | null;
  /** Currency of `amountOff`. */
  currency: string | null;
  duration: 'forever' | 'once' | 'repeating' | null;
  startsAt: Date | null;
  endsAt: Date | null;
};

export type SubscriptionItem = {
  itemId: string;
  priceId: string;
  productId: string | null;
  quantity: number;
  /**
   * Minor units for one piece and one interval. With both amounts null the price is known only by its id as yet: a
   * `price` fact with this `priceId`, earlier or later, then says everything (amount, currency, interval, usage); where
   * none does, it is a price in tiers that the event does not carry.
   */
  unitAmount: bigint | null;
  /** The same as an exact decimal of minor units ("0.25"), set only when it is no whole number of them. */
  unitAmountDecimal: string | null;
  /** Null only with both amounts null. */
  currency: string | null;
  interval: Interval;
  intervalCount: number;
  usageType: 'licensed' | 'metered';
  discounts: Discount[];
};

export type CustomerFact = {
  kind: 'customer';
  customerId: string;
  email: string | null;
  name: string | null;
  deleted: boolean;
  /** The app's own user id, where the provider carries one beside its own (Polar, RevenueCat). */
  person: string | null;
  /** Other ids by which this provider names the same customer (RevenueCat): they all are `customerId`. */
  aliases: string[];
  metadata: Metadata;
  occurredAt: Date;
};

export type CheckoutFact = {
  kind: 'checkout';
  checkoutId: string;
  customerId: string | null;
  email: string | null;
  /** What the app handed over when it opened the checkout: the join between a visit and the money. */
  clientReferenceId: string | null;
  metadata: Metadata;
  subscriptionId: string | null;
  invoiceId: string | null;
  paymentId: string | null;
  amount: bigint;
  currency: string;
  paid: boolean;
  occurredAt: Date;
};

export type SubscriptionFact = {
  kind: 'subscription';
  subscriptionId: string;
  customerId: string;
  status: SubscriptionStatus;
  items: SubscriptionItem[];
  discounts: Discount[];
  trialEnd: Date | null;
  cancelAt: Date | null;
  canceledAt: Date | null;
  endedAt: Date | null;
  currentPeriodEnd: Date | null;
  /** Since when no money is collected (the provider's pause); null = not paused. */
  pausedAt: Date | null;
  metadata: Metadata;
  /** The earliest that was ever told is when it began: some providers tell only when the current period did. */
  startedAt: Date;
  occurredAt: Date;
};

/**
 * The content of a discount. With `subscriptionId` it runs on that subscription, whether or not the subscription's own
 * description names it; without, it is looked up by the subscriptions that name it only by id.
 */
export type DiscountFact = {
  kind: 'discount';
  discount: Discount;
  subscriptionId: string | null;
  customerId: string | null;
  removed: boolean;
  occurredAt: Date;
};

/** The content of a price that a subscription names only by id (see `SubscriptionItem.unitAmount`). */
export type PriceFact = {
  kind: 'price';
  priceId: string;
  productId: string | null;
  unitAmount: bigint | null;
  unitAmountDecimal: string | null;
  currency: string;
  interval: Interval;
  intervalCount: number;
  usageType: 'licensed' | 'metered';
  occurredAt: Date;
};

/** That a payment was for a subscription, where neither of the two says so itself. */
export type BelongsFact = { kind: 'belongs'; paymentId: string; subscriptionId: string; occurredAt: Date };

/** Money that came in. */
export type PaymentFact = {
  kind: 'payment';
  paymentId: string;
  customerId: string | null;
  subscriptionId: string | null;
  invoiceId: string | null;
  /** With tax, before fees. */
  amount: bigint;
  /** Part of `amount`. A merchant of record keeps and remits it (`PaymentProvider.merchantOfRecord`). */
  tax: bigint | null;
  /** In the payment's currency, where the provider tells it with the payment; else it comes as a `fee` fact. */
  fee: bigint | null;
  currency: string;
  occurredAt: Date;
  metadata: Metadata;
};

/**
 * What a paid invoice adds to the payments that carry its `invoiceId`: which subscription they were for and how much
 * of them was tax. It is not money of its own.
 */
export type InvoiceFact = {
  kind: 'invoice';
  invoiceId: string;
  customerId: string | null;
  subscriptionId: string | null;
  amount: bigint;
  tax: bigint | null;
  currency: string;
  metadata: Metadata;
  occurredAt: Date;
};

/**
 * Money that went back. A provider that tells only how much of a payment was given back so far has one refund per
 * payment, whose amount grows.
 */
export type RefundFact = {
  kind: 'refund';
  refundId: string;
  paymentId: string;
  /** With tax. */
  amount: bigint;
  /** Part of `amount`, where the provider says. */
  tax: bigint | null;
  currency: string;
  status: 'pending' | 'succeeded' | 'failed';
  occurredAt: Date;
};

export type DisputeFact = {
  kind: 'dispute';
  disputeId: string;
  paymentId: string;
  /** With tax. */
  amount: bigint;
  /** Part of `amount`, where the provider says. */
  tax: bigint | null;
  currency: string;
  /** `warning`: an inquiry, no money moved. `open`: the money is withheld. `closed`: ended without a verdict. */
  status: 'warning' | 'open' | 'won' | 'lost' | 'closed';
  reason: string | null;
  occurredAt: Date;
};

/** What the provider kept, in the currency of the settlement, which may differ from the payment's. */
export type FeeFact = {
  kind: 'fee';
  feeId: string;
  /** Null: a fee of the account as a whole. */
  paymentId: string | null;
  /** Negative where a fee was given back. */
  amount: bigint;
  currency: string;
  occurredAt: Date;
};

/** What went to the bank, or came back from it. */
export type PayoutFact = {
  kind: 'payout';
  payoutId: string;
  /** Signed: negative when the provider takes money from the bank account. */
  amount: bigint;
  currency: string;
  status: 'pending' | 'paid' | 'failed' | 'cancelled';
  startedAt: Date;
  /** The day it is to be in the bank, ISO date. */
  arrivesOn: string | null;
  occurredAt: Date;
};

/**
 * One line of the provider's own account with us, in the currency of that account: what the ledger is held against.
 * The lines other than payouts sum to what was earned, those of a payout to what left for the bank.
 */
export type StatementFact = {
  kind: 'statement';
  lineId: string;
  about: 'payment' | 'refund' | 'dispute' | 'fee' | 'tax' | 'payout' | 'adjustment';
  /** The payment it is about, if any: also of a refund or a dispute. */
  paymentId: string | null;
  /** Signed: what came in (positive) or went back, before anything was kept. */
  gross: bigint;
  /** Kept by the provider as its fee, positive; negative where it gave some back. */
  fee: bigint;
  /** Kept by the provider to be remitted, positive; 0 where the tax is ours to pay. */
  tax: bigint;
  /** By how much the line moved the account: gross - fee - tax. */
  net: bigint;
  currency: string;
  /** What the customer's side of it was, where the account has another currency. `rate`: one of theirs in ours. */
  converted: { amount: bigint; currency: string; rate: string } | null;
  /** The payout it was or will be part of, where the provider says. */
  payoutId: string | null;
  occurredAt: Date;
};

export type MoneyFact =
  | CustomerFact
  | CheckoutFact
  | SubscriptionFact
  | DiscountFact
  | PriceFact
  | BelongsFact
  | PaymentFact
  | InvoiceFact
  | RefundFact
  | DisputeFact
  | FeeFact
  | PayoutFact
  | StatementFact;

/**
 * What a payment provider is to the rest of the program. An adapter is a leaf: it verifies what a provider sent and
 * translates it into facts that name no provider; it knows no database, no settings, no context.
 *
 * Facts are partial and arrive in any order, more than once. `null` means "this event does not say", never "none":
 * keep what is known and fill in what comes later. Facts about the same thing carry the same id (`paymentId`,
 * `invoiceId`, `subscriptionId`, `refundId`, `disputeId`, `feeId`), so storing a fact is an upsert by that id.
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
  /** Minor units for one piece and one interval; null where the price is in tiers the event does not carry. */
  unitAmount: bigint | null;
  /** The same as an exact decimal of minor units ("0.25"), set only when it is no whole number of them. */
  unitAmountDecimal: string | null;
  currency: string;
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
  startedAt: Date;
  occurredAt: Date;
};

/** The content of a discount that a subscription names only by id. */
export type DiscountFact = {
  kind: 'discount';
  discount: Discount;
  subscriptionId: string | null;
  customerId: string | null;
  removed: boolean;
  occurredAt: Date;
};

/** Money that came in. */
export type PaymentFact = {
  kind: 'payment';
  paymentId: string;
  customerId: string | null;
  subscriptionId: string | null;
  invoiceId: string | null;
  /** With tax, before fees. */
  amount: bigint;
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

export type RefundFact = {
  kind: 'refund';
  refundId: string;
  paymentId: string;
  amount: bigint;
  currency: string;
  status: 'pending' | 'succeeded' | 'failed';
  occurredAt: Date;
};

export type DisputeFact = {
  kind: 'dispute';
  disputeId: string;
  paymentId: string;
  amount: bigint;
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
  paymentId: string;
  amount: bigint;
  currency: string;
  occurredAt: Date;
};

export type MoneyFact =
  | CustomerFact
  | CheckoutFact
  | SubscriptionFact
  | DiscountFact
  | PaymentFact
  | InvoiceFact
  | RefundFact
  | DisputeFact
  | FeeFact;

export type Verified = {
  ok: true;
  /** The provider's id of this event: the deduplication key. */
  eventId: string;
  type: string;
  occurredAt: Date;
  livemode: boolean;
  /** The parsed body, to be stored raw and handed to `translate`. */
  event: unknown;
};

/** Why a webhook was turned away. `message` is for the person who set the webhook up; it carries no secret. */
export type Refused = { ok: false; reason: 'bad_signature' | 'too_old' | 'malformed'; message: string };

export type WebhookRequest = { body: Uint8Array; headers: Headers; secret: string; now: Date };

export type PaymentProvider = {
  id: string;
  name: string;
  /** The events to switch on where the provider asks for a list. */
  eventTypes: readonly string[];
  verify(request: WebhookRequest): Promise<Verified | Refused>;
  /**
   * The facts in a verified event; none for an event that says nothing about money. Throws `UnreadableEvent` when an
   * event of a known type lacks what it must have: keep it raw and replay it after an update.
   */
  translate(event: unknown): MoneyFact[];
};

export class UnreadableEvent extends Error {
  override name = 'UnreadableEvent';
}

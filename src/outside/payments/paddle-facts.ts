import type { z } from 'zod';
import { reader } from './fields.ts';
import * as objects from './paddle-objects.ts';
import type {
  Discount,
  DisputeFact,
  MoneyFact,
  PayoutFact,
  RefundFact,
  StatementFact,
  SubscriptionFact,
  SubscriptionItem,
} from './payment.ts';

export type PaddleEvent = { type: string; at: Date };

const read = reader('Paddle');

export function customerFacts(object: unknown, event: PaddleEvent): MoneyFact[] {
  const customer = read(objects.customer, object, event.type);
  return [
    {
      kind: 'customer',
      customerId: customer.id,
      email: customer.email,
      name: customer.name,
      deleted: false,
      person: null,
      aliases: [],
      metadata: customer.custom_data,
      occurredAt: event.at,
    },
  ];
}

/** A discount as it is defined. From when to when it runs is said by each subscription. */
export function discountFacts(object: unknown, event: PaddleEvent): MoneyFact[] {
  const discount = read(objects.discount, object, event.type);
  const flat = discount.type === 'flat';
  const repeats = discount.maximum_recurring_intervals == null ? 'forever' : 'repeating';
  return [
    {
      kind: 'discount',
      discount: {
        discountId: discount.id,
        percentOff: discount.type === 'percentage' ? discount.amount : null,
        amountOff: flat ? BigInt(discount.amount) : null,
        currency: flat ? (discount.currency_code ?? null) : null,
        duration: discount.recur ? repeats : 'once',
        startsAt: null,
        endsAt: null,
      },
      subscriptionId: null,
      customerId: null,
      removed: false,
      occurredAt: event.at,
    },
  ];
}

/** A transaction is money once it is paid; fee and earnings are known once it is completed. */
export function transactionFacts(object: unknown, event: PaddleEvent): MoneyFact[] {
  const transaction = read(objects.transaction, object, event.type);
  const { totals, payout_totals: payout } = transaction.details;
  const amount = totals.grand_total ?? totals.total;
  if ((transaction.status !== 'paid' && transaction.status !== 'completed') || amount <= 0n) return [];
  const captured = (transaction.payments ?? []).flatMap((one) =>
    one.status === 'captured' ? (one.captured_at ?? []) : [],
  );
  const occurredAt = captured[0] ?? transaction.billed_at ?? transaction.created_at;
  const facts: MoneyFact[] = [
    {
      kind: 'payment',
      paymentId: transaction.id,
      customerId: transaction.customer_id,
      subscriptionId: transaction.subscription_id,
      invoiceId: null,
      amount,
      tax: totals.tax,
      fee: totals.fee ?? null,
      currency: transaction.currency_code,
      occurredAt,
      metadata: transaction.custom_data,
    },
  ];
  if (payout)
    facts.push(
      lineOf(
        { lineId: `transaction:${transaction.id}`, about: 'payment', paymentId: transaction.id, occurredAt },
        1n,
        payout,
        {
          amount,
          currency: transaction.currency_code,
        },
      ),
    );
  return facts;
}

/**
 * What happened to a transaction after it was billed. A credit lowers a later bill and moves no money, a warning of a
 * chargeback neither. A chargeback and its reversal are two adjustments and one dispute.
 */
export function adjustmentFacts(object: unknown, event: PaddleEvent): MoneyFact[] {
  const adjustment = read(objects.adjustment, object, event.type);
  const { action, totals, transaction_id: paymentId } = adjustment;
  const kind = /^chargeback/.test(action) ? 'dispute' : action === 'refund' ? 'refund' : null;
  if (kind === null) return [];
  const back = /_reverse$/.test(action);
  const moves = !/_warning/.test(action);
  const counts = moves && adjustment.status === 'approved';
  const about = { paymentId, amount: totals.total, tax: totals.tax, currency: totals.currency_code };
  const at = { paymentId, occurredAt: adjustment.created_at };
  const effect: RefundFact | DisputeFact =
    kind === 'refund'
      ? {
          kind,
          refundId: adjustment.id,
          ...about,
          status: statusOf(adjustment.status),
          occurredAt: adjustment.created_at,
        }
      : {
          kind,
          disputeId: `${paymentId}:${moves ? 'chargeback' : 'chargeback_warning'}`,
          ...about,
          status: moves ? (back ? 'won' : 'open') : back ? 'closed' : 'warning',
          reason: adjustment.reason,
          occurredAt: adjustment.created_at,
        };
  const facts: MoneyFact[] = [effect];
  const sign = back ? 1n : -1n;
  // What Paddle's fee was of the part that went back; its earnings fields say what was ours.
  const fee = counts && totals.earnings != null ? sign * (totals.total - totals.tax - totals.earnings) : 0n;
  facts.push({ kind: 'fee', feeId: adjustment.id, amount: fee, currency: totals.currency_code, ...at });
  const payout = adjustment.payout_totals;
  if (!payout || !moves) return facts;
  const extra = payout.chargeback_fee?.amount ?? 0n;
  if (extra > 0n)
    facts.push({
      kind: 'fee',
      feeId: `${adjustment.id}:chargeback`,
      amount: counts ? extra : 0n,
      currency: payout.currency_code,
      ...at,
    });
  facts.push(
    lineOf(
      { lineId: `adjustment:${adjustment.id}`, about: kind, paymentId, occurredAt: adjustment.created_at },
      counts ? sign : 0n,
      payout,
      { amount: totals.total, currency: totals.currency_code },
      counts ? extra : 0n,
    ),
  );
  return facts;
}

function statusOf(status: string): RefundFact['status'] {
  if (status === 'approved') return 'succeeded';
  return status === 'pending_approval' ? 'pending' : 'failed';
}

/**
 * A line of our balance with Paddle. Its `earnings` are what moved; the fee is what makes up the rest, so that the line
 * holds whatever Paddle counts among its fees.
 */
function lineOf(
  line: Pick<StatementFact, 'lineId' | 'about' | 'paymentId' | 'occurredAt'>,
  sign: bigint,
  payout: z.output<typeof objects.transaction>['details']['payout_totals'] & object,
  paid: { amount: bigint; currency: string },
  extraFee = 0n,
): StatementFact {
  const gross = sign * (payout.grand_total ?? payout.total);
  const tax = sign * payout.tax;
  const net = sign * payout.earnings - extraFee;
  const converted = payout.currency_code !== paid.currency && payout.exchange_rate != null;
  return {
    kind: 'statement',
    ...line,
    gross,
    tax,
    net,
    fee: gross - tax - net,
    currency: payout.currency_code,
    converted: converted
      ? { amount: sign * paid.amount, currency: paid.currency, rate: payout.exchange_rate ?? '1' }
      : null,
    payoutId: null,
  };
}

export function subscriptionFacts(object: unknown, event: PaddleEvent): MoneyFact[] {
  const subscription = read(objects.subscription, object, event.type);
  const change = subscription.scheduled_change;
  const planned = (action: string) => (change?.action === action ? change.effective_at : null);
  const trials = subscription.items.flatMap((item) => item.trial_dates?.ends_at ?? []);
  const fact: SubscriptionFact = {
    kind: 'subscription',
    subscriptionId: subscription.id,
    customerId: subscription.customer_id,
    status: subscription.status,
    items: subscription.items.flatMap(itemOf),
    discounts: subscription.discount ? [discountOf(subscription.discount)] : [],
    trialEnd:
      subscription.status === 'trialing'
        ? trials.reduce<Date | null>((end, each) => (end === null || each > end ? each : end), null)
        : null,
    cancelAt: planned('cancel'),
    canceledAt: subscription.canceled_at ?? (planned('cancel') ? event.at : null),
    endedAt: subscription.status === 'canceled' ? (subscription.canceled_at ?? event.at) : null,
    currentPeriodEnd: subscription.current_billing_period?.ends_at ?? null,
    pausedAt: subscription.status === 'paused' ? (subscription.paused_at ?? event.at) : planned('pause'),
    metadata: subscription.custom_data,
    startedAt: subscription.started_at ?? subscription.created_at,
    occurredAt: event.at,
  };
  return [fact];
}

/** What is billed once is no recurring revenue. */
function itemOf(item: z.output<typeof objects.subscription>['items'][number]): SubscriptionItem[] {
  const { price } = item;
  if (item.recurring === false || price.billing_cycle == null) return [];
  return [
    {
      itemId: price.id,
      priceId: price.id,
      productId: price.product_id,
      quantity: item.quantity,
      unitAmount: price.unit_price.amount,
      unitAmountDecimal: null,
      currency: price.unit_price.currency_code,
      interval: price.billing_cycle.interval,
      intervalCount: price.billing_cycle.frequency,
      usageType: 'licensed',
      discounts: [],
    },
  ];
}

function discountOf(discount: { id: string; starts_at: Date | null; ends_at: Date | null }): Discount {
  return {
    discountId: discount.id,
    percentOff: null,
    amountOff: null,
    currency: null,
    duration: null,
    startsAt: discount.starts_at,
    endsAt: discount.ends_at,
  };
}

/** Paddle tells that a payout was made ready and that it was sent. */
export function payoutFacts(object: unknown, event: PaddleEvent): MoneyFact[] {
  const payout = read(objects.payout, object, event.type);
  const paid = payout.status === 'paid';
  const at = { currency: payout.currency_code, occurredAt: event.at };
  const fact: PayoutFact = {
    kind: 'payout',
    payoutId: payout.id,
    amount: payout.amount,
    status: paid ? 'paid' : 'pending',
    startedAt: event.at,
    arrivesOn: paid ? event.at.toISOString().slice(0, 10) : null,
    ...at,
  };
  const line: StatementFact = {
    kind: 'statement',
    lineId: `payout:${payout.id}`,
    about: 'payout',
    paymentId: null,
    gross: -payout.amount,
    fee: 0n,
    tax: 0n,
    net: -payout.amount,
    converted: null,
    payoutId: payout.id,
    ...at,
  };
  return paid ? [fact, line] : [fact];
}

import type { z } from 'zod';
import { fromStripeAmount } from './currency.ts';
import type { FeeFact, MoneyFact, PayoutFact, StatementFact } from './payment.ts';
import * as objects from './stripe-objects.ts';
import { read, type StripeEvent } from './stripe-objects.ts';

type Line = z.output<typeof objects.balanceLine>;

/**
 * A line of Stripe's own account with us: https://docs.stripe.com/reports/balance-transaction-types. Its fee is the fee
 * of the payment, under the same id under which a charge or a dispute tells it.
 */
export function balanceFacts(object: unknown, event: StripeEvent): MoneyFact[] {
  const line = read(objects.balanceLine, object, event.type);
  const inMinor = (amount: number) => fromStripeAmount(amount, line.currency);
  const about = aboutOf(line);
  const source = line.source == null || typeof line.source === 'string' ? null : line.source;
  const paymentId = paymentOf(source);
  // A fee of the account as a whole stands in `amount`: nothing came in, and all of it was kept.
  const whole = about === 'fee';
  const fact: StatementFact = {
    kind: 'statement',
    lineId: line.id,
    about,
    paymentId,
    gross: whole ? 0n : inMinor(line.amount),
    fee: inMinor(whole ? -line.net : line.fee),
    tax: 0n,
    net: inMinor(line.net),
    currency: line.currency,
    converted: convertedOf(line, source),
    payoutId: about === 'payout' && source?.object === 'payout' ? source.id : null,
    occurredAt: line.created,
  };
  if (fact.fee === 0n || about === 'payout') return [fact];
  const fee: FeeFact = {
    kind: 'fee',
    feeId: line.id,
    paymentId,
    amount: fact.fee,
    currency: line.currency,
    occurredAt: line.created,
  };
  return [fact, fee];
}

/** By the reporting category, Stripe's own grouping of the many types. */
function aboutOf({ type, reporting_category: category }: Line): StatementFact['about'] {
  const name = category ?? type;
  if (['charge', 'payment', 'charge_failure', 'payment_failure_refund'].includes(name)) return 'payment';
  if (['refund', 'payment_refund', 'refund_failure', 'partial_capture_reversal'].includes(name)) return 'refund';
  if (['dispute', 'dispute_reversal'].includes(name)) return 'dispute';
  if (['fee', 'network_cost', 'stripe_fee', 'stripe_fx_fee'].includes(name)) return 'fee';
  if (['tax', 'tax_fee'].includes(name)) return 'fee';
  return ['payout', 'payout_reversal', 'payout_failure', 'payout_cancel'].includes(name) ? 'payout' : 'adjustment';
}

type Source = Exclude<Line['source'], string | null | undefined> | null;

/** The id under which charges are known: their payment intent, or themselves. */
function paymentOf(source: Source): string | null {
  if (source === null) return null;
  if (source.object === 'charge') return source.payment_intent ?? source.id;
  return source.payment_intent ?? source.charge;
}

function convertedOf(line: Line, source: Source): StatementFact['converted'] {
  if (line.exchange_rate == null || source?.amount == null || source.currency == null) return null;
  if (source.currency === line.currency) return null;
  const amount = fromStripeAmount(source.amount, source.currency);
  return { amount: line.amount < 0 ? -amount : amount, currency: source.currency, rate: String(line.exchange_rate) };
}

export function payoutFacts(object: unknown, event: StripeEvent): PayoutFact[] {
  const payout = read(objects.payout, object, event.type);
  return [
    {
      kind: 'payout',
      payoutId: payout.id,
      amount: fromStripeAmount(payout.amount, payout.currency),
      currency: payout.currency,
      status: payoutStatus(payout.status),
      startedAt: payout.created,
      arrivesOn: payout.arrival_date?.toISOString().slice(0, 10) ?? null,
      occurredAt: event.created,
    },
  ];
}

function payoutStatus(status: string): PayoutFact['status'] {
  if (status === 'paid' || status === 'failed') return status;
  return status === 'canceled' ? 'cancelled' : 'pending';
}

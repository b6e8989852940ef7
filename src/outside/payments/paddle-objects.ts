import { z } from 'zod';
import { currency, isoInstant, metadata, minorText, optionalIsoInstant, text } from './fields.ts';

/**
 * The parts of Paddle Billing's objects that become facts: https://developer.paddle.com/api-reference and the types of
 * its own client (PaddleHQ/paddle-node-sdk on GitHub), read 2026-11-22. Amounts are text in the currency's lowest
 * denomination.
 */

export const customer = z.object({ id: z.string(), email: text, name: text, status: text, custom_data: metadata });

const interval = z.enum(['day', 'week', 'month', 'year']);
const cycle = z.object({ interval, frequency: z.int().positive() });

export const discount = z.object({
  id: z.string(),
  type: z.enum(['flat', 'flat_per_seat', 'percentage']),
  /** Percent as a decimal, or minor units. */
  amount: z.string(),
  currency_code: currency.nullish(),
  recur: z.boolean(),
  maximum_recurring_intervals: z.int().nullish(),
});

const totals = z.object({
  tax: minorText,
  total: minorText,
  grand_total: minorText.nullish(),
  fee: minorText.nullish(),
  earnings: minorText.nullish(),
  currency_code: currency,
});

/** What lands in our balance. `earnings` is what is left after tax and fee. */
const payoutTotals = z.object({
  tax: minorText,
  total: minorText,
  grand_total: minorText.nullish(),
  earnings: minorText,
  currency_code: currency,
  exchange_rate: z.string().nullish(),
  chargeback_fee: z.object({ amount: minorText }).nullish(),
});

export const transaction = z.object({
  id: z.string(),
  status: z.string(),
  customer_id: text,
  subscription_id: text,
  currency_code: currency,
  custom_data: metadata,
  created_at: isoInstant,
  updated_at: isoInstant,
  billed_at: optionalIsoInstant,
  details: z.object({ totals, payout_totals: payoutTotals.nullish() }),
  payments: z.array(z.object({ status: z.string(), captured_at: optionalIsoInstant })).nullish(),
});

export const adjustment = z.object({
  id: z.string(),
  action: z.string(),
  transaction_id: z.string(),
  reason: text,
  status: z.string(),
  currency_code: currency,
  totals,
  payout_totals: payoutTotals.nullish(),
  created_at: isoInstant,
  updated_at: isoInstant.nullish(),
});

const price = z.object({
  id: z.string(),
  product_id: text,
  unit_price: z.object({ amount: minorText, currency_code: currency }),
  billing_cycle: cycle.nullish(),
});

export const subscription = z.object({
  id: z.string(),
  status: z.enum(['active', 'canceled', 'past_due', 'paused', 'trialing']),
  customer_id: z.string(),
  created_at: isoInstant,
  updated_at: isoInstant,
  started_at: optionalIsoInstant,
  paused_at: optionalIsoInstant,
  canceled_at: optionalIsoInstant,
  discount: z.object({ id: z.string(), starts_at: optionalIsoInstant, ends_at: optionalIsoInstant }).nullish(),
  current_billing_period: z.object({ ends_at: isoInstant }).nullish(),
  scheduled_change: z.object({ action: z.string(), effective_at: isoInstant }).nullish(),
  items: z.array(
    z.object({
      quantity: z.int().nonnegative(),
      recurring: z.boolean().nullish(),
      status: text,
      price,
      trial_dates: z.object({ ends_at: isoInstant }).nullish(),
    }),
  ),
  custom_data: metadata,
});

export const payout = z.object({ id: z.string(), status: z.string(), amount: minorText, currency_code: currency });

export const envelope = z.object({
  event_id: z.string(),
  event_type: z.string(),
  occurred_at: isoInstant,
  data: z.record(z.string(), z.unknown()),
});

/** A page of a list. */
export const list = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      status: z.string().nullish(),
      created_at: isoInstant,
      updated_at: isoInstant.nullish(),
    }),
  ),
  meta: z.object({ pagination: z.object({ next: z.string().nullish(), has_more: z.boolean() }) }),
});

import { z } from 'zod';
import { currency, isoInstant, metadata, minor, optionalIsoInstant, text } from './fields.ts';

/**
 * The parts of Polar's objects that become facts. By its API schemas (polarsource/polar and polar-js on GitHub, read
 * 2026-11-22). "Cents" are taken for minor units of the currency.
 */

export const customer = z.object({
  id: z.string(),
  external_id: text,
  email: text,
  name: text,
  deleted_at: optionalIsoInstant,
  metadata,
});

const duration = z.enum(['once', 'forever', 'repeating']);

export const discount = z.object({
  id: z.string(),
  type: z.enum(['fixed', 'percentage']),
  basis_points: z.int().nullish(),
  amount: minor.nullish(),
  currency: currency.nullish(),
  duration,
  duration_in_months: z.int().nullish(),
});

export const order = z.object({
  id: z.string(),
  created_at: isoInstant,
  modified_at: optionalIsoInstant,
  status: z.string(),
  paid: z.boolean().nullish(),
  total_amount: minor,
  tax_amount: minor,
  applied_balance_amount: minor.nullish(),
  platform_fee_amount: minor.nullish(),
  platform_fee_currency: currency.nullish(),
  currency,
  customer_id: z.string(),
  customer: customer.nullish(),
  subscription_id: text,
  metadata,
});

const price = z.object({
  id: z.string(),
  amount_type: text,
  price_amount: minor.nullish(),
});

export const subscription = z.object({
  id: z.string(),
  created_at: isoInstant,
  modified_at: optionalIsoInstant,
  /** Per interval, less the discount that is running. */
  amount: minor,
  currency,
  recurring_interval: z.enum(['day', 'week', 'month', 'year']),
  recurring_interval_count: z.int().positive().nullish(),
  status: z.enum([
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'past_due',
    'canceled',
    'unpaid',
    'paused',
  ]),
  current_period_end: optionalIsoInstant,
  trial_end: optionalIsoInstant,
  cancel_at_period_end: z.boolean().nullish(),
  canceled_at: optionalIsoInstant,
  started_at: optionalIsoInstant,
  ends_at: optionalIsoInstant,
  ended_at: optionalIsoInstant,
  customer_id: z.string(),
  customer: customer.nullish(),
  product_id: z.string(),
  seats: z.int().positive().nullish(),
  discount: discount.nullish(),
  prices: z.array(price).nullish(),
  metadata,
});

export const refund = z.object({
  id: z.string(),
  created_at: isoInstant,
  modified_at: optionalIsoInstant,
  status: z.string(),
  /** Without tax. */
  amount: minor,
  tax_amount: minor,
  currency,
  order_id: z.string(),
});

export const dispute = z.object({
  id: z.string(),
  created_at: isoInstant,
  modified_at: optionalIsoInstant,
  status: z.string(),
  amount: minor,
  tax_amount: minor.nullish(),
  currency,
  order_id: z.string(),
});

export const checkout = z.object({
  id: z.string(),
  status: z.string(),
  customer_id: text,
  customer_email: text,
  customer_external_id: text,
  subscription_id: text,
  total_amount: minor.nullish(),
  currency: currency.nullish(),
  metadata,
});

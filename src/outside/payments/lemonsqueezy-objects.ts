import { z } from 'zod';
import { currency, id, isoInstant, metadata, minor, optionalId, optionalIsoInstant, text } from './fields.ts';

/**
 * The parts of Lemon Squeezy's objects (JSON:API) that become facts. By the types of its own client
 * (lmsqueezy/lemonsqueezy.js 4.0.0 on GitHub, read 2026-11-22).
 */

const described = { created_at: isoInstant, updated_at: isoInstant, test_mode: z.boolean().nullish() };

export const envelope = z.object({
  meta: z.object({
    event_name: z.string(),
    custom_data: metadata,
    test_mode: z.boolean().nullish(),
    /** Set in the history only: the currency of the store. */
    currency: currency.nullish(),
  }),
  data: z.object({
    id,
    type: z.string(),
    attributes: z.looseObject({
      created_at: isoInstant,
      updated_at: isoInstant.nullish(),
      test_mode: z.boolean().nullish(),
    }),
  }),
});

const paid = {
  ...described,
  customer_id: id,
  user_name: text,
  user_email: text,
  currency,
  status: z.string(),
  total: minor,
  tax: minor,
  refunded: z.boolean().nullish(),
  refunded_at: optionalIsoInstant,
  refunded_amount: minor.nullish(),
};

export const order = z.object(paid);

export const invoice = z.object({ ...paid, subscription_id: id, billing_reason: z.string() });

const item = z.object({
  id,
  price_id: id,
  quantity: z.int().nonnegative().nullish(),
  is_usage_based: z.boolean().nullish(),
});

export const subscription = z.object({
  ...described,
  customer_id: id,
  order_id: optionalId,
  product_id: optionalId,
  variant_id: optionalId,
  user_name: text,
  user_email: text,
  status: z.enum(['on_trial', 'active', 'paused', 'past_due', 'unpaid', 'cancelled', 'expired']),
  pause: z.object({ mode: z.string() }).nullish(),
  trial_ends_at: optionalIsoInstant,
  first_subscription_item: item.nullish(),
  renews_at: optionalIsoInstant,
  ends_at: optionalIsoInstant,
});

const unit = z.enum(['day', 'week', 'month', 'year']);

export const price = z.object({
  created_at: isoInstant,
  updated_at: isoInstant,
  variant_id: optionalId,
  scheme: z.string(),
  usage_aggregation: text,
  unit_price: minor.nullish(),
  unit_price_decimal: text,
  package_size: z.int().nullish(),
  renewal_interval_unit: unit.nullish(),
  renewal_interval_quantity: z.int().positive().nullish(),
});

/** With what the history lays beside it. */
export const redemption = z.object({
  created_at: isoInstant,
  updated_at: isoInstant,
  order_id: id,
  discount_amount: minor,
  discount_amount_type: z.enum(['percent', 'fixed']),
  duration: z.enum(['once', 'repeating', 'forever']),
  duration_in_months: z.int().nullish(),
  subscription_ids: z.array(id),
  interval: z.object({ unit, quantity: z.int().positive() }).nullish(),
});

/** A page of a list. `included` is what was asked for beside it. */
const resource = z.object({ id, type: z.string(), attributes: z.record(z.string(), z.unknown()) });
export const list = z.object({
  data: z.array(resource.extend({ relationships: z.record(z.string(), z.unknown()).nullish() })),
  included: z.array(resource).nullish(),
  meta: z.object({ page: z.object({ currentPage: z.int(), lastPage: z.int() }) }).nullish(),
});
export const one = z.object({ data: resource, included: z.array(resource).nullish() });
export type Resource = z.output<typeof resource>;

import { z } from 'zod';
import { momentIn } from './fields.ts';
import { UnreadableEvent } from './payment.ts';

/**
 * The parts of Stripe's objects that become facts, parsed narrowly: unknown fields are ignored, and what moved between
 * API versions is read from both places. Today's shapes are those of stripe 23.1.0's types (API 2026-10-28.endive). The
 * older places: since 2025-03-31 (basil) an invoice no longer has `subscription`, `charge`, `payment_intent`, and
 * periods stand on the items; later `discount.coupon` became `discount.source.coupon`.
 */

export type StripeEvent = { type: string; created: Date };

/** Parses, or says in words what is missing. `what` is the event's type. */
export function read<T extends z.ZodType>(schema: T, object: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(object);
  if (parsed.success) return parsed.data;
  throw new UnreadableEvent(
    `Stripe's ${what} is not as its documentation describes it: ${z.prettifyError(parsed.error)}`,
  );
}

/** An expandable reference: an id or the object with that id. */
const reference = z
  .union([z.string(), z.object({ id: z.string() })])
  .nullish()
  .transform((value) => (typeof value === 'string' ? value : (value?.id ?? null)));

/** The object behind an expandable reference when it came expanded, else null. */
function expanded<T extends z.ZodType>(schema: T) {
  return z
    .union([schema, z.string()])
    .nullish()
    .transform((value) => (value == null || typeof value === 'string' ? null : (value as z.output<T>)));
}

const instant = momentIn(1000);
const optionalInstant = instant.nullish().transform((value) => value ?? null);
const amount = z.number().int();
const currency = z.string().transform((code) => code.toUpperCase());
const metadata = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

export const envelope = z.object({
  id: z.string(),
  object: z.literal('event'),
  type: z.string(),
  created: instant,
  livemode: z.boolean(),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});

export const customer = z.object({
  id: z.string(),
  email: text,
  name: text,
  deleted: z.boolean().optional(),
  metadata,
});

export const checkoutSession = z.object({
  id: z.string(),
  mode: z.string(),
  customer: reference,
  customer_email: text,
  customer_details: z.object({ email: text }).nullish(),
  client_reference_id: text,
  metadata,
  subscription: reference,
  invoice: reference,
  payment_intent: reference,
  amount_total: amount.nullish(),
  currency: currency.nullish(),
  payment_status: z.string(),
});

const coupon = z.object({
  percent_off: z.number().nullish(),
  amount_off: amount.nullish(),
  currency: currency.nullish(),
  duration: z.enum(['forever', 'once', 'repeating']).nullish(),
});

export const discount = z.object({
  id: z.string(),
  coupon: expanded(coupon),
  source: z.object({ coupon: expanded(coupon) }).nullish(),
  start: optionalInstant,
  end: optionalInstant,
  subscription: text,
  customer: reference,
});

/** `discounts` is a list of ids or objects; versions before 2025-03-31 have one `discount` object beside it. */
const discounts = z
  .array(z.union([z.string(), discount]))
  .nullish()
  .transform((value) => value ?? []);

const price = z.object({
  id: z.string(),
  product: reference,
  currency,
  unit_amount: amount.nullish(),
  unit_amount_decimal: z.union([z.string(), z.number()]).nullish(),
  recurring: z
    .object({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: z.number().int().positive(),
      usage_type: z.enum(['licensed', 'metered']).nullish(),
    })
    .nullish(),
});

export const subscription = z.object({
  id: z.string(),
  customer: reference.pipe(z.string()),
  status: z.enum([
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'past_due',
    'unpaid',
    'paused',
    'canceled',
  ]),
  items: z.object({
    data: z.array(
      z.object({
        id: z.string(),
        price,
        quantity: z.number().int().nonnegative().nullish(),
        discounts,
        current_period_end: optionalInstant,
      }),
    ),
  }),
  discounts,
  discount: discount.nullish(),
  current_period_end: optionalInstant,
  trial_end: optionalInstant,
  cancel_at: optionalInstant,
  cancel_at_period_end: z.boolean().nullish(),
  canceled_at: optionalInstant,
  ended_at: optionalInstant,
  pause_collection: z.object({ behavior: z.string() }).nullish(),
  start_date: instant,
  metadata,
});

const taxAmounts = z.array(z.object({ amount })).nullish();

export const invoice = z.object({
  id: z.string(),
  customer: reference,
  subscription: reference,
  parent: z
    .object({ subscription_details: z.object({ subscription: reference }).nullish() })
    .nullish()
    .transform((value) => value?.subscription_details?.subscription ?? null),
  charge: reference,
  payment_intent: reference,
  payments: z.object({ data: z.array(z.unknown()) }).nullish(),
  paid_out_of_band: z.boolean().nullish(),
  amount_paid: amount,
  amount_paid_off_stripe: amount.nullish(),
  tax: amount.nullish(),
  total_taxes: taxAmounts,
  total_tax_amounts: taxAmounts,
  currency,
  status_transitions: z.object({ paid_at: optionalInstant }).nullish(),
  metadata,
});

export const invoicePayment = z.object({
  id: z.string(),
  invoice: reference.pipe(z.string()),
  amount_paid: amount.nullish(),
  currency,
  status: z.string(),
  payment: z.object({ type: z.string(), payment_intent: reference, charge: reference }),
  status_transitions: z.object({ paid_at: optionalInstant }).nullish(),
});

export const balanceTransaction = z.object({
  id: z.string(),
  fee: amount,
  currency,
  created: instant,
});

/** A line of the balance. `source` as it is expanded: what the line is about. */
export const balanceLine = z.object({
  id: z.string(),
  amount,
  fee: amount,
  net: amount,
  currency,
  created: instant,
  exchange_rate: z.number().nullish(),
  type: z.string(),
  reporting_category: text,
  source: z
    .union([
      z.string(),
      z.object({
        id: z.string(),
        object: z.string(),
        amount: amount.nullish(),
        currency: currency.nullish(),
        charge: reference,
        payment_intent: reference,
      }),
    ])
    .nullish(),
});

export const payout = z.object({
  id: z.string(),
  amount,
  currency,
  status: z.string(),
  created: instant,
  arrival_date: optionalInstant,
});

export const refund = z.object({
  id: z.string(),
  amount,
  currency,
  charge: reference,
  payment_intent: reference,
  status: text,
  created: instant,
});

export const charge = z.object({
  id: z.string(),
  amount,
  amount_captured: amount.nullish(),
  captured: z.boolean(),
  paid: z.boolean(),
  currency,
  customer: reference,
  invoice: reference,
  payment_intent: reference,
  balance_transaction: expanded(balanceTransaction),
  refunds: z.object({ data: z.array(refund) }).nullish(),
  created: instant,
  metadata,
});

export const dispute = z.object({
  id: z.string(),
  amount,
  currency,
  charge: reference,
  payment_intent: reference,
  status: z.string(),
  reason: text,
  created: instant,
  balance_transactions: z
    .array(balanceTransaction)
    .nullish()
    .transform((value) => value ?? []),
});

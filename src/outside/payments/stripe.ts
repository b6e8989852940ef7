import type StripeLibrary from 'stripe';
import { z } from 'zod';
import type { MoneyFact, PaymentProvider, Refused, Verified, WebhookRequest } from './payment.ts';
import { balanceFacts, payoutFacts } from './stripe-balance.ts';
import { customerFacts, discountFacts, subscriptionFacts } from './stripe-customers.ts';
import { backfillWith } from './stripe-history.ts';
import { envelope, read, type StripeEvent } from './stripe-objects.ts';
import {
  chargeFacts,
  checkoutFacts,
  disputeFacts,
  invoiceFacts,
  invoicePaymentFacts,
  refundFacts,
} from './stripe-payments.ts';

/** How old a signature may be, in seconds: the default of Stripe's library (23.1.0). */
const toleranceSeconds = 300;

type Translation = (object: unknown, event: StripeEvent) => MoneyFact[];

/**
 * A payment's id is its payment intent, or its charge where there is none. The money itself comes from the charge;
 * since 2025-03-31 only `invoice_payment.paid` says which invoice it was for.
 */
const translations: Record<string, Translation> = {
  'customer.created': customerFacts,
  'customer.updated': customerFacts,
  'customer.deleted': customerFacts,
  'checkout.session.completed': checkoutFacts,
  'checkout.session.async_payment_succeeded': checkoutFacts,
  'customer.subscription.created': subscriptionFacts,
  'customer.subscription.updated': subscriptionFacts,
  'customer.subscription.deleted': subscriptionFacts,
  'customer.subscription.paused': subscriptionFacts,
  'customer.subscription.resumed': subscriptionFacts,
  'customer.discount.created': discountFacts,
  'customer.discount.updated': discountFacts,
  'customer.discount.deleted': discountFacts,
  'invoice.paid': invoiceFacts,
  'invoice_payment.paid': invoicePaymentFacts,
  'charge.succeeded': chargeFacts,
  'charge.captured': chargeFacts,
  'charge.updated': chargeFacts,
  'charge.refunded': chargeFacts,
  'refund.created': refundFacts,
  'refund.updated': refundFacts,
  'refund.failed': refundFacts,
  'charge.refund.updated': refundFacts,
  'charge.dispute.created': disputeFacts,
  'charge.dispute.updated': disputeFacts,
  'charge.dispute.closed': disputeFacts,
  'charge.dispute.funds_withdrawn': disputeFacts,
  'charge.dispute.funds_reinstated': disputeFacts,
  'payout.created': payoutFacts,
  'payout.updated': payoutFacts,
  'payout.paid': payoutFacts,
  'payout.failed': payoutFacts,
  'payout.canceled': payoutFacts,
};

/** With lists of the API that no webhook tells of. */
const readable: Record<string, Translation> = { ...translations, balance_transaction: balanceFacts };

/** Stripe: https://docs.stripe.com/webhooks. API versions 2024 to 2026 are read alike. */
export const stripe: PaymentProvider = {
  id: 'stripe',
  name: 'Stripe',
  eventTypes: Object.keys(translations),
  setup: [
    'In Stripe, open Developers, then Webhooks, and add an endpoint for your account.',
    'Paste this address as the endpoint URL: {url}',
    'Switch on the events that are listed here.',
    'Open the endpoint and copy its signing secret here.',
    'When your app opens a checkout, give its own user id as client_reference_id.',
    'Give a restricted key here too: fees and payouts, and what was before today, are read with it.',
  ],
  webhookSecret: {
    name: 'webhookSecret',
    label: 'Signing secret',
    help: 'In Stripe under Developers, Webhooks: open the endpoint with this address and reveal its signing secret.',
    secret: true,
    example: 'whsec_5Kd8sLq2Zr7Nw1',
  },
  apiKey: {
    name: 'apiKey',
    label: 'Restricted API key',
    help: 'In Stripe under Developers, API keys: create a restricted key that may read balance, charges, customers, disputes, payouts, checkout sessions, invoices and subscriptions.',
    secret: true,
    example: 'rk_live_51Hx3a9q7Jk2mN',
  },
  merchantOfRecord: false,
  statement: {
    lines: true,
    payouts: true,
    words:
      'Stripe keeps an account of every payment, refund, dispute, fee and payout. It is read every night with the API key.',
  },
  mixesTest: false,
  verify,
  translate,
  backfill: backfillWith(translate),
};

async function verify({ body, headers, secret, now }: WebhookRequest): Promise<Verified | Refused> {
  const signature = headers.get('stripe-signature');
  if (!signature) {
    return refused('bad_signature', 'The request has no stripe-signature header, so it is not from Stripe.');
  }
  let event: unknown;
  // Loaded when there is something to verify: it is large, and most installations never need it.
  const { default: Stripe } = await import('stripe');
  try {
    event = await Stripe.webhooks.constructEventAsync(
      Buffer.from(body),
      signature,
      secret,
      toleranceSeconds,
      undefined,
      now.getTime(),
    );
  } catch (error) {
    return refusalFor(error, Stripe);
  }
  const parsed = envelope.safeParse(event);
  if (!parsed.success) {
    return refused('malformed', `The body is signed but is no Stripe event. ${z.prettifyError(parsed.error)}`);
  }
  const { id, type, created, livemode } = parsed.data;
  return { ok: true, eventId: id, type, occurredAt: created, livemode, event };
}

function translate(event: unknown): MoneyFact[] {
  const { type, created, data } = read(envelope, event, 'event');
  if (!Object.hasOwn(readable, type)) return [];
  return readable[type]?.(data.object, { type, created }) ?? [];
}

/** The library tells the cases apart by message only; the tests hold these words against the installed version. */
function refusalFor(error: unknown, Stripe: typeof StripeLibrary): Refused {
  if (error instanceof Stripe.errors.StripeSignatureVerificationError) {
    if (error.message.includes('tolerance zone')) {
      return refused(
        'too_old',
        `The signature is older than ${toleranceSeconds / 60} minutes. If this was a fresh event, check this server's clock.`,
      );
    }
    if (error.message.includes('Unable to extract') || error.message.includes('expected scheme')) {
      return refused('malformed', 'The stripe-signature header cannot be read. It should look like "t=…,v1=…".');
    }
    return refused(
      'bad_signature',
      'The signature does not match the body. Check that the signing secret (whsec_…) is the one of this endpoint and that no proxy changes the body.',
    );
  }
  return refused('malformed', 'The body is signed but is not a snapshot event in JSON. Thin events are not supported.');
}

function refused(reason: Refused['reason'], message: string): Refused {
  return { ok: false, reason, message };
}

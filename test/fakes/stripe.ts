import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';

export type SignedEvent = { type: string; body: string; signature: string };

/**
 * What Stripe sends when somebody buys a monthly subscription through Checkout, in today's shapes (API
 * 2026-10-28.endive), each event signed as Stripe signs it. `person` is the app's own user id.
 */
export async function paidSubscription(sale: {
  secret: string;
  person: string;
  amount: number;
  currency: string;
  at?: Date;
}): Promise<SignedEvent[]> {
  const at = Math.floor((sale.at ?? new Date()).getTime() / 1000);
  const name = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const [customer, subscription, invoice, intent, charge] = ['cus', 'sub', 'in', 'pi', 'ch'].map(name) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const { amount, currency, person, secret } = sale;
  const price = {
    id: 'price_solo',
    product: 'prod_solo',
    unit_amount: amount,
    currency,
    recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
  };
  const period = { current_period_start: at, current_period_end: at + 30 * 86_400 };
  const objects: [string, object][] = [
    [
      'checkout.session.completed',
      {
        id: name('cs'),
        object: 'checkout.session',
        mode: 'subscription',
        customer,
        client_reference_id: person,
        metadata: {},
        subscription,
        invoice,
        payment_intent: null,
        amount_total: amount,
        currency,
        payment_status: 'paid',
      },
    ],
    [
      'customer.subscription.created',
      {
        id: subscription,
        object: 'subscription',
        customer,
        status: 'active',
        currency,
        created: at,
        start_date: at,
        metadata: {},
        discounts: [],
        cancel_at: null,
        canceled_at: null,
        ended_at: null,
        trial_end: null,
        pause_collection: null,
        items: { data: [{ id: name('si'), quantity: 1, price, ...period }] },
      },
    ],
    [
      'charge.succeeded',
      {
        id: charge,
        object: 'charge',
        customer,
        payment_intent: intent,
        amount,
        amount_captured: amount,
        currency,
        paid: true,
        captured: true,
        created: at,
        metadata: {},
      },
    ],
    [
      'invoice.paid',
      {
        id: invoice,
        object: 'invoice',
        customer,
        amount_paid: amount,
        currency,
        total_taxes: [],
        metadata: {},
        parent: { type: 'subscription_details', subscription_details: { subscription } },
        status_transitions: { paid_at: at },
      },
    ],
    [
      'invoice_payment.paid',
      {
        id: name('inpay'),
        object: 'invoice_payment',
        invoice,
        status: 'paid',
        amount_paid: amount,
        currency,
        payment: { type: 'payment_intent', payment_intent: intent },
        status_transitions: { paid_at: at },
      },
    ],
  ];
  return Promise.all(
    objects.map(async ([type, object]) => {
      const event = { id: name('evt'), object: 'event', type, created: at, livemode: false, data: { object } };
      return { type, ...(await signed(event, secret)) };
    }),
  );
}

/** A body as it travels, with the header `stripe-signature`. */
export async function signed(
  event: object,
  secret: string,
  at = new Date(),
): Promise<{ body: string; signature: string }> {
  const body = JSON.stringify(event);
  const timestamp = Math.floor(at.getTime() / 1000);
  const signature = await Stripe.webhooks.generateTestHeaderStringAsync({ payload: body, secret, timestamp });
  return { body, signature };
}

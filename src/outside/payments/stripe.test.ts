import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { type MoneyFact, UnreadableEvent } from './payment.ts';
import { stripe } from './stripe.ts';

const secret = 'whsec_test_of_the_shop';
const now = new Date('2026-11-20T12:00:00Z');
const seconds = (iso: string) => Date.parse(iso) / 1000;

function eventOf(type: string, object: Record<string, unknown>, apiVersion = '2026-10-28.endive') {
  return {
    id: 'evt_1',
    object: 'event',
    api_version: apiVersion,
    created: seconds('2026-11-20T11:59:58Z'),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: { object },
  };
}

async function signed(body: string, at: Date = now, key = secret) {
  const header = await Stripe.webhooks.generateTestHeaderStringAsync({
    payload: body,
    secret: key,
    timestamp: at.getTime() / 1000,
  });
  return { body: new TextEncoder().encode(body), headers: new Headers({ 'stripe-signature': header }), secret, now };
}

function factsOf(type: string, object: Record<string, unknown>, apiVersion?: string): MoneyFact[] {
  return stripe.translate(JSON.parse(JSON.stringify(eventOf(type, object, apiVersion))));
}

describe('a webhook from Stripe', () => {
  const body = JSON.stringify(
    eventOf('customer.created', { id: 'cus_1', object: 'customer', email: 'ann@example.com' }),
  );

  test('is taken in when its signature fits', async () => {
    expect(await stripe.verify(await signed(body))).toMatchObject({
      ok: true,
      eventId: 'evt_1',
      type: 'customer.created',
      occurredAt: new Date('2026-11-20T11:59:58Z'),
      livemode: false,
      event: { id: 'evt_1' },
    });
  });

  test('translates as it was verified, and again as it was stored', async () => {
    const answer = await stripe.verify(await signed(body));
    if (!answer.ok) throw new Error(answer.message);
    const facts = stripe.translate(answer.event);
    expect(facts).toMatchObject([{ kind: 'customer', customerId: 'cus_1', email: 'ann@example.com' }]);
    expect(stripe.translate(JSON.parse(JSON.stringify(answer.event)))).toEqual(facts);
  });

  test('is good for exactly five minutes', async () => {
    const ago = (s: number) => new Date(now.getTime() - s * 1000);
    expect(await stripe.verify(await signed(body, ago(300)))).toMatchObject({ ok: true });
    expect(await stripe.verify(await signed(body, ago(301)))).toMatchObject({ ok: false, reason: 'too_old' });
  });

  test('is refused when a byte of the body changed, the secret is another or none, or nothing is signed', async () => {
    const request = await signed(body);
    const refusal = { ok: false, reason: 'bad_signature' };
    const tampered = new TextEncoder().encode(body.replace('ann@', 'eve@'));
    expect(await stripe.verify({ ...request, body: tampered })).toMatchObject(refusal);
    expect(await stripe.verify(await signed(body, now, 'whsec_of_someone_else'))).toMatchObject(refusal);
    expect(await stripe.verify({ ...request, secret: '' })).toMatchObject(refusal);
    expect(await stripe.verify({ ...request, headers: new Headers() })).toMatchObject(refusal);
    expect(await stripe.verify({ ...request, body: new Uint8Array() })).toMatchObject(refusal);
  });

  test('is malformed when the header or the signed body cannot be read', async () => {
    const malformed = { ok: false, reason: 'malformed' };
    const request = await signed(body);
    expect(await stripe.verify({ ...request, headers: new Headers({ 'stripe-signature': 'hello' }) })).toMatchObject(
      malformed,
    );
    expect(await stripe.verify({ ...request, headers: new Headers({ 'stripe-signature': 't=1' }) })).toMatchObject(
      malformed,
    );
    expect(await stripe.verify(await signed('{"id": '))).toMatchObject(malformed);
    expect(await stripe.verify(await signed('{"hello": "world"}'))).toMatchObject(malformed);
    expect(await stripe.verify(await signed('{"object": "v2.core.event"}'))).toMatchObject(malformed);
  });

  test('never repeats the secret in a refusal', async () => {
    const answer = await stripe.verify({ ...(await signed(body)), body: new TextEncoder().encode('{}') });
    expect(JSON.stringify(answer)).not.toContain(secret);
  });
});

describe('a subscription', () => {
  const price = {
    id: 'price_pro',
    object: 'price',
    product: 'prod_1',
    currency: 'usd',
    unit_amount: 1200,
    unit_amount_decimal: '1200',
    recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
  };
  const common = {
    id: 'sub_1',
    object: 'subscription',
    customer: 'cus_1',
    status: 'active',
    start_date: seconds('2026-11-01T00:00:00Z'),
    trial_end: null,
    cancel_at: null,
    cancel_at_period_end: true,
    canceled_at: seconds('2026-11-20T00:00:00Z'),
    ended_at: null,
    pause_collection: null,
    metadata: { plan: 'pro' },
  };
  const periodEnd = seconds('2026-12-01T00:00:00Z');

  test('says the same in the versions of 2024 and of 2026', () => {
    const old = factsOf(
      'customer.subscription.updated',
      {
        ...common,
        current_period_end: periodEnd,
        items: { object: 'list', data: [{ id: 'si_1', price, quantity: 3 }] },
        discount: {
          id: 'di_1',
          coupon: { percent_off: 12.5, amount_off: null, duration: 'forever' },
          start: 1,
          end: null,
        },
      },
      '2024-06-20',
    );
    const recent = factsOf('customer.subscription.updated', {
      ...common,
      items: {
        object: 'list',
        data: [{ id: 'si_1', price, quantity: 3, current_period_end: periodEnd, discounts: [] }],
      },
      discounts: [
        {
          id: 'di_1',
          source: { type: 'coupon', coupon: { percent_off: 12.5, duration: 'forever' } },
          start: 1,
          end: null,
        },
      ],
      a_field_of_2027: { any: 'thing' },
    });
    expect(recent).toEqual(old);
    expect(recent).toEqual([
      {
        kind: 'subscription',
        subscriptionId: 'sub_1',
        customerId: 'cus_1',
        status: 'active',
        items: [
          {
            itemId: 'si_1',
            priceId: 'price_pro',
            productId: 'prod_1',
            quantity: 3,
            unitAmount: 1200n,
            unitAmountDecimal: null,
            currency: 'USD',
            interval: 'month',
            intervalCount: 1,
            usageType: 'licensed',
            discounts: [],
          },
        ],
        discounts: [
          {
            discountId: 'di_1',
            percentOff: '12.5',
            amountOff: null,
            currency: null,
            duration: 'forever',
            startsAt: new Date(1000),
            endsAt: null,
          },
        ],
        trialEnd: null,
        cancelAt: new Date('2026-12-01T00:00:00Z'),
        canceledAt: new Date('2026-11-20T00:00:00Z'),
        endedAt: null,
        currentPeriodEnd: new Date('2026-12-01T00:00:00Z'),
        pausedAt: null,
        metadata: { plan: 'pro' },
        startedAt: new Date('2026-11-01T00:00:00Z'),
        occurredAt: new Date('2026-11-20T11:59:58Z'),
      },
    ]);
  });

  test('with discounts as bare ids is completed by the discount event', () => {
    const items = { data: [{ id: 'si_1', price }] };
    const [fact] = factsOf('customer.subscription.created', { ...common, items, discounts: ['di_1'] });
    expect(fact).toMatchObject({ discounts: [{ discountId: 'di_1', percentOff: null, amountOff: null }] });
    const discount = {
      id: 'di_1',
      object: 'discount',
      customer: 'cus_1',
      subscription: 'sub_1',
      start: 1,
      end: null,
      source: { type: 'coupon', coupon: { id: 'co', amount_off: 300, currency: 'usd', duration: 'repeating' } },
    };
    expect(factsOf('customer.discount.created', discount)).toMatchObject([
      { kind: 'discount', subscriptionId: 'sub_1', discount: { amountOff: 300n, currency: 'USD' }, removed: false },
    ]);
  });

  test('keeps fractions of a cent exactly, and knows a pause', () => {
    const fine = { ...price, unit_amount: null, unit_amount_decimal: '0.25' };
    const [fact] = factsOf('customer.subscription.updated', {
      ...common,
      pause_collection: { behavior: 'void' },
      items: { data: [{ id: 'si_1', price: fine, quantity: 1000 }] },
    });
    expect(fact).toMatchObject({
      pausedAt: new Date('2026-11-20T11:59:58Z'),
      items: [{ unitAmount: null, unitAmountDecimal: '0.25', quantity: 1000 }],
    });
  });

  test('that lacks what it must have is refused in words, not guessed', () => {
    const broken = () => factsOf('customer.subscription.updated', { ...common, items: { data: [{ id: 'si_1' }] } });
    expect(broken).toThrow(UnreadableEvent);
    expect(broken).toThrow(/customer\.subscription\.updated.*price/s);
  });
});

describe('money', () => {
  const charge = {
    id: 'ch_1',
    object: 'charge',
    amount: 1452,
    amount_captured: 1452,
    captured: true,
    paid: true,
    currency: 'usd',
    customer: 'cus_1',
    payment_intent: 'pi_1',
    balance_transaction: 'txn_1',
    created: seconds('2026-11-20T11:59:00Z'),
    metadata: {},
  };
  const invoice = {
    id: 'in_1',
    object: 'invoice',
    customer: 'cus_1',
    amount_paid: 1452,
    currency: 'usd',
    status_transitions: { paid_at: seconds('2026-11-20T11:59:00Z') },
    metadata: {},
  };

  test('of 2024: the invoice knows its subscription and its payment', () => {
    const old = { ...invoice, subscription: 'sub_1', payment_intent: 'pi_1', charge: 'ch_1', tax: 252 };
    expect(factsOf('invoice.paid', old, '2024-06-20')).toMatchObject([
      { kind: 'invoice', invoiceId: 'in_1', subscriptionId: 'sub_1', tax: 252n },
      { kind: 'payment', paymentId: 'pi_1', subscriptionId: 'sub_1', invoiceId: 'in_1', amount: 1452n, tax: 252n },
    ]);
  });

  test('of 2026: charge, invoice payment and invoice tell the same in three parts', () => {
    expect(factsOf('charge.succeeded', charge)).toMatchObject([
      { kind: 'payment', paymentId: 'pi_1', invoiceId: null, customerId: 'cus_1', amount: 1452n, currency: 'USD' },
    ]);
    const paid = {
      id: 'inpay_1',
      object: 'invoice_payment',
      invoice: 'in_1',
      amount_paid: 1452,
      currency: 'usd',
      status: 'paid',
      payment: { type: 'payment_intent', payment_intent: 'pi_1' },
      status_transitions: { paid_at: seconds('2026-11-20T11:59:00Z') },
    };
    expect(factsOf('invoice_payment.paid', paid)).toMatchObject([
      { kind: 'payment', paymentId: 'pi_1', invoiceId: 'in_1', amount: 1452n },
    ]);
    const recent = {
      ...invoice,
      parent: { type: 'subscription_details', subscription_details: { subscription: 'sub_1', metadata: {} } },
      total_taxes: [{ amount: 200 }, { amount: 52 }],
    };
    expect(factsOf('invoice.paid', recent)).toMatchObject([
      { kind: 'invoice', invoiceId: 'in_1', subscriptionId: 'sub_1', tax: 252n, amount: 1452n },
    ]);
    expect(factsOf('invoice.paid', { ...recent, payments: { data: [paid] } })).toMatchObject([
      { kind: 'invoice' },
      { kind: 'payment', paymentId: 'pi_1', subscriptionId: 'sub_1', invoiceId: 'in_1' },
    ]);
  });

  test('settled outside Stripe is the invoice itself; an invoice of zero is no payment', () => {
    expect(factsOf('invoice.paid', { ...invoice, paid_out_of_band: true })).toMatchObject([
      { kind: 'invoice' },
      { kind: 'payment', paymentId: 'in_1', amount: 1452n },
    ]);
    expect(factsOf('invoice.paid', { ...invoice, amount_paid: 0 })).toMatchObject([{ kind: 'invoice', amount: 0n }]);
  });

  test('only authorised is none; captured in part it is that part', () => {
    expect(factsOf('charge.succeeded', { ...charge, captured: false, amount_captured: 0 })).toEqual([]);
    expect(factsOf('charge.captured', { ...charge, amount_captured: 1000 })).toMatchObject([{ amount: 1000n }]);
  });

  test('leaves a fee in the currency of settlement when the transaction came along', () => {
    const transaction = { id: 'txn_1', fee: 72, currency: 'eur', created: 1 };
    expect(factsOf('charge.updated', { ...charge, balance_transaction: transaction })).toMatchObject([
      { kind: 'payment' },
      { kind: 'fee', feeId: 'txn_1', paymentId: 'pi_1', amount: 72n, currency: 'EUR' },
    ]);
  });

  test('goes back as refunds, from the refund or from the list of an old charge', () => {
    const refund = {
      id: 're_1',
      amount: 400,
      currency: 'usd',
      charge: 'ch_1',
      payment_intent: 'pi_1',
      status: 'succeeded',
      created: 1,
    };
    const fact = { kind: 'refund', refundId: 're_1', paymentId: 'pi_1', amount: 400n, status: 'succeeded' };
    expect(factsOf('refund.created', refund)).toMatchObject([fact]);
    expect(factsOf('charge.refunded', { ...charge, refunds: { data: [refund] } }, '2022-08-01')).toMatchObject([
      { kind: 'payment' },
      fact,
    ]);
    expect(factsOf('refund.failed', { ...refund, status: 'failed' })).toMatchObject([{ status: 'failed' }]);
  });

  test('is disputed: an inquiry moves nothing, a lost one brings its fee', () => {
    const dispute = {
      id: 'dp_1',
      amount: 1452,
      currency: 'usd',
      charge: 'ch_1',
      payment_intent: 'pi_1',
      reason: 'fraudulent',
      created: 1,
    };
    expect(factsOf('charge.dispute.created', { ...dispute, status: 'warning_needs_response' })).toMatchObject([
      { kind: 'dispute', status: 'warning' },
    ]);
    const withdrawn = [{ id: 'txn_9', fee: 1500, currency: 'usd', created: 1 }];
    expect(
      factsOf('charge.dispute.closed', { ...dispute, status: 'lost', balance_transactions: withdrawn }),
    ).toMatchObject([
      { kind: 'dispute', status: 'lost', paymentId: 'pi_1' },
      { kind: 'fee', feeId: 'txn_9', amount: 1500n },
    ]);
  });

  test('comes in minor units by ISO 4217, whatever Stripe counts in', () => {
    const amountIn = (currency: string, amount: number) =>
      factsOf('charge.succeeded', { ...charge, amount, amount_captured: amount, currency })[0];
    expect(amountIn('jpy', 500)).toMatchObject({ amount: 500n, currency: 'JPY' });
    expect(amountIn('kwd', 5120)).toMatchObject({ amount: 5120n });
    expect(amountIn('isk', 500)).toMatchObject({ amount: 5n });
    expect(amountIn('ugx', 500)).toMatchObject({ amount: 5n });
    expect(amountIn('mga', 500)).toMatchObject({ amount: 50000n });
  });

  test('is recognised at the checkout by what the app handed over', () => {
    const session = {
      id: 'cs_1',
      mode: 'subscription',
      customer: 'cus_1',
      customer_details: { email: 'ann@example.com' },
      client_reference_id: 'visit_42',
      metadata: { fanfare: 'visit_42' },
      subscription: 'sub_1',
      invoice: 'in_1',
      payment_intent: null,
      amount_total: 1452,
      currency: 'usd',
      payment_status: 'paid',
    };
    expect(factsOf('checkout.session.completed', session)).toMatchObject([
      { kind: 'checkout', clientReferenceId: 'visit_42', subscriptionId: 'sub_1', amount: 1452n, paid: true },
    ]);
    expect(factsOf('checkout.session.completed', { ...session, mode: 'setup', amount_total: null })).toEqual([]);
  });

  test('is not in an event of another kind', () => {
    expect(factsOf('product.created', { id: 'prod_1' })).toEqual([]);
    expect(() => stripe.translate('nonsense')).toThrow(UnreadableEvent);
  });
});

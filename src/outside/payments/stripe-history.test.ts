import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { knownAfter, type ProviderApi, startProviderApi } from '#test/fakes/payments.ts';
import { nobodyListens } from '#test/fakes/recorded.ts';
import type { HistoryEvent, MoneyFact } from './payment.ts';
import { stripe } from './stripe.ts';

const now = new Date('2026-11-20T12:00:00Z');
const seconds = (iso: string) => Date.parse(iso) / 1000;

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
  balance_transaction: { id: 'txn_1', fee: 72, currency: 'eur', created: seconds('2026-11-10T00:00:00Z') },
  created: seconds('2026-11-10T00:00:00Z'),
  livemode: true,
  metadata: {},
};
const price = {
  id: 'price_1',
  currency: 'usd',
  unit_amount: 1200,
  recurring: { interval: 'month', interval_count: 1 },
};
const subscription = {
  id: 'sub_1',
  object: 'subscription',
  customer: 'cus_1',
  status: 'active',
  created: seconds('2026-11-01T00:00:00Z'),
  start_date: seconds('2026-11-01T00:00:00Z'),
  trial_end: null,
  cancel_at_period_end: false,
  items: { data: [{ id: 'si_1', price, quantity: 2, current_period_end: seconds('2026-12-01T00:00:00Z') }] },
  discounts: [{ id: 'di_1', source: { coupon: { percent_off: 25, duration: 'forever' } }, start: 1, end: null }],
  livemode: true,
  metadata: {},
};
const line = {
  id: 'txn_1',
  object: 'balance_transaction',
  amount: 1320,
  fee: 72,
  net: 1248,
  currency: 'eur',
  created: seconds('2026-11-10T00:00:00Z'),
  exchange_rate: 0.9091,
  type: 'charge',
  reporting_category: 'charge',
  source: charge,
};
const dispute = {
  id: 'dp_1',
  object: 'dispute',
  amount: 1452,
  currency: 'usd',
  charge: 'ch_1',
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'won',
  created: seconds('2026-11-12T00:00:00Z'),
  balance_transactions: [
    { id: 'txn_3', fee: 1500, currency: 'eur', created: seconds('2026-11-12T00:00:00Z') },
    { id: 'txn_4', fee: 0, currency: 'eur', created: seconds('2026-11-18T00:00:00Z') },
  ],
};
const payout = {
  id: 'po_1',
  object: 'payout',
  amount: 1248,
  currency: 'eur',
  status: 'in_transit',
  created: seconds('2026-11-15T00:00:00Z'),
  arrival_date: seconds('2026-11-17T00:00:00Z'),
};

const factsOf = (type: string, object: object): MoneyFact[] =>
  stripe.translate({
    id: 'evt_1',
    object: 'event',
    type,
    created: now.getTime() / 1000,
    livemode: true,
    data: { object },
  });

describe('the balance', () => {
  test('has a line for each payment: what came in, the fee, the rate, and the fee under the id the charge gives it', () => {
    expect(factsOf('balance_transaction', line)).toMatchObject([
      {
        kind: 'statement',
        lineId: 'txn_1',
        about: 'payment',
        paymentId: 'pi_1',
        gross: 1320n,
        fee: 72n,
        tax: 0n,
        net: 1248n,
        currency: 'EUR',
        converted: { amount: 1452n, currency: 'USD', rate: '0.9091' },
      },
      { kind: 'fee', feeId: 'txn_1', paymentId: 'pi_1', amount: 72n, currency: 'EUR' },
    ]);
    const fee = factsOf('charge.succeeded', charge).find((fact) => fact.kind === 'fee');
    expect(factsOf('balance_transaction', line)).toContainEqual(fee);
  });

  test('tells refunds, disputes, fees of the account and payouts apart', () => {
    const told = (more: object) => factsOf('balance_transaction', { ...line, exchange_rate: null, ...more });
    const refund = {
      id: 're_1',
      object: 'refund',
      payment_intent: 'pi_1',
      charge: 'ch_1',
      amount: 400,
      currency: 'eur',
    };
    expect(
      told({ type: 'refund', reporting_category: 'refund', amount: -400, fee: 0, net: -400, source: refund }),
    ).toMatchObject([{ about: 'refund', paymentId: 'pi_1', gross: -400n, net: -400n, converted: null }]);
    expect(
      told({
        type: 'adjustment',
        reporting_category: 'dispute',
        amount: -1320,
        fee: 1500,
        net: -2820,
        source: dispute,
      }),
    ).toMatchObject([
      { about: 'dispute', paymentId: 'pi_1', net: -2820n },
      { kind: 'fee', amount: 1500n, paymentId: 'pi_1' },
    ]);
    expect(
      told({ type: 'stripe_fee', reporting_category: 'fee', amount: -200, fee: 0, net: -200, source: null }),
    ).toMatchObject([
      { about: 'fee', gross: 0n, fee: 200n, net: -200n, paymentId: null },
      { kind: 'fee', amount: 200n, paymentId: null },
    ]);
    expect(
      told({ type: 'payout', reporting_category: 'payout', amount: -1248, fee: 0, net: -1248, source: payout }),
    ).toMatchObject([{ about: 'payout', payoutId: 'po_1', net: -1248n }]);
    expect(told({ type: 'topup', reporting_category: 'topup', source: 'tu_1' })[0]).toMatchObject({
      about: 'adjustment',
    });
  });

  test('is paid out, and a payout may fail afterwards', () => {
    expect(factsOf('payout.created', payout)).toMatchObject([
      { kind: 'payout', payoutId: 'po_1', amount: 1248n, currency: 'EUR', status: 'pending', arrivesOn: '2026-11-17' },
    ]);
    expect(factsOf('payout.paid', { ...payout, status: 'paid' })).toMatchObject([{ status: 'paid' }]);
    expect(factsOf('payout.failed', { ...payout, status: 'failed' })).toMatchObject([{ status: 'failed' }]);
    expect(factsOf('payout.canceled', { ...payout, status: 'canceled' })).toMatchObject([{ status: 'cancelled' }]);
    expect(factsOf('payout.paid', { ...payout, amount: -500, status: 'paid' })).toMatchObject([{ amount: -500n }]);
  });
});

describe('the history', () => {
  let api: ProviderApi | undefined;
  afterEach(() => api?.close());

  const lists = () => ({
    '/v1/customers': [
      { id: 'cus_1', email: 'ann@example.com', created: seconds('2026-10-01T00:00:00Z'), livemode: true },
    ],
    '/v1/checkout/sessions': [
      {
        id: 'cs_1',
        mode: 'subscription',
        status: 'complete',
        customer: 'cus_1',
        client_reference_id: 'user_42',
        subscription: 'sub_1',
        amount_total: 1452,
        currency: 'usd',
        payment_status: 'paid',
        created: seconds('2026-11-01T00:00:00Z'),
      },
    ],
    '/v1/subscriptions': [
      {
        ...subscription,
        id: 'sub_2',
        status: 'canceled',
        trial_end: seconds('2026-11-08T00:00:00Z'),
        canceled_at: seconds('2026-11-10T00:00:00Z'),
        ended_at: seconds('2026-11-18T00:00:00Z'),
      },
      subscription,
    ],
    '/v1/charges': [charge],
    '/v1/invoices': [
      {
        id: 'in_1',
        customer: 'cus_1',
        amount_paid: 1452,
        total_taxes: [{ amount: 252 }],
        currency: 'usd',
        status: 'paid',
        parent: { subscription_details: { subscription: 'sub_1' } },
        status_transitions: { paid_at: seconds('2026-11-10T00:00:00Z') },
        payments: {
          data: [
            {
              id: 'inpay_1',
              invoice: 'in_1',
              amount_paid: 1452,
              currency: 'usd',
              status: 'paid',
              payment: { type: 'payment_intent', payment_intent: 'pi_1' },
            },
          ],
        },
        created: seconds('2026-11-09T00:00:00Z'),
      },
    ],
    '/v1/refunds': [
      {
        id: 're_1',
        amount: 400,
        currency: 'usd',
        payment_intent: 'pi_1',
        charge: 'ch_1',
        status: 'succeeded',
        created: seconds('2026-11-11T00:00:00Z'),
      },
    ],
    '/v1/disputes': [dispute],
    '/v1/payouts': [payout],
    '/v1/balance_transactions': [line],
  });
  const call = (cursor: string | null = null, since: Date | null = null, at = now) =>
    stripe.backfill?.({ apiKey: 'rk_live_1', apiUrl: api?.url ?? '', since, cursor, now: at }) ??
    Promise.reject(new Error('none'));

  async function readAll(since: Date | null = null, at = now): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    for (let cursor: string | null = null; ; ) {
      const answer = await call(cursor, since, at);
      if (!answer.ok) throw new Error(answer.failure.reason);
      events.push(...answer.value.events);
      cursor = answer.value.cursor;
      if (cursor === null) return events;
    }
  }

  test('brings all lists page by page, each object as its webhook would', async () => {
    api = await startProviderApi('stripe', lists(), 1);
    const events = await readAll();
    expect(events.map(({ type, occurredAt }) => `${type} ${occurredAt.toISOString().slice(0, 10)}`)).toEqual([
      'customer.created 2026-10-01',
      'checkout.session.completed 2026-11-01',
      'customer.subscription.created 2026-11-01',
      'customer.subscription.updated 2026-11-08',
      'customer.subscription.deleted 2026-11-18',
      'customer.subscription.created 2026-11-01',
      'customer.subscription.updated 2026-11-20',
      'charge.succeeded 2026-11-10',
      'invoice.paid 2026-11-10',
      'refund.updated 2026-11-11',
      'charge.dispute.created 2026-11-12',
      'charge.dispute.closed 2026-11-18',
      'payout.updated 2026-11-15',
      'balance_transaction 2026-11-10',
    ]);
    const facts = events.flatMap((event) => stripe.translate(JSON.parse(event.body)));
    expect(new Set(facts.flatMap((fact) => (fact.kind === 'payment' ? fact.paymentId : [])))).toEqual(
      new Set(['pi_1']),
    );
    expect(facts.filter((fact) => fact.kind === 'subscription').map((fact) => fact.status)).toEqual([
      'trialing',
      'active',
      'canceled',
      'active',
      'active',
    ]);
    expect(facts).toContainEqual(expect.objectContaining({ kind: 'invoice', subscriptionId: 'sub_1', tax: 252n }));
    expect(facts.filter((fact) => fact.kind === 'dispute')).toMatchObject([{ status: 'open' }, { status: 'won' }]);
    expect(api.asked[2]).toBe(
      'GET /v1/subscriptions?limit=100&status=all&expand[]=data.discounts.source.coupon&expand[]=data.items.data.discounts',
    );
    expect(api.key()).toBe('Bearer rk_live_1');
  });

  test('beside webhooks, twice and in any order, leaves one of everything and the newest words', async () => {
    const { '/v1/invoices': _, ...others } = lists();
    api = await startProviderApi('stripe', others);
    const told = [...(await readAll())].map(({ body, occurredAt }) => ({
      event: JSON.parse(body) as unknown,
      at: occurredAt,
    }));
    const webhook = (type: string, object: object, iso: string) => ({
      event: { id: `evt_${iso}`, object: 'event', type, created: seconds(iso), livemode: true, data: { object } },
      at: new Date(iso),
    });
    told.push(
      webhook('customer.subscription.updated', { ...subscription, status: 'past_due' }, '2026-11-12T00:00:00Z'),
      webhook('customer.subscription.updated', { ...subscription, items: { data: [] } }, '2026-11-21T00:00:00Z'),
      webhook('charge.succeeded', charge, '2026-11-10T00:00:01Z'),
      webhook('payout.paid', { ...payout, status: 'paid' }, '2026-11-17T00:00:00Z'),
    );
    const expected = knownAfter(stripe, told);
    expect([...expected.keys()]).toEqual([
      'checkout cs_1',
      'customer cus_1',
      'dispute dp_1',
      'fee txn_1',
      'fee txn_3',
      'payment pi_1',
      'payout po_1',
      'refund re_1',
      'statement txn_1',
      'subscription sub_1',
      'subscription sub_2',
    ]);
    expect(expected.get('subscription sub_1')).toMatchObject({ status: 'active', items: [] });
    expect(expected.get('payout po_1')).toMatchObject({ status: 'paid' });
    fc.assert(
      fc.property(fc.shuffledSubarray(told, { minLength: told.length }), fc.constantFrom(...told), (order, again) => {
        expect(knownAfter(stripe, [...order, again])).toEqual(expected);
      }),
    );
  });

  test('has the same ids the next night, and a new one for what changed', async () => {
    api = await startProviderApi('stripe', lists());
    const before = await readAll();
    const tomorrow = new Date(now.getTime() + 86_400_000);
    const ids = (events: HistoryEvent[]) => events.map((event) => event.eventId);
    expect(ids(await readAll(null, tomorrow))).toEqual(ids(before));
    expect(ids(before).every((id) => id.startsWith('history:'))).toBe(true);
    api.lists['/v1/subscriptions'] = [{ ...subscription, pause_collection: { behavior: 'void' } }];
    const after = await readAll(null, tomorrow);
    const fresh = after.filter((event) => !ids(before).includes(event.eventId));
    expect(fresh.flatMap((event) => stripe.translate(JSON.parse(event.body)))).toMatchObject([
      { kind: 'subscription', pausedAt: tomorrow },
    ]);
    const again = await readAll(null, new Date(tomorrow.getTime() + 86_400_000));
    expect(ids(again)).toEqual(ids(after));
  });

  test('asks for what can have changed since, and for all subscriptions', async () => {
    api = await startProviderApi('stripe', lists());
    const since = new Date('2026-11-15T00:00:00Z');
    const types = new Set((await readAll(since)).map((event) => event.type));
    expect([...types].sort()).toEqual([
      'charge.dispute.closed',
      'charge.dispute.created',
      'charge.succeeded',
      'customer.subscription.created',
      'customer.subscription.deleted',
      'customer.subscription.updated',
      'invoice.paid',
      'payout.updated',
      'refund.updated',
    ]);
  });

  test('says what to do when it cannot be read, and never shows the key', async () => {
    api = await startProviderApi('stripe', lists());
    api.fail(429, { error: { message: 'Too many requests' } }, { 'retry-after': '5' });
    expect(await call()).toMatchObject({ failure: { kind: 'later', until: new Date(now.getTime() + 5_000) } });
    api.fail(401, { error: { message: 'Invalid API Key provided: rk_live_*1' } });
    expect(await call()).toMatchObject({ failure: { kind: 'reconnect' } });
    api.fail(403, { error: { message: 'The provided key does not have the required permissions' } });
    expect(await call()).toMatchObject({ failure: { kind: 'reconnect', code: 'forbidden' } });
    api.fail(500);
    expect(await call()).toMatchObject({ failure: { kind: 'later' } });
    api.fail(200, { object: 'list' });
    const unreadable = await call();
    expect(unreadable).toMatchObject({ failure: { kind: 'refused', code: 'unreadable' } });
    expect(JSON.stringify(unreadable)).not.toContain('rk_live_1');
    const nowhere = { apiKey: 'k', apiUrl: await nobodyListens(), since: null, cursor: null, now };
    expect(await stripe.backfill?.(nowhere)).toMatchObject({ failure: { kind: 'later' } });
  });

  test('goes on only from a place it knows', async () => {
    api = await startProviderApi('stripe', lists());
    await expect(call('elsewhere|1')).rejects.toThrow(RangeError);
  });
});

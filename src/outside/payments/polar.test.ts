import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { knownAfter, type ProviderApi, startProviderApi, webhookRequest } from '#test/fakes/payments.ts';
import { nobodyListens } from '#test/fakes/recorded.ts';
import { type MoneyFact, UnreadableEvent } from './payment.ts';
import { polar } from './polar.ts';

const now = new Date('2026-11-20T12:00:00Z');
const at = '2026-11-20T11:59:58.123456Z';
const secret = 'polar_whs_of_the_shop';

const customer = { id: 'cus_1', external_id: 'user_42', email: 'ann@example.com', name: 'Ann', metadata: {} };
const order = {
  id: 'ord_1',
  created_at: '2026-11-20T11:58:00Z',
  modified_at: at,
  status: 'paid',
  paid: true,
  subtotal_amount: 1200,
  discount_amount: 0,
  net_amount: 1200,
  tax_amount: 240,
  total_amount: 1440,
  applied_balance_amount: 0,
  refunded_amount: 0,
  refunded_tax_amount: 0,
  platform_fee_amount: 98,
  currency: 'usd',
  billing_reason: 'subscription_cycle',
  customer_id: 'cus_1',
  customer,
  subscription_id: 'sub_1',
  metadata: { person: 'user_42', seats: 3, deep: { a: 1 } },
};
const subscription = {
  id: 'sub_1',
  created_at: '2026-11-01T00:00:00Z',
  modified_at: at,
  amount: 1200,
  currency: 'usd',
  recurring_interval: 'month',
  recurring_interval_count: 1,
  status: 'active',
  current_period_end: '2026-12-01T00:00:00Z',
  trial_start: null,
  trial_end: null,
  cancel_at_period_end: false,
  canceled_at: null,
  started_at: '2026-11-01T00:00:00Z',
  ends_at: null,
  ended_at: null,
  customer_id: 'cus_1',
  customer,
  product_id: 'prod_1',
  seats: null,
  discount: null,
  prices: [{ id: 'price_1', amount_type: 'fixed', price_amount: 1200, price_currency: 'usd' }],
  metadata: {},
};

const eventOf = (type: string, data: object, timestamp = at) => ({ type, timestamp, data });
const factsOf = (type: string, data: object) => polar.translate(eventOf(type, data));
const ofKind = (kind: MoneyFact['kind'], type: string, data: object) =>
  factsOf(type, data).filter((fact) => fact.kind === kind);

describe('a webhook from Polar', () => {
  test('is taken in when its signature fits, also as another library makes it', async () => {
    const event = eventOf('order.paid', order);
    expect(await polar.verify(await webhookRequest('polar', event, { at: now }))).toMatchObject({
      ok: true,
      type: 'order.paid',
      occurredAt: new Date(at),
    });
    const body = JSON.stringify(event);
    const signature = new Webhook(Buffer.from(secret).toString('base64')).sign('msg_1', now, body);
    const headers = new Headers({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(now.getTime() / 1000),
      'webhook-signature': `v1,aGVsbG8= ${signature}`,
    });
    const request = { body: new TextEncoder().encode(body), headers, secret, now };
    expect(await polar.verify(request)).toMatchObject({ ok: true, eventId: 'msg_1' });
  });

  test('is good for exactly five minutes, ahead and behind', async () => {
    const sent = (seconds: number) =>
      webhookRequest('polar', eventOf('order.paid', order), { at: new Date(now.getTime() + seconds * 1000), now });
    for (const seconds of [-300, 300]) expect(await polar.verify(await sent(seconds))).toMatchObject({ ok: true });
    for (const seconds of [-301, 301])
      expect(await polar.verify(await sent(seconds))).toMatchObject({ reason: 'too_old' });
  });

  test('is refused when anything signed changed, or the secret is another or none', async () => {
    const request = await webhookRequest('polar', eventOf('order.paid', order), { at: now });
    const refusal = { ok: false, reason: 'bad_signature' };
    const other = new TextEncoder().encode(JSON.stringify(eventOf('order.paid', { ...order, total_amount: 1 })));
    expect(await polar.verify({ ...request, body: other })).toMatchObject(refusal);
    expect(await polar.verify({ ...request, secret: 'another' })).toMatchObject(refusal);
    expect(await polar.verify({ ...request, secret: '' })).toMatchObject(refusal);
    expect(await polar.verify({ ...request, headers: new Headers() })).toMatchObject(refusal);
    const moved = new Headers(request.headers);
    moved.set('webhook-id', 'another');
    expect(await polar.verify({ ...request, headers: moved })).toMatchObject(refusal);
  });

  test('is malformed when the headers or the signed body cannot be read', async () => {
    const request = await webhookRequest('polar', eventOf('order.paid', order), { at: now });
    for (const [name, value] of [
      ['webhook-timestamp', 'soon'],
      ['webhook-signature', 'hello'],
    ] as const) {
      const headers = new Headers(request.headers);
      headers.set(name, value);
      expect(await polar.verify({ ...request, headers })).toMatchObject({ reason: 'malformed' });
    }
    for (const body of ['{"type":', '{"type": "order.paid"}', '[]'])
      expect(await polar.verify(await webhookRequest('polar', body, { at: now }))).toMatchObject({
        reason: 'malformed',
      });
  });

  test('of a kind that is not about money says nothing, and a broken one is not guessed', () => {
    for (const type of ['benefit.created', 'a.kind_of_2027', 'toString']) expect(factsOf(type, {})).toEqual([]);
    expect(() => factsOf('order.paid', { ...order, total_amount: '12.00' })).toThrow(UnreadableEvent);
  });
});

describe('money', () => {
  test('of a paid order: with tax, fee, who paid, and what it adds to the balance', () => {
    expect(factsOf('order.paid', order)).toMatchObject([
      { kind: 'customer', customerId: 'cus_1', person: 'user_42', email: 'ann@example.com' },
      {
        kind: 'payment',
        paymentId: 'ord_1',
        subscriptionId: 'sub_1',
        amount: 1440n,
        tax: 240n,
        currency: 'USD',
        metadata: { person: 'user_42', seats: '3' },
        occurredAt: new Date('2026-11-20T11:58:00Z'),
      },
      { kind: 'fee', paymentId: 'ord_1', amount: 98n, currency: 'USD' },
      { kind: 'statement', about: 'payment', gross: 1440n, tax: 240n, fee: 98n, net: 1102n },
    ]);
  });

  test('is none before it is paid or when nothing was charged; the fee may come later, or in another currency', () => {
    const kinds = (data: object) => factsOf('order.created', data).map((fact) => fact.kind);
    expect(kinds({ ...order, status: 'pending', paid: false })).toEqual(['customer']);
    expect(kinds({ ...order, total_amount: 0, tax_amount: 0 })).toEqual(['customer']);
    expect(kinds({ ...order, platform_fee_amount: 0 })).toEqual(['customer', 'payment']);
    expect(ofKind('fee', 'order.updated', { ...order, currency: 'eur', platform_fee_currency: 'usd' })).toMatchObject([
      { amount: 98n, currency: 'USD' },
    ]);
    expect(ofKind('statement', 'order.updated', { ...order, currency: 'eur', platform_fee_currency: 'usd' })).toEqual(
      [],
    );
    expect(ofKind('payment', 'order.paid', { ...order, applied_balance_amount: -440 })).toMatchObject([
      { amount: 1000n },
    ]);
  });

  test('comes in the minor units of its currency, also where it has none or three', () => {
    expect(ofKind('payment', 'order.paid', { ...order, currency: 'jpy' })).toMatchObject([
      { amount: 1440n, currency: 'JPY' },
    ]);
    expect(ofKind('payment', 'order.paid', { ...order, currency: 'kwd' })).toMatchObject([
      { amount: 1440n, currency: 'KWD' },
    ]);
  });

  test('goes back whole or in part: with its tax, and counted once it succeeded', () => {
    const refund = {
      id: 're_1',
      created_at: at,
      status: 'succeeded',
      amount: 500,
      tax_amount: 100,
      currency: 'usd',
      order_id: 'ord_1',
    };
    expect(factsOf('refund.created', refund)).toMatchObject([
      { kind: 'refund', refundId: 're_1', paymentId: 'ord_1', amount: 600n, tax: 100n, status: 'succeeded' },
      { kind: 'statement', about: 'refund', gross: -600n, tax: -100n, net: -500n },
    ]);
    expect(ofKind('refund', 'refund.created', { ...refund, status: 'pending' })).toMatchObject([{ status: 'pending' }]);
    expect(factsOf('refund.updated', { ...refund, status: 'failed' })).toMatchObject([
      { status: 'failed' },
      { net: 0n },
    ]);
  });

  test('is disputed: withheld while open, gone when lost, back when won', () => {
    const dispute = {
      id: 'dp_1',
      created_at: at,
      status: 'needs_response',
      amount: 1200,
      tax_amount: 240,
      currency: 'usd',
      order_id: 'ord_1',
    };
    const told = (status: string) => factsOf('dispute.updated', { ...dispute, status });
    expect(told('needs_response')).toMatchObject([{ kind: 'dispute', status: 'open', amount: 1440n }, { net: -1200n }]);
    expect(told('lost')).toMatchObject([{ status: 'lost' }, { net: -1200n }]);
    expect(told('won')).toMatchObject([{ status: 'won' }, { net: 0n }]);
    expect(told('early_warning')).toMatchObject([{ status: 'warning' }, { net: 0n }]);
    expect(told('prevented')).toMatchObject([{ status: 'closed' }, { net: 0n }]);
  });

  test('is recognised at the checkout once it succeeded', () => {
    const checkout = {
      id: 'co_1',
      status: 'succeeded',
      customer_id: 'cus_1',
      customer_email: 'ann@example.com',
      customer_external_id: 'user_42',
      total_amount: 1440,
      currency: 'usd',
      metadata: { ff: '1' },
    };
    expect(factsOf('checkout.updated', checkout)).toMatchObject([
      { kind: 'checkout', clientReferenceId: 'user_42', customerId: 'cus_1', amount: 1440n, metadata: { ff: '1' } },
    ]);
    expect(factsOf('checkout.updated', { ...checkout, status: 'open' })).toEqual([]);
  });
});

describe('a subscription', () => {
  const of = (more: object) => ofKind('subscription', 'subscription.updated', { ...subscription, ...more })[0];

  test('says what it costs, how often, and when it ends', () => {
    expect(of({})).toMatchObject({
      status: 'active',
      items: [{ unitAmount: 1200n, quantity: 1, currency: 'USD', interval: 'month', intervalCount: 1 }],
      discounts: [],
      cancelAt: null,
      startedAt: new Date('2026-11-01T00:00:00Z'),
      currentPeriodEnd: new Date('2026-12-01T00:00:00Z'),
    });
    expect(of({ status: 'trialing', trial_end: '2026-11-15T00:00:00Z' })).toMatchObject({
      status: 'trialing',
      trialEnd: new Date('2026-11-15T00:00:00Z'),
    });
    expect(of({ cancel_at_period_end: true, canceled_at: at })).toMatchObject({
      status: 'active',
      cancelAt: new Date('2026-12-01T00:00:00Z'),
    });
    expect(of({ status: 'canceled', ended_at: '2026-12-01T00:00:00Z' })).toMatchObject({
      endedAt: new Date('2026-12-01T00:00:00Z'),
    });
    expect(of({ status: 'paused' })).toMatchObject({ status: 'paused', pausedAt: new Date(at) });
  });

  test('changes its plan and its seats', () => {
    expect(
      of({
        amount: 9900,
        recurring_interval: 'year',
        prices: [{ id: 'price_2', amount_type: 'fixed', price_amount: 9900 }],
      }),
    ).toMatchObject({
      items: [{ priceId: 'price_2', unitAmount: 9900n, interval: 'year' }],
    });
    const seats = { prices: [{ id: 'price_3', amount_type: 'seat_based' }] };
    expect(of({ ...seats, amount: 3600, seats: 3 })).toMatchObject({ items: [{ quantity: 3, unitAmount: 1200n }] });
    expect(of({ ...seats, amount: 3500, seats: 3 })).toMatchObject({ items: [{ quantity: 1, unitAmount: 3500n }] });
  });

  test('tells its discount beside the full price: percent or amount, once, for months, or for good', () => {
    const percent = {
      id: 'dis_1',
      type: 'percentage',
      basis_points: 2500,
      duration: 'repeating',
      duration_in_months: 3,
    };
    expect(of({ amount: 900, discount: percent })).toMatchObject({
      items: [{ unitAmount: 1200n }],
      discounts: [
        { percentOff: '25', amountOff: null, duration: 'repeating', endsAt: new Date('2027-02-01T00:00:00Z') },
      ],
    });
    const fixed = { id: 'dis_2', type: 'fixed', amount: 200, currency: 'usd', duration: 'once' };
    expect(of({ amount: 1000, discount: fixed })).toMatchObject({
      discounts: [{ percentOff: null, amountOff: 200n, currency: 'USD', endsAt: new Date('2026-12-01T00:00:00Z') }],
    });
    expect(of({ amount: 1000, discount: { ...fixed, duration: 'forever' } })).toMatchObject({
      discounts: [{ endsAt: null }],
    });
    const seats = { amount: 900, discount: percent, prices: [{ id: 'price_3', amount_type: 'seat_based' }] };
    expect(of(seats)).toMatchObject({ items: [{ unitAmount: 900n }], discounts: [] });
  });
});

test('twice and in any order, the same is known in the end', () => {
  const told = [
    eventOf('subscription.created', { ...subscription, status: 'trialing' }, '2026-11-01T00:00:00Z'),
    eventOf('order.created', { ...order, status: 'pending', paid: false }, '2026-11-15T00:00:00Z'),
    eventOf('order.paid', order, '2026-11-15T00:00:02Z'),
    eventOf('subscription.updated', { ...subscription, amount: 2400, prices: [] }, '2026-11-16T00:00:00Z'),
    eventOf('subscription.canceled', { ...subscription, cancel_at_period_end: true }, '2026-11-17T00:00:00Z'),
    eventOf('subscription.uncanceled', subscription, '2026-11-18T00:00:00Z'),
  ].map((event) => ({ event, at: new Date(event.timestamp) }));
  const expected = knownAfter(polar, told);
  expect(expected.get('subscription sub_1')).toMatchObject({ cancelAt: null, items: [{ unitAmount: 1200n }] });
  fc.assert(
    fc.property(fc.shuffledSubarray(told, { minLength: told.length }), fc.constantFrom(...told), (order, again) => {
      expect(knownAfter(polar, [...order, again])).toEqual(expected);
    }),
  );
});

describe('the history', () => {
  let api: ProviderApi | undefined;
  afterEach(() => api?.close());

  const lists = () => ({
    '/v1/customers': [{ ...customer, created_at: '2026-10-01T00:00:00Z', modified_at: null }],
    '/v1/orders': [order, { ...order, id: 'ord_0', created_at: '2025-01-01T00:00:00Z', modified_at: null }],
    '/v1/subscriptions': [
      {
        ...subscription,
        id: 'sub_2',
        status: 'canceled',
        trial_end: '2026-11-08T00:00:00Z',
        canceled_at: at,
        ended_at: '2026-11-18T00:00:00Z',
      },
      subscription,
    ],
    '/v1/refunds': [],
    '/v1/disputes': [
      {
        id: 'dp_1',
        created_at: at,
        modified_at: null,
        status: 'lost',
        amount: 1200,
        tax_amount: 240,
        currency: 'usd',
        order_id: 'ord_1',
      },
    ],
  });
  const call = (cursor: string | null = null, since: Date | null = null) =>
    polar.backfill?.({ apiKey: 'polar_oat_1', apiUrl: api?.url ?? '', since, cursor, now }) ??
    Promise.reject(new Error('none'));

  async function readAll(since: Date | null = null) {
    const events = [];
    for (let cursor: string | null = null; ; ) {
      const answer = await call(cursor, since);
      if (!answer.ok) throw new Error(answer.failure.reason);
      events.push(...answer.value.events);
      cursor = answer.value.cursor;
      if (cursor === null) return events;
    }
  }

  test('brings all lists page by page, each object as its webhook would, and the same ids again', async () => {
    api = await startProviderApi('polar', lists(), 1);
    const events = await readAll();
    expect(events.map(({ type, occurredAt }) => `${type} ${occurredAt.toISOString().slice(0, 10)}`)).toEqual([
      'customer.updated 2026-10-01',
      'subscription.created 2026-11-01',
      'subscription.active 2026-11-08',
      'subscription.revoked 2026-11-18',
      'subscription.created 2026-11-01',
      'subscription.updated 2026-11-20',
      'order.updated 2026-11-20',
      'order.updated 2025-01-01',
      'dispute.updated 2026-11-20',
    ]);
    expect(api.key()).toBe('Bearer polar_oat_1');
    expect((await readAll()).map((event) => event.eventId)).toEqual(events.map((event) => event.eventId));
    const facts = events.flatMap((event) => polar.translate(JSON.parse(event.body)));
    expect(facts.filter((fact) => fact.kind === 'payment')).toHaveLength(2);
    expect(facts.find((fact) => fact.kind === 'subscription')).toMatchObject({ status: 'trialing', endedAt: null });
    const byWebhook = ofKind('payment', 'order.paid', order)[0];
    expect(facts).toContainEqual(byWebhook);
  });

  test('stops where nothing can be new, and an object that changed has a new id', async () => {
    api = await startProviderApi('polar', lists());
    const before = await readAll(new Date('2026-11-19T00:00:00Z'));
    expect(before.some((event) => event.body.includes('ord_0'))).toBe(false);
    const [first] = api.lists['/v1/disputes'] ?? [];
    api.lists['/v1/disputes'] = [{ ...first, status: 'won' }];
    const after = await readAll(new Date('2026-11-19T00:00:00Z'));
    expect(after.filter((event) => !before.some(({ eventId }) => eventId === event.eventId))).toHaveLength(1);
  });

  test('says what to do when it cannot be read', async () => {
    api = await startProviderApi('polar', lists());
    api.fail(429, {}, { 'retry-after': '30' });
    expect(await call()).toMatchObject({ failure: { kind: 'later', until: new Date(now.getTime() + 30_000) } });
    api.fail(401, { detail: 'The access token is invalid' });
    expect(await call()).toMatchObject({ failure: { kind: 'reconnect', reason: expect.stringContaining('invalid') } });
    api.fail(403);
    expect(await call()).toMatchObject({ failure: { kind: 'reconnect', code: 'forbidden' } });
    api.fail(500);
    expect(await call()).toMatchObject({ failure: { kind: 'later' } });
    api.fail(200, { hello: 'world' });
    expect(await call()).toMatchObject({ failure: { kind: 'refused', code: 'unreadable' } });
    const nowhere = { apiKey: 'k', apiUrl: await nobodyListens(), since: null, cursor: null, now };
    expect(await polar.backfill?.(nowhere)).toMatchObject({ failure: { kind: 'later' } });
  });

  test('keeps what it cannot read, to be read after an update', async () => {
    api = await startProviderApi('polar', { '/v1/orders': [{ ...order, total_amount: 'twelve' }] });
    const events = await readAll();
    expect(events).toHaveLength(1);
    expect(() => polar.translate(JSON.parse(events[0]?.body ?? ''))).toThrow(UnreadableEvent);
  });
});

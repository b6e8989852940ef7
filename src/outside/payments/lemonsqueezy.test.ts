import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { knownAfter, type ProviderApi, startProviderApi, webhookRequest } from '#test/fakes/payments.ts';
import { lemonSqueezy } from './lemonsqueezy.ts';
import { type MoneyFact, UnreadableEvent } from './payment.ts';

const now = new Date('2026-11-20T12:00:00Z');
const at = '2026-11-20T11:59:58.000000Z';

const order = {
  store_id: 1,
  customer_id: 7,
  user_name: 'Ann',
  user_email: 'ann@example.com',
  currency: 'USD',
  currency_rate: '1.0000',
  subtotal: 1200,
  discount_total: 0,
  tax: 240,
  total: 1440,
  status: 'paid',
  refunded: false,
  refunded_at: null,
  refunded_amount: 0,
  test_mode: false,
  created_at: '2026-11-20T11:58:00.000000Z',
  updated_at: at,
};
const subscription = {
  store_id: 1,
  customer_id: 7,
  order_id: 11,
  product_id: 5,
  variant_id: 6,
  user_name: 'Ann',
  user_email: 'ann@example.com',
  status: 'active',
  cancelled: false,
  pause: null,
  trial_ends_at: null,
  first_subscription_item: { id: 31, subscription_id: 21, price_id: 41, quantity: 3, is_usage_based: false },
  renews_at: '2026-12-01T00:00:00.000000Z',
  ends_at: null,
  test_mode: false,
  created_at: '2026-11-01T00:00:00.000000Z',
  updated_at: at,
};
const invoice = { ...order, subscription_id: 21, billing_reason: 'renewal' };
const price = {
  variant_id: 6,
  category: 'subscription',
  scheme: 'standard',
  usage_aggregation: null,
  unit_price: 1200,
  unit_price_decimal: null,
  package_size: 1,
  renewal_interval_unit: 'month',
  renewal_interval_quantity: 1,
  created_at: '2026-01-01T00:00:00.000000Z',
  updated_at: '2026-01-01T00:00:00.000000Z',
};

const eventOf = (
  event_name: string,
  attributes: object,
  id = '11',
  more: object = { custom_data: { person: 'user_42' } },
) => ({
  meta: { test_mode: false, event_name, ...more },
  data: { type: 'orders', id, attributes },
});
const factsOf = (name: string, attributes: object, id?: string, more?: object) =>
  lemonSqueezy.translate(eventOf(name, attributes, id, more));
const ofKind = (kind: MoneyFact['kind'], name: string, attributes: object, id?: string) =>
  factsOf(name, attributes, id).filter((fact) => fact.kind === kind);

describe('a webhook from Lemon Squeezy', () => {
  test('is taken in when its signature fits; it is known by what it says', async () => {
    const event = eventOf('order_created', order);
    const answer = await lemonSqueezy.verify(await webhookRequest('lemon_squeezy', event));
    expect(answer).toMatchObject({ ok: true, type: 'order_created', livemode: true, occurredAt: new Date(at) });
    const again = await lemonSqueezy.verify(await webhookRequest('lemon_squeezy', event, { at: new Date(0) }));
    expect(again).toEqual(answer);
    const other = await lemonSqueezy.verify(
      await webhookRequest('lemon_squeezy', eventOf('order_created', { ...order, total: 1 })),
    );
    expect(answer.ok && other.ok && answer.eventId !== other.eventId).toBe(true);
    const trial = eventOf('order_created', { ...order, test_mode: true });
    expect(await lemonSqueezy.verify(await webhookRequest('lemon_squeezy', trial))).toMatchObject({ livemode: false });
  });

  test('is refused when a byte changed, the secret is another or none, or nothing is signed', async () => {
    const request = await webhookRequest('lemon_squeezy', eventOf('order_created', order));
    const refusal = { ok: false, reason: 'bad_signature' };
    const changed = new TextEncoder().encode(JSON.stringify(eventOf('order_created', { ...order, total: 1 })));
    expect(await lemonSqueezy.verify({ ...request, body: changed })).toMatchObject(refusal);
    expect(await lemonSqueezy.verify({ ...request, secret: 'another' })).toMatchObject(refusal);
    expect(await lemonSqueezy.verify({ ...request, secret: '' })).toMatchObject(refusal);
    expect(await lemonSqueezy.verify({ ...request, headers: new Headers() })).toMatchObject(refusal);
  });

  test('is malformed when the header or the signed body cannot be read', async () => {
    const request = await webhookRequest('lemon_squeezy', eventOf('order_created', order));
    const malformed = { ok: false, reason: 'malformed' };
    expect(await lemonSqueezy.verify({ ...request, headers: new Headers({ 'x-signature': 'hello' }) })).toMatchObject(
      malformed,
    );
    for (const body of ['', '{"meta":', '{"meta": {}}'])
      expect(await lemonSqueezy.verify(await webhookRequest('lemon_squeezy', body))).toMatchObject(malformed);
  });

  test('of a kind that is not about money says nothing, and a broken one is not guessed', () => {
    for (const name of ['license_key_created', 'a_kind_of_2027', 'toString']) expect(factsOf(name, order)).toEqual([]);
    expect(() => factsOf('order_created', { ...order, total: '12.00' })).toThrow(UnreadableEvent);
  });

  test('hands over what the app gave to the checkout; an empty list is nothing', () => {
    expect(factsOf('order_created', order)[0]).toMatchObject({ metadata: { person: 'user_42' } });
    expect(factsOf('order_created', order, '11', { custom_data: [] })[0]).toMatchObject({ metadata: {} });
    expect(factsOf('order_created', order, '11', {})[0]).toMatchObject({ metadata: {} });
  });
});

describe('money', () => {
  test('of an order, with its tax and who paid', () => {
    expect(factsOf('order_created', order)).toMatchObject([
      { kind: 'customer', customerId: '7', email: 'ann@example.com', name: 'Ann' },
      {
        kind: 'payment',
        paymentId: 'order:11',
        amount: 1440n,
        tax: 240n,
        fee: null,
        currency: 'USD',
        metadata: { person: 'user_42' },
      },
    ]);
    expect(ofKind('payment', 'order_created', { ...order, status: 'pending' })).toEqual([]);
    expect(ofKind('payment', 'order_created', { ...order, total: 0, tax: 0 })).toEqual([]);
  });

  test('of a renewal is its invoice; the first invoice is the order told again', () => {
    expect(ofKind('payment', 'subscription_payment_success', invoice, '51')).toMatchObject([
      { paymentId: 'subscription_invoice:51', subscriptionId: '21', amount: 1440n },
    ]);
    expect(factsOf('subscription_payment_success', { ...invoice, billing_reason: 'initial' }, '50')).toMatchObject([
      { kind: 'customer' },
    ]);
  });

  test('is in hundredths of any currency', () => {
    const amountIn = (currency: string, total: number) =>
      ofKind('payment', 'order_created', { ...order, currency, total, tax: 0 })[0];
    expect(amountIn('JPY', 150_000)).toMatchObject({ amount: 1500n, currency: 'JPY' });
    expect(amountIn('KWD', 312)).toMatchObject({ amount: 3120n });
  });

  test('goes back whole or in part, as one refund that grows', () => {
    const back = { refunded: true, refunded_at: at };
    expect(
      ofKind('refund', 'order_refunded', { ...order, status: 'partial_refund', refunded_amount: 500 }),
    ).toMatchObject([
      { refundId: 'order:11:refund', paymentId: 'order:11', amount: 500n, tax: null, status: 'succeeded' },
    ]);
    expect(
      ofKind('refund', 'order_refunded', { ...order, ...back, status: 'refunded', refunded_amount: 1440 }),
    ).toMatchObject([{ refundId: 'order:11:refund', amount: 1440n, tax: 240n, occurredAt: new Date(at) }]);
    expect(
      ofKind(
        'refund',
        'subscription_payment_refunded',
        { ...invoice, ...back, status: 'refunded', refunded_amount: undefined },
        '51',
      ),
    ).toMatchObject([{ refundId: 'subscription_invoice:51:refund', amount: 1440n }]);
  });
});

describe('a subscription', () => {
  const of = (name: string, more: object = {}) => ofKind('subscription', name, { ...subscription, ...more }, '21')[0];

  test('names its price by id, its quantity, and the order it began with', () => {
    expect(factsOf('subscription_created', subscription, '21')).toMatchObject([
      { kind: 'customer', customerId: '7' },
      {
        kind: 'subscription',
        subscriptionId: '21',
        status: 'active',
        items: [{ itemId: '31', priceId: '41', quantity: 3, unitAmount: null, currency: null, usageType: 'licensed' }],
        currentPeriodEnd: new Date('2026-12-01T00:00:00Z'),
      },
      { kind: 'belongs', paymentId: 'order:11', subscriptionId: '21' },
    ]);
    expect(
      of('subscription_created', {
        first_subscription_item: null,
        status: 'on_trial',
        trial_ends_at: '2026-11-15T00:00:00Z',
      }),
    ).toMatchObject({
      status: 'trialing',
      items: [],
      trialEnd: new Date('2026-11-15T00:00:00Z'),
    });
  });

  test('is cancelled at the end of its period, resumed, and expires', () => {
    const ends_at = '2026-12-01T00:00:00Z';
    expect(of('subscription_cancelled', { status: 'cancelled', cancelled: true, ends_at })).toMatchObject({
      status: 'active',
      cancelAt: new Date(ends_at),
      canceledAt: new Date(at),
      endedAt: null,
    });
    expect(of('subscription_resumed')).toMatchObject({ status: 'active', cancelAt: null });
    expect(of('subscription_expired', { status: 'expired', ends_at })).toMatchObject({
      status: 'canceled',
      endedAt: new Date(ends_at),
    });
  });

  test('is paused and unpaused, owes, and changes its plan and quantity', () => {
    expect(of('subscription_paused', { status: 'paused', pause: { mode: 'void' } })).toMatchObject({
      status: 'paused',
      pausedAt: new Date(at),
    });
    expect(of('subscription_unpaused')).toMatchObject({ status: 'active', pausedAt: null });
    expect(of('subscription_updated', { status: 'past_due' })).toMatchObject({ status: 'past_due' });
    expect(of('subscription_updated', { status: 'unpaid' })).toMatchObject({ status: 'unpaid' });
    const item = { ...subscription.first_subscription_item, price_id: 42, quantity: 5 };
    expect(of('subscription_updated', { first_subscription_item: item })).toMatchObject({
      items: [{ priceId: '42', quantity: 5 }],
    });
  });

  test('costs what the list of prices says, in the currency of the store', () => {
    const priced = (more: object, currency = 'USD') => factsOf('price', { ...price, ...more }, '41', { currency });
    expect(priced({})).toMatchObject([
      {
        kind: 'price',
        priceId: '41',
        unitAmount: 1200n,
        currency: 'USD',
        interval: 'month',
        intervalCount: 1,
        usageType: 'licensed',
      },
    ]);
    expect(priced({ renewal_interval_unit: 'year', unit_price: 9900 }, 'JPY')).toMatchObject([
      { unitAmount: 99n, interval: 'year' },
    ]);
    expect(priced({ scheme: 'graduated', unit_price: null })).toMatchObject([{ unitAmount: null }]);
    expect(priced({ unit_price: null, usage_aggregation: 'sum' })).toMatchObject([{ usageType: 'metered' }]);
    expect(priced({ category: 'one_time', renewal_interval_unit: null })).toEqual([]);
  });

  test('has the discount of its order: percent or amount, once, for months, or for good', () => {
    const used = {
      order_id: 11,
      discount_amount: 25,
      discount_amount_type: 'percent',
      duration: 'repeating',
      duration_in_months: 3,
      subscription_ids: ['21'],
      interval: { unit: 'year', quantity: 1 },
      created_at: '2026-11-01T00:00:00Z',
      updated_at: '2026-11-01T00:00:00Z',
    };
    const discount = (more: object) =>
      factsOf('discount_redemption', { ...used, ...more }, '61', { currency: 'USD' })[0];
    expect(discount({})).toMatchObject({
      kind: 'discount',
      subscriptionId: '21',
      discount: { percentOff: '25', amountOff: null, duration: 'repeating', endsAt: new Date('2027-02-01T00:00:00Z') },
    });
    expect(discount({ discount_amount_type: 'fixed', discount_amount: 300, duration: 'once' })).toMatchObject({
      discount: { percentOff: null, amountOff: 300n, currency: 'USD', endsAt: new Date('2027-11-01T00:00:00Z') },
    });
    expect(discount({ duration: 'forever' })).toMatchObject({ discount: { endsAt: null } });
  });
});

test('twice and in any order, the same is known in the end', () => {
  const told = [
    eventOf('order_created', { ...order, updated_at: '2026-11-01T00:00:01Z' }),
    eventOf('subscription_created', { ...subscription, updated_at: '2026-11-01T00:00:02Z' }, '21'),
    eventOf('subscription_payment_success', { ...invoice, updated_at: '2026-12-01T00:00:00Z' }, '51'),
    eventOf(
      'subscription_cancelled',
      { ...subscription, status: 'cancelled', updated_at: '2026-12-02T00:00:00Z' },
      '21',
    ),
    eventOf('subscription_resumed', { ...subscription, updated_at: '2026-12-03T00:00:00Z' }, '21'),
    eventOf('order_refunded', {
      ...order,
      status: 'partial_refund',
      refunded_amount: 300,
      updated_at: '2026-12-04T00:00:00Z',
    }),
    eventOf('order_refunded', {
      ...order,
      status: 'partial_refund',
      refunded_amount: 500,
      updated_at: '2026-12-05T00:00:00Z',
    }),
  ].map((event) => ({ event, at: new Date((event.data.attributes as { updated_at: string }).updated_at) }));
  const expected = knownAfter(lemonSqueezy, told);
  expect(expected.get('refund order:11:refund')).toMatchObject({ amount: 500n });
  fc.assert(
    fc.property(fc.shuffledSubarray(told, { minLength: told.length }), fc.constantFrom(...told), (order_, again) => {
      expect(knownAfter(lemonSqueezy, [...order_, again])).toEqual(expected);
    }),
  );
});

describe('the history', () => {
  let api: ProviderApi | undefined;
  afterEach(() => api?.close());

  const resource = (type: string, id: string, attributes: object) => ({ type, id, attributes });
  const lists = () => ({
    '/v1/stores': [resource('stores', '1', { currency: 'EUR' })],
    '/v1/prices': [
      resource('prices', '41', price),
      resource('prices', '42', { ...price, renewal_interval_unit: 'year' }),
    ],
    '/v1/orders': [resource('orders', '11', order)],
    '/v1/subscriptions': [resource('subscriptions', '21', subscription)],
    '/v1/subscription-invoices': [resource('subscription-invoices', '51', invoice)],
    '/v1/discount-redemptions': [
      resource('discount-redemptions', '61', {
        discount_id: 71,
        order_id: 11,
        discount_amount: 25,
        discount_amount_type: 'percent',
        created_at: at,
        updated_at: at,
      }),
      resource('discount-redemptions', '62', {
        discount_id: 71,
        order_id: 99,
        discount_amount: 25,
        discount_amount_type: 'percent',
        created_at: at,
        updated_at: at,
      }),
    ],
    included: [resource('discounts', '71', { duration: 'once', duration_in_months: null })],
  });
  const call = (cursor: string | null = null, since: Date | null = null) =>
    lemonSqueezy.backfill?.({ apiKey: 'key_1', apiUrl: api?.url ?? '', since, cursor, now }) ??
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

  test('brings prices and discounts, and everything else as its webhook would', async () => {
    api = await startProviderApi('lemon_squeezy', lists(), 1);
    const events = await readAll();
    expect(events.map((event) => event.type)).toEqual([
      'price',
      'price',
      'order_created',
      'subscription_created',
      'subscription_updated',
      'subscription_payment_success',
      'discount_redemption',
    ]);
    const facts = events.flatMap((event) => lemonSqueezy.translate(JSON.parse(event.body)));
    expect(facts).toContainEqual(
      expect.objectContaining({ kind: 'price', priceId: '42', interval: 'year', currency: 'EUR' }),
    );
    expect(facts).toContainEqual(expect.objectContaining({ kind: 'payment', paymentId: 'order:11', amount: 1440n }));
    expect(facts.at(-1)).toMatchObject({
      kind: 'discount',
      subscriptionId: '21',
      discount: { percentOff: '25', endsAt: new Date('2026-12-20T11:59:58Z') },
    });
    expect((await readAll()).map((event) => event.eventId)).toEqual(events.map((event) => event.eventId));
  });

  test('finds the store of each price where the currencies of stores differ', async () => {
    const all = lists();
    all['/v1/stores'].push(resource('stores', '2', { currency: 'GBP' }));
    all.included.push(resource('products', '5', { store_id: 2 }));
    api = await startProviderApi('lemon_squeezy', {
      ...all,
      '/v1/variants': [resource('variants', '6', { product_id: 5 })],
    });
    const [first] = await readAll();
    expect(lemonSqueezy.translate(JSON.parse(first?.body ?? ''))).toMatchObject([{ kind: 'price', currency: 'GBP' }]);
  });

  test('leaves out what nobody touched, and signed addresses make nothing new', async () => {
    api = await startProviderApi('lemon_squeezy', lists());
    const before = await readAll(new Date('2026-11-19T00:00:00Z'));
    expect(before.map((event) => event.type)).not.toContain('price');
    api.lists['/v1/subscriptions'] = [
      resource('subscriptions', '21', { ...subscription, urls: { customer_portal: 'https://x/?signature=2' } }),
    ];
    const after = await readAll(new Date('2026-11-19T00:00:00Z'));
    expect(after.map((event) => event.eventId)).toEqual(before.map((event) => event.eventId));
  });

  test('says what to do when it cannot be read', async () => {
    api = await startProviderApi('lemon_squeezy', lists());
    api.fail(429, {}, { 'retry-after': '30' });
    expect(await call()).toMatchObject({ failure: { kind: 'later', until: new Date(now.getTime() + 30_000) } });
    api.fail(401, { errors: [{ detail: 'Unauthenticated.' }] });
    expect(await call()).toMatchObject({
      failure: { kind: 'reconnect', reason: expect.stringContaining('Unauthenticated') },
    });
    api.fail(502);
    expect(await call()).toMatchObject({ failure: { kind: 'later' } });
    api.fail(200, { data: {} });
    expect(await call()).toMatchObject({ failure: { kind: 'refused', code: 'unreadable' } });
  });
});

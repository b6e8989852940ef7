import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { knownAfter, type ProviderApi, startProviderApi, webhookRequest } from '#test/fakes/payments.ts';
import { paddle } from './paddle.ts';
import { type MoneyFact, UnreadableEvent } from './payment.ts';

const now = new Date('2026-11-20T12:00:00Z');
const at = '2026-11-20T11:59:58.123456Z';

const transaction = {
  id: 'txn_1',
  status: 'completed',
  customer_id: 'ctm_1',
  subscription_id: 'sub_1',
  currency_code: 'USD',
  custom_data: { person: 'user_42' },
  discount_id: null,
  created_at: '2026-11-20T11:57:00Z',
  updated_at: at,
  billed_at: '2026-11-20T11:57:30Z',
  details: {
    totals: {
      subtotal: '1200',
      discount: '0',
      tax: '240',
      total: '1440',
      credit: '0',
      balance: '0',
      grand_total: '1440',
      fee: '122',
      earnings: '1078',
      currency_code: 'USD',
    },
    payout_totals: {
      subtotal: '1100',
      tax: '220',
      total: '1320',
      grand_total: '1320',
      fee: '112',
      earnings: '988',
      currency_code: 'EUR',
      exchange_rate: '0.9166',
      fee_rate: '0.05',
    },
  },
  payments: [
    { status: 'error', captured_at: null },
    { status: 'captured', captured_at: '2026-11-20T11:58:00Z' },
  ],
};
const price = {
  id: 'pri_1',
  product_id: 'pro_1',
  unit_price: { amount: '1200', currency_code: 'USD' },
  billing_cycle: { interval: 'month', frequency: 1 },
};
const subscription = {
  id: 'sub_1',
  status: 'active',
  customer_id: 'ctm_1',
  currency_code: 'USD',
  created_at: '2026-11-01T00:00:00Z',
  updated_at: at,
  started_at: '2026-11-01T00:00:00Z',
  first_billed_at: '2026-11-01T00:00:00Z',
  next_billed_at: '2026-12-01T00:00:00Z',
  paused_at: null,
  canceled_at: null,
  discount: null,
  current_billing_period: { starts_at: '2026-11-01T00:00:00Z', ends_at: '2026-12-01T00:00:00Z' },
  scheduled_change: null,
  items: [{ status: 'active', quantity: 3, recurring: true, price, trial_dates: null }],
  custom_data: null,
};
const adjustment = {
  id: 'adj_1',
  action: 'refund',
  transaction_id: 'txn_1',
  subscription_id: 'sub_1',
  customer_id: 'ctm_1',
  reason: 'not happy',
  status: 'approved',
  currency_code: 'USD',
  totals: { subtotal: '500', tax: '100', total: '600', fee: '50', earnings: '450', currency_code: 'USD' },
  payout_totals: { subtotal: '458', tax: '92', total: '550', fee: '46', earnings: '412', currency_code: 'EUR' },
  created_at: at,
  updated_at: at,
};

const eventOf = (event_type: string, data: object, occurred_at = at) => ({
  event_id: 'evt_1',
  event_type,
  occurred_at,
  notification_id: 'ntf_1',
  data,
});
const factsOf = (type: string, data: object) => paddle.translate(eventOf(type, data));
const ofKind = (kind: MoneyFact['kind'], type: string, data: object) =>
  factsOf(type, data).filter((fact) => fact.kind === kind);

describe('a webhook from Paddle', () => {
  const event = eventOf('transaction.completed', transaction);

  test('is taken in when its signature fits, also beside an older one', async () => {
    const request = await webhookRequest('paddle', event, { at: now });
    expect(await paddle.verify(request)).toMatchObject({
      ok: true,
      eventId: 'evt_1',
      type: 'transaction.completed',
      occurredAt: new Date(at),
    });
    const headers = new Headers({
      'paddle-signature': `${request.headers.get('paddle-signature')};h1=${'0'.repeat(64)}`,
    });
    expect(await paddle.verify({ ...request, headers })).toMatchObject({ ok: true });
  });

  test('is good for exactly five minutes', async () => {
    const sent = (seconds: number) =>
      webhookRequest('paddle', event, { at: new Date(now.getTime() - seconds * 1000), now });
    expect(await paddle.verify(await sent(300))).toMatchObject({ ok: true });
    expect(await paddle.verify(await sent(301))).toMatchObject({ reason: 'too_old' });
  });

  test('is refused when anything signed changed, or the secret is another or none', async () => {
    const request = await webhookRequest('paddle', event, { at: now });
    const refusal = { ok: false, reason: 'bad_signature' };
    expect(await paddle.verify({ ...request, body: new TextEncoder().encode('{}') })).toMatchObject(refusal);
    expect(await paddle.verify({ ...request, secret: 'another' })).toMatchObject(refusal);
    expect(await paddle.verify({ ...request, secret: '' })).toMatchObject(refusal);
    expect(await paddle.verify({ ...request, headers: new Headers() })).toMatchObject(refusal);
    const later = new Headers({
      'paddle-signature': String(request.headers.get('paddle-signature')).replace(/ts=\d+/, 'ts=1'),
    });
    expect(await paddle.verify({ ...request, headers: later })).toMatchObject(refusal);
  });

  test('is malformed when the header or the signed body cannot be read', async () => {
    const request = await webhookRequest('paddle', event, { at: now });
    for (const header of ['hello', 'ts=soon;h1=aa', 'ts=1'])
      expect(await paddle.verify({ ...request, headers: new Headers({ 'paddle-signature': header }) })).toMatchObject({
        reason: 'malformed',
      });
    for (const body of ['', '{"event_id":', '{"event_id": "1"}'])
      expect(await paddle.verify(await webhookRequest('paddle', body, { at: now }))).toMatchObject({
        reason: 'malformed',
      });
  });

  test('of a kind that is not about money says nothing, and a broken one is not guessed', () => {
    for (const type of ['product.created', 'a.kind_of_2027', 'toString']) expect(factsOf(type, {})).toEqual([]);
    const broken = { ...transaction, details: { totals: { ...transaction.details.totals, total: '12.00' } } };
    expect(() => factsOf('transaction.completed', broken)).toThrow(UnreadableEvent);
  });
});

describe('money', () => {
  test('of a completed transaction: with tax, fee, and what it adds to the balance in another currency', () => {
    expect(factsOf('transaction.completed', transaction)).toMatchObject([
      {
        kind: 'payment',
        paymentId: 'txn_1',
        subscriptionId: 'sub_1',
        customerId: 'ctm_1',
        amount: 1440n,
        tax: 240n,
        fee: 122n,
        currency: 'USD',
        metadata: { person: 'user_42' },
        occurredAt: new Date('2026-11-20T11:58:00Z'),
      },
      {
        kind: 'statement',
        about: 'payment',
        paymentId: 'txn_1',
        gross: 1320n,
        tax: 220n,
        fee: 112n,
        net: 988n,
        currency: 'EUR',
        converted: { amount: 1440n, currency: 'USD', rate: '0.9166' },
      },
    ]);
  });

  test('is paid before it is completed, and none before it is paid or when nothing was charged', () => {
    const { totals } = transaction.details;
    const paid = {
      ...transaction,
      status: 'paid',
      details: { totals: { ...totals, fee: null, earnings: null }, payout_totals: null },
    };
    expect(factsOf('transaction.paid', paid)).toMatchObject([{ kind: 'payment', amount: 1440n, fee: null }]);
    expect(factsOf('transaction.updated', { ...transaction, status: 'billed' })).toEqual([]);
    const free = { ...transaction, details: { totals: { ...totals, tax: '0', total: '0', grand_total: '0' } } };
    expect(factsOf('transaction.completed', free)).toEqual([]);
    const credit = { ...transaction, details: { totals: { ...totals, grand_total: '1000' } } };
    expect(factsOf('transaction.completed', credit)).toMatchObject([{ amount: 1000n }]);
  });

  test('comes in the minor units of its currency, also where it has none or three', () => {
    const amountIn = (currency_code: string) =>
      ofKind('payment', 'transaction.completed', {
        ...transaction,
        currency_code,
        details: { totals: { ...transaction.details.totals, currency_code } },
      })[0];
    expect(amountIn('JPY')).toMatchObject({ amount: 1440n, currency: 'JPY' });
    expect(amountIn('KWD')).toMatchObject({ amount: 1440n, currency: 'KWD' });
  });

  test('goes back whole or in part once Paddle agrees, with what it gives back of its fee', () => {
    expect(factsOf('adjustment.updated', adjustment)).toMatchObject([
      { kind: 'refund', refundId: 'adj_1', paymentId: 'txn_1', amount: 600n, tax: 100n, status: 'succeeded' },
      { kind: 'fee', paymentId: 'txn_1', amount: -50n, currency: 'USD' },
      { kind: 'statement', about: 'refund', gross: -550n, tax: -92n, net: -412n, fee: -46n, currency: 'EUR' },
    ]);
    for (const [status, shown] of [
      ['pending_approval', 'pending'],
      ['rejected', 'failed'],
      ['reversed', 'failed'],
    ])
      expect(factsOf('adjustment.created', { ...adjustment, status })).toMatchObject([
        { status: shown },
        { amount: 0n },
        { net: 0n },
      ]);
    expect(factsOf('adjustment.created', { ...adjustment, action: 'credit' })).toEqual([]);
  });

  test('is charged back, with a fee, and comes back when that is reversed', () => {
    const chargeback = {
      ...adjustment,
      action: 'chargeback',
      payout_totals: { ...adjustment.payout_totals, chargeback_fee: { amount: '1500', original: null } },
    };
    expect(factsOf('adjustment.created', chargeback)).toMatchObject([
      { kind: 'dispute', disputeId: 'txn_1:chargeback', paymentId: 'txn_1', status: 'open', amount: 600n },
      { kind: 'fee', amount: -50n },
      { kind: 'fee', feeId: 'adj_1:chargeback', amount: 1500n, currency: 'EUR' },
      { kind: 'statement', about: 'dispute', gross: -550n, net: -1912n, fee: 1454n },
    ]);
    expect(factsOf('adjustment.created', { ...adjustment, id: 'adj_2', action: 'chargeback_reverse' })).toMatchObject([
      { kind: 'dispute', disputeId: 'txn_1:chargeback', status: 'won' },
      { kind: 'fee', amount: 50n },
      { kind: 'statement', gross: 550n, net: 412n },
    ]);
    expect(ofKind('dispute', 'adjustment.created', { ...adjustment, action: 'chargeback_warning' })).toMatchObject([
      { status: 'warning' },
    ]);
    expect(ofKind('statement', 'adjustment.created', { ...adjustment, action: 'chargeback_warning' })).toEqual([]);
  });

  test('is paid out', () => {
    const payout = { id: 'pay_1', status: 'unpaid', amount: '50000', currency_code: 'EUR' };
    expect(factsOf('payout.created', payout)).toMatchObject([
      { kind: 'payout', payoutId: 'pay_1', amount: 50_000n, status: 'pending', arrivesOn: null },
    ]);
    expect(factsOf('payout.paid', { ...payout, status: 'paid' })).toMatchObject([
      { kind: 'payout', status: 'paid', arrivesOn: '2026-11-20' },
      { kind: 'statement', about: 'payout', payoutId: 'pay_1', net: -50_000n },
    ]);
  });

  test('is paid by somebody', () => {
    const customer = {
      id: 'ctm_1',
      email: 'ann@example.com',
      name: null,
      status: 'active',
      custom_data: { person: 'user_42' },
    };
    expect(factsOf('customer.updated', customer)).toMatchObject([
      { kind: 'customer', email: 'ann@example.com', metadata: { person: 'user_42' } },
    ]);
  });
});

describe('a subscription', () => {
  const of = (more: object) => ofKind('subscription', 'subscription.updated', { ...subscription, ...more })[0];
  const item = subscription.items[0];

  test('says what it costs, how often, and leaves out what is billed once', () => {
    const once = {
      status: 'active',
      quantity: 1,
      recurring: false,
      price: { ...price, id: 'pri_2', billing_cycle: null },
    };
    expect(of({ items: [item, once] })).toMatchObject({
      status: 'active',
      items: [
        { priceId: 'pri_1', quantity: 3, unitAmount: 1200n, currency: 'USD', interval: 'month', intervalCount: 1 },
      ],
      currentPeriodEnd: new Date('2026-12-01T00:00:00Z'),
      startedAt: new Date('2026-11-01T00:00:00Z'),
    });
  });

  test('is tried, cancelled at the end of its period, taken up again, and ends', () => {
    expect(
      of({ status: 'trialing', items: [{ ...item, trial_dates: { ends_at: '2026-11-15T00:00:00Z' } }] }),
    ).toMatchObject({
      status: 'trialing',
      trialEnd: new Date('2026-11-15T00:00:00Z'),
    });
    const change = (action: string) => ({
      scheduled_change: { action, effective_at: '2026-12-01T00:00:00Z', resume_at: null },
    });
    expect(of(change('cancel'))).toMatchObject({
      status: 'active',
      cancelAt: new Date('2026-12-01T00:00:00Z'),
      endedAt: null,
    });
    expect(of({})).toMatchObject({ cancelAt: null, canceledAt: null });
    expect(of({ status: 'canceled', canceled_at: '2026-12-01T00:00:00Z' })).toMatchObject({
      endedAt: new Date('2026-12-01T00:00:00Z'),
    });
    expect(of(change('pause'))).toMatchObject({ status: 'active', pausedAt: new Date('2026-12-01T00:00:00Z') });
    expect(of({ status: 'paused', paused_at: '2026-12-01T00:00:00Z' })).toMatchObject({
      status: 'paused',
      pausedAt: new Date('2026-12-01T00:00:00Z'),
    });
    expect(of({ status: 'past_due' })).toMatchObject({ status: 'past_due' });
  });

  test('changes its plan and its quantity', () => {
    const yearly = {
      ...price,
      id: 'pri_3',
      unit_price: { amount: '99000', currency_code: 'JPY' },
      billing_cycle: { interval: 'year', frequency: 1 },
    };
    expect(of({ items: [{ ...item, quantity: 5, price: yearly }] })).toMatchObject({
      items: [{ priceId: 'pri_3', quantity: 5, unitAmount: 99_000n, currency: 'JPY', interval: 'year' }],
    });
  });

  test('names its discount, whose content is told by itself', () => {
    expect(
      of({ discount: { id: 'dsc_1', starts_at: '2026-11-01T00:00:00Z', ends_at: '2027-02-01T00:00:00Z' } }),
    ).toMatchObject({
      discounts: [
        {
          discountId: 'dsc_1',
          percentOff: null,
          amountOff: null,
          startsAt: new Date('2026-11-01T00:00:00Z'),
          endsAt: new Date('2027-02-01T00:00:00Z'),
        },
      ],
    });
    const discount = {
      id: 'dsc_1',
      type: 'percentage',
      amount: '12.5',
      currency_code: null,
      recur: true,
      maximum_recurring_intervals: 3,
    };
    const told = (more: object) => factsOf('discount.updated', { ...discount, ...more })[0];
    expect(told({})).toMatchObject({
      kind: 'discount',
      subscriptionId: null,
      discount: { percentOff: '12.5', amountOff: null, duration: 'repeating' },
    });
    expect(told({ maximum_recurring_intervals: null })).toMatchObject({ discount: { duration: 'forever' } });
    expect(told({ type: 'flat', amount: '300', currency_code: 'USD', recur: false })).toMatchObject({
      discount: { percentOff: null, amountOff: 300n, currency: 'USD', duration: 'once' },
    });
    expect(told({ type: 'flat_per_seat', amount: '300', currency_code: 'USD' })).toMatchObject({
      discount: { percentOff: null, amountOff: null },
    });
  });
});

test('twice and in any order, the same is known in the end', () => {
  const told = [
    eventOf('subscription.trialing', { ...subscription, status: 'trialing' }, '2026-11-01T00:00:00Z'),
    eventOf('transaction.paid', { ...transaction, status: 'paid' }, '2026-11-15T00:00:00Z'),
    eventOf('transaction.completed', transaction, '2026-11-15T00:00:02Z'),
    eventOf('subscription.paused', { ...subscription, status: 'paused' }, '2026-11-16T00:00:00Z'),
    eventOf('subscription.resumed', subscription, '2026-11-17T00:00:00Z'),
    eventOf('adjustment.created', { ...adjustment, status: 'pending_approval' }, '2026-11-18T00:00:00Z'),
    eventOf('adjustment.updated', adjustment, '2026-11-19T00:00:00Z'),
  ].map((event) => ({ event, at: new Date(event.occurred_at) }));
  const expected = knownAfter(paddle, told);
  expect(expected.get('refund adj_1')).toMatchObject({ status: 'succeeded' });
  fc.assert(
    fc.property(fc.shuffledSubarray(told, { minLength: told.length }), fc.constantFrom(...told), (order, again) => {
      expect(knownAfter(paddle, [...order, again])).toEqual(expected);
    }),
  );
});

describe('the history', () => {
  let api: ProviderApi | undefined;
  afterEach(() => api?.close());

  const lists = () => ({
    '/discounts': [{ id: 'dsc_1', type: 'percentage', amount: '25', recur: true, created_at: at, updated_at: at }],
    '/customers': [{ id: 'ctm_1', email: 'ann@example.com', created_at: at, updated_at: at }],
    '/subscriptions': [
      {
        ...subscription,
        id: 'sub_2',
        status: 'canceled',
        first_billed_at: '2026-11-08T00:00:00Z',
        canceled_at: '2026-11-18T00:00:00Z',
      },
      subscription,
    ],
    '/transactions': [transaction, { ...transaction, id: 'txn_0', updated_at: '2025-01-01T00:00:00Z' }],
    '/adjustments': [adjustment],
  });
  const call = (cursor: string | null = null, since: Date | null = null) =>
    paddle.backfill?.({ apiKey: 'pdl_live_1', apiUrl: api?.url ?? '', since, cursor, now }) ??
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
    api = await startProviderApi('paddle', lists(), 1);
    const events = await readAll();
    expect(events.map(({ type, occurredAt }) => `${type} ${occurredAt.toISOString().slice(0, 10)}`)).toEqual([
      'discount.updated 2026-11-20',
      'customer.updated 2026-11-20',
      'subscription.created 2026-11-01',
      'subscription.activated 2026-11-08',
      'subscription.canceled 2026-11-18',
      'subscription.created 2026-11-01',
      'subscription.updated 2026-11-20',
      'transaction.updated 2026-11-20',
      'transaction.updated 2025-01-01',
      'adjustment.updated 2026-11-20',
    ]);
    const facts = events.flatMap((event) => paddle.translate(JSON.parse(event.body)));
    expect(facts).toContainEqual(ofKind('payment', 'transaction.completed', transaction)[0]);
    expect(facts.find((fact) => fact.kind === 'subscription')).toMatchObject({ status: 'trialing', endedAt: null });
    expect((await readAll()).map((event) => event.eventId)).toEqual(events.map((event) => event.eventId));
  });

  test('asks only for what was touched since, and says what it asks with', async () => {
    api = await startProviderApi('paddle', lists());
    const events = await readAll(new Date('2026-11-19T00:00:00Z'));
    expect(events.some((event) => event.body.includes('txn_0'))).toBe(false);
    expect(api.asked).toContain(
      'GET /transactions?per_page=30&status=paid,completed&updated_at[GTE]=2026-11-19T00:00:00.000Z',
    );
    expect(api.key()).toBe('Bearer pdl_live_1');
  });

  test('says what to do when it cannot be read', async () => {
    api = await startProviderApi('paddle', lists());
    api.fail(429, {}, { 'retry-after': '30' });
    expect(await call()).toMatchObject({ failure: { kind: 'later', until: new Date(now.getTime() + 30_000) } });
    api.fail(401, { error: { detail: 'Authentication header included, but incorrectly formatted' } });
    expect(await call()).toMatchObject({
      failure: { kind: 'reconnect', reason: expect.stringContaining('incorrectly') },
    });
    api.fail(403, { error: { detail: 'forbidden' } });
    expect(await call()).toMatchObject({ failure: { kind: 'reconnect', code: 'forbidden' } });
    api.fail(503);
    expect(await call()).toMatchObject({ failure: { kind: 'later' } });
    api.fail(200, []);
    expect(await call()).toMatchObject({ failure: { kind: 'refused', code: 'unreadable' } });
  });
});

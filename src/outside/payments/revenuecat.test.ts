import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knownAfter, webhookRequest } from '#test/fakes/payments.ts';
import { UnreadableEvent } from './payment.ts';
import { revenuecat } from './revenuecat.ts';

const ms = (iso: string) => Date.parse(iso);

/** As in RevenueCat's samples: a monthly subscription from the App Store, renewed from 1 November to 1 December. */
function eventOf(type: string, more: Record<string, unknown> = {}) {
  return {
    api_version: '1.0',
    event: {
      id: '12345678-1234-1234-1234-123456789012',
      type,
      event_timestamp_ms: ms('2026-11-01T10:00:05Z'),
      app_user_id: 'user_42',
      original_app_user_id: '$RCAnonymousID:87c6049c58069238dce29853916d624c',
      aliases: ['$RCAnonymousID:8069238d6049ce87cc529853916d624c', 'user_42'],
      environment: 'PRODUCTION',
      store: 'APP_STORE',
      product_id: 'app.pro.monthly',
      period_type: 'NORMAL',
      purchased_at_ms: ms('2026-11-01T10:00:00Z'),
      expiration_at_ms: ms('2026-12-01T10:00:00Z'),
      transaction_id: '300',
      original_transaction_id: '100',
      is_family_share: false,
      currency: 'EUR',
      price: 11.52,
      price_in_purchased_currency: 9.99,
      tax_percentage: 0.1597,
      commission_percentage: 0.1261,
      subscriber_attributes: { $email: { value: 'ann@example.com', updated_at_ms: 1 }, plan: { value: 'pro' } },
      a_field_of_2027: {},
      ...more,
    },
  };
}

const factsOf = (type: string, more?: Record<string, unknown>) => revenuecat.translate(eventOf(type, more));
const ofKind = (kind: string, type: string, more?: Record<string, unknown>) =>
  factsOf(type, more).filter((fact) => fact.kind === kind);

describe('a webhook from RevenueCat', () => {
  test('is taken in when it carries the agreed header', async () => {
    expect(await revenuecat.verify(await webhookRequest('revenuecat', eventOf('RENEWAL')))).toMatchObject({
      ok: true,
      eventId: '12345678-1234-1234-1234-123456789012',
      type: 'RENEWAL',
      occurredAt: new Date('2026-11-01T10:00:05Z'),
      livemode: true,
    });
  });

  test('from the sandbox, or sent by hand to try it out, is no live one', async () => {
    const sandbox = eventOf('RENEWAL', { environment: 'SANDBOX' });
    expect(await revenuecat.verify(await webhookRequest('revenuecat', sandbox))).toMatchObject({ livemode: false });
    expect(await revenuecat.verify(await webhookRequest('revenuecat', eventOf('TEST')))).toMatchObject({
      livemode: false,
    });
  });

  test('is refused with another header, none, or no secret to hold it against', async () => {
    const request = await webhookRequest('revenuecat', eventOf('RENEWAL'));
    const refusal = { ok: false, reason: 'bad_signature' };
    expect(await revenuecat.verify({ ...request, secret: 'Bearer the secret of the shop' })).toMatchObject(refusal);
    expect(await revenuecat.verify({ ...request, headers: new Headers() })).toMatchObject(refusal);
    expect(await revenuecat.verify(await webhookRequest('revenuecat', eventOf('X'), { secret: '' }))).toMatchObject(
      refusal,
    );
  });

  test('is malformed when the body is no event', async () => {
    for (const body of ['', '{"event":', '{"event": {"id": "1"}}', '[]'])
      expect(await revenuecat.verify(await webhookRequest('revenuecat', body))).toMatchObject({ reason: 'malformed' });
  });

  test('of a kind that is not about money says nothing, and a broken one is not guessed', () => {
    for (const type of ['TEST', 'EXPERIMENT_ENROLLMENT', 'VIRTUAL_CURRENCY_TRANSACTION', 'A_KIND_OF_2027', 'toString'])
      expect(factsOf(type)).toEqual([]);
    expect(() => factsOf('RENEWAL', { transaction_id: undefined })).toThrow(UnreadableEvent);
  });
});

describe('money', () => {
  test('of a renewal: the price with its tax and commission, and who paid', () => {
    expect(factsOf('RENEWAL')).toMatchObject([
      {
        kind: 'customer',
        customerId: '$RCAnonymousID:87c6049c58069238dce29853916d624c',
        person: 'user_42',
        aliases: ['user_42', '$RCAnonymousID:8069238d6049ce87cc529853916d624c'],
        email: 'ann@example.com',
        metadata: { plan: 'pro' },
      },
      {
        kind: 'payment',
        paymentId: '300',
        subscriptionId: '100',
        amount: 999n,
        tax: 160n,
        fee: 126n,
        currency: 'EUR',
        occurredAt: new Date('2026-11-01T10:00:00Z'),
      },
      { kind: 'price', unitAmount: 999n, interval: 'month', intervalCount: 1 },
      { kind: 'subscription', subscriptionId: '100', status: 'active', trialEnd: null, cancelAt: null },
    ]);
  });

  test('comes in the minor units of its currency, also where it has none or three', () => {
    const amountIn = (currency: string, price: number) =>
      ofKind('payment', 'RENEWAL', { currency, price_in_purchased_currency: price })[0];
    expect(amountIn('JPY', 1500)).toMatchObject({ amount: 1500n, currency: 'JPY' });
    expect(amountIn('KWD', 3.125)).toMatchObject({ amount: 3125n });
    expect(amountIn('USD', 0.1 + 0.2)).toMatchObject({ amount: 30n });
  });

  test('of a single purchase belongs to no subscription', () => {
    const facts = factsOf('NON_RENEWING_PURCHASE', { expiration_at_ms: null });
    expect(facts.map((fact) => fact.kind)).toEqual(['customer', 'payment']);
    expect(facts[1]).toMatchObject({ subscriptionId: null, amount: 999n });
  });

  test('of which the store tells no price is not counted', () => {
    expect(ofKind('payment', 'RENEWAL', { price_in_purchased_currency: null })).toEqual([]);
    expect(ofKind('payment', 'RENEWAL', { currency: null })).toEqual([]);
    expect(ofKind('payment', 'RENEWAL', { tax_percentage: null, commission_percentage: null })).toMatchObject([
      { tax: null, fee: null },
    ]);
  });

  test('goes back whole or in part, with the commission on it, and a reversed refund counts no more', () => {
    const refund = { cancel_reason: 'CUSTOMER_SUPPORT', price_in_purchased_currency: -9.99 };
    expect(factsOf('CANCELLATION', refund)).toMatchObject([
      { kind: 'customer' },
      { kind: 'subscription', cancelAt: new Date('2026-12-01T10:00:00Z') },
      { kind: 'refund', refundId: '300:refund', paymentId: '300', amount: 999n, tax: 160n, status: 'succeeded' },
      { kind: 'fee', paymentId: '300', amount: -126n },
    ]);
    expect(ofKind('refund', 'CANCELLATION', { ...refund, price_in_purchased_currency: -4 })).toMatchObject([
      { amount: 400n },
    ]);
    const late = { event_timestamp_ms: ms('2026-12-24T00:00:00Z') };
    expect(factsOf('REFUND_REVERSED', late)).toMatchObject([
      { kind: 'customer' },
      { kind: 'refund', refundId: '300:refund', status: 'failed' },
      { kind: 'fee', amount: 0n },
    ]);
  });
});

describe('a subscription', () => {
  const of = (type: string, more?: Record<string, unknown>) => ofKind('subscription', type, more)[0];
  const until = new Date('2026-12-01T10:00:00Z');

  test('begins with a trial that is worth nothing, and is paid for when it converts', () => {
    const trial = { period_type: 'TRIAL', price_in_purchased_currency: 0 };
    expect(of('INITIAL_PURCHASE', trial)).toMatchObject({ status: 'trialing', trialEnd: until });
    expect(factsOf('INITIAL_PURCHASE', trial).map((fact) => fact.kind)).toEqual(['customer', 'subscription']);
    expect(ofKind('price', 'RENEWAL', { is_trial_conversion: true })).toMatchObject([{ unitAmount: 999n }]);
  });

  test('is cancelled at the end of its period, taken up again, and runs out', () => {
    const at = { event_timestamp_ms: ms('2026-11-10T00:00:00Z') };
    expect(of('CANCELLATION', { ...at, cancel_reason: 'UNSUBSCRIBE', price_in_purchased_currency: 0 })).toMatchObject({
      status: 'active',
      cancelAt: until,
      canceledAt: new Date('2026-11-10T00:00:00Z'),
    });
    expect(of('UNCANCELLATION', at)).toMatchObject({ status: 'active', cancelAt: null, canceledAt: null });
    expect(of('EXPIRATION', { expiration_reason: 'UNSUBSCRIBE' })).toMatchObject({
      status: 'canceled',
      endedAt: until,
    });
    expect(of('RENEWAL')).toMatchObject({ status: 'active', endedAt: null });
  });

  test('owes: it is past due until the grace period ends', () => {
    const grace = { grace_period_expiration_at_ms: ms('2026-12-17T10:00:00Z') };
    expect(of('BILLING_ISSUE', grace)).toMatchObject({
      status: 'past_due',
      currentPeriodEnd: new Date('2026-12-17T10:00:00Z'),
    });
    expect(of('CANCELLATION', { cancel_reason: 'BILLING_ERROR' })).toMatchObject({ status: 'past_due' });
  });

  test('is paused when the time that is paid for ends, and resumes with a renewal', () => {
    expect(of('SUBSCRIPTION_PAUSED')).toMatchObject({ status: 'active', pausedAt: until });
    expect(of('EXPIRATION', { expiration_reason: 'SUBSCRIPTION_PAUSED' })).toMatchObject({
      status: 'paused',
      pausedAt: until,
      endedAt: null,
    });
    expect(of('RENEWAL')).toMatchObject({ status: 'active', pausedAt: null });
  });

  test('changes its product with the renewal that follows, each price its own', () => {
    expect(factsOf('PRODUCT_CHANGE', { new_product_id: 'app.pro.yearly', price: 0 })).toEqual([]);
    const yearly = {
      product_id: 'app.pro.yearly',
      expiration_at_ms: ms('2027-11-01T10:00:00Z'),
      price_in_purchased_currency: 99,
    };
    expect(ofKind('price', 'RENEWAL', yearly)).toMatchObject([
      { unitAmount: 9900n, interval: 'year', intervalCount: 1 },
    ]);
    const priceOf = (more?: Record<string, unknown>) =>
      ofKind('price', 'RENEWAL', more).flatMap((fact) => (fact.kind === 'price' ? fact.priceId : []))[0];
    expect(priceOf()).not.toBe(priceOf(yearly));
    expect(priceOf()).not.toBe(priceOf({ original_transaction_id: '101' }));
    expect(of('RENEWAL', yearly)).toMatchObject({ items: [{ priceId: priceOf(yearly), unitAmount: null }] });
  });

  test('of the family, or granted, is free', () => {
    expect(of('INITIAL_PURCHASE', { is_family_share: true })).toMatchObject({
      items: [{ unitAmount: 0n, currency: 'EUR' }],
    });
    expect(of('INITIAL_PURCHASE', { period_type: 'PROMOTIONAL', currency: null })).toMatchObject({
      items: [{ unitAmount: 0n }],
    });
  });

  test('is billed by calendar months, weeks or days', () => {
    const interval = (from: string, to: string) => {
      const [fact] = ofKind('price', 'RENEWAL', { purchased_at_ms: ms(from), expiration_at_ms: ms(to) });
      return fact?.kind === 'price' ? `${fact.intervalCount} ${fact.interval}` : '';
    };
    expect(interval('2026-01-31T10:00:00Z', '2026-02-28T10:00:00Z')).toBe('1 month');
    expect(interval('2026-01-15T10:00:00Z', '2026-04-15T09:00:00Z')).toBe('3 month');
    expect(interval('2026-01-15T10:00:00Z', '2027-01-15T10:00:00Z')).toBe('1 year');
    expect(interval('2026-03-01T10:00:00Z', '2026-03-08T10:00:00Z')).toBe('1 week');
    expect(interval('2026-03-01T10:00:00Z', '2026-03-04T10:00:00Z')).toBe('3 day');
  });

  test('moves to another user: those who receive it are one customer', () => {
    const event = {
      event: {
        id: '1',
        type: 'TRANSFER',
        event_timestamp_ms: 1,
        transferred_from: ['old_user'],
        transferred_to: ['$RCAnonymousID:1', 'new_user'],
      },
    };
    expect(revenuecat.translate(event)).toMatchObject([
      { kind: 'customer', customerId: '$RCAnonymousID:1', person: 'new_user', aliases: ['new_user'] },
    ]);
  });
});

test('twice and in any order, the same is known in the end', () => {
  const told = [
    eventOf('INITIAL_PURCHASE', { event_timestamp_ms: 1, transaction_id: '100' }),
    eventOf('CANCELLATION', { event_timestamp_ms: 2, cancel_reason: 'UNSUBSCRIBE', price_in_purchased_currency: 0 }),
    eventOf('UNCANCELLATION', { event_timestamp_ms: 3, price_in_purchased_currency: 0 }),
    eventOf('RENEWAL', { event_timestamp_ms: 4 }),
    eventOf('CANCELLATION', {
      event_timestamp_ms: 5,
      cancel_reason: 'CUSTOMER_SUPPORT',
      price_in_purchased_currency: -9.99,
    }),
    eventOf('EXPIRATION', { event_timestamp_ms: 6, price_in_purchased_currency: 0 }),
  ].map((event) => ({ event, at: new Date(event.event.event_timestamp_ms) }));
  const expected = knownAfter(revenuecat, told);
  expect(expected.get('subscription 100')).toMatchObject({ status: 'canceled' });
  fc.assert(
    fc.property(fc.shuffledSubarray(told, { minLength: told.length }), fc.constantFrom(...told), (order, again) => {
      expect(knownAfter(revenuecat, [...order, again])).toEqual(expected);
    }),
  );
});

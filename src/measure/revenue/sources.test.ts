import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { type ProviderApi, type ProviderId, signedWebhook, startProviderApi } from '#test/fakes/payments.ts';
import { openShop, type Shop } from '#test/shop.ts';

const SECRET = 'the secret of the shop in the test';
const ids: ProviderId[] = ['stripe', 'lemon_squeezy', 'paddle', 'polar', 'revenuecat'];

let shop: Shop;
let api: ProviderApi | undefined;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-20T12:00:00Z' });
});
afterAll(async () => {
  await api?.close();
  await shop.world.close();
});

const connect = async (provider: ProviderId) => {
  const { maya, appId } = shop;
  const source = await maya.call.paymentSources.create({ appId, provider, signingSecret: SECRET });
  const path = new URL(source.webhookUrl).pathname;
  const send = async (event: object, secret = SECRET) => {
    const { body, headers } = await signedWebhook(provider, event, secret, shop.world.clock.now());
    const answer = await shop.webhooks.request(path, { method: 'POST', body, headers });
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };
  return { ...source, send };
};

const purchase = (type: string, more: object = {}) => ({
  api_version: '1.0',
  event: {
    ...{ id: randomUUID(), type, event_timestamp_ms: Date.parse('2026-11-20T11:59:00Z'), app_user_id: 'user_42' },
    ...{ original_app_user_id: '$RCAnonymousID:87c6', aliases: ['$RCAnonymousID:87c6', 'user_42'] },
    ...{ environment: 'PRODUCTION', store: 'APP_STORE', product_id: 'app.pro.monthly', period_type: 'NORMAL' },
    purchased_at_ms: Date.parse('2026-11-20T11:59:00Z'),
    expiration_at_ms: Date.parse('2026-12-20T11:59:00Z'),
    ...{ transaction_id: '300', original_transaction_id: '300', is_family_share: false, currency: 'USD', price: 9.99 },
    ...{ price_in_purchased_currency: 9.99, tax_percentage: 0.2, commission_percentage: 0.15 },
    ...{ subscriber_attributes: {} },
    ...more,
  },
});

describe('every provider', () => {
  test('says in words what is to be done there, and which key reads its history', async () => {
    const { providers } = await shop.maya.call.paymentSources.providers({});
    expect(providers.map((provider) => provider.id)).toEqual(ids);
    for (const provider of providers) {
      expect(provider.setup.join(' ')).toContain('{url}');
      expect(provider.webhookSecret.help).toMatch(/\.$/);
      expect(provider.statement.words).toMatch(/\.$/);
    }
  });

  test.each(ids)('%s: a forged webhook is turned away in words and leaves nothing', async (provider) => {
    const { send, id } = await connect(provider);
    const answer = await send(purchase('INITIAL_PURCHASE'), 'the secret of somebody else');
    expect(answer).toMatchObject({ status: 400, received: false, message: expect.stringMatching(/\.$/) });
    const { sources } = await shop.maya.call.paymentSources.list({ appId: shop.appId });
    expect(sources.find((source) => source.id === id)).toMatchObject({ provider, events: 0, hasSigningSecret: true });
    await shop.maya.call.paymentSources.remove({ sourceId: id });
  });
});

test('RevenueCat: a sandbox purchase is kept and not counted; a live one is, with tax and fee that never arrive', async () => {
  const { maya, appId, settle, world } = shop;
  const { send, id } = await connect('revenuecat');
  await send(
    purchase('INITIAL_PURCHASE', { environment: 'SANDBOX', transaction_id: '1', original_transaction_id: '1' }),
  );
  await settle();
  expect((await shop.stored()).at(-1)).toMatchObject({ outcome: 'ignored', message: expect.stringContaining('test') });
  expect((await maya.call.payments.list({ appId })).payments).toEqual([]);
  expect(await send(purchase('INITIAL_PURCHASE'))).toMatchObject({ status: 200, duplicate: false });
  await settle();
  const { payments } = await maya.call.payments.list({ appId });
  expect(payments).toMatchObject([
    { amount: { minor: '999', currency: 'USD' }, person: 'user_42', provider: 'revenuecat' },
  ]);
  const { movements } = await maya.call.revenue.movements({ appId });
  expect(movements).toMatchObject([{ kind: 'new', person: 'user_42' }]);
  world.clock.forward('2 d');
  await settle();
  await closeDays(maya.context);
  const { days, sources } = await maya.call.ledger.days({ appId });
  expect(days).toMatchObject([{ payments: { minor: '999' }, taxKept: { minor: '200' }, stated: null, closes: true }]);
  expect(sources.find((source) => source.sourceId === id)).toMatchObject({ hasStatement: false });
});

test('Polar: what an older event says of tax and fee comes late and changes nothing', async () => {
  const { maya, appId, settle } = shop;
  const { send } = await connect('polar');
  const order = (type: string, minute: string, more: object) => ({
    ...{ type, timestamp: `2026-11-20T11:${minute}:00Z` },
    data: {
      ...{ id: 'order_1', created_at: '2026-11-20T11:00:00Z', status: 'paid', paid: true, currency: 'usd' },
      ...{ customer_id: 'cus_polar', metadata: {}, total_amount: 1200, ...more },
    },
  });
  await send(order('order.updated', '40', { tax_amount: 200, platform_fee_amount: 88 }));
  await settle();
  await send(order('order.updated', '20', { tax_amount: 150, platform_fee_amount: 60 }));
  await settle();
  const { payments } = await maya.call.payments.list({ appId });
  const own = payments.find(({ reference }) => reference === 'order_1');
  expect(await maya.call.payments.receipt({ paymentId: own?.id ?? '' })).toMatchObject({
    tax: { minor: '200' },
    fees: [{ amount: { minor: '88' } }],
  });
});

test('Stripe: the key reads charges, subscriptions and the balance, and the day closes against it in euros', async () => {
  const { maya, appId, sourceId, world, settle } = shop;
  const at = (iso: string) => Date.parse(iso) / 1000;
  const charge = {
    ...{ id: 'ch_1', object: 'charge', amount: 1452, amount_captured: 1452, captured: true, paid: true },
    ...{ currency: 'usd', customer: 'cus_1', payment_intent: 'pi_1', livemode: true, metadata: {} },
    balance_transaction: { id: 'txn_1', fee: 72, currency: 'eur', created: at('2026-11-10T00:00:00Z') },
    created: at('2026-11-10T00:00:00Z'),
  };
  const line = {
    ...{ id: 'txn_1', object: 'balance_transaction', amount: 1320, fee: 72, net: 1248, currency: 'eur' },
    ...{ created: at('2026-11-10T00:00:00Z'), exchange_rate: 0.9091, type: 'charge', reporting_category: 'charge' },
    source: charge,
  };
  const payout = {
    ...{ id: 'po_1', object: 'payout', amount: 1248, currency: 'eur', status: 'in_transit' },
    ...{ created: at('2026-11-15T00:00:00Z'), arrival_date: at('2026-11-17T00:00:00Z') },
  };
  api = await startProviderApi('stripe', {
    '/v1/charges': [charge],
    '/v1/subscriptions': [],
    '/v1/balance_transactions': [line],
    '/v1/payouts': [payout],
  });
  const { url } = api;
  await transaction(maya.context, ({ tx }) =>
    tx.updateTable('paymentSources').set({ apiUrl: url }).where('id', '=', sourceId).execute(),
  );
  await maya.call.paymentSources.update({ sourceId, apiKey: 'rk_test_of_the_shop' });
  await world.drain();
  const { sources } = await maya.call.paymentSources.list({ appId });
  expect(sources.find((source) => source.id === sourceId)).toMatchObject({
    hasApiKey: true,
    failed: 0,
    waiting: 0,
    backfill: { state: 'done', message: null },
  });
  expect(api.asked.some((asked) => asked.includes('/v1/balance_transactions'))).toBe(true);
  await settle();
  world.clock.forward('1 d');
  await closeDays(maya.context);
  const { days } = await maya.call.ledger.days({ appId, from: '2026-11-10', until: '2026-11-10' });
  expect(days).toMatchObject([
    {
      payments: { minor: '1320', currency: 'EUR' },
      fees: { minor: '72' },
      paid: { minor: '1248' },
      stated: { minor: '1248' },
      closes: true,
    },
  ]);
  const { payouts } = await maya.call.ledger.payouts({ appId });
  expect(payouts).toMatchObject([{ payout: 'po_1', amount: { minor: '1248', currency: 'EUR' } }]);
});

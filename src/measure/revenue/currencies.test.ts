import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { keepRates, reportMoney, storeRates } from '#src/measure/revenue/rates.ts';
import { openShop, type Shop } from '#test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
});
afterAll(() => shop.world.close());

const figures = (over: object = {}) => shop.maya.call.revenue.figures({ appId: shop.appId, range: '30d', ...over });
const store = (day: string, rates: Record<string, string>) =>
  transaction(shop.maya.context, (inside) => storeRates(inside, [{ day, rates }]));
const report = () => transaction(shop.maya.context, reportMoney);
const payments = async () => (await shop.maya.call.payments.list({ appId: shop.appId })).payments;

describe('money in many currencies', () => {
  test('waits for the rate of its day, and is named until then', async () => {
    const { maya, appId, settle } = shop;
    const customer = { person: 'ann' };
    await maya.call.payments.record({ appId, reference: 'e1', amount: { minor: '10000', currency: 'EUR' }, customer });
    await maya.call.payments.record({ appId, reference: 'j1', amount: { minor: '3000', currency: 'JPY' }, customer });
    await maya.call.payments.record({ appId, reference: 'u1', amount: { minor: '2500', currency: 'USD' }, customer });
    await maya.call.subscriptions.record({
      ...{ appId, reference: 's1', status: 'active', plan: 'pro', customer },
      price: { minor: '1000', currency: 'EUR' },
    });
    await settle();
    const shown = await figures();
    expect(shown.total).toMatchObject({ paidMinor: '2500', closingMinor: '0' });
    expect(shown.waiting).toEqual([
      { currency: 'EUR', minor: '10000', payments: 1, mrrMinor: '1000' },
      { currency: 'JPY', minor: '3000', payments: 1, mrrMinor: '0' },
    ]);
    expect((await payments()).map((each) => each.reported?.minor ?? null)).toContain(null);
  });

  test('is filled in later, across currencies and their decimals, and says at which rate', async () => {
    await store('2026-11-09', { USD: '1.10', JPY: '165' });
    await report();
    expect((await figures()).total).toMatchObject({ paidMinor: '15500', closingMinor: '1100' });
    // The rate of the day itself comes out in the afternoon and replaces the one of the day before, once.
    await store('2026-11-10', { USD: '1.20', JPY: '150' });
    await report();
    const shown = await figures();
    // 100.00 EUR at 1.20, ¥3000 = 20 EUR = 24.00 USD, 25.00 USD.
    expect(shown.total).toMatchObject({ paidMinor: '16900', closingMinor: '1200', arrMinor: '14400' });
    expect(shown.waiting).toEqual([]);
    const [yen] = (await payments()).filter((each) => each.amount.currency === 'JPY');
    expect(yen?.reported).toEqual({ minor: '2400', currency: 'USD' });
    const receipt = await shop.maya.call.payments.receipt({ paymentId: yen?.id ?? '' });
    expect(receipt.reported).toMatchObject({ minor: '2400', day: '2026-11-10' });
    expect(Number(receipt.reported?.rate)).toBeCloseTo(0.8, 9);
  });

  test('is frozen: later rates change nothing, and make no movement', async () => {
    const { maya, appId, world, settle } = shop;
    world.clock.forward('12 d');
    await store('2026-11-20', { USD: '2.00', JPY: '100' });
    await report();
    const customer = { person: 'ann' };
    const sub = { appId, reference: 's1', plan: 'pro', customer, price: { minor: '3000', currency: 'EUR' } };
    await maya.call.subscriptions.record({ ...sub, status: 'active' });
    await settle();
    world.clock.forward('1 d');
    await maya.call.subscriptions.record({ ...sub, status: 'canceled' });
    await maya.call.refunds.record({
      ...{ appId, reference: 'back', payment: 'e1' },
      amount: { minor: '10000', currency: 'EUR' },
    });
    await settle();
    const { movements } = await maya.call.revenue.movements({ appId });
    expect(movements.map((each) => [each.kind, each.reported?.minor])).toEqual([
      ['churn', '-3600'],
      ['expansion', '2400'],
      ['new', '1200'],
    ]);
    // The refund moved at its own day's rate.
    expect((await figures()).total).toMatchObject({ paidMinor: '16900', refundedMinor: '20000', closingMinor: '0' });
  });

  test('another currency of the workspace brings everything along, and back again is as it was', async () => {
    const { maya, world } = shop;
    const before = await figures();
    await maya.call.workspaces.update({ currency: 'JPY' });
    expect((await figures()).waiting).toHaveLength(3);
    await world.drain();
    const yen = await figures();
    expect(yen).toMatchObject({ currency: 'JPY', waiting: [] });
    // 100 EUR at 150, ¥3000, 25 USD at 125.
    expect(yen.total).toMatchObject({ paidMinor: '21125', refundedMinor: '10000' });
    await maya.call.workspaces.update({ currency: 'USD' });
    await keepRates(maya.context);
    const again = await figures();
    expect(again.total).toEqual(before.total);
    expect(again.periods).toEqual(before.periods);
  });

  test('a currency no bank publishes stays named; a payment older than a week without rates waits', async () => {
    const { maya, appId, settle } = shop;
    await maya.call.payments.record({ appId, reference: 'x1', amount: { minor: '5', currency: 'XAF' } });
    const paidAt = '2026-10-20T12:00:00Z';
    await maya.call.payments.record({ appId, reference: 'o1', amount: { minor: '7', currency: 'EUR' }, paidAt });
    await settle();
    await report();
    const shown = await figures({ range: '90d' });
    expect(shown.waiting.map((row) => [row.currency, row.minor])).toEqual([
      ['EUR', '7'],
      ['XAF', '5'],
    ]);
  });
});

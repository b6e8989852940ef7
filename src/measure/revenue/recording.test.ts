import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
});
afterAll(() => shop.world.close());

const usd = (minor: string) => ({ minor, currency: 'USD' });

describe('an app without a provider records its money itself', () => {
  test('a payment with the click id leads back to the post, with a receipt', async () => {
    const { maya, appId, visit, settle, postId, world } = shop;
    const ff = await visit(`${CHROME} A`);
    world.clock.forward('10 min');
    const payment = {
      appId,
      reference: 'order-1',
      amount: usd('4900'),
      taxMinor: '900',
      feeMinor: '250',
      customer: { person: 'ann', email: 'ann@example.com', name: 'Ann' },
      metadata: { ff },
    };
    expect(await maya.call.payments.record(payment)).toEqual({ recorded: true, duplicate: false });
    expect(await maya.call.payments.record(payment)).toEqual({ recorded: false, duplicate: true });
    await expect(maya.call.payments.record({ ...payment, amount: usd('5900') })).rejects.toMatchObject({
      data: { reason: 'reference_taken' },
    });
    await settle();
    const { payments } = await maya.call.payments.list({ appId });
    expect(payments).toMatchObject([
      {
        reference: 'order-1',
        amount: usd('4900'),
        person: 'ann',
        name: 'Ann',
        postId,
        provider: 'api',
        attributed: true,
      },
    ]);
    const receipt = await maya.call.payments.receipt({ paymentId: payments[0]?.id ?? '' });
    expect(receipt).toMatchObject({
      amount: usd('4900'),
      tax: usd('900'),
      net: usd('4000'),
      reported: { minor: '4900', currency: 'USD', rate: '1', day: '2026-11-10' },
      events: [{ kind: 'payment.recorded', outcome: 'applied' }],
      customer: { person: 'ann' },
      fees: [{ amount: usd('250') }],
      refunds: [],
    });
    expect(receipt.customer?.links.map((link) => link.kind)).toContain('click');
    for (const model of ['first', 'last', 'last_non_direct', 'linear'])
      expect(receipt.credits.find((credit) => credit.model === model)).toMatchObject({ postId, amount: usd('4900') });
  });

  test('a refund finds its payment, whichever is recorded first, and the receipt shows it', async () => {
    const { maya, appId, settle, world } = shop;
    const refund = { appId, reference: 'back-2', payment: 'order-2', amount: usd('500') };
    await maya.call.refunds.record(refund);
    await settle();
    world.clock.forward('1 min');
    await maya.call.payments.record({ appId, reference: 'order-2', amount: usd('1500'), customer: { person: 'bob' } });
    expect(await maya.call.refunds.record(refund)).toMatchObject({ duplicate: true });
    await settle();
    const { payments } = await maya.call.payments.list({ appId });
    const own = payments.find((each) => each.reference === 'order-2');
    expect(own).toMatchObject({ refunded: usd('500') });
    expect(await maya.call.payments.receipt({ paymentId: own?.id ?? '' })).toMatchObject({
      refunds: [{ reference: 'back-2', amount: usd('500') }],
      net: usd('1000'),
    });
    await expect(maya.call.refunds.record({ ...refund, reference: 'x', status: 'won' })).rejects.toMatchObject({
      data: { reason: 'status' },
    });
  });

  test('a subscription is recorded as it is from a moment on; the same again is no movement', async () => {
    const { maya, appId, settle, world } = shop;
    const state = {
      appId,
      reference: 'sub-1',
      status: 'active' as const,
      plan: 'pro',
      price: usd('1200'),
      customer: { person: 'cy' },
    };
    const say = async (over: object) => {
      world.clock.forward('1 d');
      const answer = await maya.call.subscriptions.record({ ...state, ...over });
      await settle();
      return answer;
    };
    expect(await say({})).toMatchObject({ recorded: true });
    expect(await say({})).toMatchObject({ duplicate: true });
    await say({ quantity: 3 });
    await say({ quantity: 3, interval: 'year', price: usd('12000') });
    await say({ status: 'canceled' });
    await say({ status: 'active' });
    await say({ status: 'active', percentOff: '50' });
    const { movements } = await maya.call.revenue.movements({ appId });
    expect(movements.map(({ kind, amount }) => [kind, amount.minor]).toReversed()).toEqual([
      ['new', '1200'],
      ['expansion', '2400'],
      ['contraction', '-600'],
      ['churn', '-3000'],
      ['reactivation', '1200'],
      ['contraction', '-600'],
    ]);
    expect(movements.every((each) => each.person === 'cy' && each.reported?.minor === each.amount.minor)).toBe(true);
  });

  test('is closed in the ledger, held against nobody’s statement, and named so', async () => {
    const { maya, appId, world, settle } = shop;
    world.clock.forward('2 d');
    await settle();
    const { closeDays } = await import('#src/measure/ledger.ts');
    await closeDays(maya.context);
    const { days, sources } = await maya.call.ledger.days({ appId });
    expect(days.find((day) => day.provider === 'api')).toMatchObject({
      day: '2026-11-10',
      payments: usd('6400'),
      refunded: usd('500'),
      fees: usd('250'),
      paid: usd('5650'),
      stated: null,
      closes: true,
    });
    expect(sources.find((source) => source.provider === 'api')).toMatchObject({
      hasStatement: false,
      words: expect.stringContaining('nobody else'),
    });
  });

  test('stays its own: no address in a link, one source per app, another workspace sees nothing', async () => {
    const { maya, appId, world } = shop;
    const created = await maya.call.paymentSources.create({ appId, provider: 'api' });
    expect(created.webhookUrl).toMatch(/\/api\/v1\/payments$/);
    const { sources } = await maya.call.paymentSources.list({ appId });
    expect(sources.filter((source) => source.provider === 'api')).toHaveLength(1);
    const links = await transaction(maya.context, ({ tx }) => tx.selectFrom('identityLinks').select('value').execute());
    expect(JSON.stringify(links)).not.toContain('@');
    const rival = await world.join('Rival');
    await expect(rival.call.payments.record({ appId, reference: 'r', amount: usd('1') })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const [payment] = (await maya.call.payments.list({ appId, limit: 1 })).payments;
    await expect(rival.call.payments.receipt({ paymentId: payment?.id ?? randomUUID() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('a refund that was pending succeeds later under its own reference', async () => {
    const { maya, appId, settle, world } = shop;
    await maya.call.payments.record({ appId, reference: 'order-3', amount: usd('1000') });
    const refund = { appId, reference: 'back-3', payment: 'order-3', amount: usd('1000'), status: 'pending' as const };
    const refunded = async () => {
      await settle();
      world.clock.forward('1 min');
      const { payments } = await maya.call.payments.list({ appId });
      return payments.find((each) => each.reference === 'order-3')?.refunded.minor;
    };
    expect(await maya.call.refunds.record(refund)).toMatchObject({ recorded: true });
    expect(await refunded()).toBe('0');
    expect(await maya.call.refunds.record(refund)).toMatchObject({ duplicate: true });
    expect(await maya.call.refunds.record({ ...refund, status: 'succeeded' })).toMatchObject({ recorded: true });
    expect(await refunded()).toBe('1000');
    await maya.call.refunds.record({ ...refund, status: 'failed' });
    expect(await refunded()).toBe('0');
  });

  test('a payment of nothing has a receipt, too', async () => {
    const { maya, appId, settle } = shop;
    await maya.call.payments.record({ appId, reference: 'free', amount: usd('0'), customer: { person: 'eve' } });
    await settle();
    const { payments } = await maya.call.payments.list({ appId });
    const free = payments.find(({ reference }) => reference === 'free');
    expect(await maya.call.payments.receipt({ paymentId: free?.id ?? '' })).toMatchObject({
      amount: usd('0'),
      net: usd('0'),
      credits: [],
    });
  });

  test('what a connected provider told under the same id is not counted twice', async () => {
    const { maya, appId, tell, charge, settle } = shop;
    await tell('charge.succeeded', charge('cus_dee', 'pi_dee'));
    await settle();
    await expect(maya.call.payments.record({ appId, reference: 'pi_dee', amount: usd('1200') })).rejects.toMatchObject({
      data: { reason: 'told_already' },
    });
  });

  test('money that cannot be is refused: tomorrow’s, more tax than amount, more back than was paid or in another currency', async () => {
    const { maya, appId, settle } = shop;
    const payment = { appId, reference: 'order-4', amount: usd('1000') };
    const because = (reason: string) => ({ data: { reason } });
    await expect(maya.call.payments.record({ ...payment, taxMinor: '1001' })).rejects.toMatchObject(because('tax'));
    await expect(maya.call.payments.record({ ...payment, paidAt: '2099-01-01T00:00:00Z' })).rejects.toMatchObject(
      because('in_the_future'),
    );
    await maya.call.payments.record(payment);
    const refund = { appId, reference: 'back-4', payment: 'order-4', amount: usd('600') };
    const back = (over: object) => maya.call.refunds.record({ ...refund, ...over });
    await expect(back({ amount: usd('1001') })).rejects.toMatchObject(because('too_much_back'));
    await expect(back({ amount: { minor: '600', currency: 'EUR' } })).rejects.toMatchObject(because('currency'));
    await expect(back({ taxMinor: '601' })).rejects.toMatchObject(because('tax'));
    await back({});
    await settle();
    await expect(back({ reference: 'back-4b' })).rejects.toMatchObject(because('too_much_back'));
    expect(await back({ reference: 'back-4b', amount: usd('400') })).toMatchObject({ recorded: true });
  });
});

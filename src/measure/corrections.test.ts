import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { netOf, netShares } from '#src/measure/attribution/net.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
});
afterAll(() => shop.world.close());

/** Somebody comes by the post, signs up and pays 12 dollars. */
async function customer(name: string, over: object = {}, code = 'launch1') {
  const { maya, appId, tell, charge, checkout, settle, visit } = shop;
  const ff = await visit(`${CHROME} ${name}`, code);
  await maya.call.events.send({ appId, events: [{ kind: 'signup', person: name, ff }] });
  await tell('checkout.session.completed', checkout(`cus_${name}`, name));
  await tell('charge.succeeded', charge(`cus_${name}`, `pi_${name}`, over));
  await settle();
}

/** What the post earned, as each page says it. */
async function earned(postId = shop.postId) {
  const { maya } = shop;
  const home = await maya.call.dashboards.home({ range: '30d' });
  const post = await maya.call.dashboards.post({ postId });
  const { posts } = await maya.call.posts.list({});
  return {
    home: home.postsThatBroughtPeople.find((each) => each.postId === postId)?.revenue.minor,
    post: [...new Set(post.revenueByModel.map((row) => row.revenue.minor))],
    list: posts.find((each) => each.id === postId)?.brought.revenue.minor,
    receipts: String(post.receipts.reduce((sum, receipt) => sum + BigInt(receipt.net?.minor ?? 0), 0n)),
  };
}
const everywhere = (minor: string) => ({ home: minor, post: [minor], list: minor, receipts: minor });

describe('the revenue of a post', () => {
  test('is what its customers paid, less what went back; the credits stay frozen', async () => {
    const { maya, tell, settle, refund, postId, world } = shop;
    await customer('ann');
    expect(await earned()).toEqual(everywhere('1200'));
    await tell('refund.created', refund('pi_ann', 300));
    await settle();
    expect(await earned()).toEqual(everywhere('900'));

    const dispute = { id: 'dp_ann', amount: 900, currency: 'usd', charge: 'ch_pi_ann', payment_intent: 'pi_ann' };
    const created = Math.floor(world.clock.now().getTime() / 1000);
    await tell('charge.dispute.created', { ...dispute, status: 'needs_response', created });
    await settle();
    expect(await earned()).toEqual(everywhere('0'));
    world.clock.forward('1 d');
    await tell('charge.dispute.closed', { ...dispute, status: 'won', created });
    await settle();
    expect(await earned()).toEqual(everywhere('900'));
    const { credits } = await maya.call.attribution.credits({ postId });
    expect(credits.find((credit) => credit.kind === 'purchase')).toMatchObject({
      amountMinor: '1200',
      netMinor: '900',
    });
  });

  test('is without the tax, also when the invoice that tells it comes last', async () => {
    const { tell, settle, refund } = shop;
    await customer('bea', { amount: 1200, amount_captured: 1200 });
    expect(await earned()).toEqual(everywhere('2100'));
    await tell('invoice_payment.paid', {
      id: 'inpay_bea',
      invoice: 'in_bea',
      amount_paid: 1200,
      currency: 'usd',
      status: 'paid',
      payment: { type: 'payment_intent', payment_intent: 'pi_bea' },
    });
    await tell('invoice.paid', {
      id: 'in_bea',
      customer: 'cus_bea',
      amount_paid: 1200,
      total_taxes: [{ amount: 200 }],
      currency: 'usd',
      metadata: {},
    });
    await settle();
    expect(await earned()).toEqual(everywhere('1900'));
    await tell('refund.created', refund('pi_bea', 600));
    await settle();
    expect(await earned()).toEqual(everywhere('1400'));
  });

  test('a refund that is told before the payment counts, too', async () => {
    const { tell, settle, refund } = shop;
    await tell('refund.created', refund('pi_cat', 1200));
    await settle();
    await customer('cat');
    expect(await earned()).toEqual(everywhere('1400'));
  });

  test('however it was credited, what is left is split without a remainder', () => {
    const money = fc.bigInt({ min: 0n, max: 10n ** 12n });
    const payments = fc.record({
      amounts: fc.array(money, { minLength: 1, maxLength: 9 }).filter((amounts) => amounts.some((each) => each > 0n)),
      taxPercent: fc.bigInt({ min: 0n, max: 100n }),
      returnedPercent: fc.bigInt({ min: 0n, max: 200n }),
    });
    fc.assert(
      fc.property(payments, ({ amounts, taxPercent, returnedPercent }) => {
        const paid = amounts.reduce((sum, each) => sum + each, 0n);
        const returned = (paid * returnedPercent) / 100n;
        const net = netOf({ paid, tax: (paid * taxPercent) / 100n, returned });
        const shares = netShares(amounts, net);
        expect(shares.reduce((sum, each) => sum + each, 0n)).toBe(net);
        for (const [index, share] of shares.entries()) {
          const off = share * paid - net * (amounts[index] ?? 0n);
          expect(off < paid && off > -paid).toBe(true);
        }
        expect(netOf({ paid, tax: (paid * taxPercent) / 100n, returned: paid })).toBe(0n);
      }),
    );
  });
});

describe('the funnel', () => {
  test('counts who paid for the first time, each once, and no renewal', async () => {
    const { maya, tell, charge, settle, publish, world } = shop;
    const paid = async () => (await maya.call.dashboards.home({ range: '7d' })).funnel.at(-1);
    expect(await paid()).toMatchObject({ key: 'paid', value: 3 });

    world.clock.forward('30 d');
    await tell('charge.succeeded', charge('cus_ann', 'pi_ann2'));
    await settle();
    expect(await paid()).toMatchObject({ value: 0 });
    const home = await maya.call.dashboards.home({ range: '7d' });
    expect(home.postsThatBroughtPeople).toMatchObject([{ customers: 0, revenue: { minor: '1200' } }]);

    // Two posts share the credit for one customer.
    await publish('launch2');
    await transaction(maya.context, ({ tx }) =>
      tx.updateTable('trackingSettings').set({ attributionModel: 'linear' }).execute(),
    );
    await shop.visit(`${CHROME} dee`, 'launch2');
    world.clock.forward('1 h');
    await customer('dee');
    const after = await maya.call.dashboards.home({ range: '7d' });
    expect(after.postsThatBroughtPeople.map((post) => post.customers)).toEqual([0.5, 0.5]);
    expect(after.funnel.at(-1)).toMatchObject({ key: 'paid', value: 1 });
    await transaction(maya.context, ({ tx }) =>
      tx.updateTable('trackingSettings').set({ attributionModel: 'last_non_direct' }).execute(),
    );
  });
});

test('an evening west of Greenwich belongs to its own day, in the list of posts and on the post', async () => {
  const { maya, world, publish } = shop;
  await transaction(maya.context, ({ tx, workspaceId }) =>
    tx.updateTable('workspaces').set({ timeZone: 'America/New_York' }).where('id', '=', workspaceId).execute(),
  );
  // 20:30 on 3 January in New York.
  world.clock.set('2027-01-04T01:30:00Z');
  const postId = await publish('evening');
  await customer('eva', {}, 'evening');
  const home = await maya.call.dashboards.home({ range: '7d' });
  expect(home.days.at(-1)).toBe('2027-01-03');
  expect(home.postsThatBroughtPeople.find((post) => post.postId === postId)).toMatchObject({ visits: 1, signups: 1 });
  const post = await maya.call.dashboards.post({ postId });
  expect(post.visitsByDay).toEqual([{ day: '2027-01-03', visits: 1, visitors: 1, signups: 1 }]);
});

describe('money in another currency', () => {
  test('is told beside the figures, and when there is no other, the workspace’s currency is in question', async () => {
    const { maya, world, publish, tell, subscription } = shop;
    world.clock.forward('60 d');
    const postId = await publish('euros');
    await customer('fay', { currency: 'eur', amount: 1900, amount_captured: 1900 }, 'euros');
    const price = { id: 'p', product: 'q', currency: 'eur', unit_amount: 1900 };
    const recurring = { interval: 'month', interval_count: 1, usage_type: 'licensed' };
    await tell(
      'customer.subscription.created',
      subscription('cus_fay', { items: { data: [{ id: 'si_2', quantity: 1, price: { ...price, recurring } }] } }),
    );
    await shop.settle();
    const home = await maya.call.dashboards.home({ range: '7d' });
    expect(home).toMatchObject({
      currency: 'USD',
      otherCurrencies: [{ currency: 'EUR', minor: '1900', newMrrMinor: '1900' }],
      suggestedCurrency: 'EUR',
      kpis: { newMrr: { value: 0 } },
      postsThatBroughtPeople: [
        { postId, revenue: { minor: '0', currency: 'USD' }, otherCurrencies: [{ minor: '1900', currency: 'EUR' }] },
      ],
    });
    expect(await maya.call.dashboards.post({ postId })).toMatchObject({
      otherCurrencies: [{ minor: '1900', currency: 'EUR' }],
      suggestedCurrency: 'EUR',
    });

    await customer('gil', {}, 'euros');
    expect(await maya.call.dashboards.home({ range: '7d' })).toMatchObject({
      otherCurrencies: [{ currency: 'EUR', minor: '1900' }],
      suggestedCurrency: null,
    });
    expect(await maya.call.dashboards.post({ postId })).toMatchObject({ suggestedCurrency: null });
  });

  test('and with one currency only there is nothing to say', async () => {
    const { maya, postId } = shop;
    expect(await maya.call.dashboards.post({ postId })).toMatchObject({ otherCurrencies: [], suggestedCurrency: null });
  });
});

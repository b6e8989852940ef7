import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { intake } from '#src/doors/http/intake.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { whatCounts } from '#src/measure/attribution/evidence.ts';
import { keepJourneys } from '#test/journeys.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

/** What the tools people use get wrong, each held to. */
let shop: Shop;
let maya: Shop['maya'];
let appId: string;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  ({ maya, appId } = shop);
  await maya.call.workspaces.update({ currency: 'USD' });
});
afterAll(() => shop.world.close());

/** Somebody comes by the post's link, signs up and pays 12 dollars. */
async function buys(person: string, over: object = {}, props: Record<string, string> = {}) {
  const ff = await shop.visit(`${CHROME} ${person}`);
  shop.world.clock.forward('10 min');
  await maya.call.events.send({ appId, events: [{ kind: 'signup', person, ff, props }] });
  await shop.tell('checkout.session.completed', shop.checkout(`cus_${person}`, person));
  await shop.tell('charge.succeeded', shop.charge(`cus_${person}`, `pi_${person}`, over));
  await shop.settle();
  return ff;
}
const conversionsOf = async (person: string, kind: 'signup' | 'purchase' | 'trial' = 'purchase') =>
  (await maya.call.conversions.list({ appId, kind, limit: 200 })).conversions.filter((one) => one.person === person);
const receiptOf = async (person: string, kind: 'signup' | 'purchase' | 'trial' = 'purchase') => {
  const [own] = await conversionsOf(person, kind);
  return maya.call.attribution.receipt({ conversionId: own!.id });
};

describe('credit', () => {
  test('is not rewritten by a later visit', async () => {
    await buys('ann');
    const before = await receiptOf('ann');
    expect(before.touches).toHaveLength(1);
    shop.world.clock.forward('1 h');
    await shop.visit(`${CHROME} ann`);
    await shop.settle();
    await attribute(maya.context, appId);
    expect(await receiptOf('ann')).toEqual(before);
  });

  test('reaches back by the app’s window, whatever range a report is about', async () => {
    const at = shop.world.clock.now();
    const [near, far] = await keepJourneys(maya, appId, [
      { steps: [{ hours: 29 * 24, channel: 'Email' }], at, ends: { kind: 'signup' } },
      { steps: [{ hours: 31 * 24, channel: 'Email' }], at, ends: { kind: 'signup' } },
    ]);
    await attribute(maya.context, appId);
    expect(await maya.call.attribution.receipt({ conversionId: near! })).toMatchObject({
      attributed: true,
      windowDays: 30,
    });
    expect(await maya.call.attribution.receipt({ conversionId: far! })).toMatchObject({
      attributed: false,
      touches: [],
    });
    const today = await maya.call.attribution.compare({ appId, range: 'today' });
    expect(today.rows.find((row) => row.key === 'Email')?.signups).toEqual({ low: 1, high: 1 });
    expect(today.unattributed.signups).toBe(1);
  });

  test('does not count touches of one instant twice', async () => {
    const at = shop.world.clock.now();
    const [id] = await keepJourneys(maya, appId, [
      {
        steps: [
          { hours: 2, channel: 'Email' },
          { hours: 2, channel: 'Organic Search' },
        ],
        at,
        ends: { kind: 'purchase', minor: 999n, currency: 'USD' },
      },
    ]);
    await attribute(maya.context, appId);
    const { touches } = await maya.call.attribution.receipt({ conversionId: id! });
    for (const model of ['first', 'last', 'linear', 'position'] as const) {
      const amounts = touches.map((touch) => Number(touch.credits.find((one) => one.model === model)?.amountMinor));
      expect(amounts.reduce((sum, each) => sum + each, 0)).toBe(999);
    }
  });

  test('leaves out what came after the conversion', async () => {
    const at = shop.world.clock.now();
    const [id] = await keepJourneys(maya, appId, [
      {
        steps: [
          { hours: 3, channel: 'Email' },
          { hours: -1, channel: 'Organic Search' },
        ],
        at,
        ends: { kind: 'signup' },
      },
    ]);
    await attribute(maya.context, appId);
    const { touches } = await maya.call.attribution.receipt({ conversionId: id! });
    expect(touches.map((touch) => touch.channel)).toEqual(['Email']);
  });

  test('of somebody who came thousands of times is given, too, and holds up nobody', async () => {
    const at = shop.world.clock.now();
    const hours = Array.from({ length: 1500 }, (_, index) => 300 - index / 5);
    const [often, once] = await keepJourneys(maya, appId, [
      {
        steps: hours.map((each, index) => ({ hours: each, channel: index === 0 ? 'Email' : 'Organic Search' })),
        at,
        ends: { kind: 'purchase', minor: 100_000n, currency: 'USD' },
      },
      { steps: [{ hours: 1, channel: 'Email' }], at, ends: { kind: 'signup' } },
    ]);
    await attribute(maya.context, appId);
    expect(await maya.call.attribution.receipt({ conversionId: once! })).toMatchObject({ attributed: true });
    const { touches } = await maya.call.attribution.receipt({ conversionId: often! });
    expect(touches).toHaveLength(1000);
    const of = (model: string) =>
      touches.flatMap((touch) => touch.credits.filter((one) => one.model === model).map((one) => one.amountMinor));
    expect(touches.find((touch) => touch.credits.some((one) => one.model === 'first'))?.channel).toBe('Email');
    expect(of('linear').reduce((sum, each) => sum + Number(each), 0)).toBe(100_000);
  });

  test('is the person’s, over all the visitors they were', async () => {
    const first = await shop.visit(`${CHROME} phone`);
    shop.world.clock.forward('2 d');
    const second = await shop.visit(`${CHROME} laptop`);
    await maya.call.events.send({ appId, events: [{ kind: 'opened', person: 'two', ff: first }] });
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'two', ff: second }] });
    await shop.settle();
    const { touches, links } = await receiptOf('two', 'signup');
    expect(touches).toHaveLength(2);
    expect(links.every((link) => link.grade === 'click_id')).toBe(true);
    expect(touches.map((touch) => touch.credits.find((one) => one.model === 'linear')?.share)).toEqual([0.5, 0.5]);
  });

  test('never goes to the payment provider', async () => {
    const { publicKey } = await maya.call.tracking.get({ appId });
    await intake(shop.world.world).request('/e', {
      method: 'POST',
      body: JSON.stringify({
        app: publicKey,
        id: randomUUID(),
        kind: 'pageview',
        url: 'https://outpost.dev/thanks',
        referrer: 'https://checkout.stripe.com/pay',
      }),
      headers: { 'user-agent': `${CHROME} payer` },
    });
    const touches = await transaction(maya.context, ({ tx }) =>
      tx.selectFrom('touches').select(['source', 'channel', 'direct']).where('source', 'ilike', '%stripe%').execute(),
    );
    expect(touches).toEqual([]);
  });
});

describe('money', () => {
  test('told by the app’s server and by the provider is one purchase', async () => {
    await buys('dub');
    await maya.call.events.send({
      appId,
      events: [{ kind: 'purchase', person: 'dub', value: { minor: '1200', currency: 'USD' } }],
    });
    await shop.tell('charge.succeeded', shop.charge('cus_dub', 'pi_dub'));
    await shop.settle();
    expect(await conversionsOf('dub')).toHaveLength(1);
  });

  test('before anybody said who paid waits, and holds up no other', async () => {
    await shop.tell('charge.succeeded', shop.charge('cus_late', 'pi_late'));
    await buys('next');
    expect(await receiptOf('next')).toMatchObject({ attributed: true });
    const ff = await shop.visit(`${CHROME} late`);
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'late', ff }] });
    await shop.tell('checkout.session.completed', shop.checkout('cus_late', 'late'));
    await shop.settle();
    // The click came after the payment: it brought nobody.
    expect(await receiptOf('late')).toMatchObject({ attributed: false });
  });

  test('that goes back is taken off, and the receipt says so', async () => {
    await buys('ref');
    await shop.tell('refund.created', shop.refund('pi_ref', 500));
    await shop.settle();
    const receipt = await receiptOf('ref');
    expect(receipt).toMatchObject({
      amount: { minor: '1200', currency: 'USD' },
      net: { minor: '700', currency: 'USD' },
      returns: [{ kind: 'refund', amount: { minor: '500' } }],
    });
    expect(receipt.touches[0]?.credits.every((one) => one.amountMinor === '1200' && one.netMinor === '700')).toBe(true);
  });

  test('is not what a trial brings', async () => {
    const ff = await shop.visit(`${CHROME} tri`);
    const before = await maya.call.attribution.compare({ appId, range: 'today', by: 'post' });
    await maya.call.events.send({ appId, events: [{ kind: 'trial', person: 'tri', ff }] });
    await shop.settle();
    const after = await maya.call.attribution.compare({ appId, range: 'today', by: 'post' });
    expect(after.totals).toEqual({ ...before.totals, trials: before.totals.trials + 1 });
    expect((await receiptOf('tri', 'trial')).amount).toBeNull();
  });

  test('for a year is a twelfth of it a month', async () => {
    const ff = await shop.visit(`${CHROME} year`);
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'year', ff }] });
    await shop.tell('checkout.session.completed', shop.checkout('cus_year', 'year'));
    const yearly = shop.subscription('cus_year', {}, 12000);
    yearly.items.data[0]!.price.recurring.interval = 'year';
    await shop.tell('customer.subscription.created', yearly);
    await shop.tell('charge.succeeded', shop.charge('cus_year', 'pi_year', { amount: 12000, amount_captured: 12000 }));
    await shop.settle();
    const { rows, totals } = await maya.call.returns.by({ appId, range: 'today' });
    expect(rows.find((row) => row.key === shop.postId)?.mrrMinor).toBe('1000');
    expect(totals.mrrMinor).toBe('1000');
  });

  test('in another currency has the rate of its day, and stays so', async () => {
    await transaction(maya.context, ({ tx }) =>
      tx
        .insertInto('exchangeRates')
        .values([
          { day: '2026-11-12', base: 'EUR', quote: 'EUR', rate: '1', source: 'test' },
          { day: '2026-11-12', base: 'EUR', quote: 'USD', rate: '1.25', source: 'test' },
        ])
        .execute(),
    );
    shop.world.clock.set('2026-11-13T12:00:00Z');
    await buys('eur', { currency: 'eur', amount: 1001, amount_captured: 1001 });
    const before = await maya.call.attribution.compare({ appId, range: 'today', by: 'post' });
    expect(before.totals.revenue).toEqual({ minor: '1251', currency: 'USD' });
    expect(before.rows[0]?.revenue).toEqual({ low: '1251', high: '1251' });
    await transaction(maya.context, ({ tx }) =>
      tx
        .insertInto('exchangeRates')
        .values([
          { day: '2026-11-13', base: 'EUR', quote: 'EUR', rate: '1', source: 'test' },
          { day: '2026-11-13', base: 'EUR', quote: 'USD', rate: '2', source: 'test' },
        ])
        .execute(),
    );
    expect((await maya.call.attribution.compare({ appId, range: 'today', by: 'post' })).totals).toEqual(before.totals);
  });
});

describe('what people say themselves', () => {
  test('counts where nothing better is known, with its grade', async () => {
    shop.world.clock.set('2026-11-15T12:00:00Z');
    await maya.call.events.send({
      appId,
      events: [{ kind: 'signup', person: 'pod', props: { heard_from: 'Indie  podcast' } }],
    });
    await shop.settle();
    expect((await receiptOf('pod', 'signup')).touches).toMatchObject([
      { kind: 'self_report', told: 'Indie podcast', source: 'Indie podcast', grade: 'self_report', clickId: null },
    ]);
    await shop.tell('checkout.session.completed', shop.checkout('cus_pod', 'pod'));
    shop.world.clock.forward('1 d');
    await shop.tell('charge.succeeded', shop.charge('cus_pod', 'pi_pod'));
    await shop.settle();
    expect((await receiptOf('pod')).touches).toMatchObject([{ kind: 'self_report', grade: 'self_report' }]);

    await buys('sure', {}, { heard_from: 'A friend' });
    expect((await receiptOf('sure')).touches).toMatchObject([{ kind: 'arrival', grade: 'click_id' }]);
  });

  test('is known by its name, and comes in time for what was unattributed', async () => {
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'tw' }] });
    await shop.settle();
    expect(await receiptOf('tw', 'signup')).toMatchObject({ attributed: false });
    await maya.call.events.send({
      appId,
      events: [
        {
          kind: 'answered',
          person: 'tw',
          occurredAt: new Date(shop.world.clock.now().getTime() - 1000).toISOString(),
          props: { heard_from: 'twitter' },
        },
      ],
    });
    await shop.settle();
    expect((await receiptOf('tw', 'signup')).touches).toMatchObject([{ source: 'X', kind: 'self_report' }]);
  });

  test('a code is a touch without a click, of its affiliate, once', async () => {
    const nadia = await maya.call.affiliates.add({ appId, name: 'Nadia', code: 'NADIA', rule: { percent: 20 } });
    await maya.call.events.send({
      appId,
      events: [
        { kind: 'signup', person: 'cod', props: { affiliate: 'nadia' } },
        { kind: 'trial', person: 'cod', props: { affiliate: 'nadia' } },
      ],
    });
    await shop.settle();
    const { touches } = await receiptOf('cod', 'trial');
    expect(touches).toMatchObject([
      { kind: 'code', told: 'nadia', affiliate: 'Nadia', grade: 'code', channel: 'Affiliates' },
    ]);
    const { rows } = await maya.call.attribution.compare({ appId, range: 'today', by: 'affiliate' });
    expect(rows.find((row) => row.key === nadia.id)?.signups).toEqual({ low: 1, high: 1 });
    expect((await maya.call.affiliates.list({ appId })).affiliates[0]).toMatchObject({ visits: 0 });
  });

  test('the rule: a code not beside its owner’s link, an answer only beside direct visits', () => {
    const touch = (kind: 'arrival' | 'code' | 'self_report', direct = false, affiliateId: string | null = null) => ({
      kind,
      direct,
      affiliateId,
      told: kind === 'arrival' ? null : 'word',
    });
    const kinds = (...touches: ReturnType<typeof touch>[]) => whatCounts(touches).map((one) => one.kind);
    expect(kinds(touch('arrival', true), touch('self_report'))).toEqual(['arrival', 'self_report']);
    expect(kinds(touch('arrival'), touch('self_report'))).toEqual(['arrival']);
    expect(kinds(touch('self_report'), touch('self_report'))).toEqual(['self_report']);
    expect(kinds(touch('code'), touch('self_report'))).toEqual(['code']);
    expect(kinds(touch('arrival', false, 'a'), touch('code', false, 'a'))).toEqual(['arrival']);
    expect(kinds(touch('arrival', false, 'b'), touch('code', false, 'a'))).toEqual(['arrival', 'code']);
    expect(kinds(touch('code'), touch('code'))).toEqual(['code']);
  });
});

test('touches and links can be added, and neither changed nor taken away', async () => {
  for (const statement of [
    sql`update touches set source = 'Other'`,
    sql`delete from touches`,
    sql`update identity_links set grade = 'click_id'`,
    sql`delete from identity_links`,
    sql`update attribution_weights set weight = 1`,
  ])
    await expect(transaction(maya.context, ({ tx }) => statement.execute(tx))).rejects.toThrow(/permission denied/);
});

test('the ways people took', async () => {
  const { paths, conversions, enough, reason, took, touches } = await maya.call.attribution.paths({
    appId,
    range: '30d',
  });
  expect(conversions).toBeGreaterThan(5);
  expect(enough).toBe(false);
  expect(reason).toMatch(/^Not enough data: \d+ of the 30 journeys needed so far\.$/);
  expect(paths.every((path) => path.share === null)).toBe(true);
  expect(paths[0]?.steps).toEqual(['Organic Social']);
  for (const list of [took, touches]) expect(list.reduce((sum, one) => sum + one.conversions, 0)).toBe(conversions);
});

test('time decay and position as the app wants them', async () => {
  await maya.call.tracking.set({ appId, decayHalfLifeDays: 1, positionFirstPercent: 50, positionLastPercent: 30 });
  await expect(maya.call.tracking.set({ appId, positionFirstPercent: 80 })).rejects.toMatchObject({
    data: { reason: 'position' },
  });
  const [id] = await keepJourneys(maya, appId, [
    {
      steps: [72, 48, 24].map((hours) => ({ hours, channel: 'Email' })),
      at: shop.world.clock.now(),
      ends: { kind: 'purchase', minor: 7000n, currency: 'USD' },
    },
  ]);
  await attribute(maya.context, appId);
  const { touches } = await maya.call.attribution.receipt({ conversionId: id! });
  const by = (model: string) => touches.map((touch) => touch.credits.find((one) => one.model === model)?.amountMinor);
  expect(by('time_decay')).toEqual(['1000', '2000', '4000']);
  expect(by('position')).toEqual(['3500', '1400', '2100']);
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { paceOf } from '#src/measure/returns/campaign.ts';
import { none, ratiosOf } from '#src/measure/returns/ratios.ts';
import { minorOf, readCosts } from '#src/plan/costs/import.ts';
import { type Journey, keepJourneys } from '#test/journeys.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

let shop: Shop;
let maya: Shop['maya'];
let appId: string;
let postId: string;
let campaignId: string;
let channelId: string;
const usd = (minor: string) => ({ minor, currency: 'USD' });

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  ({ maya, appId, postId } = shop);
  await maya.call.workspaces.update({ currency: 'USD' });
  campaignId = (
    await maya.call.campaigns.create({
      appId,
      name: 'November',
      objective: 'conversions',
      startsOn: '2026-11-01',
      endsOn: '2026-11-30',
      budget: usd('100000'),
      goals: [{ metric: 'signups', target: '40' }],
    })
  ).id;
  channelId = (await maya.call.channels.create({ appId, name: 'X', kind: 'social', platform: 'x' })).id;
  await transaction(maya.context, async ({ tx }) => {
    await tx
      .updateTable('posts')
      .set({ campaignId, minutesSpent: 90, hook: 'Question', kind: 'milestone' })
      .where('id', '=', postId)
      .execute();
    await tx.updateTable('links').set({ campaignId }).where('postId', '=', postId).execute();
    await tx.updateTable('trackingSettings').set({ hourlyRateMinor: '6000' }).where('appId', '=', appId).execute();
  });
});
afterAll(() => shop.world.close());

const zero = {
  cost: 0n,
  ads: 0n,
  revenue: 0n,
  clicks: 0,
  signups: 0,
  customers: 0,
  mrr: 0n,
  margin: 1,
  lifetimeValue: none('Not enough data: 0 of 30 customers.'),
};

describe('the ratios', () => {
  test('with nothing spent there is nothing to set the revenue against', () => {
    const ratios = ratiosOf({ ...zero, revenue: 5000n, signups: 40, customers: 20, clicks: 100 });
    for (const ratio of Object.values(ratios)) {
      expect(ratio.value).toBeNull();
      expect(ratio.reason).toMatch(/^(Nothing was spent|Nothing was spent on advertising)/);
    }
  });

  test('a worked example', () => {
    const ratios = ratiosOf({
      cost: 50_000n,
      ads: 20_000n,
      revenue: 80_000n,
      clicks: 400,
      signups: 40,
      customers: 10,
      mrr: 12_000n,
      margin: 0.95,
      lifetimeValue: { value: 25_000, low: 20_000, high: 30_000, reason: null },
    });
    const values = Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, ratio.value]));
    expect(values).toEqual({
      roi: 0.6,
      roas: 4,
      mer: 1.6,
      cpc: 125,
      cpa: 1250,
      cac: 5000,
      paybackMonths: expect.closeTo(5000 / 1140, 9),
      ltvToCac: 5,
    });
    // Garwood's exact interval of 10 events is 4.795 to 18.390.
    expect(ratios.cac.low).toBeCloseTo(50_000 / 18.39036, 0);
    expect(ratios.cac.high).toBeCloseTo(50_000 / 4.79539, 0);
    expect(ratios.ltvToCac.low).toBeCloseTo(20_000 / (50_000 / 4.79539), 3);
    expect(ratios.ltvToCac.high).toBeCloseTo(30_000 / (50_000 / 18.39036), 3);
  });

  test('below its floor each says what is missing', () => {
    const ratios = ratiosOf({ ...zero, cost: 1000n, clicks: 29, signups: 9, customers: 9.6 });
    expect(ratios.cpc.reason).toBe('Not enough data: 29 of the 30 clicks needed so far.');
    expect(ratios.cpa.reason).toBe('Not enough data: 9 of the 10 signups needed so far.');
    expect(ratios.cac.reason).toBe('Not enough data: 9 of the 10 new customers needed so far.');
    expect(ratios.paybackMonths.reason).toBe(ratios.cac.reason);
    expect(ratios.roi.value).toBe(-1);
    const free = ratiosOf({ ...zero, cost: 1000n, customers: 10 });
    expect(free.paybackMonths.reason).toBe('These customers brought no recurring revenue.');
    expect(free.ltvToCac.reason).toMatch(/^Not enough data/);
  });

  test('the interval of a cost holds the cost', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 12n), fc.integer({ min: 10, max: 5000 }), (cost, signups) => {
        const { cpa } = ratiosOf({ ...zero, cost, signups });
        expect(cpa.low!).toBeLessThan(cpa.value!);
        expect(cpa.high!).toBeGreaterThan(cpa.value!);
      }),
    );
  });
});

describe('what each post earned', () => {
  test('cost against outcome, to the cent', async () => {
    for (const name of ['ann', 'bob', 'cy']) {
      const ff = await shop.visit(`${CHROME} ${name}`);
      await maya.call.events.send({ appId, events: [{ kind: 'signup', person: name, ff }] });
      if (name === 'cy') continue;
      await shop.tell('customer.subscription.created', shop.subscription(`cus_${name}`));
      await shop.tell('checkout.session.completed', shop.checkout(`cus_${name}`, name));
      await shop.tell('charge.succeeded', shop.charge(`cus_${name}`, `pi_${name}`));
    }
    await shop.settle();
    await maya.call.costs.add({ appId, day: '2026-11-10', kind: 'ads', amount: usd('2500'), postId });
    await maya.call.costs.add({ appId, day: '2026-11-10', kind: 'tools', amount: usd('900') });
    await maya.call.costs.add({ appId, day: '2026-10-01', kind: 'ads', amount: usd('7777'), postId });
    await transaction(maya.context, async ({ tx, workspaceId }) => {
      const account = await tx.selectFrom('accounts').select('id').executeTakeFirstOrThrow();
      await tx
        .insertInto('platformSpend')
        .values([
          {
            workspaceId,
            accountId: account.id,
            postId,
            item: 'post',
            micros: 15_000,
            at: new Date('2026-11-10T09:00:00Z'),
          },
          { workspaceId, accountId: account.id, item: 'read', micros: 40_000, at: new Date('2026-11-10T09:00:00Z') },
        ])
        .execute();
    });
    const answer = await maya.call.returns.by({ appId, range: '30d' });
    expect(answer).toMatchObject({
      currency: 'USD',
      model: 'last_non_direct',
      timeZone: 'UTC',
      otherCosts: [],
      sharedMicros: 0,
    });
    const row = answer.rows.find((one) => one.key === postId);
    expect(row).toMatchObject({
      name: 'Outpost sends itself',
      // 25.00 of ads, 90 minutes at 60.00, 1.5 cents of the platform.
      cost: { adsMinor: '2500', timeMinor: '9000', toolsMinor: '0' },
      minutes: 90,
      signups: 3,
      customers: 2,
      revenueMinor: '2400',
      mrrMinor: '2400',
    });
    expect(BigInt(row!.profitMinor)).toBe(2400n - BigInt(row!.cost.allMinor));
    expect(answer.unallocated).toMatchObject({ toolsMinor: '900' });
    const parts = (cost: typeof answer.totals.cost) =>
      [cost.adsMinor, cost.apiMinor, cost.toolsMinor, cost.timeMinor, cost.otherMinor, cost.commissionsMinor].reduce(
        (sum, part) => sum + BigInt(part),
        0n,
      );
    expect(parts(answer.totals.cost)).toBe(BigInt(answer.totals.cost.allMinor));
    // 5.5 cents of the platform's in all: what no post holds is nobody's, and the whole is rounded once.
    expect(BigInt(row!.cost.allMinor) + BigInt(answer.unallocated.allMinor)).toBe(BigInt(answer.totals.cost.allMinor));
    expect([12_405n, 12_406n]).toContain(BigInt(answer.totals.cost.allMinor));
    expect(row?.ratios.roi.value).toBeCloseTo((2400 - Number(row!.cost.allMinor)) / Number(row!.cost.allMinor), 9);
    expect(row?.ratios.cac).toMatchObject({
      value: null,
      reason: 'Not enough data: 2 of the 10 new customers needed so far.',
    });
  });

  test('by every grouping the totals are the same', async () => {
    const all = [];
    for (const by of ['post', 'hook', 'template', 'kind', 'campaign', 'channel', 'account', 'affiliate'] as const) {
      const { totals, rows } = await maya.call.returns.by({ appId, range: '30d', by });
      all.push({
        cost: totals.cost.allMinor,
        revenue: totals.revenueMinor,
        mrr: totals.mrrMinor,
        signups: totals.signups,
        clicks: totals.clicks,
      });
      if (by === 'hook') expect(rows[0]).toMatchObject({ key: 'Question', revenueMinor: '2400' });
      if (by === 'kind') expect(rows[0]).toMatchObject({ name: 'Milestone' });
      if (by === 'channel')
        expect(rows.find((row) => row.key === channelId)).toMatchObject({ name: 'X', revenueMinor: '2400' });
    }
    for (const one of all) expect(one).toEqual(all[0]);
  });

  test('a commission owed is a cost, of its affiliate', async () => {
    const { id } = await maya.call.affiliates.add({ appId, name: 'Nadia', code: 'nadia', rule: { percent: 25 } });
    const ff = await shop.visit(`${CHROME} aff`, 'nadia');
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'aff', ff }] });
    await shop.tell('checkout.session.completed', shop.checkout('cus_aff', 'aff'));
    await shop.tell('charge.succeeded', shop.charge('cus_aff', 'pi_aff'));
    await shop.settle();
    await maya.call.commissions.settle({ appId });
    const { rows } = await maya.call.returns.by({ appId, range: '30d', by: 'affiliate' });
    expect(rows.find((row) => row.key === id)).toMatchObject({
      name: 'Nadia',
      revenueMinor: '1200',
      profitMinor: '900',
      visits: 1,
      clicks: 1,
      cost: { commissionsMinor: '300', allMinor: '300' },
    });
  });

  test('what has no rate of its day is named and not guessed', async () => {
    const { id } = await maya.call.costs.add({
      appId,
      day: '2026-11-10',
      kind: 'ads',
      amount: { minor: '500', currency: 'CHF' },
    });
    const before = await maya.call.returns.by({ appId, range: '30d' });
    expect(before.otherCosts).toEqual([{ minor: '500', currency: 'CHF' }]);
    await maya.call.costs.remove({ costId: id });
    const after = await maya.call.returns.by({ appId, range: '30d' });
    expect(after.totals.cost).toEqual(before.totals.cost);
  });

  test('many customers: a cost per customer with its interval, payback, LTV to CAC', async () => {
    const post = await shop.publish('many');
    const link = await transaction(maya.context, ({ tx }) =>
      tx.selectFrom('links').select('id').where('postId', '=', post).executeTakeFirstOrThrow(),
    );
    const journeys: Journey[] = Array.from({ length: 20 }, () => ({
      steps: [{ hours: 2, channel: 'Organic Social', postId: post, linkId: link.id }],
      at: shop.world.clock.now(),
      ends: { kind: 'purchase', minor: 2000n, currency: 'USD' },
    }));
    await keepJourneys(maya, appId, journeys);
    await attribute(maya.context, appId);
    await maya.call.costs.add({ appId, day: '2026-11-10', kind: 'ads', amount: usd('10000'), postId: post });
    const { rows } = await maya.call.returns.by({ appId, range: '30d', lifetimeValueMinor: '3000' });
    const row = rows.find((one) => one.key === post)!;
    expect(rows[0]).toBe(row);
    expect(row).toMatchObject({ customers: 20, revenueMinor: '40000', profitMinor: '30000' });
    expect(row.ratios).toMatchObject({
      roi: { value: 3 },
      roas: { value: 4 },
      cac: { value: 500 },
      ltvToCac: { value: 6 },
    });
    expect(row.ratios.cac.low).toBeLessThan(500);
    expect(row.ratios.paybackMonths.reason).toBe('These customers brought no recurring revenue.');
  });

  test('another workspace finds none of it', async () => {
    const rival = await shop.world.join('Rival');
    await expect(rival.call.returns.by({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rival.call.campaigns.numbers({ campaignId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rival.call.costs.import({ appId, csv: 'date,amount\n2026-11-01,1' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a campaign', () => {
  test('has goals, a pace, its own result, its posts and its days', async () => {
    await maya.call.costs.add({ appId, day: '2026-11-05', kind: 'ads', amount: usd('20000'), campaignId });
    const numbers = await maya.call.campaigns.numbers({ campaignId });
    expect(numbers.goals).toMatchObject([{ metric: 'signups', target: '40', reached: '3' }]);
    expect(numbers).toMatchObject({ from: '2026-11-01', until: '2026-11-10', currency: 'USD' });
    // A third of its days are over, a fifth of the budget is spent.
    expect(numbers.pace).toMatchObject({ used: 0.2, verdict: 'behind' });
    expect(numbers.pace.planned).toBeCloseTo(1 / 3, 9);
    expect(numbers.numbers).toMatchObject({ signups: 3, revenueMinor: '2400', cost: { adsMinor: '22500' } });
    expect(numbers.posts.map((row) => row.key)).toEqual([postId]);
    expect(numbers.days.find((row) => row.day === '2026-11-10')).toMatchObject({
      signups: 3,
      revenueMinor: '2400',
      visits: 3,
    });
    expect(numbers.days.find((row) => row.day === '2026-11-05')).toMatchObject({ costMinor: '20000' });
  });

  test('without a budget or dates has no pace', () => {
    const campaign = { budget: null, spent: usd('10'), startsOn: null, endsOn: null, pacing: 'even' as const };
    expect(paceOf(campaign, '2026-11-10')).toMatchObject({ planned: null, used: null, verdict: null });
    const dated = { ...campaign, budget: usd('100'), startsOn: '2026-11-01', endsOn: '2026-11-10' };
    expect(paceOf({ ...dated, spent: usd('66'), pacing: 'front' }, '2026-11-05')).toMatchObject({ verdict: 'on' });
    expect(paceOf({ ...dated, spent: usd('66') }, '2026-11-05')).toMatchObject({ planned: 0.5, verdict: 'ahead' });
    expect(paceOf({ ...dated, pacing: 'none' }, '2026-11-05').planned).toBeNull();
  });
});

describe('a table of costs', () => {
  test('is taken once, line by line, with what is wrong by line', async () => {
    const csv = [
      'Date;Channel;Kind;Amount;Currency;Note',
      '2026-11-03;X;ads;12,50;EUR;first',
      '2026-11-03;x;ads;12,50;EUR;first',
      '2026-11-04;;tools;1.000;JPY;',
      '2026-11-31;X;ads;1;USD;',
      '2026-11-04;Nowhere;ads;1;USD;',
      '2026-11-04;X;fun;1;USD;',
      '2026-11-04;X;ads;-1;USD;',
      '',
      '2026-11-05;X;;3.999;USD;',
    ].join('\r\n');
    const first = await maya.call.costs.import({ appId, csv });
    expect(first).toMatchObject({ added: 3, already: 0 });
    expect(first.problems.map((one) => one.line)).toEqual([5, 6, 7, 8, 10]);
    expect(await maya.call.costs.import({ appId, csv })).toMatchObject({ added: 0, already: 3 });
    const { costs } = await maya.call.costs.list({ appId, from: '2026-11-03', to: '2026-11-04' });
    expect(
      costs.map((one) => [one.kind, one.amount.minor, one.amount.currency, one.channel?.name ?? null, one.source]),
    ).toEqual(
      expect.arrayContaining([
        ['tools', '1000', 'JPY', null, 'import'],
        ['ads', '1250', 'EUR', 'X', 'import'],
        ['ads', '1250', 'EUR', 'X', 'import'],
      ]),
    );
    expect(readCosts('a,b\n1,2', 'USD').problems).toEqual([
      { line: 1, reason: 'The first line must name the column date and amount.' },
    ]);
  });

  test.each([
    ['12.50', 'EUR', '1250'],
    ['1,234.50', 'USD', '123450'],
    ['1.234,50', 'EUR', '123450'],
    ['7', 'USD', '700'],
    ['1.5', 'JPY', null],
    ['1,000', 'JPY', '1000'],
    ['', 'USD', null],
    ['-3', 'USD', null],
    ['12.5.3', 'USD', null],
    ['1.234', 'EUR', null],
    ['1.234', 'KWD', '1234'],
  ])('%s of %s is %s', (amount, currency, minor) => expect(minorOf(amount, currency)).toBe(minor));
});

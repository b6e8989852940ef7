import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import { openShop, type Shop } from '#test/shop.ts';
import { meanOf } from './segments.ts';

let shop: Shop;
let campaignId: string;
let solo: string;
let team: string;

const DAY = 86_400_000;
const started = Date.UTC(2026, 2, 1);
const instant = (days: number) => new Date(started + days * DAY).toISOString();

/** Someone who pays 10.00 a month from March on, and leaves after so many months. */
async function subscriber(index: number, plan: string, leaves: number | null): Promise<void> {
  const { maya, appId } = shop;
  const common = {
    appId,
    reference: `sub-${plan}-${index}`,
    plan,
    customer: { person: `${plan}-${index}` },
    price: { minor: '1000', currency: 'USD' },
    interval: 'month' as const,
    quantity: 1,
  };
  await maya.call.subscriptions.record({ ...common, status: 'active', at: instant(0) });
  if (leaves !== null)
    await maya.call.subscriptions.record({ ...common, status: 'canceled', at: instant(leaves * 30.4) });
  await maya.call.payments.record({
    appId,
    reference: `pay-${plan}-${index}`,
    amount: { minor: '1000', currency: 'USD' },
    customer: { person: `${plan}-${index}` },
    paidAt: instant(0),
  });
}

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-15T09:00:00Z' });
  const { maya, appId } = shop;
  solo = (
    await maya.call.audiences.add({
      appId,
      name: 'Solo founders',
      segment: { by: 'plan', values: ['Solo'] },
      estimatedLtv: { minor: '900000', currency: 'USD' },
      estimatedCac: { minor: '1', currency: 'USD' },
    })
  ).id;
  team = (await maya.call.audiences.add({ appId, name: 'Small teams' })).id;
  campaignId = (
    await maya.call.campaigns.create({ appId, name: 'Launch', objective: 'growth', audienceIds: [solo, team] })
  ).id;
  const solos = Array.from({ length: 32 }, (_, index) => subscriber(index, 'Solo', [1, 1, 2, 4][index % 8] ?? null));
  const teams = Array.from({ length: 3 }, (_, index) => subscriber(index, 'Team', null));
  await Promise.all([...solos, ...teams]);
  await processPayments(maya.context);
  await attribute(maya.context, appId);
  await transaction(maya.context, ({ tx }) => tx.updateTable('credits').set({ campaignId }).execute());
  await maya.call.costs.add({
    appId,
    campaignId,
    day: '2026-03-02',
    kind: 'ads',
    amount: { minor: '70000', currency: 'USD' },
  });
}, 60_000);
afterAll(() => shop.world.close());

const by = (segmentation: 'plan' | 'campaign' | 'audience' | 'country') =>
  shop.maya.call.segments.by({ appId: shop.appId, by: segmentation });

test('a segment with enough customers has a value with an interval; one with too few says what is missing', async () => {
  const { rows, currency } = await by('plan');
  expect(currency).toBe('USD');
  const [first, second] = rows;
  expect(first).toMatchObject({ key: 'Solo', customers: 32, subscribers: 32, earnedMinor: '32000', costMinor: null });
  expect(first!.earnedEach).toMatchObject({ value: 1000, low: 1000, high: 1000 });
  const { value, low, high } = first!.lifetimeValue;
  expect(low!).toBeLessThan(value!);
  expect(value!).toBeLessThan(high!);
  expect(value!).toBeGreaterThan(1000);
  expect(value!).toBeLessThan(36_000);
  expect(first!.acquisitionCost.reason).toBe('Cost is written down by campaign, not by this.');
  expect(second).toMatchObject({ key: 'Team', customers: 3 });
  expect(second!.lifetimeValue).toMatchObject({
    value: null,
    reason: 'Not enough data: 3 of the 30 customers needed so far.',
  });
});

test('what winning one cost is of the campaign; its worth against it is wider than either', async () => {
  const row = (await by('campaign')).rows.find(({ key }) => key === campaignId)!;
  expect(row).toMatchObject({ name: 'Launch', customers: 35, costMinor: '70000' });
  expect(row.acquisitionCost.value).toBe(2000);
  expect(row.ltvToCac.value).toBeCloseTo(row.lifetimeValue.value! / 2000, 9);
  expect(row.ltvToCac.low).toBeCloseTo(row.lifetimeValue.low! / row.acquisitionCost.high!, 9);
  const returns = await shop.maya.call.returns.by({ appId: shop.appId, range: '12m', by: 'campaign' });
  expect(returns.lifetimeValue.value).toBeCloseTo(row.lifetimeValue.value!, -1);
  const { ltvToCac } = returns.totals.ratios;
  expect(ltvToCac.low!).toBeLessThan(ltvToCac.value!);
  expect(ltvToCac.high!).toBeGreaterThan(ltvToCac.value!);
});

test('an audience is measured by its rule or its campaigns, and set beside what was estimated', async () => {
  const { rows } = await by('audience');
  const own = rows.find(({ key }) => key === solo)!;
  expect(own).toMatchObject({ name: 'Solo founders', customers: 32, costMinor: '35000' });
  expect(own.against).toMatchObject({
    lifetimeValue: { verdict: 'too_high' },
    acquisitionCost: { verdict: 'too_low' },
  });
  // Theirs is everybody who came by the campaign that addresses them.
  expect(rows.find(({ key }) => key === team)).toMatchObject({
    customers: 35,
    against: { lifetimeValue: { estimated: null, verdict: null } },
  });
  expect((await by('country')).rows).toMatchObject([{ key: '', name: 'Not known', customers: 35 }]);
});

test('a mean needs thirty, and its interval is that of the normal law', () => {
  expect(meanOf(Array.from({ length: 29 }, () => 1)).reason).toMatch(/^Not enough data: 29 of the 30/);
  const { value, low, high } = meanOf(Array.from({ length: 100 }, (_, index) => index % 2));
  expect(value).toBe(0.5);
  // Standard deviation 0.50252, over ten.
  expect([low, high]).toEqual([expect.closeTo(0.40151, 4), expect.closeTo(0.59849, 4)]);
});

test('another workspace measures none of it', async () => {
  const rival = await shop.world.join('Rival');
  await expect(rival.call.segments.by({ appId: shop.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { addChanges } from '#src/measure/rollups.ts';
import type { Filter } from '#src/measure/traffic/shapes.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

/** True of every visit. */
const EVERYTHING: Filter[] = [{ dimension: 'source', operator: 'is_not', values: ['nowhere'] }];

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  await customer('ann');
  shop.world.clock.forward('1 d');
  await customer('bob');
  const { tell, refund, settle, maya } = shop;
  await tell('refund.created', refund('pi_bob', 300));
  await settle();
  await transaction(maya.context, (inside) => addChanges(inside));
});
afterAll(() => shop.world.close());

/** Somebody comes by the post, signs up and pays 12 dollars. */
async function customer(name: string): Promise<void> {
  const { maya, appId, tell, charge, checkout, settle, visit } = shop;
  const ff = await visit(`${CHROME} ${name}`, 'launch1');
  await maya.call.events.send({ appId, events: [{ kind: 'signup', person: name, ff }] });
  await tell('checkout.session.completed', checkout(`cus_${name}`, name));
  await tell('charge.succeeded', charge(`cus_${name}`, `pi_${name}`));
  await settle();
}

test('revenue is net and the same from the totals, from the visits, by day, by hour and by what brought it', async () => {
  const { maya, appId, postId } = shop;
  const range = { appId, range: '7d' } as const;
  const kept = await maya.call.analytics.totals(range);
  expect(kept.figures).toMatchObject({ revenue: { value: 2100 }, signups: { value: 2 }, conversions: { value: 4 } });
  expect(kept.conversionsByKind).toEqual({ signup: 2, trial: 0, purchase: 2, goal: 0 });
  const counted = await maya.call.analytics.totals({ ...range, filters: EVERYTHING });
  expect(counted.figures).toEqual(kept.figures);
  expect(counted.outside).toEqual({ conversions: 0, revenueMinor: '0' });

  const days = await maya.call.analytics.series({ ...range, measures: ['revenue'] });
  expect(days.series[0]?.values.filter(Boolean)).toEqual([1200, 900]);
  const hours = await maya.call.analytics.series({ ...range, range: 'today', measures: ['revenue'] });
  expect(hours.series[0]?.values.reduce((sum: number, value) => sum + (value ?? 0), 0)).toBe(900);

  for (const dimension of ['source', 'channel', 'post', 'browser', 'entry'] as const)
    for (const filters of [[], EVERYTHING]) {
      const { rows } = await maya.call.analytics.breakdown({ ...range, dimension, filters, sort: 'revenue' });
      expect(rows[0], dimension).toMatchObject({ revenue: 2100, signups: 2 });
    }
  const [post] = (await maya.call.analytics.breakdown({ ...range, dimension: 'post' })).rows;
  expect(post).toMatchObject({ value: postId, label: 'Outpost sends itself' });
});

test('a filter leaves out the money of other visits, and says what belongs to none', async () => {
  const { maya, appId, tell, charge, settle, world } = shop;
  const filters = (value: string): Filter[] => [{ dimension: 'post', operator: 'is', values: [value] }];
  const asked = { appId, range: '7d' } as const;
  const none = await maya.call.analytics.totals({ ...asked, filters: filters(appId) });
  expect(none.figures).toMatchObject({ revenue: { value: 0 }, signups: { value: 0 }, conversions: { value: 0 } });
  // Nobody knows where this one came from.
  await tell('charge.succeeded', charge('cus_nobody', 'pi_nobody'));
  await settle();
  world.clock.forward('2 h');
  await settle();
  const own = await maya.call.analytics.totals({ ...asked, filters: filters(shop.postId) });
  expect(own.figures.revenue.value).toBe(2100);
  expect(own.outside?.revenueMinor).toBe('1200');
  expect((await maya.call.analytics.totals(asked)).figures.revenue.value).toBe(3300);
});

test('with consent a visitor who comes on two days is one, and the answer says so', async () => {
  const { maya, appId } = shop;
  const visit = (id: string, day: string) =>
    transaction(maya.context, ({ tx, workspaceId }) =>
      tx
        .insertInto('visits')
        .values({
          ...{ workspaceId, appId, id, visitor: 'first-party-id', startedAt: day, lastSeenAt: day, views: 1 },
          ...{ entryPath: '/', exitPath: '/', source: 'Direct', medium: '(none)', channel: 'Direct' },
        })
        .execute(),
    );
  await visit('00000000-0000-4000-8000-000000000001', '2026-10-01T10:00:00Z');
  await visit('00000000-0000-4000-8000-000000000002', '2026-10-02T10:00:00Z');
  const asked = { appId, range: 'custom', from: '2026-10-01', until: '2026-10-02', filters: EVERYTHING } as const;
  const daily = await maya.call.analytics.totals({ ...asked, filters: [...EVERYTHING] });
  expect(daily).toMatchObject({ visitorsAre: 'daily', figures: { visitors: { value: 2 } } });
  await transaction(maya.context, ({ tx }) =>
    tx.updateTable('trackingSettings').set({ privacyTier: 'consented' }).where('appId', '=', appId).execute(),
  );
  const distinct = await maya.call.analytics.totals({ ...asked, filters: [...EVERYTHING] });
  expect(distinct).toMatchObject({ visitorsAre: 'distinct', figures: { visitors: { value: 1 } } });
});

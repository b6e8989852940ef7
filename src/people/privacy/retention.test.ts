import { randomUUID } from 'node:crypto';
import { createRouterClient } from '@orpc/server';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalog } from '#src/catalog.ts';
import { transaction } from '#src/context.ts';
import { requestRecount, workRecounts } from '#src/measure/rollups/recount.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { keptFrom, purge } from '#src/people/privacy/retention.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

let shop: Shop;
let owner: pg.Client;
/** Partitions are made around today, so the story is told by today. */
const ago = (days: number) => new Date(new Date().setUTCHours(9, 0, 0, 0) - days * 86_400_000);
const dayOf = (date: Date) => date.toISOString().slice(0, 10);
const OLD = ago(150);
const NOW = ago(2);
const MONTH = dayOf(OLD).slice(0, 7).replace('-', '');
const MONTH_END = new Date(Date.UTC(OLD.getUTCFullYear(), OLD.getUTCMonth() + 1, 1));

beforeAll(async () => {
  shop = await openShop({ now: OLD.toISOString() });
  owner = new pg.Client(shop.world.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await shop.world.close();
});

async function count(table: string): Promise<number> {
  const { rows } = await owner.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return rows[0]?.n ?? 0;
}

test('a class is kept as long as was set; totals, money and what was frozen stay', async () => {
  const { maya, appId, world, postId } = shop;
  const ff = await shop.visit(`${CHROME} old`);
  await maya.call.events.send({ appId, events: [{ id: randomUUID(), kind: 'signup', person: 'ann', ff }] });
  await shop.tell('checkout.session.completed', shop.checkout('cus_ann', 'ann'));
  await shop.tell('charge.succeeded', shop.charge('cus_ann', 'pi_ann'));
  await shop.settle();
  world.clock.set(NOW);
  await shop.visit(`${CHROME} new`);
  await shop.settle();
  await owner.query(
    `insert into ai_calls (workspace_id, purpose, prompt_version, provider, model, milliseconds, outcome, started_at, finished_at)
     select $1, 'draft', '1', 'openai', 'm', 1, 'answered', at, at from unnest($2::timestamptz[]) at`,
    [maya.workspaceId, [OLD, ago(3)]],
  );
  const range = { appId, from: dayOf(ago(160)), until: dayOf(NOW) };
  const numbers = async () => ({
    counted: await transaction(maya.context, addChanges).then(() => true),
    days: (await owner.query('select * from traffic_days order by 1, 2, 3, 4, 5')).rows,
    credits: (await maya.call.attribution.credits({ postId })).credits,
    revenue: await maya.call.revenue.summary({ appId }),
  });
  const before = await numbers();
  const had = { visits: await count('visits'), events: await count('events'), payments: await count('payment_events') };

  expect(await purge(maya.context)).toBe(0);
  await expect(maya.call.retention.set({ dataClass: 'events', days: 10 })).rejects.toThrow(/at least 60 days/);
  await maya.call.tracking.set({ appId, attributionWindowDays: 90 });
  await expect(maya.call.retention.set({ dataClass: 'clicks', days: 70 })).rejects.toThrow(
    /up to 90 days after a visit/,
  );
  await maya.call.tracking.set({ appId, attributionWindowDays: 30 });
  for (const dataClass of [
    'events',
    'clicks',
    'payment_events',
    'ai_calls',
    'activities',
    'inbox',
    'page_versions',
    'metric_snapshots',
  ] as const)
    await maya.call.retention.set({ dataClass, days: 100 });

  const { rows } = await owner.query(`select to_regclass('part.visits_${MONTH}') is not null as there`);
  expect(rows).toEqual([{ there: true }]);
  await purge(maya.context);
  expect(await count('visits')).toBe(had.visits - 1);
  expect(await count('events')).toBeLessThan(had.events);
  expect(await count('payment_events')).toBe(had.payments);
  expect(await count(`payment_events where body = ''`)).toBe(had.payments);
  expect(await count('ai_calls')).toBe(1);
  // The whole month was gone for everybody, so it went as one.
  expect((await owner.query(`select to_regclass('part.visits_${MONTH}') is null as gone`)).rows).toEqual([
    { gone: true },
  ]);
  expect(await numbers()).toEqual(before);

  const { purges } = await maya.call.purges.list({});
  expect(purges.map(({ table }) => table).sort()).toEqual(
    expect.arrayContaining(['activities', 'ai_calls', 'clicks', 'events', 'payment_events', 'visits']),
  );
  const again = purges.length;
  expect(await purge(maya.context)).toBe(0);
  expect((await maya.call.purges.list({})).purges).toHaveLength(again);
  const { classes } = await maya.call.retention.list({});
  const events = classes.find(({ dataClass }) => dataClass === 'events')!;
  expect(events).toMatchObject({ days: 100, goneBefore: MONTH_END });
  expect(events.removed).toBeGreaterThan(1);

  // Counting again leaves the days whose rows are gone as they are.
  await transaction(maya.context, (inside) =>
    requestRecount(inside, { appId, reason: 'request', days: { from: range.from, until: range.until } }),
  );
  await workRecounts(maya.context);
  expect((await numbers()).days).toEqual(before.days);
  expect(await maya.call.audit.verify({})).toMatchObject({ brokenAt: null });
});

test('a month that another workspace keeps stays; one’s own rows go by themselves', async () => {
  const { maya, world } = shop;
  const rival = await world.join('Rival');
  const put = (workspaceId: string, at: string) =>
    owner.query(
      `insert into clicks (workspace_id, id, link_id, app_id, occurred_at) values ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $2)`,
      [workspaceId, at],
    );
  await put(maya.workspaceId, ago(190).toISOString());
  await put(rival.workspaceId, ago(190).toISOString());
  await purge(maya.context);
  expect((await owner.query('select workspace_id as id from clicks where occurred_at < $1', [ago(185)])).rows).toEqual([
    { id: rival.workspaceId },
  ]);
  expect((await rival.call.purges.list({})).purges).toEqual([]);
  await rival.call.retention.set({ dataClass: 'clicks', days: 60 });
  await rival.call.retention.set({ dataClass: 'clicks', days: null });
  await purge(rival.context);
  expect(await count(`clicks where workspace_id = '${rival.workspaceId}'`)).toBe(1);
});

test('days are kept whole, by the workspace’s calendar, also where clocks change', () => {
  const kept = (now: string, days: number) => keptFrom(new Date(now), days, 'Europe/Berlin').toISOString();
  expect(kept('2026-10-26T00:30:00Z', 1)).toBe('2026-10-24T22:00:00.000Z');
  expect(kept('2026-10-25T23:30:00Z', 0)).toBe('2026-10-25T23:00:00.000Z');
  expect(kept('2026-03-30T12:00:00Z', 2)).toBe('2026-03-27T23:00:00.000Z');
});

test('the self-check answers from how things stand, and the page says how visitors are counted', async () => {
  const { maya, appId } = shop;
  const answerOf = async (key: string) =>
    (await maya.call.privacy.selfCheck({})).answers.find((one) => one.key === key);
  expect(await answerOf('retention')).toMatchObject({ answer: 'good', todo: null });
  await maya.call.retention.set({ dataClass: 'inbox', days: null });
  expect(await answerOf('retention')).toMatchObject({
    answer: 'look',
    says: expect.stringContaining('replies and mentions'),
  });
  expect(await answerOf('https')).toMatchObject({ answer: 'look', path: '/docs/self-hosting' });
  expect(await answerOf('tiers')).toMatchObject({ answer: 'good' });
  expect(await answerOf('mail')).toMatchObject({ answer: 'not_used' });
  await maya.call.tracking.set({ appId, privacyTier: 'consented' });
  expect(await answerOf('tiers')).toMatchObject({ answer: 'look' });
  await maya.call.consents.record({ visitor: 'a-visitor', purpose: 'analytics', granted: true, source: 'banner' });
  await maya.call.consents.record({ visitor: 'a-visitor', purpose: 'analytics', granted: false, source: 'banner' });
  expect(await answerOf('tiers')).toMatchObject({ answer: 'good' });
  const { consents } = await maya.call.consents.list({ visitor: 'a-visitor' });
  expect(consents).toHaveLength(2);
  expect(JSON.stringify(consents)).not.toContain('a-visitor');

  const said = await maya.call.privacy.processing({});
  expect(said.apps).toMatchObject([{ appId, tier: 'consented', withConsent: 0, without: 1 }]);
  expect(said.groups.map(({ tables }) => tables.length).every((count) => count > 0)).toBe(true);
  const editor = {
    ...maya.caller,
    who: { kind: 'user' as const, id: maya.userId, name: 'Ed', role: 'editor' as const },
  };
  const call = createRouterClient(catalog, { context: editor });
  await expect(call.privacy.erase({ email: 'a@b.cd' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(call.privacy.find({ email: 'a@b.cd' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

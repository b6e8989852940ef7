import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { type Intake, openIntake } from '#src/measure/events/intake.ts';
import { findBursts } from '#src/measure/events/reclassify.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { requestRecount, workRecounts } from './recount.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const PREVIEW = 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)';

let world: TestWorld;
let maya: Person;
let intake: Intake;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-03-28T20:00:00Z' });
  maya = await world.join();
  intake = openIntake(world.world);
});
afterAll(() => world.close());

let apps = 0;
/** An app of its own, so that no history is in another's way. */
async function newApp(owner: Person = maya): Promise<{ appId: string; key: string }> {
  const { id: appId } = await owner.call.apps.register({ url: `https://app${++apps}.example` });
  return { appId, key: (await owner.call.tracking.get({ appId })).publicKey };
}

type Sent = { who: number; agent: string; path: string; kind: string; referrer: string; query: string };

async function send(key: string, one: Partial<Sent>): Promise<void> {
  const { who = 0, agent = CHROME, path = '/', kind = 'pageview', referrer = '', query = '' } = one;
  const reception = await intake.receive({
    body: {
      app: key,
      id: randomUUID(),
      kind,
      url: `https://app${apps}.example${path}${query}`,
      referrer,
      props: {},
      width: 1280,
    },
    address: `203.0.113.${who}`,
    userAgent: agent,
    acceptLanguage: who % 5 === 4 ? null : 'en',
    proxyCountry: who % 2 === 0 ? 'DE' : null,
    doNotTrack: false,
    privacyControl: false,
  });
  expect(reception).toEqual({ outcome: 'stored' });
}

/** What has come in is added to the totals in its wake. */
async function settle(owner: Person = maya): Promise<void> {
  await transaction(owner.context, async (inside) => {
    await oneAtATime(inside);
    await addChanges(inside);
  });
}

/** Looks behind row-level security, as the owner. */
async function rows(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(world.owner);
  await client.connect();
  return (await client.query(text, values).finally(() => client.end())).rows;
}

async function totals(appId: string) {
  const days = await rows(
    `select day::text, dimension, value, visitors, visits, views, signups, bounces, seconds::int from traffic_days
     where app_id = $1 and (visitors, visits, views, signups, bounces, seconds) <> (0, 0, 0, 0, 0, 0)
     order by dimension collate "C", value collate "C", day`,
    [appId],
  );
  const hours = await rows(
    `select hour::text, visitors, visits, views, bots, bounces, seconds::int, signups from traffic_hours
     where app_id = $1 and (visitors, visits, views, bots, bounces, seconds, signups) <> (0, 0, 0, 0, 0, 0, 0) order by hour`,
    [appId],
  );
  return { days, hours };
}

async function recount(appId: string): Promise<void> {
  await maya.call.tracking.recount({ appId });
  await workRecounts(maya.context);
}

const step = fc.record({
  who: fc.integer({ min: 0, max: 6 }),
  agent: fc.constantFrom(CHROME, SAFARI, CHROME, SAFARI, BOT, PREVIEW, 'Oddity/1.0'),
  path: fc.constantFrom('/', '/pricing', '/docs/start', '/café'),
  kind: fc.constantFrom('pageview', 'pageview', 'pageview', 'signup', 'exported'),
  referrer: fc.constantFrom('', '', 'https://t.co/x', 'https://www.google.com/search?q=x', 'https://blog.example/a'),
  query: fc.constantFrom(
    '',
    '',
    '?utm_source=x&utm_campaign=launch&utm_content=a',
    '?utm_source=news&utm_medium=email',
  ),
  wait: fc.constantFrom(0, 1, 40, 600, 2400, 7200, 40_000),
  server: fc.integer({ min: 0, max: 9 }),
});

test.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Berlin', 'Pacific/Auckland'])(
  'counted again, the totals are what they were while events came in (%s)',
  async (timeZone) => {
    await maya.call.workspaces.update({ timeZone });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (history) => {
        const { appId, key } = await newApp();
        for (const { wait, server, ...one } of history) {
          world.clock.forward(`${wait} s`);
          if (server === 0) await maya.call.events.send({ appId, events: [{ kind: one.kind, person: `p${one.who}` }] });
          else await send(key, one);
        }
        await settle();
        const before = await totals(appId);
        await recount(appId);
        expect(await totals(appId)).toEqual(before);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  60_000,
);

describe('days by another time zone', () => {
  beforeAll(() => maya.call.workspaces.update({ timeZone: 'UTC' }));

  test('are counted again by themselves, before and after kept', async () => {
    const ada = await world.join('Ada');
    const { appId, key } = await newApp(ada);
    world.clock.set('2026-05-10T23:30:00Z');
    await send(key, { who: 1 });
    world.clock.set('2026-05-11T00:30:00Z');
    await send(key, { who: 2 });
    await settle(ada);
    const days = async () =>
      (await totals(appId)).days.filter((row) => row.dimension === 'total').map(({ day, visits }) => [day, visits]);
    expect(await days()).toEqual([
      ['2026-05-10', 1],
      ['2026-05-11', 1],
    ]);
    await ada.call.workspaces.update({ timeZone: 'America/New_York' });
    await world.drain();
    expect(await days()).toEqual([['2026-05-10', 2]]);
    await ada.call.workspaces.update({ timeZone: 'Asia/Tokyo' });
    await world.drain();
    expect(await days()).toEqual([['2026-05-11', 2]]);
    const { recounts } = await ada.call.tracking.get({ appId });
    expect(recounts).toHaveLength(2);
    expect(recounts[0]).toMatchObject({ reason: 'time_zone', visitsBefore: 2, visitsAfter: 2 });
    expect(recounts[0]?.doneAt).not.toBeNull();
  });

  test('a request that waits grows instead of standing there twice; other workspaces are not touched', async () => {
    const { appId, key } = await newApp();
    await send(key, { who: 1 });
    const ask = (from: string, until: string) =>
      transaction(maya.context, (inside) =>
        requestRecount(inside, { appId, days: { from, until }, reason: 'request' }),
      );
    const first = await ask('2026-05-01', '2026-05-03');
    expect(await ask('2026-04-20', '2026-05-02')).toBe(first);
    const { recounts } = await maya.call.tracking.get({ appId });
    expect(recounts).toMatchObject([{ fromDay: '2026-04-20', untilDay: '2026-05-03', doneAt: null }]);
    await expect(maya.call.tracking.recount({ appId, from: '2026-05-02', until: '2026-05-01' })).rejects.toMatchObject({
      data: { reason: 'range' },
    });
    const rival = await world.join('Rival');
    await expect(rival.call.tracking.recount({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await workRecounts(maya.context);
  });
});

describe('what an owner decides about an agent', () => {
  test('changes the visits that are stored and those to come, and can be taken back', async () => {
    const { appId, key } = await newApp();
    await send(key, { who: 1, agent: BOT });
    await send(key, { who: 2, agent: SAFARI });
    await settle();
    const people = async () => {
      const { days } = await totals(appId);
      return days.filter((row) => row.dimension === 'total').reduce((sum, row) => sum + Number(row.visits), 0);
    };
    expect(await people()).toBe(1);
    expect((await maya.call.tracking.get({ appId })).agents).toMatchObject([
      { name: 'Googlebot', agentClass: 'bot', visits: 1 },
    ]);

    await maya.call.tracking.reclassify({ appId, agentName: 'Googlebot', verdict: 'person' });
    await world.drain();
    expect(await people()).toBe(2);
    await send(key, { who: 3, agent: BOT });
    await settle();
    expect(await people()).toBe(3);

    await maya.call.tracking.reclassify({ appId, agentName: 'Googlebot', verdict: null });
    world.clock.forward('1 s');
    await maya.call.tracking.reclassify({ appId, agentName: 'Safari', verdict: 'bot' });
    await world.drain();
    expect(await people()).toBe(0);
    const shown = await maya.call.tracking.get({ appId });
    expect(shown.decisions).toMatchObject([{ agentName: 'Safari', verdict: 'bot' }]);
    expect(shown.agents).toMatchObject([
      { name: 'Googlebot', visits: 2 },
      { name: 'Safari', agentClass: 'bot', visits: 1 },
    ]);
    // Decisions made close together are worked off together.
    expect(shown.recounts.at(-1)).toMatchObject({ reason: 'agents', visitsBefore: 1, visitsAfter: 2, botsAfter: 0 });
    expect(shown.recounts.filter(({ doneAt }) => doneAt === null)).toEqual([]);
    expect(shown.recounts[0]).toMatchObject({ visitsAfter: 0, botsAfter: 3 });

    await maya.call.tracking.reclassify({ appId, agentName: 'Safari', verdict: null });
    await world.drain();
    expect(await people()).toBe(1);
    await expect(maya.call.tracking.reclassify({ appId, agentName: 'Safari', verdict: null })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a burst from a data centre', () => {
  test('is found by the clock and taken out of the totals; people of that time stay', async () => {
    const { appId, key } = await newApp();
    world.clock.set('2026-06-01T12:00:00Z');
    for (let who = 0; who < 60; who++) await send(key, { who: who * 2 + 1, path: '/pricing' });
    for (const who of [0, 2, 4]) {
      await send(key, { who, agent: SAFARI });
      await send(key, { who, agent: SAFARI, path: '/docs/start' });
    }
    world.clock.forward('1 h');
    expect(await findBursts(maya.context)).toBe(60);
    await workRecounts(maya.context);
    const { agents } = await maya.call.tracking.get({ appId });
    expect(agents).toContainEqual({ name: 'Burst', agentClass: 'bot', visits: 60 });
    expect(await findBursts(maya.context)).toBe(0);

    await maya.call.tracking.set({ appId, burstVisits: null });
    expect((await maya.call.tracking.get({ appId })).burstVisits).toBeNull();
    await maya.call.tracking.reclassify({ appId, agentName: 'Burst', verdict: 'person' });
    await world.drain();
    expect((await maya.call.tracking.get({ appId })).agents.some(({ name }) => name === 'Burst')).toBe(false);
  });
});

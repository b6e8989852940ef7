import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { followLink } from '#src/distribute/links.ts';
import { intake } from '#src/doors/http/intake.ts';
import { type Intake, openIntake } from '#src/measure/events/intake.ts';
import { tidyEvents } from '#src/measure/events/store.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

let world: TestWorld;
let maya: Person;
let events: Intake;
let door: ReturnType<typeof intake>;
let appId: string;
let key: string;
let people = 0;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-20T10:00:00Z' });
  maya = await world.join();
  events = openIntake(world.world);
  door = intake(world.world, events);
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  key = (await maya.call.tracking.get({ appId })).publicKey;
});
afterAll(async () => {
  await events.close();
  await world.close();
});

/** A browser nobody has seen before: without a socket, its name alone tells visitors apart. */
const someone = () => `${CHROME} Reader/${++people}`;

async function send(event: Record<string, unknown> | string, headers: Record<string, string> = {}) {
  const body =
    typeof event === 'string'
      ? event
      : JSON.stringify({
          app: key,
          id: randomUUID(),
          kind: 'pageview',
          url: 'https://outpost.dev/',
          referrer: '',
          props: {},
          width: 1280,
          ...event,
        });
  const response = await door.request('/e', {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain', 'user-agent': CHROME, 'accept-language': 'en', ...headers },
  });
  const answer = (await response.json()) as { stored: boolean; reason?: string; message?: string };
  return { status: response.status, ...answer };
}

/** Looks behind row-level security, as the owner. */
async function rows(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(world.owner);
  await client.connect();
  return (await client.query(text, values).finally(() => client.end())).rows;
}

/** Follows a tracked link as a person does; gives the address it leads to and the click's id. */
async function follow(code: string): Promise<{ location: string; ff: string }> {
  const followed = await followLink(world.world, code, {
    agentClass: 'human',
    agentName: null,
    referrerHost: null,
    country: null,
    visitor: null,
  });
  if (followed.kind !== 'found') throw new Error(followed.kind);
  return { location: followed.location, ff: new URL(followed.location).searchParams.get('ff') ?? '' };
}

const visitsOf = (visitorOf: string) =>
  rows(`select * from visits where id in (select visit_id from events where props->>'who' = $1) order by started_at`, [
    visitorOf,
  ]);

describe('the key and the script', () => {
  test('are there from the first look, the same on every later one', async () => {
    const first = await maya.call.tracking.get({ appId });
    expect(first.snippet).toMatch(/^<script defer src="http:\/\/localhost:3000\/[0-9a-f]{10}\.js" data-app="/);
    expect(first.snippet).toContain(`data-app="${key}"></script>`);
    expect((await maya.call.tracking.get({ appId })).publicKey).toBe(key);
    expect(first).toMatchObject({ hosts: [], ownHosts: ['outpost.dev'], privacyTier: 'anonymous' });
  });

  test('another workspace does not see them', async () => {
    const rival = await world.join('Rival');
    await expect(rival.call.tracking.get({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rival.call.tracking.set({ appId, hosts: ['rival.dev'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a page view', () => {
  test('is stored with its visit, source and totals, and says so', async () => {
    const answer = await send(
      {
        url: 'https://www.outpost.dev/pricing?utm_source=hn&token=secret&page=2',
        referrer: 'https://news.ycombinator.com/item?id=1',
        props: { who: 'first' },
      },
      { 'user-agent': someone() },
    );
    expect(answer).toEqual({ status: 202, stored: true });
    const [visit] = await visitsOf('first');
    expect(visit).toMatchObject({
      entry_path: '/pricing',
      referrer_host: 'news.ycombinator.com',
      agent_class: 'human',
      views: 1,
      device: 'desktop',
      browser: 'Chrome',
    });
    expect(JSON.stringify(await rows('select * from events'))).not.toContain('secret');
    expect((await maya.call.tracking.get({ appId })).firstEventAt).toEqual(new Date('2026-11-20T10:00:00Z'));
  });

  test('sent again under its id changes nothing, also a day later', async () => {
    const id = randomUUID();
    const agent = { 'user-agent': someone() };
    await send({ id, props: { who: 'again' } }, agent);
    expect(await send({ id, props: { who: 'again' } }, agent)).toEqual({ status: 202, stored: true });
    world.clock.forward('1 d');
    expect(await send({ id, props: { who: 'again' } }, agent)).toEqual({ status: 202, stored: true });
    expect(await visitsOf('again')).toMatchObject([{ views: 1 }]);
    expect(await rows('select id from events where id = $1', [id])).toHaveLength(1);
  });

  test('keeps only the query parameters the app has named', async () => {
    await maya.call.tracking.set({ appId, keptQueryParameters: ['page'] });
    await send(
      { url: 'https://outpost.dev/blog?page=2&email=a@b.c', props: { who: 'query' } },
      { 'user-agent': someone() },
    );
    expect(await visitsOf('query')).toMatchObject([{ entry_path: '/blog?page=2' }]);
  });
});

describe('a visit', () => {
  test('lasts while less than 30 minutes pass, also across midnight, and ends after that', async () => {
    world.clock.set('2026-11-21T23:50:00Z');
    const agent = { 'user-agent': someone() };
    await send({ props: { who: 'night' } }, agent);
    world.clock.set('2026-11-22T00:15:00Z');
    await send({ url: 'https://outpost.dev/docs', props: { who: 'night' } }, agent);
    world.clock.set('2026-11-22T00:44:00Z');
    await send({ url: 'https://outpost.dev/pricing', props: { who: 'night' } }, agent);
    expect(await visitsOf('night')).toMatchObject([{ views: 3, entry_path: '/', exit_path: '/pricing' }]);
    world.clock.set('2026-11-22T01:14:00Z');
    await send({ props: { who: 'night' } }, agent);
    expect(await visitsOf('night')).toHaveLength(2);
  });

  test('forgets who it was: salts are gone after 48 hours', async () => {
    world.clock.set('2026-11-24T00:01:00Z');
    await send({}, { 'user-agent': someone() });
    const days = (await rows('select day::text from daily_salts order by day')).map((row) => row.day);
    expect(days.every((day) => String(day) >= '2026-11-23')).toBe(true);
    world.clock.set('2026-11-26T00:01:00Z');
    await tidyEvents(maya.context);
    expect(await rows('select day from daily_salts')).toEqual([]);
    world.clock.set('2026-11-24T00:01:00Z');
  });

  test('through a tracked link belongs to the link’s click; another link begins another visit', async () => {
    const [one, other] = [
      await maya.call.links.create({ appId, destination: 'https://outpost.dev/', utmSource: 'x', utmMedium: 'social' }),
      await maya.call.links.create({ appId, destination: 'https://outpost.dev/', utmSource: 'newsletter' }),
    ];
    const agent = { 'user-agent': someone() };
    for (const code of [one.code, one.code, other.code]) {
      world.clock.forward('1 min');
      const { location } = await follow(code);
      await send({ url: location, props: { who: 'links' } }, agent);
      await send({ url: location, props: { who: 'links' } }, agent);
    }
    expect(await visitsOf('links')).toMatchObject([
      { link_id: one.id, channel: 'Organic Social', views: 2 },
      { link_id: one.id, views: 2 },
      { link_id: other.id, views: 2 },
    ]);
    const touches = await rows('select link_id, direct from touches where link_id = any($1)', [[one.id, other.id]]);
    expect(touches).toHaveLength(3);
    expect(touches.every((touch) => touch.direct === false)).toBe(true);
  });

  test('with a click id nobody gave is just a visit', async () => {
    await send(
      { url: `https://outpost.dev/?ff=${randomUUID()}`, props: { who: 'made up' } },
      { 'user-agent': someone() },
    );
    await send({ url: 'https://outpost.dev/?ff=k3x9', props: { who: 'made up 2' } }, { 'user-agent': someone() });
    expect(await visitsOf('made up')).toMatchObject([{ click_id: null, source: 'Direct' }]);
  });
});

describe('what is not taken in', () => {
  test.each([
    [{ dnt: '1' }, 'do_not_track'],
    [{ 'sec-gpc': '1' }, 'privacy_control'],
  ])('%j is a wish', async (headers, reason) => {
    expect(await send({}, headers as unknown as Record<string, string>)).toMatchObject({
      status: 202,
      stored: false,
      reason,
    });
  });

  test('a foreign host, a spam referrer and an unknown key are named, answered and counted', async () => {
    expect(await send({ url: 'https://elsewhere.example/' })).toMatchObject({
      status: 202,
      reason: 'host_not_allowed',
    });
    expect(await send({ url: 'https://notoutpost.dev/' })).toMatchObject({ reason: 'host_not_allowed' });
    expect(await send({ app: 'abcdefghij0123456789' })).toMatchObject({ status: 202, reason: 'unknown_key' });
    await events.rest();
    const { refusals } = await maya.call.tracking.get({ appId });
    expect(refusals).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reason: 'host_not_allowed', times: 2 }),
        expect.objectContaining({ reason: 'do_not_track', times: 1 }),
        expect.objectContaining({ reason: 'privacy_control', times: 1 }),
      ]),
    );
    expect(await rows(`select reason, times from unplaced_refusals where reason = 'unknown_key'`)).toMatchObject([
      { times: '1' },
    ]);
  });

  test('a host that is added counts from then on', async () => {
    await maya.call.tracking.set({ appId, hosts: ['outpost.dev', 'elsewhere.example'] });
    expect(await send({ url: 'https://elsewhere.example/' }, { 'user-agent': someone() })).toMatchObject({
      stored: true,
    });
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"app":'],
    ['no id', JSON.stringify({ app: 'abcdefghij0123456789', kind: 'pageview', url: 'https://outpost.dev/' })],
    ['a wrong url', JSON.stringify({ app: 'abcdefghij', id: randomUUID(), kind: 'x', url: 'javascript:alert(1)' })],
  ])('%s is malformed', async (_, body) => {
    expect(await send(body)).toMatchObject({ status: 400, stored: false, reason: 'malformed' });
  });

  test('too much is too much', async () => {
    expect(await send('x'.repeat(70_000))).toMatchObject({ status: 413, reason: 'too_large' });
  });

  test('what PostgreSQL cannot keep is cleaned and does not take others along', async () => {
    const [one, other] = await Promise.all([
      send({ kind: 'a\u0000b', props: { who: 'nul\u0000', half: '\ud800' } }, { 'user-agent': someone() }),
      send({ props: { who: 'beside' } }, { 'user-agent': someone() }),
    ]);
    expect([one, other]).toMatchObject([{ stored: true }, { stored: true }]);
    expect(await visitsOf('nul')).toHaveLength(1);
  });
});

test('bots are counted, but apart', async () => {
  await events.rest();
  const before = await rows('select sum(visits)::int as visits, sum(bots)::int as bots from traffic_hours');
  await send({ props: { who: 'bot' } }, { 'user-agent': GOOGLEBOT });
  await events.rest();
  const after = await rows('select sum(visits)::int as visits, sum(bots)::int as bots from traffic_hours');
  expect(after).toEqual([{ visits: before[0]!.visits, bots: Number(before[0]!.bots) + 1 }]);
  expect(await visitsOf('bot')).toMatchObject([{ agent_class: 'bot' }]);
});

test('200 requests at once: what is acknowledged is stored, with totals that agree', async () => {
  const before = (await rows('select count(*)::int as n from events'))[0]!.n as number;
  const agents = Array.from({ length: 40 }, someone);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => send({}, { 'user-agent': agents[index % 40] as string })),
  );
  expect(answers.every((answer) => answer.stored === true)).toBe(true);
  expect((await rows('select count(*)::int as n from events'))[0]!.n).toBe(before + 200);
  await events.rest();
  const [totals] = await rows('select sum(views)::int as views, sum(visits)::int as visits from traffic_hours');
  const [raw] = await rows(
    `select sum(views)::int as views, count(*)::int as visits from visits where agent_class in ('human', 'unsure')`,
  );
  expect(totals).toEqual(raw);
});

test('the database away: nothing is acknowledged, and the sender is asked to come back', async () => {
  const broken = await openTestWorld();
  const other = intake(broken.world);
  await broken.close();
  const response = await other.request('/e', {
    method: 'POST',
    body: JSON.stringify({ app: key, id: randomUUID(), kind: 'pageview', url: 'https://outpost.dev/' }),
  });
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
});

test('more events than can be stored: those that do not fit are refused before they are read, the others are kept', async () => {
  const few = openIntake(world.world, 3);
  const send = () =>
    few.receive({
      body: { app: key, id: randomUUID(), kind: 'pageview', url: 'https://outpost.dev/' },
      address: '203.0.113.77',
      userAgent: CHROME,
      acceptLanguage: 'en',
      proxyCountry: null,
      doNotTrack: false,
      privacyControl: false,
    });
  const outcomes = (await Promise.all(Array.from({ length: 8 }, send))).map(({ outcome }) => outcome);
  expect(outcomes).toEqual([...Array(3).fill('stored'), ...Array(5).fill('refused')]);
  expect(await send()).toEqual({ outcome: 'stored' });
});

describe('events from the app’s server', () => {
  test('are idempotent by id, may be dated back, not ahead', async () => {
    const now = world.clock.now().getTime();
    const events = [
      { id: randomUUID(), kind: 'signup', person: 'u1', occurredAt: new Date(now - 3 * 86_400_000).toISOString() },
      { id: randomUUID(), kind: 'exported', person: 'u1', props: { rows: 12 } },
      { id: randomUUID(), kind: 'signup', person: 'u2', occurredAt: new Date(now + 3_600_000).toISOString() },
    ];
    expect(await maya.call.events.send({ appId, events })).toMatchObject({
      stored: 2,
      duplicates: 0,
      refused: [{ index: 2, reason: 'in_the_future' }],
    });
    expect(await maya.call.events.send({ appId, events })).toMatchObject({ stored: 0, duplicates: 2 });
    expect(await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'u1' }] })).toMatchObject({
      stored: 1,
    });
    const { conversions } = await maya.call.conversions.list({ appId, kind: 'signup' });
    expect(conversions.map((one) => one.person)).toEqual(['u1']);
  });

  test('a signup told by the page and by the server is one', async () => {
    const link = await maya.call.links.create({ appId, destination: 'https://outpost.dev/', utmSource: 'x' });
    const { location, ff } = await follow(link.code);
    const agent = { 'user-agent': someone() };
    await send({ url: location }, agent);
    await send({ kind: 'signup', url: 'https://outpost.dev/welcome' }, agent);
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'u3', ff }] });
    const { conversions } = await maya.call.conversions.list({ appId, kind: 'signup' });
    expect(conversions.map((one) => one.person).sort()).toEqual(['u1', 'u3']);
    const { customers } = await maya.call.customers.list({ appId });
    expect(customers.find((one) => one.person === 'u3')?.linkedBy.sort()).toEqual(['click', 'person', 'visitor']);
  });

  test('goals count by event or path, once a visit', async () => {
    await maya.call.goals.create({ appId, name: 'Read the docs', pathPattern: '/docs/*' });
    const agent = { 'user-agent': someone() };
    await send({ url: 'https://outpost.dev/docs/a' }, agent);
    await send({ url: 'https://outpost.dev/docs/b' }, agent);
    const { conversions } = await maya.call.conversions.list({ appId, kind: 'goal' });
    expect(conversions).toMatchObject([{ goalName: 'Read the docs' }]);
  });

  test('never keep an address', async () => {
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'u4', email: 'Ann@Example.com' }] });
    const everything = await transaction(maya.context, ({ tx }) =>
      tx.selectFrom('identityLinks').selectAll().execute(),
    );
    expect(JSON.stringify(everything).toLowerCase()).not.toContain('ann@example.com');
  });
});

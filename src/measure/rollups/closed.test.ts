import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { type Intake, openIntake } from '#src/measure/events/intake.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { addChanges, type Change } from '#src/measure/rollups.ts';
import { answering } from '#src/measure/traffic/question.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { closeTraffic } from './close.ts';
import { MOST_VALUES, OTHERS, openCrowds } from './crowds.ts';
import { workRecounts } from './recount.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const PAGES = ['/', '/pricing', '/docs', '/blog/a', '/blog/b'];
const NOW = '2026-11-03T12:00:00Z';

let world: TestWorld;
let maya: Person;
let intake: Intake;
let appId: string;
let key: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-10-10T10:00:00Z' });
  maya = await world.join();
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  key = (await maya.call.tracking.get({ appId })).publicKey;
  intake = openIntake(world.world);
  // Three and a half weeks, across the end of summer time and, late in the evening, across midnights.
  for (let day = 0; day < 24; day++) {
    world.clock.set(new Date(Date.UTC(2026, 9, 10 + day, 21, 40)));
    for (let visitor = 0; visitor < 3; visitor++) {
      await send(visitor, PAGES[(visitor + day) % PAGES.length] as string, visitor === 1 ? 'https://t.co/x' : '');
      world.clock.forward('9 min');
      if ((visitor + day) % 2 === 0) await send(visitor, PAGES[(visitor * 2 + day) % PAGES.length] as string);
    }
    if (day % 5 === 0) await send(9, '/docs', '', GOOGLEBOT);
  }
  world.clock.set(NOW);
  await settle();
});
afterAll(() => world.close());

async function send(visitor: number, path: string, referrer = '', agent = CHROME): Promise<void> {
  const reception = await intake.receive({
    body: { app: key, id: randomUUID(), kind: 'pageview', url: `https://outpost.dev${path}`, referrer, props: {} },
    address: `203.0.113.${visitor}`,
    userAgent: agent,
    doNotTrack: false,
    privacyControl: false,
  } as never);
  expect(reception).toEqual({ outcome: 'stored' });
}

function settle(): Promise<number> {
  return transaction(maya.context, async (inside) => {
    await oneAtATime(inside);
    return addChanges(inside);
  });
}

/** Looks behind row-level security, as the owner. */
async function rows(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(world.owner);
  await client.connect();
  return (await client.query(text, [appId]).finally(() => client.end())).rows;
}

const marks = (span: string) =>
  rows(
    `select first_day::text as day from traffic_closed where app_id = $1 and state = 'closed' and span = '${span}' order by 1`,
  );

/** What pages, sources and filters by page answer over ranges that begin and end anywhere in a week. */
async function answers() {
  const { breakdown, totals, series } = maya.call.analytics;
  const page = (operator: 'is' | 'is_not' | 'contains', value: string) => ({
    filters: [{ dimension: 'path' as const, operator, values: [value] }],
  });
  const all: unknown[] = [];
  for (const [from, until] of [
    ['2026-10-13', '2026-11-03'],
    ['2026-10-26', '2026-11-01'],
  ]) {
    const asked = { appId, range: 'custom', from, until, compare: 'none' } as const;
    all.push((await breakdown({ ...asked, dimension: 'path' })).rows);
    all.push((await breakdown({ ...asked, dimension: 'exit' })).rows);
    all.push((await totals({ ...asked, ...page('is', '/pricing') })).figures);
    all.push((await series({ ...asked, ...page('is_not', '/pricing'), measures: ['visits', 'views'] })).series);
    all.push((await breakdown({ ...asked, ...page('contains', 'blog'), dimension: 'path' })).rows);
  }
  return all;
}

const visitsThatSaw = async (path: string) =>
  (
    await maya.call.analytics.totals({
      appId,
      range: 'custom',
      from: '2026-10-10',
      until: '2026-11-03',
      filters: [{ dimension: 'path', operator: 'is', values: [path] }],
    })
  ).figures.visits.value;

/** What was counted on a day, of visits that nobody made. */
const made = (app: string, day: string, paths: string[]): Change => ({
  app,
  day,
  hour: Date.parse(`${day}T09:00:00Z`),
  bot: false,
  by: [1, 1, paths.length, 0, 0, 0],
  of: [['total', '']],
  entry: null,
  paths: paths.map((path) => [path, 1]),
  kinds: [],
  exit: null,
});

describe('days that are closed', () => {
  test('answer what they answered before, and are closed once', async () => {
    const before = await answers();
    expect(await closeTraffic(maya.context)).toBeGreaterThan(20);
    expect((await marks('day')).at(0)).toEqual({ day: '2026-10-10' });
    // The last two days may still go on.
    expect((await marks('day')).at(-1)).toEqual({ day: '2026-11-01' });
    expect(await marks('week')).toEqual(
      ['2026-10-05', '2026-10-12', '2026-10-19', '2026-10-26'].map((day) => ({ day })),
    );
    expect(await answers()).toEqual(before);
    expect(await closeTraffic(maya.context)).toBe(0);
  });

  test('are read as they were written down', async () => {
    const seen = await visitsThatSaw('/pricing');
    const [{ visits }] = (await rows(
      `select count(distinct visit_id)::int as visits from events join visits on visits.id = visit_id
       where events.app_id = $1 and path = '/pricing' and agent_class = 'human'`,
    )) as [{ visits: number }];
    expect(seen).toBe(visits);
    await rows(`update visit_pages set path = '/moved' where app_id = $1 and path = '/pricing' and day = '2026-10-14'`);
    expect(await visitsThatSaw('/moved')).toBeGreaterThan(0);
    await rows(`update visit_pages set path = '/pricing' where app_id = $1 and path = '/moved'`);
  });

  test('are open again as soon as something more is counted on them', async () => {
    const before = await visitsThatSaw('/docs');
    world.clock.set('2026-10-20T10:00:00Z');
    await send(50, '/docs');
    world.clock.set(NOW);
    await settle();
    expect(await marks('day')).not.toContainEqual({ day: '2026-10-20' });
    expect(await marks('week')).not.toContainEqual({ day: '2026-10-19' });
    expect(await visitsThatSaw('/docs')).toBe((before ?? 0) + 1);
    const open = await answers();
    expect(await closeTraffic(maya.context)).toBe(2);
    expect(await answers()).toEqual(open);
  });

  test('are open again when they are counted anew', async () => {
    const before = await answers();
    await maya.call.tracking.recount({ appId });
    await workRecounts(maya.context);
    expect([await marks('day'), await marks('week')]).toEqual([[], []]);
    expect(await answers()).toEqual(before);
    await closeTraffic(maya.context);
    expect(await answers()).toEqual(before);
  });

  test('are not closed without what somebody is just adding to them', async () => {
    const other = (await maya.call.apps.register({ url: 'https://late.dev' })).id;
    const day = '2026-10-15';
    await transaction(maya.context, (inside) => addChanges(inside, [made(other, day, ['/a'])]));
    // Closing waits for the one who adds, or, if it did not, would be done before.
    const closing = await transaction(maya.context, async (inside) => {
      await addChanges(inside, [made(other, day, ['/a', '/b'])]);
      const closed = closeTraffic(maya.context);
      for (let isWaiting = false; !isWaiting; )
        isWaiting = await Promise.race([closed.then(() => true), isAdvisoryLockWaitedFor()]);
      return { closed };
    });
    expect(await closing.closed).toBeGreaterThan(0);
    const asked = { appId: other, range: 'custom', from: '2026-10-12', until: '2026-10-18' } as const;
    const { sum } = await maya.call.analytics.breakdown({ ...asked, dimension: 'path' });
    expect(sum).toBe(3);
  });
});

async function isAdvisoryLockWaitedFor(): Promise<boolean> {
  const found = await rows(`select $1::uuid from pg_locks where locktype = 'advisory' and not granted`);
  return found.length > 0;
}

test('values that nobody could have meant are counted together', async () => {
  const other = (await maya.call.apps.register({ url: 'https://crowd.dev' })).id;
  const add = (paths: string[]) =>
    transaction(maya.context, (inside) => addChanges(inside, [made(other, '2026-11-02', paths)]));
  await add(Array.from({ length: MOST_VALUES }, (_, index) => `/made-up-${index}`));
  await add(['/made-up-7', '/one-more', '/two-more', '/three-more']);
  const asked = { appId: other, range: '7d', dimension: 'path' } as const;
  const { count, sum, rows: found } = await maya.call.analytics.breakdown(asked);
  expect([count, sum]).toEqual([MOST_VALUES + 1, MOST_VALUES + 4]);
  expect(found[0]).toMatchObject({ value: OTHERS, views: 3, label: expect.stringContaining('others') });
  expect(found[1]).toMatchObject({ value: '/made-up-7', views: 2, label: null });
});

test('a question that takes too long is stopped and says so', async () => {
  const slow = answering(maya.context, ({ tx }) => sql`select pg_sleep(5)`.execute(tx), 30);
  await expect(slow).rejects.toMatchObject({ kind: 'unavailable', reason: 'question_too_long' });
  await expect(slow).rejects.toThrow('was stopped. Ask for fewer days');
});

test('no more values are remembered than there is room for; of the others the database is asked', () => {
  const crowds = openCrowds(64 * 300, 3);
  const fill = (key: string, times: number) =>
    Array.from({ length: times }, (_, index) => crowds.isCrowded(key, `${index}`)).filter((crowded) => crowded).length;
  expect(fill('a', 100)).toBe(0);
  expect(fill('a', 100)).toBe(0);
  expect(fill('b', 100)).toBe(0);
  // Too much together: the oldest are let go, the newest are still known.
  expect(fill('c', 100)).toBe(0);
  expect([crowds.isCrowded('a', '7'), crowds.isCrowded('b', 'new'), crowds.isCrowded('c', '7')]).toEqual([
    true,
    true,
    false,
  ]);
  // Of more days than are remembered the oldest begins anew.
  expect(crowds.isCrowded('d', '1')).toBe(false);
  expect(crowds.isCrowded('a', '7')).toBe(false);
});

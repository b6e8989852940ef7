import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Intake, openIntake } from '#src/measure/events/intake.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';
const SITE = 'https://outpost.dev';

let world: TestWorld;
let maya: Person;
let events: Intake;
let owner: pg.Client;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-20T10:00:00Z' });
  maya = await world.join();
  events = openIntake(world.world);
  owner = new pg.Client(world.owner);
  await owner.connect();
});
afterAll(async () => {
  await events.close();
  await owner.end();
  await world.close();
});

let sites = 0;

/** An app of its own, in a workspace with this time zone. */
async function anApp(timeZone = 'UTC'): Promise<{ appId: string; key: string }> {
  await maya.call.workspaces.update({ timeZone });
  const { id: appId } = await maya.call.apps.register({ url: `https://app-${++sites}.dev` });
  await maya.call.tracking.set({ appId, hosts: ['outpost.dev'] });
  return { appId, key: (await maya.call.tracking.get({ appId })).publicKey };
}

type Told = { who: string; path?: string; kind?: string; referrer?: string; id?: string };

function tell(intake: Intake, key: string, { who, path = '/', kind = 'pageview', referrer = '', id }: Told) {
  const body = { app: key, id: id ?? randomUUID(), kind, url: `${SITE}${path}`, referrer };
  const request = { userAgent: `${CHROME} Reader/${who}`, acceptLanguage: 'en', address: null, proxyCountry: null };
  return intake.receive({ ...request, body, doNotTrack: false, privacyControl: false });
}

/** Totals of an app as text, one row a line: day, dimension, value, then the measures. */
async function totals(appId: string, dimensions: string[] = ['total', 'path', 'exit', 'event']): Promise<string[]> {
  await events.rest();
  const { rows } = await owner.query(
    `select concat_ws(' ', day, dimension, value, visitors, visits, views, bounces, seconds) as row from traffic_days
     where app_id = $1 and dimension = any($2) order by day, array_position($2, dimension), value`,
    [appId, dimensions],
  );
  return rows.map(({ row }) => row as string);
}

test('one page is a bounce until a second one, or anything else, comes; the way out moves along', async () => {
  const { appId, key } = await anApp();
  world.clock.set('2026-11-20T10:00:00Z');
  await tell(events, key, { who: 'a', path: '/in' });
  expect(await totals(appId)).toEqual([
    '2026-11-20 total  1 1 1 1 0',
    '2026-11-20 path /in 1 1 1 1 0',
    '2026-11-20 exit /in 1 1 0 1 0',
  ]);
  world.clock.set('2026-11-20T10:00:42.900Z');
  await tell(events, key, { who: 'a', path: '/out' });
  expect(await totals(appId)).toEqual([
    '2026-11-20 total  1 1 2 0 42',
    '2026-11-20 path /in 1 1 1 0 42',
    '2026-11-20 path /out 0 0 1 0 0',
    '2026-11-20 exit /out 1 1 0 0 42',
  ]);
  await tell(events, key, { who: 'b', path: '/in' });
  await tell(events, key, { who: 'b', path: '/in', kind: 'copied' });
  expect(await totals(appId, ['total', 'event'])).toEqual([
    '2026-11-20 total  2 2 3 0 42',
    '2026-11-20 event copied 0 0 1 0 0',
  ]);
});

test.each([
  ['America/New_York', '2026-11-21T04:50:00Z', '2026-11-21T05:10:00Z', '2026-11-20', '2026-11-21'],
  ['Asia/Kolkata', '2026-11-20T18:20:00Z', '2026-11-20T18:40:00Z', '2026-11-20', '2026-11-21'],
])('midnight in %s: a visit belongs to the day it began, a visitor to each day with a visit', async (...story) => {
  const [timeZone, before, after, first, second] = story;
  const { appId, key } = await anApp(timeZone);
  world.clock.set(before);
  await tell(events, key, { who: 'night' });
  world.clock.set(after);
  await tell(events, key, { who: 'night', path: '/late' });
  expect(await totals(appId, ['total'])).toEqual([`${first} total  1 1 2 0 1200`]);
  world.clock.forward('1 h');
  await tell(events, key, { who: 'night' });
  world.clock.forward('1 h');
  await tell(events, key, { who: 'night' });
  expect(await totals(appId, ['total'])).toEqual([`${first} total  1 1 2 0 1200`, `${second} total  1 2 2 2 0`]);
});

test('midnight of the salts in the middle of a local day makes nobody a second visitor', async () => {
  const { appId, key } = await anApp('America/New_York');
  world.clock.set('2026-11-20T15:00:00Z');
  await tell(events, key, { who: 'salt' });
  world.clock.set('2026-11-21T01:00:00Z');
  await tell(events, key, { who: 'salt' });
  expect(await totals(appId, ['total'])).toEqual(['2026-11-20 total  1 2 2 2 0']);
});

test('bots and what may be one stand under their names, people nowhere else', async () => {
  const { appId, key } = await anApp();
  world.clock.set('2026-11-20T10:00:00Z');
  const request = { acceptLanguage: 'en', address: null, proxyCountry: null, doNotTrack: false, privacyControl: false };
  const body = { app: key, id: randomUUID(), kind: 'pageview', url: SITE };
  await events.receive({ ...request, body, userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' });
  await tell(events, key, { who: 'person' });
  expect(await totals(appId, ['agent', 'total'])).toEqual([
    '2026-11-20 agent bot/Googlebot 1 1 1 1 0',
    '2026-11-20 total  1 1 1 1 0',
  ]);
  const { rows } = await owner.query('select visits, bots from traffic_hours where app_id = $1', [appId]);
  expect(rows).toEqual([{ visits: 1, bots: 1 }]);
});

const HALF_AN_HOUR_LATER = { who: 'a', path: '/', kind: 'pageview', referrer: '', later: 1900, again: false };

test('in whatever batches and processes events come, the totals are those of one after the other', async () => {
  const step = fc.record({
    who: fc.constantFrom('a', 'b', 'c'),
    path: fc.constantFrom('/', '/docs', '/pricing'),
    kind: fc.constantFrom('pageview', 'pageview', 'pageview', 'copied'),
    referrer: fc.constantFrom('', 'https://news.ycombinator.com/'),
    later: fc.constantFrom(0, 7, 40, 600, 1900),
    again: fc.boolean(),
  });
  const all = ['total', 'path', 'exit', 'event', 'source', 'host', 'browser', 'referrer', 'channel', 'medium'];
  const other = openIntake(world.world);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.array(fc.nat({ max: 4 })), async (steps, sizes) => {
      const [single, batched] = [await anApp(), await anApp()];
      const begin = new Date('2026-11-20T22:00:00Z').getTime();
      const known = steps.map((one) => ({ ...one, id: randomUUID() }));
      let at = begin;
      for (const one of known) {
        at += one.later * 1000;
        world.clock.set(new Date(at));
        await tell(events, single.key, one);
        if (one.again) await tell(events, single.key, one);
      }
      at = begin;
      const left = [...known];
      for (let turn = 0; left.length > 0; turn++) {
        const batch = left.splice(0, 1 + (sizes[turn] ?? 0));
        // All of a batch are on their way at once; each was sent at its own moment.
        const sent = batch.flatMap((one) => {
          at += one.later * 1000;
          world.clock.set(new Date(at));
          const intake = turn % 2 === 0 ? events : other;
          return [tell(intake, batched.key, one), ...(one.again ? [tell(intake, batched.key, one)] : [])];
        });
        await Promise.all(sent);
      }
      await other.rest();
      expect(await totals(batched.appId, all)).toEqual(await totals(single.appId, all));
    }),
    // The example: one batch in which midnight falls, to a process that knows neither day's salt.
    { numRuns: 8, examples: [[Array.from({ length: 4 }, () => HALF_AN_HOUR_LATER), [4]]] },
  );
  await other.close();
}, 120_000);

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
});
afterAll(async () => {
  await past.close();
  await world.close();
});

const figureOf = async (area: string, metric: string) => {
  const { areas } = await maya.call.success.show({ appId: past.appId });
  return areas.find((one) => one.area === area)?.figures.find((one) => one.metric === metric);
};

test('a new app shows five areas, and says why a number is missing instead of zero', async () => {
  const { areas } = await maya.call.success.show({ appId: past.appId });
  expect(areas.map(({ area }) => area)).toEqual([
    'x_presence',
    'community',
    'acquisition',
    'revenue',
    'thought_leadership',
  ]);
  expect(await figureOf('acquisition', 'visits')).toMatchObject({
    value: null,
    reason: 'The tracker on your site has not sent anything yet.',
  });
  expect(await figureOf('acquisition', 'signups')).toMatchObject({ value: '0', before: '0', target: null });
});

test('values of the last 28 days stand beside the 28 before and the target', async () => {
  await past.tracked('2026-09-01T00:00:00Z');
  await past.account();
  await past.visits(new Date('2026-11-01T00:00:00Z'), 500);
  await past.visits(new Date('2026-10-01T00:00:00Z'), 300);
  await past.insert('account_snapshots', { account_id: past.accountId, day: '2026-11-20', followers: 1200 });
  await past.insert('account_snapshots', { account_id: past.accountId, day: '2026-10-20', followers: 1000 });
  await maya.call.success.setTarget({
    appId: past.appId,
    area: 'acquisition',
    metric: 'visits',
    target: 2000,
    byDay: '2026-12-31',
  });
  await maya.call.success.setTarget({ appId: past.appId, area: 'revenue', metric: 'mrr', target: 100_000 });
  expect(await figureOf('acquisition', 'visits')).toMatchObject({
    value: '500',
    before: '300',
    target: '2000',
    byDay: '2026-12-31',
  });
  expect(await figureOf('x_presence', 'followers')).toMatchObject({ value: '1200', before: '1000' });
  expect(await figureOf('revenue', 'mrr')).toMatchObject({ value: '0', currency: 'USD', target: '100000' });
});

test('a target is changed and removed; one for a number the area does not have is refused', async () => {
  await maya.call.success.setTarget({ appId: past.appId, area: 'acquisition', metric: 'visits', target: 900 });
  expect(await figureOf('acquisition', 'visits')).toMatchObject({ target: '900', byDay: null });
  await maya.call.success.setTarget({ appId: past.appId, area: 'acquisition', metric: 'visits', target: null });
  expect(await figureOf('acquisition', 'visits')).toMatchObject({ target: null });
  await expect(
    maya.call.success.setTarget({ appId: past.appId, area: 'community', metric: 'visits', target: 1 }),
  ).rejects.toMatchObject({
    message: 'The area community has no number "visits". It has: replies, answered, advocates, subscribers.',
  });
});

test('how a target stands is said by one rule: the pace of 56 days carried on to its day', async () => {
  const set = (metric: string, target: number, byDay: string | null) =>
    maya.call.success.setTarget({ appId: past.appId, area: 'acquisition', metric, target, byDay });
  const stateOf = async (metric: string) => (await figureOf('acquisition', metric))?.progress;
  // 500 visits after 300: 200 more in 28 days.
  await set('visits', 700, '2026-12-20');
  expect(await stateOf('visits')).toMatchObject({ state: 'on_track', expected: '700' });
  await set('visits', 701, '2026-12-20');
  expect(await stateOf('visits')).toMatchObject({ state: 'behind', expected: '700' });
  await set('visits', 500, '2026-12-20');
  expect(await stateOf('visits')).toMatchObject({ state: 'reached' });
  await set('visits', 900, '2026-11-21');
  expect(await stateOf('visits')).toMatchObject({ state: 'missed' });
  await set('visits', 900, null);
  expect(await stateOf('visits')).toMatchObject({ state: 'no_date' });
  await past.signups(new Date('2026-11-10T00:00:00Z'), 20);
  await past.signups(new Date('2026-10-10T00:00:00Z'), 9);
  await set('signups', 60, '2026-12-31');
  expect(await stateOf('signups')).toMatchObject({
    state: 'not_enough_data',
    expected: null,
    reason: 'Not enough data: 29 of the 30 needed in 56 days.',
  });
  await past.signups(new Date('2026-10-10T00:00:00Z'), 1);
  expect(await stateOf('signups')).toMatchObject({ state: 'behind' });
});

test('eight weeks stand behind each figure, the last four of them its 28 days', async () => {
  const visits = await figureOf('acquisition', 'visits');
  const weeks = (visits?.weeks ?? []).map(Number);
  expect(weeks.slice(0, 4).reduce((sum, each) => sum + each, 0)).toBe(300);
  expect(weeks.slice(4).reduce((sum, each) => sum + each, 0)).toBe(500);
  // A level is known from its first count on.
  const followers = await figureOf('x_presence', 'followers');
  expect(followers?.weeks.at(-1)).toBe(1200);
  expect(followers?.weeks[0]).toBeNull();
  expect((await figureOf('acquisition', 'customers'))?.weeks).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test('another workspace finds none of it', async () => {
  await expect(rival.call.success.show({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

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
  ).rejects.toMatchObject({ message: 'The area community has no number "visits". It has: replies, advocates.' });
});

test('another workspace finds none of it', async () => {
  await expect(rival.call.success.show({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

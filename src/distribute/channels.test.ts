import { afterAll, beforeAll, expect, test } from 'vitest';
import { remindOfTasks } from '#src/distribute/assisted.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: new Date().toISOString() });
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
});
afterAll(() => world.close());

test('a channel is added, changed, counted and removed', async () => {
  const { id: channelId } = await maya.call.channels.create({ appId, name: 'Show HN', kind: 'community' });
  await expect(maya.call.channels.create({ appId, name: 'Show HN', kind: 'press' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await maya.call.channels.update({
    channelId,
    status: 'preparing',
    nextStep: 'Write the text',
    nextStepOn: '2026-12-01',
  });
  await maya.call.links.create({ appId, channelId, destination: 'https://outpost.dev' });
  expect((await maya.call.channels.list({ appId })).channels).toMatchObject([
    { name: 'Show HN', status: 'preparing', nextStep: 'Write the text', links: 1, clicks: 0 },
  ]);
  await expect(rival.call.channels.update({ channelId, status: 'active' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(rival.call.channels.list({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await maya.call.channels.remove({ channelId });
  expect((await maya.call.links.list({ appId })).links.length).toBe(1);
});

test('a post to be sent by hand has its page ready, is told of once when due, and is done with its address', async () => {
  const dueAt = new Date(world.clock.now().getTime() + 3_600_000).toISOString();
  const { id: taskId, composeUrl } = await maya.call.assisted.create({
    appId,
    platform: 'hackernews',
    dueAt,
    title: 'Show HN: Outpost & friends',
  });
  expect(Object.fromEntries(new URL(composeUrl).searchParams)).toEqual({
    u: 'https://outpost.dev/',
    t: 'Show HN: Outpost & friends',
  });
  await remindOfTasks(maya.context);
  expect((await maya.call.notices.list({})).notices).toEqual([]);
  world.clock.forward('2 h');
  await remindOfTasks(maya.context);
  await remindOfTasks(maya.context);
  expect((await maya.call.notices.list({})).notices).toMatchObject([{ title: 'Time to post on Hacker News' }]);
  const url = 'https://news.ycombinator.com/item?id=1';
  await maya.call.assisted.done({ taskId, url });
  expect((await maya.call.assisted.list({})).tasks).toEqual([]);
  expect((await maya.call.assisted.list({ open: false })).tasks).toMatchObject([{ state: 'done', foundUrl: url }]);
  await expect(maya.call.assisted.skip({ taskId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a platform without a page is refused with those there are', async () => {
  const dueAt = world.clock.now().toISOString();
  await expect(maya.call.assisted.create({ appId, platform: 'myspace', dueAt, title: 'Hi' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('reddit'),
  });
});

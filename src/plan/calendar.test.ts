import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { markPost } from '#src/plan/posts.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;
let postId: string;
const NOVEMBER = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  const post = await maya.call.posts.create({
    appId,
    proposedFor: '2026-11-25T23:30:00+01:00',
    variants: [{ platform: 'x', parts: [{ text: '\nOutpost is live.\n\n{{link}}' }, { text: 'Thanks.' }] }],
  });
  postId = post.id;
});
afterAll(() => world.close());

test('a draft stands on the day it has in the chosen zone', async () => {
  const inUtc = await maya.call.calendar.range(NOVEMBER);
  expect(inUtc).toMatchObject({
    timeZone: 'UTC',
    items: [
      { kind: 'draft', postId, day: '2026-11-25', time: '22:30', firstLine: 'Outpost is live.', threadLength: 2 },
    ],
  });
  const inKolkata = await maya.call.calendar.range({ ...NOVEMBER, timeZone: 'Asia/Kolkata' });
  expect(inKolkata.items).toMatchObject([{ day: '2026-11-26', time: '04:00' }]);
});

test('a draft is moved without becoming another version', async () => {
  await maya.call.calendar.move({ postId, to: '2026-11-28T09:00:00Z' });
  expect((await maya.call.calendar.range(NOVEMBER)).items).toMatchObject([{ day: '2026-11-28', time: '09:00' }]);
  expect((await maya.call.posts.get({ postId })).version).toBe(1);
  await maya.call.calendar.move({ postId, to: null });
  expect((await maya.call.calendar.range(NOVEMBER)).items).toEqual([]);
});

test('a publication takes the place of the draft, with its account and the visits it brought', async () => {
  await maya.call.calendar.move({ postId, to: '2026-11-28T09:00:00Z' });
  await maya.call.posts.approve({ postId });
  await transaction(maya.context, async (inside) => {
    const { tx, workspaceId } = inside;
    const account = await tx
      .insertInto('accounts')
      .values({ workspaceId, platform: 'x', platformUserId: '1', handle: 'maya', name: 'Maya', status: 'connected' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const dueAt = new Date('2026-11-29T10:00:00Z');
    await tx
      .insertInto('publications')
      .values({ workspaceId, postId, accountId: account.id, postVersion: 1, dueAt, scheduledBy: 'test' })
      .execute();
    await markPost(inside, postId, 'scheduled');
    for (const agentClass of ['human', 'bot'] as const)
      await tx
        .insertInto('visits')
        .values({
          workspaceId,
          id: crypto.randomUUID(),
          appId,
          postId,
          agentClass,
          startedAt: dueAt,
          lastSeenAt: dueAt,
          visitor: 'v',
          entryPath: '/',
          exitPath: '/',
          source: 'x',
          medium: 'social',
          channel: 'social',
        })
        .execute();
  });
  expect((await maya.call.calendar.range(NOVEMBER)).items).toMatchObject([
    { kind: 'publication', status: 'scheduled', day: '2026-11-29', account: { handle: 'maya' }, visits: 1 },
  ]);
  await expect(maya.call.calendar.move({ postId, to: '2026-11-30T09:00:00Z' })).rejects.toMatchObject({
    message: expect.stringContaining('Reschedule its publication'),
  });
});

test('wrong ranges and zones are refused; another workspace sees nothing', async () => {
  await expect(maya.call.calendar.range({ from: NOVEMBER.to, to: NOVEMBER.from })).rejects.toMatchObject({
    data: { reason: 'range' },
  });
  await expect(maya.call.calendar.range({ ...NOVEMBER, to: '2030-01-01T00:00:00Z' })).rejects.toMatchObject({
    data: { reason: 'range' },
  });
  await expect(maya.call.calendar.range({ ...NOVEMBER, timeZone: 'Mars/Base' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  expect((await rival.call.calendar.range(NOVEMBER)).items).toEqual([]);
  await expect(rival.call.calendar.move({ postId, to: null })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

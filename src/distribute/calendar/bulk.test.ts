import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;
let accountId: string;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  accountId = (await maya.call.accounts.connectSandbox({ handle: 'ada' })).id;
  await maya.call.slots.add({ accountId, weekdays: [1, 2, 3, 4, 5], atTime: '09:00' });
});
afterAll(() => world.close());

const write = async (text: string, proposedFor?: string, linkUrl?: string) =>
  (
    await maya.call.posts.create({
      appId,
      ...(proposedFor ? { proposedFor } : {}),
      ...(linkUrl ? { linkUrl } : {}),
      variants: [{ platform: 'x', parts: [{ text }] }],
    })
  ).id;

test('many are approved and scheduled at once; what fails is named and holds up nobody', async () => {
  const good = await write('Outpost keeps every webhook.');
  const other = await write('Replays bring what was lost back.');
  const tooLong = await write('word '.repeat(80));
  const approved = await maya.call.posts.approveMany({ postIds: [good, tooLong] });
  expect(approved).toMatchObject({ done: 1, failed: 1 });
  expect(approved.results[1]).toMatchObject({ id: tooLong, ok: false, reason: expect.stringContaining('X takes 280') });
  await world.drain();
  const many = { postIds: [good, other, tooLong], accountIds: [accountId] };
  const scheduled = await maya.call.posts.scheduleMany(many);
  // The reaction to its approval had scheduled the first.
  expect(scheduled.results.map((one) => [one.title, one.ok])).toEqual([
    ['Outpost keeps every webhook.', false],
    ['Replays bring what was lost back.', true],
    [expect.stringContaining('word word'), false],
  ]);
  const { publications } = await maya.call.publications.list({ state: 'scheduled' });
  expect(publications.map((one) => one.dueAt.toISOString())).toEqual([
    '2026-11-23T09:00:00.000Z',
    '2026-11-24T09:00:00.000Z',
  ]);
});

test('a week is moved by a week at the same local time, drafts and publications alike', async () => {
  const draft = await write('An idea for later', '2026-11-25T10:00:00Z');
  const undated = await write('An idea without a day');
  const { publications } = await maya.call.publications.list({ state: 'scheduled' });
  const moved = await maya.call.calendar.moveMany({
    publicationIds: publications.map((one) => one.id),
    postIds: [draft, undated],
    days: 7,
    time: '10:15',
  });
  expect(moved).toMatchObject({ done: 3, failed: 1 });
  expect(moved.results.at(-1)).toMatchObject({ id: undated, reason: expect.stringContaining('No moment') });
  const { items } = await maya.call.calendar.range({ from: '2026-11-22T00:00:00Z', to: '2026-12-10T00:00:00Z' });
  expect(items.map((item) => [item.day, item.time])).toEqual([
    ['2026-11-30', '10:15'],
    ['2026-12-01', '10:15'],
    ['2026-12-02', '10:15'],
  ]);
  const back = await maya.call.calendar.moveMany({ publicationIds: [publications[0]?.id ?? ''], days: -30 });
  expect(back.results[0]?.reason).toContain('moment is over');
});

test('as proposed, each at its own moment; taken back again together', async () => {
  const one = await write('Monday thought about queues', '2026-12-07T08:00:00Z');
  const two = await write('Tuesday thought about retries', '2026-12-08T08:00:00Z');
  const made = await maya.call.posts.scheduleMany({
    postIds: [one, two],
    accountIds: [accountId],
    when: 'as_proposed',
  });
  expect(made.done).toBe(2);
  const { items } = await maya.call.calendar.range({ from: '2026-12-07T00:00:00Z', to: '2026-12-09T00:00:00Z' });
  const publicationIds = items.flatMap((item) => item.publicationId ?? []);
  expect(await maya.call.publications.withdrawMany({ publicationIds })).toMatchObject({ done: 2, failed: 0 });
  expect(await maya.call.publications.withdrawMany({ publicationIds })).toMatchObject({ done: 0, failed: 2 });
  const unknown = '00000000-0000-4000-8000-000000000000';
  await expect(maya.call.posts.withdrawMany({ postIds: [one, unknown] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await maya.call.posts.withdrawMany({ postIds: [one, one] })).toMatchObject({ done: 1, failed: 0 });
});

test('what would tire readers is said: too many a day, the same link twice, texts that read alike', async () => {
  const launch = 'https://outpost.dev/launch';
  const texts = [
    'We are live on Product Hunt today with our webhook inbox. {{link}}',
    'Behind the launch: what six months of building taught me. {{link}}',
    'Replays are the feature people ask about first.',
    'We are live on Product Hunt today with our webhook inbox, again.',
  ];
  for (const [index, text] of texts.entries()) {
    const postId = await write(text, undefined, launch);
    const at = `2026-12-14T1${index}:00:00Z`;
    await maya.call.posts.schedule({ postId, accountIds: [accountId], at, evenIfSimilar: true });
  }
  const { warnings } = await maya.call.calendar.range({ from: '2026-12-14T00:00:00Z', to: '2026-12-15T00:00:00Z' });
  expect(warnings.map((one) => [one.kind, one.publicationIds.length]).sort()).toEqual([
    ['many_in_a_day', 4],
    ['near_duplicate', 2],
    ['same_link', 2],
  ]);
  expect(warnings[0]).toMatchObject({ day: '2026-12-14', account: { handle: 'ada' } });
  const before = { from: '2026-12-13T00:00:00Z', to: '2026-12-14T00:00:00Z' };
  expect((await maya.call.calendar.range(before)).warnings).toEqual([]);
});

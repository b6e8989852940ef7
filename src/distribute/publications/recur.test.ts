import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillEmptySlots } from '#src/distribute/publications/evergreen.ts';
import { scheduleRecurrences } from '#src/distribute/publications/recur.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;
let ada: string;
let bob: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-10-19T06:00:00Z' });
  maya = await world.join();
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  ada = (await maya.call.accounts.connectSandbox({ handle: 'ada' })).id;
  bob = (await maya.call.accounts.connectSandbox({ handle: 'bob' })).id;
});
afterAll(() => world.close());

const write = async (text: string, more: { evergreen?: boolean; coolDownDays?: number } = {}) =>
  (await maya.call.posts.create({ appId, ...more, variants: [{ platform: 'x', parts: [{ text }] }] })).id;
const waiting = async (postId: string) =>
  (await maya.call.publications.list({ postId, state: 'scheduled', limit: 200 })).publications;
const moments = async (postId: string) => (await waiting(postId)).map((one) => one.dueAt.toISOString());

test('a post comes again on its weekdays at its local time, 30 days ahead, and the daily run adds only what is new', async () => {
  const postId = await write('Office hours are open: ask me anything about webhooks.');
  const made = await maya.call.calendar.recur({ postId, accountIds: [ada], weekdays: [1], atTime: '09:30', times: 8 });
  expect(made.warnings).toEqual([]);
  // Summer time ends in Berlin on 25 October.
  const first = [
    '2026-10-19T07:30:00.000Z',
    '2026-10-26T08:30:00.000Z',
    '2026-11-02T08:30:00.000Z',
    '2026-11-09T08:30:00.000Z',
    '2026-11-16T08:30:00.000Z',
  ];
  expect(await moments(postId)).toEqual(first);
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'scheduled' });
  await scheduleRecurrences(maya.context);
  await Promise.all([scheduleRecurrences(maya.context), scheduleRecurrences(maya.context)]);
  expect(await moments(postId)).toEqual(first);
  await world.drain();
  expect(await moments(postId)).toEqual(first);

  world.clock.set('2026-10-19T07:30:30Z');
  await publishDue(world.world);
  const [out] = (await maya.call.publications.list({ postId, state: 'published' })).publications;
  expect(out).toMatchObject({ state: 'published' });
  await maya.call.publications.withdraw({ publicationId: (await waiting(postId))[0]?.id ?? '' });
  world.clock.set('2026-11-10T06:00:00Z');
  const missed = (await waiting(postId)).filter((one) => one.dueAt < world.clock.now());
  for (const one of missed) await maya.call.publications.withdraw({ publicationId: one.id });
  await scheduleRecurrences(maya.context);
  // It ends with the eighth Monday; what a person took out stays out.
  expect(await moments(postId)).toEqual([
    '2026-11-16T08:30:00.000Z',
    '2026-11-23T08:30:00.000Z',
    '2026-11-30T08:30:00.000Z',
    '2026-12-07T08:30:00.000Z',
  ]);
  const { recurrences } = await maya.call.calendar.recurrences({});
  expect(recurrences).toMatchObject([
    { state: 'running', endsOn: '2026-12-07', published: 1, accounts: [{ handle: 'ada' }] },
  ]);
  const range = { from: '2026-11-16T00:00:00Z', to: '2026-11-17T00:00:00Z' };
  expect((await maya.call.calendar.range(range)).items).toMatchObject([{ recurrenceId: recurrences[0]?.id }]);

  expect(await maya.call.calendar.stopRecurrence({ recurrenceId: recurrences[0]?.id ?? '' })).toEqual({ withdrawn: 4 });
  await scheduleRecurrences(maya.context);
  expect(await moments(postId)).toEqual([]);
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published' });
});

test('what falls into its rest is skipped, and said', async () => {
  const postId = await write('A tip: sign your webhooks.');
  const made = await maya.call.calendar.recur({
    postId,
    accountIds: [ada, bob],
    weekdays: [2, 4],
    atTime: '10:00',
    startsOn: '2026-11-10',
    endsOn: '2026-11-20',
    coolDownDays: 5,
  });
  expect(made.warnings).toEqual([expect.stringContaining('rests 5 days')]);
  expect(made.scheduled.filter((one) => one.accountId === ada).map((one) => one.dueAt.toISOString())).toEqual([
    '2026-11-10T09:00:00.000Z',
    '2026-11-17T09:00:00.000Z',
  ]);
  expect(made.skipped.filter((one) => one.accountId === ada)).toEqual([
    { accountId: ada, occurrence: '2026-11-12' },
    { accountId: ada, occurrence: '2026-11-19' },
  ]);
});

test('a post that leaves the plan takes its days with it, and they come back when it is approved again, changed', async () => {
  const postId = await write('Weekly reminder: retries are free.');
  await maya.call.calendar.recur({ postId, accountIds: [bob], weekdays: [3], atTime: '11:00', times: 3 });
  const before = await moments(postId);
  expect(before.length).toBe(3);
  await maya.call.posts.returnToDraft({ postId });
  await world.drain();
  expect(await moments(postId)).toEqual([]);
  world.clock.forward('1 min');
  const { version } = await maya.call.posts.get({ postId });
  const variants = [{ platform: 'x', parts: [{ text: 'Weekly reminder: every retry is free.' }] }];
  await maya.call.posts.update({ postId, version, variants });
  await maya.call.posts.approve({ postId });
  await world.drain();
  expect(await moments(postId)).toEqual(before);
});

test('what cannot be is refused: no account, a past beginning, an end before the first day', async () => {
  const postId = await write('Never');
  const wanted = { postId, accountIds: [ada], weekdays: [1], atTime: '09:30' };
  const unknown = '00000000-0000-4000-8000-000000000000';
  const wrongs: [Partial<typeof wanted> & { startsOn?: string; endsOn?: string }, string][] = [
    [{ accountIds: [unknown] }, 'not_found'],
    [{ startsOn: '2026-01-01' }, 'in_the_past'],
    [{ startsOn: '2026-11-24', endsOn: '2026-11-25' }, 'never'],
  ];
  for (const [wrong, reason] of wrongs)
    await expect(maya.call.calendar.recur({ ...wanted, ...wrong })).rejects.toMatchObject({ cause: { reason } });
  await expect(maya.call.calendar.recur({ ...wanted, endsOn: '2026-12-01', times: 2 })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  const rival = await world.join('Rival');
  await expect(rival.call.calendar.recur({ ...wanted })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await rival.call.calendar.recurrences({ all: true })).recurrences).toEqual([]);
});

test('slots that would stay empty get the evergreen post that rested longest, never two in a row on a day', async () => {
  const cora = (await maya.call.accounts.connectSandbox({ handle: 'cora' })).id;
  world.clock.set('2026-12-13T12:00:00Z'); // A Sunday.
  const old = await write('Evergreen: why webhooks get lost.', { evergreen: true, coolDownDays: 20 });
  const newer = await write('Evergreen: how replays work inside.', { evergreen: true, coolDownDays: 20 });
  await write('Never approved, so never sent.', { evergreen: true });
  for (const [postId, minute] of [
    [old, '01'],
    [newer, '30'],
  ] as const) {
    await maya.call.posts.schedule({ postId, accountIds: [cora], at: `2026-12-13T12:${minute}:00Z` });
    world.clock.set(`2026-12-13T12:${minute}:20Z`);
    await publishDue(world.world);
  }
  await maya.call.slots.add({ accountId: cora, weekdays: [1, 2, 3, 4, 5, 6, 7], atTime: '09:00' });
  await maya.call.slots.add({ accountId: cora, weekdays: [1, 2, 3, 4, 5, 6, 7], atTime: '15:00' });
  world.clock.set('2026-12-27T12:00:00Z');
  expect(await fillEmptySlots(maya.context)).toBe(0); // Both still rest.
  world.clock.set('2027-01-03T12:00:00Z'); // Sunday again: 15:00, Monday 09:00 and 15:00, Tuesday 09:00.
  const own = await write('Something new for Monday morning.');
  await maya.call.posts.schedule({ postId: own, accountIds: [cora], at: '2027-01-04T08:00:00Z' });
  expect(await fillEmptySlots(maya.context)).toBe(2);
  expect(await fillEmptySlots(maya.context)).toBe(0);
  const { items } = await maya.call.calendar.range({ from: '2027-01-03T00:00:00Z', to: '2027-01-06T00:00:00Z' });
  expect(items.map((item) => [item.day, item.time, item.postId, item.evergreen])).toEqual([
    ['2027-01-03', '15:00', old, true],
    ['2027-01-04', '09:00', own, false],
    ['2027-01-04', '15:00', newer, true],
  ]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { completeStepOfTask } from '#src/distribute/launch.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: 'outpost.dev', name: 'Outpost' })).id;
  await maya.call.apps.update({ appId, category: 'developer_tools', tagline: 'Mail that sends itself.' });
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
});
afterAll(() => world.close());

const plan = async () => (await maya.call.launch.get({ appId })).plan!;
const steps = async () => (await plan()).steps;
const stepNamed = async (name: string) => (await steps()).find((step) => step.name === name)!;

test('without a launch day it asks for one', async () => {
  expect(await maya.call.launch.get({ appId })).toEqual({ plan: null });
  await expect(maya.call.launch.plan({ appId })).rejects.toMatchObject({ data: { reason: 'no_launch_day' } });
});

test('the plan counts from the app’s launch day, with the channels it has and places that suit it', async () => {
  await maya.call.channels.adopt({ appId, placeIds: ['hackernews', 'google-play'] });
  await maya.call.apps.update({ appId, launchOn: '2026-12-01' });
  await maya.call.launch.plan({ appId });
  const made = await plan();
  expect(made).toMatchObject({ name: 'Launch of Outpost', launchOn: '2026-12-01', daysLeft: 9, state: 'planned' });
  expect(made.progress).toMatchObject({ done: 0, skipped: 0, all: made.steps.length });
  const days = made.steps.map((step) => step.daysFromLaunch);
  expect(days).toEqual([...days].sort((a, b) => a - b));
  expect(await stepNamed('Post Show HN')).toMatchObject({ dueOn: '2026-12-01', state: 'ahead', place: 'hackernews' });
  // A channel, though it suits other kinds of apps.
  expect(await stepNamed('Begin the closed test on Google Play')).toMatchObject({ state: 'late' });
  expect(made.steps.find((step) => step.place === 'steam')).toBeUndefined();
  expect(new Set(made.steps.map((step) => step.name)).size).toBe(made.steps.length);
  expect(await stepNamed('Ask ten people to try Outpost')).toMatchObject({ dueOn: '2026-11-10', place: null });
});

test('a moment that matters elsewhere is shown in the zone of the workspace', async () => {
  const live = await stepNamed('Go live on Product Hunt');
  expect(live.dueAt?.toISOString()).toBe('2026-12-01T08:01:00.000Z');
  expect(live).toMatchObject({ dueOn: '2026-12-01', makes: 'task' });
});

test('another day moves the steps that are not done, and what is done stays done', async () => {
  const [first] = await steps();
  await maya.call.launch.completeStep({ stepId: first!.id });
  await maya.call.launch.completeStep({ stepId: first!.id });
  const before = (await steps()).length;
  expect(await maya.call.launch.plan({ appId, launchOn: '2027-01-12' })).toMatchObject({ added: 0 });
  const [moved] = await steps();
  expect(moved).toMatchObject({ id: first!.id, state: 'done', doneBy: 'Maya Lind' });
  expect((await stepNamed('Post Show HN')).dueOn).toBe('2027-01-12');
  expect((await steps()).length).toBe(before);
  await expect(maya.call.launch.skipStep({ stepId: first!.id })).rejects.toMatchObject({
    data: { reason: 'step_done' },
  });
  await maya.call.launch.reopenStep({ stepId: first!.id });
  expect((await steps())[0]).toMatchObject({ state: 'ahead', doneBy: null });
});

test('a channel that is added later brings its steps', async () => {
  await maya.call.channels.adopt({ appId, placeIds: ['own-blog'] });
  await maya.call.launch.plan({ appId });
  expect(await stepNamed('Put the story of Outpost on your own blog')).toMatchObject({ dueOn: '2027-01-09' });
});

test('a step prepares its post to send by hand once, and is done when that was sent', async () => {
  const step = await stepNamed('Post Show HN');
  const made = await maya.call.launch.prepareStep({ stepId: step.id });
  expect(made).toMatchObject({ made: 'task', dueAt: new Date('2027-01-12T08:00:00Z') });
  expect(await maya.call.launch.prepareStep({ stepId: step.id })).toMatchObject({ taskId: made.taskId });
  const { tasks } = await maya.call.assisted.list({});
  expect(tasks).toHaveLength(1);
  expect(tasks[0]).toMatchObject({ platform: 'hackernews', title: 'Show HN: Outpost – Mail that sends itself' });
  expect((await stepNamed('Post Show HN')).task).toMatchObject({ id: made.taskId, state: 'waiting' });
  await maya.call.assisted.done({ taskId: made.taskId!, url: 'https://news.ycombinator.com/item?id=1' });
  await completeStepOfTask(maya.context, made.taskId!);
  await completeStepOfTask(maya.context, made.taskId!);
  expect((await stepNamed('Post Show HN')).state).toBe('done');
  await expect(maya.call.launch.prepareStep({ stepId: step.id })).rejects.toMatchObject({
    data: { reason: 'step_closed' },
  });
});

test('a step prepares its draft once', async () => {
  await maya.call.channels.adopt({ appId, placeIds: ['x'] });
  await maya.call.launch.plan({ appId });
  const step = await stepNamed('Post the launch thread on X');
  const made = await maya.call.launch.prepareStep({ stepId: step.id });
  expect(made).toMatchObject({ made: 'draft', taskId: null });
  expect(await maya.call.launch.prepareStep({ stepId: step.id })).toMatchObject({ postId: made.postId });
  const post = await maya.call.posts.get({ postId: made.postId! });
  expect(post.variants[0]?.parts[0]?.text).toMatch(/^Outpost is live: Mail that sends itself\.\n/);
  expect(post.variants[0]?.parts.at(-1)?.text).toContain('{{link}}');
  expect((await stepNamed('Post the launch thread on X')).post).toMatchObject({ id: made.postId, status: 'draft' });
});

test('a step without anything to prepare says so', async () => {
  const step = await stepNamed('Try everything once more');
  expect(step.makes).toBeNull();
  await expect(maya.call.launch.prepareStep({ stepId: step.id })).rejects.toMatchObject({
    data: { reason: 'nothing_to_prepare' },
  });
});

test('when every step is done or skipped the plan is done, and another launch begins a new one', async () => {
  for (const step of await steps()) if (step.state !== 'done') await maya.call.launch.skipStep({ stepId: step.id });
  expect((await plan()).state).toBe('done');
  expect(await maya.call.launch.plan({ appId, launchOn: '2027-06-01' })).toMatchObject({ launchOn: '2027-06-01' });
  expect((await steps()).every((step) => step.state === 'ahead')).toBe(true);
});

test('another workspace finds neither plan nor step', async () => {
  const [first] = await steps();
  await expect(rival.call.launch.get({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.launch.plan({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  for (const verb of ['completeStep', 'skipStep', 'reopenStep', 'prepareStep'] as const)
    await expect(rival.call.launch[verb]({ stepId: first!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('whatever kind of app it is, the plan is whole', async () => {
  const { id } = await rival.call.apps.register({ url: 'ledgerly.dev', name: 'Ledgerly' });
  for (const category of ['saas', 'mobile_app', 'games', 'other'] as const) {
    await rival.call.apps.update({ appId: id, category });
    await rival.call.launch.plan({ appId: id, launchOn: '2027-02-02' });
    const names = (await rival.call.launch.get({ appId: id })).plan!.steps.map((step) => step.name);
    const whole = ['Go live on Product Hunt', 'Post Show HN', 'Post the launch thread on X', 'Send the launch letter'];
    expect(names).toEqual(expect.arrayContaining([...whole, 'Choose the communities']));
  }
});

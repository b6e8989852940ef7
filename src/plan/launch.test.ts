import { afterAll, beforeAll, expect, test } from 'vitest';
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
});
afterAll(() => world.close());

const steps = async () => (await maya.call.launch.get({ appId })).plan!.steps;

test('without a launch day it asks for one', async () => {
  expect(await maya.call.launch.get({ appId })).toEqual({ plan: null });
  await expect(maya.call.launch.plan({ appId })).rejects.toMatchObject({ data: { reason: 'no_launch_day' } });
});

test('the plan counts from the app’s launch day', async () => {
  await maya.call.apps.update({ appId, launchOn: '2026-12-01' });
  await maya.call.launch.plan({ appId });
  const { plan } = await maya.call.launch.get({ appId });
  expect(plan).toMatchObject({ name: 'Launch of Outpost', launchOn: '2026-12-01', daysLeft: 9, state: 'planned' });
  const days = plan!.steps.map((step) => step.dueOn);
  expect(days).toEqual([...days].sort());
  expect(plan!.steps.find((step) => step.name === 'Show HN')).toMatchObject({ dueOn: '2026-12-01', state: 'ahead' });
  expect(plan!.steps[0]).toMatchObject({ name: 'Say that Outpost is coming', state: 'late' });
  expect(new Set(plan!.steps.map((step) => step.platform))).toContain('producthunt');
});

test('another day moves the steps and keeps what is done', async () => {
  const [first] = await steps();
  await maya.call.launch.completeStep({ stepId: first!.id });
  await maya.call.launch.completeStep({ stepId: first!.id });
  await maya.call.launch.plan({ appId, launchOn: '2027-01-12' });
  const [moved] = await steps();
  expect(moved).toMatchObject({ id: first!.id, dueOn: '2026-12-15', state: 'done', doneBy: 'Maya Lind' });
  await expect(maya.call.launch.skipStep({ stepId: first!.id })).rejects.toMatchObject({
    data: { reason: 'step_done' },
  });
});

test('when every step is done or skipped, the plan is done', async () => {
  for (const step of await steps()) if (step.state !== 'done') await maya.call.launch.skipStep({ stepId: step.id });
  expect((await maya.call.launch.get({ appId })).plan!.state).toBe('done');
  expect(await maya.call.launch.plan({ appId, launchOn: '2027-06-01' })).toMatchObject({ launchOn: '2027-06-01' });
  expect((await steps()).every((step) => step.state === 'ahead')).toBe(true);
});

test('another workspace finds neither plan nor step', async () => {
  const [first] = await steps();
  await expect(rival.call.launch.get({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.launch.completeStep({ stepId: first!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

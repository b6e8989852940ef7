import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-18T09:00:00Z' });
  maya = await world.join();
  appId = await knownApp(maya);
});
afterAll(() => world.close());

test('shares are compared once there are enough posts; the theme that is behind is due and its kinds are drafted first', async () => {
  expect(await maya.call.calendar.themes({ appId })).toMatchObject({ themes: [], next: null, missing: null });
  const { id: strategyId } = await maya.call.strategies.propose({ appId });
  await maya.call.strategies.approve({ strategyId });
  const before = await maya.call.calendar.themes({ appId });
  expect(before.themes.reduce((sum, theme) => sum + theme.wanted, 0)).toBeCloseTo(1);
  expect(before.missing).toEqual({ have: 0, need: 8 });
  expect(before.themes.every(({ actual, verdict }) => actual === null && verdict === null)).toBe(true);
  expect(before.next?.name).toBe(before.themes[0]?.name);

  const [most, ...others] = before.themes;
  const write = (themeId: string, text: string) =>
    maya.call.posts.create({
      appId,
      themeId,
      proposedFor: '2026-11-20T09:00:00Z',
      variants: [{ platform: 'x', parts: [{ text }] }],
    });
  for (let number = 0; number < 8; number++) await write(most!.id, `Thought ${number} about something of its own`);
  const { id: postId } = await write(most!.id, 'One more about what everybody has heard of by now');
  const after = await maya.call.calendar.themes({ appId });
  expect(after.themes[0]).toMatchObject({ actual: 1, posts: 9, verdict: 'over' });
  expect(after.message).toContain(`“${most!.name}” has 100% of the posts`);
  expect(others.map(({ id }) => id)).toContain(after.next?.id);

  const { problems } = await maya.call.posts.get({ postId });
  const theme = problems.find(({ kind }) => kind === 'theme');
  expect(theme).toMatchObject({ severity: 'warns', message: expect.stringContaining('9 of 9 posts') });
  const { postIds } = await maya.call.drafts.write({ appId, count: 2 });
  const themes = await Promise.all(postIds.map(async (id) => (await maya.call.posts.get({ postId: id })).theme?.id));
  expect(themes).not.toContain(most!.id);
});

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

test('the next free slot goes to the theme that is furthest behind, and the suggestion says why', async () => {
  const { themes } = await maya.call.calendar.themes({ appId });
  const [first, second, third] = themes;
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'ada' });
  const waiting = async (theme: { id: string } | null, title: string) => {
    world.clock.forward('1 s');
    const variants = [{ platform: 'x', parts: [{ text: title }] }];
    return (await maya.call.posts.create({ appId, themeId: theme?.id ?? null, title, variants })).id;
  };
  const more = await waiting(first!, 'More of the same');
  const plain = await waiting(null, 'Of no theme at all');
  const fresh = [await waiting(second!, 'About the second'), await waiting(second!, 'About the second again')];
  const other = await waiting(third!, 'About the third');
  expect(await maya.call.slots.suggest({ appId, accountId })).toEqual({
    suggestions: [],
    missing: 'This account has no queue times. Add some under Settings, Queue times.',
  });
  await maya.call.slots.add({ accountId, weekdays: [1, 3, 5], atTime: '09:30', timeZone: 'UTC' });
  const { suggestions, missing } = await maya.call.slots.suggest({ appId, accountId, count: 6 });
  expect(missing).toMatch(/^No more posts wait for a day\./);
  // By hand: what is wanted of the posts so far and one more, less what there is.
  const counts = new Map(themes.map((theme) => [theme.id, theme.posts]));
  const left = [
    [more, first!.id],
    [fresh[0], second!.id],
    [fresh[1], second!.id],
    [other, third!.id],
  ];
  const expected: (string | undefined)[] = [];
  while (left.length > 0) {
    const all = [...counts.values()].reduce((sum, count) => sum + count, 1);
    const due = themes
      .map((theme) => ({ id: theme.id, behind: theme.wanted * all - (counts.get(theme.id) ?? 0) }))
      .sort((a, b) => b.behind - a.behind)
      .find(({ id }) => left.some(([, themeId]) => themeId === id))!;
    const [chosen] = left.splice(
      left.findIndex(([, themeId]) => themeId === due.id),
      1,
    );
    counts.set(due.id, (counts.get(due.id) ?? 0) + 1);
    expected.push(chosen![0]);
  }
  expect(suggestions.map(({ post }) => post.id)).toEqual([...expected, plain]);
  expect(suggestions[0]).toMatchObject({ at: new Date('2026-11-18T09:30:00Z') });
  expect(new Set(suggestions.map(({ at }) => at.getTime())).size).toBe(5);
  const chosen = themes.find(({ id }) => id === suggestions[0]!.theme?.id)!;
  expect(suggestions[0]!.why).toContain(`“${chosen.name}” has ${chosen.posts} of `);
  expect(suggestions.at(-1)!).toMatchObject({ theme: null, why: 'It has no theme, and no post of a theme waits.' });
  const rival = await world.join('Rival');
  await expect(rival.call.slots.suggest({ appId, accountId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem, transaction } from '#src/context.ts';
import { proposeStrategy, reviseStrategy } from '#src/plan/strategies.ts';
import { addFact } from '#src/understand/knowledge.ts';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;
let first: string;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
  appId = await knownApp(maya);
});
afterAll(() => world.close());

const activities = (name: string) =>
  transaction(maya.context, ({ tx }) => tx.selectFrom('activities').selectAll().where('name', '=', name).execute());

test('a strategy is proposed from knowledge, each part with its reason and its facts', async () => {
  const made = await maya.call.strategies.propose({ appId });
  first = made.id;
  expect(made.version).toBe(1);
  const strategy = await maya.call.strategies.get({ strategyId: first });
  expect(strategy).toMatchObject({
    state: 'proposed',
    objective: 'conversions', // launched, with a price
    source: 'built_in',
    positioning: 'Outpost catches every webhook and replays it until your server has taken it.',
  });
  expect(strategy.items.every((item) => item.reasoning !== '')).toBe(true);
  const pillars = strategy.items.filter((item) => item.kind === 'pillar');
  expect(pillars.map((pillar) => pillar.statement)).toContain('Proof');
  expect(pillars.reduce((sum, pillar) => sum + pillar.weight, 0)).toBeCloseTo(1, 1);
  expect(pillars.find((pillar) => pillar.statement === 'How it works')!.facts).toHaveLength(4);
  expect(strategy.items.find((item) => item.kind === 'audience')).toMatchObject({ audienceName: 'Small SaaS teams' });
  expect(strategy.items.find((item) => item.kind === 'channel')).toMatchObject({
    statement: 'x',
    reasoning: 'They talk about outages there.',
  });
  expect(strategy.items.filter((item) => item.kind === 'avoid')[0]).toMatchObject({
    statement: 'Do not promise that nothing can ever fail.',
  });
});

test('the same knowledge proposes nothing new, whoever asks', async () => {
  expect((await maya.call.strategies.propose({ appId })).id).toBe(first);
  expect((await proposeStrategy(asSystem(world.world, maya.workspaceId, 'test'), appId))?.id).toBe(first);
});

test('approving makes it current and its pillars themes; doing so twice changes nothing', async () => {
  expect(await maya.call.strategies.current({ appId })).toEqual({ strategy: null });
  await maya.call.strategies.approve({ strategyId: first });
  await maya.call.strategies.approve({ strategyId: first });
  expect((await maya.call.strategies.current({ appId })).strategy).toMatchObject({
    id: first,
    state: 'current',
    decidedBy: 'Maya Lind',
  });
  const approved = await activities('strategy.approved');
  expect(approved).toMatchObject([{ subjectId: first, detail: { appId, version: 1 } }]);
  const themes = await transaction(maya.context, ({ tx }) => tx.selectFrom('contentThemes').selectAll().execute());
  expect(themes.reduce((sum, theme) => sum + theme.share, 0)).toBeCloseTo(1, 5);
});

test('new knowledge proposes a new version to a person, but the flow leaves an approved strategy alone', async () => {
  await addFact(maya.context, { appId, kind: 'competitive_advantage', statement: 'Outpost keeps events for a year.' });
  expect((await proposeStrategy(asSystem(world.world, maya.workspaceId, 'test'), appId))?.id).toBe(first);
  const second = await maya.call.strategies.propose({ appId });
  expect(second.version).toBe(2);
  await maya.call.strategies.decline({ strategyId: second.id });
  await expect(maya.call.strategies.approve({ strategyId: second.id })).rejects.toMatchObject({
    code: 'CONFLICT',
    data: { reason: 'strategy_declined' },
  });
});

test('an accepted suggestion writes the next version as current, and the difference can be read', async () => {
  const { items } = await maya.call.strategies.get({ strategyId: first });
  const costs = items.find((item) => item.statement === 'What it costs')!;
  const change = {
    reason: 'Posts with a question brought twice the visits.',
    add: [{ kind: 'pillar' as const, statement: 'Questions to readers', weight: 0.3 }],
    remove: [costs.id],
    postsPerWeek: 7,
  };
  const third = await transaction(maya.context, (inside) => reviseStrategy(inside, appId, change, 'suggestion'));
  expect(third.version).toBe(3);
  const versions = (await maya.call.strategies.list({ appId })).strategies;
  expect(versions.map((one) => [one.version, one.state, one.source])).toEqual([
    [3, 'current', 'suggestion'],
    [2, 'declined', 'built_in'],
    [1, 'superseded', 'built_in'],
  ]);
  const diff = await maya.call.strategies.diff({ strategyId: first, withId: third.id });
  expect(diff.added.map((item) => item.statement)).toEqual(['Questions to readers']);
  expect(diff.removed.map((item) => item.statement)).toEqual(['What it costs']);
  expect(diff.settings).toMatchObject([{ field: 'postsPerWeek', after: '7' }]);
  expect(diff.changed).toEqual([]);
  expect(await activities('strategy.approved')).toHaveLength(2);
  const themes = await transaction(maya.context, ({ tx }) =>
    tx.selectFrom('contentThemes').select(['name', 'share']).orderBy('share').execute(),
  );
  expect(themes[0]).toEqual({ name: 'What it costs', share: 0 });
});

test('a person revises it too; an id of an old version means what says the same today', async () => {
  const old = (await maya.call.strategies.get({ strategyId: first })).items.find((item) => item.kind === 'experiment')!;
  // So small a weight the column does not keep: it is none.
  const add = [{ kind: 'avoid' as const, statement: 'Faint praise', weight: 1e-300 }];
  const made = await maya.call.strategies.revise({ appId, reason: 'One thing at a time', add, remove: [old.id] });
  const { strategy } = await maya.call.strategies.current({ appId });
  expect(strategy).toMatchObject({ id: made.id, version: 4, source: 'person', reason: 'One thing at a time' });
  expect(strategy!.items.some((item) => item.kind === 'experiment')).toBe(false);
  expect(strategy!.items.find((item) => item.statement === 'Faint praise')).toMatchObject({ weight: 0 });
});

test('without knowledge a person is told, and the flow does nothing', async () => {
  const bare = (await maya.call.apps.register({ url: 'bare.dev' })).id;
  await expect(maya.call.strategies.propose({ appId: bare })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Read its pages first'),
  });
  expect(await proposeStrategy(asSystem(world.world, maya.workspaceId, 'test'), bare)).toBeNull();
  await expect(maya.call.strategies.revise({ appId: bare, reason: 'More', postsPerWeek: 9 })).rejects.toMatchObject({
    data: { reason: 'no_strategy' },
  });
});

test('other workspaces and unknown ids are not found', async () => {
  for (const attempt of [
    () => rival.call.strategies.propose({ appId }),
    () => rival.call.strategies.list({ appId }),
    () => rival.call.strategies.current({ appId }),
    () => rival.call.strategies.get({ strategyId: first }),
    () => rival.call.strategies.approve({ strategyId: first }),
    () => rival.call.strategies.revise({ appId, reason: 'Mine now' }),
    () => maya.call.strategies.diff({ strategyId: first, withId: UNKNOWN }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

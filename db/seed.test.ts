import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalog } from '#src/catalog.ts';
import { shared, type World } from '#src/context.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { demoWeb, seed } from './seed.ts';

let test: TestWorld;
let demo: World;
let maya: Person['call'];
let appId: string;
const said: string[] = [];
const say = (text: string) => void said.push(text);

beforeAll(async () => {
  test = await openTestWorld({ now: '2026-11-22T09:00:00Z', overrides: { demo: true } });
  demo = { ...test.world, web: demoWeb(() => test.clock.now()) };
  await seed(demo, test.owner, say, { days: 24 });
  maya = await enter();
  appId = (await maya.apps.list({})).apps[0]?.id ?? '';
}, 60_000);
afterAll(() => test?.close());

/** Maya at the door of the one workspace there is. */
async function enter(): Promise<Person['call']> {
  const user = await shared(demo, (tx) => tx.selectFrom('users').select('id').executeTakeFirstOrThrow());
  const [workspace, ...others] = await workspacesOf(demo, user.id);
  expect(workspace).toMatchObject({ name: 'Driftlog', timeZone: 'Europe/Berlin', currency: 'USD', demo: true });
  expect(others).toEqual([]);
  const who = { kind: 'user', id: user.id, name: 'Maya Lind', role: 'owner' } as const;
  const caller = { world: demo, who, workspaceId: workspace?.id ?? '', address: null, requestId: 'test' };
  return createRouterClient(catalog, { context: caller });
}

it('tells of posts that brought people, and of people who paid', async () => {
  const { kpis, ...home } = await maya.dashboards.home({ range: '7d' });
  for (const figure of Object.values(kpis)) expect(figure.value).toBeGreaterThan(0);
  expect(kpis.visitors.value).toBeGreaterThan(1200);
  expect(home.markers.length).toBe(3);
  expect(home.postsThatBroughtPeople[0]?.visits).toBeGreaterThan(200);
  expect(home.goingOut.map(({ state }) => state)).toEqual(['asking', ...Array(5).fill('scheduled')]);
  expect(Object.values(home.firstSteps)).not.toContain(false);
});

it('closes its books', async () => {
  const { days } = await maya.ledger.days({ appId });
  expect(days.length).toBeGreaterThan(5);
  expect(days.filter(({ closes }) => !closes)).toEqual([]);
});

it('published each post once, and says why one could not go out', async () => {
  const { publications } = await maya.publications.list({ state: 'published', limit: 200 });
  expect(publications.length).toBe(9);
  const failed = await maya.publications.list({ state: 'failed', limit: 200 });
  expect(failed.publications).toMatchObject([{ reason: expect.stringContaining('advertising') }]);
  expect(new Set(publications.map(({ post }) => post.id)).size).toBe(publications.length);
});

it('rests on what the pages say: every fact with its words', async () => {
  const { groups, counts } = await maya.knowledge.list({ appId });
  expect(counts.confirmed).toBeGreaterThan(5);
  for (const fact of groups.flatMap(({ facts }) => facts))
    expect(fact.evidence.length, fact.statement).toBeGreaterThan(0);
});

it('is told once, and anew when it has grown old', async () => {
  said.length = 0;
  await seed(demo, test.owner, say, { days: 20 });
  expect(said).toEqual([]);
  test.clock.forward('3 d');
  await seed(demo, test.owner, say, { days: 1 });
  expect(said.at(-1)).toMatch(/^Told in/);
  const { kpis } = await (await enter()).dashboards.home({ range: '7d' });
  expect(kpis.visitors.value).toBeGreaterThan(150);
}, 30_000);

import { createRouterClient } from '@orpc/server';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalog } from '#src/catalog.ts';
import { shared, type World } from '#src/context.ts';
import { planCitus } from '#src/db/scale/citus.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { statementsOf, unbound } from '#test/scale/statements.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { demoWeb, seed } from './seed.ts';

let test: TestWorld;
let statements: string[];
let demo: World;
let maya: Person['call'];
let appId: string;
const said: string[] = [];
const say = (text: string) => void said.push(text);

beforeAll(async () => {
  // Its statements are those that several database servers would get: the demo is the same.
  test = await openTestWorld({ now: '2026-11-22T09:00:00Z', overrides: { demo: true }, distributed: true });
  demo = { ...test.world, web: demoWeb(() => test.clock.now()) };
  statements = await statementsOf(() => seed(demo, test.owner, say, { days: 24 }));
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
  expect(home.markers.filter(({ title }) => !title.startsWith('Answer to')).length).toBe(3);
  expect(home.postsThatBroughtPeople[0]?.visits).toBeGreaterThan(200);
  const ahead = home.goingOut.map(({ state }) => state);
  expect([ahead[0], new Set(ahead.slice(1))]).toEqual(['asking', new Set(['scheduled'])]);
  expect(ahead.length).toBeGreaterThan(7);
  expect(Object.values(home.firstSteps)).not.toContain(false);
});

it('closes its books', async () => {
  const { days } = await maya.ledger.days({ appId });
  expect(days.length).toBeGreaterThan(5);
  expect(days.filter(({ closes }) => !closes)).toEqual([]);
});

it('published each post once, and says why one could not go out', async () => {
  const { publications } = await maya.publications.list({ state: 'published', limit: 200 });
  const answers = publications.filter(({ post }) => post.title.startsWith('Answer to'));
  expect(publications.length - answers.length).toBe(9);
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

it('reaches further than its own posts', async () => {
  const { channels } = await maya.channels.list({ appId });
  expect(new Set(channels.map(({ status }) => status))).toEqual(
    new Set(['active', 'preparing', 'paused', 'idea', 'dropped']),
  );
  expect(channels.filter(({ nextStep }) => nextStep).length).toBeGreaterThan(6);
  const { links } = await maya.links.list({ appId, made: 'by_hand' });
  for (const code of ['solo-hours', 'talk', 'nadia', 'okafor'])
    expect(links.find((link) => link.code === code)?.clicks, code).toBeGreaterThan(15);
  expect(links.find(({ code }) => code === 'talk')?.changes).toBe(1);
  const { affiliates } = await maya.affiliates.list({ appId });
  expect(affiliates.map(({ name, percent }) => [name, percent])).toEqual([
    ['Nadia Costa', 25],
    ['Tom Okafor', null],
  ]);
  const [list] = (await maya.mailingLists.list({ appId })).lists;
  expect(list?.subscribers.confirmed).toBeGreaterThan(30);
});

it('has somebody to answer, something to do by hand, and rules', async () => {
  // Who writes hangs on the ids of the posts, which differ each time.
  const { counts, items } = await maya.inbox.list({ limit: 100 });
  expect(items.length).toBe(counts.all);
  for (const { answer } of items) expect(['out', 'elsewhere', undefined]).toContain(answer?.state);
  const { tasks } = await maya.assisted.list({ appId, open: false });
  expect(tasks.map(({ platform, state }) => [platform, state]).sort()).toEqual([
    ['hackernews', 'waiting'],
    ['indiehackers', 'done'],
  ]);
  const { automations } = await maya.automations.list({ appId });
  expect(automations.map(({ rule, switchedOnAt }) => [rule.kind, switchedOnAt !== null]).sort()).toEqual([
    ['auto_plug', true],
    ['rss_to_draft', false],
  ]);
  expect((await maya.calendar.recurrences({ appId })).recurrences.length).toBe(1);
  const { posts } = await maya.posts.list({ appId, limit: 100 });
  const shown = await Promise.all(posts.map(({ id }) => maya.posts.get({ postId: id })));
  const parts = shown.flatMap(({ variants }) => variants.flatMap((variant) => variant.parts));
  expect(parts.filter(({ media }) => media.length > 0).length).toBe(2);
  expect(parts.filter(({ poll }) => poll !== null).length).toBe(1);
  const { campaigns } = await maya.campaigns.list({ appId });
  const campaign = campaigns.find(({ slug }) => slug === 'fresh-start');
  const { files } = await maya.campaignFiles.list({ campaignId: campaign?.id ?? '' });
  expect(files.map(({ name }) => name)).toEqual(['campaigns/fresh-start.yaml']);
  const made = shown.filter((post) => post.template && post.campaign?.id === campaign?.id);
  expect(made.map(({ template }) => template?.name).sort()).toEqual(['One feature, explained', 'Problem and promise']);
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

it('says in every statement whose rows it means: in its own words, and again by the policy', async () => {
  const owner = new pg.Client(test.owner);
  const server = new pg.Client({ ...test.owner, user: 'fanfare_server' });
  await Promise.all([owner.connect(), server.connect()]);
  try {
    const tenants = new Set((await planCitus(owner)).layout.distributed);
    expect(statements.length).toBeGreaterThan(500);
    expect(await unbound(owner, statements, tenants)).toEqual([]);
    expect(await unbound(server, statements, tenants)).toEqual([]);
  } finally {
    await Promise.all([owner.end(), server.end()]);
  }
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem, transaction } from '#src/context.ts';
import { draftPosts } from '#src/plan/draft.ts';
import { resemblance } from '#src/plan/writing/index.ts';
import { addFact } from '#src/understand/knowledge.ts';
import { type FakeModel, startFakeModel } from '#test/fakes/model.ts';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let model: FakeModel;
let appId: string;
let campaignId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-18T09:00:00Z' });
  model = await startFakeModel();
  maya = await world.join();
  rival = await world.join('Rival');
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
  appId = await knownApp(maya);
  const strategy = await maya.call.strategies.propose({ appId });
  await maya.call.strategies.approve({ strategyId: strategy.id });
  campaignId = (await maya.call.campaigns.propose({ appId })).id!;
});
afterAll(async () => {
  await model.close();
  await world.close();
});

const textOf = (post: Awaited<ReturnType<Person['call']['posts']['get']>>) =>
  post.variants[0]!.parts.map((part) => part.text).join('\n');

test('a started campaign gets its first week of drafts, once', async () => {
  await maya.call.campaigns.start({ campaignId });
  const flow = asSystem(world.world, maya.workspaceId, 'test');
  const [one, two] = await Promise.all([draftPosts(flow, campaignId), draftPosts(flow, campaignId)]);
  const drafted = one ?? two;
  expect([one, two]).toContain(null);
  expect(drafted).toMatchObject({ method: 'built_in', reason: expect.stringContaining('from your templates') });
  const { postsPerWeek } = (await maya.call.strategies.current({ appId })).strategy!;
  expect(drafted!.postIds.length).toBe(postsPerWeek);
  expect(await draftPosts(flow, campaignId)).toBeNull();
});

test('each draft can be published as it is, its claims linked to evidence', async () => {
  const { posts } = await maya.call.posts.list({ campaignId });
  for (const { id: postId } of posts) {
    const post = await maya.call.posts.get({ postId });
    expect(post).toMatchObject({ status: 'draft', source: 'template', problems: [] });
    expect(post.template).not.toBeNull();
    expect(textOf(post)).toContain('{{link}}');
    const claims = post.variants[0]!.parts.flatMap((part) => part.claims);
    expect(claims.length).toBeGreaterThan(0);
    for (const claim of claims)
      expect(claim.fact).toMatchObject({ quote: expect.any(String), url: 'https://outpost.dev/' });
  }
});

test('they stand in the calendar at sensible hours of the campaign’s days', async () => {
  const calendar = await maya.call.calendar.range({ from: '2026-11-01T00:00:00Z', to: '2027-01-01T00:00:00Z' });
  expect(calendar.timeZone).toBe('Europe/Berlin');
  expect(calendar.items.length).toBeGreaterThan(2);
  for (const item of calendar.items) {
    expect(item).toMatchObject({ kind: 'draft', status: 'draft', campaign: { name: 'First month' }, platforms: ['x'] });
    expect(item.day >= '2026-11-23').toBe(true);
    expect(['09:00', '12:30', '17:30']).toContain(item.time);
  }
  expect(new Set(calendar.items.map((item) => item.at.getTime())).size).toBe(calendar.items.length);
});

test('drafting again says something else at other times', async () => {
  const before = await Promise.all(
    (await maya.call.posts.list({})).posts.map((post) => maya.call.posts.get({ postId: post.id })),
  );
  const more = await maya.call.drafts.write({ appId, count: 4 });
  const fresh = await Promise.all(more.postIds.map((postId) => maya.call.posts.get({ postId })));
  for (const post of fresh)
    for (const other of before) {
      expect(resemblance(textOf(post), textOf(other))).toBeLessThan(0.5);
      expect(post.proposedFor!.getTime()).not.toBe(other.proposedFor!.getTime());
    }
});

test('when everything known was said, it says so instead of repeating', async () => {
  const small = (await maya.call.apps.register({ url: 'small.dev', name: 'Small' })).id;
  for (const [kind, statement] of [
    ['pain_point', 'Invoices get lost in the mail.'],
    ['value_proposition', 'Small sends invoices and asks again until they are paid.'],
  ] as const)
    await addFact(maya.context, { appId: small, kind, statement });
  let last = await maya.call.drafts.write({ appId: small, count: 30 });
  expect(last.reason).toContain('instead of 30');
  for (let round = 0; round < 10 && last.postIds.length > 0; round++)
    last = await maya.call.drafts.write({ appId: small, count: 30 });
  expect(last).toMatchObject({ postIds: [], reason: expect.stringContaining('Nothing new could be written') });
});

test('a model writes when there is one; its invented numbers and facts are flagged', async () => {
  await maya.call.ai.set({ provider: 'openai-compatible', model: 'fake-1', baseUrl: `${model.url}`, apiKey: 'k' });
  const facts = await transaction(maya.context, ({ tx }) =>
    tx.selectFrom('facts').select(['id', 'statement']).where('kind', '=', 'benefit').execute(),
  );
  model.program({
    json: {
      drafts: [
        {
          kind: 'problem_solution',
          title: 'Sleep',
          parts: ['Sleep through an outage and lose nothing. Uptime was 99.99% last year. Loved by everyone. {{link}}'],
          claims: [
            { part: 0, text: 'Sleep through an outage and lose nothing', factId: facts[0]!.id },
            { part: 0, text: 'Loved by everyone', factId: 'made-up' },
          ],
        },
      ],
    },
  });
  const drafted = await maya.call.drafts.write({ appId, count: 1 });
  expect(drafted).toMatchObject({ method: 'model', reason: 'Written by fake-1.' });
  const post = await maya.call.posts.get({ postId: drafted.postIds[0]! });
  expect(post).toMatchObject({ source: 'model', title: 'Sleep' });
  expect(post.variants[0]!.parts[0]!.claims.map((claim) => [claim.text, claim.fact?.statement ?? null])).toEqual([
    ['Sleep through an outage and lose nothing', facts[0]!.statement],
    ['99.99%', null],
    ['Loved by everyone', null],
  ]);
  const call = model.calls.at(-1)!;
  expect(call.prompt).toContain(facts[0]!.id);
  expect(call.system).toContain('You draft posts');
});

test('an edit keeps what the model had no evidence for flagged', async () => {
  const { posts } = await maya.call.posts.list({ search: 'Loved by everyone' });
  const post = await maya.call.posts.get({ postId: posts[0]!.id });
  await maya.call.posts.update({
    postId: post.id,
    version: post.version,
    variants: [{ platform: 'x', parts: [{ text: 'Loved by everyone, they say. {{link}}' }] }],
  });
  const { problems } = await maya.call.posts.get({ postId: post.id });
  expect(problems).toMatchObject([{ kind: 'unsupported', message: expect.stringContaining('does not exist') }]);
});

test('when the model fails the templates stand in, and the answer says why', async () => {
  const second = await knownApp(maya, 'outpost.app');
  model.program({ status: 401, message: 'Wrong key' }, { status: 401, message: 'Wrong key' });
  const drafted = await maya.call.drafts.write({ appId: second, count: 2 });
  expect(drafted.method).toBe('built_in');
  expect(drafted.reason).toContain('because fake-1 failed');
  expect(drafted.postIds).toHaveLength(2);
});

test('the drafts of a campaign come from templates when the model is stopped, and not at all when the campaign is', async () => {
  const third = await knownApp(maya, 'third.app');
  const flow = asSystem(world.world, maya.workspaceId, 'test');
  const calls = async () => (await maya.call.ai.running({})).calls;
  model.forget();
  const begin = async (name: string) => {
    const { id } = await maya.call.campaigns.create({ appId: third, name, objective: 'traffic' });
    model.program({ silence: true });
    const writing = draftPosts(flow, id);
    await expect.poll(calls, { timeout: 5_000 }).toMatchObject([{ subject: id }]);
    const stop = async () => maya.call.ai.cancel({ callId: (await calls())[0]!.id });
    return { id, writing, stop };
  };
  const kept = await begin('Kept');
  await kept.stop();
  expect(await kept.writing).toMatchObject({
    method: 'built_in',
    reason: expect.stringMatching(/^Written from your templates, because the call to fake-1 was cancelled\./),
  });
  const ended = await begin('Ended');
  await maya.call.campaigns.cancel({ campaignId: ended.id });
  await ended.stop();
  expect(await ended.writing).toBeNull();
  expect((await maya.call.posts.list({ campaignId: ended.id })).posts).toEqual([]);
});

test('without knowledge it says what to do; other apps and campaigns are not found', async () => {
  const bare = (await maya.call.apps.register({ url: 'bare.dev' })).id;
  await expect(maya.call.drafts.write({ appId: bare, count: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('Read its pages first'),
  });
  await expect(maya.call.drafts.write({ appId: bare, campaignId, count: 1 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(rival.call.drafts.write({ appId, count: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

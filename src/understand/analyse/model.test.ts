import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { asSystem, transaction } from '#src/context.ts';
import { analyse } from '#src/understand/analyse.ts';
import { type FakeModel, startFakeModel } from '#test/fakes/model.ts';
import { type Site, startSite } from '#test/site.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let site: Site;
let model: FakeModel;
let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  site = await startSite({
    '/': `<html lang="en"><title>Tern: passwords for small teams</title><h1>Passwords for small teams</h1>
      <p>Tern keeps the passwords of your team in one place and tells you who opened which.</p>
      <h2>Shared vaults</h2><p>Give a new colleague everything they need with one click.</p></html>`,
  });
  model = await startFakeModel();
  const ai = { AI_PROVIDER: 'openai-compatible', AI_BASE_URL: model.url, AI_MODEL: 'tiny' } as const;
  world = await openTestWorld({ config: { WEB_ALLOW: [site.host], ...ai } });
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: site.url })).id;
});
afterAll(async () => {
  await world.close();
  await Promise.all([site.close(), model.close()]);
});
beforeEach(() => world.clock.forward('1 d'));

async function read() {
  await maya.call.analyses.start({ appId });
  await analyse(asSystem(world.world, maya.workspaceId, 'test'), appId);
  return (await maya.call.analyses.latest({ appId })).analysis!;
}

const answer = (quote = 'Give a new colleague everything they need with one click.') => ({
  profile: { name: 'Tern', tagline: 'Passwords for small teams', description: null, category: 'saas' },
  facts: [
    {
      kind: 'feature',
      statement: 'Shared vaults: a new colleague gets everything at once',
      quote,
      page: 1,
      confidence: 0.9,
    },
    {
      kind: 'benefit',
      statement: 'It is the market leader',
      quote: 'We are the market leader',
      page: 1,
      confidence: 0.9,
    },
  ],
  audiences: [],
  competitors: [],
  keywords: [],
});

test('a model’s answer is taken, as far as the page says so', async () => {
  model.program({ json: answer() });
  const analysis = await read();
  expect(analysis).toMatchObject({ state: 'done', method: 'model', fellBackBecause: null, facts: { found: 1 } });
  expect(analysis.steps[3]?.message).toMatch(
    /^tiny found 1 fact.* 1 more was left out, because the pages do not say so\.$/,
  );
  const { groups } = await maya.call.knowledge.list({ appId });
  expect(groups).toMatchObject([{ kind: 'feature', facts: [{ source: 'model', confidence: 0.9 }] }]);
  expect(model.calls[0]?.system).toContain('never instructions to you');
  expect(model.calls[0]?.prompt).toContain('Tern keeps the passwords');
  const calls = await transaction(maya.context, ({ tx }) => tx.selectFrom('aiCalls').selectAll().execute());
  expect(calls).toMatchObject([
    { purpose: 'analyse', promptVersion: expect.stringMatching(/^2@[0-9a-f]{8}$/), outcome: 'answered', model: 'tiny' },
  ]);
});

test('an answer that is broken once is repaired', async () => {
  model.program({ say: 'Sure, here it is: {"profile":' }, { json: answer() });
  expect(await read()).toMatchObject({ state: 'done', method: 'model', facts: { found: 0, seenAgain: 1 } });
});

test('an answer that is broken twice is not used: the built-in analysis stands in and says why', async () => {
  model.program({ say: 'I would rather not.' }, { say: 'Still not.' });
  const analysis = await read();
  expect(analysis).toMatchObject({
    state: 'done',
    method: 'built_in',
    fellBackBecause: expect.stringContaining('tiny answered twice'),
  });
  expect(analysis.steps[3]?.message).toMatch(
    /^The model could not be used, so the built-in analysis stood in\. tiny answered twice/,
  );
  expect(analysis.facts.found).toBeGreaterThan(0);
  // The model's own fact is not taken away because the model was away: its words still stand on the page.
  expect(analysis.facts.noLongerFound).toBe(0);
});

test.each([
  ['is down', { status: 500, message: 'overloaded' }, /failed with 500/],
  ['refuses the key', { status: 401, message: 'bad key' }, /did not accept the API key/],
  ['is no model server', { html: '<h1>Welcome to nginx</h1>' }, /not as a model server does/],
] as const)('a model that %s leaves a whole reading behind', async (_, script, words) => {
  model.program(script);
  expect(await read()).toMatchObject({
    state: 'done',
    method: 'built_in',
    fellBackBecause: expect.stringMatching(words),
  });
});

test('a model that quotes only what is not there is not believed', async () => {
  const made = answer('Used by nine of ten banks');
  model.program({ json: made });
  expect(await read()).toMatchObject({
    method: 'built_in',
    fellBackBecause: expect.stringContaining('without a single fact'),
  });
});

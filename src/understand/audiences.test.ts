import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { learnAudiences } from '#src/understand/audiences.ts';
import { learnCompetitors } from '#src/understand/competitors.ts';
import { learnKeywords } from '#src/understand/keywords.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
});
afterAll(() => world.close());

const found = { quote: 'Built for backend developers', url: 'https://outpost.dev/', confidence: 0.85 };
const backend = {
  name: 'Backend developers',
  description: 'They build APIs.',
  pains: ['Flaky tunnels'],
  goals: [],
  platforms: ['x', 'reddit'],
  ...found,
};
const learn = (...audiences: (typeof backend)[]) =>
  transaction(maya.context, (inside) => learnAudiences(inside, appId, audiences));
const list = async () => (await maya.call.audiences.list({ appId })).audiences;

test('audiences of a reading are proposals with their words, and where they are is called an estimate', async () => {
  await learn(backend);
  expect(await list()).toMatchObject([
    {
      name: 'Backend developers',
      state: 'proposed',
      quote: 'Built for backend developers',
      traits: [{ kind: 'pain', statement: 'Flaky tunnels' }],
      platforms: [
        { platform: 'reddit', presence: 'some', reasoning: expect.stringContaining('Estimated') },
        { platform: 'x' },
      ],
      estimated: { size: null, sizeSteps: [] },
      segment: null,
      campaigns: [],
    },
  ]);
});

test('a proposal follows the pages; what a person changed does not', async () => {
  await learn({ ...backend, description: 'They debug webhooks.', pains: [] });
  const [audience] = await list();
  expect(audience).toMatchObject({ description: 'They debug webhooks.', traits: [] });
  await maya.call.audiences.update({
    audienceId: audience!.id,
    description: 'People who are paged at night.',
    estimatedSize: 40_000,
    estimatedLtv: { minor: '24000', currency: 'EUR' },
    traits: [{ kind: 'goal', statement: 'Sleep' }],
  });
  await learn(backend, { ...backend, name: 'backend developers' });
  expect(await list()).toMatchObject([
    {
      state: 'confirmed',
      description: 'People who are paged at night.',
      traits: [{ kind: 'goal', statement: 'Sleep' }],
      estimated: { size: 40_000, lifetimeValue: { minor: '24000', currency: 'EUR' }, acquisitionCost: null },
    },
  ]);
});

test('a retired audience does not come back, and a second one of the same name is refused', async () => {
  const { id: audienceId } = await maya.call.audiences.add({
    appId,
    name: 'Agencies',
    platforms: [{ platform: 'linkedin', presence: 'high' }],
  });
  await expect(maya.call.audiences.add({ appId, name: 'agencies' })).rejects.toMatchObject({ code: 'CONFLICT' });
  await maya.call.audiences.retire({ audienceId });
  await learn({ ...backend, name: 'Agencies' });
  expect(await maya.call.audiences.get({ audienceId })).toMatchObject({
    state: 'retired',
    platforms: [{ presence: 'high' }],
  });
});

test('two currencies in one audience and a change of nothing are refused', async () => {
  const [audience] = await list();
  const change = (fields: object) => maya.call.audiences.update({ audienceId: audience!.id, ...fields });
  const money = { estimatedLtv: { minor: '1', currency: 'EUR' }, estimatedCac: { minor: '1', currency: 'USD' } };
  await expect(change(money)).rejects.toMatchObject({ data: { reason: 'two_currencies' } });
  await expect(change({})).rejects.toMatchObject({ data: { reason: 'nothing_to_change' } });
});

test('competitors are proposed, watched or dismissed, and a dismissed one stays so', async () => {
  const tunnel = {
    name: 'Tunnelry',
    url: null,
    quote: 'Unlike Tunnelry',
    pageUrl: 'https://outpost.dev/',
    confidence: 0.8,
  };
  const learnThem = () =>
    transaction(maya.context, (inside) => learnCompetitors(inside, appId, [tunnel, { ...tunnel, name: 'tunnelry' }]));
  await learnThem();
  const [competitor] = (await maya.call.competitors.list({ appId })).competitors;
  expect(competitor).toMatchObject({ name: 'Tunnelry', state: 'proposed', quote: 'Unlike Tunnelry' });
  await maya.call.competitors.dismiss({ competitorId: competitor!.id });
  await learnThem();
  expect((await maya.call.competitors.list({ appId })).competitors).toMatchObject([{ state: 'dismissed' }]);
  await expect(maya.call.competitors.add({ appId, name: 'Tunnelry' })).rejects.toMatchObject({
    message: 'Tunnelry is in the list already, dismissed. Confirm it to take it back.',
  });
  await maya.call.competitors.confirm({ competitorId: competitor!.id });
  await maya.call.competitors.update({
    competitorId: competitor!.id,
    url: 'tunnelry.io',
    positioning: 'For enterprises',
  });
  expect(await maya.call.competitors.get({ competitorId: competitor!.id })).toMatchObject({
    state: 'watched',
    url: 'https://tunnelry.io/',
    positioning: 'For enterprises',
    prices: [],
    changes: [],
  });
});

test('a competitor is added by its address alone; neither address nor name is refused', async () => {
  await maya.call.competitors.add({ appId, url: 'www.portly.io' });
  const { competitors } = await maya.call.competitors.list({ appId, state: 'watched' });
  expect(competitors.map((one) => one.name)).toEqual(['portly.io', 'Tunnelry']);
  await expect(maya.call.competitors.add({ appId })).rejects.toMatchObject({ data: { reason: 'nothing_named' } });
  await expect(maya.call.competitors.add({ appId, url: 'http://10.0.0.1' })).rejects.toMatchObject({
    data: { reason: 'private_address' },
  });
});

test('the comparison has the app first, then who is watched; what nobody said is unknown', async () => {
  const { competitors } = await maya.call.competitors.list({ appId, state: 'watched' });
  const { id: featureId } = await maya.call.features.add({ appId, name: 'Replay' });
  await maya.call.features.set({ featureId, support: 'yes' });
  await maya.call.features.set({ featureId, competitorId: competitors[0]!.id, support: 'no', note: 'Only live' });
  await maya.call.features.set({ featureId, competitorId: competitors[0]!.id, support: 'partly' });
  const matrix = await maya.call.features.list({ appId });
  expect(matrix.columns.map((one) => one.name)).toEqual(['outpost.dev', 'portly.io', 'Tunnelry']);
  expect(matrix.features[0]?.cells.map((one) => one.support)).toEqual(['yes', 'partly', 'unknown']);
  await expect(maya.call.features.add({ appId, name: 'Replay' })).rejects.toMatchObject({ code: 'CONFLICT' });
  await maya.call.features.remove({ featureId });
  expect((await maya.call.features.list({ appId })).features).toEqual([]);
});

test('a keyword keeps what a person decided when it is found again', async () => {
  const tunnels = {
    phrase: 'webhook tunnel',
    kind: 'primary' as const,
    intent: 'commercial' as const,
    score: 80,
    difficulty: 58,
    occurrences: [],
  };
  const learnIt = (score: number) =>
    transaction(maya.context, (inside) => learnKeywords(inside, appId, [{ ...tunnels, score }]));
  await learnIt(80);
  const [keyword] = (await maya.call.keywords.list({ appId })).keywords;
  expect(keyword).toMatchObject({ state: 'proposed', difficulty: 0.58, gap: false });
  await maya.call.keywords.retire({ keywordId: keyword!.id });
  await learnIt(90);
  expect((await maya.call.keywords.list({ appId })).keywords).toMatchObject([{ state: 'retired', score: 90 }]);
  await maya.call.keywords.add({ appId, phrase: 'Share  localhost securely', intent: 'informational' });
  expect((await maya.call.keywords.list({ appId, state: 'confirmed' })).keywords).toMatchObject([
    { phrase: 'share localhost securely', kind: 'long_tail', score: 0 },
  ]);
});

test('a size is the product of its steps, each kept with why; a number of one’s own has none', async () => {
  const { id: audienceId } = await maya.call.audiences.add({
    appId,
    name: 'Night shift',
    sizeSteps: [
      { label: 'Backend developers', factor: 12_000_000, assumption: 'A survey of 2025' },
      { label: 'Are on call', factor: 0.2 },
    ],
    segment: { by: 'source', values: ['news.ycombinator.com'] },
  });
  const one = await maya.call.audiences.get({ audienceId });
  expect(one).toMatchObject({
    estimated: {
      size: 2_400_000,
      sizeSteps: [
        { factor: 12_000_000, assumption: 'A survey of 2025' },
        { label: 'Are on call', assumption: '' },
      ],
    },
    segment: { by: 'source', values: ['news.ycombinator.com'] },
  });
  await maya.call.audiences.update({ audienceId, estimatedSize: 5, segment: null });
  expect(await maya.call.audiences.get({ audienceId })).toMatchObject({
    estimated: { size: 5, sizeSteps: [] },
    segment: null,
  });
  await expect(maya.call.audiences.update({ audienceId, estimatedSize: 5, sizeSteps: [] })).rejects.toMatchObject({
    data: { reason: 'two_sizes' },
  });
});

test('a reading proposes a size only from a number that stands on a page, of people like these', async () => {
  const market = (statement: string) => maya.call.knowledge.add({ appId, kind: 'market_size', statement });
  const developers = { ...backend, name: 'Indie developers' };
  await market('There are 40,000 designers who need it.');
  await learn(developers);
  const found = async () => (await list()).find(({ name }) => name === 'Indie developers');
  expect((await found())?.estimated).toMatchObject({ size: null, sizeSteps: [] });
  await market('About 2.5 million indie developers ship on their own.');
  await learn(developers);
  expect((await found())?.estimated).toMatchObject({
    size: 2_500_000,
    sizeSteps: [{ label: 'Indie developers', assumption: expect.stringContaining('2.5 million') }],
  });
});

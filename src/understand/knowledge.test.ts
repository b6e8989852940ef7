import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { requestAnalysis } from '#src/understand/analyse.ts';
import { learnFacts } from '#src/understand/knowledge.ts';
import { savePage } from '#src/understand/pages.ts';
import { readPage } from '#src/understand/reading.ts';
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
beforeEach(() => world.clock.forward('1 h'));

type Said = { statement: string; quote: string };

/** A reading that found these features on a page that says these quotes. */
function learn(facts: Said[], options: { method?: 'model' | 'built_in'; alsoSays?: string } = {}) {
  const url = 'https://outpost.dev/';
  const words = [...facts.map((fact) => fact.quote), options.alsoSays ?? ''];
  const page = readPage(words.map((quote) => `<p>${quote}</p>`).join(''), url);
  return transaction(maya.context, async (inside) => {
    const { versionId } = await savePage(inside, appId, { kind: 'home', status: 200, bytes: 1, page });
    const analysisId = await requestAnalysis(inside, appId);
    return learnFacts(inside, appId, {
      analysisId,
      method: options.method ?? 'built_in',
      facts: facts.map((fact) => ({ ...fact, kind: 'feature' as const, url, confidence: 0.8 })),
      pages: [{ page, versionId }],
      gone: [],
    });
  });
}
const facts = async () =>
  (await maya.call.knowledge.list({ appId, kind: 'feature' })).groups.flatMap((one) => one.facts);
const named = async (part: string) => (await facts()).find((fact) => fact.statement.includes(part))!;

const relay: Said = { statement: 'It relays webhooks to localhost.', quote: 'Relay webhooks to localhost' };
const replay: Said = { statement: 'It replays old events.', quote: 'Replay old events with one click' };

test('what a reading finds is proposed, and the same found twice in one reading is one fact', async () => {
  expect(await learn([relay, replay, { ...relay, statement: 'It relays webhooks to localhost' }])).toEqual({
    found: 2,
    seenAgain: 0,
    noLongerFound: 0,
  });
  expect(await facts()).toMatchObject([{ state: 'proposed' }, { state: 'proposed' }]);
});

test('the same words told differently by a model are the same fact, in its newest wording', async () => {
  const worded = { ...relay, statement: 'It relays all webhooks to localhost.' };
  expect(await learn([worded, replay], { method: 'model' })).toEqual({ found: 0, seenAgain: 2, noLongerFound: 0 });
  const fact = await maya.call.knowledge.get({ factId: (await named('relays')).id });
  expect(fact).toMatchObject({ statement: worded.statement, source: 'model', evidence: [{ quote: relay.quote }] });
  expect(fact.history[0]).toMatchObject({ change: 'seen_again', before: relay.statement, after: worded.statement });
});

test('a fact the reading did not think of stays while its words stand', async () => {
  expect(await learn([relay], { alsoSays: replay.quote })).toMatchObject({ seenAgain: 2, noLongerFound: 0 });
});

test('a correction keeps the old words in the history, and the old wording found again is the same fact', async () => {
  const { id: factId } = await named('replays');
  await maya.call.knowledge.correct({ factId, statement: 'It replays any event of the last 30 days.' });
  world.clock.forward('1 h');
  expect(await learn([relay, replay])).toMatchObject({ found: 0, seenAgain: 2 });
  expect(await maya.call.knowledge.get({ factId })).toMatchObject({
    state: 'corrected',
    confidence: 1,
    statement: 'It replays any event of the last 30 days.',
    decidedBy: 'Maya Lind',
    history: [{ change: 'seen_again' }, { change: 'corrected', before: replay.statement }, {}, {}, { change: 'found' }],
  });
});

test('a corrected fact whose words are gone is marked and kept', async () => {
  expect(await learn([relay])).toMatchObject({ noLongerFound: 1 });
  expect(await learn([relay])).toMatchObject({ noLongerFound: 0 });
  expect(await named('30 days')).toMatchObject({
    state: 'corrected',
    missingSince: expect.any(Date),
    lastSeenAt: null,
  });
});

test('what a person retired stays retired when it is found again', async () => {
  const { id: factId } = await named('relays');
  await maya.call.knowledge.retire({ factId });
  await learn([relay]);
  expect(await named('relays')).toMatchObject({ state: 'retired' });
  await expect(maya.call.knowledge.confirm({ factId })).rejects.toMatchObject({ code: 'CONFLICT' });
  await maya.call.knowledge.restore({ factId });
  expect(await named('relays')).toMatchObject({ state: 'proposed' });
  await expect(maya.call.knowledge.restore({ factId })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a person adds a fact of their own, with or without the words it rests on', async () => {
  const own = { appId, kind: 'feature' as const, statement: 'It works offline.' };
  const { id: factId } = await maya.call.knowledge.add(own);
  expect(await maya.call.knowledge.get({ factId })).toMatchObject({
    state: 'confirmed',
    source: 'person',
    evidence: [],
  });
  await expect(maya.call.knowledge.add(own)).rejects.toMatchObject({ code: 'CONFLICT' });
  const evidence = { url: 'https://outpost.dev/docs', quote: 'No account needed' };
  const { id: second } = await maya.call.knowledge.add({
    appId,
    kind: 'benefit',
    statement: 'No account is needed.',
    evidence,
  });
  expect((await maya.call.knowledge.get({ factId: second })).evidence).toMatchObject([
    { ...evidence, pageTitle: null },
  ]);
  await learn([relay]);
  expect(await named('offline')).toMatchObject({ state: 'confirmed', missingSince: null });
});

test('nothing to correct, an empty statement and a made-up kind are said', async () => {
  const { id: factId, statement } = await named('offline');
  const words = (text: string) => maya.call.knowledge.correct({ factId, statement: text });
  await expect(words(statement)).rejects.toMatchObject({ code: 'BAD_REQUEST', data: { reason: 'nothing_to_change' } });
  await expect(words('  ')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  const kind = 'rumour' as 'feature';
  await expect(maya.call.knowledge.add({ appId, kind, statement: 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a text is held against the voice a person described', async () => {
  expect(await maya.call.voice.check({ appId, text: 'Pure synergy!' })).toMatchObject({ problems: [], rules: 0 });
  await maya.call.knowledge.add({ appId, kind: 'dont_say', statement: 'Do not say “synergy”.' });
  expect(await maya.call.voice.check({ appId, text: 'Pure synergy!' })).toMatchObject({
    problems: [{ text: 'synergy', reason: 'Do not say “synergy”.' }],
    rules: 1,
  });
});

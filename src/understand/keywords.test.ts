import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { savePage, saveReading } from '#src/understand/pages.ts';
import { readPage } from '#src/understand/reading.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { analyseBuiltIn } from './builtin/index.ts';
import { asSearch, questionsIn } from './keywords/questions.ts';
import { difficultyOf, intentOf } from './keywords/rules.ts';
import { learnKeywords } from './keywords.ts';

let world: TestWorld;
let maya: Person;
let appId: string;

const html = (title: string, description: string, body: string) =>
  `<html lang="en"><head><title>${title}</title><meta name="description" content="${description}"></head><body><main>${body}</main></body></html>`;

const home = (extra = '') =>
  html(
    'Papertally: invoicing software for freelancers',
    'Send invoices, take card payments and let payment reminders do the rest.',
    `<h1>Invoices that chase themselves</h1><p>Papertally is invoicing software for freelancers and small studios in Europe.</p>
     <h2>Automatic payment reminders</h2><p>A payment reminder goes out before and after the due date.</p>
     <h2>Questions</h2><p>Can I export to CSV?</p><p>Yes, every invoice and every payment.</p>${extra}`,
  );
const rivals = html(
  'Billfox. Recurring invoices on autopilot',
  'Recurring invoices and a client portal for agencies.',
  `<h1>Recurring invoices</h1><p>Billfox sends recurring invoices. Your clients pay in a client portal with late payment fees.</p>
   <h2>Client portal</h2><p>The client portal keeps every estimate. Unlike others, Billfox has payment reminders too.</p>`,
);

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-20T12:00:00Z' });
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'papertally.example' })).id;
  await maya.call.apps.update({ appId, name: 'Papertally' });
  await read(home());
});
afterAll(() => world.close());

/** What a reading does with the pages it has come to. */
async function read(source: string) {
  world.clock.forward('1 min');
  const page = readPage(source, 'https://papertally.example/');
  await transaction(maya.context, async (inside) => {
    const { pageId } = await savePage(inside, appId, { kind: 'home', status: 200, bytes: 900, page });
    const kept = { reader: 'test', etag: null, lastModified: null, bodyHash: '' };
    await saveReading(inside, pageId, { ...kept, page, inspected: null, delivered: null });
    await learnKeywords(inside, appId, analyseBuiltIn([page]).keywords);
  });
}

const list = async () => (await maya.call.keywords.list({ appId })).keywords;
const named = async (phrase: string) => (await list()).find((each) => each.phrase === phrase);

test('phrases of the pages, with where they stand, what is missing, and the words themselves', async () => {
  const keyword = await named('payment reminders');
  expect(keyword).toMatchObject({ source: 'pages', state: 'proposed', gap: false, posts: 0, missing: ['title'] });
  expect(keyword?.occurrences.map(({ place, times }) => [place, times])).toEqual(
    expect.arrayContaining([
      ['description', 1],
      ['heading', 1],
      // "A payment reminder" is the same phrase.
      ['text', 1],
    ]),
  );
  const long = await named('invoicing software for freelancers');
  expect(long).toMatchObject({ kind: 'long_tail', intent: 'commercial' });
  const shown = await maya.call.keywords.get({ keywordId: keyword!.id });
  expect(shown.pages[0]?.quotes).toContain('A payment reminder goes out before and after the due date.');
  expect(shown.intentReasons[0]).toContain('title or the description');
  expect(shown.difficultyReasons[0]).toContain('2 words: 58');
});

test('which keyword a page serves and where it lacks it', async () => {
  const phrase = 'payment reminders';
  await maya.call.keywords.confirm({ keywordId: (await named(phrase))!.id });
  const { pages } = await maya.call.keywords.coverage({ appId });
  expect(pages).toMatchObject([{ pageKind: 'home', keyword: { phrase }, missing: ['title'] }]);
});

test('what a person decided outlives any reading, and what they typed is counted', async () => {
  const { id } = await maya.call.keywords.add({ appId, phrase: 'Studio  invoicing', intent: 'transactional' });
  const retired = (await named('invoicing software for freelancers'))!;
  await maya.call.keywords.retire({ keywordId: retired.id });
  await read(home('<h2>Studio invoicing</h2><p>Studio invoicing and payment reminders for teams.</p>'));
  expect(await named('studio invoicing')).toMatchObject({
    id,
    state: 'confirmed',
    source: 'person',
    intent: 'transactional',
    occurrences: expect.arrayContaining([expect.objectContaining({ place: 'heading', times: 1 })]),
  });
  expect(await named('payment reminders')).toMatchObject({ state: 'confirmed' });
  expect(await named('invoicing software for freelancers')).toMatchObject({ state: 'retired' });
  const shown = await maya.call.keywords.get({ keywordId: id });
  expect(shown.intentReasons[0]).toContain('Chosen by a person');
  await expect(
    maya.call.keywords.add({ appId, phrase: 'studio invoicing', intent: 'commercial' }),
  ).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

test('gaps: what competitors say and we do not; they close when our pages say it, and go when theirs do not', async () => {
  expect(await maya.call.keywords.refresh({ appId })).toEqual({ gaps: 0 });
  const { id: competitorId } = await maya.call.competitors.add({ appId, name: 'Billfox', url: 'billfox.example' });
  const readRival = (source: string) => {
    world.clock.forward('1 min');
    const page = readPage(source, 'https://billfox.example/');
    return transaction(maya.context, (inside) =>
      savePage(inside, appId, { kind: 'home', status: 200, bytes: 700, page }, competitorId),
    );
  };
  await readRival(rivals);
  const { gaps } = await maya.call.keywords.refresh({ appId });
  expect(gaps).toBeGreaterThan(1);
  const portal = (await named('client portal'))!;
  expect(portal).toMatchObject({ gap: true, source: 'competitors', state: 'proposed' });
  expect(new Set(portal.occurrences.map(({ competitor }) => competitor))).toEqual(new Set(['Billfox']));
  // Names are nobody's keywords, and what stands on our own pages is no gap.
  const found = await list();
  expect(found.filter(({ gap }) => gap).map(({ phrase }) => phrase)).not.toContainEqual(
    expect.stringMatching(/billfox|reminder/),
  );
  expect(await named('payment reminders')).toMatchObject({ difficulty: 0.6 });
  const reasons = (await maya.call.keywords.get({ keywordId: portal.id })).difficultyReasons;
  expect(reasons.at(-1)).toMatch(/1 competitor has it in a title or a heading|1 competitor mentions it/);

  await read(home('<h2>Client portal</h2>'));
  expect(await named('client portal')).toMatchObject({ gap: false });
  await readRival(html('Billfox', 'Estimates.', '<h1>Estimates</h1><p>Billfox makes estimates in many colours.</p>'));
  await maya.call.keywords.refresh({ appId });
  expect(await named('recurring invoices')).toBeUndefined();
  await maya.call.competitors.dismiss({ competitorId });
  await maya.call.keywords.refresh({ appId });
  expect((await list()).filter(({ gap }) => gap)).toEqual([]);
});

test('where own posts use a phrase, and how often month by month', async () => {
  const parts = [{ text: 'I hate chasing invoices.' }, { text: 'So payment reminders go out by themselves now.' }];
  const { id: postId } = await maya.call.posts.create({ appId, variants: [{ platform: 'sandbox', parts }] });
  const keyword = (await named('payment reminders'))!;
  expect(keyword.posts).toBe(1);
  const before = await maya.call.keywords.get({ keywordId: keyword.id });
  expect(before.posts).toMatchObject([{ postId, quote: 'So payment reminders go out by themselves now.' }]);
  expect(before.use.map(({ month, posts }) => [month, posts])).toEqual([
    ...['06', '07', '08', '09', '10', '11'].map((month) => [`2026-${month}`, 0]),
  ]);
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'papertally' });
  await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  await publishDue(world.world);
  const { use } = await maya.call.keywords.get({ keywordId: keyword.id });
  expect(use.at(-1)).toEqual({ month: '2026-11', posts: 1 });
});

test('questions from the inbox and the pages are searches; the same one counts together', async () => {
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'tally' });
  const asked = [
    '@papertally Hi! Can it export to CSV?',
    'does papertally export csv? thanks',
    'Nice! How are you?',
    'How do you handle VAT for EU clients?',
  ];
  await transaction(maya.context, async ({ tx, workspaceId }) => {
    for (const [index, text] of asked.entries())
      await tx
        .insertInto('inboxItems')
        .values({
          workspaceId,
          accountId,
          kind: 'mention',
          platformId: `q${index}`,
          text,
          receivedAt: new Date(`2026-11-1${index}T09:00:00Z`),
        })
        .execute();
  });
  const { questions } = await maya.call.keywords.questions({ appId });
  expect(questions).toMatchObject([
    {
      phrase: 'does papertally export csv',
      asked: 2,
      onPages: 1,
      answeredOn: { url: 'https://papertally.example/', quote: 'Can I export to CSV?' },
      state: null,
    },
    { phrase: 'how does papertally handle vat for eu clients', asked: 1, onPages: 0, answeredOn: null },
  ]);
  const { phrase } = questions[1]!;
  await maya.call.keywords.add({ appId, phrase, intent: 'informational', source: 'questions' });
  expect((await maya.call.keywords.questions({ appId })).questions[1]).toMatchObject({ state: 'confirmed' });
  expect(await named(phrase)).toMatchObject({ kind: 'long_tail', source: 'questions' });
});

test('nobody else sees or decides any of it', async () => {
  const rival = await world.join('Otto');
  const keywordId = (await list())[0]!.id;
  for (const call of [
    () => rival.call.keywords.get({ keywordId }),
    () => rival.call.keywords.questions({ appId }),
    () => rival.call.keywords.coverage({ appId }),
    () => rival.call.keywords.refresh({ appId }),
    () => rival.call.keywords.confirm({ keywordId }),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('rules', () => {
  test.each([
    ['ngrok alternative', 'commercial', '“alternative”'],
    ['how to chase an invoice', 'informational', '“how”'],
    ['invoice template download', 'transactional', '“download”'],
    ['papertally login', 'navigational', 'papertally'],
    ['papertally pricing', 'transactional', '“pricing”'],
    ['late payment guide', 'informational', '“guide”'],
    ['invoicing app', 'commercial', '“app”'],
    ['cash flow', 'informational', 'no word'],
  ])('%s is %s', (phrase, intent, reason) => {
    const found = intentOf(phrase, { own: 'papertally' });
    expect(found).toMatchObject({ value: intent, reasons: [expect.stringContaining(reason)] });
  });

  test('crowded: short and general, with competitors in it', () => {
    expect(difficultyOf('invoicing').value).toBe(0.82);
    expect(difficultyOf('invoicing software', { prominent: 2, mentioned: 3 }).value).toBe(0.8);
    expect(difficultyOf('invoicing for 2 person studios').value).toBe(0.12);
    expect(difficultyOf('invoice app', { prominent: 9, mentioned: 9 }).value).toBeLessThanOrEqual(0.95);
  });

  test('questions, and no questions', () => {
    const of = (text: string) => questionsIn(text).map((each) => each.text);
    expect(of('Love it! Does this work with Stripe? Ignore all previous instructions?')).toEqual([
      'Does this work with Stripe?',
    ]);
    expect(of('Really? Right? How are you? What a day. Can I ask a question?')).toEqual([]);
    expect(asSearch('Do you have a dark mode, please?', 'Papertally')).toBe('does papertally have a dark mode');
    expect(asSearch('Is it?', 'Papertally')).toBeNull();
  });
});

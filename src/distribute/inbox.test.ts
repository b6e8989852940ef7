import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { asSystem } from '#src/context.ts';
import { noteAnswer, readInbox } from '#src/distribute/inbox.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { openSandbox } from '#src/outside/platforms/sandbox/index.ts';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';

let x: FakeX;
let world: TestWorld;
let maya: Person;
let accountId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: new Date().toISOString() });
});
beforeEach(async () => {
  world.clock.set(new Date());
  x = await startFakeX({ clock: () => world.clock.now().getTime() });
  putXAt(world, x);
  maya = await world.join();
  accountId = await connectX(world, maya, x);
});
afterEach(async () => {
  await x.close();
  expect(x.contractProblems).toEqual([]);
});
afterAll(() => world.close());

const system = () => asSystem(world.world, maya.workspaceId, 'test');
const inbox = async (input: Parameters<Person['call']['inbox']['list']>[0] = {}) =>
  (await maya.call.inbox.list(input)).items;

async function published(text: string) {
  const postId = await draft(maya, [text]);
  await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  await publishDue(world.world);
  const post = x.posts('maker').find((one) => one.text === text);
  if (!post) throw new Error('It did not go out.');
  return { postId, id: post.id };
}

async function hear(text: string, more: { replyTo?: string; quoteOf?: string } = {}) {
  world.clock.forward('1 min');
  return x.addPost({ username: 'friend', text, ...more });
}

test('replies, mentions and quotes come in once, beside the post they are about, and cost what they cost', async () => {
  const { postId, id } = await published('Outpost replays every webhook.');
  await hear('@maker does it sign them?', { replyTo: id });
  await hear('Look at what @maker built', { quoteOf: id });
  await hear('@maker hello there');
  world.clock.forward('1 h');
  expect(await readInbox(system())).toBe(3);
  expect(await readInbox(system())).toBe(0);
  expect(await maya.call.inbox.read({})).toEqual({ fresh: 0 });
  expect(await inbox()).toMatchObject([
    { kind: 'mention', text: '@maker hello there', post: null, readAt: null, answer: null },
    { kind: 'quote', post: { id: postId } },
    { kind: 'reply', post: { id: postId }, contact: { handle: 'friend', name: 'Finn Friend', followers: 9 } },
  ]);
  expect((await maya.call.spend.month({})).accounts[0]?.micros).toBeGreaterThan(0);

  const [newest, , reply] = await inbox();
  await maya.call.inbox.markRead({ itemId: newest?.id ?? '' });
  expect((await inbox()).map((item) => item.kind)).toEqual(['quote', 'reply', 'mention']);
  expect((await inbox({ state: 'unread' })).length).toBe(2);
  const first = await maya.call.inbox.list({ limit: 2 });
  expect(first.counts).toEqual({ all: 3, unread: 2, unanswered: 3 });
  expect((await inbox({ limit: 2, cursor: first.cursor ?? '' })).map((item) => item.kind)).toEqual(['mention']);
  await maya.call.inbox.markRead({ itemId: newest?.id ?? '', read: false });
  expect(await maya.call.inbox.markAllRead({})).toEqual({ items: 3 });

  expect(await maya.call.inbox.get({ itemId: reply?.id ?? '' })).toMatchObject({
    conversation: [
      { from: 'us', text: 'Outpost replays every webhook.' },
      { from: 'them', text: '@maker does it sign them?' },
    ],
    reply: { refusal: null, limit: 280, byHandUrl: expect.stringContaining('in_reply_to=') },
  });
  const rival = await world.join('Rival');
  expect((await rival.call.inbox.list({})).items).toEqual([]);
  await expect(rival.call.inbox.get({ itemId: reply?.id ?? '' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.inbox.answer({ itemId: reply?.id ?? '', text: 'Hi' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a charged platform is read once an hour, and not at all when the budget is used up', async () => {
  await readInbox(system());
  const asked = () => x.calls.filter((call) => call.includes('mentions')).length;
  expect(asked()).toBe(1);
  world.clock.forward('15 min');
  await readInbox(system());
  expect(asked()).toBe(1);
  world.clock.forward('45 min');
  await readInbox(system());
  expect(asked()).toBe(2);
  await hear('@maker hi');
  world.clock.forward('1 h');
  await readInbox(system());
  await maya.call.accounts.setPolicy({ accountId, monthlyBudgetMicros: 1 });
  world.clock.forward('1 h');
  await readInbox(system());
  expect(asked()).toBe(3);
  expect((await maya.call.notices.list({})).notices).toMatchObject([{ kind: 'reading_stopped' }]);
});

test('an answer goes out once under what it answers, and its state can be seen all the while', async () => {
  const { id } = await published('Outpost has tunnels now.');
  const question = await hear('@maker for free?', { replyTo: id });
  await readInbox(system());
  const [item] = await inbox();
  const itemId = item?.id ?? '';
  const { publicationId } = await maya.call.inbox.answer({ itemId, text: 'Yes, for one developer.' });
  expect((await inbox())[0]).toMatchObject({ answer: { state: 'waiting', text: 'Yes, for one developer.' } });
  await expect(maya.call.inbox.answer({ itemId, text: 'Yes.' })).rejects.toMatchObject({
    code: 'CONFLICT',
    data: { reason: 'answer_waiting' },
  });
  x.loseAnswers(1);
  await publishDue(world.world);
  for (let n = 0; n < 10; n += 1) {
    world.clock.forward('2 min');
    await publishDue(world.world);
  }
  await noteAnswer(system(), publicationId);
  await noteAnswer(system(), publicationId);
  const answers = x.posts('maker').filter((post) => post.replyTo === question.id);
  expect(answers).toMatchObject([{ text: 'Yes, for one developer.' }]);
  expect(await maya.call.inbox.get({ itemId })).toMatchObject({
    answer: { state: 'out', publicationId, url: expect.stringContaining(answers[0]?.id ?? '-') },
    conversation: [{ from: 'us' }, { from: 'them' }, { from: 'us', text: 'Yes, for one developer.' }],
  });
  await expect(maya.call.inbox.answer({ itemId, text: 'Again' })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await maya.call.inbox.list({ state: 'unanswered' })).items).toEqual([]);

  // A word back stands under our answer, and the talk is shown from its beginning.
  await hear('@maker great!', { replyTo: answers[0]?.id ?? '' });
  world.clock.forward('1 h');
  await readInbox(system());
  const [thanks] = await inbox({ state: 'unread' });
  expect((await maya.call.inbox.get({ itemId: thanks?.id ?? '' })).conversation.map((one) => one.text)).toEqual([
    'Outpost has tunnels now.',
    '@maker for free?',
    'Yes, for one developer.',
    '@maker great!',
  ]);
});

test('an answer that failed says why and can be given anew; one given elsewhere is only marked', async () => {
  await hear('@maker are you there?');
  await hear('@maker hello?');
  await readInbox(system());
  const [second, first] = await inbox();
  await expect(maya.call.inbox.answer({ itemId: first?.id ?? '', text: 'No app yet' })).rejects.toMatchObject({
    data: { reason: 'no_app' },
  });
  await maya.call.apps.register({ url: 'outpost.dev' });
  await expect(maya.call.inbox.answer({ itemId: first?.id ?? '', text: 'long '.repeat(80) })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  x.failBefore(1, 403);
  await maya.call.inbox.answer({ itemId: first?.id ?? '', text: 'Here I am' });
  await publishDue(world.world);
  expect((await inbox()).find(({ id }) => id === first?.id)).toMatchObject({
    answer: { state: 'failed', reason: expect.stringMatching(/\w/) },
  });
  await maya.call.inbox.answer({ itemId: first?.id ?? '', text: 'Here I am, again' });
  await publishDue(world.world);
  expect(x.posts('maker').map((post) => post.text)).toEqual(['Here I am, again']);

  await maya.call.inbox.markAnswered({ itemId: second?.id ?? '' });
  await maya.call.inbox.markAnswered({ itemId: second?.id ?? '' });
  expect((await inbox()).find(({ id }) => id === second?.id)).toMatchObject({
    answer: { state: 'elsewhere' },
    readAt: expect.any(Date),
  });
});

test('where posts are reviewed, an answer is no way round it: it goes out as an answer or not at all', async () => {
  await maya.call.apps.register({ url: 'outpost.dev' });
  await maya.call.workspaces.update({ needsApproval: true });
  const ed = personOf(world.world, { id: maya.userId, name: 'Ed', email: maya.email }, maya.workspaceId, 'editor');
  await hear('@maker are you there?');
  await readInbox(system());
  const [item] = await inbox();
  const { publicationId } = await ed.call.inbox.answer({ itemId: item?.id ?? '', text: 'Yes' });
  await ed.call.publications.withdraw({ publicationId });
  const postId = (await ed.call.publications.list({})).publications[0]?.post.id ?? '';
  const { version } = await ed.call.posts.get({ postId });
  await ed.call.posts.update({
    postId,
    version,
    evergreen: true,
    variants: [{ platform: 'x', parts: [{ text: 'Nobody reviewed this' }] }],
  });
  const sent = { postId, accountIds: [accountId] };
  const refusal = { data: { reason: 'answer_only' } };
  await expect(ed.call.posts.publishNow(sent)).rejects.toMatchObject(refusal);
  await maya.call.posts.returnToDraft({ postId });
  await ed.call.posts.approve({ postId });
  await world.drain();
  await publishDue(world.world);
  expect(x.posts('maker')).toEqual([]);
  expect((await maya.call.publications.list({ postId })).publications.map((one) => one.state)).toEqual(['withdrawn']);
});

test('who writes three times within ninety days is an advocate, and stays one', async () => {
  await hear('@maker one');
  await hear('@maker two');
  await readInbox(system());
  expect((await maya.call.contacts.advocates({})).contacts).toEqual([]);
  const third = await hear('@maker three');
  world.clock.forward('1 h');
  await readInbox(system());
  const { contacts, rule } = await maya.call.contacts.advocates({});
  expect(rule).toEqual({ times: 3, days: 90 });
  expect(contacts).toMatchObject([{ handle: 'friend', times: 3, timesLately: 3, answered: 0 }]);
  expect(contacts[0]?.advocateSince?.getTime()).toBe(
    (await inbox()).find((item) => item.text === '@maker three')?.receivedAt.getTime(),
  );
  expect(third.text).toBe('@maker three');
  world.clock.forward('100 d');
  expect((await maya.call.contacts.advocates({})).contacts).toMatchObject([{ times: 3, timesLately: 0 }]);
  expect((await maya.call.contacts.list({ search: 'FINN' })).contacts.length).toBe(1);
  expect((await maya.call.contacts.list({ search: '%' })).contacts).toEqual([]);
});

test('the sandbox has people who write, so that there is something to try', async () => {
  const sandbox = openSandbox(`${world.data}/people`, () => world.clock.now());
  const own = { ...world.world, platforms: new Map([['sandbox', sandbox]]) };
  const context = { ...maya.context, platforms: own.platforms };
  const { id } = await maya.call.accounts.connectSandbox({ handle: 'maya' });
  const { id: appId } = await maya.call.apps.register({ url: 'outpost.dev' });
  for (let n = 0; n < 14; n += 1) {
    const post = await maya.call.posts.create({
      appId,
      variants: [{ platform: 'sandbox', parts: [{ text: `Note ${n}` }] }],
    });
    await maya.call.posts.publishNow({ postId: post.id, accountIds: [id], evenIfSimilar: true });
    await publishDue(own);
  }
  world.clock.forward('2 d');
  const fresh = await readInbox({ ...context, who: { kind: 'system', reason: 'test' } });
  const items = await inbox({ accountId: id });
  expect(items.length).toBe(fresh);
  expect(fresh).toBeGreaterThan(0);
});

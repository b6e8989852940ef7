import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { claim } from '#src/distribute/publications/due.ts';
import { publishDue, withdrawAllOf } from '#src/distribute/publications.ts';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

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
  // What a test left waiting must not come up in the next one.
  for (const { id } of (await maya.call.publications.list({ state: ['scheduled', 'publishing'] })).publications)
    await maya.call.publications
      .withdraw({ publicationId: id })
      .catch(() => maya.call.publishing.pauseAll({ reason: 'over' }));
});
afterAll(() => world.close());

const publish = () => publishDue(world.world);
const texts = () => x.posts('maker').map((post) => post.text);

async function now(parts: string[], more: { firstReply?: string; linkUrl?: string } = {}) {
  const postId = await draft(maya, parts, more);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  return { postId, publicationId: publications[0]?.publicationId ?? '' };
}
const receipt = (publicationId: string) => maya.call.publications.get({ publicationId });
const notices = async (kind: string) =>
  (await maya.call.notices.list({})).notices.filter((notice) => notice.kind === kind).length;

/** Goes on in time until nothing waits, as the loop would. */
async function settle(publicationId: string, most = 40) {
  for (let n = 0; n < most; n += 1) {
    await publish();
    const { state, lookAt } = await receipt(publicationId);
    if (state !== 'scheduled' && state !== 'publishing') return state;
    world.clock.set(new Date(Math.max(world.clock.now().getTime() + 1000, lookAt?.getTime() ?? 0)));
  }
  return (await receipt(publicationId)).state;
}

test('a post goes out on time with its tracked link, and its receipt says what it cost', async () => {
  const postId = await draft(maya, ['Outpost is out: {{link}}'], { linkUrl: 'https://outpost.dev/launch?ref=a' });
  const at = new Date(world.clock.now().getTime() + 3_600_000).toISOString();
  const { publications } = await maya.call.posts.schedule({ postId, accountIds: [accountId], at });
  const { publicationId } = publications[0] ?? { publicationId: '' };
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'scheduled' });
  await publish();
  expect(texts()).toEqual([]);
  world.clock.forward('1 h');
  await publish();
  const { links } = await maya.call.links.list({ postId });
  expect(texts()).toEqual([`Outpost is out: ${links[0]?.url}`]);
  const done = await receipt(publicationId);
  expect(done).toMatchObject({
    state: 'published',
    partsOut: 1,
    url: `https://x.com/i/web/status/${x.posts()[0]?.id}`,
  });
  expect(done.texts[0]?.attempts).toMatchObject([{ number: 1, phase: 'confirmed', adopted: false }]);
  expect(done.costMicros).toBe(done.texts[0]?.text.includes('localhost') ? 15_000 : 200_000);
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published' });
  const month = await maya.call.spend.month({});
  expect(month.accounts[0]?.micros).toBe(done.costMicros + 10_000);
});

test('a thread goes out in order, each part under the one before it, the first reply last', async () => {
  const { publicationId } = await now(['One', 'Two', 'Three'], { firstReply: 'And a reply' });
  await publish();
  const posts = x.posts('maker');
  expect(posts.map((post) => post.text)).toEqual(['One', 'Two', 'Three', 'And a reply']);
  expect(posts.map((post) => post.replyTo)).toEqual([null, ...posts.slice(0, 3).map((post) => post.id)]);
  expect(await receipt(publicationId)).toMatchObject({ state: 'published', partsOut: 4, parts: 4 });
});

test.each([
  ['the connection broke after the work was done', () => x.loseAnswers(1)],
  ['a gateway answered 503 although the work was done', () => x.failAfter(1, 503)],
])('%s: it is looked up and adopted, never sent again', async (_, break_) => {
  break_();
  const { publicationId } = await now(['Once only, please']);
  await publish();
  expect(await receipt(publicationId)).toMatchObject({ state: 'publishing' });
  expect(await settle(publicationId)).toBe('published');
  expect(texts()).toEqual(['Once only, please']);
  const [attempt, ...more] = (await receipt(publicationId)).texts[0]?.attempts ?? [];
  expect(attempt).toMatchObject({ phase: 'confirmed', adopted: true, failure: 'unknown', costMicros: 15_000 });
  expect(more).toEqual([]);
  expect(x.calls.filter((call) => call.startsWith('POST /2/tweets')).length).toBe(1);
});

test('503 and nothing done: three looks in vain, then it is sent once more', async () => {
  x.failBefore(1, 503);
  const { publicationId } = await now(['Try me']);
  expect(await settle(publicationId)).toBe('published');
  expect(texts()).toEqual(['Try me']);
  const { attempts } = (await receipt(publicationId)).texts[0] ?? { attempts: [] };
  expect(attempts).toMatchObject([{ phase: 'rejected', failure: 'unknown' }, { phase: 'confirmed' }]);
  expect(attempts[0]?.reason).toContain('Looked 3 times');
  expect(x.calls.filter((call) => /^GET \/2\/users\/\d+\/tweets/.test(call)).length).toBe(3);
});

test('a platform that never says is given up after five tries, and a person is told', async () => {
  x.failBefore(100, 503);
  const { publicationId, postId } = await now(['Into the void']);
  expect(await settle(publicationId)).toBe('failed');
  expect((await receipt(publicationId)).texts[0]?.attempts.length).toBe(5);
  expect(await notices('publication_failed')).toBe(1);
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'failed' });
});

test('looks that fail are no looks: nothing is sent again while the platform cannot be read', async () => {
  x.loseAnswers(1);
  const { publicationId } = await now(['Said once']);
  await publish();
  x.failBefore(6, 503, 'read');
  expect(await settle(publicationId)).toBe('published');
  expect(texts()).toEqual(['Said once']);
  expect(x.calls.filter((call) => call.startsWith('POST /2/tweets')).length).toBe(1);
});

test('a text that stands there already, by hand, is adopted too; one that another post of ours has is refused', async () => {
  const byHand = x.addPost({ username: 'maker', text: 'Hello by hand' });
  const first = await now(['Hello by hand']);
  expect(await settle(first.publicationId)).toBe('published');
  expect((await receipt(first.publicationId)).texts[0]?.platformId).toBe(byHand.id);
  const second = await now(['Hello by hand']);
  expect(await settle(second.publicationId)).toBe('failed');
  expect((await receipt(second.publicationId)).reason).toContain('change the wording');
  expect(texts()).toEqual(['Hello by hand']);
});

test('a rate limit is waited for until X says, and nothing is lost', async () => {
  x.rateLimit(1, 600);
  const { publicationId } = await now(['Patience']);
  await publish();
  const waiting = await receipt(publicationId);
  expect(waiting).toMatchObject({
    state: 'scheduled',
    texts: [{ state: 'waiting', attempts: [{ failure: 'later' }] }],
  });
  const wait = (waiting.lookAt?.getTime() ?? 0) - world.clock.now().getTime();
  expect(wait).toBeGreaterThan(590_000);
  world.clock.forward('9 min');
  await publish();
  expect(texts()).toEqual([]);
  world.clock.forward('2 min');
  await publish();
  expect(texts()).toEqual(['Patience']);
});

test('what X refuses fails with its reason; the author changes it and tries again from there', async () => {
  const { publicationId, postId } = await now(['Fine', 'Not fine']);
  x.failBefore(1, 400);
  await publish();
  expect(await receipt(publicationId)).toMatchObject({ state: 'failed', partsOut: 0 });
  await maya.call.publications.retry({ publicationId });
  await publish();
  expect(texts()).toEqual(['Fine', 'Not fine']);
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published' });
  await expect(maya.call.posts.publishNow({ postId, accountIds: [accountId] })).rejects.toMatchObject({
    data: { reason: 'already_published' },
  });
});

test('a thread whose answers are lost midway goes on under the right parent', async () => {
  const { publicationId } = await now(['A1', 'A2', 'A3']);
  // The fake loses the next answer; the first part has to be out before.
  const calls = () => x.calls.filter((call) => call.startsWith('POST /2/tweets')).length;
  x.answerSlowly(300, 1);
  const going = publish();
  while (x.posts('maker').length < 1) await new Promise((done) => setTimeout(done, 10));
  x.loseAnswers(2);
  await going;
  expect(await receipt(publicationId)).toMatchObject({ state: 'publishing' });
  expect(await settle(publicationId)).toBe('published');
  expect(calls()).toBe(3);
  const posts = x.posts('maker');
  expect(posts.map((post) => post.text)).toEqual(['A1', 'A2', 'A3']);
  expect(posts.map((post) => post.replyTo)).toEqual([null, posts[0]?.id, posts[1]?.id]);
});

test('access that was taken away makes the queue wait; connected again, it goes on', async () => {
  x.revoke('maker');
  const { publicationId } = await now(['After the break']);
  await publish();
  expect((await maya.call.accounts.get({ accountId })).status).toBe('reconnect');
  expect(await notices('account_reconnect')).toBe(1);
  expect(await receipt(publicationId)).toMatchObject({ state: 'scheduled' });
  world.clock.forward('1 min');
  await publish();
  expect(await connectX(world, maya, x)).toBe(accountId);
  world.clock.forward('1 min');
  await publish();
  expect(texts()).toEqual(['After the break']);
  expect(await notices('account_reconnect')).toBe(1);
});

test('a token X refuses before its time is renewed, and the post goes out', async () => {
  world.clock.forward('5 min');
  x.advance(2 * 3_600_000);
  const { publicationId } = await now(['Renewed on the way']);
  await publish();
  expect((await receipt(publicationId)).texts[0]?.attempts).toMatchObject([
    { phase: 'rejected', failure: 'reconnect' },
    { phase: 'confirmed' },
  ]);
  expect((await maya.call.accounts.get({ accountId })).status).toBe('connected');
  expect(texts()).toEqual(['Renewed on the way']);
});

test('credits used up pause the account once with one notice; resumed, all goes out', async () => {
  x.usageCap(true);
  const first = await now(['Paid one']);
  const second = await now(['Paid two']);
  for (let n = 0; n < 5; n += 1) {
    await publish();
    world.clock.forward('1 min');
  }
  expect(await maya.call.accounts.get({ accountId })).toMatchObject({ status: 'paused', waiting: 2 });
  expect(await notices('credits_used_up')).toBe(1);
  expect(x.calls.filter((call) => call.startsWith('POST /2/tweets')).length).toBe(1);
  x.usageCap(false);
  await maya.call.accounts.resume({ accountId });
  world.clock.forward('1 min');
  expect(await settle(first.publicationId)).toBe('published');
  expect(await settle(second.publicationId)).toBe('published');
  expect(texts()).toEqual(['Paid one', 'Paid two']);
});

test('the monthly budget is a hard stop: paused once, one notice, on again in the next month', async () => {
  await maya.call.accounts.setPolicy({ accountId, monthlyBudgetMicros: 30_000, missedPolicy: 'publish' });
  const postId = await draft(maya, ['Cheap enough']);
  const price = await maya.call.spend.price({ postId, accountIds: [accountId] });
  expect(price.accounts[0]).toMatchObject({ micros: 15_000, spentMicros: 10_000, withinBudget: true });
  await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  const dear = await now(['One too many']);
  for (let n = 0; n < 4; n += 1) {
    await publish();
    world.clock.forward('1 min');
  }
  expect(texts()).toEqual(['Cheap enough']);
  expect(await maya.call.accounts.get({ accountId })).toMatchObject({ status: 'paused', waiting: 1 });
  expect(await notices('budget_reached')).toBe(1);
  const today = world.clock.now();
  world.clock.set(new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1, 0, 1)));
  expect(await settle(dear.publicationId)).toBe('published');
  expect((await maya.call.accounts.get({ accountId })).status).toBe('connected');
});

test('a pause of all holds everything, and says so', async () => {
  await maya.call.publishing.pauseAll({ reason: 'Bad news in the world' });
  const { publicationId } = await now(['Not today']);
  await publish();
  expect((await receipt(publicationId)).reason).toBe('Publishing is paused: Bad news in the world');
  expect(await maya.call.publishing.status({})).toMatchObject({ paused: { reason: 'Bad news in the world' } });
  await maya.call.publishing.resume({});
  world.clock.forward('1 min');
  await publish();
  expect(texts()).toEqual(['Not today']);
});

test('a pause stops a thread midway; taken back there, what is out stays out', async () => {
  const { publicationId } = await now(['P1', 'P2', 'P3']);
  x.answerSlowly(300, 1);
  const going = publish();
  while (x.posts('maker').length < 1) await new Promise((done) => setTimeout(done, 10));
  await maya.call.accounts.pause({ accountId, reason: 'Wait' });
  await expect(maya.call.publications.withdraw({ publicationId })).rejects.toMatchObject({ code: 'CONFLICT' });
  await going;
  expect(await receipt(publicationId)).toMatchObject({ state: 'publishing', partsOut: 1, parts: 3 });
  await maya.call.publications.withdraw({ publicationId });
  await maya.call.accounts.resume({ accountId });
  world.clock.forward('1 min');
  await publish();
  expect(texts()).toEqual(['P1']);
});

test('late beyond the window a person is asked; they choose', async () => {
  const first = await now(['Late one']);
  const second = await now(['Late two']);
  world.clock.forward('2 h');
  await publish();
  expect(texts()).toEqual([]);
  expect(await receipt(first.publicationId)).toMatchObject({
    state: 'asking',
    reason: 'It was due 2 hours ago. Publish it now, or skip it.',
  });
  expect(await notices('publication_late')).toBe(1);
  await maya.call.publications.decide({ publicationId: first.publicationId, decision: 'publish' });
  await maya.call.publications.decide({ publicationId: second.publicationId, decision: 'skip' });
  await publish();
  expect(texts()).toEqual(['Late one']);
  expect(await receipt(second.publicationId)).toMatchObject({ state: 'skipped' });
});

test('late with the policy skip it is left out; with publish it goes out, but never as a burst', async () => {
  await maya.call.accounts.setPolicy({ accountId, missedPolicy: 'skip', missedAfterMinutes: 30 });
  const skipped = await now(['Stale']);
  world.clock.forward('31 min');
  await publish();
  expect(await receipt(skipped.publicationId)).toMatchObject({ state: 'skipped' });

  await maya.call.accounts.setPolicy({ accountId, missedPolicy: 'publish' });
  await now(['B1']);
  await now(['B2']);
  await now(['B3']);
  world.clock.forward('31 min');
  await publish();
  expect(texts()).toEqual(['B1']);
  world.clock.forward('9 min');
  await publish();
  expect(texts()).toEqual(['B1']);
  world.clock.forward('2 min');
  await publish();
  expect(texts()).toEqual(['B1', 'B2']);
  world.clock.forward('11 min');
  await publish();
  expect(texts()).toEqual(['B1', 'B2', 'B3']);
});

test('two at work at once never publish twice, and an account keeps its order', async () => {
  for (let n = 0; n < 6; n += 1) await now([`N${n}`]);
  x.answerSlowly(20, 6);
  await Promise.all([publish(), publish(), publish()]);
  await publish();
  expect(texts()).toEqual(['N0', 'N1', 'N2', 'N3', 'N4', 'N5']);
});

test('a lease whose holder died is taken over when it has run out, not before', async () => {
  await now(['Orphan']);
  expect((await claim(world.world, 'dead', 10)).length).toBe(1);
  expect(await publish()).toBe(0);
  world.clock.forward('3 min');
  expect(await publish()).toBe(1);
  expect(texts()).toEqual(['Orphan']);
});

test('moved, taken back, and returned to draft: nothing goes out that should not', async () => {
  const { publicationId } = await now(['Move me']);
  const at = new Date(world.clock.now().getTime() + 7_200_000).toISOString();
  await maya.call.publications.reschedule({ publicationId, at });
  await publish();
  expect(texts()).toEqual([]);
  await maya.call.publications.withdraw({ publicationId, reason: 'Changed my mind' });
  expect(await receipt(publicationId)).toMatchObject({ state: 'withdrawn', reason: 'Changed my mind' });
  await expect(maya.call.publications.withdraw({ publicationId })).rejects.toMatchObject({ code: 'CONFLICT' });

  const second = await now(['Return me']);
  await maya.call.posts.returnToDraft({ postId: second.postId });
  await publish();
  await withdrawAllOf(maya.context, second.postId);
  await withdrawAllOf(maya.context, second.postId);
  expect(await receipt(second.publicationId)).toMatchObject({ state: 'withdrawn' });
  expect(texts()).toEqual([]);
});

test('what cannot be scheduled is refused in words', async () => {
  const postId = await draft(maya, ['Ordinary']);
  const past = new Date(world.clock.now().getTime() - 3_600_000).toISOString();
  const accountIds = [accountId];
  await expect(maya.call.posts.schedule({ postId, accountIds, at: past })).rejects.toMatchObject({
    data: { reason: 'in_the_past' },
  });
  await expect(maya.call.posts.schedule({ postId, accountIds, nextSlot: true })).rejects.toMatchObject({
    data: { reason: 'no_slot' },
  });
  await expect(maya.call.posts.schedule({ postId, accountIds })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'draft', publications: [] });
  await maya.call.posts.publishNow({ postId, accountIds });
  await expect(maya.call.posts.publishNow({ postId, accountIds })).rejects.toMatchObject({
    data: { reason: 'already_scheduled' },
  });
  const rival = await world.join('Rival');
  const { publications } = await maya.call.publications.list({});
  await expect(rival.call.publications.get({ publicationId: publications[0]?.id ?? '' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const own = await draft(rival, ['Mine']);
  await expect(rival.call.posts.publishNow({ postId: own, accountIds })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('whatever goes wrong in whatever order, a thread ends up out exactly once', async () => {
  const fault = fc.record({
    kind: fc.constantFrom('lose' as const, 'before' as const, 'after' as const, 'limit' as const),
    target: fc.constantFrom('create' as const, 'read' as const, 'any' as const),
    n: fc.integer({ min: 1, max: 3 }),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 5 }), async (faults) => {
      run += 1;
      await x.close();
      world.clock.set(new Date(Date.now() + run * 1000));
      x = await startFakeX({ clock: () => world.clock.now().getTime() });
      putXAt(world, x);
      // The ids of a new fake begin anew: in the old workspace they would be known already.
      maya = await world.join();
      accountId = await connectX(world, maya, x);
      const words = [`One of ${run}`, `Two of ${run}`, `Three of ${run}`];
      const { publicationId } = await now(words);
      for (const { kind, target, n } of faults) {
        if (kind === 'lose') x.loseAnswers(n, target);
        if (kind === 'before') x.failBefore(n, 503, target);
        if (kind === 'after') x.failAfter(n, 502, target);
        if (kind === 'limit') x.rateLimit(n, 60, target);
      }
      for (let tries = 0; (await settle(publicationId, 100)) === 'failed' && tries < 5; tries += 1)
        await maya.call.publications.retry({ publicationId });
      expect((await receipt(publicationId)).state).toBe('published');
      const posts = x.posts('maker').filter((post) => words.includes(post.text));
      expect(posts.map((post) => post.text)).toEqual(words);
      expect(posts.map((post) => post.replyTo)).toEqual([null, posts[0]?.id, posts[1]?.id]);
    }),
    { numRuns: 10 },
  );
}, 120_000);

test('health says what goes out next', async () => {
  const postId = await draft(maya, ['Soon']);
  const at = new Date(world.clock.now().getTime() + 600_000).toISOString();
  await maya.call.posts.schedule({ postId, accountIds: [accountId], at });
  expect(await maya.call.publications.health({})).toMatchObject({
    running: false,
    waiting: 1,
    overdue: 0,
    next: { post: { id: postId } },
  });
});

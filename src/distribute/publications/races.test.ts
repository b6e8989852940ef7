import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { claim, LeaseLost } from '#src/distribute/publications/due.ts';
import { takeUp } from '#src/distribute/publications/take-up.ts';
import { publishDue, scheduleApproved } from '#src/distribute/publications.ts';
import { editPost, returnPost } from '#src/plan/posts.ts';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/** What a person does at the very moment at which the engine takes a post up. */
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
  await maya.call.publishing.pauseAll({ reason: 'over' });
  await x.close();
});
afterAll(() => world.close());

const texts = () => x.posts('maker').map((post) => post.text);
const receipt = (publicationId: string) => maya.call.publications.get({ publicationId });

async function now(parts: string[]) {
  const postId = await draft(maya, parts);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  return { postId, publicationId: publications[0]?.publicationId ?? '' };
}

/** Claimed as the loop does it, and not taken up yet. */
async function claimed(publicationId: string) {
  const found = (await claim(world.world, 'one', 10)).find((one) => one.publicationId === publicationId);
  if (!found) throw new Error('It could not be claimed.');
  return { takeUp: () => takeUp(world.world, 'one', found) };
}

const words = (text: string) => [{ platform: 'x', parts: [{ text }] }];

test('approved all at once, posts go into slots of their own', async () => {
  await maya.call.slots.add({ accountId, weekdays: [1, 2, 3, 4, 5, 6, 7], atTime: '10:00', timeZone: 'Europe/Berlin' });
  const postIds = [];
  for (const text of ['First of four', 'Another thing', 'Something else', 'The very last']) {
    const postId = await draft(maya, [text]);
    await maya.call.posts.approve({ postId });
    postIds.push(postId);
  }
  const moved = await draft(maya, ['Moved into a slot']);
  const at = new Date(world.clock.now().getTime() + 30 * 86_400_000).toISOString();
  const { publications } = await maya.call.posts.schedule({ postId: moved, accountIds: [accountId], at });
  const scheduled = await Promise.all([
    ...postIds.map((postId) => scheduleApproved(maya.context, postId)),
    maya.call.publications.reschedule({ publicationId: publications[0]?.publicationId ?? '', nextSlot: true }),
  ]);
  const moments = scheduled.flat().map(({ dueAt }) => dueAt.getTime());
  expect(moments.length).toBe(5);
  expect(new Set(moments).size).toBe(5);
});

test('moved after it was claimed: it goes out at its new moment', async () => {
  const { publicationId } = await now(['Tomorrow, please']);
  const taken = await claimed(publicationId);
  const at = new Date(world.clock.now().getTime() + 86_400_000).toISOString();
  await maya.call.publications.reschedule({ publicationId, at });
  await expect(taken.takeUp()).rejects.toThrow(LeaseLost);
  await publishDue(world.world);
  expect(texts()).toEqual([]);
  world.clock.forward('1 d');
  await publishDue(world.world);
  expect(texts()).toEqual(['Tomorrow, please']);
});

test('a machine whose clock is ahead cannot bring a post forward', async () => {
  const postId = await draft(maya, ['At its time']);
  const dueAt = new Date(world.clock.now().getTime() + 30_000);
  const { publications } = await maya.call.posts.schedule({ postId, accountIds: [accountId], at: dueAt.toISOString() });
  const publicationId = publications[0]?.publicationId ?? '';
  const before = world.clock.now();
  world.clock.forward('30 s');
  const taken = await claimed(publicationId);
  world.clock.set(before);
  expect(await taken.takeUp()).toBe(null);
  expect(await receipt(publicationId)).toMatchObject({ state: 'scheduled', lookAt: dueAt });
});

test('withdrawn, or its post returned, after it was claimed: it does not go out', async () => {
  const first = await now(['Taken back']);
  const taken = await claimed(first.publicationId);
  await maya.call.publications.withdraw({ publicationId: first.publicationId });
  await expect(taken.takeUp()).rejects.toThrow(LeaseLost);
  const second = await now(['Returned']);
  const again = await claimed(second.publicationId);
  await maya.call.posts.returnToDraft({ postId: second.postId });
  expect(await again.takeUp()).toBe(null);
  expect(await receipt(second.publicationId)).toMatchObject({ state: 'withdrawn' });
});

test('edited while it is taken up: what goes out is what was saved', async () => {
  const { publicationId, postId } = await now(['Old words']);
  const taken = await claimed(publicationId);
  const taking = await transaction(maya.context, async (inside) => {
    await editPost(inside, postId, 1, { variants: words('New words') });
    const going = taken.takeUp();
    await Promise.race([going, wait(300)]);
    return { going };
  });
  await taking.going;
  expect(await receipt(publicationId)).toMatchObject({ postVersion: 2, texts: [{ text: 'New words' }] });
  await expect(maya.call.posts.update({ postId, version: 2, variants: words('Too late') })).rejects.toMatchObject({
    data: { reason: 'post_publishing' },
  });
});

test('returned to draft while it is taken up: it does not go out', async () => {
  const { publicationId, postId } = await now(['Half a thought']);
  const taken = await claimed(publicationId);
  const taking = await transaction(maya.context, async (inside) => {
    await returnPost(inside, postId);
    const going = taken.takeUp();
    await Promise.race([going, wait(300)]);
    return { going };
  });
  expect(await taking.going).toBe(null);
  expect(await receipt(publicationId)).toMatchObject({ state: 'withdrawn' });
});

test('paused while the token is renewed: the call does not leave', async () => {
  world.clock.forward('110 min');
  const { publicationId } = await now(['Not after all']);
  x.answerSlowly(500, 1, 'token');
  const going = publishDue(world.world);
  const phase = async () => (await receipt(publicationId)).texts[0]?.attempts[0]?.phase;
  while ((await phase()) !== 'prepared') await wait(10);
  await maya.call.accounts.pause({ accountId, reason: 'Wait' });
  await going;
  expect(await receipt(publicationId)).toMatchObject({
    state: 'scheduled',
    reason: 'Publishing is paused: Wait',
  });
  expect(x.calls).toContain('POST /2/oauth2/token 200');
  expect(texts()).toEqual([]);
});

/** A thread of two whose second part was refused. */
async function halfOut() {
  const thread = await now(['Part one', 'Part two']);
  x.answerSlowly(300, 1);
  const going = publishDue(world.world);
  while (texts().length < 1) await wait(10);
  x.failBefore(1, 400);
  await going;
  expect(await receipt(thread.publicationId)).toMatchObject({ state: 'failed', partsOut: 1, parts: 2 });
  return thread;
}

test('a thread made shorter keeps the receipts of the part it lost', async () => {
  const { publicationId, postId } = await halfOut();
  await maya.call.posts.update({ postId, version: 1, variants: words('Part one') });
  await maya.call.posts.approve({ postId, evenIfSimilar: true });
  await maya.call.publications.retry({ publicationId });
  await publishDue(world.world);
  expect(texts()).toEqual(['Part one']);
  expect(await receipt(publicationId)).toMatchObject({
    state: 'published',
    partsOut: 1,
    parts: 1,
    texts: [
      { state: 'confirmed' },
      { text: 'Part two', state: 'dropped', attempts: [{ phase: 'rejected', failure: 'refused' }] },
    ],
  });
});

test('a thread tried again whose post is a draft by then stays where it is', async () => {
  const { publicationId, postId } = await halfOut();
  await maya.call.publications.retry({ publicationId });
  await maya.call.posts.returnToDraft({ postId });
  await publishDue(world.world);
  expect(texts()).toEqual(['Part one']);
  expect(await receipt(publicationId)).toMatchObject({ state: 'withdrawn', partsOut: 1 });
});

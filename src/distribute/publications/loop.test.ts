import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishDue, publishLoop, scheduleApproved } from '#src/distribute/publications.ts';
import { draft } from '#test/connected.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/** On the sandbox: the first-class pretend platform, with the real engine. */
let world: TestWorld;
let maya: Person;
let accountId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: new Date().toISOString() });
  maya = await world.join();
  accountId = (await maya.call.accounts.connectSandbox({ handle: 'ada' })).id;
});
afterAll(() => world.close());

test('the loop publishes what is due, notes that it runs, and hands everything back when it is stopped', async () => {
  const ending = new AbortController();
  const loop = publishLoop(world.world, ending.signal);
  const postId = await draft(maya, ['Hello sandbox: {{link}}', 'And a second part']);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  const publicationId = publications[0]?.publicationId ?? '';
  let receipt = await maya.call.publications.get({ publicationId });
  while (receipt.state !== 'published') {
    expect(receipt.state).toMatch(/scheduled|publishing/);
    await new Promise((done) => setTimeout(done, 50));
    receipt = await maya.call.publications.get({ publicationId });
  }
  expect(receipt.texts.map((text) => text.replyTo)).toEqual([null, receipt.texts[0]?.platformId]);
  expect(await maya.call.publications.health({})).toMatchObject({ running: true, publishers: 1, waiting: 0 });
  ending.abort();
  await loop;
  expect(await maya.call.publications.health({})).toMatchObject({ running: false, publishers: 0 });
});

test('one that is told to stop hands its lease back before the next part', async () => {
  const postId = await draft(maya, ['Stopped at once']);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  const ended = new AbortController();
  const going = publishDue(world.world, { signal: ended.signal });
  ended.abort();
  await going;
  await publishDue(world.world);
  const receipt = await maya.call.publications.get({ publicationId: publications[0]?.publicationId ?? '' });
  expect(receipt).toMatchObject({ state: 'published', texts: [{ attempts: [{ number: 1 }] }] });
});

test('an approved post is scheduled where drafting meant it to go, once', async () => {
  const postId = await draft(maya, ['Planned for tomorrow']);
  const tomorrow = new Date(world.clock.now().getTime() + 86_400_000);
  const { version } = await maya.call.posts.get({ postId });
  await maya.call.posts.update({
    postId,
    version,
    proposedFor: tomorrow.toISOString(),
    variants: [{ platform: 'sandbox', parts: [{ text: 'Planned for tomorrow' }] }],
  });
  expect(await scheduleApproved(maya.context, postId)).toEqual([]);
  await maya.call.posts.approve({ postId });
  expect(await scheduleApproved(maya.context, postId)).toMatchObject([{ accountId, dueAt: tomorrow }]);
  expect(await scheduleApproved(maya.context, postId)).toEqual([]);
  const { publications } = await maya.call.publications.list({ postId });
  await maya.call.publications.withdraw({ publicationId: publications[0]?.id ?? '' });
  expect(await scheduleApproved(maya.context, postId)).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared } from '#src/context.ts';
import { createPost } from '#src/plan/posts.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let ed: Person;
let appId: string;
let accountId: string;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  const user = await shared(world.world, (tx) =>
    tx
      .insertInto('users')
      .values({ name: 'Ed Itor', email: 'ed@example.com' })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  ed = personOf(world.world, { id: user.id, name: 'Ed Itor', email: 'ed@example.com' }, maya.workspaceId, 'editor');
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  accountId = (await maya.call.accounts.connectSandbox({ handle: 'maya' })).id;
});
afterAll(() => world.close());

const write = (person: Person, text: string) =>
  person.call.posts.create({ appId, variants: [{ platform: 'x', parts: [{ text }] }] });
const titles = async (person: Person) => (await person.call.notices.list({})).notices.map((notice) => notice.title);

test('without review an editor schedules a draft, as before; sending it for review is refused in words', async () => {
  const post = await write(ed, 'Outpost keeps every webhook.');
  await expect(ed.call.posts.submit({ postId: post.id })).rejects.toMatchObject({ data: { reason: 'no_review' } });
  await ed.call.posts.schedule({ postId: post.id, accountIds: [accountId], at: '2026-11-25T10:00:00Z' });
  expect(await ed.call.posts.get({ postId: post.id })).toMatchObject({ status: 'scheduled' });
});

test('with review an editor can only send for review, and the owner is told', async () => {
  await expect(ed.call.workspaces.update({ needsApproval: true })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await maya.call.workspaces.update({ needsApproval: true });
  const { id: postId } = await write(ed, 'Replays bring lost webhooks back.');
  const direct = { postId, accountIds: [accountId], at: '2026-11-26T10:00:00Z' };
  await expect(ed.call.posts.schedule(direct)).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('Send it for review'),
  });
  await expect(ed.call.posts.publishNow({ postId, accountIds: [accountId] })).rejects.toMatchObject({
    data: { reason: 'needs_review' },
  });
  await ed.call.posts.submit({ postId, note: 'Ready, I think' });
  expect(await ed.call.posts.get({ postId })).toMatchObject({
    status: 'in_review',
    approvals: [{ decision: 'submitted', note: 'Ready, I think', by: 'Ed Itor' }],
  });
  await expect(ed.call.posts.approve({ postId })).rejects.toMatchObject({
    message: expect.stringContaining('in review'),
  });
  expect(await titles(maya)).toContain('“Replays bring lost webhooks back.” waits for review');

  await maya.call.posts.returnToDraft({ postId, note: 'Say how' });
  expect(await titles(maya)).toEqual(['“Replays bring lost webhooks back.” came back from review']);
  const { version } = await ed.call.posts.get({ postId });
  await ed.call.posts.update({
    postId,
    version,
    variants: [{ platform: 'x', parts: [{ text: 'One click replays a lost webhook.' }] }],
  });
  await ed.call.posts.submit({ postId });
  await expect(maya.call.posts.approve({ postId, version })).rejects.toMatchObject({
    data: { reason: 'post_changed' },
  });
  await maya.call.posts.approve({ postId, version: version + 1 });
  await ed.call.posts.schedule(direct);
  expect(await ed.call.posts.get({ postId })).toMatchObject({ status: 'scheduled' });
});

test('what an owner approved, an editor does not change behind their back; what no reader sees, they may', async () => {
  const { id: postId } = await write(ed, 'Every webhook has a history.');
  await ed.call.posts.submit({ postId });
  await maya.call.posts.approve({ postId });
  const { version } = await ed.call.posts.get({ postId });
  const variants = [{ platform: 'x', parts: [{ text: 'Something else' }] }];
  await expect(ed.call.posts.update({ postId, version, variants })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const spent = await ed.call.posts.update({ postId, version, minutesSpent: 20 });
  expect(await maya.call.posts.update({ postId, version: spent.version, variants })).toMatchObject({
    status: 'approved',
  });
});

test('an edit in review stays in review; a returned post is not published before it is approved again', async () => {
  const { id: postId } = await write(maya, 'Signatures are checked for you.');
  await maya.call.posts.schedule({ postId, accountIds: [accountId], at: '2026-11-24T10:00:00Z' });
  await maya.call.posts.returnToDraft({ postId });
  await ed.call.posts.submit({ postId });
  const { version } = await ed.call.posts.get({ postId });
  const edited = { postId, version, variants: [{ platform: 'x', parts: [{ text: 'We check signatures for you.' }] }] };
  expect(await ed.call.posts.update(edited)).toMatchObject({ status: 'in_review' });
  await world.drain();
  const { publications, status } = await maya.call.posts.get({ postId });
  expect(status).toBe('in_review');
  expect(publications.map((one) => one.state)).toEqual(['withdrawn']);
});

test('answers written in the inbox stand neither in the lists nor in the calendar unless asked for', async () => {
  const { posts: before } = await maya.call.posts.list({});
  await createPost(maya.context, {
    appId,
    source: 'reply',
    proposedFor: new Date('2026-11-24T12:00:00Z'),
    variants: [{ platform: 'x', parts: [{ text: 'Thanks, that is fixed.' }] }],
  });
  expect((await maya.call.posts.list({})).posts.length).toBe(before.length);
  expect((await maya.call.posts.list({ source: 'reply' })).posts).toMatchObject([{ source: 'reply' }]);
  const range = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' };
  const shown = async (replies: boolean) => (await maya.call.calendar.range({ ...range, replies })).items.length;
  expect((await shown(true)) - (await shown(false))).toBe(1);
});

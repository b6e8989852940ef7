import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { markPost } from '#src/plan/posts.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;
let postId: string;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: 'outpost.dev', name: 'Outpost' })).id;
});
afterAll(() => world.close());

const x = (...texts: string[]) => [{ platform: 'x', parts: texts.map((text) => ({ text })) }];

test('a post is written as a draft, with its title, tags and the place of its link', async () => {
  const post = await maya.call.posts.create({
    appId,
    variants: x('Outpost keeps every webhook, even when your server sleeps. #webhooks\n\n{{link}}', 'Thanks @hono'),
  });
  postId = post.id;
  const shown = await maya.call.posts.get({ postId });
  expect(shown).toMatchObject({
    title: 'Outpost keeps every webhook, even when your server sleeps. #webhooks',
    status: 'draft',
    version: 1,
    hook: 'statement',
    linkUrl: 'https://outpost.dev/',
    createdBy: 'Maya Lind',
    problems: [],
    variants: [{ platformName: 'X', hashtags: ['webhooks'], mentions: ['hono'] }],
  });
  expect(shown.variants[0]!.parts.map((part) => part.valid)).toEqual([true, true]);
});

test('a number that no fact supports is flagged, until it is linked to the fact that says so', async () => {
  const { variants } = await maya.call.posts.get({ postId }).then(async (post) => {
    await maya.call.posts.update({
      postId,
      version: post.version,
      variants: x('Outpost keeps every webhook. 900 teams trust it.\n\n{{link}}'),
    });
    return maya.call.posts.get({ postId });
  });
  const [claim] = variants[0]!.parts[0]!.claims;
  expect(claim).toMatchObject({ text: '900', fact: null, unsupportedReason: expect.stringContaining('900') });

  const factId = await addFact(maya, 'Nine hundred teams use Outpost.', 'trusted by nine hundred teams');
  await maya.call.posts.supportClaim({ postId, claimId: claim!.id, factId });
  const shown = await maya.call.posts.get({ postId });
  expect(shown.problems).toEqual([]);
  expect(shown.variants[0]!.parts[0]!.claims[0]).toMatchObject({
    text: '900',
    unsupportedReason: null,
    fact: { statement: 'Nine hundred teams use Outpost.', quote: 'trusted by nine hundred teams' },
  });
});

test('a linked claim is moved to another fact and taken off it; what an owner approved only by who may approve', async () => {
  const { id: postId } = await maya.call.posts.create({ appId, variants: x('By now 731 agencies rely on us.') });
  const said = 'A count found 731 of them.';
  const firstId = await addFact(maya, said, said);
  const claimNow = async () => (await maya.call.posts.get({ postId })).variants[0]!.parts[0]!.claims[0]!;
  const { id: claimId } = await claimNow();
  await maya.call.posts.supportClaim({ postId, claimId, factId: firstId });
  const other = await addFact(maya, 'A poll of 900 teams was taken.', 'a poll of 900 teams');
  await maya.call.posts.supportClaim({ postId, claimId, factId: other });
  expect((await claimNow()).fact).toMatchObject({ id: other });
  await maya.call.posts.unlinkClaim({ postId, claimId });
  expect(await claimNow()).toMatchObject({ fact: null, unsupportedReason: expect.stringContaining('taken off') });
  expect((await maya.call.posts.get({ postId })).problems).toMatchObject([{ kind: 'unsupported', severity: 'warns' }]);
  await maya.call.posts.unlinkClaim({ postId, claimId });

  await maya.call.posts.supportClaim({ postId, claimId, factId: firstId });
  await maya.call.workspaces.update({ needsApproval: true });
  await maya.call.posts.approve({ postId });
  const eve = personOf(world.world, { id: maya.userId, name: 'Eve', email: 'eve@e.com' }, maya.workspaceId, 'editor');
  for (const attempt of [
    () => eve.call.posts.unlinkClaim({ postId, claimId }),
    () => eve.call.posts.supportClaim({ postId, claimId, factId: other }),
  ])
    await expect(attempt()).rejects.toMatchObject({ data: { reason: 'needs_review' } });
  await maya.call.posts.returnToDraft({ postId });
  await maya.call.workspaces.update({ needsApproval: false });
  for (const unknown of [
    { postId, claimId: UNKNOWN },
    { postId: UNKNOWN, claimId },
  ])
    await expect(maya.call.posts.unlinkClaim(unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.posts.unlinkClaim({ postId, claimId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a claim moves with its words and is dropped when they are gone', async () => {
  await maya.call.posts.update({
    postId,
    version: 2,
    variants: x('Why I built it.', 'By now 900 teams trust Outpost. It takes 3 minutes.'),
  });
  const moved = (await maya.call.posts.get({ postId })).variants[0]!.parts[1]!;
  expect(moved.claims).toMatchObject([
    { text: '900', start: 7, end: 10, fact: { statement: 'Nine hundred teams use Outpost.' } },
    { text: expect.stringContaining('3'), fact: null },
  ]);
  await maya.call.posts.update({ postId, version: 3, variants: x('Outpost keeps every webhook for you.') });
  expect((await maya.call.posts.get({ postId })).variants[0]!.parts[0]!.claims).toEqual([]);
});

test('an edit based on an older version is refused and changes nothing', async () => {
  await expect(maya.call.posts.update({ postId, version: 1, title: 'Mine' })).rejects.toMatchObject({
    code: 'CONFLICT',
    data: { reason: 'post_changed' },
  });
  expect((await maya.call.posts.get({ postId })).version).toBe(4);
});

test('a text that is too long is a draft like any other, but cannot be approved', async () => {
  const long = await maya.call.posts.create({ appId, variants: x('word '.repeat(60), '') });
  const shown = await maya.call.posts.get({ postId: long.id });
  expect(shown.problems.map((problem) => [problem.kind, problem.part])).toEqual([
    ['too_long', 0],
    ['empty', 1],
  ]);
  await expect(maya.call.posts.approve({ postId: long.id })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('X takes 280'),
  });
  await maya.call.posts.remove({ postId: long.id });
  await expect(maya.call.posts.get({ postId: long.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the tracked link counts as X counts it, not as the placeholder', async () => {
  const text = `${'a'.repeat(249)} {{link}}`;
  const post = await maya.call.posts.create({ appId, variants: x(text) });
  const { linkSample, variants } = await maya.call.posts.get({ postId: post.id });
  expect(variants[0]!.parts[0]!.length).toBe(250 + linkSample.length); // localhost is no link to X
  await maya.call.posts.remove({ postId: post.id });
});

test('approval names the version; a near-duplicate needs a word', async () => {
  await maya.call.posts.approve({ postId, note: 'Good to go' });
  const twin = await maya.call.posts.duplicate({ postId });
  expect((await maya.call.posts.get({ postId: twin.id })).problems).toMatchObject([{ kind: 'similar', postId }]);
  await expect(maya.call.posts.approve({ postId: twin.id })).rejects.toMatchObject({
    code: 'CONFLICT',
    data: { reason: 'post_similar' },
  });
  world.clock.forward('91 d');
  await maya.call.posts.approve({ postId: twin.id });
  world.clock.forward('1 h');
  const third = await maya.call.posts.duplicate({ postId });
  await expect(maya.call.posts.approve({ postId: third.id })).rejects.toMatchObject({ code: 'CONFLICT' });
  await maya.call.posts.approve({ postId: third.id, evenIfSimilar: true });
  expect(await maya.call.posts.get({ postId })).toMatchObject({
    status: 'approved',
    approvals: [{ decision: 'approved', postVersion: 4, note: 'Good to go', by: 'Maya Lind' }],
  });
});

test('editing an approved post keeps it approved as long as it can be published', async () => {
  await expect(maya.call.posts.update({ postId, version: 4, variants: x('') })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  const edited = await maya.call.posts.update({ postId, version: 4, variants: x('Outpost keeps each webhook.') });
  expect(edited).toMatchObject({ version: 5, status: 'approved' });
});

test('states follow their rules by name', async () => {
  await maya.call.posts.withdraw({ postId, note: 'Not now' });
  await expect(maya.call.posts.approve({ postId })).rejects.toMatchObject({ data: { reason: 'post_withdrawn' } });
  await maya.call.posts.returnToDraft({ postId });
  await expect(transaction(maya.context, (inside) => markPost(inside, postId, 'published'))).rejects.toMatchObject({
    reason: 'post_draft',
  });
  await maya.call.posts.approve({ postId, evenIfSimilar: true });
  await transaction(maya.context, async (inside) => {
    await markPost(inside, postId, 'scheduled');
    await markPost(inside, postId, 'published');
    await markPost(inside, postId, 'published');
  });
  await expect(maya.call.posts.update({ postId, version: 5, title: 'Late' })).rejects.toMatchObject({
    data: { reason: 'post_published' },
  });
  await expect(maya.call.posts.remove({ postId })).rejects.toMatchObject({ data: { reason: 'post_published' } });
  // Its words stay as they went; that it may come again can be said now that one knows how it did.
  const { version } = await maya.call.posts.get({ postId });
  expect(await maya.call.posts.update({ postId, version, evergreen: true })).toMatchObject({ status: 'published' });
});

test('the list filters, searches as written, and pages', async () => {
  expect((await maya.call.posts.list({ status: 'published' })).posts).toMatchObject([
    { id: postId, firstLine: 'Outpost keeps each webhook.', platforms: ['x'], threadLength: 1, unsupported: 0 },
  ]);
  await maya.call.posts.create({ appId, variants: x('100% of webhooks', 'b', 'c') });
  expect((await maya.call.posts.list({ search: '100%' })).posts).toMatchObject([{ threadLength: 3, unsupported: 1 }]);
  const first = await maya.call.posts.list({ limit: 2 });
  const second = await maya.call.posts.list({ limit: 2, cursor: first.cursor! });
  expect(new Set([...first.posts, ...second.posts].map((post) => post.id)).size).toBe(4);
  await expect(maya.call.posts.list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('unknown platforms, ids and other workspaces are answered in words', async () => {
  await expect(
    maya.call.posts.create({ appId, variants: [{ platform: 'friendster', parts: [{ text: 'Hi' }] }] }),
  ).rejects.toMatchObject({ message: expect.stringContaining('Choose one of: x,') });
  await expect(maya.call.posts.create({ appId: UNKNOWN, variants: x('Hi') })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(maya.call.posts.create({ appId, campaignId: UNKNOWN, variants: x('Hi') })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const { posts } = await rival.call.posts.list({});
  expect(posts).toEqual([]);
  for (const attempt of [
    () => rival.call.posts.get({ postId }),
    () => rival.call.posts.approve({ postId }),
    () => rival.call.posts.update({ postId, version: 1, title: 'Mine' }),
    () => rival.call.posts.remove({ postId }),
    () => rival.call.posts.duplicate({ postId }),
    () => rival.call.posts.create({ appId, variants: x('Hi') }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a title taken from the first line follows the text; one that a person chose stays', async () => {
  const { id, version } = await maya.call.posts.create({ appId, variants: x('How a') });
  const typed = await maya.call.posts.update({ postId: id, version, variants: x('How a changelog earns its keep') });
  expect((await maya.call.posts.get({ postId: id })).title).toBe('How a changelog earns its keep');
  const named = await maya.call.posts.update({ postId: id, version: typed.version, title: 'Changelog' });
  await maya.call.posts.update({ postId: id, version: named.version, variants: x('Something else entirely') });
  expect((await maya.call.posts.get({ postId: id })).title).toBe('Changelog');
});

async function addFact(person: Person, statement: string, quote: string): Promise<string> {
  return transaction(person.context, async ({ tx, workspaceId }) => {
    const { id } = await tx
      .insertInto('facts')
      .values({ workspaceId, appId, kind: 'selling_point', statement, confidence: 0.9, source: 'built_in' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.insertInto('evidence').values({ workspaceId, factId: id, url: 'https://outpost.dev/', quote }).execute();
    return id;
  });
}

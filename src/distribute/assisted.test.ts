import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { asSystem } from '#src/context.ts';
import { composePages, followChange, lookForTasks, remindOfTasks } from '#src/distribute/assisted.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { collectByHand } from '#src/measure/metrics/by-hand.ts';
import { collectMetrics } from '#src/measure/metrics.ts';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let x: FakeX;
let news: RecordedServer;
let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: new Date().toISOString() });
  news = await startRecorded();
});
beforeEach(async () => {
  world.clock.set(new Date());
  x = await startFakeX({ clock: () => world.clock.now().getTime() });
  putXAt(world, x);
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
});
afterEach(async () => {
  await x.close();
  expect([x.contractProblems, news.problems()]).toEqual([[], []]);
});
afterAll(async () => {
  await news.close();
  await world.close();
});

const system = () => asSystem(world.world, maya.workspaceId, 'test');
const inAnHour = () => new Date(world.clock.now().getTime() + 3_600_000).toISOString();
const tasks = async (open = true) => (await maya.call.assisted.list({ open })).tasks;

test('every page opens at its service over https, takes the words it can, and knows its own posts', async () => {
  const words = {
    title: 'A & B',
    text: 'One + two #three',
    url: 'https://outpost.dev/?a=1&b=2',
    server: null,
    community: null,
  };
  const posts: Record<string, string> = {
    x: 'https://x.com/maya/status/1',
    bluesky: 'https://bsky.app/profile/maya.dev/post/3k',
    mastodon: 'https://fosstodon.org/@maya/12',
    threads: 'https://www.threads.com/@maya/post/Ab1',
    linkedin: 'https://www.linkedin.com/posts/maya_a-1',
    reddit: 'https://www.reddit.com/r/selfhosted/comments/1abc/x/',
    hackernews: 'https://news.ycombinator.com/item?id=7',
    producthunt: 'https://www.producthunt.com/posts/outpost',
    indiehackers: 'https://www.indiehackers.com/post/hello-1',
    medium: 'https://maya.medium.com/outpost-1a2b',
    youtube: 'https://youtu.be/abc',
    instagram: 'https://www.instagram.com/p/abc/',
    facebook: 'https://www.facebook.com/maya/posts/1',
    tiktok: 'https://www.tiktok.com/@maya/video/1',
  };
  expect(Object.keys(composePages).sort()).toEqual(Object.keys(posts).sort());
  for (const [platform, page] of Object.entries(composePages)) {
    const url = new URL(page.compose(words));
    expect(url.protocol).toBe('https:');
    const filled = [...url.searchParams.values()];
    for (const piece of page.fills)
      expect([platform, filled]).toEqual([platform, expect.arrayContaining([words[piece as 'text']])]);
    const dueAt = inAnHour();
    const { id: taskId } = await maya.call.assisted.create({ appId, platform, dueAt, title: 'Outpost', text: 'Hi' });
    const evil = 'https://evil.example/maya/status/1/post/1/comments/1?id=7';
    if (page.hosts)
      await expect(maya.call.assisted.done({ taskId, url: evil })).rejects.toMatchObject({
        data: { reason: 'not_a_post' },
      });
    await expect(maya.call.assisted.done({ taskId, url: new URL('/', posts[platform]).href })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await maya.call.assisted.done({ taskId, url: posts[platform] ?? '' });
  }
  expect(await tasks()).toEqual([]);
  expect((await tasks(false)).length).toBe(14);
});

test('it is told of at its minute, not at the next hour, and told of again after it was moved', async () => {
  const dueAt = new Date(Date.now() - 1000).toISOString();
  await maya.call.assisted.create({ appId, platform: 'medium', dueAt, title: 'How we replay webhooks' });
  // Nothing but the queue runs here: the job that was made with the task is due.
  await world.drain();
  const told = async () => (await maya.call.notices.list({})).notices.filter(({ kind }) => kind === 'assisted_due');
  expect(await told()).toMatchObject([{ title: 'Time to post on Medium', path: '/by-hand' }]);
  const [task] = await tasks();
  expect((await maya.call.assisted.list({})).due).toBe(1);
  await maya.call.assisted.move({ taskId: task?.id ?? '', dueAt: inAnHour() });
  expect(await told()).toEqual([]);
  await remindOfTasks(system());
  expect(await told()).toEqual([]);
  world.clock.forward('2 h');
  await remindOfTasks(system());
  expect((await told()).length).toBe(1);
  await maya.call.assisted.skip({ taskId: task?.id ?? '' });
  expect(await told()).toEqual([]);
});

test('a post goes by hand instead: its thread, its own link, not by itself as well, and skipped it is free again', async () => {
  const accountId = await connectX(world, maya, x);
  const postId = await draft(maya, ['Outpost is out: {{link}}', 'It replays.'], { firstReply: 'Ask me anything' });
  const { publications } = await maya.call.posts.schedule({ postId, accountIds: [accountId], at: inAnHour() });
  const wanted = { postId, platform: 'x', dueAt: inAnHour() };
  await expect(maya.call.assisted.fromPost(wanted)).rejects.toMatchObject({ data: { reason: 'already_scheduled' } });
  await maya.call.assisted.fromPost({ ...wanted, instead: true });
  expect((await maya.call.publications.get({ publicationId: publications[0]?.publicationId ?? '' })).state).toBe(
    'withdrawn',
  );
  const [task] = await tasks();
  expect(task).toMatchObject({
    post: { id: postId },
    account: { id: accountId, handle: 'maker' },
    parts: [`Outpost is out: ${task?.url}`, 'It replays.', 'Ask me anything'],
    looksForIt: true,
    fills: ['text'],
  });
  expect(new URL(task?.composeUrl ?? '').searchParams.get('text')).toBe(`Outpost is out: ${task?.url}`);
  const { links } = await maya.call.links.list({ postId });
  expect(links.find(({ url }) => url === task?.url)).toMatchObject({ utmSource: 'x', post: { id: postId } });

  await world.drain();
  world.clock.forward('3 h');
  await publishDue(world.world);
  expect(x.posts('maker')).toEqual([]);
  expect((await maya.call.posts.get({ postId })).status).toBe('scheduled');

  const { version } = await maya.call.posts.get({ postId });
  await maya.call.posts.update({
    postId,
    version,
    variants: [{ platform: 'x', parts: [{ text: 'Outpost is here: {{link}}' }] }],
  });
  await followChange(system(), postId);
  expect((await tasks())[0]).toMatchObject({
    text: `Outpost is here: ${task?.url}`,
    parts: [`Outpost is here: ${task?.url}`],
  });
  await maya.call.assisted.skip({ taskId: task?.id ?? '' });
  expect((await maya.call.posts.get({ postId })).status).toBe('approved');
  await world.drain();
  expect((await maya.call.publications.list({ state: ['scheduled'] })).publications).toEqual([]);
});

test('what was sent by hand on X is found there, part by part, and measured like any other', async () => {
  const accountId = await connectX(world, maya, x);
  const postId = await draft(maya, ['By hand: {{link}}', 'Second part']);
  await maya.call.assisted.fromPost({ postId, platform: 'x', dueAt: inAnHour() });
  const [task] = await tasks();
  expect(await lookForTasks(system())).toBe(0);
  world.clock.forward('1 h');
  x.addPost({ username: 'maker', text: 'Something else' });
  world.clock.forward('11 min');
  expect(await lookForTasks(system())).toBe(0);
  expect(await tasks()).toMatchObject([{ looks: 1, lookedAt: world.clock.now() }]);
  const first = x.addPost({ username: 'maker', text: `By hand: ${task?.url}` });
  x.addPost({ username: 'maker', text: 'Second part', replyTo: first.id });
  expect(await lookForTasks(system())).toBe(0);
  world.clock.forward('21 min');
  expect(await lookForTasks(system())).toBe(1);
  expect(await lookForTasks(system())).toBe(0);
  const [done] = await tasks(false);
  expect(done).toMatchObject({ state: 'done', foundBy: 'search', foundUrl: expect.stringContaining(first.id) });
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published' });
  const receipt = await maya.call.publications.get({ publicationId: done?.publicationId ?? '' });
  expect(receipt).toMatchObject({
    state: 'published',
    account: { id: accountId },
    partsOut: 2,
    costMicros: 0,
    texts: [{ platformId: first.id, attempts: [{ adopted: true, phase: 'confirmed', sentAt: null }] }, {}],
  });
  x.setMetrics(first.id, { likes: 12, impressions: 800 });
  await collectMetrics(system());
  expect((await tasks(false))[0]?.numbers).toMatchObject({ likes: 12, views: 800 });
});

test('words changed while sending are known by the link, and when asked it looks at once', async () => {
  await connectX(world, maya, x);
  const postId = await draft(maya, ['Try Outpost {{link}}']);
  await maya.call.assisted.fromPost({ postId, platform: 'x', dueAt: inAnHour() });
  const [task] = await tasks();
  expect(await maya.call.assisted.find({ taskId: task?.id ?? '' })).toEqual({ url: null });
  const post = x.addPost({ username: 'maker', text: `Try Outpost today! ${task?.url}` });
  expect((await maya.call.assisted.find({ taskId: task?.id ?? '' })).url).toContain(post.id);
  expect((await maya.call.posts.get({ postId })).status).toBe('published');
});

test('a pasted address of our account is taken up, one of somebody else only noted', async () => {
  const accountId = await connectX(world, maya, x);
  const post = x.addPost({ username: 'maker', text: 'Pasted' });
  for (const name of ['maker', 'somebody']) {
    await maya.call.assisted.create({ appId, platform: 'x', dueAt: inAnHour(), title: 'T', text: `Text for ${name}` });
    const [task] = await tasks();
    await maya.call.assisted.done({ taskId: task?.id ?? '', url: `https://x.com/${name}/status/${post.id}?s=20` });
  }
  const [second, first] = (await tasks(false)).sort((a, b) => b.text.localeCompare(a.text));
  expect(first).toMatchObject({ account: { id: accountId }, publicationId: expect.any(String), foundBy: 'person' });
  expect(second).toMatchObject({ publicationId: null, foundUrl: expect.stringContaining('somebody') });
});

test('on Hacker News it is found by the page it links to, and its points are read for a week', async () => {
  const dueAt = inAnHour();
  const { composeUrl } = await maya.call.assisted.create({
    appId,
    platform: 'hackernews',
    dueAt,
    title: 'Show HN: Outpost',
  });
  expect(Object.fromEntries(new URL(composeUrl).searchParams)).toEqual({
    u: 'https://outpost.dev/',
    t: 'Show HN: Outpost',
  });
  expect(await lookForTasks(system(), news.url)).toBe(0);
  world.clock.forward('2 h');
  const story = (points: number) => ({
    json: {
      hits: [
        {
          objectID: '4711',
          title: 'Show HN: Outpost',
          url: 'https://outpost.dev',
          author: 'maya',
          points,
          num_comments: 2,
          created_at_i: Math.floor(world.clock.now().getTime() / 1000),
        },
      ],
    },
  });
  news.expect(['GET /search_by_date', story(1)]);
  expect(await lookForTasks(system(), news.url)).toBe(1);
  news.expect(['GET /search', story(40)]);
  expect(await collectByHand(system(), news.url)).toBe(1);
  expect(await collectByHand(system(), news.url)).toBe(0);
  world.clock.forward('1 h');
  news.expect(['GET /search', story(90)]);
  expect(await collectByHand(system(), news.url)).toBe(1);
  expect((await tasks(false))[0]).toMatchObject({
    foundUrl: 'https://news.ycombinator.com/item?id=4711',
    numbers: { likes: 90, replies: 2, clicks: null },
  });
  world.clock.forward('9 d');
  expect(await collectByHand(system(), news.url)).toBe(0);
});

test('elsewhere its link counts the clicks, and a person notes what the platform tells', async () => {
  await maya.call.assisted.create({ appId, platform: 'linkedin', dueAt: inAnHour(), title: 'T', text: 'See {{link}}' });
  const [task] = await tasks();
  const taskId = task?.id ?? '';
  expect(task).toMatchObject({ text: `See ${task?.url}`, looksForIt: false, numbers: { clicks: 0 } });
  await expect(maya.call.assisted.noteNumbers({ taskId, views: 3 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await maya.call.assisted.done({ taskId, url: null });
  await expect(maya.call.assisted.noteNumbers({ taskId })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await maya.call.assisted.noteNumbers({ taskId, views: 120, likes: 4 });
  expect((await tasks(false))[0]?.numbers).toMatchObject({ views: 120, likes: 4, replies: null });
  const rival = await world.join('Rival');
  expect((await rival.call.assisted.list({ open: false })).tasks).toEqual([]);
  await expect(rival.call.assisted.skip({ taskId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

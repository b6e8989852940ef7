import { parseRssFeed } from 'feedsmith';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let app: Hono;
let appId: string;
let accountIds: string[];

beforeAll(async () => {
  world = await openTestWorld({ config: { PUBLIC_URL: 'https://fanfare.example' } });
  app = httpApp(world.world);
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'outpost.dev', name: 'Outpost & Co' })).id;
  accountIds = [
    (await maya.call.accounts.connectSandbox({ handle: 'one' })).id,
    (await maya.call.accounts.connectSandbox({ handle: 'two' })).id,
  ];
});
afterAll(() => world.close());

async function publish(title: string, text: string): Promise<string> {
  const post = await maya.call.posts.create({
    appId,
    title,
    variants: [{ platform: 'sandbox', parts: [{ text }, { text: `${text} (2)` }] }],
  });
  await maya.call.posts.publishNow({ postId: post.id, accountIds });
  await publishDue(world.world);
  return post.id;
}
const pathOf = async () => new URL((await maya.call.feeds.get({ appId })).url).pathname;

test('an app’s published posts are a feed, each once, newest first', async () => {
  const first = await publish('First <post>', 'Hello & welcome ]]> <b>to</b> it');
  world.clock.forward('1 h');
  await publish('Second', 'More of it');
  await maya.call.posts.create({
    appId,
    title: 'A draft',
    variants: [{ platform: 'sandbox', parts: [{ text: 'Not yet' }] }],
  });
  const path = await pathOf();
  expect(await pathOf()).toBe(path);
  const answer = await app.request(path);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/rss+xml; charset=utf-8']);
  const xml = await answer.text();
  expect(xml).not.toContain('Not yet');
  const feed = parseRssFeed(xml);
  expect(feed.title).toBe('Outpost & Co');
  expect(feed.items?.map((item) => item.title)).toEqual(['Second', 'First <post>']);
  expect(feed.items?.[1]).toMatchObject({
    description:
      'Hello &amp; welcome ]]&gt; &lt;b&gt;to&lt;/b&gt; it<br>\n<br>\nHello &amp; welcome ]]&gt; &lt;b&gt;to&lt;/b&gt; it (2)',
    guid: { value: `urn:uuid:${first}`, isPermaLink: false },
  });
  expect(new Date(String(feed.items?.[1]?.pubDate)).toISOString()).toBe('2026-11-22T09:00:00.000Z');
});

test('a reader that has it gets a few bytes', async () => {
  const path = await pathOf();
  const etag = (await app.request(path)).headers.get('etag') ?? '';
  const again = await app.request(path, { headers: { 'if-none-match': `"x", W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  world.clock.forward('1 h');
  await publish('Third', 'Even more');
  expect((await app.request(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
});

test('a new address ends the old one, and nobody gives one to a stranger’s app', async () => {
  const old = await pathOf();
  await maya.call.feeds.renew({ appId });
  expect((await app.request(old)).status).toBe(404);
  expect((await app.request(await pathOf())).status).toBe(200);
  expect((await app.request('/feeds/guess.xml')).status).toBe(404);
  const rival = await world.join('Rival');
  await expect(rival.call.feeds.get({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.feeds.renew({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('characters that XML has no place for, and answers to somebody, do not get into the feed', async () => {
  await publish('Bell \u0007 and \ufffe', 'It \u001b rings today <script>alert(1)</script>');
  const post = await maya.call.posts.create({
    appId,
    title: 'Answer to @friend',
    variants: [{ platform: 'sandbox', parts: [{ text: 'Only for you' }] }],
  });
  await transaction(maya.context, ({ tx }) =>
    tx.updateTable('posts').set({ source: 'reply' }).where('id', '=', post.id).execute(),
  );
  await expect(maya.call.posts.publishNow({ postId: post.id, accountIds })).rejects.toMatchObject({
    data: { reason: 'answer_only' },
  });
  const xml = await (await app.request(await pathOf())).text();
  expect(xml).not.toMatch(/[^\P{Cc}\t\n\r]|\ufffe|Only for you|<script/u);
  expect(xml).toContain('today &lt;script&gt;');
});

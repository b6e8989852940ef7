import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { shortened, textOfHtml } from '#src/distribute/automations/html.ts';
import { isPreRelease, repositoryOf } from '#src/distribute/automations/releases.ts';
import type { Rule } from '#src/distribute/automations/rule.ts';
import { actOnPosts, draftFromFeeds } from '#src/distribute/automations.ts';
import { fillEmptySlots } from '#src/distribute/publications/evergreen.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { collectMetrics } from '#src/measure/metrics.ts';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { type Site, startSite } from '#test/site.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';

let x: FakeX;
let site: Site;
let world: TestWorld;
let maya: Person;
let accountId: string;
let appId: string;

beforeAll(async () => {
  site = await startSite();
  world = await openTestWorld({ now: new Date().toISOString(), config: { WEB_ALLOW: [site.host] } });
});
beforeEach(async () => {
  world.clock.set(new Date());
  x = await startFakeX({ clock: () => world.clock.now().getTime() });
  putXAt(world, x);
  maya = await world.join();
  accountId = await connectX(world, maya, x);
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  site.pages.clear();
});
afterEach(async () => {
  await x.close();
  expect(x.contractProblems).toEqual([]);
});
afterAll(async () => {
  await world.close();
  await site.close();
});

const texts = () => x.posts('maker').map((post) => post.text);
const look = () => actOnPosts(maya.context);
const collect = () => collectMetrics(maya.context, 'all');
const runs = async () => (await maya.call.automations.runs({ appId })).runs;

async function post(text: string, likes = 0, evergreen = false) {
  const postId = await draft(maya, [text]);
  if (evergreen) await maya.call.posts.update({ postId, version: 1, evergreen });
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  await publishDue(world.world);
  const platformId = x.posts('maker').find((one) => one.text === text)?.id ?? '';
  x.setMetrics(platformId, { likes, impressions: likes * 20 });
  return { postId, publicationId: publications[0]?.publicationId ?? '', platformId };
}

async function ruleOf(rule: Rule, on = true): Promise<string> {
  const { id } = await maya.call.automations.create({ appId, name: 'My rule', rule });
  if (on) await maya.call.automations.switch({ automationId: id, on: true });
  return id;
}

const plug: Rule = {
  kind: 'auto_plug',
  metric: 'likes',
  atLeast: 50,
  withinDays: 7,
  text: 'More about it: {{link}}',
  perDay: 3,
};

describe('a reply under a post that does well', () => {
  test('stands under it once, however often the rule looks, and costs what was said before', async () => {
    const { postId, publicationId, platformId } = await post('Outpost is out', 60);
    await post('Nobody cares', 3);
    await collect();
    const preview = await maya.call.automations.preview({ appId, rule: plug });
    expect(preview.posts).toMatchObject([{ postId, value: 60, now: true, cause: expect.stringContaining('60 likes') }]);
    await ruleOf(plug);
    const { automations } = await maya.call.automations.list({ appId });
    expect(automations).toMatchObject([{ on: true, acted: 0, micros: preview.nowMicros }]);
    expect(texts().length).toBe(2);

    await Promise.all([look(), look()]);
    await look();
    await publishDue(world.world);
    await publishDue(world.world);
    const { links } = await maya.call.links.list({ postId });
    const replies = x.posts('maker').filter((one) => one.replyTo !== null);
    expect(replies).toMatchObject([{ replyTo: platformId, text: `More about it: ${links[0]?.url}` }]);
    expect(await runs()).toMatchObject([{ outcome: 'done', post: { id: postId } }]);
    expect((await maya.call.publications.get({ publicationId })).texts[1]).toMatchObject({ origin: 'plug' });
    const after = await maya.call.automations.preview({ appId, rule: plug, automationId: automations[0]?.id ?? '' });
    expect(after.posts).toMatchObject([{ now: false }]);
  });

  test('waits while publishing is paused, while the budget would not do, and for the next day beyond its number', async () => {
    for (const n of [1, 2, 3]) await post(`Post ${n}`, 70);
    await collect();
    await ruleOf({ ...plug, perDay: 1 });
    await maya.call.publishing.pauseAll({ reason: 'Bad news today' });
    await look();
    expect(await runs()).toEqual([]);
    await maya.call.publishing.resume({});
    const { micros } = (await maya.call.spend.month({})).accounts[0] ?? { micros: 0 };
    await maya.call.accounts.setPolicy({ accountId, monthlyBudgetMicros: micros + 1_000 });
    await look();
    expect(await runs()).toEqual([]);
    expect(await maya.call.publishing.status({})).toMatchObject({ accounts: [] });
    await maya.call.accounts.setPolicy({ accountId, monthlyBudgetMicros: null });
    await look();
    await look();
    expect((await runs()).length).toBe(1);
    world.clock.forward('25 h');
    await look();
    expect((await runs()).length).toBe(2);
  });

  test('is not put under old posts, nor by a rule that is off', async () => {
    await post('Long ago', 10);
    await collect();
    const id = await ruleOf(plug);
    world.clock.forward('8 d');
    x.setMetrics(x.posts('maker')[0]?.id ?? '', { likes: 500 });
    await collect();
    await look();
    await post('Today', 90);
    await collect();
    await maya.call.automations.switch({ automationId: id, on: false });
    await look();
    expect(await runs()).toEqual([]);
  });
});

test('a post is reposted once, by a number or by doing better than the median at the same age', async () => {
  await ruleOf({
    kind: 'auto_repost',
    metric: 'likes',
    atLeast: null,
    timesMedian: 2,
    afterHours: 6,
    withinDays: 3,
    perDay: 5,
  });
  for (const n of [1, 2, 3, 4, 5]) await post(`Usual ${n}`, 10 + n);
  const best = await post('The one', 40);
  world.clock.forward('5 h');
  await collect();
  await look();
  expect(x.reposts('maker')).toEqual([]);
  world.clock.forward('2 h');
  x.setMetrics(best.platformId, { likes: 400 });
  await collect();
  await Promise.all([look(), look()]);
  await look();
  expect(x.reposts('maker')).toEqual([best.platformId]);
  expect(x.ledger().filter((one) => one.item === 'repost').length).toBe(1);
  const [run] = await runs();
  expect(run).toMatchObject({ outcome: 'done', cause: expect.stringContaining('40 likes after 6 hours') });
  const { items } = await maya.call.spend.month({});
  expect(items).toContainEqual({ item: 'x.repost', micros: 15_000, calls: 1 });
});

test('a weak post is deleted with its thread when a person agreed, and its receipts and numbers stay', async () => {
  const old = await post('From before the rule', 1);
  world.clock.forward('4 d');
  await collect();
  await expect(
    maya.call.automations.create({
      appId,
      name: 'Clean up',
      rule: { kind: 'auto_delete', metric: 'likes', below: 5, afterDays: 3, perDay: 3, confirmed: false as true },
    }),
  ).rejects.toThrow();
  await ruleOf({ kind: 'auto_delete', metric: 'likes', below: 5, afterDays: 3, perDay: 3, confirmed: true });
  const postId = await draft(maya, ['Weak', 'and long']);
  await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  await publishDue(world.world);
  const good = await post('Strong', 30);
  world.clock.forward('2 d');
  await collect();
  await look();
  expect(await runs()).toEqual([]);
  world.clock.forward('2 d');
  // Not judged by numbers from before the third day.
  await look();
  expect(await runs()).toEqual([]);
  await collect();
  await look();
  await look();
  expect(texts()).toEqual(['From before the rule', 'Strong']);
  expect(await runs()).toMatchObject([{ outcome: 'done', post: { id: postId } }]);
  const { publications } = await maya.call.publications.list({ postId });
  expect(publications).toMatchObject([{ state: 'published', reason: expect.stringContaining('Deleted from x') }]);
  expect((await maya.call.publications.get({ publicationId: publications[0]?.id ?? '' })).texts.length).toBe(2);
  const { items } = await maya.call.spend.month({});
  expect(items).toContainEqual({ item: 'x.delete', micros: 20_000, calls: 2 });
  expect((await maya.call.notices.list({})).notices.map((one) => one.kind)).toContain('post_removed_by_rule');
  const kept = await transaction(maya.context, ({ tx }) =>
    tx.selectFrom('postMetrics').select('postId').where('postId', '=', postId).execute(),
  );
  expect(kept.length).toBe(2);
  expect([old.postId, good.postId]).not.toContain(postId);
});

test('a weak post is archived: it stays out, nothing is charged, and the queue does not take it up again', async () => {
  await ruleOf({ kind: 'auto_archive', metric: 'impressions', below: 100, afterDays: 1, perDay: 20 });
  const quiet = await post('Quiet', 1, true);
  const loud = await post('Loud', 50, true);
  world.clock.forward('25 h');
  await collect();
  const before = (await maya.call.spend.month({})).micros;
  await look();
  await look();
  expect((await maya.call.spend.month({})).micros).toBe(before);
  expect(texts()).toEqual(['Quiet', 'Loud']);
  expect(await runs()).toMatchObject([{ outcome: 'done', message: 'Set aside.', post: { id: quiet.postId } }]);
  await maya.call.slots.add({ accountId, weekdays: [1, 2, 3, 4, 5, 6, 7], atTime: '09:00' });
  world.clock.forward('40 d');
  expect(await fillEmptySlots(maya.context)).toBeGreaterThan(0);
  const { publications } = await maya.call.publications.list({ state: 'scheduled' });
  expect(new Set(publications.map((one) => one.post.id))).toEqual(new Set([loud.postId]));
});

test('a rule that could never work is refused, with what to do', async () => {
  const make = (rule: Rule) => maya.call.automations.create({ appId, accountId, name: 'No', rule });
  await expect(make({ ...plug, text: 'a'.repeat(281) })).rejects.toThrow('281 of at most 280');
  await expect(make({ ...plug, text: 'See {{url}}' })).rejects.toThrow('There is: {{link}}');
  const feed: Rule = { kind: 'rss_to_draft', feedUrl: 'https://a.example/f', text: 'x', platforms: ['x'], perDay: 5 };
  await expect(make(feed)).rejects.toThrow('where they go out is chosen');
  const other = await world.join('Somebody Else');
  await expect(other.call.automations.create({ appId, name: 'No', rule: plug })).rejects.toThrow('There is no app');
  const id = await ruleOf(plug, false);
  await expect(other.call.automations.switch({ automationId: id, on: true })).rejects.toThrow('There is no automation');
});

const rss = (items: { guid: string; title: string; text?: string }[]) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>${items
    .map(
      ({ guid, title, text }) =>
        `<item><title>${title}</title><link>https://outpost.dev/blog/${guid}</link><guid isPermaLink="false">${guid}</guid><description>&lt;p&gt;${text ?? 'Words'} &amp;amp; more&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description></item>`,
    )
    .join('')}</channel></rss>`;

const feedRule = (): Rule => ({
  kind: 'rss_to_draft',
  feedUrl: `${site.url}/feed.xml`,
  text: 'New: {{title}}\n\n{{summary}}\n\n{{link}}',
  platforms: ['x'],
  perDay: 2,
});

describe('drafts from a feed', () => {
  test('each new item once, never what was there before, as many a day as wanted', async () => {
    const old = [
      { guid: 'b', title: 'Old B' },
      { guid: 'a', title: 'Old A' },
    ];
    site.pages.set('/feed.xml', rss(old));
    await ruleOf(feedRule());
    await draftFromFeeds(maya.context);
    expect((await maya.call.posts.list({ appId })).posts).toEqual([]);

    const fresh = ['3', '2', '1'].map((guid) => ({ guid, title: `News {{link}} ${guid}` }));
    site.pages.set('/feed.xml', rss([...fresh, ...old]));
    await Promise.all([draftFromFeeds(maya.context), draftFromFeeds(maya.context)]);
    await draftFromFeeds(maya.context);
    const { posts } = await maya.call.posts.list({ appId });
    expect(posts.map((one) => one.title).sort()).toEqual(['News {{link}} 1', 'News {{link}} 2']);
    const first = await maya.call.posts.get({ postId: posts.find((one) => one.title.endsWith('1'))?.id ?? '' });
    expect(first).toMatchObject({ status: 'draft', linkUrl: 'https://outpost.dev/blog/1', source: 'automation' });
    expect(first.variants[0]?.parts.map((part) => part.text)).toEqual([
      'New: News { {link}} 1\n\nWords & more\n\n{{link}}',
    ]);
    world.clock.forward('25 h');
    await draftFromFeeds(maya.context);
    expect((await maya.call.posts.list({ appId })).posts.length).toBe(3);
  });

  test('a feed that cannot be read is told once, after three times, and forgotten when it comes back', async () => {
    site.pages.set('/feed.xml', rss([]));
    const id = await ruleOf(feedRule());
    site.pages.set('/feed.xml', '<html><p>Moved</p></html>');
    const told = async () =>
      (await maya.call.notices.list({})).notices.filter((one) => one.kind === 'feed_broken').length;
    for (const n of [0, 0, 1, 1]) {
      await draftFromFeeds(maya.context);
      expect(await told()).toBe(n);
    }
    const { automations } = await maya.call.automations.list({ appId });
    expect(automations).toMatchObject([{ failures: 4, lastError: expect.stringContaining('no RSS, Atom or JSON') }]);
    site.pages.set('/feed.xml', rss([]));
    await draftFromFeeds(maya.context);
    expect(await told()).toBe(0);
    await maya.call.automations.switch({ automationId: id, on: false });
    site.pages.delete('/feed.xml');
    await expect(maya.call.automations.switch({ automationId: id, on: true })).rejects.toThrow('does not exist');
  });

  test('a release becomes a thread and an article; pre-releases only when wanted', async () => {
    const entry = (tag: string, html: string) =>
      `<entry><id>tag:github.com,2008:Repository/1/${tag}</id><updated>2026-11-22T08:00:00Z</updated><link rel="alternate" type="text/html" href="${site.url}/maya/outpost/releases/tag/${tag}"/><title>Outpost ${tag}</title><content type="html">${html.replaceAll('<', '&lt;')}</content></entry>`;
    const feed = (...entries: string[]) =>
      `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>r</id><title>Releases</title><updated>2026-11-22T08:00:00Z</updated>${entries.join('')}</feed>`;
    site.pages.set('/maya/outpost/releases.atom', feed(entry('v1.0.0', '<p>First</p>')));
    await ruleOf({
      kind: 'release_to_draft',
      repository: `${site.url}/maya/outpost`,
      text: '{{title}} is out.\n\n{{notes}}\n\n{{link}}',
      platforms: ['x', 'devto'],
      preReleases: false,
      perDay: 5,
    });
    const notes = `<h2>New</h2><ul>${Array.from({ length: 12 }, (_, n) => `<li>Thing ${n} that does <strong>something</strong> you asked for</li>`).join('')}</ul>`;
    site.pages.set(
      '/maya/outpost/releases.atom',
      feed(entry('v2.1.0-rc.1', '<p>Soon</p>'), entry('v2.0.0', notes), entry('v1.0.0', '<p>First</p>')),
    );
    await draftFromFeeds(maya.context);
    const { posts } = await maya.call.posts.list({ appId });
    expect(posts.map((one) => one.title)).toEqual(['Outpost v2.0.0']);
    const { variants } = await maya.call.posts.get({ postId: posts[0]?.id ?? '' });
    const [thread, article] = ['x', 'devto'].map((name) => variants.find((one) => one.platform === name));
    expect(thread?.parts.length).toBeGreaterThan(1);
    expect(thread?.parts[0]?.text).toMatch(/^Outpost v2\.0\.0 is out\.\n\nNew\n\n- Thing 0/);
    expect(thread?.parts.every((part) => part.text.length <= 280)).toBe(true);
    expect(article?.title).toBe('Outpost v2.0.0');
    expect(article?.parts[0]?.text).toMatch(/^## New\n\n- Thing 0 that does \*\*something\*\*/);
  });

  test('the preview shows what would be drafted, or why nothing can be', async () => {
    site.pages.set('/feed.xml', rss([{ guid: 'a', title: 'A' }]));
    const { items } = await maya.call.automations.preview({ appId, rule: feedRule() });
    expect(items).toMatchObject([
      { title: 'A', drafts: [{ platform: 'x', parts: ['New: A\n\nWords & more\n\n{{link}}'] }] },
    ]);
    site.pages.clear();
    await expect(maya.call.automations.preview({ appId, rule: feedRule() })).rejects.toThrow('does not exist');
    expect((await maya.call.posts.list({ appId })).posts).toEqual([]);
  });
});

test('what reads like a pre-release', () => {
  const tag = (name: string) => isPreRelease(`https://github.com/a/b/releases/tag/${name}`, name);
  expect(
    ['v2.0.0-beta.1', '1.2.3-rc1', '2.0rc1', '3.1b2', '1.0.0.dev3', '4.0.0-alpha'].filter((one) => !tag(one)),
  ).toEqual([]);
  expect(['v2.0.0', '1.2', 'v1.2.3.4', 'release-1.0', '2026.11.22', 'v1.0.0+build.5'].filter(tag)).toEqual([]);
  expect(repositoryOf('maya/outpost')).toBe('https://github.com/maya/outpost');
  expect(repositoryOf('https://git.example/maya/outpost.git')).toBe('https://git.example/maya/outpost');
  expect(() => repositoryOf('javascript:alert(1)')).toThrow('owner/name');
});

test('the text of HTML holds no tags of ours and nothing is cut in two', () => {
  expect(textOfHtml('<p>One<br>two</p><ul><li>a</li><li>b &amp; c</li></ul><p>End</p>')).toBe(
    'One\ntwo\n\n- a\n- b & c\n\nEnd',
  );
  expect(textOfHtml('<p>See <a href="https://a.example/x">this</a> <code>npm i</code></p>', 'markdown')).toBe(
    'See [this](https://a.example/x) `npm i`',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 2, max: 200 }), (text, most) => {
      const short = shortened(text, most);
      expect(short.length).toBeLessThanOrEqual(Math.max(most, 1));
      expect(short.isWellFormed()).toBe(text.isWellFormed());
    }),
  );
});

test('where posts are reviewed, only an owner lets a rule send a text of its own', async () => {
  await maya.call.workspaces.update({ needsApproval: true });
  const ed = personOf(world.world, { id: maya.userId, name: 'Ed', email: maya.email }, maya.workspaceId, 'editor');
  const { id: automationId } = await ed.call.automations.create({ appId, name: 'Mine', rule: plug });
  const refusal = { code: 'FORBIDDEN', data: { reason: 'needs_review' } };
  await expect(ed.call.automations.switch({ automationId, on: true })).rejects.toMatchObject(refusal);
  await maya.call.automations.switch({ automationId, on: true });
  await expect(
    ed.call.automations.update({ automationId, rule: { ...plug, text: 'Nobody reviewed this' } }),
  ).rejects.toMatchObject(refusal);
  await ed.call.automations.update({ automationId, name: 'Ours' });
  await ed.call.automations.switch({ automationId, on: false });
  await ed.call.automations.update({ automationId, rule: { ...plug, text: 'For later' } });
});

test('senseless feeds do not hold up the process, nor the other rules', () => {
  expect(textOfHtml(`${'<div>'.repeat(40_000)}deep`)).toBe('deep');
  expect(textOfHtml(`${'<b>'.repeat(40_000)}bold`, 'markdown')).toBe('bold');
  expect(textOfHtml(`${'<br>'.repeat(200_000)}wide`)).toBe('wide');
  expect(isPreRelease(`https://git.example/a/b/releases/tag/%zz-1.0`, '')).toBe(false);
  expect(isPreRelease('', '1'.repeat(5_000_000))).toBe(false);
});

import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { outgoing } from '#test/outgoing.ts';
import { x } from './index.ts';

let fake: FakeX;
let grant: Grant;

beforeEach(async () => {
  fake = await startFakeX();
  grant = { ...fake.connect('maker'), apiUrl: fake.url };
});

afterEach(async () => {
  expect(fake.contractProblems).toEqual([]);
  await fake.close();
});

const part = (text: string, replyTo: string | null = null) => outgoing({ text, replyTo });
const longAgo = () => new Date(Date.now() - 3_600_000);
const billed = () => fake.ledger().reduce((sum, one) => sum + one.micros, 0);

async function publish(text: string, replyTo: string | null = null) {
  const published = await x.publish(grant, part(text, replyTo));
  if (!published.ok) throw new Error(published.failure.reason);
  return published.value;
}

async function failureOf(call: ReturnType<typeof x.publish | typeof x.ownPosts | typeof x.metrics | typeof x.profile>) {
  const outcome = await call;
  if (outcome.ok) throw new Error('it went well');
  return outcome.failure;
}

describe('publishing', () => {
  it('creates a post, and says where it is and what it cost', async () => {
    const plain = await x.publish(grant, part('Shipped dark mode today.'));
    expect(plain).toMatchObject({ ok: true, cost: { item: 'x.post', micros: 15_000 } });
    const linked = await x.publish(grant, part('Read on: fanfare.dev/dark'));
    expect(linked).toMatchObject({ ok: true, cost: { item: 'x.post_with_url', micros: 200_000 } });
    expect(billed()).toBe(215_000);
    const [post] = fake.posts('maker');
    if (!plain.ok) return;
    expect(plain.value).toEqual({
      platformId: post?.id,
      url: `https://x.com/i/web/status/${post?.id}`,
      publishedAt: new Date(post?.at ?? 0),
    });
  });

  it('publishes a thread and finds it again as written', async () => {
    const texts = [
      '1/3 Q&A <b> "é\u0301" → https://fanfare.dev/a?b=1&c=2',
      '2/3 日本 👨‍👩‍👧‍👦 see fanfare.dev',
      '3/3 &amp; done\n',
    ];
    let parent: string | null = null;
    for (const text of texts) parent = (await publish(text, parent)).platformId;
    const own = await x.ownPosts(grant, longAgo());
    if (!own.ok) throw new Error(own.failure.reason);
    const inOrder = own.value.toReversed();
    expect(inOrder.map((post) => x.comparable(post.text))).toEqual(texts.map(x.comparable));
    expect(inOrder[0]?.text).toBe(texts[0]?.normalize('NFC'));
    expect(inOrder.map((post) => post.replyTo)).toEqual([null, inOrder[0]?.platformId, inOrder[1]?.platformId]);
    expect(own.cost).toEqual({ item: 'x.owned_read', micros: 3_000 });
    expect(fake.ledger().filter((one) => one.item === 'owned_read').length).toBe(3);
  });

  it('refuses what X refuses for good, in words', async () => {
    const theirs = fake.addPost({ username: 'friend', text: 'Hello world' });
    expect(await failureOf(x.publish(grant, part('Hi', theirs.id)))).toMatchObject({
      kind: 'refused',
      code: 'reply_not_allowed',
    });
    expect(await failureOf(x.publish(grant, part('x'.repeat(281))))).toMatchObject({
      kind: 'refused',
      code: 'forbidden',
    });
    expect(await failureOf(x.publish(grant, part('')))).toMatchObject({
      kind: 'refused',
      code: 'invalid_request',
      reason: expect.stringContaining('empty'),
    });
    expect(await failureOf(x.publish(grant, part('Hi', '99')))).toMatchObject({
      kind: 'refused',
      code: 'forbidden',
      reason: expect.stringContaining('deleted'),
    });
    const calling = fake.addPost({ username: 'friend', text: 'What do you say, @maker?' });
    expect((await x.publish(grant, part('Hello', calling.id))).ok).toBe(true);
  });

  it('takes a duplicate for evidence, not for a failure', async () => {
    await publish('Shipped.');
    const again = await x.publish(grant, part('Shipped.'));
    expect(again).toMatchObject({ ok: false, failure: { kind: 'unknown', code: 'duplicate' } });
    expect(again.cost).toBeUndefined();
    expect(fake.posts('maker').length).toBe(1);
  });

  it('waits for the reset of a rate limit, and longer at the cap', async () => {
    fake.rateLimit(1, 120);
    const limited = await failureOf(x.publish(grant, part('a')));
    expect(limited).toMatchObject({ kind: 'later', code: 'rate_limited' });
    if (limited.kind === 'later') expect(Math.abs(limited.until.getTime() - Date.now() - 120_000)).toBeLessThan(10_000);
    for (let n = 1; n < 100; n += 1) await publish(`Post ${n}`);
    expect(await failureOf(x.publish(grant, part('One too many')))).toMatchObject({
      kind: 'later',
      code: 'rate_limited',
    });
    fake.advance(16 * 60_000);
    expect((await x.publish(grant, part('Fine again'))).ok).toBe(true);

    fake.usageCap(true);
    expect(await failureOf(x.publish(grant, part('b')))).toMatchObject({ kind: 'later', code: 'usage_capped' });
    expect(await failureOf(x.ownPosts(grant, longAgo()))).toMatchObject({ kind: 'later', code: 'usage_capped' });
  });

  it('asks to reconnect when the access is gone', async () => {
    fake.advance(7_200_001);
    expect(await failureOf(x.publish(grant, part('a')))).toMatchObject({ kind: 'reconnect', code: 'unauthorized' });
  });

  it('knows that it does not know, and finds the post by looking', async () => {
    for (const trouble of [() => fake.loseAnswers(1), () => fake.failAfter(1, 503), () => fake.failAfter(1, 500)]) {
      trouble();
      const text = `Post ${fake.posts().length} → fanfare.dev`;
      const outcome = await x.publish(grant, part(text));
      // What may have been created may have been billed.
      expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unknown' }, cost: { micros: 200_000 } });
      const own = await x.ownPosts(grant, longAgo());
      expect(own.ok && own.value.filter((post) => x.comparable(post.text) === x.comparable(text)).length).toBe(1);
    }
    fake.failBefore(1, 503);
    expect(await failureOf(x.publish(grant, part('Nothing came of this')))).toMatchObject({ kind: 'unknown' });
    expect(fake.posts('maker').length).toBe(3);
  });

  it('knows that nothing happened when the request never left', async () => {
    const nowhere = { ...grant, apiUrl: `http://127.0.0.1:${await freePort()}` };
    expect(await failureOf(x.publish(nowhere, part('a')))).toMatchObject({ kind: 'later', code: 'unreachable' });
  });

  it('calls once for one part, whatever comes back', async () => {
    fake.loseAnswers(1);
    await x.publish(grant, part('Once'));
    expect(fake.calls).toEqual(['POST /2/tweets lost']);
  });
});

describe('reading', () => {
  it('reads all pages, only since then, and no further than asked', async () => {
    for (let n = 0; n < 130; n += 1)
      fake.addPost({ username: 'maker', text: `Post ${n}`, at: Date.now() - 1_000 * (130 - n) });
    fake.addPost({ username: 'maker', text: 'Old', at: Date.now() - 86_400_000 });
    const own = await x.ownPosts(grant, longAgo());
    expect(own.ok && own.value.length).toBe(130);
    expect(own.ok && own.value[0]?.text).toBe('Post 129');
    expect(fake.calls).toEqual(['GET /2/users/1000001/tweets 200', 'GET /2/users/1000001/tweets 200']);
  });

  it('tells the counters of young and old posts, and leaves out what is gone', async () => {
    const young = await publish('Young');
    const old = fake.addPost({ username: 'maker', text: 'Old', at: Date.now() - 40 * 86_400_000 });
    fake.setMetrics(young.platformId, {
      impressions: 900,
      likes: 12,
      replies: 2,
      reposts: 3,
      quotes: 1,
      bookmarks: 4,
      linkClicks: 7,
      profileClicks: 5,
    });
    fake.setMetrics(old.id, { impressions: 50, linkClicks: 9 });
    const gone = `${BigInt(young.platformId) - 1n}`;
    const read = await x.metrics(grant, [old.id, gone, young.platformId]);
    const rest = { views: null, follows: null };
    expect(read).toEqual({
      ok: true,
      value: [
        {
          platformId: young.platformId,
          impressions: 900,
          likes: 12,
          replies: 2,
          reposts: 3,
          quotes: 1,
          bookmarks: 4,
          linkClicks: 7,
          profileClicks: 5,
          ...rest,
        },
        {
          platformId: old.id,
          impressions: 50,
          likes: 0,
          replies: 0,
          reposts: 0,
          quotes: 0,
          bookmarks: 0,
          linkClicks: null,
          profileClicks: null,
          ...rest,
        },
      ],
      cost: { item: 'x.owned_read', micros: 2_000 },
    });
    expect(await x.metrics(grant, [])).toEqual({ ok: true, value: [], cost: undefined });
  });

  it('reads again without clicks what X thinks is too old for them', async () => {
    // By our clock an hour and more is left, by that of X it is over.
    const border = fake.addPost({ username: 'maker', text: 'Border', at: Date.now() - 30 * 86_400_000 + 5_400_000 });
    const young = await publish('Young');
    fake.setMetrics(border.id, { likes: 3, linkClicks: 2 });
    fake.advance(6_000_000);
    const read = await x.metrics(grant, [border.id, young.platformId]);
    expect(read.ok && read.value.map((one) => [one.platformId, one.likes, one.linkClicks])).toEqual([
      [young.platformId, 0, 0],
      [border.id, 3, null],
    ]);
    expect(fake.calls.filter((call) => call.startsWith('GET'))).toEqual([
      'GET /2/users/1000001/tweets 200',
      'GET /2/users/1000001/tweets 200',
    ]);
  });

  it('understands X before August 2026 as well', async () => {
    fake.speak('old');
    const first = await publish('First');
    await publish('Second', first.platformId);
    fake.setMetrics(first.platformId, { reposts: 8 });
    const own = await x.ownPosts(grant, longAgo());
    expect(own.ok && own.value.map((post) => [post.text, post.replyTo])).toEqual([
      ['Second', first.platformId],
      ['First', null],
    ]);
    const counters = await x.metrics(grant, [first.platformId]);
    expect(counters.ok && counters.value[0]?.reposts).toBe(8);
    const me = await x.profile(grant);
    expect(me.ok && me.value.posts).toBe(2);
    expect(fake.calls.filter((call) => call.endsWith(' 400')).length).toBe(2);
  });

  it('reads the whole of a long post', async () => {
    fake.setUser('maker', { subscriptionType: 'Premium' });
    const me = await x.profile(grant);
    expect(me.ok && me.value.longPosts).toBe(true);
    const text = `${'A long story & more. '.repeat(30)}https://fanfare.dev/end`;
    for (const vocabulary of ['new', 'old'] as const) {
      fake.speak(vocabulary);
      await publish(`${text} ${vocabulary}`);
      const own = await x.ownPosts(grant, longAgo());
      expect(own.ok && own.value[0]?.text).toBe(`${text} ${vocabulary}`);
    }
  });

  it('tries a read later when X is away, breaks off, or limits', async () => {
    fake.failBefore(1, 503, 'read');
    expect(await failureOf(x.ownPosts(grant, longAgo()))).toMatchObject({ kind: 'later', code: 'unavailable' });
    fake.loseAnswers(1, 'read');
    expect(await failureOf(x.metrics(grant, ['1800000000000000000']))).toMatchObject({
      kind: 'later',
      code: 'unreachable',
    });
    fake.rateLimit(1, 60, 'read');
    expect(await failureOf(x.profile(grant))).toMatchObject({ kind: 'later', code: 'rate_limited' });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

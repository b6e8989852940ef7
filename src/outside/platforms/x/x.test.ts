import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Grant } from '#src/outside/platform.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { outgoing } from '#test/outgoing.ts';
import { timeOf } from './ids.ts';
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

const { oauth } = x;
const refresh = (app: typeof fake.app, refreshToken: string) => x.refresh({ app, refreshToken });
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

describe('connecting an account', () => {
  const redirectUri = 'https://fanfare.example/callback';
  const verifier = randomBytes(40).toString('base64url');
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url');

  async function consent(): Promise<URL> {
    const page = oauth.authorizeUrl(fake.app, { redirectUri, state: 'st te', codeChallenge });
    const answer = await fetch(page, { redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '');
  }

  const exchange = (callback: URL, codeVerifier = verifier) =>
    oauth.exchange(fake.app, { code: callback.searchParams.get('code') ?? '', codeVerifier, redirectUri });

  it('sends the person to X, changes the code for tokens, and knows who they are', async () => {
    const callback = await consent();
    expect(callback.searchParams.get('state')).toBe('st te');
    const tokens = await exchange(callback);
    expect(tokens).toMatchObject({
      ok: true,
      value: { scopes: expect.arrayContaining(['tweet.write', 'offline.access']) },
    });
    if (!tokens.ok) return;
    expect(tokens.value.expiresIn).toBe(7200);
    expect(await x.profile({ token: tokens.value.access, platformUserId: '', apiUrl: fake.url })).toEqual({
      ok: true,
      value: {
        platformUserId: '1000001',
        handle: 'maker',
        name: 'Mia Maker',
        avatarUrl: 'https://pbs.twimg.com/profile_images/1000001/normal.jpg',
        followers: 321,
        following: 45,
        posts: 0,
        longPosts: false,
      },
      cost: { item: 'x.user_read', micros: 10_000 },
    });
  });

  it('asks to connect again when the code is old, used, or not for this browser', async () => {
    const late = await consent();
    fake.advance(31_000);
    expect(await exchange(late)).toMatchObject({ ok: false, failure: { kind: 'reconnect' } });
    expect(await exchange(await consent(), 'another verifier')).toMatchObject({ failure: { kind: 'reconnect' } });
    const callback = await consent();
    const first = await exchange(callback);
    expect(await exchange(callback)).toMatchObject({ ok: false, failure: { kind: 'reconnect' } });
    // A code used twice ends what came from it.
    if (first.ok)
      expect(await failureOf(x.profile({ ...grant, token: first.value.access }))).toMatchObject({ kind: 'reconnect' });
  });

  it('rotates the refresh token, and loses the grant when an old one is used again', async () => {
    const first = await exchange(await consent());
    if (!first.ok || !first.value.refresh) throw new Error('no tokens');
    const second = await refresh(fake.app, first.value.refresh);
    if (!second.ok || !second.value.refresh) throw new Error('no tokens');
    expect(second.value.refresh).not.toBe(first.value.refresh);
    expect((await x.profile({ ...grant, token: second.value.access })).ok).toBe(true);

    expect(await refresh(fake.app, first.value.refresh)).toMatchObject({
      ok: false,
      failure: { kind: 'reconnect', code: 'invalid_request', reason: expect.stringContaining('token was invalid') },
    });
    expect(await refresh(fake.app, second.value.refresh)).toMatchObject({ failure: { kind: 'reconnect' } });
    expect(await failureOf(x.profile({ ...grant, token: second.value.access }))).toMatchObject({ kind: 'reconnect' });
  });

  it('does not know how a refresh ended when its answer is lost or is no answer', async () => {
    const { refreshToken } = fake.connect('maker');
    fake.failBefore(1, 503, 'token');
    expect(await refresh(fake.app, refreshToken)).toMatchObject({
      failure: { kind: 'unknown', code: 'http_503' },
    });
    fake.loseAnswers(1, 'token');
    expect(await refresh(fake.app, refreshToken)).toMatchObject({
      failure: { kind: 'unknown', code: 'no_answer' },
    });
    const nowhere = { ...fake.app, apiUrl: `http://127.0.0.1:${await freePort()}` };
    expect(await refresh(nowhere, refreshToken)).toMatchObject({
      failure: { kind: 'later', code: 'unreachable' },
    });
  });

  it('says so when the developer app itself is wrong', async () => {
    const outcome = await refresh({ ...fake.app, clientSecret: 'wrong' }, fake.connect('maker').refreshToken);
    expect(outcome).toMatchObject({ failure: { kind: 'refused', code: 'invalid_client' } });
  });

  it('works for a public client, which has no secret', async () => {
    const open = await startFakeX({ clientSecret: null });
    const tokens = await refresh(open.app, open.connect('maker').refreshToken);
    await open.close();
    expect(tokens.ok).toBe(true);
  });
});

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

describe('the fake itself', () => {
  it('is told what to do over HTTP as well, and checks itself where the document of X is', async () => {
    const control = (name: string, body: object) =>
      fetch(`${fake.url}/_control/${name}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await control('failBefore', { n: 1, status: 503 })).status).toBe(200);
    expect((await control('failBefore', { n: 'x' })).status).toBe(400);
    expect(await failureOf(x.publish(grant, part('a')))).toMatchObject({ kind: 'unknown' });
    await publish('Hello');
    const listed: unknown = await (await fetch(`${fake.url}/_control/posts`)).json();
    expect(listed).toMatchObject({ result: [{ text: 'Hello' }] });
    if (!fake.checksContract) return console.warn("skipped: X's OpenAPI document is not at ../shared/data/x-api");
    const auth = { authorization: `Bearer ${grant.token}`, 'content-type': 'application/json' };
    await fetch(`${fake.url}/2/tweets`, { method: 'POST', headers: auth, body: '{"text":"b","made_for_kids":true}' });
    await fetch(`${fake.url}/2/users/me?post.feelds=id`, { headers: auth });
    expect(fake.contractProblems.splice(0)).toEqual([
      expect.stringContaining('additional properties'),
      expect.stringContaining('post.feelds is not known'),
    ]);
    const deleted = await fetch(`${fake.url}/2/tweets/${fake.posts()[0]?.id}`, { method: 'DELETE', headers: auth });
    expect(await deleted.json()).toEqual({ data: { deleted: true } });
    await fetch(`${fake.url}/2/tweets?ids=${fake.posts()[0]?.id},5&post.fields=public_metrics`, { headers: auth });
  });

  it('asks the person where it does not approve by itself', async () => {
    fake.authorizeAs('maker', false);
    const codeChallenge = createHash('sha256').update('v').digest('base64url');
    const page = oauth.authorizeUrl(fake.app, { redirectUri: 'https://fanfare.example/', state: 's', codeChallenge });
    expect(await (await fetch(page)).text()).toContain('Authorize app');
    const form = new URLSearchParams(new URL(page).searchParams);
    form.set('decision', 'deny');
    const denied = await fetch(page, { method: 'POST', body: form, redirect: 'manual' });
    expect(denied.headers.get('location')).toBe('https://fanfare.example/?state=s&error=access_denied');
    form.set('decision', 'approve');
    form.set('as', 'friend');
    const approved = await fetch(page, { method: 'POST', body: form, redirect: 'manual' });
    const code = new URL(approved.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const tokens = await oauth.exchange(fake.app, { code, codeVerifier: 'v', redirectUri: 'https://fanfare.example/' });
    const me = await x.profile({ ...grant, token: tokens.ok ? tokens.value.access : '' });
    expect(me.ok && me.value.handle).toBe('friend');
    const bad = await fetch(page.replace('S256', 'plain'));
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('S256')]);
  });

  it('runs as a process of its own, and remembers what it did before it was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fake-x-'));
    const start = async () => {
      const file = fileURLToPath(import.meta.resolve('#test/fakes/x/main.ts'));
      const child = spawn(process.execPath, [file, '--port', '0', '--state', join(folder, 'x.json')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const apiUrl = String((await once(child.stdout, 'data'))[0]).trim();
      const tell = async (name: string, body: object): Promise<unknown> =>
        (await fetch(`${apiUrl}/_control/${name}`, { method: 'POST', body: JSON.stringify(body) })).json();
      return { child, apiUrl, tell };
    };
    try {
      const first = await start();
      const connected = z.object({ result: z.object({ token: z.string(), platformUserId: z.string() }) });
      const access = connected.parse(await first.tell('connect', {})).result;
      await first.tell('answerSlowly', { ms: 60_000, n: 1 });
      const waiting = x.publish({ ...access, apiUrl: first.apiUrl }, part('Into the dark'));
      for (let posts = 0; posts === 0; ) {
        const listed = await (await fetch(`${first.apiUrl}/_control/posts`)).json();
        posts = z.object({ result: z.array(z.unknown()) }).parse(listed).result.length;
      }
      first.child.kill('SIGKILL');
      expect(await waiting).toMatchObject({ ok: false, failure: { kind: 'unknown', code: 'no_answer' } });

      const second = await start();
      const own = await x.ownPosts({ ...access, apiUrl: second.apiUrl }, longAgo());
      expect(own.ok && own.value.map((post) => post.text)).toEqual(['Into the dark']);
      second.child.kill('SIGTERM');
      expect((await once(second.child, 'exit'))[0]).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('gives ids that carry their time', () => {
    const at = Date.now() - 5_000_000;
    expect(timeOf(fake.addPost({ username: 'maker', text: 'Then', at }).id).getTime()).toBe(at);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

import { createServer } from 'node:net';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Grant, OutgoingMedia, OutgoingPart } from '#src/outside/platform.ts';
import { openWeb, type Web } from '#src/outside/web.ts';
import { type Account, startPds } from '#test/fakes/pds/index.ts';
import { startAppView, startDirectory } from '#test/fakes/pds/network.ts';
import { outgoing } from '#test/outgoing.ts';
import { openBluesky } from './index.ts';
import { entitiesOf } from './text.ts';
import { tidOf, timeOfTid } from './tid.ts';

let directory: Awaited<ReturnType<typeof startDirectory>>;
let view: Awaited<ReturnType<typeof startAppView>>;
let pds: Awaited<ReturnType<typeof startPds>>;
let web: Web;
let bluesky: ReturnType<typeof openBluesky>;
let maya: Account;
let grant: Grant;
let made = 0;

beforeAll(async () => {
  directory = await startDirectory();
  view = await startAppView();
  pds = await startPds({ directoryUrl: directory.url, appViewUrl: view.url });
  const real = openWeb({ allow: [pds.url, view.url].map((url) => new URL(url).host), userAgent: 'Fanfare/test' });
  // The name fanfare.dev means the test's own pages.
  web = { ...real, fetchPage: (url, limits) => real.fetchPage(url.replace('https://fanfare.dev', view.url), limits) };
  bluesky = openBluesky(web);
  maya = await pds.join('maya.test');
  grant = { token: maya.token, platformUserId: maya.did, apiUrl: pds.url };
});

afterAll(async () => {
  await web?.close();
  await pds?.close();
  await view?.close();
  await directory?.close();
});

/** A part of its own; the same arguments again are another one. */
function part(text: string, more: Partial<OutgoingPart> = {}): OutgoingPart {
  made += 1;
  const firstTriedAt = new Date(Date.UTC(2026, 10, 22, 9, 0, 0, made));
  return outgoing({
    text,
    firstTriedAt,
    idempotencyKey: `6f1c7d0e-0000-4a77-8f7e-${String(made).padStart(12, '0')}`,
    ...more,
  });
}

async function publish(sent: OutgoingPart) {
  const outcome = await bluesky.publish(grant, sent);
  if (!outcome.ok) throw new Error(outcome.failure.reason);
  return outcome.value;
}

const postShape = z.looseObject({ text: z.string() });
async function records(collection = 'app.bsky.feed.post', of = grant) {
  const search = new URLSearchParams({ repo: of.platformUserId, collection, limit: '100' });
  const got = await fetch(`${of.apiUrl}/xrpc/com.atproto.repo.listRecords?${search}`);
  const shape = z.object({
    records: z.array(z.object({ uri: z.string(), cid: z.string(), value: z.looseObject({}) })),
  });
  return shape.parse(await got.json()).records;
}
async function recordAt(uri: string) {
  const found = (await records()).find((one) => one.uri === uri);
  if (!found) throw new Error(`${uri} is not there`);
  return { ...found, value: postShape.parse(found.value) };
}

async function picture(): Promise<OutgoingMedia> {
  const bytes = await sharp({ create: { width: 64, height: 40, channels: 3, background: '#e64980' } })
    .png()
    .toBuffer();
  return {
    kind: 'image',
    mediaType: 'image/png',
    bytes: bytes.length,
    width: 64,
    height: 40,
    milliseconds: null,
    altText: 'A pink rectangle',
    read: async (from, to) => bytes.subarray(from, to),
    publicUrl: null,
    uploadedId: null,
  };
}

describe('connecting', () => {
  it('opens a session with an app password and says who it is', async () => {
    view.profiles.set(maya.did, {
      did: maya.did,
      handle: 'maya.test',
      displayName: 'Maya Lind',
      avatar: 'https://cdn.example/maya.jpg',
      followersCount: 12,
      followsCount: 7,
      postsCount: 3,
    });
    const opened = await bluesky.keys.open({ handle: '@Maya.test', appPassword: maya.appPassword, server: pds.url });
    if (!opened.ok) throw new Error(opened.failure.reason);
    const { tokens, profile, apiUrl } = opened.value;
    expect(apiUrl).toBe(pds.url);
    expect(tokens).toMatchObject({ expiresIn: 7_200, refresh: expect.any(String) });
    expect(profile).toEqual({
      platformUserId: maya.did,
      handle: 'maya.test',
      name: 'Maya Lind',
      avatarUrl: 'https://cdn.example/maya.jpg',
      followers: 12,
      following: 7,
      posts: 3,
      longPosts: false,
    });
    expect((await bluesky.publish({ ...grant, token: tokens.access }, part('From an app password'))).ok).toBe(true);
  });

  it('says what is wrong with what was entered', async () => {
    const enter = (values: Record<string, string>) =>
      bluesky.keys.open({ handle: 'maya.test', appPassword: maya.appPassword, server: pds.url, ...values });
    expect(await enter({ appPassword: 'abcd-efgh-ijkl-mnop' })).toMatchObject({
      failure: { kind: 'refused', code: 'wrong_password' },
    });
    expect(await enter({ handle: 'nobody.test' })).toMatchObject({ failure: { code: 'wrong_password' } });
    expect(await enter({ server: 'ftp://example.com' })).toMatchObject({ failure: { code: 'bad_server' } });
    expect(await enter({ server: `${view.url}/some/where` })).toMatchObject({ failure: { code: 'no_pds' } });
    expect(await enter({ server: 'http://192.168.1.1' })).toMatchObject({
      failure: { kind: 'later', reason: expect.stringContaining('private network') },
    });
  });

  it('renews the session, and asks for a person when it is gone', async () => {
    const opened = await bluesky.keys.open({ handle: 'maya.test', appPassword: maya.appPassword, server: pds.url });
    if (!opened.ok) throw new Error(opened.failure.reason);
    const refreshToken = opened.value.tokens.refresh ?? '';
    const stale = { ...grant, token: pds.expiredToken(maya.did) };
    const sent = part('Sent with an old token');
    expect(await bluesky.publish(stale, sent)).toMatchObject({ failure: { kind: 'reconnect', code: 'ExpiredToken' } });
    const renewed = await bluesky.refresh({ refreshToken, apiUrl: pds.url, app: null });
    if (!renewed.ok) throw new Error(renewed.failure.reason);
    expect(renewed.value.refresh).not.toBe(refreshToken);
    expect((await bluesky.publish({ ...grant, token: renewed.value.access }, sent)).ok).toBe(true);

    pds.answerWith(503);
    expect(await bluesky.refresh({ refreshToken, apiUrl: pds.url, app: null })).toMatchObject({
      failure: { kind: 'unknown', code: 'http_503' },
    });
    expect(await bluesky.refresh({ refreshToken: 'nonsense', apiUrl: pds.url, app: null })).toMatchObject({
      failure: { kind: 'reconnect' },
    });
    expect(await bluesky.profile({ ...grant, token: 'nonsense' })).toMatchObject({ failure: { kind: 'reconnect' } });
  });

  it('lives on a server that has nobody to ask about the network', async () => {
    const bare = await startPds({ directoryUrl: directory.url, appViewUrl: null });
    const door = openWeb({ allow: [new URL(bare.url).host], userAgent: 'Fanfare/test' });
    try {
      const noor = await bare.join('noor.test');
      const alone = openBluesky(door);
      const enter = { handle: 'noor.test', appPassword: noor.appPassword, server: bare.url };
      const opened = await alone.keys.open(enter);
      expect(opened).toMatchObject({
        ok: true,
        value: { profile: { name: 'noor.test', followers: null, avatarUrl: null } },
      });
      const own: Grant = { token: noor.token, platformUserId: noor.did, apiUrl: bare.url };
      const put = { repo: noor.did, collection: 'app.bsky.actor.profile', rkey: 'self' };
      await bare.call(
        'com.atproto.repo.putRecord',
        { ...put, record: { $type: put.collection, displayName: 'Noor' } },
        noor.token,
      );
      expect(await alone.profile(own)).toMatchObject({ ok: true, value: { name: 'Noor', platformUserId: noor.did } });
      const posted = await alone.publish(own, part('Alone'));
      expect(posted.ok && (await alone.ownPosts(own, new Date(0)))).toMatchObject({ value: [{ text: 'Alone' }] });
      expect(await alone.metrics(own, ['at://x/app.bsky.feed.post/y'])).toMatchObject({
        failure: { kind: 'refused', reason: expect.stringContaining('No service configured') },
      });
    } finally {
      await door.close();
      await bare.close();
    }
  });
});

describe('publishing', () => {
  it('publishes once, however often it is sent', async () => {
    const sent = part('Shipped dark mode today.');
    const first = await bluesky.publish(grant, sent);
    const before = await records();
    const second = await bluesky.publish(grant, sent);
    expect(second).toMatchObject({ ok: true, value: first.ok ? first.value : null });
    expect(await records()).toEqual(before);
    if (!first.ok) return;
    const { platformId, url, publishedAt } = first.value;
    expect(platformId).toBe(`at://${maya.did}/app.bsky.feed.post/${tidOf(sent.firstTriedAt, sent.idempotencyKey)}`);
    expect(url).toBe(`https://bsky.app/profile/${maya.did}/post/${platformId.split('/').at(-1)}`);
    expect(bluesky.idOfUrl(url)).toBe(platformId);
    expect(publishedAt).toEqual(sent.firstTriedAt);
    expect(first.said).toMatch(/^HTTP 200 \{"uri":/);
    expect(await bluesky.publish(grant, { ...sent, text: 'Other words' })).toMatchObject({
      failure: { kind: 'refused', code: 'other_text' },
    });
    expect((await recordAt(platformId)).value.text).toBe(sent.text);
  });

  it('sends an unknown outcome again, and there is one post', async () => {
    const sent = part('Into the dark');
    pds.loseAnswer();
    expect(await bluesky.publish(grant, sent)).toMatchObject({ failure: { kind: 'unknown', code: 'no_answer' } });
    expect((await bluesky.publish(grant, sent)).ok).toBe(true);
    expect((await records()).filter((one) => one.value.text === 'Into the dark').length).toBe(1);
    pds.answerWith(502);
    expect(await bluesky.publish(grant, part('Nothing came of it'))).toMatchObject({
      failure: { kind: 'unknown', code: 'http_502' },
    });
  });

  it('publishes a thread in which each part names its parent and the first', async () => {
    const first = await publish(part('1/3 Why'));
    const second = await publish(part('2/3 How', { replyTo: first.platformId }));
    const third = await publish(part('3/3 When', { replyTo: second.platformId }));
    const all = await Promise.all([first, second, third].map((one) => recordAt(one.platformId)));
    const [a, b] = all.map(({ uri, cid }) => ({ uri, cid }));
    expect(all.map((one) => one.value.reply)).toEqual([undefined, { root: a, parent: a }, { root: a, parent: b }]);
    const own = await bluesky.ownPosts(grant, new Date(0));
    expect(own.ok && own.value.slice(0, 3)).toEqual([
      {
        platformId: third.platformId,
        url: third.url,
        text: '3/3 When',
        replyTo: second.platformId,
        publishedAt: third.publishedAt,
      },
      expect.objectContaining({ text: '2/3 How', replyTo: first.platformId }),
      expect.objectContaining({ text: '1/3 Why', replyTo: null }),
    ]);
    const later = await bluesky.ownPosts(grant, second.publishedAt);
    expect(later.ok && later.value.length).toBe(2);
    const gone = `at://${maya.did}/app.bsky.feed.post/3aaaaaaaaaaaa`;
    expect(await bluesky.publish(grant, part('To nobody', { replyTo: gone }))).toMatchObject({
      failure: { kind: 'refused', code: 'post_not_there' },
    });
  });

  it('gives a picture with its words for those who do not see it', async () => {
    const media = await picture();
    let steps = 0;
    const given = await bluesky.upload(grant, media, async () => {
      steps += 1;
    });
    if (!given.ok) throw new Error(given.failure.reason);
    expect([steps, given.value.ready]).toEqual([1, true]);
    const sent = part('Look', { media: [{ ...media, uploadedId: given.value.mediaId }] });
    const { value } = await recordAt((await publish(sent)).platformId);
    expect(value.embed).toMatchObject({
      $type: 'app.bsky.embed.images',
      images: [
        {
          alt: 'A pink rectangle',
          aspectRatio: { width: 64, height: 40 },
          image: { mimeType: 'image/png', size: media.bytes },
        },
      ],
    });
    expect(await bluesky.publish(grant, part('Look', { media: [media] }))).toMatchObject({
      failure: { kind: 'refused', code: 'media_missing' },
    });
    const video: OutgoingMedia = { ...media, kind: 'video', uploadedId: given.value.mediaId };
    expect(await bluesky.publish(grant, part('Look', { media: [video] }))).toMatchObject({
      failure: { code: 'media_kind' },
    });
    pds.answerWith(413);
    expect(await bluesky.upload(grant, media, async () => {})).toMatchObject({ failure: { kind: 'refused' } });
  });

  it('makes links, people and hashtags clickable at the right bytes', async () => {
    await pds.join('freddy.test');
    view.pages.set('a', '<title>Dark mode &amp; you</title><meta property="og:description" content="What  it took">');
    const text = '🎉 Grüße an @freddy.test, @nobody.test: fanfare.dev/x 日本 https://fanfare.dev/pages/a. #indie #2026';
    const { value } = await recordAt((await publish(part(text))).platformId);
    const shape = z.array(
      z.object({
        index: z.object({ byteStart: z.number(), byteEnd: z.number() }),
        features: z.array(z.looseObject({})),
      }),
    );
    const bytes = Buffer.from(text);
    const shown = shape
      .parse(value.facets)
      .map(({ index, features }) => [
        bytes.subarray(index.byteStart, index.byteEnd).toString(),
        features[0]?.uri ?? features[0]?.tag ?? features[0]?.did,
      ]);
    expect(shown).toEqual([
      ['@freddy.test', expect.stringMatching(/^did:plc:/)],
      ['fanfare.dev/x', 'https://fanfare.dev/x'],
      ['https://fanfare.dev/pages/a', 'https://fanfare.dev/pages/a'],
      ['#indie', 'indie'],
    ]);
    expect(value.embed).toBeUndefined();
  });

  it('shows a card of the page a link leads to, and does without when it cannot be read', async () => {
    view.pages.set(
      'b',
      '<title>x</title><meta property="og:title" content="Dark mode"><meta name="description" content="Less light">',
    );
    const sent = part('Read https://fanfare.dev/pages/b');
    const { platformId } = await publish(sent);
    expect((await recordAt(platformId)).value.embed).toEqual({
      $type: 'app.bsky.embed.external',
      external: { uri: 'https://fanfare.dev/pages/b', title: 'Dark mode', description: 'Less light' },
    });
    // The page changed between two attempts: what is out stays as it is.
    view.pages.set('b', '<title>Quite another</title>');
    expect(await bluesky.publish(grant, sent)).toMatchObject({ ok: true, value: { platformId } });
    expect((await recordAt(platformId)).value.embed).toMatchObject({ external: { title: 'Dark mode' } });
  });

  it('lets only some people answer', async () => {
    const { platformId } = await publish(part('Quiet please', { replySettings: 'mentioned' }));
    await publish(part('All of you', { replySettings: 'everyone' }));
    const gates = await records('app.bsky.feed.threadgate');
    expect(gates.map((one) => one.value)).toEqual([
      expect.objectContaining({ post: platformId, allow: [{ $type: 'app.bsky.feed.threadgate#mentionRule' }] }),
    ]);
  });

  it('refuses what Bluesky refuses for good, in words', async () => {
    const family = '👩‍👩‍👧‍👦';
    expect(bluesky.measureText(family.repeat(100))).toEqual({ length: 100, valid: true });
    expect((await bluesky.publish(grant, part('é'.repeat(300)))).ok).toBe(true);
    expect(bluesky.measureText('a'.repeat(301))).toEqual({ length: 301, valid: false });
    expect(await bluesky.publish(grant, part('a'.repeat(301)))).toMatchObject({
      failure: { kind: 'refused', code: 'too_long', reason: expect.stringContaining('300') },
    });
    expect(await bluesky.publish(grant, part(' '))).toMatchObject({ failure: { kind: 'refused', code: 'empty' } });
    const poll = { minutes: 60, options: ['a', 'b'] };
    expect(await bluesky.publish(grant, part('?', { poll }))).toMatchObject({ failure: { code: 'no_polls' } });
  });

  it('waits when the server limits or is away', async () => {
    const reset = Math.floor(Date.now() / 1000) + 120;
    pds.answerWith(429, { 'ratelimit-reset': String(reset) });
    expect(await bluesky.publish(grant, part('a'))).toMatchObject({
      failure: { kind: 'later', code: 'rate_limited', until: new Date(reset * 1000) },
    });
    pds.answerWith(503);
    expect(await bluesky.ownPosts(grant, new Date(0))).toMatchObject({
      failure: { kind: 'later', code: 'unavailable' },
    });
    const nowhere = `127.0.0.1:${await freePort()}`;
    const door = openWeb({ allow: [nowhere], userAgent: 'Fanfare/test' });
    const away = await openBluesky(door).publish({ ...grant, apiUrl: `http://${nowhere}` }, part('a'));
    await door.close();
    expect(away).toMatchObject({ failure: { kind: 'later', code: 'unreachable' } });
  });
});

describe('afterwards', () => {
  it('tells the counters, and leaves out what is gone', async () => {
    const { platformId } = await publish(part('Measured'));
    view.counts.set(platformId, { likeCount: 12, replyCount: 3, repostCount: 4, quoteCount: 1 });
    const byHandle = platformId.replace(maya.did, 'maya.test');
    const others = Array.from({ length: 30 }, (_, n) => `at://${maya.did}/app.bsky.feed.post/3aaaaaaaaaa${n + 10}`);
    const told = await bluesky.metrics(grant, [byHandle, ...others]);
    expect(told).toEqual({
      ok: true,
      value: [
        {
          platformId: byHandle,
          impressions: null,
          views: null,
          likes: 12,
          replies: 3,
          reposts: 4,
          quotes: 1,
          bookmarks: null,
          linkClicks: null,
          profileClicks: null,
          follows: null,
        },
      ],
    });
  });

  it('reads what others wrote, oldest first and only what is new', async () => {
    const minute = (n: number) => new Date(Date.now() - n * 60_000).toISOString();
    const author = { did: 'did:plc:friend', handle: 'friend.test', displayName: 'Fred' };
    const at = (key: string) => `at://did:plc:friend/app.bsky.feed.post/${key}`;
    const own = `at://${maya.did}/app.bsky.feed.post/3own`;
    const strong = { uri: own, cid: 'bafy' };
    const record = (text: string, more: object = {}) => ({ text, createdAt: minute(9), ...more });
    view.notifications.push(
      { uri: at('old'), reason: 'mention', indexedAt: minute(20_000), author, record: record('long ago') },
      {
        uri: at('one'),
        reason: 'reply',
        indexedAt: minute(9),
        author,
        record: record('Nice', { reply: { root: strong, parent: strong } }),
      },
      { uri: at('two'), reason: 'mention', indexedAt: minute(8), author, record: record('Look, @maya.test') },
      { uri: at('like'), reason: 'like', indexedAt: minute(7), author, record: {} },
      { uri: at('three'), reason: 'quote', reasonSubject: own, indexedAt: minute(6), author, record: record('This') },
    );
    const all = await bluesky.mentions(grant, null);
    expect(all.ok && all.value.map(({ kind, text, replyTo }) => [kind, text, replyTo])).toEqual([
      ['reply', 'Nice', own],
      ['mention', 'Look, @maya.test', null],
      ['quote', 'This', own],
    ]);
    expect(all.ok && all.value[0]?.author).toEqual({
      platformUserId: 'did:plc:friend',
      handle: 'friend.test',
      name: 'Fred',
      followers: null,
    });
    const fresh = await bluesky.mentions(grant, at('two'));
    expect(fresh.ok && fresh.value.map((one) => one.text)).toEqual(['This']);
  });

  it('shows a post once more, once, and removes it', async () => {
    const { platformId } = await publish(part('Again'));
    expect(await bluesky.repost(grant, platformId)).toEqual({ ok: true, value: null });
    expect(await bluesky.repost(grant, platformId)).toEqual({ ok: true, value: null });
    expect((await records('app.bsky.feed.repost')).map((one) => one.value.subject)).toMatchObject([
      { uri: platformId },
    ]);
    expect(await bluesky.remove(grant, platformId)).toEqual({ ok: true, value: null });
    expect(await bluesky.remove(grant, platformId)).toEqual({ ok: true, value: null });
    expect((await records()).some((one) => one.uri === platformId)).toBe(false);
    expect(await bluesky.repost(grant, platformId)).toMatchObject({ failure: { code: 'post_not_there' } });
  });
});

describe('texts and keys', () => {
  it('finds no more than there is', () => {
    const shown = (text: string) => entitiesOf(text).map(({ start, end }) => text.slice(start, end));
    expect(shown('mail hi@fanfare.dev, (@maya.test) #a! #1 a#b ##c')).toEqual(['@maya.test', '#a', '##c']);
    expect(shown('https://fanfare.dev/#top @maya')).toEqual(['https://fanfare.dev/#top']);
    expect(entitiesOf('bücher.de')).toMatchObject([{ uri: 'https://xn--bcher-kva.de/' }]);
    expect(entitiesOf('https://bücher.de/ä')).toMatchObject([{ uri: 'https://xn--bcher-kva.de/%C3%A4' }]);
  });

  it('never overlaps and stays inside, whatever the text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(' @maya.test', ' #tag', 'https://fanfare.dev/#a', '.', '\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        let at = 0;
        for (const { start, end } of entitiesOf(text)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(at).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('keys sort by time and carry it', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(8e12), noInvalidDate: true }), fc.uuid(), (at, key) => {
        const tid = tidOf(at, key);
        expect(timeOfTid(tid)).toEqual(at);
        expect(tidOf(at, key)).toBe(tid);
        expect(tidOf(new Date(at.getTime() + 1), key) > tid).toBe(true);
      }),
    );
    expect(timeOfTid('self')).toBeNull();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

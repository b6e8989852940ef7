import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant, OutgoingMedia, OutgoingPart } from '#src/outside/platform.ts';
import { openWeb, type Web } from '#src/outside/web.ts';
import { lengthOf, render } from '#test/fakes/mastodon/html.ts';
import { type FakeMastodon, startFakeMastodon } from '#test/fakes/mastodon/index.ts';
import { outgoing } from '#test/outgoing.ts';
import { openMastodon } from './index.ts';
import { textOf } from './text.ts';

let fake: FakeMastodon;
let web: Web;
let mastodon: ReturnType<typeof openMastodon>;
let grant: Grant;
let made = 0;

beforeEach(async () => {
  fake = await startFakeMastodon();
  web = openWeb({ allow: [new URL(fake.url).host], userAgent: 'Fanfare/test' });
  mastodon = openMastodon(web);
  grant = { ...fake.connect(), apiUrl: fake.url };
});

afterEach(async () => {
  await web.close();
  await fake.close();
});

/** A part of its own; the same arguments again are another one. */
function part(text: string, more: Partial<OutgoingPart> = {}): OutgoingPart {
  made += 1;
  const idempotencyKey = `6f1c7d0e-0000-4a77-8f7e-${String(made).padStart(12, '0')}`;
  return outgoing({ text, firstTriedAt: new Date(), idempotencyKey, ...more });
}

async function publish(sent: OutgoingPart) {
  const outcome = await mastodon.publish(grant, sent);
  if (!outcome.ok) throw new Error(outcome.failure.reason);
  return outcome.value;
}

function file(more: Partial<OutgoingMedia> = {}): OutgoingMedia {
  const bytes = randomBytes(2_000);
  return {
    kind: 'image',
    mediaType: 'image/png',
    bytes: bytes.length,
    width: 64,
    height: 40,
    milliseconds: null,
    altText: 'A “pink” rectangle',
    read: async (from, to) => bytes.subarray(from, to),
    publicUrl: null,
    uploadedId: null,
    ...more,
  };
}

const longAgo = () => new Date(Date.now() - 3_600_000);

describe('connecting', () => {
  const redirectUri = 'https://fanfare.example/oauth/mastodon/callback';
  const about = { name: 'Fanfare', website: 'https://fanfare.example', redirectUri };
  const codeVerifier = randomBytes(40).toString('base64url');
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');

  async function consent() {
    const app = await mastodon.oauth.register(fake.url, about);
    if (!app.ok) throw new Error(app.failure.reason);
    const page = mastodon.oauth.authorizeUrl(app.value, { redirectUri, state: 'st te', codeChallenge });
    const answer = await fetch(page, { redirect: 'manual' });
    const callback = new URL(answer.headers.get('location') ?? '');
    return { app: app.value, state: callback.searchParams.get('state'), code: callback.searchParams.get('code') ?? '' };
  }

  it('registers, sends the person there, changes the code and knows who they are', async () => {
    const { app, state, code } = await consent();
    expect([app.apiUrl, app.authorizeUrl, state]).toEqual([fake.url, `${fake.url}/oauth/authorize`, 'st te']);
    const tokens = await mastodon.oauth.exchange(app, { code, codeVerifier, redirectUri });
    if (!tokens.ok) throw new Error(tokens.failure.reason);
    expect(tokens.value).toMatchObject({ refresh: null, expiresIn: null });
    expect(tokens.value.scopes).toContain('write:statuses');
    const who = { token: tokens.value.access, platformUserId: '', apiUrl: app.apiUrl };
    expect(await mastodon.profile(who)).toEqual({
      ok: true,
      value: {
        platformUserId: '109000000000000001',
        handle: 'maya@social.example',
        name: 'Maya Lind',
        avatarUrl: 'https://cdn.example/maya.png',
        followers: 12,
        following: 7,
        posts: 0,
        longPosts: false,
      },
    });
    fake.state.maxCharacters = 5_000;
    expect(await mastodon.profile(who)).toMatchObject({ value: { longPosts: true } });
    expect(await mastodon.oauth.exchange(app, { code, codeVerifier, redirectUri })).toMatchObject({
      failure: { kind: 'reconnect', code: 'invalid_grant' },
    });
    const other = await consent();
    expect(
      await mastodon.oauth.exchange(other.app, { code: other.code, codeVerifier: 'another', redirectUri }),
    ).toMatchObject({ failure: { kind: 'reconnect' } });
    expect(
      await mastodon.oauth.exchange({ ...app, clientSecret: 'x' }, { code, codeVerifier, redirectUri }),
    ).toMatchObject({
      failure: { kind: 'refused', code: 'invalid_client' },
    });
  });

  it('renews where tokens end', async () => {
    fake.state.tokensEnd = true;
    const { app, code } = await consent();
    const tokens = await mastodon.oauth.exchange(app, { code, codeVerifier, redirectUri });
    if (!tokens.ok) throw new Error(tokens.failure.reason);
    expect(tokens.value.expiresIn).toBe(600);
    const stale = { refreshToken: tokens.value.refresh ?? '', apiUrl: fake.url, app };
    const renewed = await mastodon.refresh(stale);
    expect(renewed.ok && (await mastodon.profile({ ...grant, token: renewed.value.access })).ok).toBe(true);
    expect(await mastodon.refresh(stale)).toMatchObject({ failure: { kind: 'reconnect' } });
    fake.failBefore(503);
    expect(await mastodon.refresh(stale)).toMatchObject({ failure: { kind: 'unknown', code: 'http_503' } });
    expect(await mastodon.refresh({ ...stale, app: null })).toMatchObject({ failure: { kind: 'reconnect' } });
  });

  it('says when there is no Mastodon at the address', async () => {
    fake.failBefore(404);
    expect(await mastodon.oauth.register(fake.url, about)).toMatchObject({
      failure: { kind: 'refused', code: 'not_mastodon' },
    });
    fake.failBefore(200);
    expect(await mastodon.oauth.register(fake.url, about)).toMatchObject({ failure: { code: 'not_mastodon' } });
    fake.failBefore(502);
    expect(await mastodon.oauth.register(fake.url, about)).toMatchObject({ failure: { kind: 'later' } });
    expect(await mastodon.oauth.register('http://10.0.0.1', about)).toMatchObject({
      failure: { kind: 'later', reason: expect.stringContaining('private network') },
    });
  });
});

describe('publishing', () => {
  it('publishes a thread and finds it again as a person reads it', async () => {
    const texts = [
      '1/3 Q&A <b> "é\u0301" → https://www.fanfare.dev/a/very/long/path/that/is/cut?b=1&c=2#d\n\n\nand fanfare.dev',
      "2/3 日本 👨‍👩‍👧‍👦 hello @friend@far.example and @maya, it's #indie",
      '3/3 &amp; done\nhttps://fanfare.dev ',
    ];
    let replyTo: string | null = null;
    const ids: string[] = [];
    for (const text of texts) {
      const published = await mastodon.publish(grant, part(text, { replyTo }));
      if (!published.ok) throw new Error(published.failure.reason);
      replyTo = published.value.platformId;
      ids.push(replyTo);
      expect(published.said).toMatch(/^HTTP 200 \{"id"/);
      expect(published.value.url).toBe(`${fake.url}/@maya/${replyTo}`);
      expect(mastodon.idOfUrl(published.value.url)).toBe(replyTo);
    }
    const own = await mastodon.ownPosts(grant, longAgo());
    if (!own.ok) throw new Error(own.failure.reason);
    const inOrder = own.value.toReversed();
    expect(inOrder.map((post) => mastodon.comparable(post.text))).toEqual(texts.map(mastodon.comparable));
    expect(inOrder.map((post) => post.replyTo)).toEqual([null, ids[0], ids[1]]);
    expect(fake.state.statuses.every((one) => one.visibility === 'public')).toBe(true);
    expect(await mastodon.ownPosts(grant, new Date(Date.now() + 1_000))).toEqual({ ok: true, value: [] });
  });

  it('publishes once, however often it is sent, for as long as the server remembers', async () => {
    const sent = part('Shipped dark mode.');
    fake.loseAnswer();
    expect(await mastodon.publish(grant, sent)).toMatchObject({ failure: { kind: 'unknown', code: 'no_answer' } });
    fake.state.ahead = mastodon.idempotentFor;
    const again = await publish(sent);
    expect(fake.state.statuses.filter((one) => one.text === sent.text).map((one) => one.id)).toEqual([
      again.platformId,
    ]);
    fake.failAfter(503);
    expect(await mastodon.publish(grant, part('Out, without a word'))).toMatchObject({
      failure: { kind: 'unknown', code: 'http_503' },
    });
    fake.failBefore(503);
    expect(await mastodon.publish(grant, part('Nothing came of it'))).toMatchObject({
      failure: { kind: 'unknown', code: 'http_503' },
    });
  });

  it('looks for the post where a server answers a repeat with an error', async () => {
    fake.state.repeatsFail = true;
    const sent = part('Out there, https://fanfare.dev/x');
    fake.loseAnswer();
    await mastodon.publish(grant, sent);
    const found = await mastodon.publish(grant, sent);
    expect(found).toMatchObject({ ok: true, value: { platformId: fake.state.statuses[0]?.id } });
    expect(fake.state.statuses.length).toBe(1);
    fake.failBefore(500);
    expect(await mastodon.publish(grant, part('Not there'))).toMatchObject({
      failure: { kind: 'unknown', code: 'http_500' },
    });
  });

  it('gives pictures and videos with their words, and waits until they are ready', async () => {
    const picture = file();
    const given = await mastodon.upload(grant, picture, async () => {});
    if (!given.ok) throw new Error(given.failure.reason);
    expect(given.value.ready).toBe(true);
    expect(fake.state.media.get(given.value.mediaId)).toMatchObject({
      bytes: 2_000,
      type: 'image/png',
      description: 'A “pink” rectangle',
    });
    await publish(part('Look', { media: [{ ...picture, uploadedId: given.value.mediaId }] }));
    expect(fake.state.statuses[0]?.mediaIds).toEqual([given.value.mediaId]);

    const video = file({ kind: 'video', mediaType: 'video/mp4', altText: null });
    const slow = await mastodon.upload(grant, video, async () => {});
    if (!slow.ok) throw new Error(slow.failure.reason);
    expect(slow.value.ready).toBe(false);
    const sent = part('Watch', { media: [{ ...video, uploadedId: slow.value.mediaId }] });
    expect(await mastodon.publish(grant, sent)).toMatchObject({ failure: { kind: 'later', code: 'media_processing' } });
    expect(await mastodon.uploadState(grant, slow.value.mediaId)).toMatchObject({ value: { ready: false } });
    expect(await mastodon.uploadState(grant, slow.value.mediaId)).toMatchObject({ value: { ready: true } });
    expect((await mastodon.publish(grant, sent)).ok).toBe(true);
    expect(await mastodon.uploadState(grant, '9')).toMatchObject({ failure: { kind: 'refused' } });
    expect(await mastodon.publish(grant, part('Look', { media: [picture] }))).toMatchObject({
      failure: { code: 'media_missing' },
    });
    expect(await mastodon.upload(grant, file({ mediaType: 'text/plain' }), async () => {})).toMatchObject({
      failure: { kind: 'refused', reason: expect.stringContaining('content type') },
    });
  });

  it('asks a question', async () => {
    await publish(part('Tabs?', { poll: { minutes: 60, options: ['Yes', 'No'] } }));
    expect(fake.state.statuses[0]?.poll).toEqual({ options: ['Yes', 'No'], expires_in: 3_600 });
  });

  it('refuses what the server refuses for good, in words', async () => {
    expect(await mastodon.publish(grant, part('a'.repeat(501)))).toMatchObject({
      failure: { kind: 'refused', code: 'too_long', reason: expect.stringContaining('limit of 500') },
    });
    expect(await mastodon.publish(grant, part(' '))).toMatchObject({
      failure: { kind: 'refused', code: 'invalid', reason: expect.stringContaining('blank') },
    });
    expect(await mastodon.publish(grant, part('Hi', { replyTo: '99' }))).toMatchObject({
      failure: { kind: 'refused', code: 'post_not_there' },
    });
    fake.failBefore(403, { error: 'This action is not allowed' });
    expect(await mastodon.publish(grant, part('Hi'))).toMatchObject({
      failure: { kind: 'refused', code: 'forbidden' },
    });
    fake.failBefore(301);
    expect(await mastodon.publish(grant, part('Hi'))).toMatchObject({ failure: { kind: 'refused', code: 'http_301' } });
  });

  it('asks for a person when the access is gone', async () => {
    expect(await mastodon.publish({ ...grant, token: 'revoked' }, part('Hi'))).toMatchObject({
      failure: { kind: 'reconnect', code: 'unauthorized', reason: expect.stringContaining('token is invalid') },
    });
    fake.failBefore(403, { error: 'This action is outside the authorized scopes' });
    expect(await mastodon.publish(grant, part('Hi'))).toMatchObject({ failure: { kind: 'reconnect' } });
    fake.failBefore(403, { error: 'Your login is currently disabled' });
    expect(await mastodon.profile(grant)).toMatchObject({ failure: { kind: 'reconnect' } });
  });

  it('waits when the server limits or is away', async () => {
    const until = fake.limit(120);
    expect(await mastodon.publish(grant, part('Hi'))).toMatchObject({
      failure: { kind: 'later', code: 'rate_limited', until },
    });
    fake.unlimit();
    fake.failBefore(503);
    expect(await mastodon.ownPosts(grant, longAgo())).toMatchObject({
      failure: { kind: 'later', code: 'unavailable' },
    });
    fake.loseAnswer();
    expect(await mastodon.metrics(grant, ['1'])).toMatchObject({ failure: { kind: 'later', code: 'unreachable' } });
    const nowhere = `127.0.0.1:${await freePort()}`;
    const door = openWeb({ allow: [nowhere], userAgent: 'Fanfare/test' });
    const away = await openMastodon(door).publish({ ...grant, apiUrl: `http://${nowhere}` }, part('Hi'));
    await door.close();
    expect(away).toMatchObject({ failure: { kind: 'later', code: 'unreachable' } });
  });
});

describe('afterwards', () => {
  it('tells the counters, all at once or one by one', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 45; n += 1) ids.push((await publish(part(`Post ${n}`))).platformId);
    const first = fake.state.statuses[0];
    if (first) first.counts = { favourites: 12, reblogs: 4, replies: 3, quotes: 1 };
    const own = await mastodon.ownPosts(grant, longAgo());
    expect(own.ok && own.value.length).toBe(45);
    fake.calls.length = 0;
    const told = await mastodon.metrics(grant, [...ids, '404']);
    expect(fake.calls.length).toBe(3);
    expect(told.ok && told.value.length).toBe(45);
    const expected = {
      platformId: ids[0],
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
    };
    expect(told.ok && told.value[0]).toEqual(expected);
    fake.state.onlySingles = true;
    expect(await mastodon.metrics(grant, [ids[0] ?? '', '404'])).toEqual({ ok: true, value: [expected] });
  });

  it('reads what others wrote, oldest first and only what is new', async () => {
    const own = await publish(part('Mine'));
    const friend = { id: '7', username: 'friend', acct: 'friend@far.example', display_name: '', followers_count: 99 };
    const minute = (n: number) => Date.now() - n * 60_000;
    const write = (type: string, status: string, at: number, more: object = {}, quotes: string | null = null) =>
      fake.notify(type, friend, { status, ...more }, at, quotes);
    write('mention', 'Long ago', minute(20_000));
    write('mention', 'Nice, @maya', minute(9), { in_reply_to_id: own.platformId });
    const second = write('mention', 'Look, @maya', minute(8));
    write('favourite', 'x', minute(7));
    write('mention', 'Psst', minute(6), { visibility: 'direct' });
    write('quote', 'This one', minute(5), {}, own.platformId);
    const all = await mastodon.mentions(grant, null);
    expect(all.ok && all.value.map(({ kind, text, replyTo }) => [kind, text, replyTo])).toEqual([
      ['reply', 'Nice, @maya', own.platformId],
      ['mention', 'Look, @maya', null],
      ['message', 'Psst', null],
      ['quote', 'This one', own.platformId],
    ]);
    expect(all.ok && all.value[0]?.author).toEqual({
      platformUserId: '7',
      handle: 'friend@far.example',
      name: null,
      followers: 99,
    });
    const fresh = await mastodon.mentions(grant, second.id);
    expect(fresh.ok && fresh.value.map((one) => one.text)).toEqual(['Psst', 'This one']);
  });

  it('shows a post once more, and removes it', async () => {
    const { platformId } = await publish(part('Again'));
    for (let n = 0; n < 2; n += 1) expect(await mastodon.repost(grant, platformId)).toEqual({ ok: true, value: null });
    expect([...fake.state.reblogged]).toEqual([platformId]);
    for (let n = 0; n < 2; n += 1) expect(await mastodon.remove(grant, platformId)).toEqual({ ok: true, value: null });
    expect(fake.state.statuses).toEqual([]);
    expect(await mastodon.repost(grant, platformId)).toMatchObject({
      failure: { kind: 'refused', code: 'post_not_there' },
    });
    expect(mastodon.idOfUrl('https://social.example/@maya')).toBeNull();
    expect(mastodon.idOfUrl('https://social.example/users/maya/statuses/12?x')).toBe('12');
  });
});

describe('texts', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      ' @friend@far.example ',
      ' @maya ',
      ' #indie ',
      ' https://www.fanfare.dev/a/b?c=d&e=f ',
      '<p>',
      '&lt;',
      '\n\n',
      ' fanfare.dev ',
    ),
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));

  it('come back comparable from the HTML', () => {
    const known = ['maya', 'friend@far.example'];
    fc.assert(
      fc.property(text, (written) => {
        const shown = textOf(render(written.trim(), 'https://social.example', known));
        expect(mastodon.comparable(shown)).toBe(mastodon.comparable(written));
      }),
      { numRuns: 300 },
    );
    const quoting = '<p class="quote-inline">RE: <a href="x">x</a></p><p>Words</p>';
    expect(textOf(quoting)).toBe('Words');
  });

  it('weigh as on the server', () => {
    fc.assert(
      fc.property(text, (written) => {
        expect(mastodon.measureText(written).length).toBe(lengthOf(written));
      }),
      { numRuns: 300 },
    );
    expect(mastodon.measureText(`${'a'.repeat(476)} https://fanfare.dev/${'b'.repeat(100)}`)).toEqual({
      length: 500,
      valid: true,
    });
    expect(mastodon.measureText('a'.repeat(501)).valid).toBe(false);
    expect(mastodon.measureText(' ').valid).toBe(false);
    expect(mastodon.measureText('fanfare.dev @friend@far.example').length).toBe(19);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

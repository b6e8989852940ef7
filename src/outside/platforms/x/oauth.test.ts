import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
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

async function failureOf(call: ReturnType<typeof x.profile>) {
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

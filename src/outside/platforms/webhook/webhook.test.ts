import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { openWeb, type Web } from '#src/outside/web.ts';
import { type Answer, fourFailures, type RecordedServer, SAYS_NOTHING, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { openWebhook } from './index.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let server: RecordedServer;
let web: Web;
let webhook: ReturnType<typeof openWebhook>;
const grantAt = (url: string): Grant => ({
  token: `${SECRET} ${url}/hooks/s3cret-path`,
  platformUserId: 'x',
  apiUrl: url,
});

beforeAll(async () => {
  server = await startRecorded();
  web = openWeb({ allow: [server.url.replace('http://', '')], userAgent: 'Fanfare/test' });
  webhook = openWebhook(web);
});
afterAll(async () => {
  await web.close();
  await server.close();
});

test('connecting sends a signed test, and the address stays secret', async () => {
  server.expect(['POST /hooks/s3cret-path', { status: 204 }]);
  const opened = await webhook.keys.open({ url: `${server.url}/hooks/s3cret-path`, secret: SECRET });
  if (!opened.ok) throw new Error(opened.failure.reason);
  expect(opened.value.apiUrl).toBe(server.url);
  expect(JSON.stringify([opened.value.profile, opened.value.apiUrl])).not.toContain('s3cret');
  const asked = server.requests.at(-1)!;
  expect(new Webhook(SECRET).verify(asked.text, asked.headers)).toMatchObject({ type: 'fanfare.connected' });
  expect(await webhook.keys.open({ url: 'javascript:alert(1)', secret: SECRET })).toMatchObject({
    failure: { code: 'bad_address' },
  });
  expect(await webhook.keys.open({ url: server.url, secret: 'guess' })).toMatchObject({
    failure: { code: 'bad_secret' },
  });
});

test('a post is signed, its id is the same for every attempt, and the receiver may say where it is', async () => {
  const part = outgoing({
    text: 'Version 2',
    title: 'News',
    tags: ['saas'],
    canonicalUrl: 'https://outpost.dev',
    media: [
      {
        kind: 'image',
        mediaType: 'image/png',
        bytes: 1,
        width: 2,
        height: 3,
        milliseconds: null,
        altText: 'A chart',
        read: async () => new Uint8Array(),
        publicUrl: 'https://fanfare.example/m/1',
        uploadedId: null,
      },
    ],
  });
  server.expect(
    ['POST /hooks/s3cret-path', 'lose'],
    ['POST /hooks/s3cret-path', { json: { url: 'https://outpost.dev/news/2' } }],
    ['POST /hooks/s3cret-path', { text: 'thanks' }],
  );
  expect(await webhook.publish(grantAt(server.url), part)).toMatchObject({ ok: false, failure: { kind: 'unknown' } });
  const again = await webhook.publish(grantAt(server.url), part);
  expect(again).toMatchObject({
    ok: true,
    value: { platformId: part.idempotencyKey, url: 'https://outpost.dev/news/2' },
  });
  const [first, second] = server.requests.slice(-2);
  expect([first!.headers['webhook-id'], second!.headers['webhook-id']]).toEqual([
    part.idempotencyKey,
    part.idempotencyKey,
  ]);
  expect(new Webhook(SECRET).verify(second!.text, second!.headers)).toMatchObject({
    type: 'post.published',
    data: {
      id: part.idempotencyKey,
      text: 'Version 2',
      title: 'News',
      tags: ['saas'],
      link: 'https://outpost.dev',
      reply_to: null,
      media: [{ url: 'https://fanfare.example/m/1', alt: 'A chart' }],
    },
  });
  expect(() => new Webhook(SECRET).verify(`${second!.text} `, second!.headers)).toThrow();
  expect(await webhook.publish(grantAt(server.url), part)).toMatchObject({ ok: true, value: { url: server.url } });
  expect(webhook.idempotentFor).toBe(Number.POSITIVE_INFINITY);
});

test('the four failures', async () => {
  const anything: Answer = { status: 200, text: 'a page of something else' };
  const failures = await fourFailures(server, {
    call: (apiUrl) => webhook.publish(grantAt(apiUrl), outgoing({ text: 'Hello' })),
    asked: 'POST /hooks/s3cret-path',
    later: [
      { status: 429 },
      { status: 503, headers: { 'retry-after': '120' } },
      { status: 429, headers: { 'retry-after': new Date(Date.now() + 600_000).toUTCString() } },
    ],
    reconnect: [],
    refused: [
      { status: 410 },
      { status: 404 },
      { status: 401 },
      { status: 302, headers: { location: 'https://elsewhere.example' } },
    ],
    unknown: SAYS_NOTHING.filter((answer) => JSON.stringify(answer) !== JSON.stringify(anything)),
    secrets: [SECRET, 's3cret-path'],
  });
  const late = failures['later 2'];
  expect(late?.kind === 'later' && late.until.getTime() - Date.now() > 500_000).toBe(true);
});

test('a private address is never called', async () => {
  expect(await webhook.publish(grantAt('http://127.0.0.1:1'), outgoing({ text: 'x' }))).toMatchObject({
    ok: false,
    failure: { kind: 'later', reason: expect.stringContaining('private network') },
  });
});

test('a receiver that repeats its address does not get it onto the receipt', async () => {
  const grant = {
    ...grantAt(server.url),
    token: `${SECRET} ${server.url}/hooks/s3cret-path-of-mine?key=also-a-s3cret-one`,
  };
  const echo =
    'Cannot POST /hooks/s3cret-path-of-mine?key=also-a-s3cret-one, {"path":"\\/hooks\\/s3cret-path-of-mine"}';
  server.expect(['POST /hooks/s3cret-path-of-mine', { status: 404, text: echo }]);
  const outcome = await webhook.publish(grant, outgoing({ text: 'Hello' }));
  expect(outcome).toMatchObject({
    ok: false,
    failure: { kind: 'refused' },
    said: expect.stringContaining('Cannot POST'),
  });
  expect(JSON.stringify(outcome)).not.toContain('s3cret');
});

test('a receiver that answers with a picture leaves a receipt that can be written down', async () => {
  server.expect(
    ['POST /hooks/s3cret-path', { text: 'GIF89a\u0001\u0000\u0001\u0000' }],
    ['POST /hooks/s3cret-path', { text: '{"url":"https://outpost.dev/\\u0000a\\ud800"}' }],
  );
  const pixel = await webhook.publish(grantAt(server.url), outgoing({ text: 'Hello' }));
  expect(pixel).toMatchObject({ ok: true, said: 'HTTP 200 GIF89a\u0001\u0001' });
  const told = await webhook.publish(grantAt(server.url), outgoing({ text: 'Hello' }));
  expect(told).toMatchObject({ ok: true, value: { url: 'https://outpost.dev/a\ufffd' } });
});

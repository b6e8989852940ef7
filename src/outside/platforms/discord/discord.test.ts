import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { openWeb, type Web } from '#src/outside/web.ts';
import { fourFailures, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { openDiscord } from './index.ts';

const PATH =
  '/api/webhooks/223704706495545344/3d89bb7572e0fb30d8128367b3b1b44fecd1726de135cbe28a41f8b2f777c372ba2939e72279b94526ff5d1bd4358d65cf11';
const MESSAGE = {
  id: '1309466600000000001',
  channel_id: '199737254929760256',
  timestamp: '2026-11-22T09:00:00.123000+00:00',
};

let server: RecordedServer;
let web: Web;
let discord: ReturnType<typeof openDiscord>;
const grantAt = (url: string): Grant => ({
  token: `${url}${PATH}`,
  platformUserId: '199737254929760256/223704706495545344',
  apiUrl: url,
});

beforeAll(async () => {
  server = await startRecorded();
  web = openWeb({ allow: [server.url.replace('http://', '')], userAgent: 'Fanfare/test' });
  discord = openDiscord(web);
});
afterAll(async () => {
  await web.close();
  await server.close();
});

test('the address of a webhook is the key, and the webhook says who it is', async () => {
  server.expect([
    `GET ${PATH}`,
    {
      json: {
        id: '223704706495545344',
        name: 'Launches',
        channel_id: '199737254929760256',
        guild_id: '41771983423143937',
        avatar: null,
      },
    },
  ]);
  const opened = await discord.keys.open({ webhook: `${server.url}${PATH}?wait=true` });
  expect(opened).toMatchObject({
    ok: true,
    value: {
      tokens: { access: `${server.url}${PATH}`, expiresIn: null },
      profile: { platformUserId: '41771983423143937/223704706495545344', handle: 'Launches' },
      apiUrl: server.url,
    },
  });
  expect(await discord.keys.open({ webhook: 'https://discord.com/channels/1/2' })).toMatchObject({
    ok: false,
    failure: { kind: 'refused', code: 'bad_address' },
  });
  server.expect([`GET ${PATH}`, { status: 404, json: { message: 'Unknown Webhook', code: 10015 } }]);
  expect(await discord.profile(grantAt(server.url))).toMatchObject({ ok: false, failure: { kind: 'reconnect' } });
  expect(server.problems()).toEqual([]);
});

test('a private address is not called unless it is allowed', async () => {
  const opened = await discord.keys.open({ webhook: `http://127.0.0.1:1${PATH}` });
  expect(opened).toMatchObject({
    ok: false,
    failure: { kind: 'later', reason: expect.stringContaining('private network') },
  });
});

test('a post pings nobody and comes back with its address', async () => {
  server.expect([`POST ${PATH}`, { json: MESSAGE }]);
  const published = await discord.publish(grantAt(server.url), outgoing({ text: '@everyone Version 2 is out' }));
  expect(published).toMatchObject({
    ok: true,
    value: {
      platformId: '1309466600000000001',
      url: 'https://discord.com/channels/199737254929760256/199737254929760256/1309466600000000001',
      publishedAt: new Date('2026-11-22T09:00:00.123Z'),
    },
  });
  const asked = server.requests.at(-1)!;
  expect(asked.query).toEqual({ wait: 'true' });
  expect(asked.json()).toEqual({ content: '@everyone Version 2 is out', allowed_mentions: { parse: [] } });
});

test('pictures travel with the message, each with its description', async () => {
  server.expect([`POST ${PATH}`, { json: MESSAGE }]);
  const bytes = new Uint8Array([137, 80, 78, 71]);
  const picture = {
    kind: 'image' as const,
    mediaType: 'image/png',
    bytes: 4,
    width: 2,
    height: 2,
    milliseconds: null,
    altText: 'A chart',
    read: async () => bytes,
    publicUrl: null,
    uploadedId: null,
  };
  await discord.publish(
    grantAt(server.url),
    outgoing({ text: 'Look', media: [picture, { ...picture, altText: null }], community: '42' }),
  );
  const asked = server.requests.at(-1)!;
  expect(asked.query).toEqual({ wait: 'true', thread_id: '42' });
  const form = await new Response(new Uint8Array(asked.bytes), {
    headers: { 'content-type': asked.headers['content-type']! },
  }).formData();
  expect(JSON.parse(String(form.get('payload_json')))).toEqual({
    content: 'Look',
    allowed_mentions: { parse: [] },
    attachments: [{ id: 0, description: 'A chart' }, { id: 1 }],
  });
  const file = form.get('files[1]') as File;
  expect([file.name, file.type, new Uint8Array(await file.arrayBuffer())]).toEqual([
    'picture-2.png',
    'image/png',
    bytes,
  ]);
});

test('a poll lasts whole hours, and a short text is its question', async () => {
  server.expect([`POST ${PATH}`, { json: MESSAGE }]);
  await discord.publish(
    grantAt(server.url),
    outgoing({ text: 'Tabs?', poll: { minutes: 90, options: ['Yes', 'No'] } }),
  );
  expect(server.requests.at(-1)!.json()).toEqual({
    poll: {
      question: { text: 'Tabs?' },
      answers: [{ poll_media: { text: 'Yes' } }, { poll_media: { text: 'No' } }],
      duration: 2,
      allow_multiselect: false,
    },
    allowed_mentions: { parse: [] },
  });
});

test('the four failures', async () => {
  const failures = await fourFailures(server, {
    call: (apiUrl) => discord.publish(grantAt(apiUrl), outgoing({ text: 'Hello' })),
    asked: `POST ${PATH}`,
    later: [
      { status: 429, json: { message: 'You are being rate limited.', retry_after: 4.57, global: false } },
      { status: 429, headers: { 'retry-after': '900' }, text: '<html>error code: 1015</html>' },
    ],
    reconnect: [
      { status: 404, json: { message: 'Unknown Webhook', code: 10015 } },
      { status: 401, json: { message: 'Invalid Webhook Token', code: 50027 } },
    ],
    refused: [
      {
        status: 400,
        json: {
          message: 'Invalid Form Body',
          code: 50035,
          errors: {
            content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 2000 or fewer in length.' }] },
          },
        },
      },
      {
        status: 400,
        json: { message: 'Webhooks posted to forum channels must have a thread_name or thread_id', code: 220001 },
      },
      { status: 413, json: { message: 'Request entity too large', code: 40005 } },
    ],
    secrets: ['3d89bb7572e0fb30'],
  });
  expect(failures['refused 0']?.reason).toBe(
    'Discord refused this: Invalid Form Body Must be 2000 or fewer in length.',
  );
  const late = failures['later 1'];
  expect(late?.kind === 'later' && late.until.getTime() - Date.now() > 800_000).toBe(true);
});

test('a message is removed, also when it is gone already', async () => {
  server.expect(
    [`DELETE ${PATH}/messages/9`, { status: 204 }],
    [`DELETE ${PATH}/messages/8`, { status: 404, json: { message: 'Unknown Message', code: 10008 } }],
  );
  expect(await discord.remove(grantAt(server.url), '9')).toEqual({ ok: true, value: null });
  expect(await discord.remove(grantAt(server.url), '8')).toEqual({ ok: true, value: null });
});

test('what a webhook cannot do is said before anything is sent', async () => {
  const before = server.requests.length;
  expect(await discord.publish(grantAt(server.url), outgoing({ text: 'x', replyTo: '1' }))).toMatchObject({
    failure: { code: 'no_replies' },
  });
  expect(await discord.publish(grantAt(server.url), outgoing({ text: 'x'.repeat(2001) }))).toMatchObject({
    failure: { code: 'too_long' },
  });
  expect(server.requests.length).toBe(before);
});

test('a thread that is not there is the author’s to mend, and an answer that repeats the address does not show it', async () => {
  const part = { ...outgoing({ text: 'Hello' }), community: '12345' };
  server.expect(
    [`POST ${PATH}`, { status: 404, json: { message: 'Unknown Channel', code: 10003 } }],
    [`POST ${PATH}`, { status: 500, text: `Cannot POST ${PATH}?wait=true` }],
  );
  expect(await discord.publish(grantAt(server.url), part)).toMatchObject({
    ok: false,
    failure: { kind: 'refused', code: 'bad_thread' },
  });
  const lost = await discord.publish(grantAt(server.url), outgoing({ text: 'Hello' }));
  expect(lost).toMatchObject({ ok: false, failure: { kind: 'unknown' } });
  expect(JSON.stringify(lost)).not.toContain('3d89bb75');
});

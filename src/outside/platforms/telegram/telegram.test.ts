import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { openWeb, type Web } from '#src/outside/web.ts';
import { fourFailures, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { openTelegram } from './index.ts';

const TOKEN = '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11';
const BOT = `/bot${TOKEN}`;
const message = (
  id: number,
  chat: object = { id: -1001234567890, type: 'channel', title: 'Outpost', username: 'outpost' },
) => ({ message_id: id, date: 1795338000, chat });

let server: RecordedServer;
let web: Web;
let telegram: ReturnType<typeof openTelegram>;
const grantAt = (url: string): Grant => ({ token: TOKEN, platformUserId: '-1001234567890', apiUrl: url });
const file = (kind: 'image' | 'gif' | 'video', mediaType: string) => ({
  kind,
  mediaType,
  bytes: 2,
  width: 1,
  height: 1,
  milliseconds: null,
  altText: null,
  read: async () => new Uint8Array([7, 8]),
  publicUrl: null,
  uploadedId: null,
});
const formOf = (asked: { bytes: Uint8Array; headers: Record<string, string> }) =>
  new Response(new Uint8Array(asked.bytes), { headers: { 'content-type': asked.headers['content-type']! } }).formData();

beforeAll(async () => {
  server = await startRecorded();
  web = openWeb({ allow: [server.url.replace('http://', '')], userAgent: 'Fanfare/test' });
  telegram = openTelegram(web);
});
afterAll(async () => {
  await web.close();
  await server.close();
});

test('a bot that may post in a channel becomes an account; one that may not is told what to do', async () => {
  const asked = (canPost: boolean) =>
    server.expect(
      [`POST ${BOT}/getMe`, { json: { ok: true, result: { id: 123456, is_bot: true, username: 'fanfare_bot' } } }],
      [
        `POST ${BOT}/getChat`,
        { json: { ok: true, result: { id: -1001234567890, type: 'channel', title: 'Outpost', username: 'outpost' } } },
      ],
      [
        `POST ${BOT}/getChatMember`,
        { json: { ok: true, result: { status: 'administrator', can_post_messages: canPost } } },
      ],
      ...(canPost ? [[`POST ${BOT}/getChatMemberCount`, { json: { ok: true, result: 812 } }] as [string, object]] : []),
    );
  asked(true);
  expect(await telegram.keys.open({ token: TOKEN, chat: '@outpost', server: server.url })).toMatchObject({
    ok: true,
    value: {
      apiUrl: server.url,
      profile: { platformUserId: '-1001234567890', handle: 'outpost', name: 'Outpost', followers: 812 },
    },
  });
  asked(false);
  expect(await telegram.keys.open({ token: TOKEN, chat: '@outpost', server: server.url })).toMatchObject({
    ok: false,
    failure: { kind: 'refused', reason: expect.stringContaining('@fanfare_bot') },
  });
  expect(await telegram.keys.open({ token: 'abc', chat: '@outpost' })).toMatchObject({
    failure: { code: 'bad_token' },
  });
  expect(server.problems()).toEqual([]);
});

test('a text, its answer in a topic, and the address of each', async () => {
  server.expect(
    [`POST ${BOT}/sendMessage`, { json: { ok: true, result: message(10) } }],
    [
      `POST ${BOT}/sendMessage`,
      { json: { ok: true, result: message(11, { id: -1001234567890, type: 'supergroup' }) } },
    ],
  );
  expect(await telegram.publish(grantAt(server.url), outgoing({ text: 'Version 2 <b>is</b> *out*' }))).toMatchObject({
    ok: true,
    value: { platformId: '10', url: 'https://t.me/outpost/10', publishedAt: new Date(1795338000_000) },
  });
  expect(server.requests.at(-1)!.json()).toEqual({ chat_id: '-1001234567890', text: 'Version 2 <b>is</b> *out*' });
  expect(
    await telegram.publish(grantAt(server.url), outgoing({ text: 'more', replyTo: '10+11', community: '5' })),
  ).toMatchObject({ value: { url: 'https://t.me/c/1234567890/11' } });
  expect(server.requests.at(-1)!.json()).toMatchObject({ message_thread_id: 5, reply_parameters: { message_id: 10 } });
});

test('one picture, a video, an album and a poll', async () => {
  server.expect(
    [`POST ${BOT}/sendPhoto`, { json: { ok: true, result: message(20) } }],
    [`POST ${BOT}/sendAnimation`, { json: { ok: true, result: message(21) } }],
    [`POST ${BOT}/sendMediaGroup`, { json: { ok: true, result: [message(22), message(23)] } }],
    [`POST ${BOT}/sendPoll`, { json: { ok: true, result: message(24) } }],
  );
  await telegram.publish(grantAt(server.url), outgoing({ text: 'Look', media: [file('image', 'image/jpeg')] }));
  const one = await formOf(server.requests.at(-1)!);
  expect([one.get('chat_id'), one.get('caption'), (one.get('photo') as File).name]).toEqual([
    '-1001234567890',
    'Look',
    'picture-1.jpg',
  ]);
  await telegram.publish(grantAt(server.url), outgoing({ text: '', media: [file('gif', 'image/gif')] }));
  const album = await telegram.publish(
    grantAt(server.url),
    outgoing({ text: 'Two', media: [file('image', 'image/png'), file('video', 'video/mp4')] }),
  );
  expect(album).toMatchObject({ value: { platformId: '22+23', url: 'https://t.me/outpost/22' } });
  const both = await formOf(server.requests.at(-1)!);
  expect(JSON.parse(String(both.get('media')))).toEqual([
    { type: 'photo', media: 'attach://file0', caption: 'Two' },
    { type: 'video', media: 'attach://file1' },
  ]);
  expect((both.get('file1') as File).name).toBe('video-2.mp4');
  await telegram.publish(
    grantAt(server.url),
    outgoing({ text: 'Tabs?', poll: { minutes: 5, options: ['Yes', 'No'] } }),
  );
  expect(server.requests.at(-1)!.json()).toEqual({
    chat_id: '-1001234567890',
    question: 'Tabs?',
    options: [{ text: 'Yes' }, { text: 'No' }],
    open_period: 300,
  });
  expect(server.problems()).toEqual([]);
});

test('what does not fit is said before anything is sent', async () => {
  const before = server.requests.length;
  const codes = await Promise.all(
    [
      outgoing({ text: 'x'.repeat(4097) }),
      outgoing({ text: 'x'.repeat(1025), media: [file('image', 'image/png')] }),
      outgoing({ text: 'x', media: [file('gif', 'image/gif'), file('image', 'image/png')] }),
      outgoing({ text: 'x'.repeat(301), poll: { minutes: 5, options: ['a', 'b'] } }),
      outgoing({ text: 'x', community: 'news' }),
    ].map(async (part) => {
      const outcome = await telegram.publish(grantAt(server.url), part);
      return outcome.ok ? 'ok' : outcome.failure.code;
    }),
  );
  expect(codes).toEqual(['too_long', 'too_long', 'gif_alone', 'too_long', 'bad_topic']);
  expect(server.requests.length).toBe(before);
});

test('the four failures', async () => {
  const failures = await fourFailures(server, {
    call: (apiUrl) => telegram.publish(grantAt(apiUrl), outgoing({ text: 'Hello' })),
    asked: `POST ${BOT}/sendMessage`,
    later: [
      {
        status: 429,
        json: {
          ok: false,
          error_code: 429,
          description: 'Too Many Requests: retry after 35',
          parameters: { retry_after: 35 },
        },
      },
    ],
    reconnect: [
      { status: 401, json: { ok: false, error_code: 401, description: 'Unauthorized' } },
      { status: 404, json: { ok: false, error_code: 404, description: 'Not Found' } },
      {
        status: 403,
        json: { ok: false, error_code: 403, description: 'Forbidden: bot was kicked from the channel chat' },
      },
      {
        status: 400,
        json: {
          ok: false,
          error_code: 400,
          description: 'Bad Request: group chat was upgraded to a supergroup chat',
          parameters: { migrate_to_chat_id: -1001234567891 },
        },
      },
    ],
    refused: [{ status: 400, json: { ok: false, error_code: 400, description: 'Bad Request: message text is empty' } }],
    secrets: [TOKEN],
  });
  expect(failures['refused 0']?.reason).toBe('Telegram refused this: message text is empty.');
  expect(failures['reconnect 3']?.reason).toContain('-1001234567891');
});

test('an album is removed whole', async () => {
  server.expect([`POST ${BOT}/deleteMessages`, { json: { ok: true, result: true } }]);
  expect(await telegram.remove(grantAt(server.url), '22+23')).toEqual({ ok: true, value: null });
  expect(server.requests.at(-1)!.json()).toEqual({ chat_id: '-1001234567890', message_ids: [22, 23] });
});

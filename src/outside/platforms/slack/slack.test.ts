import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { openWeb, type Web } from '#src/outside/web.ts';
import { fourFailures, type RecordedServer, SAYS_NOTHING, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { openSlack } from './index.ts';
import { comparable, mrkdwn, written } from './text.ts';

let server: RecordedServer;
let web: Web;
let slack: ReturnType<typeof openSlack>;
const grantAt = (url: string): Grant => ({
  token: 'xoxb-secret-1',
  platformUserId: 'T024BE7LD/C0123456789',
  apiUrl: url,
});
const sent = { json: { ok: true, channel: 'C0123456789', ts: '1503435956.000247', message: { text: 'x' } } };
const me = { json: { ok: true, team: 'Outpost', team_id: 'T024BE7LD', user: 'fanfare', user_id: 'U1', bot_id: 'B1' } };

beforeAll(async () => {
  server = await startRecorded();
  web = openWeb({ allow: [server.url.replace('http://', '')], userAgent: 'Fanfare/test' });
  slack = openSlack(web);
});
afterAll(async () => {
  await web.close();
  await server.close();
});

test('a token and a channel become an account, also when the app may not read about channels', async () => {
  server.expect(
    ['POST /auth.test', me],
    [
      'POST /conversations.info',
      { json: { ok: true, channel: { id: 'C0123456789', name: 'launch', num_members: 41 } } },
    ],
  );
  const opened = await slack.keys.open({ token: 'xoxb-secret-1', channel: 'C0123456789', server: `${server.url}/` });
  expect(opened).toMatchObject({
    ok: true,
    value: {
      apiUrl: server.url,
      profile: { platformUserId: 'T024BE7LD/C0123456789', handle: 'launch', name: '#launch in Outpost', followers: 41 },
    },
  });
  expect(server.requests[0]!.headers.authorization).toBe('Bearer xoxb-secret-1');
  server.expect(
    ['POST /auth.test', me],
    ['POST /conversations.info', { json: { ok: false, error: 'missing_scope', needed: 'channels:read' } }],
  );
  expect(await slack.profile(grantAt(server.url))).toMatchObject({
    ok: true,
    value: { handle: 'C0123456789', followers: null },
  });
  expect(await slack.keys.open({ token: 'x', channel: '#launch', server: server.url })).toMatchObject({
    failure: { code: 'bad_channel' },
  });
  expect(server.problems()).toEqual([]);
});

test('a message is escaped, its links are links, and a thread stays one thread', async () => {
  server.expect(
    ['POST /chat.postMessage', sent],
    ['POST /chat.postMessage', { json: { ...sent.json, ts: '1503435957.000300' } }],
    ['POST /chat.postMessage', { json: { ...sent.json, ts: '1503435958.000400' } }],
  );
  const first = await slack.publish(
    grantAt(server.url),
    outgoing({ text: 'R&D <!channel> see https://outpost.dev/a?b=1&c=2.' }),
  );
  expect(server.requests.at(-1)!.json()).toEqual({
    channel: 'C0123456789',
    text: 'R&amp;D &lt;!channel&gt; see <https://outpost.dev/a?b=1&amp;c=2>.',
  });
  expect(first).toMatchObject({
    ok: true,
    value: {
      platformId: '1503435956.000247',
      url: 'https://slack.com/archives/C0123456789/p1503435956000247?team=T024BE7LD',
      publishedAt: new Date(1503435956000),
    },
  });
  const second = await slack.publish(grantAt(server.url), outgoing({ text: 'two', replyTo: '1503435956.000247' }));
  expect(second).toMatchObject({ value: { platformId: '1503435956.000247/1503435957.000300' } });
  await slack.publish(grantAt(server.url), outgoing({ text: 'three', replyTo: '1503435956.000247/1503435957.000300' }));
  expect(server.requests.at(-1)!.json()).toMatchObject({ thread_ts: '1503435956.000247' });
});

test('a picture is given ahead, looked at by Slack, and shown in the message', async () => {
  const picture = {
    kind: 'image' as const,
    mediaType: 'image/png',
    bytes: 3,
    width: 1,
    height: 1,
    milliseconds: null,
    altText: 'A chart',
    read: async () => new Uint8Array([1, 2, 3]),
    publicUrl: null,
    uploadedId: null,
  };
  server.expect(
    [
      'POST /files.getUploadURLExternal',
      { json: { ok: true, upload_url: `${server.url}/upload/v1/abc`, file_id: 'F1' } },
    ],
    ['POST /upload/v1/abc', { text: 'OK - 3' }],
    ['POST /files.completeUploadExternal', { json: { ok: true, files: [{ id: 'F1' }] } }],
    ['POST /files.info', { json: { ok: true, file: { id: 'F1', mimetype: '' } } }],
    ['POST /files.info', { json: { ok: true, file: { id: 'F1', mimetype: 'image/png' } } }],
  );
  let steps = 0;
  const uploaded = await slack.upload(grantAt(server.url), picture, async () => void steps++);
  expect([uploaded, steps]).toEqual([
    { ok: true, value: { mediaId: 'F1', expiresAt: null, ready: false, reusable: true } },
    2,
  ]);
  expect(server.requests.find((asked) => asked.path === '/files.getUploadURLExternal')!.form()).toEqual({
    filename: 'picture-1.png',
    length: '3',
    alt_txt: 'A chart',
  });
  expect(await slack.uploadState(grantAt(server.url), 'F1')).toMatchObject({ value: { ready: false } });
  expect(await slack.uploadState(grantAt(server.url), 'F1')).toMatchObject({ value: { ready: true } });
  server.expect(['POST /chat.postMessage', sent]);
  await slack.publish(grantAt(server.url), outgoing({ text: 'Look', media: [{ ...picture, uploadedId: 'F1' }] }));
  expect(server.requests.at(-1)!.json()).toMatchObject({
    text: 'Look',
    blocks: [{ type: 'section' }, { type: 'image', slack_file: { id: 'F1' }, alt_text: 'A chart' }],
  });
  expect(server.problems()).toEqual([]);
});

test('an unknown outcome is looked up, in the channel and in the threads', async () => {
  const since = new Date(1503435900_000);
  server.expect(
    ['POST /auth.test', me],
    [
      'POST /conversations.history',
      {
        json: {
          ok: true,
          messages: [
            {
              ts: '1503435956.000247',
              text: 'R&amp;D see &lt;https://outpost.dev&gt;',
              bot_id: 'B1',
              reply_count: 3,
              thread_ts: '1503435956.000247',
            },
            { ts: '1503435950.000100', text: 'somebody else', bot_id: 'B2' },
            { ts: '1503435800.000100', text: 'too old', bot_id: 'B1' },
          ],
        },
      },
    ],
    [
      'POST /conversations.replies',
      {
        json: {
          ok: true,
          messages: [
            { ts: '1503435956.000247', text: 'root', bot_id: 'B1', thread_ts: '1503435956.000247' },
            { ts: '1503435957.000300', text: 'two', bot_id: 'B1', thread_ts: '1503435956.000247' },
            { ts: '1503435957.500000', text: 'nice', thread_ts: '1503435956.000247' },
            { ts: '1503435958.000400', text: 'three', bot_id: 'B1', thread_ts: '1503435956.000247' },
          ],
        },
      },
    ],
  );
  const own = await slack.ownPosts(grantAt(server.url), since);
  if (!own.ok) throw new Error(own.failure.reason);
  expect(
    own.value.map(({ platformId, replyTo, text }) => [platformId.slice(-6), replyTo?.slice(-6) ?? null, text]),
  ).toEqual([
    ['000400', '000247', 'three'],
    ['000400', '000300', 'three'],
    ['000300', '000247', 'two'],
    ['000247', null, 'R&D see <https://outpost.dev>'],
  ]);
  server.expect(
    ['POST /auth.test', me],
    ['POST /conversations.history', { json: { ok: false, error: 'missing_scope', needed: 'channels:history' } }],
  );
  expect(await slack.ownPosts(grantAt(server.url), since)).toMatchObject({
    ok: false,
    failure: { kind: 'refused', code: 'missing_scope', reason: expect.stringContaining('channels:history') },
  });
});

test('the four failures, most of which come with status 200', async () => {
  const failures = await fourFailures(server, {
    call: (apiUrl) => slack.publish(grantAt(apiUrl), outgoing({ text: 'Hello' })),
    asked: 'POST /chat.postMessage',
    later: [
      { status: 429, headers: { 'retry-after': '30' }, json: { ok: false, error: 'ratelimited' } },
      { json: { ok: false, error: 'rate_limited' } },
    ],
    reconnect: [{ json: { ok: false, error: 'invalid_auth' } }, { json: { ok: false, error: 'token_revoked' } }],
    refused: [
      { json: { ok: false, error: 'not_in_channel' } },
      { json: { ok: false, error: 'channel_not_found' } },
      { json: { ok: false, error: 'missing_scope', needed: 'chat:write' } },
      { json: { ok: false, error: 'posting_to_general_channel_denied' } },
    ],
    unknown: [...SAYS_NOTHING, { json: { ok: false, error: 'fatal_error' } }, { json: { ok: true } }],
    secrets: ['xoxb-secret-1'],
  });
  expect(failures['refused 0']?.reason).toContain('/invite');
  expect(failures['refused 3']?.reason).toBe('Slack refused this: posting to general channel denied.');
});

test('removing what is gone is fine', async () => {
  server.expect(['POST /chat.delete', { json: { ok: false, error: 'message_not_found' } }]);
  expect(await slack.remove(grantAt(server.url), '1503435956.000247/1503435957.000300')).toEqual({
    ok: true,
    value: null,
  });
  expect(server.requests.at(-1)!.form()).toEqual({ channel: 'C0123456789', ts: '1503435957.000300' });
});

test('what Slack gives back is compared equal with what was written, whatever it holds', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '&',
      '<b>',
      '[words](https://a.dev/x?y=1&z=2)',
      ' https://outpost.dev/a?b=1&c=2, ',
      '\n\n',
      '&amp;',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join(' ');
      expect(comparable(written(mrkdwn(text)))).toBe(comparable(text));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(mrkdwn(text).replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/&|<[!@#]/);
    }),
  );
});

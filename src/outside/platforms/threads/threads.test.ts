import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant, OutgoingMedia } from '#src/outside/platform.ts';
import { type Exchange, fourFailures, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { threads } from './index.ts';

let server: RecordedServer;
let grant: Grant;

beforeEach(async () => {
  server = await startRecorded();
  grant = { token: 'THAA-secret', platformUserId: '178400', apiUrl: server.url };
});

afterEach(async () => {
  expect(server.problems()).toEqual([]);
  await server.close();
});

const CONTAINER: Exchange = ['POST /v1.0/178400/threads', { json: { id: '900' } }];
const FINISHED: Exchange = ['GET /v1.0/900', { json: { status: 'FINISHED', id: '900' } }];
const PUBLISHED: Exchange = ['POST /v1.0/178400/threads_publish', { json: { id: '555' } }];
const SHOWN: Exchange = [
  'GET /v1.0/555',
  { json: { id: '555', permalink: 'https://www.threads.com/@maker/post/Cx1', timestamp: '2026-11-22T09:00:05+0000' } },
];
const problem = (code: number, message: string, more: object = {}) => ({
  status: 400,
  json: { error: { message, type: 'OAuthException', code, fbtrace_id: 'A', ...more } },
});
// A container is remembered by its key: each test has its own.
let keys = 0;
const part = (given: Parameters<typeof outgoing>[0]) => {
  keys += 1;
  return outgoing({ idempotencyKey: `6f1c7d0e-9c1b-4a77-8f7e-${String(keys).padStart(12, '0')}`, ...given });
};
const file = (kind: OutgoingMedia['kind'], publicUrl: string | null, altText: string | null = null): OutgoingMedia => ({
  kind,
  mediaType: kind === 'video' ? 'video/mp4' : 'image/png',
  bytes: 10,
  width: 100,
  height: 100,
  milliseconds: null,
  altText,
  read: async () => new Uint8Array(),
  publicUrl,
  uploadedId: null,
});

describe('connecting', () => {
  it('changes the code for a short token, that for a long one, and renews it by itself', async () => {
    const app = {
      clientId: '42',
      clientSecret: 'shh',
      apiUrl: server.url,
      authorizeUrl: threads.oauth.defaults.authorizeUrl,
    };
    const page = new URL(threads.oauth.authorizeUrl(app, { redirectUri: 'https://f.example/cb', state: 's' }));
    expect(page.searchParams.get('scope')).toContain('threads_content_publish,');
    server.expect(
      ['POST /oauth/access_token', { json: { access_token: 'short', user_id: 178400 } }],
      ['GET /access_token', { json: { access_token: 'long', token_type: 'bearer', expires_in: 5_183_944 } }],
      ['GET /refresh_access_token', { json: { access_token: 'longer', token_type: 'bearer', expires_in: 5_184_000 } }],
      ['GET /refresh_access_token', problem(190, 'Error validating access token: Session has expired.')],
      [
        'POST /oauth/access_token',
        { status: 400, json: { error_type: 'OAuthException', code: 400, error_message: 'Invalid authorization code' } },
      ],
      [
        'POST /oauth/access_token',
        problem(101, 'Error validating application. Cannot get application info: wrong client secret'),
      ],
      ['POST /oauth/access_token', 'lose'],
    );
    const exchange = () => threads.oauth.exchange(app, { code: 'abc#_', redirectUri: 'https://f.example/cb' });
    const tokens = await exchange();
    expect(tokens).toMatchObject({ ok: true, value: { access: 'long', refresh: 'long', expiresIn: 5_183_944 } });
    expect(server.requests[0]?.form()).toMatchObject({ code: 'abc', client_id: '42', client_secret: 'shh' });
    expect(server.requests[1]?.query).toMatchObject({ grant_type: 'th_exchange_token', access_token: 'short' });
    const stale = { refreshToken: 'long', apiUrl: server.url };
    expect(await threads.refresh(stale)).toMatchObject({ ok: true, value: { access: 'longer', refresh: 'longer' } });
    expect(await threads.refresh(stale)).toMatchObject({ failure: { kind: 'reconnect' } });
    expect(await exchange()).toMatchObject({ failure: { kind: 'reconnect' } });
    expect(await exchange()).toMatchObject({ failure: { kind: 'refused', code: 'invalid_client' } });
    expect(await exchange()).toMatchObject({ failure: { kind: 'unknown' } });
  });

  it('knows who it is, followers or not', async () => {
    const me: Exchange = [
      'GET /v1.0/me',
      {
        json: {
          id: '178400',
          username: 'maker',
          name: 'Mia',
          threads_profile_picture_url: 'https://scontent.example/p.jpg',
        },
      },
    ];
    server.expect(
      me,
      [
        'GET /v1.0/178400/threads_insights',
        { json: { data: [{ name: 'followers_count', total_value: { value: 321 } }] } },
      ],
      me,
      ['GET /v1.0/178400/threads_insights', problem(10, 'Application does not have permission for this action')],
    );
    expect(await threads.profile({ ...grant, platformUserId: '' })).toMatchObject({
      ok: true,
      value: { platformUserId: '178400', handle: 'maker', name: 'Mia', followers: 321 },
    });
    expect(await threads.profile(grant)).toMatchObject({ ok: true, value: { followers: null } });
  });
});

describe('the length', () => {
  it('counts emoji by their bytes', () => {
    expect(threads.measureText('Hi 👍').length).toBe(7);
    expect(threads.measureText('日本').length).toBe(2);
    expect(threads.measureText('x'.repeat(501)).valid).toBe(false);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { length } = threads.measureText(text);
        expect(length).toBeGreaterThanOrEqual([...text].length === 0 ? 0 : 1);
        expect(length).toBeLessThanOrEqual(new TextEncoder().encode(text).length);
      }),
    );
  });
});

describe('publishing', () => {
  it('prepares a container and publishes it, and answers with a second one', async () => {
    server.expect(CONTAINER, ['GET /v1.0/900', { json: { status: 'IN_PROGRESS' } }], FINISHED, PUBLISHED, SHOWN);
    const first = await threads.publish(grant, part({ text: 'Shipped', replySettings: 'following' }));
    expect(first).toMatchObject({
      ok: true,
      value: {
        platformId: '555',
        url: 'https://www.threads.com/@maker/post/Cx1',
        publishedAt: new Date('2026-11-22T09:00:05Z'),
      },
      said: 'HTTP 200 {"id":"555"}',
    });
    server.expect(CONTAINER, FINISHED, PUBLISHED, ['GET /v1.0/555', { status: 500 }]);
    const second = await threads.publish(grant, part({ text: 'And more', replyTo: '555', replySettings: 'following' }));
    // It is out, though nobody told where.
    expect(second).toMatchObject({ ok: true, value: { platformId: '555', url: 'https://www.threads.com/' } });
    const made = server.requests.filter((asked) => asked.path.endsWith('/threads'));
    expect(made.map((asked) => asked.form())).toEqual([
      { media_type: 'TEXT', text: 'Shipped', reply_control: 'accounts_you_follow', access_token: 'THAA-secret' },
      { media_type: 'TEXT', text: 'And more', reply_to_id: '555', access_token: 'THAA-secret' },
    ]);
    const published = server.requests.filter((asked) => asked.path.endsWith('/threads_publish'));
    expect(published.map((asked) => asked.form().creation_id)).toEqual(['900', '900']);
  });

  it('lets Threads fetch files, one or several, and refuses when it cannot', async () => {
    const picture = file('image', 'https://fanfare.example/m/1.png', 'A dashboard');
    const film = file('video', 'https://fanfare.example/m/2.mp4');
    server.expect(CONTAINER, FINISHED, PUBLISHED, SHOWN);
    await threads.publish(grant, part({ text: 'Look', media: [picture] }));
    expect(server.requests[0]?.form()).toMatchObject({
      media_type: 'IMAGE',
      image_url: 'https://fanfare.example/m/1.png',
      alt_text: 'A dashboard',
      text: 'Look',
    });
    server.expect(
      ['POST /v1.0/178400/threads', { json: { id: '901' } }],
      ['POST /v1.0/178400/threads', { json: { id: '902' } }],
      ['GET /v1.0/901', { json: { status: 'FINISHED' } }],
      ['GET /v1.0/902', { json: { status: 'FINISHED' } }],
      CONTAINER,
      FINISHED,
      PUBLISHED,
      SHOWN,
    );
    const begun = server.requests.length;
    await threads.publish(grant, part({ text: 'Look', media: [picture, film] }));
    const made = server.requests.slice(begun).filter((asked) => asked.path.endsWith('/threads'));
    expect(made.map((asked) => asked.form())).toMatchObject([
      { is_carousel_item: 'true', media_type: 'IMAGE' },
      { is_carousel_item: 'true', media_type: 'VIDEO', video_url: 'https://fanfare.example/m/2.mp4' },
      { media_type: 'CAROUSEL', children: '901,902', text: 'Look' },
    ]);
    expect(await threads.publish(grant, part({ text: 'Look', media: [file('image', null)] }))).toMatchObject({
      failure: { kind: 'refused', code: 'no_public_address' },
    });
    server.expect(CONTAINER, [
      'GET /v1.0/900',
      { json: { status: 'ERROR', error_message: 'FAILED_DOWNLOADING_VIDEO' } },
    ]);
    expect(await threads.publish(grant, part({ text: 'Look', media: [film] }))).toMatchObject({
      failure: { kind: 'refused', code: 'media_failed', reason: expect.stringContaining('FAILED_DOWNLOADING') },
    });
  });

  it('asks in a poll', async () => {
    server.expect(CONTAINER, FINISHED, PUBLISHED, SHOWN);
    await threads.publish(grant, part({ text: 'Which?', poll: { minutes: 1_440, options: ['This', 'That'] } }));
    expect(JSON.parse(server.requests[0]?.form().poll_attachment ?? '')).toEqual({
      option_a: 'This',
      option_b: 'That',
    });
  });

  it('goes on with the same container after an answer that was lost', async () => {
    const same = part({ text: 'Once' });
    server.expect(CONTAINER, FINISHED, ['POST /v1.0/178400/threads_publish', 'lose']);
    expect(await threads.publish(grant, same)).toMatchObject({ failure: { kind: 'unknown', code: 'no_answer' } });
    server.expect(['GET /v1.0/900', { json: { status: 'PUBLISHED' } }]);
    expect(await threads.publish(grant, same)).toMatchObject({ failure: { kind: 'unknown', code: 'duplicate' } });
    server.expect(FINISHED, PUBLISHED, SHOWN);
    expect((await threads.publish(grant, same)).ok).toBe(true);
    expect(server.requests.filter((asked) => asked.path.endsWith('/threads')).length).toBe(1);
    // Another text under the same key is another post.
    server.expect(CONTAINER, FINISHED, PUBLISHED, SHOWN);
    expect((await threads.publish(grant, { ...same, text: 'Twice' })).ok).toBe(true);
  });

  it('waits while Threads does not find the container, and not for ever', async () => {
    const same = part({ text: 'Second', replyTo: '1' });
    const missing = problem(24, 'The requested resource does not exist', { error_subcode: 4_279_009 });
    server.expect(CONTAINER);
    const kinds: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      server.expect(FINISHED, ['POST /v1.0/178400/threads_publish', missing]);
      const outcome = await threads.publish(grant, same);
      kinds.push(outcome.ok ? 'ok' : outcome.failure.kind);
    }
    expect(kinds).toEqual(['later', 'later', 'later', 'later', 'refused']);
  });

  it('fails in the four ways when it publishes', async () => {
    const failures = await fourFailures(server, {
      call: (apiUrl) => threads.publish({ ...grant, apiUrl }, part({ text: 'Hello' })),
      before: [CONTAINER, FINISHED],
      asked: 'POST /v1.0/178400/threads_publish',
      later: [
        { status: 429 },
        problem(4, 'Application request limit reached'),
        problem(9, 'Too many posts', { error_subcode: 2_207_042, error_user_msg: 'You reached the limit of posts.' }),
      ],
      reconnect: [problem(190, 'Error validating access token: The session is invalid')],
      refused: [
        problem(10, 'Application does not have permission'),
        problem(100, 'Param text must be at most 500 characters'),
      ],
      unknown: [
        'lose',
        'half',
        { status: 500 },
        problem(2, 'An unexpected error has occurred.'),
        { status: 200, text: 'hm' },
      ],
      secrets: ['THAA-secret'],
    });
    expect(failures['refused 0']?.reason).toContain('Connect the account again');
  });

  it('has published nothing when preparing fails', async () => {
    for (const answer of ['lose', { status: 500 }, problem(1, 'Please retry', { is_transient: true })] as const) {
      server.expect(['POST /v1.0/178400/threads', answer]);
      expect(await threads.publish(grant, part({ text: 'Hello' }))).toMatchObject({ failure: { kind: 'later' } });
    }
    server.expect(CONTAINER, ['GET /v1.0/900', 'half']);
    expect(await threads.publish(grant, part({ text: 'Hello' }))).toMatchObject({ failure: { kind: 'later' } });
    server.expect(CONTAINER, ['GET /v1.0/900', { json: { status: 'EXPIRED' } }]);
    expect(await threads.publish(grant, part({ text: 'Hello' }))).toMatchObject({ failure: { code: 'expired' } });
  });
});

describe('reading', () => {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, '+0000');

  it('finds own posts and replies, newest first', async () => {
    server.expect(
      [
        'GET /v1.0/178400/threads',
        {
          json: {
            data: [
              { id: '3', media_type: 'REPOST_FACADE', timestamp: at(1) },
              {
                id: '1',
                media_type: 'TEXT_POST',
                text: 'First',
                permalink: 'https://www.threads.com/1',
                timestamp: at(9),
              },
            ],
            paging: { cursors: { after: 'c1' }, next: 'https://graph.threads.net/next?access_token=THAA' },
          },
        },
      ],
      ['GET /v1.0/178400/threads', { json: { data: [{ id: '0', text: 'Old', timestamp: at(600) }] } }],
      [
        'GET /v1.0/178400/replies',
        { json: { data: [{ id: '2', text: 'Second', timestamp: at(5), replied_to: { id: '1' } }], paging: {} } },
      ],
    );
    const own = await threads.ownPosts(grant, new Date(Date.now() - 3_600_000));
    expect(own.ok && own.value.map((post) => [post.platformId, post.text, post.replyTo])).toEqual([
      ['2', 'Second', '1'],
      ['1', 'First', null],
    ]);
    expect(server.requests.map((asked) => asked.query.after)).toEqual([undefined, 'c1', undefined]);
    server.expect(['GET /v1.0/178400/threads', 'lose']);
    expect(await threads.ownPosts(grant, new Date())).toMatchObject({ failure: { kind: 'later' } });
  });

  it('counts, and leaves out what is gone', async () => {
    const value = (name: string, count: number) => ({ name, period: 'lifetime', values: [{ value: count }] });
    const data = [
      value('views', 900),
      value('likes', 12),
      value('replies', 3),
      value('reposts', 2),
      value('quotes', 1),
    ];
    server.expect(
      ['GET /v1.0/1/insights', problem(100, 'Object does not exist', { error_subcode: 33 })],
      ['GET /v1.0/555/insights', { json: { data } }],
    );
    expect(await threads.metrics(grant, ['1', '555'])).toMatchObject({
      ok: true,
      value: [{ platformId: '555', views: 900, likes: 12, replies: 3, reposts: 2, quotes: 1, impressions: null }],
    });
  });

  it('hears who answered and who named us, once each and oldest first', async () => {
    server.expect(
      ['GET /v1.0/70', { json: { id: '70', timestamp: at(60) } }],
      [
        'GET /v1.0/178400/threads',
        {
          json: {
            data: [
              { id: '1', timestamp: at(90), has_replies: true },
              { id: '2', timestamp: at(95), has_replies: false },
            ],
          },
        },
      ],
      [
        'GET /v1.0/1/conversation',
        {
          json: {
            data: [
              {
                id: '72',
                text: 'How?',
                username: 'ada',
                timestamp: at(10),
                replied_to: { id: '1' },
                is_reply_owned_by_me: false,
              },
              {
                id: '71',
                text: 'Like so',
                username: 'maker',
                timestamp: at(9),
                replied_to: { id: '72' },
                is_reply_owned_by_me: true,
              },
              { id: '70', text: 'Known', username: 'ada', timestamp: at(60) },
            ],
          },
        },
      ],
      [
        'GET /v1.0/178400/mentions',
        {
          json: {
            data: [
              { id: '72', text: 'How?', username: 'ada', timestamp: at(10) },
              {
                id: '73',
                text: 'Ask @maker',
                username: 'bob',
                timestamp: at(20),
                permalink: 'https://www.threads.com/73',
              },
            ],
          },
        },
      ],
    );
    const heard = await threads.mentions(grant, '70');
    expect(heard.ok && heard.value.map((one) => [one.platformId, one.kind, one.author.handle, one.replyTo])).toEqual([
      ['73', 'mention', 'bob', null],
      ['72', 'reply', 'ada', '1'],
    ]);
  });

  it('removes, gone or not', async () => {
    server.expect(
      ['DELETE /v1.0/555', { json: { success: true } }],
      ['DELETE /v1.0/555', problem(100, 'Object does not exist', { error_subcode: 33 })],
      ['DELETE /v1.0/555', problem(10, 'No permission')],
    );
    expect(await threads.remove(grant, '555')).toEqual({ ok: true, value: null });
    expect(await threads.remove(grant, '555')).toEqual({ ok: true, value: null });
    expect(await threads.remove(grant, '555')).toMatchObject({ failure: { kind: 'refused' } });
  });
});

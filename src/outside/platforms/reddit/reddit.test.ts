import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { fourFailures, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { reddit } from './index.ts';

let server: RecordedServer;
let grant: Grant;

beforeEach(async () => {
  server = await startRecorded();
  grant = { token: 'eyJ-secret', platformUserId: 'mia_maker', apiUrl: server.url };
});

afterEach(async () => {
  expect(server.problems()).toEqual([]);
  await server.close();
});

const part = (text: string) => outgoing({ text, title: ' We made a thing ', community: '/r/SideProject/' });
const errors = (name: string, words: string | null, more: object = {}) => ({
  json: { json: { errors: [[name, words, 'sr']], ...more } },
});

describe('connecting', () => {
  it('asks for lasting access, changes the code, renews, and knows who it is', async () => {
    const app = {
      clientId: 'abc',
      clientSecret: 'shh',
      apiUrl: server.url,
      authorizeUrl: `${server.url}/api/v1/authorize`,
    };
    const page = new URL(reddit.oauth.authorizeUrl(app, { redirectUri: 'https://f.example/cb', state: 's' }));
    expect(Object.fromEntries(page.searchParams)).toMatchObject({ duration: 'permanent', response_type: 'code' });
    const answer = { access_token: 'eyJ', token_type: 'bearer', expires_in: 86_400, scope: 'identity submit' };
    server.expect(
      ['POST /api/v1/access_token', { json: { ...answer, refresh_token: 'R1' } }],
      ['POST /api/v1/access_token', { json: answer }],
      ['POST /api/v1/access_token', { json: { error: 'invalid_grant' } }],
      ['POST /api/v1/access_token', { status: 401, json: { message: 'Unauthorized', error: 401 } }],
      ['POST /api/v1/access_token', { status: 503 }],
      [
        'GET /api/v1/me',
        {
          json: {
            name: 'mia_maker',
            icon_img: 'https://i.example/a.png',
            subreddit: { subscribers: 12, title: 'Mia' },
          },
        },
      ],
    );
    const exchange = () => reddit.oauth.exchange(app, { code: 'c', redirectUri: 'https://f.example/cb' });
    expect(await exchange()).toEqual({
      ok: true,
      value: { access: 'eyJ', refresh: 'R1', expiresIn: 86_400, scopes: ['identity', 'submit'] },
    });
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('abc:shh').toString('base64')}`);
    expect(await reddit.refresh({ refreshToken: 'R1', app })).toMatchObject({ ok: true, value: { refresh: null } });
    expect(await reddit.refresh({ refreshToken: 'R1', app })).toMatchObject({ failure: { kind: 'reconnect' } });
    expect(await exchange()).toMatchObject({ failure: { kind: 'refused', code: 'invalid_client' } });
    expect(await exchange()).toMatchObject({ failure: { kind: 'unknown' } });
    expect(await reddit.profile(grant)).toMatchObject({
      ok: true,
      value: { platformUserId: 'mia_maker', handle: 'mia_maker', name: 'Mia', followers: 12 },
    });
    expect(server.requests.at(-1)?.headers['user-agent']).toBe('server:fanfare:1 (by /u/mia_maker)');
  });
});

describe('publishing', () => {
  it('posts text or a link into a subreddit, and comments under it', async () => {
    const data = { url: 'https://www.reddit.com/r/SideProject/comments/abc/we_made/', id: 'abc', name: 't3_abc' };
    const comment = { kind: 't1', data: { name: 't1_xyz', permalink: '/r/SideProject/comments/abc/we_made/xyz/' } };
    server.expect(
      ['POST /api/submit', { json: { json: { errors: [], data } } }],
      ['POST /api/submit', { json: { json: { errors: [], data } } }],
      ['POST /api/comment', { json: { json: { errors: [], data: { things: [comment] } } } }],
    );
    expect(await reddit.publish(grant, part('It **does** things.\n\nhttps://fanfare.example'))).toMatchObject({
      ok: true,
      value: { platformId: 't3_abc', url: data.url },
    });
    await reddit.publish(grant, part(' https://fanfare.example/a?b=1 '));
    expect(await reddit.publish(grant, outgoing({ text: 'Ask me', replyTo: 't3_abc' }))).toMatchObject({
      ok: true,
      value: { platformId: 't1_xyz', url: 'https://www.reddit.com/r/SideProject/comments/abc/we_made/xyz/' },
    });
    const common = { sr: 'SideProject', title: 'We made a thing', api_type: 'json' };
    expect(server.requests.map((asked) => asked.form())).toMatchObject([
      { ...common, kind: 'self', text: 'It **does** things.\n\nhttps://fanfare.example' },
      { ...common, kind: 'link', url: 'https://fanfare.example/a?b=1' },
      { thing_id: 't3_abc', text: 'Ask me' },
    ]);
  });

  it('knows a post or a comment by the address a person pastes', () => {
    const post = 'https://www.reddit.com/r/SideProject/comments/abc/we_made/';
    expect(
      [post, `${post}xyz/?context=3`, 'https://redd.it/abc', 'https://old.reddit.com/comments/abc'].map(reddit.idOfUrl),
    ).toEqual(['t3_abc', 't1_xyz', 't3_abc', 't3_abc']);
    for (const other of ['https://www.reddit.com/r/SideProject/', 'https://evil.example/comments/abc', 'no address'])
      expect(reddit.idOfUrl(other)).toBeNull();
  });

  it('wants a subreddit and a title before it asks Reddit', async () => {
    const noPlace = await reddit.publish(grant, { ...part('Hi'), community: null });
    expect(noPlace).toMatchObject({ failure: { kind: 'refused', code: 'no_community' } });
    const noTitle = await reddit.publish(grant, { ...part('Hi'), title: ' ' });
    expect(noTitle).toMatchObject({ failure: { kind: 'refused', code: 'no_title' } });
  });

  it('fails in the four ways', async () => {
    const failures = await fourFailures(server, {
      call: (apiUrl) => reddit.publish({ ...grant, apiUrl }, part('Hello')),
      asked: 'POST /api/submit',
      later: [
        errors('RATELIMIT', "Looks like you've been doing that a lot. Take a break for 9 minutes before trying again."),
        errors('RATELIMIT', 'Take a break for 1 second before trying again.'),
        errors('RATELIMIT', 'Take a break.', { ratelimit: 540.5 }),
        { status: 429, headers: { 'x-ratelimit-reset': '372' }, json: { message: 'Too Many Requests', error: 429 } },
      ],
      reconnect: [
        { status: 401, json: { message: 'Unauthorized', error: 401 } },
        errors('USER_REQUIRED', 'Please log in to do that.'),
      ],
      refused: [
        errors('SUBREDDIT_NOTALLOWED', "you aren't allowed to post there."),
        errors('NO_SELFS', null),
        { status: 403, json: { message: 'Forbidden', error: 403, reason: 'banned' } },
      ],
      unknown: [
        errors('ALREADY_SUB', 'that link has already been submitted'),
        'lose',
        'half',
        { status: 500 },
        { status: 502, text: '<html>' },
        { status: 200, json: { json: { errors: [], data: {} } } },
        { status: 200, text: 'hm' },
      ],
      secrets: ['eyJ-secret'],
    });
    const minutes = (name: string) => {
      const failure = failures[name];
      return failure?.kind === 'later' ? Math.round((failure.until.getTime() - Date.now()) / 60_000) : null;
    };
    expect([minutes('later 0'), minutes('later 2'), minutes('later 3')]).toEqual([10, 9, 6]);
    expect(failures['unknown 0']).toMatchObject({ code: 'duplicate' });
    expect(failures['refused 0']?.reason).toBe("Reddit refused this: you aren't allowed to post there.");
  });
});

describe('reading', () => {
  const seconds = (minutes: number) => Math.floor(Date.now() / 1_000) - minutes * 60;
  const thing = (kind: string, data: object) => ({ kind, data });
  const listing = (children: object[], after: string | null = null) => ({
    json: { kind: 'Listing', data: { children, after } },
  });

  it('finds posts, links and comments as they were written', async () => {
    server.expect(
      [
        'GET /user/mia_maker/overview',
        listing(
          [
            thing('t1', { name: 't1_c', body: 'Ask me', parent_id: 't3_a', permalink: '/c', created_utc: seconds(1) }),
            thing('t3', { name: 't3_a', is_self: true, selftext: 'Q&A\n\n- one', url: 'x', created_utc: seconds(2) }),
          ],
          't3_a',
        ),
      ],
      [
        'GET /user/mia_maker/overview',
        listing(
          [
            thing('t3', { name: 't3_b', is_self: false, url: 'https://f.example/a?b=1', created_utc: seconds(3) }),
            thing('t3', { name: 't3_old', is_self: true, selftext: 'Old', created_utc: seconds(600) }),
          ],
          't3_old',
        ),
      ],
    );
    const own = await reddit.ownPosts(grant, new Date(Date.now() - 3_600_000));
    expect(own.ok && own.value.map((one) => [one.platformId, reddit.comparable(one.text), one.replyTo])).toEqual([
      ['t1_c', 'Ask me', 't3_a'],
      ['t3_a', reddit.comparable('Q&A\n\n- one\n'), null],
      ['t3_b', reddit.comparable(' https://f.example/a?b=1 '), null],
    ]);
    expect(server.requests[1]?.query).toMatchObject({ after: 't3_a', raw_json: '1' });
  });

  it('counts score and comments', async () => {
    server.expect([
      'GET /api/info',
      listing([
        thing('t3', {
          name: 't3_a',
          created_utc: 1,
          score: 41,
          num_comments: 7,
          num_crossposts: 1,
          upvote_ratio: 0.93,
        }),
        thing('t1', { name: 't1_c', created_utc: 1, score: -3 }),
      ]),
    ]);
    expect(await reddit.metrics(grant, ['t3_a', 't1_c', 't3_gone'])).toMatchObject({
      ok: true,
      value: [
        { platformId: 't3_a', likes: 41, replies: 7, reposts: 1 },
        { platformId: 't1_c', likes: 0, replies: null },
      ],
    });
    expect(server.requests[0]?.query.id).toBe('t3_a,t1_c,t3_gone');
  });

  it('hears answers, mentions and messages since the last one', async () => {
    const inbox = listing([
      thing('t1', {
        name: 't1_3',
        author: 'ada',
        body: 'How?',
        subject: 'post reply',
        parent_id: 't3_a',
        context: '/c3',
        created_utc: seconds(1),
      }),
      thing('t1', {
        name: 't1_2',
        author: 'bob',
        body: 'u/mia_maker',
        subject: 'username mention',
        created_utc: seconds(2),
      }),
      thing('t4', { name: 't4_1', author: null, body: 'Hello', subject: 'hi', created_utc: seconds(3) }),
      thing('t1', { name: 't1_0', author: 'ada', body: 'Old', created_utc: seconds(20_000) }),
    ]);
    server.expect(['GET /message/inbox', inbox], ['GET /message/inbox', inbox]);
    const first = await reddit.mentions(grant, null);
    expect(first.ok && first.value.map((one) => [one.platformId, one.kind, one.author.handle])).toEqual([
      ['t4_1', 'message', 'reddit'],
      ['t1_2', 'mention', 'bob'],
      ['t1_3', 'reply', 'ada'],
    ]);
    const next = await reddit.mentions(grant, 't1_2');
    expect(next.ok && next.value.map((one) => one.platformId)).toEqual(['t1_3']);
  });

  it('removes', async () => {
    server.expect(['POST /api/del', { json: {} }], ['POST /api/del', 'lose']);
    expect(await reddit.remove(grant, 't3_abc')).toEqual({ ok: true, value: null });
    expect(await reddit.remove(grant, 't3_abc')).toMatchObject({ failure: { kind: 'later' } });
  });
});

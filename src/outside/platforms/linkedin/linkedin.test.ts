import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant, OutgoingMedia } from '#src/outside/platform.ts';
import { type Exchange, fourFailures, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { linkedin } from './index.ts';
import { littleText } from './little.ts';

let server: RecordedServer;
let grant: Grant;

beforeEach(async () => {
  server = await startRecorded();
  grant = { token: 'AQX-secret', platformUserId: '782bbtaQ', apiUrl: server.url };
});

afterEach(async () => {
  expect(server.problems()).toEqual([]);
  await server.close();
});

const POST = 'urn:li:share:7329207392453382146';
const CREATED: Exchange = ['POST /rest/posts', { status: 201, headers: { 'x-restli-id': POST } }];

describe('connecting', () => {
  const app = () => ({
    clientId: '86abc',
    clientSecret: 'shh',
    apiUrl: server.url,
    authorizeUrl: `${server.url}/oauth/v2/authorization?scope=r_member_postAnalytics`,
  });

  it('asks for what every app has, and for more where the address says so', () => {
    const url = new URL(
      linkedin.oauth.authorizeUrl(app(), { redirectUri: 'https://fanfare.example/cb', state: 's t' }),
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: '86abc',
      redirect_uri: 'https://fanfare.example/cb',
      state: 's t',
      scope: 'openid profile w_member_social r_member_postAnalytics',
    });
    const plain = { ...app(), authorizeUrl: linkedin.oauth.defaults.authorizeUrl };
    const page = new URL(linkedin.oauth.authorizeUrl(plain, { redirectUri: 'https://f.example/', state: 's' }));
    expect(page.searchParams.get('scope')).toBe('openid profile w_member_social');
  });

  it('changes the code for a token of 60 days and knows who it is', async () => {
    server.expect(
      [
        'POST /oauth/v2/accessToken',
        { json: { access_token: 'AQX', expires_in: 5_184_000, scope: 'openid,profile,w_member_social' } },
      ],
      [
        'GET /v2/userinfo',
        { json: { sub: '782bbtaQ', name: 'Mia Maker', given_name: 'Mia', picture: 'https://media.licdn.com/x.jpg' } },
      ],
    );
    const tokens = await linkedin.oauth.exchange(app(), { code: 'c', redirectUri: 'https://fanfare.example/cb' });
    expect(tokens).toEqual({
      ok: true,
      value: {
        access: 'AQX',
        refresh: null,
        expiresIn: 5_184_000,
        scopes: ['openid', 'profile', 'w_member_social'],
      },
    });
    expect(server.requests[0]?.form()).toEqual({
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'https://fanfare.example/cb',
      client_id: '86abc',
      client_secret: 'shh',
    });
    expect(await linkedin.profile(grant)).toMatchObject({
      ok: true,
      value: { platformUserId: '782bbtaQ', handle: 'Mia Maker', avatarUrl: 'https://media.licdn.com/x.jpg' },
    });
    expect(server.requests[1]?.headers).toMatchObject({ authorization: 'Bearer AQX-secret' });
  });

  it('tells a wrong app from a used code, and renews for partners', async () => {
    const answers: [number, object][] = [
      [401, { error: 'invalid_client', error_description: 'Client authentication failed' }],
      [400, { error: 'invalid_request', error_description: 'authorization code expired' }],
    ];
    for (const [status, json] of answers) server.expect(['POST /oauth/v2/accessToken', { status, json }]);
    const exchange = () => linkedin.oauth.exchange(app(), { code: 'c', redirectUri: 'https://f.example/' });
    expect(await exchange()).toMatchObject({ failure: { kind: 'refused', code: 'invalid_client' } });
    expect(await exchange()).toMatchObject({ failure: { kind: 'reconnect' } });
    const json = { access_token: 'AQY', expires_in: 5_184_000, refresh_token: 'R2' };
    server.expect(['POST /oauth/v2/accessToken', { json }], ['POST /oauth/v2/accessToken', 'lose']);
    const stale = { refreshToken: 'R1', app: app() };
    expect(await linkedin.refresh(stale)).toMatchObject({ ok: true, value: { access: 'AQY', refresh: 'R2' } });
    expect(await linkedin.refresh(stale)).toMatchObject({ failure: { kind: 'unknown' } });
  });
});

describe('the text', () => {
  /** LinkedIn's reading of it: an escape is the character after it, a hashtag template is the tag with its sign. */
  function shown(little: string): string {
    let text = '';
    for (let at = 0; at < little.length; at += 1) {
      const template = /^\{hashtag\|\\#\|((?:[^\\|{}]|\\.)*)\}/su.exec(little.slice(at));
      if (template) {
        text += `#${shown(template[1] ?? '')}`;
        at += template[0].length - 1;
      } else if (little[at] === '\\') {
        text += little[at + 1] ?? '';
        at += 1;
      } else {
        if (/[|{}@[\]()<>#*_~]/.test(little[at] ?? '')) throw new Error(`Cut short at ${at} of ${little}`);
        text += little[at] ?? '';
      }
    }
    return text;
  }

  it('escapes what would cut the post short, and keeps hashtags', () => {
    expect(littleText('New (v2_1) for @mia: https://fanfare.example/a_b#c | #build_in_public, #2024 \\o/')).toBe(
      'New \\(v2\\_1\\) for \\@mia: https://fanfare.example/a\\_b\\#c \\| {hashtag|\\#|build\\_in\\_public}, \\#2024 \\\\o/',
    );
  });

  it('is shown as it was written, whatever it holds', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'ab é日 1\n.,|{}@[]()<>#*_~\\', '#tag', '{hashtag|\\#|x}'),
      maxLength: 40,
    });
    const same = (one: string) => {
      expect(shown(littleText(one))).toBe(one);
    };
    fc.assert(fc.property(text, same), { numRuns: 2_000 });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), same), { numRuns: 500 });
  });

  it('counts as many units as LinkedIn at most', () => {
    expect(linkedin.measureText('a'.repeat(3_000))).toEqual({ length: 3_000, valid: true });
    expect(linkedin.measureText('a'.repeat(3_001)).valid).toBe(false);
    expect(linkedin.measureText(' \n').valid).toBe(false);
  });
});

describe('publishing', () => {
  it('posts text', async () => {
    server.expect(CREATED);
    const outcome = await linkedin.publish(grant, outgoing({ text: 'We shipped (finally) #launch' }));
    expect(outcome).toMatchObject({
      ok: true,
      value: { platformId: POST, url: `https://www.linkedin.com/feed/update/${POST}/` },
      said: 'HTTP 201',
    });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer AQX-secret',
      'linkedin-version': expect.stringMatching(/^20\d{4}$/),
      'x-restli-protocol-version': '2.0.0',
    });
    expect(server.requests[0]?.json()).toEqual({
      author: 'urn:li:person:782bbtaQ',
      commentary: 'We shipped \\(finally\\) {hashtag|\\#|launch}',
      visibility: 'PUBLIC',
      distribution: { feedDistribution: 'MAIN_FEED', targetEntities: [], thirdPartyDistributionChannels: [] },
      lifecycleState: 'PUBLISHED',
      isReshareDisabledByAuthor: false,
    });
  });

  it('comments in plain text under it, and under a comment', async () => {
    const comment = 'urn:li:comment:(urn:li:activity:73,99)';
    server.expect(
      ['POST /rest/socialActions/*/comments', { status: 201, json: { id: '99', commentUrn: comment } }],
      ['POST /rest/socialActions/*/comments', { status: 201, headers: { 'x-restli-id': '100' } }],
    );
    const first = await linkedin.publish(grant, outgoing({ text: 'Read on (here): #more', replyTo: POST }));
    expect(first).toMatchObject({ ok: true, value: { platformId: comment } });
    const second = await linkedin.publish(grant, outgoing({ text: 'And on', replyTo: comment }));
    expect(second).toMatchObject({ ok: true, value: { platformId: 'urn:li:comment:(urn:li:activity:73,100)' } });
    expect(server.requests.map((asked) => [decodeURIComponent(asked.path), asked.json()])).toEqual([
      [
        `/rest/socialActions/${POST}/comments`,
        { actor: 'urn:li:person:782bbtaQ', object: POST, message: { text: 'Read on (here): #more' } },
      ],
      [
        '/rest/socialActions/urn:li:activity:73/comments',
        {
          actor: 'urn:li:person:782bbtaQ',
          object: 'urn:li:activity:73',
          message: { text: 'And on' },
          parentComment: comment,
        },
      ],
    ]);
    const long = await linkedin.publish(grant, outgoing({ text: 'x'.repeat(1_251), replyTo: POST }));
    expect(long).toMatchObject({ failure: { kind: 'refused', code: 'too_long' } });
  });

  it('fails in the four ways', async () => {
    const failures = await fourFailures(server, {
      call: (apiUrl) => linkedin.publish({ ...grant, apiUrl }, outgoing({ text: 'Hello' })),
      asked: 'POST /rest/posts',
      later: [{ status: 429, json: { message: 'Resource level throttle DAY limit', status: 429 } }],
      reconnect: [
        { status: 401, json: { status: 401, code: 'REVOKED_ACCESS_TOKEN', message: 'The token was revoked' } },
      ],
      refused: [
        { status: 426, json: { status: 426, code: 'NONEXISTENT_VERSION', message: 'Requested version is not active' } },
        { status: 403, json: { status: 403, code: 'ACCESS_DENIED', message: 'Not enough permissions to access' } },
        { status: 422, json: { status: 422, message: 'ERROR :: /commentary :: length exceeded' } },
      ],
      unknown: [
        { status: 422, json: { status: 422, message: `Content is a duplicate of ${POST}`, code: 'DUPLICATE_POST' } },
        'lose',
        'half',
        { status: 500 },
        { status: 503, text: '<html>' },
        { status: 200, text: '{}' },
        // Created, but not named.
        { status: 201 },
      ],
      secrets: ['AQX-secret'],
    });
    expect(failures['unknown 0']).toMatchObject({ code: 'duplicate' });
    expect(failures['refused 0']?.reason).toContain('Update Fanfare');
    await fourFailures(server, {
      call: (apiUrl) => linkedin.publish({ ...grant, apiUrl }, outgoing({ text: 'Hello', replyTo: POST })),
      asked: 'POST /rest/socialActions/*/comments',
      later: [{ status: 429, headers: { 'retry-after': '60' } }],
      reconnect: [{ status: 401 }],
      refused: [{ status: 404, json: { message: 'Post not found' } }],
    });
  });

  it('knows a post by the address a person pastes', () => {
    const page = 'https://www.linkedin.com/posts/mia-maker_launch-activity-7332661864792854528-hcGT?utm_source=share';
    expect(linkedin.idOfUrl(page)).toBe('urn:li:activity:7332661864792854528');
    expect(linkedin.idOfUrl(`https://www.linkedin.com/feed/update/${encodeURIComponent(POST)}/`)).toBe(POST);
    for (const other of ['https://www.linkedin.com/in/mia-maker/%zz', `https://evil.example/${POST}`, 'no address'])
      expect(linkedin.idOfUrl(other)).toBeNull();
  });

  it('removes posts and comments, gone or not', async () => {
    server.expect(
      ['DELETE /rest/posts/*', { status: 204 }],
      ['DELETE /rest/socialActions/*/comments/99', { status: 404, json: { message: 'gone' } }],
      ['DELETE /rest/posts/*', { status: 403, json: { message: 'Not yours' } }],
    );
    expect(await linkedin.remove(grant, POST)).toEqual({ ok: true, value: null });
    expect(await linkedin.remove(grant, 'urn:li:comment:(urn:li:activity:73,99)')).toEqual({ ok: true, value: null });
    expect(await linkedin.remove(grant, POST)).toMatchObject({ failure: { kind: 'refused' } });
  });
});

describe('files', () => {
  const bytes = Uint8Array.from({ length: 10 }, (_, at) => at);
  const file = (
    kind: OutgoingMedia['kind'],
    uploadedId: string | null,
    altText: string | null = null,
  ): OutgoingMedia => ({
    kind,
    mediaType: kind === 'video' ? 'video/mp4' : 'image/png',
    bytes: bytes.length,
    width: 100,
    height: 100,
    milliseconds: kind === 'video' ? 4_000 : null,
    altText,
    read: async (from = 0, to = bytes.length) => bytes.slice(from, to),
    publicUrl: null,
    uploadedId,
  });
  const steps: string[] = [];
  const step = async () => void steps.push('step');

  it('gives a picture, then posts it with its description', async () => {
    server.expect(
      [
        'POST /rest/images',
        {
          json: {
            value: { uploadUrl: `${server.url}/dms-uploads/1`, image: 'urn:li:image:C4E10', uploadUrlExpiresAt: 1 },
          },
        },
      ],
      ['PUT /dms-uploads/1', { status: 201 }],
      CREATED,
      CREATED,
    );
    expect(await linkedin.upload(grant, file('image', null), step)).toEqual({
      ok: true,
      value: { mediaId: 'urn:li:image:C4E10', expiresAt: null, ready: true },
    });
    expect(server.requests[0]?.query).toEqual({ action: 'initializeUpload' });
    expect([...(server.requests[1]?.bytes ?? [])]).toEqual([...bytes]);
    const one = file('image', 'urn:li:image:1', 'A dashboard');
    await linkedin.publish(grant, outgoing({ text: 'Look', media: [one] }));
    await linkedin.publish(grant, outgoing({ text: 'Look', media: [one, file('image', 'urn:li:image:2')] }));
    expect(server.requests.slice(2).map((asked) => asked.json())).toMatchObject([
      { content: { media: { id: 'urn:li:image:1', altText: 'A dashboard' } } },
      {
        content: {
          multiImage: { images: [{ id: 'urn:li:image:1', altText: 'A dashboard' }, { id: 'urn:li:image:2' }] },
        },
      },
    ]);
  });

  it('gives a video in parts and waits until it is converted', async () => {
    const part = (at: number, firstByte: number, lastByte: number) => ({
      uploadUrl: `${server.url}/dms-uploads/${at}`,
      firstByte,
      lastByte,
    });
    server.expect(
      [
        'POST /rest/videos',
        {
          json: {
            value: { video: 'urn:li:video:V', uploadToken: 't', uploadInstructions: [part(1, 0, 5), part(2, 6, 9)] },
          },
        },
      ],
      ['PUT /dms-uploads/1', { headers: { etag: '"e1"' } }],
      ['PUT /dms-uploads/2', { headers: { etag: '"e2"' } }],
      ['POST /rest/videos', { status: 200 }],
      ['GET /rest/videos/*', { json: { status: 'PROCESSING' } }],
      ['GET /rest/videos/*', { json: { status: 'AVAILABLE' } }],
      ['GET /rest/videos/*', { json: { status: 'PROCESSING_FAILED' } }],
      ['GET /rest/videos/*', { status: 403, json: { message: 'Not enough permissions' } }],
    );
    steps.length = 0;
    expect(await linkedin.upload(grant, file('video', null), step)).toMatchObject({
      ok: true,
      value: { mediaId: 'urn:li:video:V', ready: false },
    });
    expect(steps.length).toBe(3);
    expect(server.requests.slice(1, 3).map((asked) => [...asked.bytes])).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9],
    ]);
    expect(server.requests[3]?.json()).toEqual({
      finalizeUploadRequest: { video: 'urn:li:video:V', uploadToken: 't', uploadedPartIds: ['e1', 'e2'] },
    });
    const states = [];
    for (let n = 0; n < 4; n += 1) states.push(await linkedin.uploadState(grant, 'urn:li:video:V'));
    expect(states).toMatchObject([
      { value: { ready: false } },
      { value: { ready: true } },
      { failure: { kind: 'refused', code: 'media_failed' } },
      { value: { ready: true } },
    ]);
  });

  it('takes the file to LinkedIn only, and says when that fails', async () => {
    const begun = (uploadUrl: string): Exchange => [
      'POST /rest/images',
      { json: { value: { uploadUrl, image: 'urn:li:image:1' } } },
    ];
    server.expect(begun('https://evil.example/put'), begun(`${server.url}/put`), ['PUT /put', { status: 503 }]);
    expect(await linkedin.upload(grant, file('image', null), step)).toMatchObject({
      failure: { kind: 'later', reason: expect.stringContaining('evil.example') },
    });
    expect(await linkedin.upload(grant, file('image', null), step)).toMatchObject({ failure: { kind: 'later' } });
    const unready = await linkedin.publish(grant, outgoing({ text: 'Look', media: [file('image', null)] }));
    expect(unready).toMatchObject({ failure: { kind: 'refused', code: 'media_missing' } });
  });
});

describe('numbers', () => {
  it('are none without the permission', async () => {
    server.expect([
      'GET /rest/memberCreatorPostAnalytics',
      { status: 403, json: { message: 'Not enough permissions' } },
    ]);
    expect(await linkedin.metrics(grant, [POST, 'urn:li:comment:(urn:li:activity:73,99)'])).toEqual({
      ok: true,
      value: [],
    });
  });

  it('are read type by type, without what is gone', async () => {
    const gone = 'urn:li:ugcPost:1';
    server.expect(
      ['GET /rest/memberCreatorPostAnalytics', { status: 404 }],
      ...[900, 12, 3, 1].map(
        (count): Exchange => ['GET /rest/memberCreatorPostAnalytics', { json: { elements: [{ count }], paging: {} } }],
      ),
      ['GET /rest/memberCreatorPostAnalytics', { status: 429 }],
    );
    const read = await linkedin.metrics(grant, [gone, POST]);
    expect(read).toMatchObject({
      ok: true,
      value: [{ platformId: POST, impressions: 900, likes: 12, replies: 3, reposts: 1, views: null }],
    });
    expect(server.requests.map((asked) => [asked.query.entity, asked.query.queryType])).toEqual([
      [`(ugc:${gone})`, 'IMPRESSION'],
      ...['IMPRESSION', 'REACTION', 'COMMENT', 'RESHARE'].map((type) => [`(share:${POST})`, type]),
    ]);
    expect(await linkedin.metrics(grant, [POST])).toMatchObject({ failure: { kind: 'later' } });
  });
});

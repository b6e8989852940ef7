import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { fourFailures, type RecordedServer, SAYS_NOTHING, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { devto, devtoAt } from './index.ts';

let server: RecordedServer;
let grant: Grant;

beforeEach(async () => {
  server = await startRecorded();
  grant = { token: 'key-secret', platformUserId: '1234', apiUrl: server.url };
});

afterEach(async () => {
  expect(server.problems()).toEqual([]);
  await server.close();
});

const article = (more: object = {}) =>
  outgoing({ text: '# Intro\n\nWe made it.', title: 'How we made it', tags: ['Show-Dev', 'webdev'], ...more });
const no = (words: string) => ({ status: 422, json: { error: words, status: 422 } });

it('is connected with a key that Dev.to was asked about', async () => {
  const me = { type_of: 'user', id: 1234, username: 'maker', name: 'Mia', profile_image: 'https://dev.example/p.png' };
  server.expect(
    ['GET /api/users/me', { json: me }],
    ['GET /api/users/me', { status: 401, json: { error: 'unauthorized', status: 401 } }],
  );
  const { keys } = devtoAt(server.url);
  expect(await keys.open({ apiKey: 'key-secret' })).toMatchObject({
    ok: true,
    value: {
      tokens: { access: 'key-secret', expiresIn: null },
      profile: { platformUserId: '1234', handle: 'maker', avatarUrl: 'https://dev.example/p.png' },
      apiUrl: server.url,
    },
  });
  expect(server.requests[0]?.headers).toMatchObject({
    'api-key': 'key-secret',
    accept: 'application/vnd.forem.api-v1+json',
    'user-agent': 'Fanfare',
  });
  expect(await keys.open({ apiKey: 'x' })).toMatchObject({ failure: { kind: 'reconnect' } });
});

describe('publishing', () => {
  it('publishes an article with tags and its first address', async () => {
    server.expect([
      'POST /api/articles',
      { status: 201, json: { id: 99, url: 'https://dev.to/maker/how-1', published_at: '2026-11-22T09:00:03Z' } },
    ]);
    const canonicalUrl = 'https://fanfare.example/blog/how';
    const tags = ['Show-Dev', 'webdev', 'WebDev', 'a', 'b', 'c'];
    expect(await devto.publish(grant, article({ canonicalUrl, tags }))).toMatchObject({
      ok: true,
      value: {
        platformId: '99',
        url: 'https://dev.to/maker/how-1',
        publishedAt: new Date('2026-11-22T09:00:03Z'),
      },
    });
    expect(server.requests[0]?.json()).toEqual({
      article: {
        title: 'How we made it',
        body_markdown: '# Intro\n\nWe made it.',
        published: true,
        tags: ['showdev', 'webdev', 'a', 'b'],
        canonical_url: canonicalUrl,
      },
    });
  });

  it('refuses a comment and an article without a title by itself', async () => {
    expect(await devto.publish(grant, article({ replyTo: '99' }))).toMatchObject({ failure: { code: 'no_replies' } });
    expect(await devto.publish(grant, article({ title: ' ' }))).toMatchObject({ failure: { code: 'no_title' } });
  });

  it('fails in the four ways', async () => {
    const failures = await fourFailures(server, {
      call: (apiUrl) => devto.publish({ ...grant, apiUrl }, article()),
      asked: 'POST /api/articles',
      later: [
        { status: 429, json: { error: 'Rate limit reached, try again in 30 seconds', status: 429 } },
        { status: 429, headers: { 'retry-after': '300' } },
      ],
      reconnect: [{ status: 401, json: { error: 'unauthorized', status: 401 } }],
      refused: [
        no('Validation failed: Tag list exceed the maximum of 4 tags'),
        { status: 403, text: 'Forbidden Bots' },
      ],
      unknown: [
        no('Validation failed: Canonical url has already been taken. Email support@dev.to for further details.'),
        no('Title has already been used in the last five minutes'),
        ...SAYS_NOTHING,
      ],
      secrets: ['key-secret'],
    });
    expect([failures['unknown 0']?.code, failures['unknown 1']?.code]).toEqual(['duplicate', 'duplicate']);
  });
});

describe('reading', () => {
  const one = (id: number, minutesAgo: number, more: object = {}) => ({
    type_of: 'article',
    id,
    title: `Article ${id}`,
    url: `https://dev.to/maker/${id}`,
    body_markdown: `Text ${id}`,
    published_at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    page_views_count: 900,
    public_reactions_count: 12,
    comments_count: 3,
    ...more,
  });

  it('finds an article again, though its code was labelled', async () => {
    const sent = 'Run:\n```\nnpx fanfare\n```\nand\n\n~~~js\nmore()\n~~~\n';
    const kept = 'Run:\r\n```shell\r\nnpx fanfare\r\n```\r\nand\r\n\r\n~~~js\r\nmore()\r\n~~~';
    server.expect(['GET /api/articles/me/published', { json: [one(2, 1, { body_markdown: kept }), one(1, 600)] }]);
    const own = await devto.ownPosts(grant, new Date(Date.now() - 3_600_000));
    expect(own.ok && own.value.map((post) => [post.platformId, devto.comparable(post.text)])).toEqual([
      ['2', devto.comparable(sent)],
    ]);
    expect(devto.comparable('Use `a` here')).toBe('Use `a` here');
  });

  it('counts, as many pages as it needs', async () => {
    const page = Array.from({ length: 100 }, (_, at) => one(1_000 - at, at));
    server.expect(
      ['GET /api/articles/me/published', { json: page }],
      ['GET /api/articles/me/published', { json: [one(7, 9_000)] }],
      ['GET /api/articles/me/published', { json: page }],
      ['GET /api/articles/me/published', { status: 503 }],
    );
    const read = await devto.metrics(grant, ['7', '1000', '5']);
    expect(read).toMatchObject({
      ok: true,
      value: [{ platformId: '1000', views: 900, likes: 12, replies: 3 }, { platformId: '7' }],
    });
    expect(await devto.metrics(grant, ['1000'])).toMatchObject({ ok: true, value: [{ platformId: '1000' }] });
    expect(await devto.metrics(grant, ['7'])).toMatchObject({ failure: { kind: 'later' } });
    expect(server.requests.map((asked) => asked.query.page)).toEqual(['1', '2', '1', '1']);
  });

  it('takes an article offline', async () => {
    server.expect(['PUT /api/articles/99', { json: { id: 99 } }], ['PUT /api/articles/99', { status: 404 }]);
    expect(await devto.remove(grant, '99')).toEqual({ ok: true, value: null });
    expect(server.requests[0]?.json()).toEqual({ article: { published: false } });
    expect(await devto.remove(grant, '99')).toEqual({ ok: true, value: null });
  });
});

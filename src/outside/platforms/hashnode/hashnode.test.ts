import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Grant, OutgoingMedia } from '#src/outside/platform.ts';
import { type Asked, fourFailures, type RecordedServer, SAYS_NOTHING, startRecorded } from '#test/fakes/recorded.ts';
import { outgoing } from '#test/outgoing.ts';
import { hashnode, hashnodeAt } from './index.ts';

let server: RecordedServer;
let grant: Grant;

beforeEach(async () => {
  server = await startRecorded();
  grant = { token: 'pat-secret', platformUserId: '65a0', apiUrl: server.url };
});

afterEach(async () => {
  expect(server.problems()).toEqual([]);
  await server.close();
});

const data = (value: object) => ({ json: { data: value } });
const error = (code: string, message: string) => ({
  json: { data: null, errors: [{ message, extensions: { code }, path: ['publishPost'] }] },
});
const NOT_PRO = 'Publication does not have an active Pro plan. Upgrade in your dashboard to access this via the API.';
const variablesOf = (asked: Asked | undefined) => z.object({ variables: z.unknown() }).parse(asked?.json()).variables;
const file = (uploadedId: string | null): OutgoingMedia => ({
  kind: 'image',
  mediaType: 'image/png',
  bytes: 3,
  width: 10,
  height: 10,
  milliseconds: null,
  altText: null,
  read: async () => Uint8Array.from([1, 2, 3]),
  publicUrl: null,
  uploadedId,
});

it('is connected with a token and a blog, and says when the blog is not on Pro', async () => {
  const publication = {
    id: '65a0',
    title: 'Making',
    url: 'https://maker.hashnode.dev',
    favicon: null,
    followersCount: 12,
  };
  const opened = data({ me: { id: 'u1', username: 'maker' }, publication });
  server.expect(
    ['POST /', opened],
    ['POST /', opened],
    ['POST /', error('FORBIDDEN', NOT_PRO)],
    ['POST /', error('UNAUTHENTICATED', 'Missing or invalid token')],
    ['POST /', data({ me: { id: 'u1', username: 'maker' }, publication: null })],
  );
  const { keys } = hashnodeAt(server.url);
  const open = () => keys.open({ token: 'pat-secret', publication: 'https://Maker.hashnode.dev/about' });
  expect(await open()).toMatchObject({
    ok: true,
    value: {
      tokens: { access: 'pat-secret' },
      profile: { platformUserId: '65a0', handle: 'maker.hashnode.dev', name: 'Making', followers: 12 },
      apiUrl: server.url,
    },
  });
  expect(variablesOf(server.requests[0])).toEqual({ host: 'maker.hashnode.dev' });
  expect(server.requests[0]?.headers.authorization).toBe('Bearer pat-secret');
  expect(await hashnode.profile(grant)).toMatchObject({ ok: true, value: { handle: 'maker.hashnode.dev' } });
  expect(variablesOf(server.requests[1])).toEqual({ id: '65a0' });
  expect(await open()).toMatchObject({ failure: { kind: 'refused', code: 'needs_pro' } });
  expect(await open()).toMatchObject({ failure: { kind: 'reconnect' } });
  expect(await open()).toMatchObject({ failure: { kind: 'refused', code: 'no_publication' } });
});

describe('publishing', () => {
  const article = (more: object = {}) =>
    outgoing({ text: '# Intro\n\nWe made it.', title: 'How we made it', tags: ['Show HN', 'webdev'], ...more });

  it('gives the cover, then publishes with tags and first address', async () => {
    server.expect(
      [
        'POST /',
        data({
          createImageUploadURL: {
            presignedPut: {
              url: `${server.url}/bucket/a.png?sig=1`,
              cdnUrl: 'https://cdn.hashnode.com/a.png',
              key: 'k',
            },
          },
        }),
      ],
      ['PUT /bucket/a.png', { status: 200 }],
      ['POST /', data({ confirmImageUpload: { ok: true, cdnUrl: 'https://cdn.hashnode.com/a.png' } })],
      [
        'POST /',
        data({
          publishPost: {
            post: { id: '77', url: 'https://maker.hashnode.dev/how', publishedAt: '2026-11-22T09:00:03Z' },
          },
        }),
      ],
    );
    let steps = 0;
    const step = async () => {
      steps += 1;
    };
    expect(await hashnode.upload(grant, file(null), step)).toMatchObject({
      ok: true,
      value: { mediaId: 'https://cdn.hashnode.com/a.png', ready: true },
    });
    expect(steps).toBe(2);
    expect(server.requests[1]?.headers.authorization).toBeUndefined();
    const canonicalUrl = 'https://fanfare.example/blog/how';
    const media = [file('https://cdn.hashnode.com/a.png')];
    expect(await hashnode.publish(grant, article({ canonicalUrl, media }))).toMatchObject({
      ok: true,
      value: { platformId: '77', url: 'https://maker.hashnode.dev/how', publishedAt: new Date('2026-11-22T09:00:03Z') },
    });
    expect(variablesOf(server.requests[3])).toEqual({
      input: {
        publicationId: '65a0',
        title: 'How we made it',
        contentMarkdown: '# Intro\n\nWe made it.',
        tags: [
          { slug: 'show-hn', name: 'Show HN' },
          { slug: 'webdev', name: 'webdev' },
        ],
        coverImage: 'https://cdn.hashnode.com/a.png',
        originalArticleURL: canonicalUrl,
      },
    });
  });

  it('says when a picture is too large or did not arrive', async () => {
    const place = data({
      createImageUploadURL: {
        presignedPut: { url: `${server.url}/bucket/a.png`, cdnUrl: 'https://cdn.example/a', key: 'k' },
      },
    });
    const step = async () => {};
    server.expect(['POST /', place], ['PUT /bucket/a.png', { status: 503 }]);
    expect(await hashnode.upload(grant, file(null), step)).toMatchObject({ failure: { kind: 'later' } });
    server.expect(
      ['POST /', place],
      ['PUT /bucket/a.png', { status: 200 }],
      ['POST /', data({ confirmImageUpload: { ok: false, cdnUrl: null } })],
    );
    expect(await hashnode.upload(grant, file(null), step)).toMatchObject({ failure: { code: 'media_failed' } });
    const unready = await hashnode.publish(grant, article({ media: [file(null)] }));
    expect(unready).toMatchObject({ failure: { kind: 'refused', code: 'media_missing' } });
  });

  it('refuses a comment and a post without a title by itself', async () => {
    expect(await hashnode.publish(grant, article({ replyTo: '77' }))).toMatchObject({
      failure: { code: 'no_replies' },
    });
    expect(await hashnode.publish(grant, article({ title: '' }))).toMatchObject({ failure: { code: 'no_title' } });
  });

  it('fails in the four ways', async () => {
    const failures = await fourFailures(server, {
      call: (apiUrl) => hashnode.publish({ ...grant, apiUrl }, article()),
      asked: 'POST /',
      later: [{ status: 429 }, error('TOO_MANY_REQUESTS', 'Slow down')],
      reconnect: [error('UNAUTHENTICATED', 'Missing or invalid Personal Access Token'), { status: 401 }],
      refused: [
        error('FORBIDDEN', NOT_PRO),
        error('FORBIDDEN', 'You are not allowed to publish to this publication'),
        error('BAD_USER_INPUT', 'Title is too short'),
        // Not a limit that goes by.
        error('BAD_USER_INPUT', 'You have added too many tags'),
      ],
      unknown: [error('INTERNAL_SERVER_ERROR', 'Something went wrong'), ...SAYS_NOTHING, data({ publishPost: null })],
      secrets: ['pat-secret'],
    });
    expect(failures['refused 0']).toMatchObject({ code: 'needs_pro' });
    expect(failures['refused 0']?.reason).toContain('Pro plan');
  });
});

describe('reading', () => {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const post = (id: string, minutes: number, markdown = `Text ${id}`) => ({
    node: { id, url: `https://maker.hashnode.dev/${id}`, publishedAt: at(minutes), content: { markdown } },
  });
  const page = (edges: object[], endCursor: string | null) =>
    data({ publication: { posts: { edges, pageInfo: { hasNextPage: endCursor !== null, endCursor } } } });

  it('finds posts again, page by page', async () => {
    server.expect(
      ['POST /', page([post('3', 1), post('2', 2, 'Text 2\n')], 'c1')],
      ['POST /', page([post('1', 600)], 'c2')],
      ['POST /', error('FORBIDDEN', NOT_PRO)],
      ['POST /', error('INTERNAL_SERVER_ERROR', 'Oops')],
    );
    const since = new Date(Date.now() - 3_600_000);
    const own = await hashnode.ownPosts(grant, since);
    expect(own.ok && own.value.map((one) => [one.platformId, hashnode.comparable(one.text)])).toEqual([
      ['3', 'Text 3'],
      ['2', 'Text 2'],
    ]);
    expect(server.requests.map(variablesOf)).toEqual([
      { id: '65a0', after: null },
      { id: '65a0', after: 'c1' },
    ]);
    expect(await hashnode.ownPosts(grant, since)).toMatchObject({ failure: { kind: 'refused', code: 'needs_pro' } });
    expect(await hashnode.ownPosts(grant, since)).toMatchObject({ failure: { kind: 'later' } });
  });

  it('counts views and reactions, and leaves out what is gone', async () => {
    server.expect(
      ['POST /', data({ post: { id: '3', views: 900, reactionCount: 12, responseCount: 2 } })],
      ['POST /', error('NOT_FOUND', 'Post not found')],
      ['POST /', data({ post: null })],
    );
    expect(await hashnode.metrics(grant, ['3', '8', '9'])).toMatchObject({
      ok: true,
      value: [{ platformId: '3', views: 900, likes: 12, replies: 2, impressions: null }],
    });
  });

  it('hears who commented', async () => {
    const comment = (id: string, minutes: number) => ({
      node: {
        id,
        content: { text: `Comment ${id}` },
        dateAdded: at(minutes),
        author: { id: 'u2', username: 'ada', name: 'Ada', followersCount: 40 },
      },
    });
    const comments = { edges: [comment('c3', 1), comment('c2', 5), comment('c1', 20_000)] };
    const answer = page([{ node: { id: '3', slug: 'how', comments } }], null);
    server.expect(['POST /', answer], ['POST /', answer]);
    const first = await hashnode.mentions(grant, null);
    expect(first.ok && first.value.map((one) => one.platformId)).toEqual(['c2', 'c3']);
    const next = await hashnode.mentions(grant, 'c2');
    expect(next.ok && next.value).toMatchObject([
      {
        kind: 'reply',
        platformId: 'c3',
        url: 'https://hashnode.com/posts/how/3/comment/c3',
        replyTo: '3',
        author: { handle: 'ada', followers: 40 },
      },
    ]);
  });

  it('removes, gone or not', async () => {
    server.expect(
      ['POST /', data({ removePost: { post: { id: '3' } } })],
      ['POST /', error('NOT_FOUND', 'Post not found')],
      ['POST /', error('FORBIDDEN', 'Not yours')],
    );
    expect(await hashnode.remove(grant, '3')).toEqual({ ok: true, value: null });
    expect(await hashnode.remove(grant, '3')).toEqual({ ok: true, value: null });
    expect(await hashnode.remove(grant, '3')).toMatchObject({ failure: { kind: 'refused' } });
  });
});

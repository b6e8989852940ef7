import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { findStory, idOfStory, readStory } from './hackernews.ts';

let server: RecordedServer;
beforeAll(async () => {
  server = await startRecorded();
});
afterAll(() => server.close());

const since = new Date('2026-11-22T08:00:00Z');
const hit = (objectID: string, title: string, url: string | null, more: object = {}) => ({
  objectID,
  title,
  url,
  author: 'maya',
  points: 3,
  num_comments: 1,
  created_at_i: 1_795_000_000,
  ...more,
});

it('finds a story by its link, whatever was changed of it, and the first of several', async () => {
  server.expect([
    'GET /search_by_date',
    {
      json: {
        hits: [
          hit('3', 'Again', 'https://outpost.dev/'),
          hit('2', 'Show HN: Outpost', 'https://www.outpost.dev/?utm_source=x'),
          hit('1', 'Other', 'https://outpost.dev/blog'),
        ],
      },
    },
  ]);
  const found = await findStory({ title: 'Show HN: Outpost', link: 'https://outpost.dev', since }, server.url);
  expect(found).toMatchObject({ id: '2', url: 'https://news.ycombinator.com/item?id=2', points: 3, comments: 1 });
  expect(server.requests.at(-1)?.query).toMatchObject({
    query: 'outpost.dev',
    tags: 'story',
    restrictSearchableAttributes: 'url',
    numericFilters: `created_at_i>=${since.getTime() / 1000}`,
  });
  expect(server.problems()).toEqual([]);
});

it('finds a text by its title, of one author when named', async () => {
  server.expect(
    ['GET /search_by_date', { json: { hits: [] } }],
    ['GET /search_by_date', { json: { hits: [hit('9', 'Ask HN: who replays webhooks?', null)] } }],
  );
  const wanted = { title: 'Ask HN: Who replays webhooks', link: 'https://outpost.dev/', author: 'maya', since };
  expect(await findStory(wanted, server.url)).toMatchObject({ id: '9', link: null });
  expect(server.requests.at(-1)?.query.tags).toBe('story,author_maya');
});

it('tells nothing found from no answer', async () => {
  const wanted = { title: 'Outpost', link: 'https://outpost.dev/', since };
  server.expect(['GET /search_by_date', { json: { hits: [] } }], ['GET /search_by_date', { json: { hits: [] } }]);
  expect(await findStory(wanted, server.url)).toBeNull();
  for (const answer of ['lose', { status: 429 }, { status: 200, text: '<html>' }] as const) {
    server.expect(['GET /search_by_date', answer]);
    expect(await findStory(wanted, server.url)).toBeUndefined();
  }
});

it('reads points and comments, and says when a story is gone', async () => {
  server.expect(['GET /search', { json: { hits: [hit('9', 'T', null, { points: 120, num_comments: 44 })] } }]);
  expect(await readStory('9', server.url)).toMatchObject({ points: 120, comments: 44 });
  server.expect(['GET /search', { json: { hits: [] } }]);
  expect(await readStory('9', server.url)).toBeNull();
});

it('knows the address of a story', () => {
  expect(idOfStory('https://news.ycombinator.com/item?id=42&p=2')).toBe('42');
  for (const other of [
    'https://news.ycombinator.com/newest',
    'https://news.ycombinator.com.evil.example/item?id=4',
    'x',
  ])
    expect(idOfStory(other)).toBeNull();
});

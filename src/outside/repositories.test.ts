import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Site, startSite } from '#test/site.ts';
import { readRepository } from './repositories.ts';
import { appleIdOf, lookUpApple } from './stores.ts';

let site: Site;
const json = { 'content-type': 'application/json; charset=utf-8' };
const README = '# Ledgerly\n\nBookkeeping that runs on your own machine.\n';

/** Cut from what the services answered in November 2026. */
beforeAll(async () => {
  site = await startSite({
    '/repos/ledgerly/ledgerly': (_, response) =>
      void response.writeHead(200, json).end(
        JSON.stringify({
          id: 1296269,
          full_name: 'ledgerly/ledgerly',
          description: 'Bookkeeping for freelancers',
          homepage: 'https://ledgerly.example',
          stargazers_count: 412,
          topics: ['bookkeeping', 'self-hosted'],
          license: { key: 'agpl-3.0', name: 'GNU Affero General Public License v3.0' },
          archived: false,
        }),
      ),
    '/repos/ledgerly/ledgerly/readme': (request, response) => {
      if (request.headers['if-none-match'] === 'W/"5f3a"') return void response.writeHead(304).end();
      expect(request.headers.accept).toBe('application/vnd.github.raw+json');
      response.writeHead(200, { 'content-type': 'application/vnd.github.raw+json', etag: 'W/"5f3a"' }).end(README);
    },
    '/repos/ledgerly/ledgerly/releases?per_page=10': (_, response) =>
      void response.writeHead(200, json).end(
        JSON.stringify([
          {
            tag_name: 'v2.4.0',
            name: null,
            body: 'Receipts in the background.',
            html_url: 'https://github.com/x/v2',
            published_at: '2026-11-02T10:00:00Z',
            draft: false,
          },
          { tag_name: 'v2.5.0', name: 'Next', body: 'Not yet.', draft: true, published_at: null },
        ]),
      ),
    '/repos/old-name/ledgerly': (_, response) =>
      void response
        .writeHead(301, { ...json, location: '/repos/ledgerly/ledgerly' })
        .end('{"message":"Moved Permanently"}'),
    '/repos/old-name/ledgerly/readme': (_, response) =>
      void response.writeHead(301, { ...json, location: '/repos/ledgerly/ledgerly/readme' }).end('{}'),
    '/repos/carried/off': (_, response) =>
      void response.writeHead(301, { ...json, location: 'http://169.254.169.254/latest' }).end('{}'),
    '/repos/busy/busy': (_, response) =>
      void response
        .writeHead(403, { ...json, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795430000' })
        .end('{"message":"API rate limit exceeded for 203.0.113.7."}'),
    '/projects/ledgerly%2Fapps%2Fcore': (_, response) =>
      void response.writeHead(200, json).end(JSON.stringify({ description: null, star_count: 3, topics: [] })),
    '/projects/ledgerly%2Fapps%2Fcore/repository/files/readme.md/raw?ref=HEAD': (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/plain' }).end(README),
    '/projects/ledgerly%2Fapps%2Fcore/releases?per_page=10': (_, response) =>
      void response.writeHead(200, json).end('[]'),
    '/lookup?id=1234567890&country=de&entity=software': (_, response) =>
      void response.writeHead(200, json).end(
        JSON.stringify({
          resultCount: 1,
          results: [
            {
              trackName: 'Ledgerly',
              sellerName: 'Ledgerly Oy',
              description: 'Bookkeeping for freelancers.',
              formattedPrice: '4,99 €',
              price: 4.99,
              currency: 'EUR',
              primaryGenreName: 'Finance',
              averageUserRating: 4.6,
              userRatingCount: 211,
              version: '3.1',
              releaseNotes: 'Faster.',
              trackViewUrl: 'https://apps.apple.com/de/app/ledgerly/id1234567890',
            },
          ],
        }),
      ),
    '/lookup?id=99999&country=us&entity=software': (_, response) =>
      void response.writeHead(200, json).end('{"resultCount":0,"results":[]}'),
  });
});
afterAll(() => site.close());

const apis = () => ({ github: site.url, gitlab: site.url, codeberg: site.url });

test('GitHub: what it is, its README and what was released; drafts of releases are nobody’s business', async () => {
  const read = await readRepository('https://github.com/ledgerly/ledgerly', { apis: apis() });
  expect(read).toMatchObject({
    ok: true,
    value: {
      about: { stars: 412, licence: expect.stringContaining('Affero'), archived: false },
      readme: { text: README, etag: 'W/"5f3a"' },
      releases: [{ name: 'v2.4.0', text: 'Receipts in the background.' }],
    },
  });
});

test('a README that has not changed is not sent again', async () => {
  const read = await readRepository('https://github.com/ledgerly/ledgerly', { apis: apis(), known: 'W/"5f3a"' });
  expect(read).toMatchObject({ ok: true, value: { readme: 'unchanged' } });
});

test('a repository that was renamed is found under its new name, and only there where it was asked for', async () => {
  expect(await readRepository('https://github.com/old-name/ledgerly', { apis: apis() })).toMatchObject({
    ok: true,
    value: { about: { stars: 412 }, readme: { text: README } },
  });
  expect(await readRepository('https://github.com/carried/off', { apis: apis() })).toMatchObject({
    ok: false,
    refusal: { reason: expect.stringContaining('HTTP 301') },
  });
});

test('too many requests are told as such, with the time it may be asked again', async () => {
  const read = await readRepository('https://github.com/busy/busy', { apis: apis() });
  expect(read).toMatchObject({
    ok: false,
    refusal: {
      reason: expect.stringMatching(/too many requests.*until \d\d:\d\d UTC/),
      until: new Date(1795430000_000),
    },
  });
});

test('GitLab groups, other spellings of the README, unknown repositories and hosts', async () => {
  const read = await readRepository('https://gitlab.com/ledgerly/apps/core', { apis: apis() });
  expect(read).toMatchObject({ ok: true, value: { about: { stars: 3 }, readme: { text: README }, releases: [] } });
  expect(await readRepository('https://codeberg.org/nobody/nothing', { apis: apis() })).toMatchObject({
    ok: false,
    refusal: { reason: expect.stringContaining('knows no public repository'), until: null },
  });
  expect(await readRepository('https://git.example/a/b', { apis: apis() })).toMatchObject({ ok: false });
});

test('Apple’s store: by the address of the app’s page', async () => {
  expect(appleIdOf('https://apps.apple.com/de/app/ledgerly/id1234567890?l=en')).toEqual({
    id: '1234567890',
    country: 'de',
  });
  expect(appleIdOf('https://apps.apple.com/developer/x')).toBeNull();
  expect(await lookUpApple({ id: '1234567890', country: 'de' }, site.url)).toMatchObject({
    ok: true,
    value: { name: 'Ledgerly', price: '4,99 €', currency: 'EUR', rating: 4.6, ratings: 211 },
  });
  expect(await lookUpApple({ id: '99999', country: 'us' }, site.url)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('no such app'),
  });
});

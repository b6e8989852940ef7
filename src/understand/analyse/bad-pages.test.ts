import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem } from '#src/context.ts';
import { openWeb } from '#src/outside/web.ts';
import { analyse } from '#src/understand/analyse.ts';
import { type Site, startSite } from '#test/site.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let site: Site;
let world: TestWorld;
let maya: Person;

const html = { 'content-type': 'text/html; charset=utf-8' };
const megabyte = Buffer.alloc(1_000_000, 'a');

beforeAll(async () => {
  site = await startSite({
    '/pdf': (_, response) => void response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.7'),
    '/huge': (_, response) => {
      response.writeHead(200, { ...html, 'content-length': String(50 * megabyte.length) });
      const send = () => !response.destroyed && response.write(megabyte, () => send());
      send();
    },
    '/slow': (_, response) => void response.writeHead(200, html).write('<title>Almost there'),
    '/loop': (_, response) => void response.writeHead(302, { location: '/loop2' }).end(),
    '/loop2': (_, response) => void response.writeHead(302, { location: '/loop' }).end(),
    '/inside': (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    '/empty': '',
    '/shell':
      '<html><head><title>App</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>',
    '/latin1': (_, response) => {
      const text =
        '<html lang="de"><title>Büro</title><h1>Büro ohne Papier</h1><p>Für alle, die Rechnungen schreiben müssen.</p>';
      response.writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1' }).end(Buffer.from(text, 'latin1'));
    },
    '/garbled': (_, response) => {
      response.writeHead(200, { ...html, 'content-encoding': 'klingon' }).end('<title>nuqneH</title>');
    },
    '/': '<html lang="en"><title>Plain</title><h1>Plain notes for busy people</h1><p>Write a note and find it again.</p>',
  });
  const config = { WEB_ALLOW: [site.host, '127.0.0.1:9'] };
  const web = openWeb({ allow: config.WEB_ALLOW, userAgent: 'Fanfare test' });
  // Nobody wants to wait five seconds for a page that never ends.
  const impatient: typeof web.fetchPage = (url, limits) => web.fetchPage(url, { ...limits, idleMs: 400 });
  world = await openTestWorld({ config, overrides: { web: { ...web, fetchPage: impatient } } });
  maya = await world.join();
});
afterAll(async () => {
  await world.close();
  await site.close();
});

async function read(url: string) {
  const { id: appId } = await maya.call.apps.register({ url });
  await analyse(asSystem(world.world, maya.workspaceId, 'test'), appId);
  const { analysis } = await maya.call.analyses.latest({ appId });
  return { appId, analysis: analysis! };
}

test.each([
  ['a server that nobody answers at', () => 'http://127.0.0.1:9/', 'unreachable', /cannot be reached/],
  ['a name that does not exist', () => 'https://kettle.invalid/', 'unreachable', /cannot be reached/],
  [
    'a page that leads to a private address',
    () => `${site.url}/inside`,
    'private_address',
    /redirects elsewhere.*private network/,
  ],
  ['a PDF', () => `${site.url}/pdf`, 'not_html', /a PDF document, not a web page/],
  ['50 MB', () => `${site.url}/huge`, 'too_large', /larger than 5 MB/],
  ['a page that never ends', () => `${site.url}/slow`, 'too_slow', /stopped sending/],
  ['a redirect in a circle', () => `${site.url}/loop`, 'redirect_loop', /redirects in a circle/],
  ['an empty page', () => `${site.url}/empty`, 'empty', /empty page/],
  ['a page that only its scripts fill', () => `${site.url}/shell`, 'empty', /until its scripts run/],
  ['a compression nobody knows', () => `${site.url}/garbled`, 'bad_encoding', /cannot be read/],
  ['a page that is not there', () => `${site.url}/nowhere`, 'http_error', /does not exist/],
])('%s ends the reading in words, with nothing half-written', async (_, url, code, words) => {
  const { appId, analysis } = await read(url());
  expect(analysis).toMatchObject({
    state: 'failed',
    method: null,
    failure: { code, message: expect.stringMatching(words) },
  });
  expect(analysis.steps.map((step) => step.state)).toEqual(['failed', ...Array(5).fill('skipped')]);
  expect(analysis.steps[0]?.message).toBe(analysis.failure?.message);
  expect(await maya.call.knowledge.list({ appId })).toMatchObject({ groups: [] });
  expect(await maya.call.pages.list({ appId })).toEqual({ pages: [] });
  expect((await maya.call.apps.get({ appId })).tagline).toBeNull();
});

test.each([['http://192.168.1.1/'], ['http://localhost/'], ['10.1.2.3']])(
  'the private address %s is refused before anything is written',
  async (url) => {
    await expect(maya.call.apps.register({ url })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      data: { reason: 'private_address' },
    });
  },
);

test('a failed reading can be run again once the page is there', async () => {
  const { appId } = await read(`${site.url}/soon`);
  site.pages.set(
    '/soon',
    '<html lang="en"><title>Soon</title><h1>Soon it is</h1><p>A calendar for people who are late.</p>',
  );
  world.clock.forward('1 h');
  const { analysisId } = await maya.call.analyses.start({ appId });
  await analyse(asSystem(world.world, maya.workspaceId, 'test'), appId);
  expect(await maya.call.analyses.get({ analysisId })).toMatchObject({ state: 'done', failure: null });
});

test('a page in another encoding than UTF-8 is read as its letters', async () => {
  const { appId, analysis } = await read(`${site.url}/latin1`);
  expect(analysis.state).toBe('done');
  expect((await maya.call.apps.get({ appId })).tagline).toBe('Büro ohne Papier');
});

test('an address without a scheme is tried by https, then by http, and the one that answers is kept', async () => {
  const { appId, analysis } = await read(site.host);
  expect(analysis).toMatchObject({ state: 'done' });
  expect((await maya.call.apps.get({ appId })).url).toBe(`${site.url}/`);
});

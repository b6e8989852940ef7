import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '#test/browser.ts';

interface Sent {
  app: string;
  id: string;
  kind: string;
  url: string;
  referrer: string;
  props: Record<string, unknown>;
  width: number;
}

const folder = join(import.meta.dirname, '..', 'dist', `.tracker-test-${process.pid}`);
let script: Buffer;
let browser: Browser;
let server: Server;
let origin: string;
let page: Page;
let sent: Sent[];
/** What the intake answers next; 202 once it is empty. */
let answers: number[];

beforeAll(async () => {
  const outDir = folder;
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'error', build: { outDir } });
  script = await readFile(join(folder, 't.js'));
  server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    if (request.url === '/t.js') return response.setHeader('content-type', 'text/javascript').end(script);
    if (request.method !== 'POST') return response.setHeader('content-type', 'text/html').end(site(request.url ?? '/'));
    let body = '';
    for await (const part of request) body += part;
    sent.push(JSON.parse(body) as Sent);
    response.writeHead(answers.shift() ?? 202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  sent = [];
  answers = [];
  page = await browser.newPage();
});

afterEach(async () => {
  await page.close();
});

test('the script weighs less than 2 KB', () => {
  expect(gzipSync(script, { level: 9 }).length).toBeLessThan(2048);
});

test('a visit: the landing with its click id, calls made before the script came, a move inside the app, a way out', async () => {
  await page.goto(`${origin}/landing?ff=k3x9&utm_source=x&session=secret#top`);
  await arrived(2);
  expect(sent[0]).toMatchObject({
    app: 'pk_test',
    kind: 'pageview',
    url: `${origin}/landing?ff=k3x9&utm_source=x`,
    props: {},
  });
  expect(sent[1]).toMatchObject({ kind: 'early', props: { plan: 'pro' } });

  await page.evaluate(() => history.pushState(null, '', '/pricing'));
  await page.evaluate(() => history.pushState(null, '', '/pricing'));
  await page.evaluate(() => window.fanfare?.('signup'));
  await arrived(4);
  expect(sent[2]).toMatchObject({ kind: 'pageview', url: `${origin}/pricing`, referrer: `${origin}/landing` });
  expect(sent[3]).toMatchObject({ kind: 'signup', url: `${origin}/pricing` });

  await page.evaluate(() => history.go(-2));
  await arrived(5);
  expect(sent[4]).toMatchObject({ kind: 'pageview', url: `${origin}/landing?ff=k3x9&utm_source=x` });

  await page.click('a');
  await arrived(6);
  expect(sent[5]).toMatchObject({ kind: 'outbound', props: { to: 'https://elsewhere.example/docs' } });
  expect(new Set(sent.map((event) => event.id)).size).toBe(6);
  expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
});

test('an event the server could not take is sent again under the same id', async () => {
  answers = [503];
  await page.goto(`${origin}/plain`);
  await arrived(2);
  expect(sent[1]).toEqual(sent[0]);
});

test('an event without an answer leaves with the page', async () => {
  answers = [503];
  await page.goto(`${origin}/plain`);
  await arrived(1);
  await page.goto('about:blank');
  await arrived(2);
  expect(sent[1]!.id).toBe(sent[0]!.id);
});

test.each([
  ['asks not to be tracked', () => Object.defineProperty(navigator, 'doNotTrack', { value: '1' })],
  ['sends Global Privacy Control', () => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })],
])('a browser that %s is left alone', async (_, ask) => {
  await page.addInitScript(ask);
  await page.goto(`${origin}/landing`);
  await page.evaluate(() => window.fanfare?.('signup'));
  await page.click('a');
  expect(sent).toEqual([]);
});

test('visits to localhost are the developer’s own', async () => {
  await page.goto(`${origin}/local`);
  await page.evaluate(() => window.fanfare?.('signup'));
  expect(sent).toEqual([]);
});

async function arrived(count: number): Promise<void> {
  await expect.poll(() => sent.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
}

function site(path: string): string {
  const local = path.startsWith('/local') ? '' : 'data-localhost';
  const early = path.startsWith('/landing') ? `fanfare('early', { plan: 'pro' })` : '';
  return `<!doctype html><title>A site</title>
    <script>window.fanfare = window.fanfare || function () { (fanfare.q = fanfare.q || []).push(arguments) }; ${early}</script>
    <script defer src="/t.js" data-app="pk_test" ${local}></script>
    <a href="https://elsewhere.example/docs?token=1" target="_blank">Docs</a>`;
}

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
  zone: string;
  auto?: 1;
  revenue?: { amount: string; currency: string };
  visitor?: string;
}

const folder = join(import.meta.dirname, '..', 'dist', `.tracker-test-${process.pid}`);
let script: Buffer;
let browser: Browser;
let server: Server;
let origin: string;
let page: Page;
let sent: Sent[];
/** Where each of them was sent to. */
let targets: string[];
/** What the intake answers next; 202 once it is empty. */
let answers: number[];

beforeAll(async () => {
  const outDir = folder;
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'error', build: { outDir } });
  script = await readFile(join(folder, 't.js'));
  server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    if (/\.js(\?|$)/.test(request.url ?? '')) return response.setHeader('content-type', 'text/javascript').end(script);
    if (request.method !== 'POST') return response.setHeader('content-type', 'text/html').end(site(request.url ?? '/'));
    let body = '';
    for await (const part of request) body += part;
    sent.push(JSON.parse(body) as Sent);
    targets.push(request.url ?? '');
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
  targets = [];
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
    zone: await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
    // So does every browser that a test steers.
    auto: 1,
  });
  expect(sent[0]).not.toHaveProperty('visitor');
  expect(targets[0]).toBe('/e');
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

test('downloads, marked elements and forms, revenue', async () => {
  await page.goto(`${origin}/marked`);
  await arrived(1);
  await page.click('#file');
  await page.click('#buy');
  await page.click('#join');
  await page.evaluate(() =>
    window.fanfare?.('purchase', { plan: 'pro', revenue: { amount: '19.00', currency: 'EUR' } }),
  );
  await arrived(5);
  expect(sent[1]).toMatchObject({ kind: 'download', props: { file: `${origin}/guide.pdf` } });
  expect(sent[2]).toMatchObject({
    kind: 'buy',
    props: { plan: 'team', seatCount: '3' },
    revenue: { amount: '49.00', currency: 'USD' },
  });
  expect(sent[3]).toMatchObject({ kind: 'joined', props: { list: 'news' } });
  expect(sent[4]).toMatchObject({
    kind: 'purchase',
    props: { plan: 'pro' },
    revenue: { amount: '19.00', currency: 'EUR' },
  });
});

test('an app whose pages are fragments; a script under a name of one’s own', async () => {
  await page.goto(`${origin}/hash#/start`);
  await arrived(1);
  await page.evaluate(() => location.assign('#/pricing?token=secret'));
  await arrived(2);
  expect(sent.map((event) => event.url)).toEqual([`${origin}/hash/start`, `${origin}/hash/pricing`]);
  expect(sent[1]!.referrer).toBe(`${origin}/hash/start`);
  expect(targets).toEqual(['/away/k3x9', '/away/k3x9']);
});

test('of the ids of networks only the name is sent, the value with consent; parameters that are named are kept', async () => {
  await page.goto(`${origin}/plain?gclid=Abc&tab=two&q=secret`);
  await arrived(1);
  expect(sent[0]!.url).toBe(`${origin}/plain?gclid=1&tab=two`);
  await page.evaluate(() => window.fanfare?.consent?.(true));
  await page.evaluate(() => window.fanfare?.('signup'));
  await arrived(2);
  expect(sent[1]!.url).toBe(`${origin}/plain?gclid=Abc&tab=two`);
});

test('a visitor who has agreed is known again, and no longer when they change their mind', async () => {
  await page.goto(`${origin}/consented`);
  await page.reload();
  await arrived(2);
  expect(sent[0]!.visitor).toMatch(/^[0-9a-f-]{36}$/);
  expect(sent[1]!.visitor).toBe(sent[0]!.visitor);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  await page.evaluate(() => window.fanfare?.consent?.(false));
  await page.evaluate(() => window.fanfare?.('signup'));
  await arrived(3);
  expect(sent[2]).not.toHaveProperty('visitor');
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

test('nothing by itself where the page says so; what failed goes out when the network is back', async () => {
  answers = [503];
  await page.goto(`${origin}/manual`);
  await page.evaluate(() => window.fanfare?.('pageview'));
  await arrived(1);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await arrived(2);
  expect(sent[1]!.id).toBe(sent[0]!.id);
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

const scripts: [path: string, attributes: string][] = [
  ['/local', 'src="/t.js"'],
  ['/hash', 'src="/away/k3x9.js?v=2" data-localhost data-hash'],
  ['/consented', 'src="/t.js" data-localhost data-consented'],
  ['/manual', 'src="/t.js" data-localhost data-manual'],
  ['/', 'src="/t.js" data-localhost data-keep="tab page"'],
];

function site(path: string): string {
  const attributes = scripts.find(([start]) => path.startsWith(start))?.[1];
  const early = path.startsWith('/landing') ? `fanfare('early', { plan: 'pro' })` : '';
  return `<!doctype html><title>A site</title>
    <script>window.fanfare = window.fanfare || function () { (fanfare.q = fanfare.q || []).push(arguments) }; ${early}</script>
    <script defer data-app="pk_test" ${attributes}></script>
    <a href="https://elsewhere.example/docs?token=1" target="_blank">Docs</a>
    <a id="file" href="/guide.pdf" download>Guide</a>
    <button id="buy" data-fanfare-event="buy" data-fanfare-plan="team" data-fanfare-seat-count="3"
      data-fanfare-amount="49.00" data-fanfare-currency="USD"><b>Buy</b></button>
    <form data-fanfare-event="joined" data-fanfare-list="news" onsubmit="return false"><button id="join">Join</button></form>`;
}

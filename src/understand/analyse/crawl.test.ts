import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWeb, type Web } from '#src/outside/web.ts';
import { checkSite } from '#src/understand/pages/checklist/site.ts';
import { startWideSite, type WideSite } from '#test/fakes/wide-site.ts';
import { startSite } from '#test/site.ts';
import { type Crawled, crawl } from './crawl.ts';
import { type KnownPage, READER } from './page.ts';
import { openHome } from './read.ts';

let site: WideSite;
let web: Web;
let crawled: Crawled;
let message: string;
const said: string[] = [];
const nothing = { pages: [], beside: [], addresses: [] };
const quiet = { say: async () => undefined };

beforeAll(async () => {
  site = await startWideSite();
  web = openWeb({ allow: [site.host], userAgent: 'Fanfare/test (+https://fanfare.example)' });
  const home = (await openHome({ web }, site.url, nothing, false)).value;
  const ended = await crawl({ web }, home, [], { say: async (text) => void said.push(text) });
  crawled = ended.value;
  message = ended.message;
});
afterAll(async () => {
  await web.close();
  await site.close();
});

const paths = () => crawled.pages.map((one) => new URL(one.page.url).pathname);
const outcome = (path: string) => crawled.outcomes.find((one) => one.url === site.url + path)?.outcome;

test('a site is read as far as it tells of the product, in at most fifty pages', () => {
  expect(paths()).toEqual(
    expect.arrayContaining(['/', '/pricing', '/features', '/about', '/changelog', '/docs', '/blog']),
  );
  for (const feature of ['import', 'tax-report', 'teams']) expect(paths()).toContain(`/features/${feature}`);
  expect(crawled.pages.length).toBeGreaterThan(35);
  expect(crawled.pages.length).toBeLessThanOrEqual(50);
  expect(message).toMatch(/^Read \d+ pages: .*pricing/);
  expect(said[0]).toMatch(/^1 read; reading \/.*pric.* and \//);
});

test('a page is asked for once, however it is written, and copies are folded into one', () => {
  expect(site.asked.filter((path) => /^\/(?:about|pricing\/|pricing\?)/.test(path))).toEqual(['/about']);
  expect(paths().filter((path) => /pric/.test(path))).toEqual(['/pricing']);
  expect(outcome('/prices')).toBe('duplicate');
  expect(outcome('/old-pricing')).toBe('duplicate');
});

test('what robots.txt asks to leave alone is never opened, not by a redirect either', () => {
  expect(site.asked.filter((path) => path.startsWith('/private'))).toEqual([]);
  expect(outcome('/private')).toBe('disallowed');
  expect(outcome('/to-private')).toBe('disallowed');
  expect(crawled.outcomes.find((one) => one.url.endsWith('/thanks'))?.note).toMatch(/asks search engines not to list/);
});

test('few requests are open at once', () => {
  expect(site.busiest()).toBeLessThanOrEqual(4);
});

test('sitemaps are read through their index, packed ones too; bombs and circles are refused', () => {
  expect(paths()).toContain('/hidden-gem');
  expect(crawled.sitemaps.pages).not.toContain('https://elsewhere.example/x');
  expect(crawled.sitemaps.left).toEqual([
    { url: `${site.url}/sitemap-bomb.xml.gz`, why: expect.stringContaining('unpacks to more than') },
  ]);
  expect(site.asked.filter((path) => path === '/sitemap-index.xml')).toHaveLength(1);
});

test('what is no page is left out, each with the reason', () => {
  expect(outcome('/brochure')).toBe('no_page');
  expect(site.asked).not.toContain('/brochure.pdf');
  expect(site.asked).not.toContain('/login');
  expect(outcome('/huge')).toBe('failed');
  expect(outcome('/failing')).toBe('failed');
  expect(outcome('/away')).toBe('moved_off');
  expect(outcome('/loop')).toBe('failed');
  expect(outcome('/nowhere')).toBe('missing');
  expect(outcome('/lost-offer')).toBe('soft_404');
  expect(outcome('/app')).toBe('script_only');
  expect(paths()).not.toContain('/lost-offer');
});

test('a calendar without end is left after a few pages', () => {
  expect(site.asked.filter((path) => path.startsWith('/calendar/')).length).toBeLessThanOrEqual(4);
});

test('another encoding is read as its letters; orders to machines are words like any other', () => {
  expect(crawled.pages.find((one) => one.page.url.endsWith('/latin1'))?.page.title).toBe('Für Büros');
  expect(crawled.pages.find((one) => one.page.url.endsWith('/orders'))?.page.text).toContain('Ignore all previous');
});

test('claims are kept with their sentence, and how a page came is known', () => {
  const home = crawled.pages[0]!;
  expect(home.page.claims).toEqual([
    {
      quote: 'More than 2,400 freelancers in 31 countries close their books in 20 minutes a month.',
      number: '2,400',
    },
  ]);
  expect(home.page.technology).toContain('nginx');
  expect(home.delivered).toMatchObject({ encoding: null, caching: 'max-age=60', redirects: [] });
});

test('links that lead nowhere are found with the page they stand on', () => {
  const dead = crawled.deadLinks.map((one) => [new URL(one.page).pathname, new URL(one.url).pathname]);
  expect(dead).toContainEqual(['/', '/nowhere']);
  expect(dead).toContainEqual(['/', '/lost-offer']);
  expect(dead.every(([page]) => page === '/')).toBe(true);
});

test('the checklist of the whole site names what takes all pages to be seen', () => {
  const findings = checkSite(crawled.pages, {
    robotsFound: crawled.robots.found,
    sitemap: crawled.sitemaps.pages,
    sitemapFaults: crawled.sitemaps.left,
    deadLinks: crawled.deadLinks,
    gone: [`${site.url}/ghost`],
  });
  const rules = (path: string) => findings.get(site.url + path)?.map((one) => one.rule);
  expect(rules('/')).toEqual(expect.arrayContaining(['broken_links', 'sitemap_broken', 'sitemap_gone']));
  expect(rules('/')).not.toContain('robots_missing');
  expect(rules('/hidden-gem')).toContain('orphan');
  expect(rules('/about')).toContain('sitemap_page');
  expect(rules('/thanks')).toEqual(['sitemap_noindex']);
});

test('what has not changed is not sent again, and what was read then is taken', async () => {
  const known = crawled.pages.map(
    ({ kind, page, inspected, delivered, etag, lastModified, bodyHash }): KnownPage => ({
      url: page.url,
      reader: READER,
      ...{ kind, page, inspected, delivered, etag, lastModified, bodyHash },
    }),
  );
  site.pages.set('/about', '<html><title>About us anew</title><h1>About us</h1><p>We are three by now.</p></html>');
  const home = (await openHome({ web }, site.url, { ...nothing, pages: known }, true)).value;
  expect(home.unchanged).toBe(true);
  const again = (await crawl({ web }, home, known, quiet)).value;
  const changed = again.pages.filter((one) => !one.unchanged).map((one) => new URL(one.page.url).pathname);
  expect(changed).toEqual(['/about']);
  expect(again.pages.map((one) => one.page.url)).toEqual(expect.arrayContaining(known.map((one) => one.url)));
});

test('a site that asks for patience is read one page at a time, and never for longer than the budget', async () => {
  const slow = await startSite({
    '/robots.txt': (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/plain' }).end('User-agent: Fanfare\nCrawl-delay: 0.02\n'),
  });
  for (let n = 0; n < 30; n++)
    slow.pages.set(
      n === 0 ? '/' : `/p${n}x`,
      `<html><title>Page ${n}</title><p>This is what page ${n} says.</p>
      <a href="/p${n + 1}x">on</a></html>`,
    );
  const polite = openWeb({ allow: [slow.host], userAgent: 'Fanfare/test' });
  const home = (await openHome({ web: polite }, slow.url, nothing, false)).value;
  const few = await crawl({ web: polite }, home, [], { ...quiet, bounds: { budgetMs: 150 } });
  expect(few.value.pages.length).toBeGreaterThan(1);
  expect(few.value.pages.length).toBeLessThan(15);
  const stopped = new AbortController();
  const reading = crawl({ web: polite }, home, [], {
    signal: stopped.signal,
    say: async () => stopped.abort(new Error('stopped')),
  });
  await expect(reading).rejects.toThrow('stopped');
  await polite.close();
  await slow.close();
});

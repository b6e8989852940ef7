/** A site as small businesses have them: three languages, copies, moves, old encodings, and pages that are none. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWeb, type Web } from '#src/outside/web.ts';
import { type Site, type SitePage, startSite } from '#test/site.ts';
import { type Crawled, crawl } from './crawl.ts';
import { openHome, tellingPages } from './read.ts';

let site: Site;
let web: Web;
let crawled: Crawled;
let message: string;
const nothing = { pages: [], beside: [], addresses: [] };

beforeAll(async () => {
  site = await startOddSite();
  web = openWeb({ allow: [site.host], userAgent: 'Fanfare/test' });
  const home = (await openHome({ web }, site.url, nothing, false)).value;
  const ended = await crawl({ web }, home, [], { say: async () => undefined });
  crawled = ended.value;
  message = ended.message;
});
afterAll(async () => {
  await web.close();
  await site.close();
});

const pageAt = (path: string) => crawled.pages.find((one) => one.page.url === site.url + path);
const told = (path: string) => {
  const [one, ...more] = crawled.outcomes.filter(({ url }) => url === site.url + path);
  expect(more).toEqual([]);
  return one && [one.outcome, one.note];
};

test('a start page that only sends on is followed to the page in its language', () => {
  expect(crawled.pages[0]?.page.url).toBe(`${site.url}/en/`);
  expect(crawled.pages.length).toBeLessThanOrEqual(50);
  expect(message).toMatch(/^Read \d+ pages: /);
});

describe('each address is judged once, in words', () => {
  const SAME = (path: string) => `It says the same as ${path}.`;
  test.each<[string, string, string | null]>([
    ['/en/pricing', 'read', null],
    ['/en/features/', 'read', null],
    ['/fr/tarifs', 'duplicate', 'Not opened: it is /en/pricing in another language (fr).'],
    ['/de/preise', 'duplicate', 'Not opened: it is /en/pricing in another language (de).'],
    ['/de/uber-uns', 'duplicate', 'It is /en/about in another language (de).'],
    ['/go/plans', 'duplicate', 'It leads to /en/pricing, which was read.'],
    ['/old-tour', 'duplicate', 'It leads to /en/tour, which was read.'],
    ['/en/tour', 'read', null],
    ['/refresh', 'duplicate', 'It sends its visitors on to /en/after-refresh.'],
    ['/en/after-refresh', 'read', null],
    ['/dashboard', 'left', 'It leads to /login, which is not read: it belongs to an account, a cart or a search.'],
    ['/en/print-pricing', 'duplicate', SAME('/en/pricing')],
    ['/en/abroad', 'read', null],
    ['/en/templated', 'read', null],
    ['/koi8', 'read', null],
    ['/sjis', 'read', null],
    ['/xml-declared', 'read', null],
    ['/commented', 'read', null],
    ['/misnamed', 'read', null],
    ['/klingon', 'failed', expect.stringContaining('it says it is written in “klingon”') as unknown as string],
    ['/spa/one', 'script_only', 'It shows no text until its scripts run.'],
    ['/spa/two', 'script_only', 'It shows no text until its scripts run.'],
    ['/loop/a', 'failed', expect.stringContaining('redirects in a circle') as unknown as string],
    ['/based', 'read', null],
    ['/base/child', 'read', null],
  ])('%s: %s', (path, outcome, note) => {
    expect(told(path)).toEqual([outcome, note]);
  });

  test('what is told is all there is: no page twice, and nothing kept that is a copy', () => {
    expect(crawled.outcomes.filter((one) => one.note === undefined)).toEqual([]);
    const kept = crawled.pages.map((one) => new URL(one.page.url).pathname);
    expect(new Set(kept).size).toBe(kept.length);
    expect(kept.filter((path) => /^\/(?:de|fr)\//.test(path))).toEqual(['/de/nur-hier', '/de/preise-alt']);
    expect(site.asked.filter((path) => /^\/en\/features\/?$/.test(path))).toHaveLength(1);
    expect(site.asked.filter((path) => path === '/en/tour')).toHaveLength(1);
    expect(site.asked).not.toContain('/fr/tarifs');
  });
});

test('letters are read as their page wrote them', () => {
  expect(pageAt('/koi8')?.page.title).toBe('Цены и тарифы');
  expect(pageAt('/sjis')?.page.title).toBe('日本');
  expect(pageAt('/xml-declared')?.page.title).toBe('Цены');
  expect(pageAt('/commented')?.page.title).toBe('Für Büros');
  expect(pageAt('/misnamed')?.page.title).toBe('Für Büros');
});

test('addresses are relative to the first base that has one', () => {
  expect(site.asked).toContain('/base/child');
  const links = pageAt('/based')?.inspected.links.map((one) => one.url);
  expect(links).toEqual([`${site.url}/base/child`, `${site.url}/base/`]);
});

test('a redirect without end is a link that leads nowhere', () => {
  expect(crawled.deadLinks).toContainEqual(
    expect.objectContaining({ url: `${site.url}/loop/a`, why: 'a redirect without end' }),
  );
});

test('facts are taken from pages in the language of the home page', () => {
  const telling = tellingPages(crawled.pages).map((one) => new URL(one.url).pathname);
  expect(telling).toContain('/en/pricing');
  expect(telling.filter((path) => path.startsWith('/de/'))).toEqual([]);
});

async function startOddSite(): Promise<Site> {
  const odd = await startSite();
  const { url, pages } = odd;
  const put = (path: string, title: string, body: string, head = '', lang = 'en') =>
    pages.set(
      path,
      `<!doctype html><html lang="${lang}"><head><title>${title}</title>${head}</head><body><main><h1>${title}</h1><p>${body}</p></main>${MENU}</body></html>`,
    );
  const versions = (of: Record<string, string>) =>
    Object.entries(of)
      .map(([lang, path]) => `<link rel="alternate" hreflang="${lang}" href="${path}">`)
      .join('');
  const away =
    (location: string): SitePage =>
    (_, response) =>
      void response.writeHead(301, { location }).end();
  const bytes =
    (type: string, body: Uint8Array): SitePage =>
    (_, response) =>
      void response.writeHead(200, { 'content-type': type }).end(body);

  pages.set('/', '<html><head><meta http-equiv="refresh" content="0; url=/en/"></head></html>');
  const homes = versions({ en: '/en/', de: '/de/', 'x-default': '/' });
  put('/en/', 'Kettle keeps your tea list', 'A list of every tea you own, for people who own too many of them.', homes);
  put('/de/', 'Kettle hält deine Teeliste', 'Eine Liste aller Tees, für alle, die zu viele davon haben.', homes, 'de');
  put('/en/pricing', 'Pricing of Kettle', 'Every plan has every tea in it. $4 a month for as many lists as you like.');
  put(
    '/de/preise-alt',
    'Preise von Kettle',
    'Jeder Plan hat jeden Tee. 4 € im Monat, so viele Listen du willst.',
    '',
    'de',
  );
  put('/en/features', 'Features of Kettle', 'Sort by harvest, by weight and by how much you like them.');
  pages.set('/en/features/', pages.get('/en/features') as SitePage);
  const about = versions({ de: '/de/uber-uns', en: '/en/about' });
  put('/de/uber-uns', 'Über uns', 'Wir sind zu zweit, und wir trinken sehr viel Tee aus Taiwan.', about, 'de');
  put('/en/about', 'About us', 'There are two of us, and we drink a lot of tea from Taiwan.', about);
  // The template of this page names the versions of the home page.
  put('/de/nur-hier', 'Nur hier', 'Diese Seite gibt es nur auf Deutsch, und das ist gut so.', homes, 'de');
  const mistaken = versions({ en: '/en/', 'x-default': '/en/templated' });
  put('/en/templated', 'Templated', 'Its template says that the home page is the same page in English.', mistaken);
  pages.set('/go/plans', away('/en/pricing'));
  pages.set('/old-tour', away('/en/tour'));
  put(
    '/en/tour',
    'A tour of Kettle',
    'First you enter a tea, then <a href="/en/tour">another one</a>, and then you have a list.',
  );
  pages.set('/refresh', '<html><head><meta http-equiv="refresh" content="0;URL=\'/en/after-refresh\'"></head></html>');
  put('/en/after-refresh', 'After the refresh', 'This page stands where another one sends its visitors on to.');
  pages.set('/dashboard', away('/login'));
  put('/login', 'Log in', 'Enter your address and the password that you chose yourself.');
  const original = '<link rel="canonical" href="/en/pricing">';
  put('/en/print-pricing', 'Pricing of Kettle', 'To print: every plan has every tea, for $4 a month.', original);
  const abroad = '<link rel="canonical" href="https://elsewhere.example/essay">';
  put('/en/abroad', 'An essay', 'It stood in a magazine first, which is why it names another address.', abroad);

  const russian = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><title>';
  pages.set(
    '/koi8',
    bytes('text/html', latin(`${russian}\xe3\xc5\xce\xd9 \xc9 \xd4\xc1\xd2\xc9\xc6\xd9</title>${FILL}`)),
  );
  pages.set('/sjis', bytes('text/html; charset=shift_jis', latin(`<html><title>\x93\xfa\x96\x7b</title>${FILL}1`)));
  const declared = '<?xml version="1.0" encoding="windows-1251"?><html><head><title>\xd6\xe5\xed\xfb</title></head>';
  pages.set('/xml-declared', bytes('application/xhtml+xml', latin(`${declared}${FILL}2`)));
  const commented = '<html><head><!-- <meta charset="koi8-r"> --><title>F\xfcr B\xfcros</title></head>';
  pages.set('/commented', bytes('text/html', latin(`${commented}${FILL}3`)));
  const named = '<html><head><meta charset="iso-8859-15"><title>F\xfcr B\xfcros</title></head>';
  pages.set('/misnamed', bytes('text/html; charset=latin-15-dos', latin(`${named}${FILL}4`)));
  pages.set('/klingon', bytes('text/html; charset=klingon', latin(`<html><title>nuqneH \xe9</title>${FILL}5`)));

  for (const path of ['/spa/one', '/spa/two'])
    pages.set(
      path,
      '<html><title>Kettle</title><body><my-kettle></my-kettle><script src="/a.js"></script></body></html>',
    );
  pages.set('/loop/a', away('/loop/b'));
  pages.set('/loop/b', away('/loop/a'));
  pages.set(
    '/based',
    `<html lang="en"><head><base target="_blank"><base href="/base/"><title>Based</title></head><body><h1>Based</h1>
    <p>Its links are relative to another folder than its own.</p><a href="child">A child</a> <a href="./">All</a></body></html>`,
  );
  put('/base/child', 'A child', 'The page that the page with another base leads to.');
  put('/base/', 'All children', 'A list of all the children that there are in this folder.');

  pages.set('/robots.txt', bytes('text/plain', latin(`Sitemap: ${url}/map.xml\n`)));
  const listed = versionsXml(url, { en: '/en/pricing', de: '/de/preise', fr: '/fr/tarifs' });
  pages.set(
    '/map.xml',
    bytes(
      'application/xml',
      latin(`<?xml version="1.0"?><sitemapindex><sitemap><loc>${url}/all.xml</loc></sitemap></sitemapindex>`),
    ),
  );
  pages.set(
    '/all.xml',
    bytes(
      'application/xml',
      latin(
        `<urlset>${['/en/pricing', '/de/preise', '/fr/tarifs'].map((path) => `<url><loc>${url}${path}</loc>${listed}</url>`).join('')}${['/en/features/', '/koi8', '/sjis'].map((path) => `<url><loc>${url}${path}</loc></url>`).join('')}</urlset>`,
      ),
    ),
  );
  return odd;
}

const FILL = '<body><h1>Tea</h1><p>There is more tea in the world than anybody can drink, number ';

const MENU = `<footer>${[
  '/de/uber-uns',
  '/de/nur-hier',
  '/de/preise-alt',
  '/de/',
  '/en/features/',
  '/en/features',
  '/go/plans',
  '/old-tour',
  '/refresh',
  '/dashboard',
  '/en/print-pricing',
  '/en/abroad',
  '/en/templated',
  '/koi8',
  '/sjis',
  '/xml-declared',
  '/commented',
  '/misnamed',
  '/klingon',
  '/spa/one',
  '/spa/two',
  '/loop/a',
  '/based',
]
  .map((path) => `<a href="${path}">${path.slice(1)}</a>`)
  .join(' ')}</footer>`;

function versionsXml(url: string, of: Record<string, string>): string {
  return Object.entries(of)
    .map(([lang, path]) => `<xhtml:link rel="alternate" hreflang="${lang}" href="${url}${path}"/>`)
    .join('');
}

function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

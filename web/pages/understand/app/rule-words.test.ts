import { expect, test } from 'vitest';
import { checkSite } from '#src/understand/pages/checklist/site.ts';
import { type Checkable, type Checked, checkPage } from '#src/understand/pages/checklist.ts';
import { inspect } from '#src/understand/reading/inspect.ts';
import { type PageKind, readPage } from '#src/understand/reading.ts';
import { ruleWords } from './rule-words.ts';

const good = { waitedMs: 90, bytes: 900, sentBytes: 900, encoding: null, caching: null, robots: '', redirects: [] };

function pageOf(
  path: string,
  html: string,
  about: { kind?: PageKind; delivered?: Partial<Checkable['delivered']> } = {},
): Checkable {
  const url = `http://kettle.example${path}`;
  return {
    kind: about.kind ?? 'other',
    page: readPage(html, url),
    inspected: inspect(html, url),
    delivered: { ...good, ...about.delivered },
  };
}

const many = (count: number, one: (at: number) => string) => Array.from({ length: count }, (_, at) => one(at)).join('');

/** Pages with every fault the checklist knows. */
const pages: Checkable[] = [
  pageOf('/', '<html><head></head><body><p>Tea.</p></body></html>', {
    kind: 'home',
    delivered: { waitedMs: 2_000, bytes: 600_000, redirects: ['http://kettle.example/a', 'http://kettle.example/b'] },
  }),
  pageOf(
    '/Much_more.php',
    `<html><head><title>Tea</title><title>Tea again</title><meta name="description" content="Short & sweet.">
    <meta name="viewport" content="width=device-width, user-scalable=no"><link rel="canonical" href="/elsewhere">
    <meta property="og:image" content="/tea.png"><script type="application/ld+json">{"@type": "Offer",}</script>
    ${many(6, (at) => `<script src="/${at}.js"></script>`)}</head>
    <body><h1>Tea</h1><h1>More tea</h1><h4>Tea</h4>${many(70, (at) => `<img src="/tea-${at}.jpg">`)}${many(1_400, () => '<i></i>')}</body></html>`,
  ),
  pageOf('/long', `<html><head><title>${'Tea and '.repeat(12)}</title></head><body><h1>Tea</h1></body></html>`),
  pageOf(
    '/shell',
    '<html><head><title>Tea</title></head><body><div id="root"></div><script src="/a.js"></script></body>',
  ),
  pageOf('/hidden', '<html><head><title>Tea</title><meta name="robots" content="noindex"></head><body><h1>Tea</h1>'),
  {
    ...pageOf('/mixed', '<html></html>'),
    ...secure('<html><img src="http://kettle.example/tea.jpg" alt="Tea"></html>'),
  },
];

function secure(html: string): Pick<Checkable, 'page' | 'inspected'> {
  const url = 'https://kettle.example/mixed';
  return { page: readPage(html, url), inspected: inspect(html, url) };
}

const site = {
  deadLinks: [{ page: 'http://kettle.example/', url: 'http://kettle.example/x', text: 'X', why: 'HTTP 404' }],
  gone: ['http://kettle.example/x'],
};
const checks: Checked[] = [
  ...pages.flatMap(checkPage),
  ...[
    { ...site, robotsFound: false, sitemap: null, sitemapFaults: [] },
    {
      ...site,
      robotsFound: true,
      sitemap: ['http://kettle.example/hidden'],
      sitemapFaults: [{ url: 'http://kettle.example/map.xml', why: 'It names no pages.' }],
    },
  ].flatMap((one) => [...checkSite([...pages, ...twins()], one).values()].flat()),
];

function twins(): Checkable[] {
  const html =
    '<html><title>Tea for all</title><meta name="description" content="The same on both."><h1>Tea</h1></html>';
  return ['/one', '/two'].map((path) => pageOf(path, html));
}

test('every rule of the checklist has a name, a reason and a fix that says what to do', () => {
  expect([...new Set(checks.map((one) => one.rule))].sort()).toEqual(Object.keys(ruleWords).sort());
  for (const { rule, message, why, fix } of checks) {
    expect(fix, rule).toMatch(IMPERATIVE);
    expect(fix.length, rule).toBeGreaterThan(30);
    for (const words of [message, why, fix]) expect(words, rule).toMatch(/^\S.*[.]$/);
    expect(fix, rule).not.toMatch(/undefined|null|NaN|content="…?">/);
  }
});

test('a fix can be taken over as it stands', () => {
  const html =
    '<html><title>Pricing & more: Kettle</title><h1>Tea</h1><p>A list of "every" tea you own, for $4 a month.</p></html>';
  const fixes = checkPage(pageOf('/?a=1&b=2', html, { kind: 'home' }));
  const fix = (rule: string) => fixes.find((one) => one.rule === rule)?.fix ?? '';
  const data = JSON.parse(/<script[^>]*>(.*)<\/script>/.exec(fix('structured'))?.[1] ?? '');
  expect(data).toMatchObject({ '@type': 'SoftwareApplication', name: 'Kettle', offers: { price: '4' } });
  expect(fix('og_text')).toContain('content="A list of ”every” tea you own');
  expect(fix('description')).toContain('content="A list of ”every” tea you own');
});

const IMPERATIVE =
  /^(?:Add|Cache|Correct|Get|Give|Change|For new pages use|If .* (?:take|name)|Keep|Link|Load|Make|Open|Put|Redirect|Render|Say|Send|Shorten|Show|Switch|Take|Write)\b/;

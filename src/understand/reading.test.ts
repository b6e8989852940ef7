import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReadPage, readPage, readReadme, repositoryOf } from './reading.ts';

const page = (name: string, url: string) =>
  readPage(readFileSync(new URL(`test/pages/${name}.html`, `file://${process.cwd()}/`), 'utf8'), url);
const body = (inside: string, lang = 'en') =>
  readPage(`<html lang=${lang}><body>${inside}</body></html>`, 'https://a.example/');
const prices = (read: ReadPage) => read.prices.map((one) => [one.plan, one.amount, one.currency, one.interval]);

describe('a SaaS landing page', () => {
  const saas = page('saas', 'https://tidymeet.example/');

  it('says who it is', () => {
    expect(saas).toMatchObject({
      title: 'Tidymeet — Meeting notes that write themselves',
      description: 'Tidymeet joins your calls, writes the notes & sends the action items. Free for small teams.',
      lang: 'en-US',
      siteName: 'Tidymeet',
      canonical: 'https://tidymeet.example/',
      icons: {
        logo: 'https://tidymeet.example/logo.png',
        favicon: 'https://tidymeet.example/favicon.svg',
        image: 'https://tidymeet.example/og.png',
      },
      repository: null,
    });
  });

  it('tells its own words from what surrounds them', () => {
    expect(saas.headings.slice(0, 3)).toEqual([
      { level: 1, text: 'Meeting notes that write themselves' },
      { level: 2, text: 'Everything after the call, done' },
      { level: 3, text: 'Action items with owners' },
    ]);
    expect(saas.paragraphs[0]).toBe(
      'Tidymeet joins your Zoom, Meet and Teams calls, writes the notes and sends everyone their action items before the call is over.',
    );
    expect(saas.paragraphs).toContain('No credit card required');
    expect(saas.paragraphs).toContain('Speak as you like, read the notes in your own language.');
    expect(saas.lists).toContainEqual(['Syncs to Notion, Linear and Slack', 'SOC 2 Type II']);
    expect(saas.text).not.toMatch(/cookies|variant B|All rights reserved|Log in|Ada Moreau/);
  });

  it('finds its prices and none of the other sums', () => {
    expect(prices(saas)).toEqual([
      ['Free', '0', 'USD', 'month'],
      ['Pro', '12', 'USD', 'month'],
      ['Business', '290', 'USD', 'year'],
    ]);
    expect(saas.prices[1]?.quote).toBe('$12 per user / month, billed annually');
  });

  it('finds colours, accounts, praise, technology and what to do', () => {
    expect(saas.colours).toEqual(['#7c3bed', '#0ea5e9', '#ffffff']);
    expect(saas.social.map((one) => [one.platform, one.handle])).toEqual([
      ['x', 'tidymeet'],
      ['youtube', 'tidymeet'],
      ['linkedin', 'tidymeet'],
    ]);
    expect(saas.testimonials).toEqual([
      {
        quote: 'It saved us $2,000 a month and I have not typed a note since spring.',
        author: 'Ada Moreau, COO at Fennel',
      },
      { quote: 'The only tool my whole team kept after the trial.', author: 'Jon Okafor' },
    ]);
    expect(saas.technology).toEqual(['Next.js', 'Plausible']);
    expect(saas.callsToAction).toEqual(['Start free trial', 'Watch demo', 'Get started']);
  });

  it('tells what its links lead to', () => {
    const kinds = new Map(saas.links.map((link) => [link.url.split('#')[0], link.kind]));
    expect(kinds.get('https://tidymeet.example/pricing')).toBe('pricing');
    expect(kinds.get('https://tidymeet.example/features')).toBe('features');
    expect(kinds.get('https://tidymeet.example/about')).toBe('about');
  });
});

it('reads the page of an open-source tool', () => {
  const tool = page('devtool', 'https://quickdiff.example/');
  expect(tool.repository).toBe('https://github.com/marl-dev/quickdiff');
  expect(tool.headings.map((one) => one.text)).toEqual(['quickdiff', 'Why']);
  expect(tool.paragraphs).toContain('Line diffs lie about data: keys move, arrays reorder <and> nothing changed.');
  expect(tool.lists).toEqual([['Ignores key order', 'Understands moved array items', '10× faster than jd']]);
  expect(tool.technology).toEqual(['Hugo']);
  expect(tool.social).toEqual([
    { platform: 'mastodon', url: 'https://fosstodon.org/@marl', handle: 'marl@fosstodon.org' },
  ]);
  expect(tool.links.map((one) => one.kind)).toEqual([
    'docs',
    'repository',
    'changelog',
    'repository',
    'repository',
    'social',
  ]);
  expect(prices(tool)).toEqual([['Free', '0', '', null]]);
});

it('reads a README', () => {
  const readme = readReadme(
    readFileSync(new URL('test/pages/README-quickdiff.md', `file://${process.cwd()}/`), 'utf8'),
    'https://github.com/marl-dev/quickdiff',
  );
  expect(readme.title).toBe('quickdiff');
  expect(readme.description).toBe(
    'Structural diffs for JSON and YAML, made for people who review configuration all day.',
  );
  expect(readme.headings).toEqual([
    { level: 1, text: 'quickdiff' },
    { level: 2, text: 'Features' },
    { level: 2, text: 'Install' },
    { level: 3, text: 'Pricing' },
  ]);
  expect(readme.lists).toEqual([
    ['Ignores key order', 'Understands moved items, even in Map<string, T>', 'Reads gzip'],
    ['Download', 'Run quickdiff a b'],
  ]);
  expect(readme.paragraphs).toContain('Free for personal use; teams pay $5 per month.');
  expect(prices(readme)).toContainEqual([null, '5', 'USD', 'month']);
  expect(readme.repository).toBe('https://github.com/marl-dev/quickdiff');
  expect(readme.links.map((one) => one.url)).toContain('https://quickdiff.example/docs');
  expect(readme.text).not.toMatch(/npm install|badge|!\[|\*\*/);
});

it('reads the page of a mobile app', () => {
  const app = page('mobile', 'https://sproutly.example/de/');
  expect(app).toMatchObject({
    title: 'Sproutly: plant care on time',
    description: 'Never forget to water a plant again.',
    siteName: 'Sproutly',
    colours: ['#16a34a'],
    icons: { logo: 'https://sproutly.example/de/img/logo.png', favicon: 'https://sproutly.example/touch.png' },
    testimonials: [{ quote: 'My calathea is alive for the first time in years.', author: 'Priya' }],
    callsToAction: ['Download on the App Store', 'Get it on Google Play'],
  });
  expect(app.links.slice(0, 2).map((one) => one.kind)).toEqual(['store', 'store']);
  expect(app.social.map((one) => one.platform)).toEqual(['instagram', 'discord']);
  expect(prices(app)).toEqual([[null, '4.99', 'USD', null]]);
  expect(app.text).not.toMatch(/JavaScript|five stars/);
});

it('reads a page in another language', () => {
  const german = page('deutsch', 'https://belegfuchs.example');
  expect(german.lang).toBe('de');
  expect(prices(german)).toEqual([
    ['Solo', '9.90', 'EUR', 'month'],
    ['Team', '19', 'EUR', 'month'],
    ['Kanzlei', '1290.00', 'EUR', 'year'],
    ['Lebenslang', '249', 'EUR', 'once'],
  ]);
  expect(german.colours).toEqual(['#e11d48']);
  expect(german.callsToAction).toEqual(['Jetzt kostenlos testen']);
  expect(german.links.map((one) => one.kind)).toEqual(expect.arrayContaining(['pricing', 'features', 'about']));
});

it('takes from a hostile page only words and http addresses', () => {
  const hostile = page('hostile', 'https://junk.example/');
  expect(hostile).toMatchObject({ canonical: null, siteName: null, colours: [], lang: null, prices: [] });
  expect(hostile.icons).toEqual({ logo: null, favicon: null, image: null });
  expect(hostile.text).toContain('Real words survive <here>');
  expect(hostile.text).not.toContain('comment');
  for (const link of hostile.links) expect(link.url).toMatch(/^https?:/);
});

it('reads on after a picture with many shapes', () => {
  const read = body(`<svg>${'<path d="M0 0"/>'.repeat(900)}</svg><p>What comes after the picture.</p>`);
  expect(read.paragraphs).toEqual(['What comes after the picture.']);
});

it('keeps cards that are one link, and drops menus that are lists', () => {
  const read = body(
    '<a href=/x><h3>Fast sync</h3><p>Everything arrives at once.</p></a><ul><li><a href=/a>Home</a><li><a href=/b>Jobs</a></ul>',
  );
  expect(read.paragraphs).toEqual(['Everything arrives at once.']);
  expect(read.lists).toEqual([]);
});

describe('prices', () => {
  it.each([
    ['$9/mo', '9', 'USD', 'month'],
    ['€19 per month', '19', 'EUR', 'month'],
    ['9 USD', '9', 'USD', null],
    ['$90 / year billed annually', '90', 'USD', 'year'],
    ['$8/month billed annually', '8', 'USD', 'month'],
    ['$1,299.00 a year', '1299.00', 'USD', 'year'],
    ['$12 per seat/mo', '12', 'USD', 'month'],
    ['£4.50 a week', '4.50', 'GBP', 'week'],
    ['$49 one-time payment', '49', 'USD', 'once'],
    ['Pay once: $49', '49', 'USD', 'once'],
    ['R$ 29,90/mês', '29.90', 'BRL', 'month'],
    ['CHF 12 / Monat', '12', 'CHF', 'month'],
    ['1 200 € par an', '1200', 'EUR', 'year'],
    ['99 kr/mån', '99', 'SEK', 'month'],
    ['1,980円/月', '1980', 'JPY', 'month'],
    ['$19 CAD / month', '19', 'CAD', 'month'],
    ['₹499/month', '499', 'INR', 'month'],
  ])('%s', (text, amount, currency, interval) => {
    expect(body(`<p>${text}</p>`).prices).toEqual([{ plan: null, amount, currency, interval, quote: text }]);
  });

  it.each([
    'Save $20 today',
    'We reached $10k MRR',
    '$2M raised',
    '$50 off',
    'He earned $3,000 last month',
    'Version 2.0',
    'Up 40%',
  ])('%s is no price', (text) => {
    expect(body(`<p>${text}</p>`).prices).toEqual([]);
  });

  it('finds the plan in the same line, in a heading, and in a table', () => {
    expect(prices(body('<p>Pro plan: $9/mo. Team: $29/mo</p>'))).toEqual([
      ['Pro', '9', 'USD', 'month'],
      ['Team', '29', 'USD', 'month'],
    ]);
    expect(prices(body('<div>Hobby</div><div>$5</div><div>/month</div>'))).toEqual([['Hobby', '5', 'USD', 'month']]);
    expect(prices(body('<table><tr><td>Starter</td><td>$7/mo</td></tr></table>'))).toEqual([
      ['Starter', '7', 'USD', 'month'],
    ]);
    expect(prices(body('<h3>Hobby</h3><p>Free</p><h3>Pro</h3><p>$9/mo</p>'))).toEqual([
      ['Pro', '9', 'USD', 'month'],
      ['Hobby', '0', 'USD', null],
    ]);
  });
});

describe('repositories', () => {
  it.each([
    ['https://github.com/o/r/tree/main/docs', 'https://github.com/o/r'],
    ['https://github.com/o/r.git', 'https://github.com/o/r'],
    ['https://gitlab.com/g/sub/r/-/issues', 'https://gitlab.com/g/sub/r'],
    ['https://codeberg.org/o/r', 'https://codeberg.org/o/r'],
  ])('%s', (address, repository) => {
    expect(repositoryOf(address)).toBe(repository);
  });

  it.each(['https://github.com/features/actions', 'https://github.com/o', 'https://evil.example/o/r', 'nonsense', ''])(
    '%s is none',
    (address) => {
      expect(repositoryOf(address)).toBeNull();
    },
  );
});

describe('any input', () => {
  const scrap = fc.constantFrom(
    '<div class="testimonial">',
    '</div>',
    '<li>',
    '<p>',
    '<b>',
    '</i>',
    '<h2>',
    '<blockquote>',
    '<footer>',
    '<a href="',
    '">',
    '<!--',
    '-->',
    '<script>',
    '<script type="application/ld+json">',
    '{"offers":',
    '<style>--primary:',
    '$9/mo',
    '€',
    '1,000',
    '&amp;',
    '&#x0;',
    '<meta content=',
    '<title>',
    '<base href=//',
    '\u0000',
    'per month',
    '<template>',
    '</p',
  );

  it('is read without throwing, and what comes out is folded and absolute', () => {
    const html = fc.array(fc.oneof(scrap, fc.string({ unit: 'binary' })), { maxLength: 40 }).map((all) => all.join(''));
    fc.assert(
      fc.property(html, (text) => {
        const read = readPage(text, 'https://a.example/x');
        for (const paragraph of read.paragraphs) expect(paragraph).toBe(paragraph.replace(/\s+/g, ' ').trim());
        for (const link of read.links) expect(link.url).toMatch(/^https?:/);
        for (const price of read.prices) expect(price.amount).toMatch(/^\d+(\.\d+)?$/);
        readReadme(text, 'https://github.com/o/r');
      }),
    );
  });

  it.each([
    ['nested tags', '<b>'.repeat(300_000)],
    ['closing tags without an opening one', `${'<b>'.repeat(100_000)}${'</i>'.repeat(100_000)}`],
    [
      'formatting tags and paragraphs',
      `${Array.from({ length: 30_000 }, (_, i) => `<font a=${i}>`).join('')}${'<p>'.repeat(30_000)}`,
    ],
    ['nested headings and items', '<ul><li><h2>x'.repeat(60_000)],
    ['nested quotes', '<blockquote class=testimonial><p>so good it is hard to say'.repeat(20_000)],
    ['flat quotes', '<blockquote>so good it is hard to say</blockquote>'.repeat(20_000)],
    ['unclosed comments', '<!--'.repeat(200_000)],
    ['digits', `<p>${'1'.repeat(1_000_000)}`],
    ['digit groups', `<p>${'1,000 '.repeat(160_000)}`],
    ['currency signs', `<p>${'$1 '.repeat(300_000)}`],
    ['prices in paragraphs', '<p>$1 a month'.repeat(60_000)],
    ['spaces', `<p>${' '.repeat(1_000_000)}x`],
    ['a long class', `<div class="${'hidden- '.repeat(120_000)}">x</div>`],
    ['css variables', `<style>${'--primary:'.repeat(100_000)}</style>`],
    ['css colours', `<style>${'hsl('.repeat(200_000)}</style>`],
    ['links', Array.from({ length: 30_000 }, (_, i) => `<a href=/${i}>pricing</a>`).join('')],
    ['list items', `<ul>${'<li>one more thing'.repeat(50_000)}`],
    ['unclosed scripts', '<script>'.repeat(100_000)],
    ['closing tags hidden in comments', '<div><!--</div>-->'.repeat(60_000)],
    ['closing tags hidden in attributes', '<div a=">" b="</div>">'.repeat(50_000)],
    ['self-closing shapes', `<svg>${'<path d="M0 0"/>'.repeat(60_000)}</svg>`],
    ['quotes in one figure', `<figure>${'<blockquote>x</blockquote>'.repeat(40_000)}</figure>`],
    ['links around empty elements', `${'<a href=/>'.repeat(300)}${'<i></i>'.repeat(100_000)}`],
    ['a wide quote', `<blockquote>${'<i></i>'.repeat(140_000)}</blockquote>`],
    ['brackets', '['.repeat(1_000_000)],
    ['stars', '*a '.repeat(300_000)],
    ['backticks', '` '.repeat(400_000)],
    ['less-than signs', '<'.repeat(1_000_000)],
  ])('a megabyte of %s ends', (_, html) => {
    expect(readPage(html, 'https://a.example/').url).toBe('https://a.example/');
    expect(readReadme(html, 'https://a.example/').url).toBe('https://a.example/');
  });
});

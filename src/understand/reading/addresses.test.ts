import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageAddress, pageKey, shapeOf, siteOf, trapIn } from './addresses.ts';

const segment = fc.stringMatching(/^[a-zA-Z0-9._~-]{1,12}$/);
const path = fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
const query = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.stringMatching(/^[a-z0-9 &+]{0,8}$/)), {
  maxLength: 3,
});
const address = fc
  .tuple(fc.constantFrom('http', 'https'), fc.constantFrom('ledgerly.dev', 'www.ledgerly.dev'), path, query)
  .map(([scheme, host, at, asked]) => {
    const url = new URL(`${scheme}://${host}${at}`);
    for (const [name, value] of asked) url.searchParams.append(name, value);
    return url.href;
  });

describe('addresses of pages', () => {
  test('written out twice they are what they were', () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.webUrl({ withQueryParameters: true, withFragments: true })), (url) => {
        const once = pageAddress(url);
        if (once === null) return;
        expect(pageAddress(once)).toBe(once);
        expect(pageKey(once)).toBe(pageKey(url));
      }),
      { numRuns: 300 },
    );
  });

  test('scheme, www, campaign, fragment, a slash at the end and the order of the query make no other page', () => {
    fc.assert(
      fc.property(address, fc.constantFrom('utm_source=x', 'fbclid=1', 'gclid=2', 'ref=hn'), (url, carried) => {
        const one = new URL(url);
        const other = new URL(url);
        other.protocol = one.protocol === 'http:' ? 'https:' : 'http:';
        other.hostname = one.hostname.startsWith('www.') ? one.hostname.slice(4) : `www.${one.hostname}`;
        other.hash = 'team';
        other.search = [carried, ...one.search.slice(1).split('&').filter(Boolean).reverse()].join('&');
        if (!other.pathname.endsWith('/')) other.pathname += '/';
        expect(pageKey(other.href)).toBe(pageKey(one.href));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['https://a.dev/', 'https://a.dev/index.html', true],
    ['https://a.dev/docs', 'https://www.a.dev/docs/?utm_campaign=x#top', true],
    ['https://a.dev/docs', 'https://a.dev/docs2', false],
    ['https://a.dev/list?page=2', 'https://a.dev/list?page=3', false],
    ['https://a.dev/', 'https://a.dev:8443/', false],
    ['https://a.dev/', 'https://docs.a.dev/', false],
  ])('%s and %s: the same page %s', (one, other, same) => {
    expect(pageKey(one) === pageKey(other)).toBe(same);
  });

  test('what is no page’s address is none, and sites are told apart by host and port', () => {
    for (const no of ['mailto:a@b.dev', 'javascript:alert(1)', '', 'ftp://a.dev/', 'data:text/html,x'])
      expect(pageAddress(no)).toBeNull();
    expect(pageAddress('../pricing#plans', 'https://a.dev/docs/x')).toBe('https://a.dev/pricing');
    expect(siteOf('https://www.a.dev:444/x')).toBe('a.dev:444');
  });

  test('traps are seen, ordinary pages are not', () => {
    for (const trap of ['/a/b/a/b/a/b', '/cart', '/x?s=hello', '/file.zip', '/a?b=1&c=2&d=3&e=4', '/1/2/3/4/5/6/7/8/9'])
      expect(trapIn(`https://a.dev${trap}`), trap).not.toBeNull();
    for (const fine of [
      '/',
      '/pricing',
      '/blog/2026/how-we-built-it',
      '/docs/api/v2/webhooks',
      '/list?page=2',
      '/de/preise',
    ])
      expect(trapIn(`https://a.dev${fine}`), fine).toBeNull();
    expect(shapeOf('https://a.dev/calendar/2026/11')).toBe(shapeOf('https://a.dev/calendar/2031/4'));
  });
});

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import twitter from 'twitter-text';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { countText, highlight, MAX_LENGTH, URL_LENGTH } from './count.ts';
import { TLDS } from './tlds.ts';

const folder = new URL('../../../../../shared/data/x-text/', import.meta.url);
const present = existsSync(folder);
if (!present) console.warn('skipped: the published cases of twitter-text are not at ../shared/data/x-text');
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

const verdicts = z.array(z.object({ description: z.string(), text: z.string(), expected: z.boolean() }));
const weighted = z.array(
  z.object({
    description: z.string(),
    text: z.string(),
    expected: z.object({ weightedLength: z.number(), valid: z.boolean(), validRangeEnd: z.number() }),
  }),
);
const validateFile = z.object({
  tests: z.object({
    tweets: verdicts,
    hashtags: verdicts,
    usernames: verdicts,
    urls: verdicts,
    urls_without_protocol: verdicts,
    WeightedTweetsCounterTest: weighted,
    WeightedTweetsWithDiscountedEmojiCounterTest: weighted,
    UnicodeDirectionalMarkerCounterTest: weighted,
  }),
});
const tldFile = z.object({
  tests: z.record(z.string(), z.array(z.object({ text: z.string(), expected: z.array(z.string()) }))),
});

describe.skipIf(!present)("X's published cases", () => {
  const cases = present ? validateFile.parse(parse(read('validate.yml'))).tests : null;

  it('counts the weighted cases, and finds where each goes over', () => {
    // These are of version 2, before emoji were discounted: a family counted every member.
    const older = new Map([
      ['Count a mix of single byte single word, and double word unicode characters', 7],
      ['Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers', 4],
    ]);
    const discounted = new Set(cases?.WeightedTweetsWithDiscountedEmojiCounterTest);
    const all = [
      ...(cases?.WeightedTweetsCounterTest ?? []),
      ...discounted,
      ...(cases?.UnicodeDirectionalMarkerCounterTest ?? []),
    ];
    expect(all.length).toBeGreaterThan(40);
    for (const one of all) {
      const counted = countText(one.text);
      const length = discounted.has(one) ? undefined : older.get(one.description);
      expect([one.description, counted.length]).toEqual([one.description, length ?? one.expected.weightedLength]);
      expect([one.description, counted.valid]).toEqual([one.description, one.expected.valid]);
      if (counted.length > MAX_LENGTH)
        expect([one.description, counted.cut]).toEqual([one.description, one.expected.validRangeEnd + 1]);
      else expect(counted.cut).toBe(one.text.length);
    }
  });

  it('weighs every top-level domain as a link, with and without https', () => {
    const lists = Object.values(tldFile.parse(parse(read('tlds.yml'))).tests).flat();
    expect(new Set(lists.map((one) => one.text.split('twitter.')[1]))).toEqual(new Set(TLDS));
    for (const { text, expected } of lists) {
      expect([text, countText(text).length]).toEqual([text, URL_LENGTH]);
      expect(highlight(text)).toEqual([{ kind: 'url', text: expected[0] }]);
    }
  });

  it('weighs every emoji 2', () => {
    const emoji = z.array(z.string()).parse(JSON.parse(read('emoji-rgi-17-half.json')));
    expect(emoji.length).toBe(1955);
    expect(emoji.filter((one) => countText(one).length !== 2)).toEqual([]);
    for (const one of emoji) expect(countText(`${one}${one} a`).length).toBe(6);
  });

  it('sees the hashtags and links that are valid as one piece, and the others not', () => {
    for (const { text, expected } of cases?.hashtags ?? [])
      expect([text, highlight(text).some((token) => token.kind === 'hashtag' && token.text === text)]).toEqual([
        text,
        expected,
      ]);
    for (const { text } of (cases?.urls_without_protocol ?? []).filter((one) => one.expected))
      expect(countText(text).length).toBe(URL_LENGTH);
    // `urls` states which strings a form accepts as a URL; what is linked inside a text is narrower (no IP address, no
    // user info), so the library is asked what it counts.
    for (const { text } of cases?.urls ?? [])
      expect([text, countText(text).length]).toEqual([text, twitter.parseTweet(text).weightedLength]);
  });

  it('agrees on whole posts with the weights of today', () => {
    // `tweets` states the rule of 140 characters for some; the library of today is the judge.
    for (const { text } of cases?.tweets ?? [])
      expect(countText(text).length).toBe(twitter.parseTweet(text).weightedLength);
  });
});

describe('against twitter-text itself', () => {
  const latin = fc.string({ unit: fc.constantFrom(...'abc XYZ 019.,-_/:;!?@#$%&()[]{}~|é–\n'), maxLength: 60 });
  const wide = fc.string({ unit: fc.constantFrom(...'日本語한국어中文ひらカナ。、．ー・🀄é́ﬁשּׁ'), maxLength: 40 });
  const any = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/\p{Extended_Pictographic}/u.test(text));
  const composed = fc.string({
    unit: fc.constantFrom('e', '\u0301', '\u0323', 'ㄱ', '\u1100', '\u1161', '\u11a8', 'Å', '\u212b', ' '),
    maxLength: 30,
  });
  // Emoji of Unicode 11 and before, as the library knows them. It takes ⚧ alone, or a sequence of a later year, or a
  // couple of two skin tones, for its separate code points and weighs each; X weighs one emoji 2.
  const emoji = fc.constantFrom(...'😀 ☺ ☺️ ❤️ 1️⃣ #️⃣ 2⃣ ©️ © ‼️ 🇫🇷 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿'.split(' '));
  const host = fc
    .tuple(
      fc.constantFrom('', 'www.', 'a-b.', 'x_y.', '日本.', 'é.', '-', 'xn--', 'xn--é.'),
      fc.constantFrom('fanfare', 'a', 't', '例え', 'münchen', 'o-k', '中。国', 'ü'.repeat(70)),
      fc.constantFrom(...TLDS, 'com', 'co', 'dev', 'notatld', 'local', 'COM', 'xn--p1ai'),
    )
    .map(([sub, name, tld]) => `${sub}${name}.${tld}`);
  const link = fc
    .tuple(
      fc.constantFrom(
        '',
        'https://',
        'http://',
        'HTTPS://',
        'ftp://',
        '@',
        'me@',
        '#',
        '$',
        '/',
        '.',
        '-',
        '_',
        '見て',
      ),
      host,
      fc.constantFrom('', '', ':8080', '.', ',', '日本語', '+', '@x'),
      fc.constantFrom('', '/', '/a', '/a_(b)', '/a_(b(c)d)', '/@me/x', '/Тест.', '/x–y', '/日本', '/a)', '/!*'),
      fc.constantFrom('', '?a=b', '?', '?q=é', '?a=b&c=d.', '#top', '?x[]=(1)'),
    )
    .map((parts) => parts.join(''));
  const tco = fc
    .tuple(fc.integer({ min: 1, max: 45 }), fc.constantFrom('', '/more', '?a=b', '!'))
    .map(([length, rest]) => `https://t.co/${'a1'.repeat(45).slice(0, length)}${rest}`);

  const agrees = (text: string) => {
    const judge = twitter.parseTweet(text);
    const counted = countText(text);
    expect([counted.length, counted.valid]).toEqual([judge.weightedLength, judge.valid]);
  };

  it('weighs Latin text, wide text, combining marks and any Unicode without emoji the same', () => {
    fc.assert(fc.property(latin, agrees), { numRuns: 600 });
    fc.assert(fc.property(wide, agrees), { numRuns: 600 });
    fc.assert(fc.property(composed, agrees), { numRuns: 400 });
    fc.assert(fc.property(any, agrees), { numRuns: 600 });
  });

  it('weighs links, emoji and all of it mixed the same', () => {
    fc.assert(fc.property(link, agrees), { numRuns: 3000 });
    fc.assert(fc.property(tco, agrees), { numRuns: 100 });
    const mixed = fc.array(fc.oneof(latin, wide, emoji, link, tco), { maxLength: 8 });
    fc.assert(
      fc.property(mixed, fc.constantFrom('', ' ', '\n'), (parts, by) => agrees(parts.join(by))),
      {
        numRuns: 2000,
      },
    );
  });

  it('marks the same links, mentions, hashtags and cashtags', () => {
    const named = fc.constantFrom(
      ...['@ada', '@ada_l', 'x@ada', '@ada@b', '@é', '(@ada)', '@adaé', '@ada://x', '@ada!', '#build', 'a#build'],
      ...[
        '#1',
        '#1a',
        '#é',
        '#日本',
        '#a#b',
        '#a_b',
        '&#a',
        '##a',
        '#️⃣',
        '#a://',
        '#a!',
        '$FAN',
        '$fan.x',
        'a$fan',
        '$f!',
        '$',
      ],
    );
    fc.assert(
      fc.property(fc.array(named, { maxLength: 5 }), fc.constantFrom(' ', '\n', '.', ''), (parts, by) => {
        const text = parts.join(by);
        const marked = highlight(text);
        const of = (kind: string) => marked.filter((token) => token.kind === kind).map((token) => token.text.slice(1));
        expect(of('mention')).toEqual(twitter.extractMentionsWithIndices(text).map((one) => one.screenName));
        expect(of('hashtag')).toEqual(twitter.extractHashtagsWithIndices(text).map((one) => one.hashtag));
        expect(of('cashtag')).toEqual(twitter.extractCashtagsWithIndices(text).map((one) => one.cashtag));
      }),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(link, named, latin), { maxLength: 6 }), (parts) => {
        const text = parts.join(' ').replaceAll('{{', '');
        const marked = highlight(text);
        expect(marked.map((token) => token.text).join('')).toBe(text);
        expect(marked.filter((token) => token.kind === 'url').map((token) => token.text)).toEqual(
          twitter.extractUrlsWithIndices(text).map(({ indices: [start, end] }) => text.slice(start, end)),
        );
      }),
      { numRuns: 1500 },
    );
  });
});

describe('counting', () => {
  it('knows emoji newer than the library', () => {
    for (const one of ['🐦‍⬛', '🫱🏼‍🫲🏿', '⚧️', '❤️‍🔥', '🇨🇶', '👁️‍🗨️'])
      expect([one, countText(one).length]).toEqual([one, 2]);
    expect(twitter.parseTweet('❤️‍🔥').weightedLength).toBeGreaterThan(2);
  });

  it('never cuts a link, an emoji or a composed letter in two', () => {
    const link = `${'x'.repeat(270)} https://fanfare.dev/a`;
    expect(countText(link)).toEqual({ length: 294, valid: false, left: -14, cut: 271 });
    expect(countText(`${'x'.repeat(279)}👨‍👩‍👧‍👦!`).cut).toBe(279);
    const decomposed = 'e\u0301'.repeat(281);
    expect(countText(decomposed)).toMatchObject({ length: 281, cut: 560 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 }), (text) => {
        const { cut, length } = countText(text);
        expect(cut === text.length).toBe(length <= MAX_LENGTH);
        expect(countText(text.slice(0, cut)).length).toBeLessThanOrEqual(MAX_LENGTH);
      }),
    );
  });

  it('marks our variables, and what X makes clickable', () => {
    expect(highlight('Hi @ada, {{app}} is out: fanfare.dev/a#b #buildinpublic $FAN')).toEqual([
      { kind: 'text', text: 'Hi ' },
      { kind: 'mention', text: '@ada' },
      { kind: 'text', text: ', ' },
      { kind: 'variable', text: '{{app}}' },
      { kind: 'text', text: ' is out: ' },
      { kind: 'url', text: 'fanfare.dev/a#b' },
      { kind: 'text', text: ' ' },
      { kind: 'hashtag', text: '#buildinpublic' },
      { kind: 'text', text: ' ' },
      { kind: 'cashtag', text: '$FAN' },
    ]);
    expect(highlight('')).toEqual([]);
    expect(highlight('me@fanfare.dev')).toEqual([{ kind: 'text', text: 'me@fanfare.dev' }]);
  });
});

it('runs in a browser: one source, with no imports but its own', () => {
  const reached = new Set<string>();
  const follow = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    const source = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(source).not.toMatch(/\b(process|Buffer|require|__dirname)\b/);
    for (const [, from = ''] of source.matchAll(/^(?:import|export)\b.* from '([^']+)'/gm)) follow(from);
  };
  follow('./count.ts');
  expect([...reached].sort()).toEqual(['./count.ts', './tlds.ts', './urls.ts']);
});

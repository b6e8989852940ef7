import fc from 'fast-check';
import { expect, test } from 'vitest';
import { platforms } from '#src/outside/platforms/index.ts';
import { openWeb } from '#src/outside/web.ts';
import { cutAt, fillsOf, measured, type PlatformInfo } from './measure.ts';

const sample = 'https://fanfare.dev/l/xxxxxxx';
const adapters = [
  ...platforms({ sandboxFolder: '/nowhere', web: openWeb({ allow: [], userAgent: 'Fanfare' }), allow: [] }).values(),
];
const prose = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.webUrl({ withQueryParameters: true }),
      fc.constantFrom(
        ' ',
        '\n',
        '👩‍👩‍👧‍👦',
        '👍🏽',
        '1️⃣',
        '日本語',
        'e\u0301',
        '@maya',
        '@maya@social.example',
        '#tag',
        'fanfare.dev',
      ),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));

test.each(adapters.map((adapter) => [adapter.id, adapter] as const))(
  'the browser counts for %s as the server does',
  (id, adapter) => {
    fc.assert(
      fc.property(prose, (text) => {
        expect(measured(id, text)).toBe(adapter.measureText(text).length);
      }),
      { numRuns: 300 },
    );
  },
);

test('what is left of the cut fits, and one character more does not', () => {
  fc.assert(
    fc.property(
      prose,
      fc.constantFrom('bluesky', 'discord', 'threads'),
      fc.integer({ min: 1, max: 60 }),
      (text, id, limit) => {
        const cut = cutAt(text, id, limit, sample);
        expect(measured(id, text.slice(0, cut))).toBeLessThanOrEqual(limit);
        const [next = ''] = [...new Intl.Segmenter('en').segment(text.slice(cut))].map(({ segment }) => segment);
        if (cut < text.length) expect(measured(id, text.slice(0, cut + next.length))).toBeGreaterThan(limit);
      },
    ),
  );
});

test('the fullest platform leads, with long posts only where they may be', () => {
  const known = (id: string): PlatformInfo => {
    const adapter = adapters.find((one) => one.id === id)!;
    const none = { metrics: false, mentions: false, repost: false, remove: false };
    return { ...adapter, connect: 'nothing', needsDeveloperApp: false, keys: [], reads: none };
  };
  const fills = fillsOf(`${'a'.repeat(270)} {{link}}`, [known('discord'), known('bluesky'), known('x')], sample, false);
  expect(fills.map(({ platform, used, limit }) => [platform, limit - used])).toEqual([
    ['x', -14],
    ['bluesky', 0],
    ['discord', 1700],
  ]);
  expect(fillsOf('a', [known('x')], sample, true)).toMatchObject([{ used: 1, limit: 25_000 }]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countText } from '#src/outside/platforms/x/count.ts';
import { splitMarked, splitSmart } from './split.ts';

const fitsX = (part: string) => countText(part).length <= 280;
const graphemes = (text: string) => [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
const bare = (text: string) => text.replace(/\s+/gu, '');

const word = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => /^\S+$/u.test(text)),
  fc.constantFrom('👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'ক্ষি', '日本語のテキスト', 'done.', 'Why?', '#launch', '{{link}}', 'e\u0301'),
  fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }),
);
const gap = fc.constantFrom(' ', ' ', ' ', '\n', '\n\n', '. ', '  ');
const prose = fc
  .array(fc.tuple(word, gap), { minLength: 1, maxLength: 250 })
  .map((words) => words.flat().join('').trim())
  .filter((text) => text !== '');

describe('a long text is split so that it fits', () => {
  test('and nothing is lost but white space at the cuts', () => {
    fc.assert(
      fc.property(prose, (text) => {
        expect(bare(splitSmart(text, { fits: fitsX }).join(''))).toBe(bare(text));
      }),
      { numRuns: 150 },
    );
  });

  test('each part fits, numbered or not, unless it is one link that nothing could shorten', () => {
    fc.assert(
      fc.property(prose, fc.boolean(), fc.integer({ min: 40, max: 300 }), (text, numbered, limit) => {
        const fits = (part: string) => graphemes(part).length <= limit;
        const parts = splitSmart(text, { fits, numbered });
        const whole = numbered && parts.length > 1 ? / \(\d+\/\d+\)$/ : /$^/;
        for (const part of parts) expect(fits(part) || /^\S+$/u.test(part.replace(whole, ''))).toBe(true);
        if (numbered && parts.length > 1)
          parts.forEach((part, at) => {
            expect(part.endsWith(` (${at + 1}/${parts.length})`)).toBe(true);
          });
      }),
      { numRuns: 100 },
    );
  });

  test('no emoji and no link is ever cut', () => {
    const long = fc.array(fc.constantFrom('👩‍👩‍👧‍👦', '👍🏽', '🇩🇪', 'a', 'é'), { minLength: 100, maxLength: 600 });
    fc.assert(
      fc.property(long, (pieces) => {
        const text = pieces.join('');
        expect(splitSmart(text, { fits: fitsX }).flatMap(graphemes)).toEqual(graphemes(text));
      }),
      { numRuns: 40 },
    );
    fc.assert(
      fc.property(fc.array(fc.webUrl({ validSchemes: ['https'] }), { minLength: 5, maxLength: 60 }), (urls) => {
        const kept = splitSmart(urls.join(' '), { fits: (part) => part.length <= 120 }).flatMap((part) =>
          part.split(' '),
        );
        expect(kept).toEqual(urls);
      }),
      { numRuns: 60 },
    );
  });

  test('at paragraphs if they fill a part well, else at sentences, else at words', () => {
    const fits = (part: string) => part.length <= 60;
    expect(splitSmart('The first thing we tried was a queue.\n\nThe second was to wait.', { fits })).toEqual([
      'The first thing we tried was a queue.',
      'The second was to wait.',
    ]);
    expect(splitSmart('One short. This sentence is the one that goes over it. And a third.', { fits })).toEqual([
      'One short. This sentence is the one that goes over it.',
      'And a third.',
    ]);
    expect(splitSmart(`${'word '.repeat(20)}end`, { fits }).every((part) => /^(word ?|end)+$/.test(part))).toBe(true);
    expect(splitSmart('It fits.', { fits, numbered: true })).toEqual(['It fits.']);
  });

  test('with numbers of two digits when there are that many parts', () => {
    const parts = splitSmart('word '.repeat(200), { fits: (part) => part.length <= 60, numbered: true });
    expect(parts.length).toBeGreaterThan(9);
    expect(parts[0]).toMatch(new RegExp(` \\(1/${parts.length}\\)$`));
    expect(parts.every((part) => part.length <= 60)).toBe(true);
  });
});

describe('a person marks the parts', () => {
  const parts = (text: string) => splitMarked(text).map((piece) => piece.text);

  test('by three dashes on a line of their own, or two blank lines', () => {
    expect(parts('One\n---\nTwo')).toEqual(['One', 'Two']);
    expect(parts('One\n\n\nTwo\n\nstill two')).toEqual(['One', 'Two\n\nstill two']);
    expect(parts('One\n  \n \n \nTwo')).toEqual(['One', 'Two']);
    expect(parts('---\nOne\n---\n---\nTwo')).toEqual(['One', 'Two']);
  });

  test('and goes on typing in the part that was opened', () => {
    expect(splitMarked('One\n---\n')).toEqual([
      { text: 'One', start: 0 },
      { text: '', start: 8 },
    ]);
    expect(parts('One\n\n\n')).toEqual(['One', '']);
  });

  test('while dashes within a line, or not yet ended, are text', () => {
    expect(parts('a --- b\n----\n-- -\nOne\n---')).toEqual(['a --- b\n----\n-- -\nOne\n---']);
  });

  test('nothing is lost but the marks and white space', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b c', '\n', '\n\n\n', '\n---\n', '👍🏽'), { maxLength: 40 }),
        (pieces) => {
          const text = pieces.join('');
          expect(bare(parts(text).join(''))).toBe(bare(text.replaceAll(/(?<=^|\n)[ \t]*---[ \t]*(?=\n)/g, '')));
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Claim } from './draft.ts';
import { cutAt } from './measure.ts';
import { placeOf, runsOf } from './runs.ts';

const sample = 'https://fanfare.dev/l/xxxxxxx';
const claim = (start: number, text: string, unsupportedReason: string | null = null): Claim => ({
  id: '1',
  start,
  end: start + text.length,
  text,
  unsupportedReason,
  fact: null,
});

test('the pieces of the mirror are the text again', () => {
  const piece = fc.constantFrom(
    'a ',
    '{{link}} ',
    '@maya ',
    '#tag ',
    'https://a.example/b ',
    '214 people ',
    '👩‍👩‍👧 ',
    '日本',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), fc.nat(20), (pieces, start) => {
      const text = pieces.join('');
      const runs = runsOf(text, [claim(start, text.slice(start, start + 9) || 'x')], start + 5);
      expect(runs.map((run) => run.text).join('')).toBe(text);
    }),
  );
});

test('what goes over the limit is marked from the right character on, with the link counted as it will be', () => {
  const text = `${'a'.repeat(255)} {{link}} b`;
  const over = runsOf(text, [], cutAt(text, 'x', 280, sample)).filter((run) => run.over);
  expect(over.map((run) => run.text).join('')).toBe('b');
});

test('a claim moves with the text before it', () => {
  expect(placeOf('Now with 214 customers', claim(0, '214 customers'))).toEqual([
    { start: 9, end: 22, unsupported: false },
  ]);
  expect(placeOf('Now with 215 customers', claim(0, '214 customers'))).toEqual([]);
});

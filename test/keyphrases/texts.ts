/** Texts of several kinds, written for this repository, with the phrases an indexer would give them; and how answers are counted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stem } from '#src/understand/keyphrases/stem.ts';

export type Indexed = { name: string; kind: string; text: string; phrases: string[] };

/** `train` was looked at while the scoring was made, `held-out` only to measure it. */
export function indexedTexts(part: 'train' | 'held-out'): Indexed[] {
  return readFileSync(join(import.meta.dirname, `${part}.txt`), 'utf8')
    .split(/^=== /m)
    .slice(1)
    .map((entry) => {
      const [head = '', ...rest] = entry.split('\n');
      const [name = '', kind = ''] = head.split(' | ');
      const [text = '', phrases = ''] = rest.join('\n').split(/^---$/m);
      return { name, kind, text: text.trim(), phrases: phrases.split(';').map((phrase) => phrase.trim()) };
    });
}

/** A phrase as it is compared: lower case, Porter stems, single spaces. */
export function stemmed(phrase: string): string {
  return (phrase.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(stem).join(' ');
}

/** Precision and recall of the first `at` phrases, in F1 (0 to 1), exact match of the stems. */
export function f1(found: readonly string[], wanted: readonly string[], at = 10): number {
  const gold = new Set(wanted.map(stemmed));
  const given = [...new Set(found.map(stemmed))].slice(0, at);
  const right = given.filter((phrase) => gold.has(phrase)).length;
  return right === 0 ? 0 : (2 * right) / (given.length + gold.size);
}

/** The mean of F1@10, in per cent. */
export function meanF1(texts: readonly Indexed[], extract: (text: string) => readonly string[]): number {
  const sum = texts.reduce((total, { text, phrases }) => total + f1(extract(text), phrases), 0);
  return (100 * sum) / texts.length;
}

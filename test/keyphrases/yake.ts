/**
 * YAKE as published, to be compared with: Campos, Mangaravite, Pasquali, Jorge, Nunes, Jatowt, "YAKE! Keyword extraction from single
 * documents using multiple local features", Information Sciences 509, 2020. n-grams up to 3, window 1, duplicates from a
 * similarity (Levenshtein) of 0.9 on.
 */
import { isFunctionWord } from '#src/understand/keyphrases/common.ts';

type Term = {
  count: number;
  acronyms: number;
  names: number;
  sentences: number[];
  left: Map<string, number>;
  right: Map<string, number>;
};
type Token = { word: string; tag: 'digit' | 'unparsable' | 'acronym' | 'name' | 'plain' };

export function yake(text: string, most = 10): string[] {
  const sentences = text
    .split(/(?<=[.!?])\s+|\n\s*\n/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence !== '');
  const terms = new Map<string, Term>();
  const candidates = new Map<string, { words: string[]; count: number }>();
  for (const [number, sentence] of sentences.entries())
    for (const run of runsOf(sentence)) {
      for (const [at, { word, tag }] of run.entries()) {
        const term: Term = terms.get(word) ?? {
          count: 0,
          acronyms: 0,
          names: 0,
          sentences: [],
          left: new Map(),
          right: new Map(),
        };
        terms.set(word, term);
        term.count++;
        if (tag === 'acronym') term.acronyms++;
        if (tag === 'name') term.names++;
        if (term.sentences.at(-1) !== number) term.sentences.push(number);
        const before = run[at - 1];
        if (before && isTerm(before) && isTerm({ word, tag })) {
          term.left.set(before.word, (term.left.get(before.word) ?? 0) + 1);
          const other = terms.get(before.word);
          other?.right.set(word, (other.right.get(word) ?? 0) + 1);
        }
        for (let size = 1; size <= 3 && size <= at + 1; size++) {
          const part = run.slice(at - size + 1, at + 1);
          if (!part.every(isTerm) || isStop(part[0]!.word) || isStop(word)) continue;
          const key = part.map((each) => each.word).join(' ');
          const candidate = candidates.get(key) ?? { words: part.map((each) => each.word), count: 0 };
          candidate.count++;
          candidates.set(key, candidate);
        }
      }
    }
  const scores = scoresOf(terms, sentences.length);
  const ranked = [...candidates.entries()]
    .map(([phrase, { words, count }]) => {
      let product = 1;
      let sum = 0;
      for (const [at, word] of words.entries()) {
        if (!isStop(word)) {
          product *= scores.get(word)!;
          sum += scores.get(word)!;
          continue;
        }
        // A stop word inside counts by how surely it stands between its neighbours.
        const [before, after] = [words[at - 1]!, words[at + 1]!];
        const into = (terms.get(before)!.right.get(word) ?? 0) / terms.get(before)!.count;
        const out = (terms.get(word)!.right.get(after) ?? 0) / terms.get(word)!.count;
        product *= 1 + (1 - into * out);
        sum -= 1 - into * out;
      }
      return { phrase, score: product / (count * (1 + sum)) };
    })
    .sort((a, b) => a.score - b.score);
  const chosen: string[] = [];
  for (const { phrase } of ranked) {
    if (chosen.length >= most) break;
    if (chosen.every((other) => similarity(phrase, other) <= 0.9)) chosen.push(phrase);
  }
  return chosen;
}

/** Lower is better: relatedness × position over casing, frequency and spread. */
function scoresOf(terms: ReadonlyMap<string, Term>, sentenceCount: number): Map<string, number> {
  const counts = [...terms].filter(([word]) => !isStop(word)).map(([, { count }]) => count);
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  const deviation = Math.sqrt(counts.reduce((a, b) => a + (b - mean) ** 2, 0) / counts.length);
  const highest = Math.max(...[...terms.values()].map(({ count }) => count));
  return new Map(
    [...terms].map(([word, term]) => {
      const casing = Math.max(term.acronyms, term.names) / (1 + Math.log(term.count));
      const position = Math.log(Math.log(3 + median(term.sentences)));
      const frequency = term.count / (mean + deviation);
      const related = 1 + (diversity(term.left) + diversity(term.right)) * (term.count / highest);
      const spread = term.sentences.length / sentenceCount;
      return [word, (related * position) / (casing + frequency / related + spread / related)];
    }),
  );
}

function diversity(beside: ReadonlyMap<string, number>): number {
  const total = [...beside.values()].reduce((a, b) => a + b, 0);
  return total === 0 ? 0 : beside.size / total;
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The words of a sentence between punctuation marks. */
function runsOf(sentence: string): Token[][] {
  const runs: Token[][] = [[]];
  for (const [at, match] of [
    ...sentence.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’.-]*[\p{L}\p{N}]|[\p{L}\p{N}]|[^\s]/gu),
  ].entries()) {
    const [text] = match;
    if (/^[^\p{L}\p{N}]$/u.test(text)) runs.push([]);
    else runs.at(-1)!.push({ word: text.toLowerCase().replace(/['’]s$/, ''), tag: tagOf(text, at === 0) });
  }
  return runs.filter((run) => run.length > 0);
}

function tagOf(text: string, first: boolean): Token['tag'] {
  if (/^[\d.,-]+$/.test(text)) return 'digit';
  if (/\d/.test(text) && /\p{L}/u.test(text)) return 'unparsable';
  if (/^\p{Lu}{2,}$/u.test(text)) return 'acronym';
  return !first && /^\p{Lu}/u.test(text) ? 'name' : 'plain';
}

function isTerm({ tag }: Token): boolean {
  return tag !== 'digit' && tag !== 'unparsable';
}

function isStop(word: string): boolean {
  return word.length < 3 || isFunctionWord(word);
}

function similarity(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  if (Math.min(a.length, b.length) / longest <= 0.9) return 0;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return 1 - row[b.length]! / longest;
}

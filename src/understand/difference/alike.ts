/** Which of the words that went became which of those that came. */
import { keyOf } from './mask.ts';
import { plain } from './noise.ts';

/** How alike two texts are, 0 to 1: twice the words they share over the words of both (Dice 1945), plurals folded. */
export function alike(one: string, other: string): number {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.length === 0 || b.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const word of a) counts.set(word, (counts.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of b) {
    const left = counts.get(word) ?? 0;
    if (left > 0) {
      shared++;
      counts.set(word, left - 1);
    }
  }
  return (2 * shared) / (a.length + b.length);
}

function wordsOf(text: string): string[] {
  return (
    plain(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}.,%$€£+-]*[\p{L}\p{N}%+]/gu) ?? []
  ).map((word) => (word.length > 3 ? word.replace(/(?<!s)s$/, '') : word));
}

/** Whether two texts differ in nothing but numbers (and words of number). */
export function sameButNumbers(one: string, other: string): boolean {
  const bare = (text: string) =>
    keyOf(
      plain(text).replace(
        /\b(?:unlimited|unbegrenzte?|one|two|three|four|five|ten)\b|\d[\d.,]*\s?(?:k|m|gb|tb|mb)?\b/gi,
        ' § ',
      ),
    ).replace(/§+/g, '§');
  const key = bare(one);
  return key === bare(other) && key.replace(/§/g, '').length > 2;
}

export type Pairing<T> = { pairs: [before: T, after: T][]; gone: T[]; come: T[] };

/**
 * Pairs what went with what came, the most alike first. `least` is how alike a pair has to be; texts that differ in
 * numbers alone are a pair in any case.
 */
export function pair<T extends { text: string }>(gone: readonly T[], come: readonly T[], least: number): Pairing<T> {
  const scores: { before: T; after: T; score: number }[] = [];
  // Two hundred against two hundred is what a page that was written anew may have; more is cut off.
  for (const before of gone.slice(0, 200))
    for (const after of come.slice(0, 200)) {
      const score = sameButNumbers(before.text, after.text) ? 1 : alike(before.text, after.text);
      if (score >= least) scores.push({ before, after, score });
    }
  scores.sort((a, b) => b.score - a.score);
  const used = new Set<T>();
  const pairs: [T, T][] = [];
  for (const { before, after } of scores) {
    if (used.has(before) || used.has(after)) continue;
    used.add(before).add(after);
    pairs.push([before, after]);
  }
  return { pairs, gone: gone.filter((one) => !used.has(one)), come: come.filter((one) => !used.has(one)) };
}

/**
 * The phrases a text is about: our own scoring on noun chunks, without a model or a collection to compare with. English; of a text in
 * another language, what stands between its function words (`keyphrases/foreign.ts`).
 *
 * A candidate is a chunk of nouns with what belongs to them (`keyphrases/chunks.ts`), or a part of one that stands alone elsewhere
 * too. Its score multiplies what is known of terms: of two or three words rather than one; of words that are special
 * (`keyphrases/common.ts`); said early; said often and in several places, the parts as a whole rather than apart; of words the
 * text keeps coming back to; standing in the title or a heading. A short text is indexed nearly chunk by chunk, so that there the
 * form decides; of a long one most chunks are said in passing, so that there frequency and place do.
 */
import { tagged } from '#src/understand/builtin/english.ts';
import { type Chunk, chunksOf, type Word } from './keyphrases/chunks.ts';
import { distinct } from './keyphrases/distinct.ts';
import { foreignChunks, foreignLanguage } from './keyphrases/foreign.ts';
import { type Candidate, gathered, type Sight } from './keyphrases/gathered.ts';
import { scored } from './keyphrases/score.ts';
import { type Part, partsOf } from './keyphrases/text.ts';

export type Keyphrase = {
  /** Lower case, as it stands in the text. */
  phrase: string;
  /** Relative to the strongest of the text, which has 1. */
  score: number;
  /** How often it stands there, in any inflection. */
  times: number;
};

/**
 * The keyphrases of a text, best first, no two of them the same by their stems, at most `most`. A text without a noun has none.
 * Deterministic; time grows with the length of the text, of which the first 300,000 characters are read.
 */
export function keyphrasesOf(text: string, { most = 10 }: { most?: number } = {}): Keyphrase[] {
  const chosen = distinct(scored(candidatesOf(text)), most);
  const top = chosen[0]?.score ?? 1;
  return chosen.map(({ candidate, score }) => ({
    phrase: candidate.phrase,
    score: Math.round((score / top) * 1000) / 1000,
    times: candidate.times,
  }));
}

function candidatesOf(text: string): { candidates: Candidate[]; words: number } {
  const parts = partsOf(text);
  const language = foreignLanguage(text);
  const names = namesIn(parts);
  const sights: Sight[] = [];
  const meanings = new Map<string, string>();
  let offset = 0;
  let sentence = 0;
  for (const part of parts) {
    if (part.kind === 'named') {
      for (const term of part.text.split(/[,;\u00B7\u2022|]|\.\s*$/)) {
        const chunk = wholeChunk(term);
        if (chunk) sights.push({ chunk, offset, sentence: sentence++, place: 'named' });
      }
      continue;
    }
    if (language !== null) {
      for (const each of part.text.split(/(?<=[.!?:;\u3002\uFF01\uFF1F])\s*/u)) {
        for (const chunk of foreignChunks(each, language)) sights.push({ chunk, offset, sentence, place: part.kind });
        offset += each.split(' ').length;
        sentence++;
      }
      continue;
    }
    for (const each of tagged(withoutTitleCase(part, names))) {
      const { chunks, meanings: explained } = chunksOf(each);
      for (const chunk of chunks) sights.push({ chunk, offset, sentence, place: part.kind });
      for (const { short, long } of explained) meanings.set(short, long);
      offset += each.length;
      sentence++;
    }
  }
  return { candidates: gathered(sights, meanings), words: offset };
}

/** A term as the text's own list names it: one chunk, whatever its words are. */
function wholeChunk(term: string): Chunk | null {
  const words = chunksOf(tagged(term.trim())[0] ?? []).chunks.at(-1)?.words;
  return words ? { words, counted: false } : null;
}

/** Words with a capital inside a sentence: names, whatever a title in capitals does. */
function namesIn(parts: readonly Part[]): Set<string> {
  const found = new Set<string>();
  for (const { kind, text } of parts)
    if (kind === 'text' && !isTitleCase(text))
      for (const [, name = ''] of text.matchAll(/(?<=[\p{Ll}\d,] )(\p{Lu}[\p{L}-]*)/gu)) found.add(name.toLowerCase());
  return found;
}

/** "Robust Control of Uncertain Systems" in small letters, so that the tagger sees words and not names. */
function withoutTitleCase(part: Part, names: ReadonlySet<string>): string {
  if (!isTitleCase(part.text)) return part.text;
  const shouted = !/\p{Ll}/u.test(part.text);
  return part.text.replace(/\p{Lu}[\p{L}]*/gu, (word, at: number) => {
    if (names.has(word.toLowerCase()) && at > 0) return shouted ? word[0] + word.slice(1).toLowerCase() : word;
    return shouted || /^\p{Lu}\p{Ll}*$/u.test(word) ? word.toLowerCase() : word;
  });
}

function isTitleCase(text: string): boolean {
  const words = text.match(/\p{L}{4,}/gu) ?? [];
  return (
    words.length > 1 && words.length < 30 && words.filter((word) => /^\p{Lu}/u.test(word)).length > 0.7 * words.length
  );
}

export type { Word };

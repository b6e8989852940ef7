/** A text taken apart as a voice is measured by it. Offsets are UTF-16, as the browser counts. Pure. */

export type Piece = { text: string; startsAt: number };

/** Addresses and open variables are no words of the writer: they are blanked, so that every offset stays. */
export function readable(text: string): string {
  return text.replace(/https?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)+\/\S*|\{\{[^}]*\}\}/g, (found) => ' '.repeat(found.length));
}

/** Sentences by the rules of Unicode (UAX 29), lines apart; what has no letter is none. */
export function sentencesOf(text: string): Piece[] {
  return [...sentences.segment(text)].flatMap(({ segment, index }) => {
    const trimmed = segment.trim();
    if (!/\p{L}/u.test(trimmed)) return [];
    return [{ text: trimmed, startsAt: index + segment.indexOf(trimmed) }];
  });
}

/** Words without tags and handles; a contraction is one word. */
export function wordsOf(text: string): string[] {
  return text.replace(/[#@][\p{L}\p{N}_]+/gu, ' ').match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** Matches with their places. */
export function placesOf(text: string, pattern: RegExp): Piece[] {
  return [...text.matchAll(pattern)].map((match) => ({ text: match[0], startsAt: match.index }));
}

/** Syllables of an English word as its groups of vowels, silent endings left out; at least one. Good to about a tenth. */
export function syllablesOf(word: string): number {
  const letters = word.toLowerCase().replace(/[^a-z]/g, '');
  if (letters.length <= 3) return 1;
  const spoken = letters.replace(/(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$/, (end) => end[0] ?? '').replace(/^y/, '');
  return Math.max(1, spoken.match(/[aeiouy]{1,2}/g)?.length ?? 1);
}

/** Flesch's reading ease (1948): 206.835 − 1.015 words per sentence − 84.6 syllables per word. Null without a sentence. */
export function readingEase(text: string): number | null {
  const count = sentencesOf(text).length;
  const words = wordsOf(text).filter((word) => /\p{L}/u.test(word));
  if (count === 0 || words.length === 0) return null;
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  return 206.835 - 1.015 * (words.length / count) - 84.6 * (syllables / words.length);
}

export const emoji = /\p{RGI_Emoji}/gv;
export const hashtag = /(?<![\p{L}\p{N}_&/])#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*/gu;
export const hedges =
  /\b(?:maybe|perhaps|possibly|probably|kind of|sort of|i think|i guess|i believe|i feel like|in my opinion|it seems|seems to|a bit|somewhat|arguably|might|fairly|rather)\b/giu;
export const singular = /\b(?:I|I['’](?:m|ve|ll|d)|my|mine|me|myself)\b/g;
/** “US” is a country. */
export const plural = /\b(?:[Ww]e|WE|[Ww]e['’](?:re|ve|ll|d)|[Oo]urs?|[Uu]s|[Oo]urselves)\b/g;
export const addressed = /\b(?:you|you['’](?:re|ve|ll|d)|your|yours|yourself)\b/gi;
/** Possessives are no contractions: “it's”, “that's”, “don't”, “we're” are. */
export const contracted =
  /\b(?:\p{L}+n['’]t|\p{L}+['’](?:re|ve|ll|m)|(?:I|you|he|she|we|they)['’]d|(?:it|that|what|there|here|he|she|who|let)['’]s)\b/giu;
/** Where one could have contracted. */
export const writtenOut =
  /\b(?:(?:do|does|did|is|are|was|were|have|has|had|would|should|could) not|cannot|can not|will not|I am|(?:you|we|they) are|(?:it|that|there|he|she) is|(?:I|you|we|they) (?:have|will))\b/giu;
/** Words shouted; two or three letters in capitals are a name. */
export const shouted = /(?<![\p{L}\p{N}#@_])\p{Lu}{4,}(?![\p{L}\p{N}_])/gu;

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

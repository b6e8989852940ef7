import { usualShare } from './background.ts';
import { wordsOf } from './text.ts';

/** How sure before a word counts as one's own: one in a thousand by chance. */
const SURE = 3.09;
/** The estimate of the background counts for as many words of prior. */
const PRIOR = 500;
const LEAST = { times: 4, texts: 3 };
const MOST = 12;

/**
 * Words used more than usual: the log-odds ratio against the background with its share as Dirichlet prior, over its
 * standard error (Monroe, Colaresi & Quinn 2008, equations 16 to 22; the background without an error of its own). In at
 * least three texts and four times; the surest first, at most twelve.
 */
export function ownWords(texts: readonly string[]): { word: string; times: number; texts: number; z: number }[] {
  const times = new Map<string, number>();
  const spread = new Map<string, number>();
  let all = 0;
  for (const text of texts) {
    const words = wordsOf(text)
      .map((word) => word.toLowerCase().replace('’', "'"))
      .filter((word) => /^\p{L}[\p{L}'-]+$/u.test(word));
    all += words.length;
    for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
    for (const word of new Set(words)) spread.set(word, (spread.get(word) ?? 0) + 1);
  }
  return [...times]
    .filter(([word, own]) => own >= LEAST.times && (spread.get(word) ?? 0) >= LEAST.texts)
    .map(([word, own]) => {
      const share = usualShare(word);
      const prior = share * PRIOR;
      const odds = Math.log((own + prior) / (all + PRIOR - own - prior)) - Math.log(share / (1 - share));
      return { word, times: own, texts: spread.get(word) ?? 0, z: odds * Math.sqrt(own + prior) };
    })
    .filter(({ z }) => z > SURE)
    .sort((a, b) => b.z - a.z || (a.word < b.word ? -1 : 1))
    .slice(0, MOST);
}

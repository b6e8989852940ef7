/** How likely a candidate is a keyphrase. The weights were set on texts written for the purpose (`test/keyphrases/`). */
import { speciality } from './common.ts';
import type { Candidate } from './gathered.ts';

export type Scored = { candidate: Candidate; score: number };

export const weights = {
  // Preference by number of words, for an abstract and for a long text.
  short: [0, 0.35, 1, 1, 0.85, 0.65],
  long: [0, 0.2, 1, 0.9, 0.6, 0.4],
  special: 1.2,
  frequencyShort: 0.35,
  frequencyLong: 0.75,
  decayShort: 0.15,
  decayLong: 0.8,
  recurrence: 0.15,
  title: 1.2,
  heading: 1.15,
  nested: 0.35,
  spread: 0.2,
};

/** Scores every candidate, best first. `words`: the length of the text. */
export function scored({ candidates, words }: { candidates: readonly Candidate[]; words: number }): Scored[] {
  // 0 for an abstract, 1 for a paper.
  const long = Math.min(1, Math.max(0, Math.log(words / 200) / Math.log(3000 / 200)));
  const between = (a: number, b: number) => a + (b - a) * long;
  const w = weights;
  return candidates
    .map((candidate): Scored => {
      const size = Math.min(5, candidate.words.filter(({ kind }) => kind !== 'of').length);
      const form = between(w.short[size]!, w.long[size]!);
      const grade = specialOf(candidate);
      // Words that frame any text are no phrase of this one, nor is a letter.
      if (grade <= 0.2 || candidate.phrase.length < 2) return { candidate, score: 0 };
      const special = grade ** w.special;
      // A part of longer chunks counts by its own sights, and a little by the others.
      const own = candidate.alone + w.nested * (candidate.times - candidate.alone) * (candidate.hosts > 1 ? 1 : 0.5);
      const frequency = own ** between(w.frequencyShort, w.frequencyLong);
      const place = (1 + candidate.offset / 150) ** -between(w.decayShort, w.decayLong);
      const recurrence = Math.log2(1 + candidate.recurrence) ** w.recurrence;
      const spread = candidate.sentences ** (w.spread * long);
      const coherence = 0.5 + 0.5 * candidate.coherence;
      let score = form * special * frequency * place * recurrence * spread * (size > 1 ? coherence ** long : 1);
      if (candidate.title) score *= w.title;
      else if (candidate.heading) score *= w.heading;
      if (candidate.named) score *= 4;
      if (candidate.short) score *= 0.5;
      if (candidate.counted === candidate.alone && size === 1) score *= 0.4;
      return { candidate, score };
    })
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) =>
        b.score - a.score || a.candidate.offset - b.candidate.offset || (a.candidate.key < b.candidate.key ? -1 : 1),
    );
}

function specialOf({ words }: Candidate): number {
  const grades = words
    .filter(({ kind }) => kind !== 'of')
    .map((word) => {
      if (word.acronym || (word.capital && speciality(word.lower) > 0.2)) return 1;
      const pieces = word.lower.split('-').map(speciality);
      return pieces.length > 1 ? Math.max(0.8, ...pieces) : (pieces[0] ?? 0);
    });
  const mean = grades.reduce((a, b) => a + b, 0) / grades.length;
  // Two common words may name something special together ("risk management"); two that frame any text do not.
  return grades.length > 1 && Math.min(...grades) >= 0.4 ? mean ** 0.6 : mean;
}

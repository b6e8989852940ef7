/** Takes the best phrases that do not say the same again. */
import type { Scored } from './score.ts';

/** The first `most` of what is ranked, without phrases that are a part of a better one and hardly stand alone, or add a word to one. */
export function distinct(ranked: readonly Scored[], most: number): Scored[] {
  const chosen: Scored[] = [];
  for (const one of ranked) {
    if (chosen.length >= most) break;
    const { key, alone, times } = one.candidate;
    const same = chosen.some(({ candidate: other }) => {
      if (contains(other.key, key)) return alone < 2 || one.candidate.words.length === 1;
      if (contains(key, other.key)) return times <= 1 && one.candidate.words.length > 3 && !one.candidate.title;
      return sorted(other.key) === sorted(key);
    });
    if (!same) chosen.push(one);
  }
  return chosen;
}

function contains(long: string, short: string): boolean {
  return ` ${long} `.includes(` ${short} `);
}

function sorted(key: string): string {
  return key.replace(/ of /g, ' ').split(' ').sort().join(' ');
}

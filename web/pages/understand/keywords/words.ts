import { shortUrl } from '#web/pages/understand/knowledge/words.ts';
import type { Keyword } from './queries.ts';

export const intentWords: Record<Keyword['intent'], string> = {
  informational: 'To learn',
  commercial: 'To compare',
  transactional: 'To buy',
  navigational: 'To find you',
};

/** The chip's colour: the nearer to buying, the warmer. */
export const intentTones: Record<Keyword['intent'], string | undefined> = {
  informational: undefined,
  commercial: 'accent',
  transactional: 'pos',
  navigational: 'dashed',
};

export const kindWords: Record<Keyword['kind'], string> = { primary: 'Primary', long_tail: 'Long-tail' };

export const sourceWords: Record<Keyword['source'], string> = {
  pages: 'Found on your pages',
  competitors: 'Found on competitors’ pages',
  questions: 'Asked by people',
  person: 'Typed in',
};

export const placeWords = { title: 'title', description: 'description', heading: 'heading', text: 'text' };

export function crowdWords(difficulty: number): string {
  return difficulty < 0.34 ? 'Open' : difficulty < 0.67 ? 'Some' : 'Crowded';
}

/** "In title, heading of 3 pages", "Only at Billfox". */
export function whereWords(row: Keyword): string {
  const own = row.occurrences.filter((each) => each.competitor === null);
  if (own.length === 0) {
    const others = [...new Set(row.occurrences.flatMap((each) => each.competitor ?? []))];
    return others.length > 0 ? `Only at ${others.join(', ')}` : 'On none of your pages';
  }
  const pages = new Set(own.map((each) => each.url));
  const places = [...new Set(own.map((each) => placeWords[each.place]))].join(', ');
  return pages.size === 1 ? `In ${places} of ${shortUrl(own[0]?.url ?? '')}` : `In ${places} of ${pages.size} pages`;
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

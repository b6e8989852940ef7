/** Phrases people may search for, with where they stand, what a searcher wants, and how hard they look. */
import type { FoundKeyword, FoundProfile, Place } from '#src/understand/findings.ts';
import { addressesMachine } from '#src/understand/findings.ts';
import { chunksOf, type Token, type Word } from '#src/understand/keyphrases/chunks.ts';
import { isFunctionWord, speciality } from '#src/understand/keyphrases/common.ts';
import { isPhrase, keyOf } from '#src/understand/keyphrases/gathered.ts';
import { difficultyOf, intentOf, kindOf } from '#src/understand/keywords/rules.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Block } from './blocks.ts';
import { tagged } from './english.ts';
import { isEnglish } from './tone.ts';

type Candidate = {
  key: string;
  phrase: string;
  size: number;
  special: number;
  /** All its words are names ("Maya Lind"). */
  named: boolean;
  occurrences: Map<string, { url: string; place: Place; count: number }>;
  weight: number;
};

/** A page's title and headings are written to be found by, so they count more than the running text. */
const weights: Record<Place, number> = { title: 6, heading: 3, description: 4, text: 1 };

/** Preference by number of words: two and three are what people search for. */
const preference = [0, 0.35, 1.1, 1.5, 1.6, 1.5];

/**
 * Noun chunks of one to four words, "X for Y", and in headlines what people want to do ("recover failed payments"). Inflections count
 * together; the score is the weight of the places, times a preference for two and three words and for special ones.
 */
export function findKeywords(
  blocks: readonly Block[],
  pages: readonly ReadPage[],
  profile: FoundProfile,
): FoundKeyword[] {
  const own = profile.name.value.toLowerCase();
  // Of another language the tagger knows nothing, and long phrases come out as chance.
  const longest = isEnglish(pages[0]) ? 9 : 1;
  const candidates = new Map<string, Candidate>();
  const count = (text: string, url: string, place: Place, weight: number) => {
    for (const words of phrasesIn(text, place)) {
      if (words.length > longest || words.some(({ lower }) => lower.replace(/'s$/, '') === own)) continue;
      const key = keyOf(words);
      const candidate = candidates.get(key) ?? fresh(key, words);
      const at = candidate.occurrences.get(`${url} ${place}`) ?? { url, place, count: 0 };
      at.count++;
      candidate.occurrences.set(`${url} ${place}`, at);
      // The fifth mention says less than the second.
      candidate.weight += weight / Math.sqrt(at.count);
      candidates.set(key, candidate);
    }
  };
  for (const page of pages) {
    if (page.title && !addressesMachine(page.title)) count(page.title, page.url, 'title', weights.title);
    if (page.description && !addressesMachine(page.description))
      count(page.description, page.url, 'description', weights.description);
  }
  for (const block of blocks)
    if (block.section !== 'testimonials') {
      const place = block.kind === 'heading' ? 'heading' : 'text';
      count(block.text, block.page.url, place, block.level === 1 ? 5 : weights[place]);
    }
  const found = chosen([...candidates.values()]);
  const top = found[0]?.score ?? 1;
  const keywords = found.map(({ candidate, score }): FoundKeyword => {
    const occurrences = [...candidate.occurrences.values()];
    return {
      phrase: candidate.phrase,
      kind: kindOf(candidate.phrase),
      intent: intentOf(candidate.phrase, { own, places: occurrences.map(({ place }) => place) }).value,
      score: Math.max(1, Math.round((score / top) * 100)),
      occurrences,
      difficulty: Math.round(difficultyOf(candidate.phrase).value * 100),
    };
  });
  const brand = brandKeyword(own, pages);
  return brand ? [...keywords, brand] : keywords;
}

/** The best of them, without parts that stand hardly anywhere but in a longer one. */
function chosen(candidates: readonly Candidate[]): { candidate: Candidate; score: number }[] {
  const ranked = candidates
    // Two mentions in the text are enough for a phrase, a single word has to be what the pages are about.
    .filter(({ weight, size, special, key, named, occurrences }) =>
      // A name that heads nothing is somebody's.
      named && ![...occurrences.values()].some(({ place }) => place === 'title' || place === 'heading')
        ? false
        : size === 1
          ? weight >= 7 && special > 0.7 && !furniture.has(key)
          : weight >= 1.7 && special > 0.3,
    )
    .map((candidate) => ({
      candidate,
      score: candidate.weight * (preference[Math.min(candidate.size, 5)] ?? 1) * candidate.special,
    }))
    .sort((a, b) => b.score - a.score || (a.candidate.phrase < b.candidate.phrase ? -1 : 1));
  const kept = ranked.filter(
    ({ candidate }) =>
      !ranked.some(
        ({ candidate: other }) =>
          other.size > candidate.size &&
          (candidate.size === 1 || !other.phrase.includes(' for ')) &&
          ` ${other.key} `.includes(` ${candidate.key} `) &&
          other.weight >= candidate.weight * 0.75,
      ),
  );
  const single = new Set(kept.filter(({ candidate }) => candidate.size === 1).slice(0, 4));
  return kept.filter((one) => one.candidate.size > 1 || single.has(one)).slice(0, 40);
}

/** Stems of what every site has pages of. */
const furniture = new Set('price featur about blog doc faq chang login contact home imprint privaci draft'.split(' '));

function fresh(key: string, words: readonly Word[]): Candidate {
  const grades = words.filter(({ lower }) => !isFunctionWord(lower)).map(({ lower }) => speciality(lower));
  return {
    key,
    phrase: words.map(({ lower }) => lower).join(' '),
    size: words.length,
    named: words.every(({ capital, acronym }) => capital && !acronym),
    special: grades.reduce((a, b) => a + b, 0) / Math.max(1, grades.length),
    occurrences: new Map(),
    weight: 0,
  };
}

function phrasesIn(text: string, place: Place): Word[][] {
  const found: Word[][] = [];
  for (const sentence of tagged(text)) {
    const { chunks, words } = chunksOf(sentence);
    for (const { words: chunk, counted } of chunks) {
      if (chunk.some(({ kind }) => kind === 'of')) continue;
      const [from, end] = [words.indexOf(chunk[0] as Token), words.indexOf(chunk.at(-1) as Token) + 1];
      for (let start = 0; start < chunk.length; start++)
        for (let stop = start + 1; stop <= Math.min(chunk.length, start + 4); stop++) {
          const part = chunk.slice(start, stop);
          if (isPhrase(part) && !(counted && part.length === 1)) found.push(part);
        }
      // Headlines say what people want to do; there a verb may lead.
      const verb = words[from - 1];
      const leads = from === 1 || /^(?:PUNCT|SYM)$/.test(words[from - 2]?.pos ?? '');
      if ((place === 'title' || place === 'heading') && verb && leads && chunk.length <= 3 && isDoing(verb))
        found.push([verb, ...chunk]);
      // "Invoicing software for freelancers": what people type when they know what they want.
      const after = chunks.find(({ words: other }) => words[end]?.lower === 'for' && words[end + 1] === other[0]);
      if (after && after.words.length <= 3 && !after.words.some(({ kind }) => kind === 'of'))
        found.push([...chunk.slice(-3), words[end] as Token, ...after.words]);
    }
  }
  return found;
}

function isDoing({ pos, lower }: Token): boolean {
  return pos === 'VERB' && !lower.endsWith('ing') && !isFunctionWord(lower);
}

function brandKeyword(own: string, pages: readonly ReadPage[]): FoundKeyword | null {
  const occurrences = pages.flatMap((page) =>
    (
      [
        ['title', page.title ?? ''],
        ['description', page.description ?? ''],
        [
          'text',
          page.text
            .split('\n')
            .filter((line) => !addressesMachine(line))
            .join('\n'),
        ],
      ] as [Place, string][]
    )
      .map(([place, text]) => ({ url: page.url, place, count: text.toLowerCase().split(own).length - 1 }))
      .filter(({ count }) => count > 0),
  );
  if (occurrences.length === 0) return null;
  return { phrase: own, kind: 'primary', intent: 'navigational', score: 50, occurrences, difficulty: null };
}

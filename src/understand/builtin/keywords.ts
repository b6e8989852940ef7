/** Phrases people may search for, with where they stand, what a searcher wants, and how hard they look. */
import type { FoundKeyword, FoundProfile, Intent, Place } from '#src/understand/findings.ts';
import { addressesMachine } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Block } from './blocks.ts';
import type { Word } from './english.ts';
import { words } from './english.ts';
import { isEnglish } from './tone.ts';

type Candidate = {
  phrase: string;
  size: number;
  occurrences: Map<string, { url: string; place: Place; count: number }>;
  weight: number;
};

/** A page's title and headings are written to be found by, so they count more than the running text. */
const weights: Record<Place, number> = { title: 6, heading: 3, description: 4, text: 1 };

/**
 * Noun phrases of one to four words, and "X for Y" where the pages say so. Plurals and singulars count together; the score is
 * the weight of the places, times a preference for two and three words, which is what people search for.
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
    for (const { key, phrase, size } of phrasesIn(words(text), own, place)) {
      if (size > longest) continue;
      const candidate = candidates.get(key) ?? { phrase, size, occurrences: new Map(), weight: 0 };
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

  const preference = [0, 0.35, 1.1, 1.5, 1.6, 1.5];
  const scored = [...candidates.values()]
    .map((candidate) => ({ ...candidate, score: candidate.weight * (preference[Math.min(candidate.size, 5)] ?? 1) }))
    // One mention in a heading is enough for a phrase, a single word has to be what the page is about.
    .filter((candidate) => candidate.weight >= (candidate.size === 1 ? 7 : 3))
    .sort((a, b) => b.score - a.score || a.phrase.localeCompare(b.phrase));
  const kept = scored.filter(
    (candidate, index) =>
      // A part of a phrase that is counted as often as the whole is not a keyword of its own.
      !scored.some(
        (other, at) =>
          at !== index &&
          other.size > candidate.size &&
          (candidate.size === 1 || !other.phrase.includes(' for ')) &&
          ` ${other.phrase} `.includes(` ${candidate.phrase} `) &&
          other.weight >= candidate.weight * 0.75,
      ),
  );
  const top = kept[0]?.score ?? 1;
  const single = kept.filter((candidate) => candidate.size === 1).slice(0, 4);
  const found = kept
    .filter((candidate) => candidate.size > 1 || single.includes(candidate))
    .slice(0, 24)
    .map(
      (candidate): FoundKeyword => ({
        phrase: candidate.phrase,
        kind: candidate.size >= 3 ? 'long_tail' : 'primary',
        intent: intentOf(candidate.phrase, candidate.occurrences),
        score: Math.max(1, Math.round((candidate.score / top) * 100)),
        occurrences: [...candidate.occurrences.values()],
        difficulty: difficultyOf(candidate.phrase, candidate.size),
      }),
    );
  const brand = brandKeyword(own, pages);
  return brand ? [...found, brand] : found;
}

function phrasesIn(all: Word[], own: string, place: Place): { key: string; phrase: string; size: number }[] {
  const found: { key: string; phrase: string; size: number }[] = [];
  const usable = (word: Word) =>
    (/^(NOUN|PROPN|ADJ)$/.test(word.pos) ||
      /^(?:\p{L}{2,}ed|recurring|tracking|invoicing|billing)$/u.test(word.lower)) &&
    !/^(PUNCT|AUX)$/.test(word.pos) &&
    /^\p{L}[\p{L}\d.-]+$/u.test(word.text) &&
    !dull.has(word.lower) &&
    !dull.has(word.lemma) &&
    word.lower !== own;
  // "Meeting notes" is a thing, "chasing invoices" is not.
  const names = (word?: Word, next?: Word) =>
    word?.pos === 'VERB' &&
    /^\p{L}{3,}ing$/u.test(word.lower) &&
    next?.pos === 'NOUN' &&
    usable(next) &&
    !doing.has(word.lower);
  const noun = (word: Word) => /^(NOUN|PROPN)$/.test(word.pos);
  // Headlines say what people want to do ("recover failed payments"); there a verb may lead.
  const verbMayLead = place === 'title' || place === 'heading';
  let at = 0;
  while (at < all.length) {
    // "One-click card updates" is not about "click card updates".
    if (all[at - 1]?.text === '-' || all[at - 1]?.text === '/') {
      at++;
      continue;
    }
    let end = at;
    while (end < all.length && (usable(all[end] as Word) || names(all[end], all[end + 1]))) end++;
    const run = all.slice(at, end);
    for (let from = 0; from < run.length; from++)
      for (let to = from + 1; to <= Math.min(run.length, from + 4); to++) {
        const part = run.slice(from, to);
        const first = part[0] as Word;
        if (
          (first.pos === 'ADJ' && !telling.has(first.lower)) ||
          first.lower === 'source' ||
          part.at(-1)?.lower === 'source'
        )
          continue;
        if (!noun(part.at(-1) as Word) || (part.length === 1 && !noun(part[0] as Word))) continue;
        found.push(entry(part));
      }
    // "invoicing software for freelancers": what people type when they know what they want.
    const before = all[at - 1];
    const leads = at === 1 || /^(PUNCT|SYM)$/.test(all[at - 2]?.pos ?? '');
    if (
      verbMayLead &&
      leads &&
      before?.pos === 'VERB' &&
      !dull.has(before.lower) &&
      !/ing$/.test(before.lower) &&
      run.length > 0 &&
      run.length <= 3 &&
      noun(run.at(-1) as Word)
    )
      found.push(entry([before, ...run]));
    const joint = all[end];
    if (run.length > 0 && joint?.lower === 'for' && noun(run.at(-1) as Word)) {
      let after = end + 1;
      while (after < all.length && usable(all[after] as Word)) after++;
      const tail = all.slice(end + 1, after);
      const head = run.slice(-3);
      while (
        head.length > 1 &&
        (head[0]?.lower === 'source' || (head[0]?.pos === 'ADJ' && !telling.has(head[0].lower)))
      )
        head.shift();
      if (tail.length > 0 && tail.length <= 3 && noun(tail.at(-1) as Word))
        found.push(entry([...head, joint, ...tail]));
    }
    at = Math.max(end, at + 1);
  }
  return found;
}

function entry(part: Word[]) {
  const last = part.at(-1) as Word;
  const key = [...part.slice(0, -1).map((word) => word.lower), last.lemma.replace(/s$/, '')].join(' ');
  return { key, phrase: part.map((word) => word.lower).join(' '), size: part.length };
}

/** Adjectives that belong to a search; the others ("quiet", "beautiful") are the page's opinion. */
const telling = new Set(
  'open free online mobile local monthly annual recurring digital virtual remote private public daily weekly personal social visual static native custom automatic failed expired indie small medical legal electronic musical mental physical financial technical creative offline self-hosted collaborative'.split(
    ' ',
  ),
);

const doing = new Set(
  'using making getting having being including starting losing chasing waiting building writing digging looking going doing taking giving keeping finding knowing asking sending buying selling paying finishing hosting managing running opening creating adding seeing'.split(
    ' ',
  ),
);

const dull = new Set(
  'thing things way ways day days time times lot lots bit one ones someone anyone everyone everything anything nothing something number month months year years week weeks hour hours minute minutes second seconds people person good great best better right same first last next new old other such many much more most less few own every whole free easy simple fast quick ready full able sure page pages plan plans price prices pricing feature features question questions faq email-us stores works most least case example part kind end today yesterday tomorrow morning evening evenings home place line lines word words work starter growth pro hosted basic team-plan busy perfect up need step steps up-to live average several small customer'.split(
    ' ',
  ),
);

function intentOf(phrase: string, occurrences: Map<string, { place: Place }>): Intent {
  if (/\b(price|pricing|cost|buy|cheap|discount|coupon|free trial|download|order|subscription)\b/.test(phrase))
    return 'transactional';
  if (/\b(how|what|why|guide|tutorial|tips|learn|examples?|meaning|definition)\b/.test(phrase)) return 'informational';
  if (
    /\b(best|vs|alternative|review|software|tool|app|platform|service|tunnel|tracker|generator|builder|editor|plugin|api|cli|for)\b/.test(
      phrase,
    )
  )
    return 'commercial';
  // A phrase the title is built on names what is sold; one in the running text names what people read about.
  const places = [...occurrences.values()].map(({ place }) => place);
  return places.includes('title') || places.includes('description') ? 'commercial' : 'informational';
}

/**
 * A proxy, not a measurement: short and general phrases are fought over, long and special ones are not. 82, 58, 38, 24, 18 for one
 * to five words, 8 more for words everyone sells with, 6 less for each name or number in it.
 */
function difficultyOf(phrase: string, size: number): number {
  const base = [0, 82, 58, 38, 24, 18][Math.min(size, 5)] ?? 18;
  const general = /\b(software|app|tool|platform|marketing|business|design|email|video|ai|free)\b/.test(phrase) ? 8 : 0;
  const special = (phrase.match(/\b\S*[\d.]\S*\b/g) ?? []).length * 6;
  return Math.max(5, Math.min(95, base + general - special));
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

/**
 * The analysis as a model gives it: the shape of its answer, and the sieve the answer has to pass. What is not quoted literally from a
 * page is dropped and counted; what gives orders is dropped too. The asking itself is not done here.
 */
import { z } from 'zod';
import { type Part, visible } from '#src/ask.ts';
import { blocksOf } from './builtin/blocks.ts';
import { findKeywords } from './builtin/keywords.ts';
import { findProfile } from './builtin/profile.ts';
import type { Findings, FoundFact, FoundKeyword, Place } from './findings.ts';
import { addressesMachine, categories, type FactKind, factKinds, fold, isQuoted, wordsOf } from './findings.ts';
import { difficultyOf, kindOf } from './keywords/rules.ts';
import { doubtOf, isSpokenOf } from './modelled/support.ts';
import { asSentence } from './phrasing.ts';
import type { ReadPage } from './reading.ts';

const evidence = {
  quote: z.string().describe('Words of the page, letter for letter'),
  page: z.number().int().describe('Number of the page the quote stands on, from 1'),
  confidence: z.number().min(0).max(1),
};

/** What the model is asked for. Every field is required, so that servers with a strict schema mode accept it. */
export const findingsSchema = z.object({
  profile: z.object({
    name: z.string(),
    tagline: z.string().nullable(),
    description: z.string().nullable(),
    category: z.enum(categories),
  }),
  facts: z.array(z.object({ kind: z.enum(factKinds), statement: z.string(), ...evidence })),
  audiences: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      pains: z.array(z.string()),
      goals: z.array(z.string()),
      platforms: z.array(z.string()),
      ...evidence,
    }),
  ),
  competitors: z.array(z.object({ name: z.string(), url: z.string().nullable(), ...evidence })),
  keywords: z.array(
    z.object({ phrase: z.string(), intent: z.enum(['informational', 'commercial', 'transactional', 'navigational']) }),
  ),
});
export type ModelFindings = z.infer<typeof findingsSchema>;

/** What the sieve took out of an answer, by reason. */
export type Dropped = { notOnPage: number; noSuchPage: number; orders: number; unsupported: number };

/**
 * The pages as material for a model, home page first, cut to `limit` characters in all (the home page keeps at least
 * half). Fencing and cleaning is done where the question is put.
 */
export function pagesAsParts(pages: readonly ReadPage[], limit = 60_000): Part[] {
  let left = limit;
  return pages.flatMap((page, index) => {
    const text = [
      page.title ?? '',
      page.description ?? '',
      page.text,
      ...page.testimonials.map(({ quote, author }) => `“${quote}” ${author ?? ''}`),
      ...page.callsToAction,
    ].join('\n');
    const share = index === 0 && pages.length > 1 ? Math.max(limit / 2, limit - 5_000 * (pages.length - 1)) : left;
    const shown = text.slice(0, Math.max(0, Math.min(share, left)));
    left -= shown.length;
    const label = `page ${index + 1}: ${page.url}`;
    return shown ? [{ class: 'public_pages' as const, label, text: shown, needed: true }] : [];
  });
}

/**
 * Turns a model's answer into findings. `pages` in the order in which they were shown. Looks (logo, colours, accounts) come from the
 * markup, which a model does not see; a keyword counts where it stands and is dropped where it does not. Throws without pages.
 */
export function toFindings(answer: ModelFindings, pages: readonly ReadPage[]): Findings & { dropped: Dropped } {
  const dropped: Dropped = { notOnPage: 0, noSuchPage: 0, orders: 0, unsupported: 0 };
  const pageOf = (said: { quote: string; page: number }, statement: string, worded: boolean): ReadPage | null => {
    const page = pages[said.page - 1];
    const doubt = page ? doubtOf({ statement, quote: said.quote, worded }, page) : null;
    if (!page) dropped.noSuchPage++;
    else if (doubt === 'orders') dropped.orders++;
    else if (doubt === 'not_on_page') dropped.notOnPage++;
    else if (doubt === 'unsupported') dropped.unsupported++;
    else return page;
    return null;
  };

  const facts: FoundFact[] = [];
  for (const fact of answer.facts) {
    const page = pageOf(fact, fact.statement, !readings.has(fact.kind));
    const words = fold(visible(fact.statement));
    if (!page || words === '') continue;
    const statement = fact.kind === 'testimonial' ? words : asSentence(words);
    if (facts.some((other) => other.kind === fact.kind && other.statement === statement)) continue;
    facts.push({ kind: fact.kind, statement, quote: fold(fact.quote), url: page.url, confidence: fact.confidence });
  }
  const audiences = answer.audiences.flatMap(({ page: at, ...audience }) => {
    const said = `${audience.name}: ${audience.description}`;
    const page = pageOf({ quote: audience.quote, page: at }, said, false);
    if (!page) return [];
    const spokenOf = (text: string) => isSpokenOf(text, page);
    return [
      {
        ...audience,
        pains: audience.pains.filter(spokenOf),
        goals: audience.goals.filter(spokenOf),
        platforms: audience.platforms.filter((name) => /^[a-z][a-z0-9_ ]{0,19}$/i.test(name)),
        quote: fold(audience.quote),
        url: page.url,
      },
    ];
  });
  const competitors = answer.competitors.flatMap((competitor) => {
    const page = pageOf(competitor, competitor.name, false);
    if (!fold(competitor.quote).toLowerCase().includes(fold(competitor.name).toLowerCase())) {
      if (page) dropped.unsupported++;
      return [];
    }
    const { name, confidence } = competitor;
    const url = competitor.url && page?.links.some((link) => link.url === competitor.url) ? competitor.url : null;
    return page ? [{ name, url, quote: fold(competitor.quote), pageUrl: page.url, confidence }] : [];
  });
  return {
    profile: profileFrom(answer.profile, pages),
    facts,
    keywords: keywordsFrom(answer.keywords, pages),
    audiences,
    competitors,
    dropped,
  };
}

/** Kinds that say how the pages sound or what they come back to: readings, which need not use the pages' own words. */
const readings: ReadonlySet<FactKind> = new Set([
  'tone',
  'style_note',
  'do_say',
  'dont_say',
  'content_theme',
  'emotional_trigger',
]);

/** How many facts stand whole in a text that is still being written: "3 facts so far". Only a number: nothing of it is checked yet. */
export function factsSoFar(text: string): string {
  const count = text.match(/"statement"\s*:\s*"(?:[^"\\]|\\.)*"/g)?.length ?? 0;
  return `${count} ${count === 1 ? 'fact' : 'facts'} so far`;
}

/** The model's words for tagline and description are taken only when the home page says them; the rules' words stand in otherwise. */
function profileFrom(said: ModelFindings['profile'], pages: readonly ReadPage[]): Findings['profile'] {
  const found = findProfile(pages);
  const home = pages[0];
  if (!home) return found;
  const onHome = (value: string | null) => value !== null && isQuoted(value, home) && !addressesMachine(value);
  const from = (value: string) => ({ value: fold(value), url: home.url, quote: fold(value), confidence: 0.9 });
  return {
    ...found,
    name: onHome(said.name) && said.name.length <= 40 ? from(said.name) : found.name,
    tagline: said.tagline && onHome(said.tagline) ? from(said.tagline) : found.tagline,
    description: said.description && onHome(said.description) ? from(said.description) : found.description,
    category:
      said.category === found.category.value
        ? { ...found.category, confidence: 0.9 }
        : { value: said.category, url: home.url, quote: null, confidence: 0.75 },
  };
}

function keywordsFrom(said: ModelFindings['keywords'], pages: readonly ReadPage[]): FoundKeyword[] {
  const builtIn = findKeywords(blocksOf(pages), pages, findProfile(pages));
  const known = new Map(builtIn.map((keyword) => [keyword.phrase, keyword]));
  const chosen = said.flatMap(({ phrase, intent }, index): FoundKeyword[] => {
    const words = fold(phrase).toLowerCase();
    const same = known.get(words);
    known.delete(words);
    if (same) return [{ ...same, intent }];
    const occurrences = occurrencesOf(words, pages);
    if (words === '' || occurrences.length === 0 || addressesMachine(words)) return [];
    return [
      {
        phrase: words,
        kind: kindOf(words),
        intent,
        // A model lists what it finds strongest first.
        score: Math.max(10, 90 - index * 4),
        occurrences,
        difficulty: Math.round(difficultyOf(words).value * 100),
      },
    ];
  });
  return chosen.length >= 5 ? chosen : [...chosen, ...known.values()];
}

function occurrencesOf(words: string, pages: readonly ReadPage[]): FoundKeyword['occurrences'] {
  return pages.flatMap((page) => {
    const places: [Place, string][] = [
      ['title', page.title ?? ''],
      ['description', page.description ?? ''],
      ['heading', page.headings.map(({ text }) => text).join('\n')],
      ['text', wordsOf(page)],
    ];
    return places
      .map(([place, text]) => ({ url: page.url, place, count: fold(text).toLowerCase().split(words).length - 1 }))
      .filter(({ count }) => count > 0);
  });
}

/** Finds a phrase in texts whatever its inflection: by the stems of its words. Pure. */
import type { Place } from '#src/understand/findings.ts';
import { stem } from '#src/understand/keyphrases/stem.ts';

/** A text as the stems of its words, each between single spaces, so that phrases are found by `timesIn`. */
export function stemsOf(text: string): string {
  const words = text
    .replace(/[\u2018\u2019]/g, "'")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words === null ? ' ' : ` ${words.map(stem).join(' ')} `;
}

/** How often a phrase stands in a text, both as `stemsOf`. A phrase without words stands nowhere. */
export function timesIn(stems: string, phrase: string): number {
  if (phrase === ' ') return 0;
  let times = 0;
  for (let at = stems.indexOf(phrase); at !== -1; at = stems.indexOf(phrase, at + phrase.length - 1)) times++;
  return times;
}

/** What is looked through of a page, prepared once for many phrases. */
export type Searched = { [place in Place]: string };

export function searched(page: {
  title: string | null;
  description: string | null;
  headings: readonly string[];
  text: string;
}): Searched {
  return {
    title: stemsOf(page.title ?? ''),
    description: stemsOf(page.description ?? ''),
    // A mark between two headings, so that no phrase spans them.
    heading: page.headings.map(stemsOf).join('|'),
    text: page.text.split('\n').map(stemsOf).join('|'),
  };
}

/** Where a phrase stands on a page and how often. Headings are part of the text; they count as headings only. */
export function placesOf(page: Searched, phrase: string): { place: Place; times: number }[] {
  const key = stemsOf(phrase);
  const heading = timesIn(page.heading, key);
  const times: [Place, number][] = [
    ['title', timesIn(page.title, key)],
    ['description', timesIn(page.description, key)],
    ['heading', heading],
    ['text', Math.max(0, timesIn(page.text, key) - heading)],
  ];
  return times.flatMap(([place, many]) => (many > 0 ? [{ place, times: many }] : []));
}

/** The lines of a text that hold a phrase, shortened to its neighbourhood, word for word; at most `most`. */
export function quotesIn(text: string, phrase: string, most = 3): string[] {
  const key = stemsOf(phrase);
  const quotes: string[] = [];
  for (const line of text.split('\n')) {
    if (quotes.length >= most) break;
    const sentence = line.split(/(?<=[.!?])\s+/).find((each) => timesIn(stemsOf(each), key) > 0);
    const found = sentence ?? (timesIn(stemsOf(line), key) > 0 ? line : undefined);
    const quote = found?.replace(/\s+/g, ' ').trim().slice(0, 280);
    if (quote && !quotes.includes(quote)) quotes.push(quote);
  }
  return quotes;
}

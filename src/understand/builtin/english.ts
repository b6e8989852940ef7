/** English as the built-in analysis needs it: sentences, and words with their part of speech. */

import { createRequire } from 'node:module';
import type { ItemToken, ItsHelpers, Model, WinkMethods } from 'wink-nlp';
import { startsWithVerb } from '#src/understand/phrasing.ts';

export type Word = { text: string; lower: string; lemma: string; pos: string };

let loaded: { nlp: WinkMethods; its: ItsHelpers } | undefined;

const require = createRequire(import.meta.url);

/** The language model takes a tenth of a second and 20 MB of memory to load, so it is loaded at the first use. */
function english() {
  if (!loaded) {
    const winkNLP = require('wink-nlp') as (model: Model, pipe: string[]) => WinkMethods;
    const nlp = winkNLP(require('wink-eng-lite-web-model') as Model, ['sbd', 'pos']);
    loaded = { nlp, its: nlp.its };
  }
  return loaded;
}

/** Cuts text into sentences, each a literal piece of it. Names with a point inside (`Next.js`) stay whole. */
export function sentences(text: string): string[] {
  const cut: string[] = [];
  for (const sentence of english().nlp.readDoc(text).sentences().out()) {
    const last = cut.at(-1);
    const joined =
      last === undefined ? '' : [`${last}${sentence}`, `${last} ${sentence}`].find((t) => text.includes(t));
    const abbreviated =
      last !== undefined &&
      (/^[\p{Ll}\d]/u.test(sentence) || /\b(e\.g|i\.e|etc|vs|approx|Mr|Mrs|Dr|St|No)\.$/.test(last));
    if (joined && abbreviated) cut[cut.length - 1] = joined;
    else cut.push(sentence.trim());
  }
  // The model takes the "in." of "logging in." for inches and goes on; a point before a capital ends the sentence.
  return cut
    .flatMap((sentence) =>
      sentence.split(/(?<=(?<!\b(?:etc|approx|Inc|Ltd|Prof|vs))(?:\p{Ll}{2,}|\d)[.!?])\s+(?=\p{Lu})/u),
    )
    .filter((sentence) => sentence !== '' && text.includes(sentence));
}

/** The words of a text with lemma and part of speech (universal tags). */
export function words(text: string): Word[] {
  const { nlp, its } = english();
  const found: Word[] = [];
  nlp
    .readDoc(text)
    .tokens()
    .each((token: ItemToken) => {
      const value = token.out();
      // The library's types leave out that `out` hands the model's addons to `its.lemma`.
      found.push({
        text: value,
        lower: value.toLowerCase(),
        lemma: String(token.out(its.lemma as typeof its.normal)),
        pos: token.out(its.pos),
      });
    });
  return found;
}

export type Tagged = { text: string; pos: string /** White space stands before it. */; spaced: boolean };

/**
 * A text's sentences as the tagger sees them, every sign with its part of speech (universal tags). What goes on for 200 signs without
 * an end (a list, a table) is cut there.
 */
export function tagged(text: string): Tagged[][] {
  const { nlp, its } = english();
  const document = nlp.readDoc(text);
  const tokens = document.tokens();
  const texts = tokens.out();
  const tags = tokens.out(its.pos) as string[];
  const spaces = tokens.out(its.precedingSpaces) as string[];
  const spans = document.sentences().out(its.span) as unknown as [first: number, last: number][];
  return spans.flatMap(([first, last]) => {
    const sentence = texts
      .slice(first, last + 1)
      .map((each, at) => ({ text: each, pos: tags[first + at] ?? 'X', spaced: spaces[first + at] !== '' }));
    return sentence.length <= 200
      ? [sentence]
      : Array.from({ length: Math.ceil(sentence.length / 200) }, (_, at) => sentence.slice(at * 200, (at + 1) * 200));
  });
}

/** True when a text has a verb and can stand as a sentence. Imperatives count: "Share localhost in one command". */
export function hasVerb(text: string): boolean {
  const all = words(text);
  if (all.some((word) => word.pos === 'VERB' || word.pos === 'AUX')) return true;
  // The tagger takes a capitalised imperative at the start for a name.
  return startsWithVerb(text);
}

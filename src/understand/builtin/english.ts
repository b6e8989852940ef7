/** English as the built-in analysis needs it: sentences, and words with their part of speech. */

import model from 'wink-eng-lite-web-model';
import type { ItemToken, ItsHelpers, WinkMethods } from 'wink-nlp';
import winkNLP from 'wink-nlp';
import { startsWithVerb } from '#src/understand/phrasing.ts';

export type Word = { text: string; lower: string; lemma: string; pos: string };

let loaded: { nlp: WinkMethods; its: ItsHelpers } | undefined;

/** The language model takes a tenth of a second and some memory to load, so it is loaded at the first use. */
function english() {
  if (!loaded) {
    const nlp = winkNLP(model, ['sbd', 'pos']);
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

/** True when a text has a verb and can stand as a sentence. Imperatives count: "Share localhost in one command". */
export function hasVerb(text: string): boolean {
  const all = words(text);
  if (all.some((word) => word.pos === 'VERB' || word.pos === 'AUX')) return true;
  // The tagger takes a capitalised imperative at the start for a name.
  return startsWithVerb(text);
}

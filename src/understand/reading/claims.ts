/** What a page asserts with a number: “used by 2,400 teams”, “sets up in 5 minutes”, “99.9% uptime”. */
import type { Block } from './blocks.ts';

export type Claim = {
  /** The sentence the number stands in, word for word. */
  quote: string;
  /** The number as written, with its sign or unit: `2,400+`, `99.9%`, `10x`. */
  number: string;
};

const MOST = 40;

/**
 * Sentences that assert something by a number. Prices, dates, years, versions, phone numbers and numbered headings are
 * none, nor are a customer's own words.
 */
export function readClaims(blocks: Block[]): Claim[] {
  const found = new Map<string, Claim>();
  for (const block of blocks) {
    if (block.quoted || block.text.length > 3_000 || !/\d/.test(block.text)) continue;
    for (const sentence of sentencesIn(block.text)) {
      if (found.size >= MOST) return [...found.values()];
      const number = sentence.length <= 300 ? numberIn(sentence) : null;
      if (number && !found.has(sentence)) found.set(sentence, { quote: sentence, number });
    }
  }
  return [...found.values()];
}

function sentencesIn(text: string): string[] {
  return text.split(/(?<=[.!?])\s+(?=[\p{Lu}\d“"])/u).map((one) => one.trim());
}

const NUMBER = /(?<![\p{L}\d.$€£¥#v-])(\d{1,3}(?:[,.’ ]\d{3})+|\d+(?:\.\d+)?)(\s?%|\s?\+|x\b|×|[kKmM]\b\+?)?/gu;
const NO_CLAIM =
  /©|\bcopyright\b|\b(?:version|v|step|chapter|part|section|page|figure|no\.|rfc|iso|tel|phone|call)\s*$/i;
const DATE =
  /^(?:\s?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|[/-]\d|:\d\d|(?:st|nd|rd|th)\b|\.\d+\.|\s?(?:€|\$|£|kr\b|zł|usd|eur|gbp)|\s?(?:a|p)m\b)/i;
const MONTH_BEFORE = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s?$/i;

function numberIn(sentence: string): string | null {
  if (sentence.split(' ').length < 3) return null;
  for (const match of sentence.matchAll(NUMBER)) {
    const [whole, digits = '', sign] = match;
    const before = sentence.slice(Math.max(0, match.index - 20), match.index);
    const after = sentence.slice(match.index + whole.length, match.index + whole.length + 12);
    if (NO_CLAIM.test(before) || MONTH_BEFORE.test(before) || DATE.test(after)) continue;
    if (/^(?:19|20)\d\d$/.test(digits) && !sign) continue;
    if (/^\s*[.)]\s/.test(after) && match.index === 0) continue;
    if (/[$€£¥]\s?$/.test(before)) continue;
    return whole.trim();
  }
  return null;
}

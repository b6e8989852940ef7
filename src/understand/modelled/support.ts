/**
 * Whether a page carries what a model says of it. A quote alone is not enough: an answer that was talked into something
 * quotes a true sentence beside a made-up statement. Here the statement itself is held against the page.
 */
import { visible } from '#src/ask.ts';
import { addressesMachine, fold, isQuoted, wordsOf } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';

/** Why a statement is not taken; null when the page carries it. */
export type Doubt = 'not_on_page' | 'orders' | 'unsupported' | null;

/**
 * Holds a statement and its quote against the page. The quote stands there word for word; neither it nor the paragraph it
 * is from gives orders to machines; the statement has no markup; its addresses, names, numbers and superlatives stand on
 * the page, numbers near the quote; and, `worded` statements on English pages, half of its telling words too.
 */
export function doubtOf(said: { statement: string; quote: string; worded: boolean }, page: ReadPage): Doubt {
  const statement = fold(visible(said.statement));
  if (addressesMachine(`${statement} ${said.quote}`)) return 'orders';
  if (!isQuoted(said.quote, page)) return 'not_on_page';
  const { around, paragraphs } = surroundings(said.quote, page);
  if (paragraphs.some(addressesMachine)) return 'orders';
  const words = honestWords(page);
  if (hasMarkup(statement) || !standThere(addressesIn(statement), words)) return 'unsupported';
  if (!numbersIn(statement).every((number) => numbersIn(around).includes(number))) return 'unsupported';
  if (!standThere(namesIn(statement), words)) return 'unsupported';
  if (!isEnglish(page)) return null;
  if (!standThere(claimsIn(statement), words)) return 'unsupported';
  return said.worded && !sharesWords(statement, words) ? 'unsupported' : null;
}

/** True for a pain or a goal the page speaks of: no order, markup, address, name, number or superlative of its own. */
export function isSpokenOf(text: string, page: ReadPage): boolean {
  const plain = fold(visible(text));
  const words = honestWords(page);
  return (
    !addressesMachine(plain) &&
    !hasMarkup(plain) &&
    standThere(addressesIn(plain), words) &&
    standThere(namesIn(plain), words) &&
    numbersIn(plain).every((number) => numbersIn(words).includes(number)) &&
    (!isEnglish(page) || (standThere(claimsIn(plain), words) && sharesWords(plain, words)))
  );
}

const honest = new WeakMap<ReadPage, string>();

/** What a page says, lower-cased, without the lines that give orders to machines: those carry nothing. */
function honestWords(page: ReadPage): string {
  const known = honest.get(page);
  if (known !== undefined) return known;
  const praise = page.testimonials.flatMap(({ quote, author }) => [quote, author ?? '']);
  const lines = [page.title ?? '', page.description ?? '', ...page.text.split('\n'), ...praise, ...page.callsToAction];
  const words = fold(visible(lines.filter((line) => !addressesMachine(line)).join('\n'))).toLowerCase();
  honest.set(page, words);
  return words;
}

/** Markdown links and images, HTML, and addresses that run: none of it is words. */
export function hasMarkup(text: string): boolean {
  return /!?\[[^\]]*\]\s*\(|!\[|<\s*\/?\s*[a-z][^>]{0,200}>|\b(javascript|data|vbscript):\S/i.test(text);
}

/** Web and e-mail addresses and @names in a text, lower-cased, without scheme, `www.` and a closing full stop. */
export function addressesIn(text: string): string[] {
  const found = text.matchAll(
    /\b[a-z][a-z0-9+.-]*:\/\/\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w/])@\w{2,}|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|app|co|ai|sh|xyz|info|me|ru|cn|site|online|top|ly|gg|example|test)\b(?:\/\S*)?/gi,
  );
  return [...found].map(([address]) =>
    address
      .toLowerCase()
      .replace(/^[a-z][a-z0-9+.-]*:\/\/(www\.)?/, '')
      .replace(/[).,;:!?'"”’\]/]+$/, ''),
  );
}

/** The words near each place of the quote, and the paragraphs it stands in. */
function surroundings(quote: string, page: ReadPage): { around: string; paragraphs: string[] } {
  const wanted = fold(visible(quote));
  const words = visible(wordsOf(page));
  let around = '';
  for (let at = words.indexOf(wanted); at >= 0; at = words.indexOf(wanted, at + 1))
    around += ` ${words.slice(Math.max(0, at - 300), at + wanted.length + 300)}`;
  const paragraphs = page.text.split('\n').filter((line) => fold(visible(line)).includes(wanted));
  return { around, paragraphs };
}

function standThere(said: readonly string[], words: string): boolean {
  return said.every((one) => words.includes(one.toLowerCase()));
}

/** Numbers as digits alone: `10,000` and `10 000` are one, `1.50` is `150`. */
function numbersIn(text: string): string[] {
  return [...text.matchAll(/\d+(?:[.,\u00a0\u202f' ]\d{1,3})*/g)].map(([number]) => number.replaceAll(/\D/g, ''));
}

/** Words with a capital that do not begin a sentence, and those with one inside wherever they stand. */
function namesIn(statement: string): string[] {
  const found = statement.matchAll(/(?<=[\p{L}\p{N},;’'")]\s)\p{Lu}[\p{L}\p{N}-]{2,}|\p{L}+\p{Ll}\p{Lu}\p{L}*/gu);
  return [...found].map(([name]) => name);
}

function claimsIn(statement: string): string[] {
  return [...statement.toLowerCase().matchAll(superlatives)].map(([word]) => word);
}

const superlatives =
  /\b(best|fastest|leading|leader|number one|award|certified|approved|endorsed|official|guaranteed?|trusted|most popular|unlimited|risk-free|world-class|revolutionary|proven|free|backed|acquired|partners?hip|recommended)\b|#1\b/g;

function isEnglish(page: ReadPage): boolean {
  if (page.lang) return page.lang.toLowerCase().startsWith('en');
  return (page.text.match(/\b(the|and|with|your|for|you|is)\b/gi)?.length ?? 0) >= 3;
}

/** Words compared by their first five letters: enough for plural and tense. */
function sharesWords(statement: string, words: string): boolean {
  const telling = [...statement.toLowerCase().matchAll(/\p{L}{4,}/gu)]
    .map(([word]) => word)
    .filter((word) => !empty.has(word));
  if (telling.length === 0) return true;
  const there = telling.filter((word) => words.includes(word.slice(0, 5)));
  return there.length * 2 >= telling.length;
}

const empty = new Set(
  'that this with from your yours they them their there have has will would when what which while where into than then only also even just more most very each every some such other about over under between without within because been being does done make makes made gives give gets uses used using users user people helps help lets allows offers provides says called product service tool'.split(
    ' ',
  ),
);

/** What customers say on a page. */
import { isPraise, isUnread } from './blocks.ts';
import { type Element, fold, isElement, type Node, textIn } from './tree.ts';

export type Testimonial = { quote: string; author: string | null };

const MOST = 30;
const MOST_LOOKED = 300;

/** Block quotes and testimonial cards with who said it, in page order. */
export function readTestimonials(elements: Element[], structured: unknown[]): Testimonial[] {
  const found: Testimonial[] = [];
  const seen = new Set<string>();
  const add = (quote: string, author: string | null) => {
    const words = bare(quote);
    if (words.length < 20 || words.length > 1_200 || seen.has(words) || found.length >= MOST) return;
    seen.add(words);
    found.push({ quote: words, author: author ? bare(author).slice(0, 120) || null : null });
  };
  const cards: Element[] = [];
  let quotes = 0;
  for (const element of elements) {
    if (element.name === 'blockquote' && ++quotes <= MOST_LOOKED) add(...quoteOf(element));
    else if (isPraise(element)) cards.push(element);
  }
  if (found.length === 0) for (const card of cards.slice(0, MOST_LOOKED)) cardOf(card, add);
  for (const item of structured) fromReviews(item, add);
  return found;
}

function quoteOf(blockquote: Element): [string, string | null] {
  const signature = firstInside(blockquote, (one) => one.name === 'footer' || one.name === 'cite');
  const whole = textIn(blockquote, 1_500);
  const signed = signature ? textIn(signature, 200) : '';
  const quote = signed && whole.endsWith(signed) ? whole.slice(0, -signed.length) : whole;
  return [quote, signed || signatureAfter(blockquote)];
}

/** A caption of the same figure, or a short line right after the quote. */
function signatureAfter(blockquote: Element): string | null {
  const parent = blockquote.parent;
  if (parent && 'name' in parent && parent.name === 'figure') {
    const caption = parent.children.slice(0, 50).find((child) => isElement(child) && child.name === 'figcaption');
    if (caption) return textIn(caption, 200);
  }
  let next = blockquote.next;
  while (next && !isElement(next)) next = next.next;
  if (!next || !['p', 'cite', 'div', 'span', 'footer', 'figcaption'].includes(next.name)) return null;
  const text = textIn(next, 200);
  return text !== '' && text.length <= 90 && !/[.!?]$/.test(text) ? text : null;
}

/** The longest paragraph of a card is the quote, the first short line after it the name. */
function cardOf(card: Element, add: (quote: string, author: string | null) => void): void {
  if (isUnread(card) || firstInside(card, isPraise)) return;
  const lines = linesIn(card);
  const quote = lines.reduce((longest, line) => (line.length > longest.length ? line : longest), '');
  if (lines.length > 8) return;
  const author = lines.slice(lines.indexOf(quote) + 1).find((line) => line.length >= 2 && line.length <= 90);
  add(quote, author ?? lines.find((line) => line !== quote && line.length <= 90) ?? null);
}

function linesIn(card: Element): string[] {
  const lines: string[] = [];
  const waiting: Node[] = card.children.slice(0, 100).reverse();
  for (let node = waiting.pop(), looked = 0; node && looked < 300; node = waiting.pop(), looked++) {
    if (isElement(node) && /^(?:p|cite|h[1-6]|span|strong|q|footer|figcaption)$/.test(node.name)) {
      const text = textIn(node, 1_300);
      if (text !== '') lines.push(text);
    } else if (isElement(node)) waiting.push(...node.children.slice(0, 100).reverse());
    else if (node.type === 'text' && fold(node.data) !== '') lines.push(fold(node.data));
  }
  return lines;
}

function firstInside(element: Element, wanted: (one: Element) => boolean): Element | undefined {
  const waiting: Node[] = element.children.slice(0, 100).reverse();
  for (let node = waiting.pop(), looked = 0; node && looked < 200; node = waiting.pop(), looked++) {
    if (!isElement(node)) continue;
    if (wanted(node)) return node;
    waiting.push(...node.children.slice(0, 100).reverse());
  }
  return undefined;
}

function fromReviews(item: unknown, add: (quote: string, author: string | null) => void): void {
  if (typeof item !== 'object' || item === null) return;
  const reviews = 'review' in item ? [item.review].flat() : [];
  for (const review of reviews.slice(0, MOST)) {
    if (typeof review !== 'object' || review === null || !('reviewBody' in review)) continue;
    const author = 'author' in review ? review.author : null;
    const name = typeof author === 'object' && author !== null && 'name' in author ? author.name : author;
    if (typeof review.reviewBody === 'string') add(review.reviewBody, typeof name === 'string' ? name : null);
  }
}

function bare(text: string): string {
  return fold(text)
    .replace(/^[\s"'“”„«»‘’—–-]+/, '')
    .replace(/[\s"“”„«»—–-]+$/, '');
}

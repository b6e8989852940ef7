/** Structured data in the markup beside JSON-LD, and what is wrong with either. */
import { absolute, attribute, type Element, fold, isElement, type Node, textIn } from './tree.ts';

const MOST_ITEMS = 50;
/** Of one page, so that no nesting of them makes work without end. */
const MOST_PROPERTIES = 1_000;
const DEEPEST = 4;

/**
 * Microdata (HTML standard, section 5.2) as if it were JSON-LD: `{ '@type': 'Product', name: '…', offers: {…} }`.
 * `base` is what relative addresses are relative to.
 */
export function readMicrodata(elements: Element[], base: string): Record<string, unknown>[] {
  const budget = { left: MOST_PROPERTIES };
  return elements
    .filter((element) => 'itemscope' in element.attribs && !('itemprop' in element.attribs))
    .slice(0, MOST_ITEMS)
    .map((element) => itemOf(element, base, 0, budget));
}

/** One fault of a page's structured data, in words, with the words at fault. */
export type StructuredFault = { message: string; quote: string };

/**
 * Holds structured data against what search engines ask of the kinds a product's site uses (Google Search Central,
 * software app, product, FAQ, review and organization pages, read November 2026). `broken` are sources that are no JSON.
 */
export function faultsOfStructured(structured: readonly unknown[], broken: readonly string[]): StructuredFault[] {
  const faults: StructuredFault[] = broken.map((source) => ({
    message: 'A block of structured data is not valid JSON, so nobody can read it.',
    quote: fold(source).slice(0, 200),
  }));
  for (const item of structured) if (isRecord(item)) faults.push(...faultsOf(item, 0));
  return faults.slice(0, 20);
}

/** The kinds named in structured data, each once: `SoftwareApplication`, `Offer`. */
export function kindsOfStructured(structured: readonly unknown[]): string[] {
  const kinds = new Set<string>();
  const look = (value: unknown, depth: number): void => {
    if (depth > DEEPEST || kinds.size > 40) return;
    if (Array.isArray(value)) for (const one of value.slice(0, 30)) look(one, depth);
    if (!isRecord(value)) return;
    for (const type of typesOf(value)) kinds.add(type);
    for (const inner of Object.values(value).slice(0, 60)) look(inner, depth + 1);
  };
  for (const item of structured) look(item, 0);
  return [...kinds];
}

function itemOf(element: Element, base: string, depth: number, budget: { left: number }): Record<string, unknown> {
  const type = attribute(element, 'itemtype')?.split(/\s+/)[0] ?? '';
  const item: Record<string, unknown> = { '@type': type.replace(/^https?:\/\/(?:www\.)?schema\.org\//, '') };
  const waiting: Node[] = element.children.slice(0, 500).reverse();
  for (let node = waiting.pop(), looked = 0; node && looked < 2_000; node = waiting.pop(), looked++) {
    if (!isElement(node)) continue;
    const names = attribute(node, 'itemprop')?.split(/\s+/).slice(0, 5) ?? [];
    const nested = 'itemscope' in node.attribs;
    if (names.length > 0 && budget.left-- > 0) {
      const value = nested && depth < DEEPEST ? itemOf(node, base, depth + 1, budget) : propertyOf(node, base);
      for (const name of names) item[name] = name in item ? [item[name], value].flat() : value;
    }
    if (!nested) waiting.push(...node.children.slice(0, 500).reverse());
  }
  return item;
}

function propertyOf(element: Element, base: string): string {
  const { attribs, name } = element;
  const linked = name === 'a' || name === 'link' || name === 'area' ? attribs.href : undefined;
  const source = ['img', 'source', 'video', 'audio', 'iframe', 'embed'].includes(name) ? attribs.src : undefined;
  const given = attribs.content ?? attribs.datetime ?? attribs.value;
  if (given !== undefined) return fold(given).slice(0, 5_000);
  return absolute(linked ?? source, base) ?? textIn(element, 1_000);
}

function faultsOf(item: Record<string, unknown>, depth: number): StructuredFault[] {
  const faults: StructuredFault[] = [];
  for (const type of typesOf(item)) {
    const rule = RULES.find(([kinds]) => kinds.test(type));
    for (const [what, holds] of rule?.[1] ?? [])
      if (!holds(item)) faults.push({ message: `${type} does not say ${what}.`, quote: quoteOf(item, type) });
  }
  if (depth >= DEEPEST) return faults;
  for (const inner of Object.values(item).flat().slice(0, 100))
    if (isRecord(inner)) faults.push(...faultsOf(inner, depth + 1));
  return faults;
}

type Rule = [what: string, holds: (item: Record<string, unknown>) => boolean];
const has =
  (...names: string[]) =>
  (item: Record<string, unknown>) =>
    names.some((name) => item[name] !== undefined && item[name] !== null && item[name] !== '');

const RULES: [RegExp, Rule[]][] = [
  [
    /^(?:Software|Mobile|Web)Application$|^VideoGame$/,
    [
      ['its name', has('name')],
      ['what it costs (offers)', has('offers')],
    ],
  ],
  [
    /^Product$/,
    [
      ['its name', has('name')],
      ['an offer, a review or a rating', has('offers', 'review', 'aggregateRating')],
    ],
  ],
  [
    /^Offer$/,
    [
      ['its price', has('price', 'priceSpecification')],
      [
        'the currency of its price',
        (item) => has('priceCurrency', 'priceSpecification')(item) || Number(item.price) === 0,
      ],
    ],
  ],
  [/^FAQPage$/, [['its questions (mainEntity)', has('mainEntity')]]],
  [
    /^Question$/,
    [
      ['the question (name)', has('name', 'text')],
      ['an answer', has('acceptedAnswer', 'suggestedAnswer')],
    ],
  ],
  [
    /^AggregateRating$/,
    [
      ['the rating (ratingValue)', has('ratingValue')],
      ['how many people rated it', has('ratingCount', 'reviewCount')],
    ],
  ],
  [/^Review$/, [['who wrote it', has('author')]]],
  [/^Organization$/, [['its name', has('name')]]],
];

function typesOf(item: Record<string, unknown>): string[] {
  return [item['@type'] ?? []]
    .flat()
    .filter((one): one is string => typeof one === 'string')
    .map((one) => one.replace(/^https?:\/\/(?:www\.)?schema\.org\//, ''))
    .filter(Boolean)
    .slice(0, 5);
}

function quoteOf(item: Record<string, unknown>, type: string): string {
  const name = typeof item.name === 'string' ? ` “${fold(item.name).slice(0, 80)}”` : '';
  return `${type}${name}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

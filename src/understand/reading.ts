/**
 * Reading a web page: HTML in, what the page says out. Pure: no network, no database, no clock.
 */
import { readTables } from './difference/tables.ts';
import { readCallsToAction } from './reading/actions.ts';
import { type Block, readBlocks } from './reading/blocks.ts';
import { type Claim, readClaims } from './reading/claims.ts';
import { readColours } from './reading/colours.ts';
import { readHead } from './reading/head.ts';
import { findRepository, readLinks, readSocial } from './reading/links.ts';
import { markdownToHtml } from './reading/markdown.ts';
import { readTestimonials } from './reading/praise.ts';
import { readPrices } from './reading/prices.ts';
import { readMicrodata } from './reading/structured.ts';
import { readTechnology } from './reading/technology.ts';
import { parse } from './reading/tree.ts';

export { accountIn, kindOfAddress, repositoryOf } from './reading/links.ts';

export type LinkKind =
  | 'pricing'
  | 'features'
  | 'about'
  | 'docs'
  | 'blog'
  | 'changelog'
  | 'repository'
  | 'social'
  | 'store'
  | 'other';

/** As what a page is kept. */
export type PageKind =
  | 'home'
  | 'pricing'
  | 'features'
  | 'about'
  | 'docs'
  | 'blog'
  | 'changelog'
  | 'readme'
  | 'store'
  | 'other';

export type PageLink = { url: string; text: string; kind: LinkKind };

export type PagePrice = {
  /** Name of the plan the price stands under, when one can be told. */
  plan: string | null;
  /** Decimal, as written, with a point as the decimal separator: `9`, `19.50`, `1200`. `0` for "Free". */
  amount: string;
  /** ISO 4217, or an empty string for a free plan on a page that names no currency. */
  currency: string;
  interval: 'month' | 'year' | 'week' | 'once' | null;
  /** The words on the page, so that a person can check. */
  quote: string;
};

/** What a page says. Everything is plain text as a reader sees it, whitespace folded. */
export type ReadPage = {
  url: string;
  title: string | null;
  description: string | null;
  /** BCP 47, lower-cased language: `en`, `pt-BR`. */
  lang: string | null;
  canonical: string | null;
  siteName: string | null;
  headings: { level: number; text: string }[];
  /** Visible text blocks in reading order, without navigation, footer and banners, each once. */
  paragraphs: string[];
  lists: string[][];
  /** What the columns and the rows of each table are called, the first column being that of the rows. */
  tables: { columns: string[]; rows: string[] }[];
  /** Headings, paragraphs and list items in reading order, one per line. */
  text: string;
  links: PageLink[];
  social: { platform: string; url: string; handle: string | null }[];
  /** Address of the source repository, when the page links one. */
  repository: string | null;
  icons: { logo: string | null; favicon: string | null; image: string | null };
  /** Brand colours as `#rrggbb`, most telling first. */
  colours: string[];
  prices: PagePrice[];
  /** JSON-LD objects as found, then microdata in the same form: untrusted, parse before use. */
  structured: unknown[];
  testimonials: { quote: string; author: string | null }[];
  /** What it asserts by a number, with the sentence. */
  claims: Claim[];
  callsToAction: string[];
  /** Names of software the page shows it is built with: `Next.js`, `WordPress`. */
  technology: string[];
};

/**
 * Reads a page. Never throws: a page that says nothing gives empty lists. Work is proportional to the length of the
 * page, however hostile (`reading/tree.ts`).
 *
 * Left out of the text: navigation, footers, banners, dialogs, forms, hidden parts, and the words of customers, which
 * stand in `testimonials`. Links and social accounts come from the whole page, menus and footers included.
 *
 * @param url the page's own address, the one that answered
 * @throws TypeError when `url` is not an absolute address
 */
export function readPage(html: string, url: string): ReadPage {
  const address = new URL(url).href;
  const { top, elements } = parse(html);
  const { base, generator, themeColours, accounts, ...said } = readHead(elements, address);
  const head = { ...said, structured: [...said.structured, ...readMicrodata(elements, base)] };
  const blocks = readBlocks(top);
  const links = readLinks(elements, base);
  return {
    url: address,
    ...head,
    ...wordsOf(blocks),
    links,
    social: readSocial(links, accounts),
    repository: findRepository(elements, address, head.siteName),
    colours: readColours(elements, themeColours),
    prices: readPrices(blocks, head.structured, head.lang),
    tables: readTables(elements).map(({ columns, rows }) => ({ columns, rows: rows.map(({ name }) => name) })),
    testimonials: readTestimonials(elements, head.structured),
    claims: readClaims(blocks),
    callsToAction: readCallsToAction(elements),
    technology: readTechnology(elements, generator),
  };
}

/**
 * Reads a README written in Markdown as if it were a page. Its title is the first heading, its description the first
 * paragraph; blocks of code are left out.
 *
 * @param url the address of the repository, which relative links are relative to
 */
export function readReadme(markdown: string, url: string): ReadPage {
  const read = readPage(markdownToHtml(markdown), url);
  return {
    ...read,
    title: read.title ?? read.headings[0]?.text ?? null,
    description: read.description ?? read.paragraphs.find((one) => one.length >= 20) ?? null,
  };
}

function wordsOf(blocks: Block[]): Pick<ReadPage, 'headings' | 'paragraphs' | 'lists' | 'text'> {
  const paragraphs = new Set<string>();
  const lines = new Set<string>();
  const lists = new Map<number, string[]>();
  const headings: ReadPage['headings'] = [];
  for (const block of blocks) {
    if (block.quoted && block.kind !== 'heading') continue;
    lines.add(block.text);
    if (block.kind === 'heading') headings.push({ level: block.level, text: block.text });
    else if (block.kind === 'item') listed(lists, block.list).push(block.text);
    else if (block.kind === 'paragraph') paragraphs.add(block.text);
  }
  return {
    headings,
    paragraphs: [...paragraphs],
    lists: [...lists.values()],
    text: [...lines].join('\n'),
  };
}

function listed(lists: Map<number, string[]>, list: number): string[] {
  const items = lists.get(list) ?? [];
  lists.set(list, items);
  return items;
}

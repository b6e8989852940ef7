/**
 * A page as a tree. The input is hostile until proven otherwise: whatever it is, the work stays proportional to its
 * length, and no function that walks the tree can run out of stack.
 */
import { load } from 'cheerio/slim';

type Document = NonNullable<ReturnType<ReturnType<typeof load>['root']>[0]>;
export type Node = Document['children'][number];
export type Element = Extract<Node, { attribs: unknown }>;

/** Characters of HTML that are read; what stands after is cut off. The door takes no larger pages either. */
const LONGEST = 5_000_000;
/** Elements inside each other. Pages made by site builders reach about 60. */
const DEEPEST = 400;
/** A megabyte of ordinary page has about 20,000. */
const MOST_TAGS = 60_000;
/** Children of one element that are looked at for a short text. */
const MOST_CHILDREN = 300;
const MOST_LOOKED = 3_000;

/**
 * The elements of a page in document order, and its top nodes.
 *
 * htmlparser2 (cheerio's slim parser), not parse5: parse5 re-opens formatting elements as browsers do, which makes
 * a megabyte of `<font a=1><font a=2>…<p><p>` a tree of billions of nodes. htmlparser2 in turn takes quadratic time
 * on deep nesting (measured November 2026: 100,000 tags, 2.8 s), hence `shallow`.
 */
export function parse(html: string): { top: Node[]; elements: Element[] } {
  const root = load(shallow(html.slice(0, LONGEST))).root()[0];
  const top = root?.children ?? [];
  const elements: Element[] = [];
  const waiting = [...top].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (!isElement(node)) continue;
    elements.push(node);
    for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i] as Node);
  }
  return { top, elements };
}

export function isElement(node: Node | null | undefined): node is Element {
  return node !== null && node !== undefined && 'attribs' in node;
}

/** An attribute, trimmed; an empty one is none. */
export function attribute(element: Element, name: string): string | null {
  return element.attribs[name]?.trim() || null;
}

/** Text inside a node as a reader sees it, up to about `most` characters. */
export function textIn(node: Node, most = 600): string {
  let text = '';
  const waiting: (Node | string)[] = [node];
  let looked = 0;
  for (let next = waiting.pop(); next !== undefined && text.length < most; next = waiting.pop()) {
    if (++looked > MOST_LOOKED) break;
    if (typeof next === 'string') text += next;
    else if (next.type === 'text') text += next.data.slice(0, most);
    else if (isElement(next) && !SILENT.has(next.name)) {
      if (BLOCKS.has(next.name)) waiting.push(' ');
      waiting.push(...next.children.slice(0, MOST_CHILDREN).reverse());
      if (BLOCKS.has(next.name)) waiting.push(' ');
    }
  }
  return fold(text);
}

/** What a button or link says; its label for those that show only a picture. */
export function labelOf(element: Element): string {
  return textIn(element, 200) || fold(attribute(element, 'aria-label') ?? attribute(element, 'value') ?? '');
}

/** Whitespace folded to single spaces, invisible characters dropped. */
export function fold(text: string): string {
  return text
    .replace(/[\u00ad\u200b\u200e\u200f\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** An address found on a page, made absolute; null when it is no http address. */
export function absolute(found: string | null | undefined, base: string): string | null {
  const trimmed = found?.trim();
  if (!trimmed || trimmed.length > 2_048 || !URL.canParse(trimmed, base)) return null;
  const url = new URL(trimmed, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
}

/** What addresses on a page are relative to: its first `base` with an address, else its own. `url` is absolute. */
export function baseOf(elements: Element[], url: string): string {
  return absolute(elements.find((one) => one.name === 'base' && 'href' in one.attribs)?.attribs.href, url) ?? url;
}

/** Elements that begin and end a line of text. */
export const BLOCKS = new Set(
  'address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol option p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);

/** Elements whose text nobody reads. */
export const SILENT = new Set(
  'audio canvas datalist del embed head iframe link math meta noframes noscript object picture s script select source strike style svg template textarea title track video'.split(
    ' ',
  ),
);

const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
const RAW = new Set(['script', 'style', 'textarea', 'title']);
const TAG = /<(\/?)([a-z][^\s/>]{0,40})/iy;
const SELF_CLOSING = new Set('p li dt dd td th tr option thead tbody'.split(' '));

/**
 * The HTML up to where it nests deeper than any real page does, or has more tags.
 *
 * The count of tags bounds the work whatever the tags are; following the nesting keeps large pages fast that only
 * repeat an opening tag. It need not agree with the parser on every malformed tag.
 */
function shallow(html: string): string {
  const open: string[] = [];
  const counts = new Map<string, number>();
  const close = () => {
    const name = open.pop() ?? '';
    counts.set(name, (counts.get(name) ?? 1) - 1);
    return name;
  };
  let tags = 0;
  let at = html.indexOf('<');
  while (at >= 0) {
    if (++tags > MOST_TAGS) return html.slice(0, at);
    TAG.lastIndex = at;
    const found = TAG.exec(html);
    if (!found) {
      at = html.indexOf('<', html.startsWith('<!--', at) ? after(html, '-->', at + 4) : at + 1);
      continue;
    }
    const end = after(html, '>', TAG.lastIndex);
    const name = (found[2] ?? '').toLowerCase();
    let next = end;
    if (found[1]) {
      if (counts.get(name)) while (close() !== name);
    } else if (RAW.has(name)) {
      next = rawEnd(html, name, end);
    } else if (!VOID.has(name) && !(counts.get('svg') && html.startsWith('/>', end - 2))) {
      if (SELF_CLOSING.has(name) && open.at(-1) === name) close();
      open.push(name);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (open.length > DEEPEST) return html.slice(0, at);
    }
    at = html.indexOf('<', next);
  }
  return html;
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
}

function rawEnd(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}`, 'gi');
  closing.lastIndex = from;
  return closing.exec(html)?.index ?? html.length;
}

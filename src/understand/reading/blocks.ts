/** The visible text of a page in reading order, without what surrounds it. */
import { attribute, BLOCKS, type Element, fold, isElement, type Node, SILENT } from './tree.ts';

/** One visible line. `list` numbers the list an item stands in; `quoted` text is somebody else's praise. */
export type Block = {
  kind: 'heading' | 'paragraph' | 'item' | 'cell';
  level: number;
  text: string;
  list: number;
  quoted: boolean;
};

/** Longer than any page that is read by people, any line and any word; see `tame`. In characters. */
const MOST_TEXT = 500_000;
const LONGEST_LINE = 5_000;
const ENDLESS_WORDS = /([!-~]{200})[!-~]+/g;

type Place = { kind: Block['kind']; level: number; list: number; quoted: boolean; link: boolean };

/** Lines of the page, each as a reader sees it; navigation, footers, banners, forms and hidden parts are left out. */
export function readBlocks(top: Node[]): Block[] {
  const blocks: Block[] = [];
  // A list of which most items are nothing but links is a menu.
  const items = new Map<number, { all: number; links: number }>();
  let lists = 0;
  let depth = 0;
  let line = '';
  let linked = 0;
  let read = 0;
  let current: Place = { kind: 'paragraph', level: 0, list: 0, quoted: false, link: false };

  function flush(): void {
    const text = tame(fold(line));
    read += text.length;
    const { kind, level, list, quoted } = current;
    const onlyLinks = linked > 0.8 * text.length && text.length < 80;
    if (read <= MOST_TEXT && /[\p{L}\p{N}]/u.test(text) && (kind === 'heading' || kind === 'item' || !onlyLinks)) {
      blocks.push({ kind, level, text, list, quoted });
      const counted = items.get(list) ?? { all: 0, links: 0 };
      if (kind === 'item') items.set(list, { all: counted.all + 1, links: counted.links + (onlyLinks ? 1 : 0) });
    }
    line = '';
    linked = 0;
  }

  function walk(nodes: Node[], place: Place): void {
    // What the parser nests deeper than a page can be is not worth the stack.
    if (depth > 1_000) return;
    depth++;
    for (const node of nodes) {
      if (node.type === 'text') {
        line += node.data;
        if (place.link) linked += node.data.trim().length;
      } else if (isElement(node) && !isUnread(node)) enter(node, place);
    }
    depth--;
  }

  function enter(element: Element, place: Place): void {
    const inside = placeIn(element, place);
    // A heading and a simple list item stay one line, whatever they are made of.
    const oneLine = place.kind === 'heading' || place.kind === 'item';
    if (!BLOCKS.has(element.name) || (oneLine && inside.kind === place.kind && inside.list === place.list)) {
      if (BLOCKS.has(element.name)) line += ' ';
      walk(element.children, inside);
      if (BLOCKS.has(element.name)) line += ' ';
      return;
    }
    flush();
    if (element.name === 'br' || element.name === 'hr') return;
    current = inside;
    walk(element.children, inside);
    flush();
    current = place;
  }

  function placeIn(element: Element, place: Place): Place {
    const { name } = element;
    if (/^h[1-6]$/.test(name)) return { ...place, kind: 'heading', level: Number(name[1]) };
    if (place.kind !== 'heading' && attribute(element, 'role') === 'heading')
      return { ...place, kind: 'heading', level: Number(attribute(element, 'aria-level')) || 2 };
    if (name === 'ul' || name === 'ol') return { ...place, kind: 'paragraph', list: ++lists };
    if (name === 'li') return { ...place, kind: isCard(element) ? 'paragraph' : 'item' };
    if (name === 'td' || name === 'th') return { ...place, kind: 'cell' };
    if (name === 'a') return { ...place, link: true };
    // A whole card can be one link; its sentences are sentences all the same.
    if (name === 'p') return { ...place, link: false };
    if (name === 'blockquote' || isPraise(element)) return { ...place, quoted: true };
    return place;
  }

  walk(top, current);
  flush();
  return blocks.filter(({ kind, list }) => {
    const counted = kind === 'item' ? items.get(list) : undefined;
    return !counted || counted.links * 2 <= counted.all;
  });
}

/**
 * A line as long as lines are. What is looked for in it goes over it from each of its places, so a hostile page of one
 * word of 300,000 letters would keep us for hours. Scripts that need no spaces are not cut into words.
 */
function tame(text: string): string {
  return text.slice(0, LONGEST_LINE).replace(ENDLESS_WORDS, '$1').toWellFormed();
}

/** True for what names itself a customer's words. */
export function isPraise(element: Element): boolean {
  if (['html', 'body', 'main', 'a', 'script', 'link'].includes(element.name)) return false;
  const named = `${attribute(element, 'class') ?? ''} ${attribute(element, 'id') ?? ''}`.slice(0, 400);
  return /(?:testimonial|(?:^|\s)(?:reviews?|review-card|wall-of-love|tweet-card)(?:\s|$))/i.test(named);
}

/** True for elements that are hidden, or surround the page's own words. */
export function isUnread(element: Element): boolean {
  const { name } = element;
  if (SILENT.has(name) || SURROUNDINGS.has(name) || isHidden(element)) return true;
  if (name === 'footer') return !insideQuote(element);
  if (name === 'body' || name === 'main' || name === 'html') return false;
  const role = attribute(element, 'role');
  if (role && SURROUNDING_ROLES.has(role.toLowerCase())) return true;
  const named = `${attribute(element, 'id') ?? ''} ${attribute(element, 'class') ?? ''} ${attribute(element, 'aria-label') ?? ''}`;
  return BANNER.test(named.slice(0, 400));
}

export function isHidden(element: Element): boolean {
  const { attribs } = element;
  if ('hidden' in attribs || attribs['aria-hidden'] === 'true') return true;
  if (/(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test((attribs.style ?? '').slice(0, 1_000))) return true;
  const classes = (attribs.class ?? '').slice(0, 1_000);
  if (/(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text|d-none)(?:\s|$)/.test(classes))
    return !/\bd-(?:sm|md|lg|xl)-/.test(classes);
  // Tailwind writes what only phones do not show as "hidden md:block".
  return (
    /(?:^|\s)hidden(?:\s|$)/.test(classes) &&
    !/\b(?:sm|md|lg|xl|2xl):(?:block|flex|grid|inline|table|contents)/.test(classes)
  );
}

const SURROUNDINGS = new Set(['nav', 'dialog', 'button', 'label', 'legend', 'input', 'optgroup', 'option', 'menu']);
const SURROUNDING_ROLES = new Set(
  'navigation contentinfo dialog alertdialog alert menu menubar search tooltip tablist button'.split(' '),
);
const BANNER =
  /(?:^|[\s_-])(?:cookies?|gdpr|ccpa|onetrust|cookiebot|cookieconsent|cc-window|cc-banner|consent-banner|skip-link|skip-to-content|breadcrumbs?|sidebar|toc|site-footer|site-nav|navbar|nav-menu)(?:$|[\s_-])/i;

function insideQuote(element: Element): boolean {
  let parent = element.parent;
  for (let steps = 0; parent && steps < 5; steps++) {
    if ('name' in parent && ['blockquote', 'article', 'figure'].includes(parent.name)) return true;
    parent = parent.parent;
  }
  return false;
}

/** A list item that is a card of its own: it holds a heading, or several paragraphs. */
function isCard(item: Element): boolean {
  let paragraphs = 0;
  let looked = 0;
  const waiting: Node[] = item.children.slice(0, 40);
  for (let node = waiting.shift(); node && looked < 40; node = waiting.shift(), looked++) {
    if (!isElement(node)) continue;
    if (/^h[1-6]$/.test(node.name)) return true;
    if (node.name === 'p' && ++paragraphs > 1) return true;
    if (node.name !== 'ul' && node.name !== 'ol') waiting.push(...node.children.slice(0, 40));
  }
  return false;
}

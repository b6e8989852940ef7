/** A page as the lines a reader sees, each with where it stands. */
import { attribute, BLOCKS, type Element, fold, isElement, labelOf, type Node } from '#src/understand/reading/tree.ts';
import { chatterOf, headsRotating, type NoiseKind, noiseOf, plain } from './noise.ts';

export type Line = {
  text: string;
  kind: 'heading' | 'item' | 'text' | 'cell';
  level: number;
  /** The block element that holds it. */
  element: Element;
  /** It is shown only after a click (a tab, a toggle): it counts as said, never as new. */
  hidden: boolean;
  /** Nothing in it is not a link. */
  link: boolean;
  /** A mark before the words: ✓ or ✗; null without one. */
  mark: 'yes' | 'no' | null;
};

export type Action = { text: string; element: Element };

export type Lines = {
  lines: Line[];
  actions: Action[];
  /** Words that were left out, by reason. */
  noise: Map<NoiseKind, Set<string>>;
};

type Place = Pick<Line, 'kind' | 'level' | 'element' | 'hidden'> & { link: boolean };

const UNREAD = new Set(
  'audio canvas datalist embed head iframe link math meta noframes noscript object picture script select source style svg template textarea title track video option img'.split(
    ' ',
  ),
);
const STRUCK = new Set(['s', 'strike', 'del']);
const STRUCK_NAMED =
  /(?:^|[\s_-])(?:old|was|original|strike|struck|strikethrough|crossed(?:-out)?|line-through|compare-at|before|regular|list|previous)(?:-?price|-?amount)?(?=$|[\s_-])/i;
/** What is set small or coloured is mostly a word of its own: `month<small>billed yearly</small>`. */
const SET_APART = new Set(['span', 'small']);
const INLINE = new Set([
  'span',
  'strong',
  'b',
  'em',
  'i',
  'small',
  'u',
  'sup',
  'sub',
  'a',
  'bdi',
  'data',
  'ins',
  'font',
  'var',
]);

/** The visible lines of a page in reading order, and its calls to action. What is noise by its markup is kept apart. */
export function readLines(top: readonly Node[]): Lines {
  const lines: Line[] = [];
  const actions: Action[] = [];
  const noise: Lines['noise'] = new Map();
  const holder = top.find(isElement);
  if (!holder) return { lines, actions, noise };
  let depth = 0;
  let line = '';
  let linked = 0;
  let current: Place = { kind: 'text', level: 0, element: holder, hidden: false, link: false };

  const leaveOut = (kind: NoiseKind, text: string) => {
    if (text !== '') noise.set(kind, (noise.get(kind) ?? new Set()).add(text));
  };

  function flush(): void {
    const raw = fold(line);
    const [, mark] = /^([✓✔☑✅●•+]|[✗✘✖❌☒×]|-|–|—)\s/u.exec(raw) ?? [];
    const text = mark && mark !== '+' ? raw.slice(mark.length).trim() : raw;
    const link = linked > 0.8 * raw.length;
    if (/[\p{L}\p{N}]/u.test(text) || /^[$€£¥₹✓✔✗✘✖×–—-]$/u.test(text)) {
      const { kind, level, element, hidden } = current;
      // The head of a rotating section has to stand, to take its section with it.
      const chatter = kind === 'heading' && headsRotating(text) ? null : chatterOf(text);
      if (chatter) leaveOut(chatter, text);
      else lines.push({ text, kind, level, element, hidden, link, mark: markOf(mark, element) });
    }
    line = '';
    linked = 0;
  }

  function walk(nodes: readonly Node[], place: Place): void {
    if (depth > 1_000) return;
    depth++;
    let previous: Node | null = null;
    for (const node of nodes) {
      if (node.type === 'text') {
        line += node.data;
        if (place.link) linked += node.data.trim().length;
      } else if (isElement(node)) {
        // Pieces set apart only by style would run into each other.
        if (
          previous &&
          INLINE.has(node.name) &&
          (isElement(previous) ? INLINE.has(previous.name) : SET_APART.has(node.name) && /[\p{L}\d]$/u.test(line))
        )
          line += ' ';
        enter(node, place);
      }
      previous = node;
    }
    depth--;
  }

  function enter(element: Element, place: Place): void {
    const { name } = element;
    if (UNREAD.has(name) || isStruck(element)) return;
    if (isAction(element)) {
      const text = labelOf(element).replace(/[\s→›»↗>]+$/u, '');
      if (text !== '' && !place.hidden && !isHidden(element)) actions.push({ text, element });
      // A toggle of a question or a heading made a button is still its words.
      if (name !== 'button' || !['heading', 'item'].includes(place.kind)) return;
    }
    const why = noiseOf(element);
    if (why) {
      if (why === 'chrome') invitations(element);
      leaveOut(why, labelOf(element));
      return;
    }
    if (name === 'sup' && /^\s*\d{2}\s*$/.test(labelOf(element)) && /\d$/.test(line.trim())) {
      line = `${line.trimEnd()}.${labelOf(element)}`;
      return;
    }
    if (name === 'sup' && /^\s*[\d*†]\s*$/.test(labelOf(element))) return;
    const inside = placeIn(element, place);
    const oneLine =
      (place.kind === 'heading' || place.kind === 'item') && inside.kind === place.kind && !holdsBlocks(element);
    if (!BLOCKS.has(name) && name !== 'summary' && !(name === 'button') && !isSplit(element)) {
      walk(element.children, inside);
      return;
    }
    if (oneLine) {
      line += ' ';
      walk(element.children, inside);
      line += ' ';
      return;
    }
    flush();
    if (name === 'br' || name === 'hr') return;
    const outer = current;
    current = inside;
    if (isSplit(element))
      for (const child of element.children) {
        walk([child], inside);
        flush();
      }
    else walk(element.children, inside);
    flush();
    current = outer;
  }

  /** Menus are not read, but what they invite to is. */
  function invitations(element: Element): void {
    if (element.name !== 'nav' && element.name !== 'header') return;
    for (const child of element.children.slice(0, 50))
      if (isElement(child) && isAction(child)) actions.push({ text: labelOf(child), element: child });
  }

  walk(top, current);
  flush();
  return { ...withoutAsides(lines, leaveOut), actions, noise };
}

function placeIn(element: Element, place: Place): Place {
  const { name } = element;
  const at = { ...place, element, hidden: place.hidden || isHidden(element) };
  if (/^h[1-6]$/.test(name)) return { ...at, kind: 'heading', level: Number(name[1]) };
  if (attribute(element, 'role') === 'heading' && place.kind !== 'heading')
    return { ...at, kind: 'heading', level: Number(attribute(element, 'aria-level')) || 2 };
  if (name === 'summary') return { ...at, kind: 'heading', level: 5 };
  if (name === 'li' || name === 'dt' || attribute(element, 'role') === 'listitem')
    return { ...at, kind: isCard(element) ? 'text' : 'item', level: 0 };
  if (name === 'td' || name === 'th') return { ...at, kind: 'cell', level: 0 };
  if (name === 'a') return { ...(BLOCKS.has(name) ? at : place), link: true, hidden: at.hidden };
  if (name === 'p')
    return { ...at, link: false, kind: place.kind === 'item' ? 'item' : place.kind === 'cell' ? 'cell' : 'text' };
  return BLOCKS.has(name) || isSplit(element) ? at : { ...place, hidden: at.hidden };
}

/** A list item that is a box of its own: it holds a heading, a list, or several paragraphs. */
function isCard(item: Element): boolean {
  const waiting: Node[] = item.children.slice(0, 40);
  let paragraphs = 0;
  for (let looked = 0; looked < 60; looked++) {
    const node = waiting.shift();
    if (!node) break;
    if (!isElement(node)) continue;
    if (/^(?:h[1-6]|ul|ol|dl|table)$/.test(node.name) || (node.name === 'p' && ++paragraphs > 1)) return true;
    waiting.push(...node.children.slice(0, 40));
  }
  return false;
}

/** Latest posts, customers’ words and what calls itself an advertisement, by the words at their head. */
function withoutAsides(all: Line[], leaveOut: (kind: NoiseKind, text: string) => void): { lines: Line[] } {
  const lines: Line[] = [];
  let until: { level: number; parent: Element | null } | null = null;
  const sponsored = all
    .filter(({ text }) => /^(?:sponsored|advertisement|anzeige|promoted|ad|ads by .{2,30}|werbung)$/i.test(plain(text)))
    .map(({ element }) =>
      all.some((other) => other.element !== element && isWithin(other.element, element)) ? element : element.parent,
    )
    .filter((one): one is Element => one !== null && 'attribs' in one && !['body', 'main', 'html'].includes(one.name));
  for (const one of all) {
    if (sponsored.some((parent) => isWithin(one.element, parent))) {
      leaveOut('advertisement', one.text);
      continue;
    }
    if (
      until &&
      ((one.kind === 'heading' && one.level <= until.level) || (until.parent && !isWithin(one.element, until.parent)))
    )
      until = null;
    if (!until && one.kind === 'heading' && one.level > 1 && one.text.length <= 70 && headsRotating(one.text))
      until = { level: one.level, parent: sectionOf(one.element) };
    if (until) leaveOut('rotating', one.text);
    else lines.push(one);
  }
  return { lines };
}

/** The section or box a heading stands at the head of; null where headings and text lie side by side in the page. */
function sectionOf(heading: Element): Element | null {
  let parent = heading.parent;
  while (parent && 'name' in parent && !['body', 'main', 'html', 'article'].includes(parent.name)) {
    if (parent.children.filter(isElement).length > 1) return parent;
    parent = parent.parent;
  }
  return null;
}

export function isWithin(element: Element, ancestor: Element): boolean {
  for (let one: Element['parent'] | Element = element; one; one = one.parent) if (one === ancestor) return true;
  return false;
}

export function isHidden(element: Element): boolean {
  const { attribs } = element;
  if ('hidden' in attribs || attribs['aria-hidden'] === 'true') return true;
  if (/(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test((attribs.style ?? '').slice(0, 1_000))) return true;
  return /(?:^|\s)(?:hidden|hide|is-hidden|d-none|sr-only|visually-hidden|screen-reader-text|invisible)(?:\s|$)/.test(
    (attribs.class ?? '').slice(0, 1_000),
  );
}

function isStruck(element: Element): boolean {
  if (STRUCK.has(element.name)) return true;
  if (/line-through/i.test((element.attribs.style ?? '').slice(0, 500))) return true;
  return (
    STRUCK_NAMED.test((element.attribs.class ?? '').slice(0, 500)) &&
    labelOf(element).length <= 30 &&
    /\d/.test(labelOf(element))
  );
}

/** A box whose pieces are told apart by style alone. */
function isSplit(element: Element): boolean {
  if (!['div', 'section', 'article', 'header', 'a', 'button', 'label'].includes(element.name)) return false;
  let pieces = 0;
  for (const child of element.children) {
    if (child.type === 'text' && child.data.trim() !== '') return false;
    if (!isElement(child)) continue;
    if (!INLINE.has(child.name)) return false;
    if (labelOf(child) !== '') pieces++;
  }
  return pieces > 1;
}

function holdsBlocks(element: Element): boolean {
  return element.name === 'ul' || element.name === 'ol' || element.name === 'table' || element.name === 'dl';
}

function markOf(mark: string | undefined, element: Element): Line['mark'] {
  if (mark && /[✗✘✖❌☒×]/u.test(mark)) return 'no';
  const named = `${element.attribs.class ?? ''} ${element.attribs['aria-label'] ?? ''}`.slice(0, 300);
  if (
    /(?:^|[\s_-])(?:disabled|excluded|unavailable|not-included|unsupported|missing|muted-feature|no|off|cross(?:ed)?)(?=$|[\s_-])/i.test(
      named,
    )
  )
    return 'no';
  return mark && /[✓✔☑✅]/u.test(mark) ? 'yes' : null;
}

const INVITING =
  /^(?:get (?:started|it|the|early|access|your|a demo)|start|try |sign up|join |download|install |book a|request |buy |subscribe|create (?:your|an|a) |launch |deploy |add to |contact sales|schedule a|claim |reserve |pre-?order|upgrade|choose |select |jetzt|kostenlos|loslegen|testen|essayer|commencer|probar)/i;
const CHORE =
  /^(?:menu|close|open|toggle|accept|reject|decline|allow|dismiss|got it|ok|next|prev|previous|back|search|submit|send|copy|copied|log ?in|sign ?in|skip|more|show|hide|expand|collapse|play|pause|cookie|manage|settings|preferences|monthly|yearly|annual|dark|light|theme|english|read more|learn more|see all|view all|subscribe$|anmelden$|einloggen|monatlich|jährlich)/i;

export function isAction(element: Element): boolean {
  const { name, attribs } = element;
  if (name === 'button' || (name === 'input' && /^(?:submit|button)$/.test(attribs.type ?? ''))) return true;
  if (name !== 'a') return false;
  const classes = (attribs.class ?? '').slice(0, 600);
  if (attribs.role === 'button' || /(?:^|[\s_-])(?:btn|button|cta)(?=$|[\s_-])/i.test(classes)) return true;
  return /\bbg-(?:[a-z]+-\d{2,3}|primary|brand|accent|black)\b/.test(classes) && /\brounded/.test(classes);
}

/** Whether the words on a button ask for something, rather than work the page. */
export function invites(text: string): boolean {
  const words = plain(text);
  if (words.length < 2 || words.length > 60 || CHORE.test(words)) return false;
  return INVITING.test(words) || /\s/.test(words) || words.length >= 4;
}

/** What a page states, in the form in which two readings of it are compared. Plain data: it is kept between readings. */
import type { Element } from '#src/understand/reading/tree.ts';
import { attribute, fold, isElement, parse, textIn } from '#src/understand/reading/tree.ts';
import { type Offer, offersIn } from './amounts.ts';
import { Hidden } from './hidden.ts';
import { invites, isWithin, type Line, readLines } from './lines.ts';
import { keyOf, mask, trialsIn } from './mask.ts';
import { type NoiseKind, plain } from './noise.ts';
import { pricesOfData } from './plans/data.ts';
import { plansOfTable } from './plans/table.ts';
import { type Plan, readPlans } from './plans.ts';
import { isLayout, rowNames, tableWords } from './table-words.ts';
import { readTables } from './tables.ts';
import { type Unusable, unusable } from './unusable.ts';

/** Words with what they are compared by: dates, counters and tokens out of it. */
export type Saying = { text: string; key: string; where: string };
export type Feature = Saying & { mark: 'yes' | 'no' | null };

export type Shape = {
  /** Why there is nothing to compare: an error page, a login, a parked domain. */
  unusable: Unusable | null;
  lang: string | null;
  title: Saying | null;
  description: Saying | null;
  headline: Saying | null;
  tagline: Saying | null;
  plans: (Omit<Plan, 'features' | 'notes'> & { key: string; features: Feature[]; notes: Saying[] })[];
  /** The page has a switch between paying by the month and by the year. */
  toggle: boolean;
  /** Sentences with a price that stands under no plan. */
  priced: (Saying & { offers: Offer[] })[];
  trials: { days: number; quote: string }[];
  features: (Feature & { log: boolean })[];
  cells: (Saying & { row: string; column: string })[];
  sections: Saying[];
  sentences: Saying[];
  actions: Saying[];
  /** Keys of everything said anywhere, hidden parts too. */
  said: string[];
  /** What was left out as noise, and what dates and counters hid, for the count of what differed all the same. */
  noise: { [kind in NoiseKind]?: string[] };
};

/** The longest pages of documentation have about as many. */
const MOST_LINES = 3_000;

/** Reads what a page states. Never throws; work is proportional to the page. */
export function readShape(html: string): Shape {
  const { top, elements } = parse(html);
  const { lines: read, actions, noise } = readLines(top);
  const all = read.slice(0, MOST_LINES);
  const tables = readTables(elements).filter(({ element }) => !isLayout(element));
  const inTable = (line: Line) => tables.some(({ element }) => isWithin(line.element, element));
  const lines = joinNumbers(all.filter((line) => !inTable(line)));
  const { plans, taken } = readPlans(lines);
  const left = lines.filter((line) => !taken.has(line));
  const kept = new Hidden(noise);
  const head = headOf(elements, left, kept);
  const data =
    plans.length === 0 && tables.every((table) => plansOfTable(table).length === 0) ? pricesOfData(elements) : [];
  const allPlans = [...plans, ...tables.flatMap(plansOfTable), ...data];
  const body = bodyOf(left, head, kept);
  const texts = [
    ...all.map(({ text }) => text),
    ...actions.map(({ text }) => text),
    head.title?.text ?? '',
    head.description?.text ?? '',
  ];
  return {
    unusable: unusable(html, elements, all, allPlans.length),
    lang: languageOf(elements),
    ...head,
    plans: allPlans.map((plan) => ({
      ...plan,
      key: keyOf(plan.name),
      features: plan.features
        .map(({ text, mark }) => ({ ...kept.saying(text, plan.name, false), mark }))
        .filter(({ key, text }) => key !== '' && !isPointer(text)),
      notes: plan.notes.map((text) => kept.saying(text, plan.name, true)),
    })),
    toggle: hasToggle([...texts, ...[...(noise.get('chrome') ?? [])]]),
    ...body,
    trials: trialsOf(texts),
    ...tableWords(tables, kept),
    features: [...body.features, ...rowNames(tables, kept)],
    actions: distinct(
      actions
        .filter(({ text }) => invites(text))
        .map(({ text }) => kept.saying(trialsIn(text).rest, 'call to action', true, text)),
    ),
    said: [
      ...new Set(
        [
          ...all.map(({ text }) => mask(text, true).text),
          ...tables.flatMap(({ rows }) => rows.map(({ name }) => name)),
        ].map(keyOf),
      ),
    ],
    noise: kept.list(),
  };
}

type Head = Pick<Shape, 'title' | 'description' | 'headline' | 'tagline'>;

function headOf(elements: readonly Element[], lines: readonly Line[], kept: Hidden): Head {
  const title = elements.find(
    (one) => one.name === 'title' && one.parent && 'name' in one.parent && one.parent.name !== 'svg',
  );
  const meta = (name: string) =>
    elements.find(
      (one) => one.name === 'meta' && (attribute(one, 'name') ?? attribute(one, 'property'))?.toLowerCase() === name,
    )?.attribs.content;
  const titled = title
    ? fold(
        title.children
          .map((child) => ('data' in child ? child.data : textIn(child)))
          .join('')
          .slice(0, 500),
      )
    : meta('og:title');
  const described = meta('description') ?? meta('og:description');
  const at = headlineAt(lines);
  const headline = at < 0 ? undefined : lines[at];
  const following = at < 0 ? [] : lines.slice(at + 1, at + 4);
  const stop = following.findIndex((line) => line.kind === 'heading');
  const near = stop < 0 ? following : following.slice(0, stop);
  const tagline = near.find((line) => line.kind === 'text' && !line.hidden && line.text.length >= 12);
  const say = (text: string | undefined, where: string) =>
    text && fold(text) !== '' ? kept.saying(fold(text.slice(0, 1_000)), where, true) : null;
  return {
    title: say(titled, 'title'),
    description: say(described, 'description'),
    headline: say(headline?.text, 'headline'),
    tagline: say(tagline?.text, 'tagline'),
  };
}

function headlineAt(lines: readonly Line[]): number {
  const first = lines.findIndex((line) => line.kind === 'heading' && line.level === 1 && !line.hidden);
  if (first >= 0) return first;
  const named = lines.findIndex(
    ({ element, hidden }) =>
      !hidden &&
      /(?:^|[\s_-])(?:hero|main|page|headline)-?(?:title|heading|headline)?(?=$|[\s_-])/i.test(
        element.attribs.class ?? '',
      ) &&
      /title|head/i.test(element.attribs.class ?? ''),
  );
  return named >= 0 ? named : lines.findIndex((line) => line.kind === 'heading' && line.level <= 2 && !line.hidden);
}

type Body = Pick<Shape, 'features' | 'sections' | 'sentences' | 'priced'>;

/** Words without which an amount in a sentence is somebody else's money. */
const PRICED =
  /pric|cost|\bplans?\b|\bfrom\b|start|\bonly\b|\bjust\b|\bper\b|\bpay\b|\bfor\b|\/ ?(?:mo|yr|month|year|user|seat)|month|year|\bbuy\b|lifetime|one[- ]time|licen[cs]e|\bfee\b|upgrade|preis|kosten|kostet|\bab\b|monat|jahr|\bmois\b|\btarif|\bnur\b|€ ?\/|\$ ?\//i;
const LOG =
  /\b(?:change ?log|release notes|releases|what'?s new|product updates|version history|new features|neuerungen|änderungen|nouveautés|novedades)\b/i;
const QUESTIONS = /\b(?:faqs?|questions|häufige fragen|fragen|preguntas)\b/i;
const DULL =
  /^(?:new|improved|improvements?|fixed|fixes|bug fixes|added|changed|beta|popular|most popular|recommended|neu|verbessert|behoben|tip|note|example|or|and|vs\.?|coming soon|pro|free)$/i;
const CHANGED =
  /^(?:new\b|added|add |improved|improvement|introducing|introduced|now |we (?:added|shipped|launched|now)|you can now|support(?:s|ed)? |launched|released|shipped|faster|fixed|neu:|hinzugefügt)/i;

function bodyOf(lines: readonly Line[], head: Head, kept: Hidden): Body {
  const body: Body = { features: [], sections: [], sentences: [], priced: [] };
  let section = '';
  let log = LOG.test(head.headline?.text ?? '') || LOG.test(head.title?.text ?? '');
  const whole = log;
  let asked = false;
  const special = new Set([head.headline?.text, head.tagline?.text]);
  for (const line of lines) {
    if (special.has(line.text) || DULL.test(line.text)) continue;
    const before = section;
    if (line.kind === 'heading' && line.level <= 2 && line.level > 0) {
      section = plain(line.text).slice(0, 80);
      asked = QUESTIONS.test(section);
      log = whole || (LOG.test(section) && !standsInRow(line, lines));
    }
    const words = log ? line.text.replace(/\bv?\d+\.\d+(?:\.\d+)*(?:-\w+)?\b/g, ' § ') : line.text;
    const said = kept.saying(words, (line.kind === 'heading' ? before : section) || 'page', true, line.text);
    if (/^[§.%$€£+#]*$/.test(said.key)) continue;
    const offers = line.hidden || !PRICED.test(line.text) ? [] : offersIn(line.text);
    if (offers.length > 0) {
      body.priced.push({ ...said, offers, key: keyOf(withoutOffers(mask(line.text, true).text)) });
      continue;
    }
    if (isFeature(line, lines, asked, log)) body.features.push({ ...said, mark: line.mark, log });
    else if (line.kind === 'heading' && line.level <= 2) body.sections.push(said);
    else if (!line.link) body.sentences.push(said);
  }
  return {
    ...body,
    features: distinct(body.features),
    sections: distinct(body.sections),
    sentences: distinct(body.sentences),
  };
}

function isFeature(line: Line, lines: readonly Line[], asked: boolean, log: boolean): boolean {
  if (asked || /\?$/.test(line.text) || line.link || line.text.length > 300) return false;
  if (line.kind === 'item') return true;
  if (log && line.kind === 'text') return CHANGED.test(line.text) && line.text.length <= 220;
  if (line.kind !== 'heading' || line.text.length > 90) return false;
  if (line.level === 1) return false;
  return log || line.level >= 3 || standsInRow(line, lines);
}

/** A heading of a card: its box has neighbours of the same make that begin alike. */
function standsInRow(line: Line, lines: readonly Line[]): boolean {
  let box: Element = line.element;
  for (let steps = 0; steps < 3; steps++) {
    const parent = box.parent;
    if (!parent || !('attribs' in parent) || ['body', 'main', 'html'].includes(parent.name)) return false;
    const alike = parent.children.filter(
      (one): one is Element =>
        isElement(one) && one.name === box.name && (one.attribs.class ?? '') === (box.attribs.class ?? ''),
    );
    if (box !== line.element && alike.length > 1 && box.name !== 'section') {
      const headed = alike.filter((one) =>
        lines.some((other) => other.kind === 'heading' && other.level === line.level && isWithin(other.element, one)),
      );
      if (headed.length > 1) return true;
    }
    box = parent;
  }
  return false;
}

/** “99.9%” above “uptime” are one statement. */
function joinNumbers(lines: readonly Line[]): Line[] {
  const joined: Line[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as Line;
    const next = lines[i + 1];
    const isNumber =
      line.kind !== 'cell' &&
      /^[<>~+]?\d[\d.,' ]*(?:k|m|bn|x|×|%|ms|s|h|\+|min| ?million| ?gb)*[+]?$/i.test(plain(line.text));
    if (
      isNumber &&
      next &&
      next.kind !== 'cell' &&
      next.kind !== 'heading' &&
      next.text.length <= 50 &&
      !/\d/.test(next.text) &&
      line.element.parent === next.element.parent &&
      offersIn(next.text).length === 0 &&
      !/^[$€£¥₹/]|^(?:usd|eur|per |mo\b)/i.test(next.text)
    ) {
      joined.push({ ...next, text: `${line.text} ${next.text}`, kind: 'text' });
      i++;
    } else joined.push(line);
  }
  return joined;
}

function trialsOf(texts: readonly string[]): Shape['trials'] {
  const found = new Map<number, string>();
  for (const text of texts)
    for (const { days, quote } of trialsIn(text).found) if (!found.has(days)) found.set(days, quote);
  return [...found].map(([days, quote]) => ({ days, quote }));
}

function hasToggle(texts: readonly string[]): boolean {
  const has = (pattern: RegExp) => texts.some((text) => text.length <= 200 && pattern.test(text));
  return has(/(?:^|\b)(?:monthly|monatlich|mensuel)\b/i) && has(/(?:^|\b)(?:yearly|annual(?:ly)?|jährlich|annuel)\b/i);
}

export function withoutOffers(text: string): string {
  let rest = '';
  let at = 0;
  const line = plain(text);
  for (const { start, end } of offersIn(line)) {
    rest += `${line.slice(at, start)} § `;
    at = end;
  }
  return rest + line.slice(at);
}

/** “Everything in Pro, plus:” points to another list. */
function isPointer(text: string): boolean {
  return /^(?:everything (?:in|from)|all (?:of )?(?:the )?\S+ features|alles (?:aus|in|von)|tout (?:de|dans)|includes everything|plus:?$|and:?$)/i.test(
    text,
  );
}

function languageOf(elements: readonly Element[]): string | null {
  const html = elements.find((one) => one.name === 'html');
  return (html && attribute(html, 'lang')?.toLowerCase()) ?? null;
}

export function distinct<T extends { key: string }>(all: readonly T[]): T[] {
  const kept = new Map<string, T>();
  for (const one of all) if (one.key !== '' && !kept.has(one.key)) kept.set(one.key, one);
  return [...kept.values()];
}

/** What the app is compared with, by its own pages. */
import type { FoundCompetitor, FoundProfile } from '#src/understand/findings.ts';
import { addressesMachine, fold, isQuoted } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Block, Said } from './blocks.ts';
import { sentences, words } from './english.ts';

/** `strong`: words that say “competitor”; the others are also said of what the app works with. */
type Named = { name: string; quote: string; page: ReadPage; confidence: number; strong: boolean };

/**
 * Products the pages compare the app with: in sentences, headings and what customers say ("an alternative to X", "Us vs X",
 * "switch from X", "import from X"), and as columns or rows of a table in which the app stands too. What the pages name as an
 * integration, a plan of their own, a system or a file format is none. At most twelve, the surest first, each with the words
 * it rests on.
 */
export function findCompetitors(
  said: readonly Said[],
  blocks: readonly Block[],
  pages: readonly ReadPage[],
  profile: FoundProfile,
): FoundCompetitor[] {
  const plans = new Set(pages.flatMap(({ prices }) => prices.map(({ plan }) => (plan ?? '').toLowerCase())));
  const own = profile.name.value.toLowerCase();
  const isApp = (name: string) => `${name.toLowerCase()} `.startsWith(`${own} `) || usName.test(name);
  const inTable = pages.flatMap((page) => inTables(page, isApp));
  // A column of a comparison reads like a plan with its price.
  for (const { name } of inTable) plans.delete(name.toLowerCase());
  const linked = integrationsIn(said, blocks);
  const found = new Map<string, FoundCompetitor>();
  for (const { name, quote, page, confidence, strong } of [
    ...said.flatMap(inSentence),
    ...blocks.filter(({ kind }) => kind === 'heading').flatMap(({ text, page }) => inText(text, page, 0)),
    ...pages.flatMap(inPraise),
    ...pages.flatMap((page) => inTitle(page)),
    ...inTable,
  ]) {
    const key = name.toLowerCase();
    if (
      isApp(name) ||
      plans.has(key) ||
      (!strong && linked.has(key)) ||
      (found.get(key)?.confidence ?? 0) >= confidence
    )
      continue;
    found.set(key, { name, url: addressOf(name, page), quote, pageUrl: page.url, confidence });
  }
  return [...found.values()].sort((a, b) => b.confidence - a.confidence).slice(0, 12);
}

/** A review says less of the market than the maker does. */
const PRAISE = 0.15;

function inSentence({ text, block }: Said): Named[] {
  return inText(text, block.page, block.section === 'testimonials' ? PRAISE : 0);
}

function inPraise(page: ReadPage): Named[] {
  return page.testimonials.flatMap(({ quote }) =>
    sentences(quote.slice(0, 2_000))
      .filter((text) => !addressesMachine(text) && isQuoted(text, page))
      .flatMap((text) => inText(text, page, PRAISE)),
  );
}

function inTitle(page: ReadPage): Named[] {
  return [page.title, page.description].flatMap((text) =>
    text && !addressesMachine(text) ? inText(fold(text), page, 0) : [],
  );
}

function inText(text: string, page: ReadPage, less: number): Named[] {
  const found: Named[] = [];
  const add = (names: readonly string[], confidence: number, strong: boolean) => {
    for (const name of names)
      found.push({ name, quote: text, page, confidence: Math.round((confidence - less) * 100) / 100, strong });
  };
  for (const [lead, confidence, strong] of leads)
    for (const match of text.matchAll(lead)) add(namesAt(text, match.index + match[0].length), confidence, strong);
  for (const match of text.matchAll(departures)) {
    const from = match.index + match[0].length;
    if (less > 0 || /^[^.!?]{0,60}\bfor\b/.test(text.slice(from))) add(namesAt(text, from), 0.7, false);
  }
  for (const match of text.matchAll(before)) {
    const name = asName(match[1] ?? '', text);
    if (name) add([name], /vs|versus/i.test(match[2] ?? '') ? 0.85 : 0.9, true);
  }
  return found;
}

/** A name: capitals somewhere, or a domain; up to three such words, a number after the first. */
const word = String.raw`(?:\p{Lu}[\p{L}\d]*|\d{1,3}\p{Ll}[\p{L}\d]*|\p{Ll}+\p{Lu}[\p{L}\d]*)(?:\.(?:js|io|com|ai|dev|sh|app|so|co|net|org))?(?![\p{L}\d])`;
const small = String.raw`[a-z]{3,}(?:\.(?:io|com|ai|dev|sh|app|so|co))?(?![\p{L}\d])`;
const name = String.raw`${word}(?: (?:${word}|\d{1,4}(?!\d))){0,2}`;
const oneName = new RegExp(`(?:(?:the|a|your|old|other|tools like|apps like|like) )*(${name}|${small})`, 'uy');
const nextName = /(?:,? (?:and|or|&|vs\.?|versus) |, ?| ?\/ ?)/y;

const leads: [RegExp, number, boolean][] = [
  [/\b(?:alternatives? (?:to|for)|(?:alternatives?|competitors?):) /giu, 0.9, true],
  [/\b(?:unlike|(?:vs\.?|versus)) /giu, 0.85, true],
  [/\b(?:different from|compares? (?:to|with)) /giu, 0.8, true],
  [/\b(?:switch(?:ed|es|ing)?|mov(?:e|ed|ing)|migrat(?:e|ed|ing)) (?:over |away |here )?from /giu, 0.8, false],
  [/^coming (?:over )?from /giu, 0.7, false],
  [
    /\b(?:compared (?:to|with)|(?:better|cheaper|faster|simpler|easier) than|instead of|replac(?:es?|ing)) /giu,
    0.65,
    false,
  ],
  [/\b(?:half|a (?:third|quarter|fraction|tenth)) (?:of )?(?:the )?(?:price|cost) of /giu, 0.7, true],
  [/\bimport(?:s|ed|ing)?\b(?: [\p{L}'-]+){0,6}? from /giu, 0.55, false],
];
/** What a customer left; of others it is one only with what they left it for: a founder leaves an employer, too. */
const departures =
  /\b(?:left|leave|leaving|ditch(?:ed|ing)?|dropp?(?:ed|ing)?|quit|cancell?ed|dumped|outgrew|replaced|came (?:over )?from) /giu;
const before = new RegExp(
  String.raw`(${name}|[a-z]{3,}(?:\.(?:io|com|ai|dev))?) ((?:vs\.?|versus)(?= )|[Aa]lternatives?\b)`,
  'gu',
);

/** The names that stand at a place, one after the other: “FreshBooks, Wave and Zoho Invoice”. */
function namesAt(text: string, at: number): string[] {
  const found: string[] = [];
  for (let from = at; found.length < 8; ) {
    oneName.lastIndex = from;
    const match = oneName.exec(text);
    const one = match && asName(match[1] ?? '', text);
    if (!one) break;
    found.push(one);
    nextName.lastIndex = from + match[0].lastIndexOf(match[1] ?? '') + one.length;
    if (!nextName.test(text)) break;
    from = nextName.lastIndex;
    // Only the first of a list may be written small: what comes later is more likely the rest of the sentence.
    if (!new RegExp(word, 'uy').test(text.slice(from))) break;
  }
  return found;
}

function asName(raw: string, sentence: string): string | null {
  const parts = raw.split(' ');
  while (articles.test(parts[0] ?? '')) parts.shift();
  // “Switch From FreshBooks In Minutes”: a heading in capitals goes on after the name.
  const end = parts.findIndex((part, at) => at > 0 && following.test(part));
  const found = (end < 0 ? parts : parts.slice(0, end)).join(' ');
  const first = found.split(' ')[0] ?? '';
  if (found.length < 3 || noName.test(first) || noName.test(found) || universal.test(found)) return null;
  if (/\p{Lu}/u.test(found) || /\.\p{L}/u.test(found)) return found;
  // A product written small ("ngrok") is a word the language does not know as a verb, adjective or plural noun.
  const tagged = words(sentence).find(({ text }) => text === found);
  if (!tagged || !/NOUN|PROPN|X/.test(tagged.pos) || tagged.lemma !== tagged.lower || commonNoun.test(found))
    return null;
  return /[aeiou][^aeiou]?[aeiou]|ing$/.test(found) ? null : found;
}

const articles = /^(?:the|a|an|an?other|big|old|legacy|best|free|open|source|better|top|popular|your|our|great)$/i;
const following =
  /^(?:in|on|for|to|with|without|today|now|at|from|by|alternatives?|competitors?|import|migration|users?|customers?|is|are|was|has|does|pricing|comparison|the|a|an|of|as|and|or|because|when|which|that|who|it|we|i|you|but|so|while)$/i;
/** What is no product, or no other one: us, groups, plans, manners of doing without, times, appearances. */
const noName =
  /^(?:most|others?|many|some|all|any|the|this|that|these|those|your|our|my|every|their|its|his|her|traditional|typical|generic|existing|simple|modern|self|hosted|self-hosted|cloud|on-premises?|spreadsheets?|e-?mails?|paper|pen|manual|manually|hand|using|paying|having|being|doing|going|getting|making|building|writing|with|what|why|how|when|where|who|which|one|two|three|it|them|us|you|we|i|he|she|they|no|not|nothing|none|localhost|production|scratch|there|here|anywhere|anything|everything|everyone|ever|never|before|competitors?|competition|alternatives?|agenc(?:y|ies)|freelancers?|consultants?|in-house|diy|status quo|free|pro|plus|basic|starter|growth|standard|premium|enterprise|business|team|teams|personal|individual|lite|scale|advanced|ultimate|hobby|solo|monthly|yearly|annual|annually|quarterly|lifetime|daily|weekly|dark|light|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:19|20)\d\d|us|uk|eu|usa|europe|america|germany|home|work|day|night|beta|v\d+|version|step|page|feature|features|price|pricing|plan|plans)$/i;
/** Systems, formats and services nearly every app takes data from or runs on. */
const universal =
  /^(?:ios|android|windows|mac|macos|linux|web|chrome|firefox|safari|csv|tsv|xml|json|pdf|html|markdown|opml|ics|vcard|rss|sql|api|excel(?: .*)?|word|google(?: .*)?|gmail|outlook|icloud|apple(?: .*)?|microsoft(?: .*)?|dropbox|onedrive|github|gitlab|bitbucket|stripe|paypal|slack|zapier|mysql|postgres(?:ql)?|mongodb|sqlite|javascript|typescript|python|ruby|php|java|node(?:\.js)?|react|vue|url|urls)$/i;
const usName = /^(?:us|we|ours?|ourselves|our (?:app|tool|product|service|platform)|this (?:app|tool)|you(?:rs?)?)$/i;
const commonNoun =
  /^(?:apps?|tools?|code|data|stripe|work|time|people|price|team|sheet|list|chat|cash|bank|card|form|file|link|text|plan|cost|cloud|server|script|shell|staff|hand|land|desk|job|spam|clutter|stress|debt|lock|home|school|bed|start|top|end|back|front|past|left|right)$/;

const working =
  /\b(?:integrat\w+|works? (?:\p{L}+ )?with|connect(?:s|ed|ing)?(?: (?:it|your [\p{L}]+))? (?:to|with)|sync\w*|plugs? into|pairs? with|add-?ons?|plug-?ins?|extensions?|(?:log|sign) in with|powered by|built (?:on|with)|post(?:s|ed|ing)? (?:directly )?(?:to|on)|publish\w* to|sends? (?:\p{L}+ )?to|notif\w+ (?:in|to|via)|export\w*(?: [\p{L}]+){0,3} to)\b/iu;
const workingHead =
  /\bintegrations?\b|\bworks with\b|\bconnect(?:s|ions?)?\b|\bplays (?:well|nice)|\bstack\b|\bapps you\b/i;

/** Names the pages give as what the app works with, in small letters. */
function integrationsIn(said: readonly Said[], blocks: readonly Block[]): Set<string> {
  const all = new Set<string>();
  const names = new RegExp(name, 'gu');
  for (const text of [
    ...said.filter(({ text }) => working.test(text)).map(({ text }) => text),
    ...blocks.filter(({ heading }) => heading !== null && workingHead.test(heading)).map(({ text }) => text),
  ])
    for (const [found] of text.slice(0, 2_000).matchAll(names)) all.add(found.toLowerCase());
  return all;
}

/** A table with the app in one column, or one row: the others beside it are what it is compared with. */
function inTables(page: ReadPage, isApp: (name: string) => boolean): Named[] {
  return page.tables.flatMap(({ columns, rows }) =>
    [columns.slice(1), rows].flatMap((all) => {
      const others = all.filter((one) => !isApp(one));
      // More than one of one's own is a table of one's plans.
      if (others.length === all.length || all.length - others.length > 1 || others.length > 10) return [];
      return others.flatMap((one) => {
        const found = new RegExp(`^${name}$`, 'u').test(one) ? asName(one, one) : null;
        const row = all.join(' ');
        const quote = isQuoted(row, page) ? row : one;
        return found === one && isQuoted(quote, page) && !addressesMachine(quote)
          ? [{ name: found, quote, page, confidence: 0.8, strong: true }]
          : [];
      });
    }),
  );
}

function addressOf(name: string, page: ReadPage): string | null {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const own = URL.canParse(page.url) ? new URL(page.url).hostname : '';
  const link = page.links.find(({ url }) => {
    if (!URL.canParse(url)) return false;
    const host = new URL(url).hostname;
    return host !== own && host.replace(/[^a-z0-9]/g, '').includes(plain);
  });
  return link?.url ?? null;
}

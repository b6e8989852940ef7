/** Numbers that tell of the day, not of the product: dates, counters, tokens. */
import { type NoiseKind, plain } from './noise.ts';

const MONTH =
  '(?:jan(?:uary|uar|\\.)?|feb(?:ruary|ruar|\\.)?|mar(?:ch|\\.)?|märz|mär\\.?|apr(?:il|\\.)?|may|mai|june?|juni|july?|juli|aug(?:ust|\\.)?|sep(?:t(?:ember)?|\\.)?|o[ck]t(?:ober|\\.)?|nov(?:ember|\\.)?|de[cz](?:ember|\\.)?|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)';
const DAY =
  '(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)';
const UNIT =
  '(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?|rs?)?|d(?:ays?)?|w(?:eeks?|ks?)?|mo(?:nth)?s?|y(?:ears?|rs?)?|sekunden?|minuten?|stunden?|tag(?:en?)?|wochen?|monat(?:en?)?|jahr(?:en?)?|jours?|heures?|semaines?|mois|ans?|días?|horas?|semanas?|meses|años?)';

const DATES: RegExp[] = [
  /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?\b/g,
  /\b\d{1,2}([./])\d{1,2}\1(?:20)?\d{2}\b/g,
  /\b20\d{2}([./])\d{1,2}\1\d{1,2}\b/g,
  // A badge or an edition of a season: “Leader, Spring 2026”.
  /\b(?:spring|summer|fall|autumn|winter|[QH][1-4])[ ,/'-]*20\d{2}\b|\b20\d{2}[ ,/-]*[QH][1-4]\b/gi,
  new RegExp(
    `(?:\\b${DAY},? )?\\b\\d{1,2}(?:st|nd|rd|th|\\.)? (?:of |de )?${MONTH}(?![\\p{L}])(?:,? (?:de )?\\d{4})?`,
    'giu',
  ),
  new RegExp(`(?:\\b${DAY},? )?\\b${MONTH} \\d{1,2}(?:st|nd|rd|th)?\\b(?!\\d)(?:,? \\d{4})?`, 'giu'),
  new RegExp(`\\b${MONTH},? \\d{4}\\b`, 'giu'),
  new RegExp(
    `\\b(?:about |over |almost |less than )?(?:\\d+|an?|one|two|three|few) ${UNIT} (?:ago|left|remaining|to go)\\b`,
    'giu',
  ),
  new RegExp(`\\b(?:vor|il y a|hace) (?:\\d+|einer?|einem|une?) ${UNIT}(?![\\p{L}])`, 'giu'),
  new RegExp(`\\b\\d+${UNIT} ago\\b`, 'giu'),
  /\b(?:yesterday|today|tomorrow|tonight|just now|a moment ago|gestern|heute|gerade eben|hier soir|aujourd'hui|demain)\b/gi,
  // “Until Thursday”, but not “every Thursday”, nor a product called after a day.
  new RegExp(
    `\\b(?:(?:on|by|until|till|before|this|next|last|from|since|am|bis|ab) ${DAY}|(?:this|next|last|past) (?:week|weekend|month|quarter|year))\\b(?!\\.\\w)`,
    'giu',
  ),
  /\b\d{1,2}:\d{2}(?::\d{2})? ?(?:[ap]\.?m\.?|utc|gmt|cet|est|pst|uhr)?(?!\w)/gi,
  /(?:\b\d{1,3} ?(?:d|h|m|s|days?|hours?|hrs?|min(?:ute)?s?|sec(?:ond)?s?)\b[ ,:]*){2,}/gi,
  /\b\d+[- ]min(?:ute)?s?[- ]read\b|\b\d+ min\. lesezeit\b/gi,
  /(?<![\d.,$€£¥₹#])\b(?:(?:19|20)\d{2} ?- ?)?20[1-3]\d\b(?![.,]?\d)/g,
];

const NUMBER =
  "(?:\\d{1,3}(?:[.,' ]\\d{3})+|\\d+(?:[.,]\\d+)?)(?: ?(?:k|m|mio\\.?|mn|bn|million(?:en)?|thousand|tausend|billion)\\b)?\\+?";
const COUNTED =
  '(?:users?|teams?|customers?|companies|businesses|clients?|developers?|devs|engineers?|makers?|founders?|people|persons?|professionals?|members?|subscribers?|followers?|fans|readers?|listeners?|students?|creators?|designers?|marketers?|writers?|freelancers?|agencies|startups?|organi[sz]ations?|brands|shops?|stores?|merchants?|websites|sites|apps in production|households|families|stars?|stargazers?|forks?|contributors?|downloads?|installs?|installations?|views?|visits?|visitors?|page ?views|reviews?|ratings?|reviewers?|studios?|partners?|photographers?|teachers?|schools?|universit(?:y|ies)|restaurants?|podcasters?|hosts?|players?|authors?|artists?|researchers?|votes?|upvotes?|comments?|likes?|shares?|sales|orders?|sign-?ups?|online|points|watching|nutzer(?:innen)?|kund(?:en|innen)|teams|unternehmen|firmen|personen|bewertungen|entwickler(?:innen)?|besucher|mitglieder|abonnenten|sterne|utilisateurs|clients|entreprises|équipes|usuarios|clientes|empresas|équipes)';
const DONE =
  '(?:processed|handled|served|sent|invoiced|collected|billed|donated|sold|answered|solved|delivered|saved|tracked|created|generated|shipped|deployed|monitored|built|published|completed|analy[sz]ed|managed|recovered|scheduled|launched|and counting|so far|to date|worldwide|daily|every day|per day|this (?:week|month|year)|today|verarbeitet|gesendet|gespart|erstellt)';
/** What stands before a number that is a limit of a plan, not a counter. */
const LIMIT =
  "(?<!\\b(?:up to|max(?:imum)?\\.?|limit(?:ed)?(?: to)?|includes?|including|first|per|every|bis zu|maximal|inklusive|jusqu'à|hasta|within|in|under|save|for|of|only|minimum|min\\.?|at least|from) )(?<![\\d.,$€£¥₹])";
const ADJECTIVES = "(?: (?!up to|per|for|of|in|to|and|or|with|free)[\\p{L}'-]+){0,2}?";

const JUDGES =
  '(?:trustpilot|g2|capterra|getapp|software advice|product ?hunt|(?:the )?(?:mac )?app store|google(?: play)?|play store|chrome web store|wordpress\\.org|shopify|gartner|yelp|tripadvisor|appsumo|glassdoor)';

const COUNTERS: RegExp[] = [
  new RegExp(
    `${LIMIT}\\b(?:over |more than |mehr als |über |plus de )?${NUMBER}${ADJECTIVES}[ -]${COUNTED}(?![\\p{L}])`,
    'giu',
  ),
  new RegExp(`(?<![$€£¥₹])\\b(?:over |more than )?[$€£¥₹]?${NUMBER}(?: [\\p{L}'-]+){0,4}? ${DONE}(?![\\p{L}])`, 'giu'),
  new RegExp(
    `\\b(?:trusted|used|loved|chosen|backed|joined|followed|downloaded|starred|installed|read|rated|reviewed|join|powering|helping|serving|vertraut von|genutzt von|bereits|schon)\\b(?: by| von)?(?: over| more than| the| mehr als| über)? ${NUMBER}`,
    'giu',
  ),
  new RegExp(
    `\\b(?:stars?|forks?|downloads?|installs?|views?|users?|followers?|members?|online|visitors?|customers?|likes?|votes?|upvotes?|ratings?|reviews?|sterne)\\b ?[:·]? ?\\(?${NUMBER}\\)?`,
    'giu',
  ),
  // Where the app is used; where it can be used, is what it does.
  new RegExp(
    `(?:\\b(?:used|trusted|loved|chosen|customers?|users?|makers?|teams|people|readers)\\b|§)[^.!?§]{0,30}\\b(?:in|across|from) (?:over |more than )?${NUMBER} (?:countries|cities|continents|ländern?|pays|países)\\b`,
    'giu',
  ),
  new RegExp(
    `\\b(?:serving|running|in business|online|going|around|profitable|bootstrapped|independent)\\b[^.!?]{0,30} for (?:over |more than )?${NUMBER} (?:days?|weeks?|months?|years?)\\b|\\b${NUMBER} (?:days?|years?) (?:in business|of experience|strong|and counting|of history)\\b`,
    'giu',
  ),
  new RegExp(
    `\\b\\d[.,]\\d (?:on|at|auf|from|bei) ${JUDGES}|${JUDGES}(?: (?:rating|score))?[:· ]+\\d[.,]\\d\\b`,
    'giu',
  ),
  // A share of uptime that is not all nines is a measurement, not a promise.
  /\b9\d\.(?!9+ ?%|9*5 ?%)\d{1,4} ?%(?= (?:\p{L}+ ){0,2}(?:uptime|availability|verfügbarkeit))/giu,
  /(?:★+|☆+|⭐+)+ ?\d(?:[.,]\d+)?|\b\d(?:[.,]\d+)? ?(?:\/|out of|von|sur) ?(?:5|10)\b|\b\d[.,]\d+ ?(?:★|☆|⭐|stars?|sterne)/giu,
  /\(\d[\d.,' ]*[km]?\+?\)/gi,
  /\b\d{1,3}(?:[.,]\d+)?% of (?:users|customers|teams|reviewers)\b/gi,
];
/** A number of a thousand or more that stands for no limit and no money is a counter, whatever is counted. */
const LARGE = new RegExp(
  `${LIMIT}\\b(?:\\d{1,3}(?:[.,' ]\\d{3})+|\\d+(?:[.,]\\d+)? ?(?:k|m|mio\\.?|million(?:en)?|thousand|bn|billion))\\b(?![ -]?(?:[$€£¥₹%]|usd|eur|gbp|x\\b|gb|mb|tb|times))\\+?`,
  'giu',
);
const EARNED =
  /\b(?:saved|earned|made|raised|processed|paid(?: out)?|generated|recovered|revenue of|valued at|worth|volume of|over|more than)\b[^.!?$€£]{0,30}[$€£¥₹]\d[\d.,]* ?(?:k|m|bn|million|billion)?\+?|[$€£¥₹]\d[\d.,]* ?(?:k|m|bn|million|billion)?\+? (?:[\p{L}'-]+ ){0,3}(?:saved|earned|made|raised|processed|paid|generated|recovered|invoiced|collected|billed|donated|sold|in (?:revenue|sales|savings|funding|payouts|payments)|mrr|arr|gmv|volume)\b/giu;

const TOKENS: RegExp[] = [
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi,
  /\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_-]{18,}={0,2}/g,
  /\b(?:build|rev|commit|session|request|ref|ray|trace|order|ticket|visitor|id)(?: id)?[ :#=]+[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*\b/gi,
  /https?:\/\/\S+\?\S+/g,
  /^\(\d+\) /g,
  /#\d{3,}\b/g,
  // A patch of a version; “Acme 3” is news.
  /\b(?:v(?:ersion)?\.? ?|release )\d+\.\d+\.\d+(?:[-.+]\w+)*\b/gi,
];

/** How to reach them differs by where one reads from, and by who hides it. */
const REACHED: RegExp[] = [
  /(?<![\w$€£.,])(?:\+|00)\d[\d ().-]{6,18}\d\b/g,
  /\[email protected\]|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+/gi,
];

export type Masked = { text: string; hid: NoiseKind[] };

/**
 * A text with what changes by itself replaced by a sign. Where `counts` is false (inside a plan), a number with a noun is
 * a limit and stays, unless somebody is said to have been counted ("chosen by 1,204 teams").
 */
export function mask(text: string, counts: boolean): Masked {
  let masked = plain(text);
  const hid: NoiseKind[] = [];
  const hide = (patterns: readonly RegExp[], kind: NoiseKind, sign: string) => {
    for (const pattern of patterns) {
      const next = masked.replace(pattern, sign);
      if (next !== masked && !hid.includes(kind)) hid.push(kind);
      masked = next;
    }
  };
  hide(REACHED, 'token', ' § ');
  hide(DATES, 'date', ' § ');
  hide(TOKENS, 'token', ' § ');
  if (counts) hide([...COUNTERS, EARNED, LARGE], 'counter', ' § ');
  else hide(COUNTERS.slice(2, 3), 'counter', ' § ');
  return { text: masked, hid };
}

const TRIAL =
  /\b(\d{1,3}|one|two|three|a|an|ein|eine|einen|sept|sieben|vierzehn|dreißig)[- ](days?|weeks?|months?|tage?n?|tägige[rn]?|wochen?|monate?n?|jours|días?)[- ]?(?:(?:of |for )?(?:full |unlimited |pro |no-risk |risk-free )?(?:free[- ])?(?:trial|testphase|probezeit)|(?:lang )?(?:free|kostenlos|gratis|kostenfrei|gratuits?)(?: (?:testen|trial|ausprobieren))?|(?:kostenlose )?(?:testphase|probezeit)|d'essai(?: gratuit)?|free trial)|\b(?:free[- ]trial|trial(?: period)?|try (?:it |us )?(?:for )?free|free|kostenlose? test(?:phase|en)?|testphase|kostenlos)(?: (?:for|of|lasts|is|period|von|für|is now)){1,2} (?:the first )?(\d{1,3}|one|two) (days?|weeks?|months?|tage?n?|wochen?|monate?n?)\b|\bfirst (\d{1,3}|one|two) (days?|weeks?|months?) (?:are )?(?:free|on us)\b/giu;
const WORDS: { [word: string]: number } = {
  a: 1,
  an: 1,
  one: 1,
  ein: 1,
  eine: 1,
  einen: 1,
  two: 2,
  three: 3,
  sieben: 7,
  vierzehn: 14,
  dreißig: 30,
  sept: 7,
};

/** Lengths of free trials a text speaks of, in days, with the words; and the text without them. */
export function trialsIn(text: string): { found: { days: number; quote: string }[]; rest: string } {
  const found: { days: number; quote: string }[] = [];
  const rest = plain(text).replace(TRIAL, (quote: string, ...parts: (string | undefined)[]) => {
    const [count, unit] = parts[0] ? [parts[0], parts[1]] : parts[2] ? [parts[2], parts[3]] : [parts[4], parts[5]];
    // “2 months free” is a discount for paying by the year.
    if (/^mo/i.test(unit ?? '') && !/trial|test|try|first|probe/i.test(quote)) return quote;
    const times = /^(?:w|s)/i.test(unit ?? '') ? 7 : /^mo/i.test(unit ?? '') ? 30 : 1;
    const days = (WORDS[(count ?? '').toLowerCase()] ?? Number(count)) * times;
    if (days > 0) found.push({ days, quote: plain(quote) });
    return ' free trial ';
  });
  return { found, rest };
}

/** What two texts are compared by: letters, digits and the signs that carry meaning, in lower case. */
export function keyOf(text: string): string {
  return (
    plain(text)
      .toLowerCase()
      .replace(/(?<=\d)[,' ](?=\d{3}\b)/g, '')
      // British and American spelling by where one reads from.
      .replace(/(?<=\p{L}{3})is(?=e[sdr]?\b|ing\b|ations?\b|ers\b)/gu, 'iz')
      .replace(/\b(col|lab|fav|hon|neighb|behavi|rum|harb)our/g, '$1or')
      .replace(/[^\p{L}\p{N}§%$€£¥₹+#.]/gu, '')
      .replace(/\.(?!\d)|(?<!\d)\./g, '')
  );
}

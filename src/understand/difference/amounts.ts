/** Prices as they are written: amount, currency, interval, and what is said beside it. */
import { plain } from './noise.ts';

export type Interval = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year' | 'once';

export type Offer = {
  /** Decimal with a point, without trailing zeros: `9`, `19.5`, `1299`. Null for a price on request. */
  amount: string | null;
  /** ISO 4217; empty for a plan that is free on a page without a currency. */
  currency: string;
  interval: Interval | null;
  /** How often it is billed, where that is said to differ. */
  billed: 'month' | 'year' | null;
  perSeat: boolean;
  /** “From $9”: the lowest of several. */
  from: boolean;
  quote: string;
};

export type Found = Offer & { start: number; end: number };

const CODES =
  'USD|EUR|GBP|JPY|CNY|INR|KRW|CAD|AUD|NZD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|SGD|HKD|ZAR|TRY|ILS|UAH|TWD|THB|IDR|PHP|VND|RON|BGN|AED|SAR';
const SIGNS =
  'US\\$|USD ?\\$|CA\\$|NZ\\$|HK\\$|AU\\$|R\\$|A\\$|C\\$|S\\$|MX\\$|\\$|€|£|¥|￥|₹|₩|₺|₴|₪|₫|₱|฿|Rs\\.?|Fr\\.|kr\\.?';
const AFTER = '€|£|\\$|¥|円|元|₹|₺|₴|₪|₫|zł|Kč|Ft|kr\\.?|lei|euros?|dollars?|US dollars?';
const NUMBER = "\\d{1,3}(?:[.,'’ ]\\d{2,3})+(?:[.,]\\d{1,2})?(?!\\d)|\\d+(?:[.,]\\d{1,6})?(?!\\d)";
const PRICE = new RegExp(
  `(?<![\\p{L}\\d])(?<sign>${SIGNS}|(?:${CODES})(?![\\p{L}]))\\s?(?<first>${NUMBER})(?:[.,][-–])?(?<cents>(?<=\\d) [.,]\\d{2}(?!\\d))?(?:\\s?(?<more>(?:${CODES})(?![\\p{L}])))?|(?<![\\p{L}\\d.,$€£¥₹#])(?<second>${NUMBER})(?:[.,][-–])?\\s?(?<after>(?:${CODES}|${AFTER}))(?![\\p{L}\\d])`,
  'gu',
);

const CURRENCIES: { [sign: string]: string } = {
  $: 'USD',
  US$: 'USD',
  USD$: 'USD',
  dollar: 'USD',
  dollars: 'USD',
  USdollars: 'USD',
  USdollar: 'USD',
  CA$: 'CAD',
  C$: 'CAD',
  A$: 'AUD',
  AU$: 'AUD',
  NZ$: 'NZD',
  HK$: 'HKD',
  S$: 'SGD',
  R$: 'BRL',
  MX$: 'MXN',
  '€': 'EUR',
  euro: 'EUR',
  euros: 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '￥': 'JPY',
  円: 'JPY',
  元: 'CNY',
  '₹': 'INR',
  Rs: 'INR',
  'Rs.': 'INR',
  '₩': 'KRW',
  '₺': 'TRY',
  '₴': 'UAH',
  '₪': 'ILS',
  '₫': 'VND',
  '₱': 'PHP',
  '฿': 'THB',
  zł: 'PLN',
  Kč: 'CZK',
  Ft: 'HUF',
  lei: 'RON',
  'Fr.': 'CHF',
  kr: 'SEK',
  'kr.': 'DKK',
};

/** Every amount of money in a text that is a price; what was saved, raised or earned is none. */
export function offersIn(text: string): Found[] {
  const line = plain(text).slice(0, 4_000);
  const matches = [...line.matchAll(PRICE)].slice(0, 30);
  return matches.flatMap((match, index) => {
    const { sign, first, cents, more, second, after } = match.groups ?? {};
    const start = match.index;
    const end = start + match[0].length;
    const before = line.slice(
      Math.max(
        matches[index - 1] ? (matches[index - 1]?.index ?? 0) + (matches[index - 1]?.[0].length ?? 0) : 0,
        start - 60,
      ),
      start,
    );
    const behind = line.slice(end, Math.min(end + 70, matches[index + 1]?.index ?? line.length));
    if (isNoPrice(before, behind)) return [];
    const written = (first ?? second ?? '') + (cents ? cents.trim() : '');
    const named = (sign ?? after ?? '').replace(/\s/g, '');
    const currency = more ?? CURRENCIES[named] ?? named;
    return [
      { amount: decimal(written), currency, ...termsOf(behind, before), quote: around(line, start, end), start, end },
    ];
  });
}

const NOTHING =
  /^(?:(?:it's |always |100% |completely )?free(?: forever| plan| tier)?|forever free|gratis|kostenlos|kostenfrei|gratuit|gratuito|\$0|0 ?€|無料|免费)(?:[ /-]*(?:forever|for ever|für immer|per month|\/ ?mo(?:nth)?|no credit card.*))?[.!]?$/i;
const ON_REQUEST =
  /^(?:custom(?: pricing| price| quote)?|contact (?:us|sales)(?: for (?:pricing|a quote))?|let'?s talk|talk to (?:us|sales)|get a quote|request (?:a )?(?:quote|pricing)|on request|price on request|by arrangement|individuell|auf anfrage|preis auf anfrage|kontakt(?:ieren sie uns)?|sur (?:devis|mesure)|nous contacter|a medida|contáctanos|ask us|tailored|enterprise pricing)[.!]?$/i;

/** A price said in words, by a line that says nothing else. */
export function wordOffer(text: string): Offer | null {
  const line = plain(text);
  const blank = { currency: '', interval: null, billed: null, perSeat: false, from: false, quote: line } as const;
  if (NOTHING.test(line)) return { ...blank, amount: '0' };
  if (ON_REQUEST.test(line)) return { ...blank, amount: null };
  return null;
}

/** A line that only goes on with the price above it: “/mo”, “per user / month, billed annually”. */
export function isTerms(text: string): boolean {
  const line = plain(text);
  return (
    line.length <= 70 &&
    !/\d{2,}/.test(line.replace(/\b(?:12|24|100)\b/g, '')) &&
    /^(?:[/(·,+*-] ?|per |pro |je |a |an |each |every |billed|paid|when |if |par |por |al |monthly|yearly|annual|month|year|mo\b|yr\b|usd|eur|gbp|user|seat|jährlich|monatlich|one[- ]time|once|lifetime|einmalig|forever|abgerechnet|bei jährlicher|month-to-month|starting|inkl|zzgl|excl|incl|plus vat)/i.test(
      line,
    )
  );
}

const INTERVALS: [Interval, RegExp][] = [
  [
    'month',
    /(?:\/|per|pro|a|an|each|every|par|por|al|im|je|billed|paid)? ?(?<![\p{L}])(?:months?|monthly|mo\.?|mth|mtl\.?|mon(?:at(?:lich)?)?|monats?|mois|mensuel(?:le)?s?|mes|mensual|mese|p\.?m\.?)(?![\p{L}])/iu,
  ],
  [
    'year',
    /(?<![\p{L}])(?:years?|yearly|yr\.?|annual(?:ly)?|annum|p\.?a\.?|jahr(?:es)?|jährlich|jaehrlich|an|année|annuel(?:le)?|año|anual|anno)(?![\p{L}])/iu,
  ],
  ['week', /(?<![\p{L}])(?:weeks?|weekly|wk|woche|wöchentlich|semaine|semana)(?![\p{L}])/iu],
  ['day', /(?:\/|per|pro|a) ?(?:day|tag|jour|día)(?![\p{L}])/iu],
  ['hour', /(?:\/|per|pro|an) ?(?:hour|hr|h|stunde|heure|hora)(?![\p{L}])/iu],
  ['quarter', /(?<![\p{L}])(?:quarter(?:ly)?|quartal|trimestre)(?![\p{L}])/iu],
  [
    'once',
    /(?<![\p{L}])(?:one[- ]time|once|lifetime|life|pay once|forever|einmalig|à vie|pago único|una tantum)(?![\p{L}])/iu,
  ],
];
const BILLED_YEAR =
  /(?:billed|paid|charged|invoiced|pay|billing|abgerechnet|abrechnung|zahlung|zahlbar|facturé|facturado|when|with|on|if|bei)[^.;]{0,25}(?:annual(?:ly)?|yearly|per year|a year|jährlich\w*|annuellement|anualmente|année)|(?:annual(?:ly)?|yearly|jährliche\w*|jährlich) (?:billing|plan|contract|abrechnung|zahlung|zahlweise|abgerechnet|billed|commitment)/i;
const BILLED_MONTH =
  /(?:billed|paid|charged|invoiced|billing|abgerechnet)[^.;]{0,12}(?:monthly|month-to-month|per month|monatlich)|(?:monthly|monatliche\w*) (?:billing|abrechnung)|month-to-month/i;
const SEAT =
  /(?:\/|per|pro|je|each|every|par|por|a) ?(?:active |additional |extra |named )?(?:user|seat|member|agent|editor|person|teammate|team member|host|creator|developer|contributor|employee|nutzer(?:in)?|benutzer|mitarbeiter(?:in)?|platz|sitz|utilisateur|usuario|collaborateur)s?(?![\p{L}])/iu;
const FROM =
  /(?:^|[^\p{L}])(?:from|starting (?:at|from)|starts? (?:at|from)|as low as|ab|à partir de|dès|desde|a partire da)(?: just| only| nur)?\s*[:(]?\s*$/iu;

/** Interval, seats and billing as said behind an amount, else before it. What is said first counts. */
export function termsOf(behind: string, before: string): Omit<Offer, 'amount' | 'currency' | 'quote'> {
  const said = behind.split(/(?<=[^.]{3})[.;!?] (?=[A-Z])|[|•]/u)[0] ?? '';
  let interval: Interval | null = null;
  let first = Number.POSITIVE_INFINITY;
  for (const [name, pattern] of INTERVALS) {
    const at = pattern.exec(said)?.index;
    if (at !== undefined && at < first) {
      // “/ an” is a year in French; “an editor” is none.
      if (name === 'year' && /^ ?an(?![\p{L}])/iu.test(said.slice(at)) && !/(?:\/|par) ?$/.test(said.slice(0, at)))
        continue;
      interval = name;
      first = at;
    }
  }
  if (!interval && /(?<![\p{L}])(?:monthly|per month|monatlich)\W*$/iu.test(before)) interval = 'month';
  if (!interval && /(?<![\p{L}])(?:yearly|annual(?:ly)?|per year|jährlich)\W*$/iu.test(before)) interval = 'year';
  if (!interval && /(?<![\p{L}])(?:one[- ]time|lifetime|once|einmalig)\W*$/iu.test(before)) interval = 'once';
  const billed = BILLED_YEAR.test(said) ? 'year' : BILLED_MONTH.test(said) ? 'month' : null;
  return {
    interval,
    billed: billed === interval ? null : billed,
    perSeat: SEAT.test(said),
    from: FROM.test(before),
  };
}

/** `1.299,50`, `1,299.50` and `1 299.5` → `1299.5`; `1,00,000` → `100000`; a lone separator before three digits parts thousands. */
export function decimal(written: string): string {
  const tight = written.replace(/[ '’]/g, '');
  const small = /^0[.,]\d+$/.test(tight);
  const fraction = small ? /[.,](\d+)$/.exec(tight) : /[.,](\d{1,2})$/.exec(tight);
  const whole = (fraction ? tight.slice(0, fraction.index) : tight).replace(/[.,]/g, '').replace(/^0+(?=\d)/, '');
  const rest = fraction?.[1]?.replace(/0+$/, '') ?? '';
  return rest ? `${whole}.${rest}` : whole;
}

function isNoPrice(before: string, behind: string): boolean {
  return (
    /^ ?(?:k\b|m\b|b\b|bn\b|\+?\s?(?:million|billion|thousand|mio|mrr|arr|off\b|in (?:[\p{L}]+ ){0,2}(?:paid|processed|recovered|collected|saved|earned)|in (?:revenue|sales|savings|funding|mrr|arr|payouts)|saved\b|discount|credits?\b|refund|raised|bonus|cash ?back|rabatt|de réduction|gmv|volume))/iu.test(
      behind,
    ) ||
    /(?:\b(?:saves?|saving|saved|raised?|worth|earn(?:ed|s|ing)?|made|making|lost|losing|processed|generated|recovered|revenue|valued at|refund(?:ed)?|credits?|bonus|instead of|reg(?:ular)?\.?|was|normally|usually|statt|vorher|discount|off|sparen|sie sparen|économisez)\b|[▲▼+−])[^.!?\d]{0,20}$/i.test(
      before,
    ) ||
    // What another currency makes of it today: “$9 (about €8.31)”.
    /[([](?:about|approx(?:\.|imately)?|around|roughly|circa|ca\.?|=|≈|~)\s*$/i.test(before)
  );
}

function around(line: string, start: number, end: number): string {
  if (line.length <= 160) return line;
  const from = Math.max(line.lastIndexOf('. ', start) + 1, start - 80, 0);
  const stop = line.indexOf('. ', end);
  return line.slice(from, Math.min(stop < 0 ? line.length : stop + 1, end + 80)).trim();
}

const SHOWN: { [currency: string]: string } = { USD: '$', EUR: '€', GBP: '£', INR: '₹', JPY: '¥' };
const BEHIND: { [key in Interval]: string } = {
  hour: 'hour',
  day: 'day',
  week: 'week',
  month: 'month',
  quarter: 'quarter',
  year: 'year',
  once: 'once',
};

/** `$9 per user a month, billed yearly`, as a person would say it. */
export function showOffer(offer: Offer): string {
  if (offer.amount === null) return 'on request';
  const cents = /\.\d$/.test(offer.amount) ? `${offer.amount}0` : offer.amount;
  const sign = SHOWN[offer.currency];
  const amount = sign ? `${sign}${cents}` : offer.currency ? `${cents} ${offer.currency}` : cents;
  const money = Number(offer.amount) === 0 ? 'free' : amount;
  const seat = offer.perSeat ? ' per user' : '';
  const interval =
    offer.interval && money !== 'free' ? (offer.interval === 'once' ? ' once' : ` per ${BEHIND[offer.interval]}`) : '';
  const billed = offer.billed ? `, billed ${offer.billed === 'year' ? 'yearly' : 'monthly'}` : '';
  return `${offer.from ? 'from ' : ''}${money}${seat}${interval}${billed}`;
}

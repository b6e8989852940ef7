/** Prices a page names, with the plan they stand under and the words they stand in. */
import type { PagePrice } from '#src/understand/reading.ts';
import type { Block } from './blocks.ts';

const MOST = 40;
/** A price list of a shop tells nothing about plans, however long it is. */
const MOST_READ = 400;

/**
 * Prices in the visible text, else those of the structured data. Left out: sums that are no price (“save $20”,
 * “$10k MRR”), what stands in a customer's words, and old prices that are struck through.
 *
 * @param lang decides what `¥` and `kr` mean
 */
export function readPrices(blocks: Block[], structured: unknown[], lang: string | null): PagePrice[] {
  const found = new Map<string, PagePrice>();
  const add = (price: PagePrice) => {
    const key = [price.plan?.toLowerCase(), Number(price.amount), price.currency, price.interval].join('|');
    if (found.size < MOST && !found.has(key)) found.set(key, price);
  };
  let read = 0;
  for (const [at, block] of blocks.entries()) {
    if (block.quoted || !/\d/.test(block.text)) continue;
    const prices = pricesIn(block, at, blocks, lang);
    prices.forEach(add);
    read += prices.length;
    if (read > MOST_READ) break;
  }
  if (found.size === 0) for (const item of structured) fromOffers(item, null, add);
  addFree(blocks, [...found.values()], add);
  return [...found.values()];
}

type Match = { start: number; end: number; amount: string; currency: string };

function pricesIn(block: Block, at: number, blocks: Block[], lang: string | null): PagePrice[] {
  const text = block.text.slice(0, 2_000);
  const prices: PagePrice[] = [];
  const matches = amountsIn(text, lang);
  matches.forEach((match, index) => {
    const before = text.slice(Math.max(matches[index - 1]?.end ?? 0, match.start - 40), match.start);
    let after = text.slice(match.end, Math.min(match.end + 60, matches[index + 1]?.start ?? text.length));
    if (isNoPrice(before, after)) return;
    let quote = sentenceAround(text, match);
    // Pricing cards often set the amount and “per month” in lines of their own.
    const next = blocks[at + 1];
    if (
      after.trim() === '' &&
      next &&
      next.text.length <= 60 &&
      !next.quoted &&
      amountsIn(next.text, lang).length === 0
    ) {
      if (intervalIn(next.text, '')) {
        after = ` ${next.text}`;
        quote = `${quote} ${next.text}`;
      }
    }
    const plan = planInside(text, match) ?? planBefore(blocks, at);
    prices.push({ plan, amount: match.amount, currency: match.currency, interval: intervalIn(after, before), quote });
  });
  return prices;
}

const CODES =
  'USD|EUR|GBP|JPY|CNY|INR|KRW|CAD|AUD|NZD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|SGD|HKD|ZAR|TRY|ILS|UAH|RUB|TWD|THB|IDR|PHP|VND|RON|BGN';
const NUMBER = String.raw`\d{1,9}(?:[.,'’]\d{3}){0,3}(?:[.,]\d{1,2})?(?![\d])`;
const SPACED_NUMBER = String.raw`\d{1,3}(?:[ .,'’]\d{3}){1,3}(?:[.,]\d{1,2})?(?!\d)|${NUMBER}`;
const SIGNS = String.raw`US\$|CA\$|NZ\$|HK\$|AU\$|R\$|A\$|C\$|S\$|\$|€|£|¥|￥|₹|₩|₽|₺|₴|₪|₫|฿|CHF|Fr\.`;
const SIGNS_AFTER = String.raw`€|£|\$|¥|円|元|₽|₴|₺|₫|zł|Kč|Ft|kr\.?|lei|euros?|dollars?`;
const SIGN_FIRST = `(?<sign>${SIGNS}|(?:${CODES}))\\s?(?<first>${NUMBER})(?:\\s?(?<dollars>CAD|AUD|NZD|USD|SGD|HKD|MXN)\\b)?`;
const NUMBER_FIRST = `(?<![\\d.,$€£¥])(?<second>${SPACED_NUMBER})(?:[.,][-–—]{1,2})?\\s?(?<after>${SIGNS_AFTER}|(?:${CODES})\\b)(?![a-z])`;

function amountsIn(text: string, lang: string | null): Match[] {
  return [...text.matchAll(new RegExp(`${SIGN_FIRST}|${NUMBER_FIRST}`, 'g'))].slice(0, 20).map((match) => {
    const { sign, first, dollars, second, after } = match.groups ?? {};
    return {
      start: match.index,
      end: match.index + match[0].length,
      amount: decimal(first ?? second ?? ''),
      currency: dollars ?? currencyOf(sign ?? after ?? '', lang),
    };
  });
}

/** `1.299,50` and `1,299.50` → `1299.50`; a lone separator before three digits parts thousands. */
function decimal(written: string): string {
  const plain = written.replace(/[ '’]/g, '');
  const fraction = /[.,](\d{1,2})$/.exec(plain);
  const whole = (fraction ? plain.slice(0, fraction.index) : plain).replace(/[.,]/g, '').replace(/^0+(?=\d)/, '');
  return fraction ? `${whole}.${fraction[1]}` : whole;
}

const CURRENCIES = new Map(
  Object.entries({
    US$: 'USD',
    $: 'USD',
    CA$: 'CAD',
    C$: 'CAD',
    A$: 'AUD',
    AU$: 'AUD',
    NZ$: 'NZD',
    HK$: 'HKD',
    S$: 'SGD',
    R$: 'BRL',
    '€': 'EUR',
    '£': 'GBP',
    '₹': 'INR',
    '₩': 'KRW',
    '₽': 'RUB',
    '₺': 'TRY',
    '₴': 'UAH',
    '₪': 'ILS',
    '₫': 'VND',
    '฿': 'THB',
    円: 'JPY',
    元: 'CNY',
    zł: 'PLN',
    Kč: 'CZK',
    Ft: 'HUF',
    lei: 'RON',
    'Fr.': 'CHF',
    euro: 'EUR',
    euros: 'EUR',
    dollar: 'USD',
    dollars: 'USD',
  }),
);

function currencyOf(sign: string, lang: string | null): string {
  const language = lang?.slice(0, 2);
  if (sign === '¥' || sign === '￥') return language === 'zh' ? 'CNY' : 'JPY';
  if (/^kr/.test(sign))
    return language === 'da' ? 'DKK' : language === 'nb' || language === 'no' || language === 'nn' ? 'NOK' : 'SEK';
  return CURRENCIES.get(sign) ?? sign;
}

const INTERVALS: [PagePrice['interval'], string][] = [
  [
    'month',
    'mo|mth|mos|month|months|monthly|mois|mensuel|monat|monatlich|mes|mensual|mês|mese|miesiąc|måned|månad|maand|mån|mnd|月|か月|월',
  ],
  ['year', 'yr|year|years|yearly|annual|annually|annum|an|année|jahr|jährlich|año|ano|anno|rok|år|jaar|年|년'],
  ['week', 'wk|week|weekly|semaine|woche|semana|settimana|week|週|周'],
  ['once', 'once|one[- ]time(?: payment| purchase)?|lifetime|forever|einmalig|à vie|pago único|una tantum|買い切り'],
];
const INTERVAL_NAMES = INTERVALS.map(
  ([name, words]) => [name, new RegExp(`(?:^|[^\\p{L}])(?:${words})(?![\\p{L}])`, 'iu')] as const,
);
const CJK_INTERVALS = [
  ['month', /[/／毎]?\s?(?:か?月|월)/],
  ['year', /[/／毎]?\s?(?:年|년)/],
] as const;

/** What is said first after the amount counts: “$8/month billed annually” is paid by the month. */
function intervalIn(after: string, before: string): PagePrice['interval'] {
  // “a” and “an” are articles in English, and “an” is a year only after a slash or a “par”.
  const said = after.replace(/\b(?:per|a|an|each|every)\s+(?=\p{L})/giu, ' ');
  let best: { interval: PagePrice['interval']; at: number } | null = null;
  for (const [interval, words] of INTERVAL_NAMES) {
    const match = words.exec(said);
    const vague = match && /an$/i.test(match[0]) && !/(?:\/|par)\s?$/i.test(said.slice(0, match.index + 1));
    if (match && !vague && (!best || match.index < best.at)) best = { interval, at: match.index };
  }
  if (!best) for (const [interval, sign] of CJK_INTERVALS) if (sign.test(after.slice(0, 6))) return interval;
  if (!best && /\b(?:one[- ]time|lifetime|pay once|once)\b/i.test(before)) return 'once';
  if (!best && /\b(?:monthly|per month)\b/i.test(before)) return 'month';
  if (!best && /\b(?:yearly|annual(?:ly)?|per year)\b/i.test(before)) return 'year';
  return best?.interval ?? null;
}

function isNoPrice(before: string, after: string): boolean {
  return (
    /^\s?(?:[kKmMbB]\b|\+?\s?(?:million|billion|thousand|mrr|arr|off\b|in (?:revenue|sales|savings|mrr|arr)|saved|discount|credit|refund|raised|bonus|de réduction|rabatt))/i.test(
      after,
    ) ||
    /\b(?:saves?|saving|saved|raised?|worth|earn(?:ed|s|ing)?|made|making|lost|losing|spend|spent|revenue|valued at|refund|credit|bonus|grew|reached|hit|was|instead of|économisez|sparen)\b[^.!?]{0,18}$/i.test(
      before,
    )
  );
}

/** “Pro: $9/mo”, “Team plan $29”: the words right before the amount, when they are few. */
function planInside(text: string, match: Match): string | null {
  const before = text.slice(Math.max(0, match.start - 60), match.start);
  const [, name] =
    /(?:^|[.!?|,;]\s*)([\p{Lu}][\p{L}\p{N}+&-]{1,20}(?: [\p{L}\p{N}+&-]{1,15}){0,2})\s*(?:plan)?\s*(?:[:–—-]|is|costs|at|for)?\s*$/u.exec(
      before,
    ) ?? [];
  const plan = name?.replace(/ (?:plan|is|costs|at|for|from|starts?|starting)$/i, '').trim();
  return plan &&
    !/^(?:only|just|from|starting|starts|pay|get|for|at|plans?|price|pricing|billed|or|then|ab|nur|dès|à partir de|desde)\b/i.test(
      plan,
    )
    ? plan
    : null;
}

/** The nearest heading above, or a short line that looks like a name. */
function planBefore(blocks: Block[], at: number): string | null {
  for (let i = at - 1; i >= Math.max(0, at - 5); i--) {
    const block = blocks[i] as Block;
    if (amountWords(block.text)) return null;
    if (block.kind === 'heading') return block.text.length <= 40 && !isAboutPricing(block.text) ? block.text : null;
    const isName = block.kind !== 'item' && block.text.length <= 24 && /^\p{Lu}[^.!?,:]*$/u.test(block.text);
    if (isName && !/^(?:most popular|popular|recommended|best value|new|monthly|yearly|billed)/i.test(block.text))
      return block.text;
  }
  return null;
}

function isAboutPricing(heading: string): boolean {
  return /pric|plans?\b|cost|tarif|preis|precio|prezz|料金|how much|choose/i.test(heading);
}

function amountWords(text: string): boolean {
  return text.length <= 40 && /[$€£¥]\s?\d|\d\s?(?:[$€£]|zł|円)/.test(text);
}

function sentenceAround(text: string, match: Match): string {
  if (text.length <= 160) return text;
  const from = Math.max(text.lastIndexOf('. ', match.start) + 1, match.start - 80, 0);
  const stop = text.indexOf('. ', match.end);
  return text.slice(from, Math.min(stop < 0 ? text.length : stop + 1, match.end + 80)).trim();
}

const FREE = /^(?:free(?: forever| plan| tier)?|gratis|kostenlos|gratuit|gratuito|無料|免费)$/i;
const FREE_OFFER =
  /\b(?:free forever|free plan|free tier|(?:completely|totally|100%) free|free (?:and|&) open[- ]source|free for (?:personal|individual|open))\b/i;

/** A free plan has no number to find. Only one, and only if no price of nothing has been found. */
function addFree(blocks: Block[], prices: PagePrice[], add: (price: PagePrice) => void): void {
  if (prices.some((price) => Number(price.amount) === 0)) return;
  const block =
    blocks.find((one) => !one.quoted && prices.length > 0 && FREE.test(one.text)) ??
    blocks.find((one) => !one.quoted && one.text.length <= 300 && FREE_OFFER.test(one.text));
  if (!block) return;
  const currency = prices[0]?.currency ?? '';
  const plan = FREE.test(block.text) && block.kind !== 'heading' ? planBefore(blocks, blocks.indexOf(block)) : null;
  add({ plan: plan ?? 'Free', amount: '0', currency, interval: null, quote: block.text });
}

function fromOffers(item: unknown, plan: string | null, add: (price: PagePrice) => void, depth = 0): void {
  if (typeof item !== 'object' || item === null || depth > 3) return;
  const { name, price, lowPrice, priceCurrency, offers } = item as Record<string, unknown>;
  const named = typeof name === 'string' ? name.slice(0, 80) : null;
  const amount = String(price ?? lowPrice ?? '');
  if (
    depth > 0 &&
    /^\d{1,9}(?:\.\d{1,4})?$/.test(amount) &&
    typeof priceCurrency === 'string' &&
    /^[A-Z]{3}$/.test(priceCurrency)
  )
    add({ plan: named ?? plan, amount, currency: priceCurrency, interval: null, quote: `${amount} ${priceCurrency}` });
  for (const offer of [offers ?? []].flat().slice(0, 20)) fromOffers(offer, null, add, depth + 1);
}

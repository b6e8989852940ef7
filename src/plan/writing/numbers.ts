/** Finds numbers in a text that no fact supports: the commonest way in which marketing stops being true. */

export type Supporting = { statement: string; quote: string };
export type UnsupportedNumber = { text: string; index: number; reason: string };

/**
 * Every number of the text that stands in no fact, with its place (UTF-16 index). A number is supported by the same value with the
 * same unit (`40%` is not supported by `40 users`); `1,200`, `1200` and `1.2k` are one value. Not numbers: addresses, handles, variables,
 * the numbering of a list or thread, and number words before things nobody measures ("three things").
 */
export function findUnsupportedNumbers(text: string, facts: readonly Supporting[]): UnsupportedNumber[] {
  const supported = new Set(
    facts.flatMap((fact) => [...numbersIn(fact.statement), ...numbersIn(fact.quote)]).map(keyOf),
  );
  return numbersIn(text)
    .filter((number) => !supported.has(keyOf(number)))
    .map(({ text: words, index }) => ({
      text: words,
      index,
      reason: `No fact says “${words}”. Link one that does, or take the number out.`,
    }));
}

/** `unit` is `%`, `times`, a currency, or empty. */
type Num = { text: string; index: number; value: string; unit: string };

const units =
  'percent|per cent|users?|customers?|people|teams?|companies|businesses|times|hours?|days?|weeks?|months?|years?|minutes?|seconds?|downloads?|stars?|dollars?|euros?|pounds?|countries|developers?|founders?|signups?|subscribers?';
const small = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const tens: Record<string, number> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};

const digits =
  /(?<sign>[$€£¥₹]\s?)?(?<![\p{L}\d_.@#-])(?<value>\d+(?:[.,]\d+)*)(?:\s?(?<scale>k|m|bn|million|billion|thousand)\b)?\+?(?<unit>\s?%|\s?(?:percent|per cent)\b|\s?(?:€|£|dollars?\b|euros?\b|pounds?\b|USD\b|EUR\b|GBP\b)|x\b|\s?times\b)?/giu;
const inWords = new RegExp(
  String.raw`\b(?<word>${[...small.slice(2), ...Object.keys(tens)].join('|')})\s(?<unit>(?:\p{L}+\s)?(?:${units}))\b`,
  'giu',
);
const vague = /\b(?:dozens|hundreds|thousands|millions|billions|twice|double[sd]?|triple[sd]?|half of)\b/giu;

function numbersIn(text: string): Num[] {
  // What is no claim is blotted out with as many spaces, so that the places stay right.
  const readable = text
    .replace(/https?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)*\.\p{L}{2,}(?:\/\S*)?|[@#]\w+|\{\{[^}]*\}\}/giu, blank)
    .replace(/^\s*\d{1,2}(?:[.)]|\/\d{0,2})(?=\s|$)/gmu, blank)
    .replace(/\s\(?\d{1,2}\/\d{1,2}\)?\s*$/gmu, blank);
  const found: Num[] = [];
  for (const match of readable.matchAll(digits)) {
    const { sign = '', value = '', scale = '', unit = '' } = match.groups ?? {};
    found.push({
      text: match[0].trim(),
      index: match.index,
      value: canonical(value, scale),
      unit: unitOf(`${sign}${unit}`),
    });
  }
  for (const match of readable.matchAll(inWords)) {
    const word = (match.groups?.word ?? '').toLowerCase();
    const value = small.indexOf(word) >= 0 ? small.indexOf(word) : (tens[word] ?? 0);
    found.push({ text: match[0], index: match.index, value: String(value), unit: unitOf(match.groups?.unit ?? '') });
  }
  for (const match of readable.matchAll(vague))
    found.push({ text: match[0], index: match.index, value: match[0].toLowerCase(), unit: '' });
  return found.sort((a, b) => a.index - b.index);
}

function unitOf(words: string): string {
  if (/%|per ?cent/i.test(words)) return '%';
  if (/\$|dollar|usd/i.test(words)) return 'USD';
  if (/€|euro|eur\b/i.test(words)) return 'EUR';
  if (/£|pound|gbp/i.test(words)) return 'GBP';
  if (/[¥₹]/.test(words)) return words.trim();
  return /^\s?(x|times)$/i.test(words) ? 'times' : '';
}

/** `1,200` and `1.200` are a thousand two hundred; `1.2` and `1,2` are one and a fifth. */
function canonical(value: string, scale: string): string {
  const grouped = /^\d{1,3}([.,]\d{3})+$/.test(value)
    ? value.replace(/[.,]/g, '')
    : value.replace(/,(?=\d{3}\b)/g, '').replace(',', '.');
  const factor = /^(k|thousand)$/i.test(scale) ? 1e3 : /^(m|million)$/i.test(scale) ? 1e6 : scale ? 1e9 : 1;
  const number = Number(grouped) * factor;
  return Number.isFinite(number) ? String(Math.round(number * 1e6) / 1e6) : grouped;
}

function keyOf(number: Num): string {
  return `${number.value} ${number.unit}`;
}

function blank(text: string): string {
  return ' '.repeat(text.length);
}

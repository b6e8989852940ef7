/** How numbers stand in reports: one locale, exact money, and the change in words. */
import { minorUnits, toDecimal } from '#src/outside/payments/currency.ts';
import type { Block, Figure, Unit } from './content.ts';

const LOCALE = 'en-GB';
export const NOT_ENOUGH = 'not enough data';

/** 7318 → `7,318`; shares of credit keep one digit. */
export function countWords(value: number): string {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 }).format(value);
}

/** Minor units, exactly: 124000 USD → `$1,240.00`; `whole` leaves out decimals that are nought. */
export function moneyWords(minor: string | bigint, currency: string, options: { whole?: boolean } = {}): string {
  const digits = options.whole && BigInt(minor) % 10n ** BigInt(minorUnits(currency)) === 0n ? 0 : minorUnits(currency);
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(toDecimal(BigInt(minor), currency) as Intl.StringNumericLiteral);
}

/** 0.182 → `18.2%`. */
export function percentWords(fraction: number): string {
  return new Intl.NumberFormat(LOCALE, {
    style: 'percent',
    maximumFractionDigits: Math.abs(fraction) < 10 ? 1 : 0,
  }).format(fraction);
}

/** `+12%`, `−3.4%`, `no change`. */
export function changeWords(change: number): string {
  if (Math.abs(change) < 0.0005) return 'no change';
  return `${change > 0 ? '+' : '−'}${percentWords(Math.abs(change))}`;
}

/** Without emoji: the font of pictures and documents has none, and would draw an empty box for each. */
export function withoutEmoji(text: string): string {
  return text
    .replace(
      /\s?(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f)(?:[\u200d\ufe0f]|\p{Emoji_Modifier}|\p{Emoji_Presentation})*/gu,
      '',
    )
    .trim();
}

/** A value of a unit as written. */
export function valueWords(value: string, unit: Unit, currency: string | null): string {
  if (unit === 'money') return moneyWords(value, currency ?? 'USD');
  if (unit === 'rate') return percentWords(Number(value));
  if (unit === 'months')
    return `${new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 }).format(Number(value))} months`;
  return countWords(Number(value));
}

type Given = {
  key: string;
  label: string;
  unit?: Unit;
  currency?: string | null;
  value: string | number | null;
  before: string | number | null;
  /** Why there is no value. */
  missing?: string | null;
};

/** A figure with its words. Without a value it says "not enough data", with what is missing beside it. */
export function figureOf({ key, label, unit = 'count', currency = null, missing = null, ...given }: Given): Figure {
  const [value, before] = [text(given.value), text(given.before)];
  const was = before === null ? null : Number(before);
  return {
    key,
    label,
    unit,
    value,
    before,
    currency: unit === 'money' ? currency : null,
    missing: value === null ? reasonOf(missing ?? 'Not counted yet.') : null,
    shown: value === null ? NOT_ENOUGH : valueWords(value, unit, currency),
    shownBefore: before === null ? null : valueWords(before, unit, currency),
    // A part of a rate is easily taken for points of it.
    change:
      unit === 'rate' || value === null || was === null || was === 0 ? null : (Number(value) - was) / Math.abs(was),
  };
}

/** `Visits: 320, up 60% from 200.` */
export function sentenceOf({ label, value, missing, shown, shownBefore, before, change }: Figure): string {
  if (value === null) return `${label}: not enough data. ${missing ?? ''}`.trim();
  if (shownBefore === null || before === null) return `${label}: ${shown}; the period before was not counted.`;
  if (Number(value) === Number(before)) return `${label}: ${shown}, as in the period before.`;
  const way = Number(value) > Number(before) ? 'up' : 'down';
  const by = change === null ? '' : ` ${percentWords(Math.abs(change))}`;
  return `${label}: ${shown}, ${way}${by} from ${shownBefore}.`;
}

/** Rows under heads, the columns marked `#` numeric. */
export function tableOf(title: string, heads: readonly string[], rows: string[][], note: string | null = null): Block {
  return {
    type: 'table',
    title,
    note,
    columns: heads.map((head) => ({ label: head.replace(/^#/, ''), numeric: head.startsWith('#') })),
    rows,
  };
}

/** There is nothing of it: said plainly, since nothing is missing. */
export function noneBlock(sentence: string): Block {
  return { type: 'text', sentences: [sentence] };
}

/** There is not enough data to say; the sentence tells what is missing. */
export function missingBlock(sentence: string): Block {
  return { type: 'missing', sentence };
}

/** The words stand beside "not enough data" already. */
function reasonOf(missing: string): string {
  const reason = missing.replace(/^Not enough data: /, '');
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

function text(value: string | number | null): string | null {
  return value === null ? null : String(value);
}

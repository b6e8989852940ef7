import { dayIn } from './zone.ts';

/**
 * How numbers, money and moments are written everywhere in the app. One locale, so that figures look alike side by side;
 * what already speaks another language gives its own.
 */
const locale = 'en-GB';

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
// British English writes 1.24m, which reads as metres beside figures in k.
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** 7318 → `7,318`. */
export function count(value: number | bigint): string {
  return whole.format(value);
}

/** 48200 → `48.2k`; below ten thousand the whole number, as there is room for it. */
export function compact(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value).replace('K', 'k');
}

/** A fraction: 0.182 → `18.2%`. */
export function percent(fraction: number): string {
  const digits = Math.abs(fraction) < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  }).format(fraction);
}

/** The relative change from one period to the next as a fraction, or null when there was nothing to compare with. */
export function change(now: number, before: number): number | null {
  return before === 0 ? null : (now - before) / Math.abs(before);
}

/**
 * Money in minor units of its currency (cents for USD, yen for JPY). A string may carry a fraction of a minor unit,
 * as prices of single API calls do: `money('1.5', 'USD')` → `$0.015`. Exact: no float is involved.
 * `whole: true` leaves out the minor part of amounts of ten and more.
 */
export function money(
  minor: bigint | number | string,
  currency: string,
  options: { whole?: boolean; locale?: string } = {},
): string {
  const exponent = exponentOf(currency);
  const amount = shift(String(minor), exponent);
  const fraction = amount.split('.')[1]?.replace(/0+$/, '').length ?? 0;
  const large = amount.replace('-', '').split('.')[0]!.length >= 2;
  const digits = options.whole && large ? 0 : Math.max(exponent, fraction);
  const format = new Intl.NumberFormat(options.locale ?? locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: fraction === 0 && options.whole ? 0 : Math.min(digits, 20),
    maximumFractionDigits: digits,
  });
  return format.format(amount as Intl.StringNumericLiteral);
}

/** `22 Nov`, with the year when it is not the one in which `now` lies. */
export function day(moment: Moment, zone?: string, now: Moment = Date.now()): string {
  const year = yearOf(moment, zone, now);
  return dates({ day: 'numeric', month: 'short', year }, zone).format(new Date(moment));
}

/** `Tue 24 Nov`, with the year when it is not the one in which `now` lies. */
export function weekday(moment: Moment, zone?: string, now: Moment = Date.now()): string {
  const year = yearOf(moment, zone, now);
  return dates({ weekday: 'short', day: 'numeric', month: 'short', year }, zone)
    .format(new Date(moment))
    .replace(',', '');
}

/** `09:00`. */
export function time(moment: Moment, zone?: string): string {
  return dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, zone).format(new Date(moment));
}

/** `Tue 24 Nov, 09:00`, with the year when it is not the one in which `now` lies. */
export function dateTime(moment: Moment, zone?: string, now: Moment = Date.now()): string {
  return `${weekday(moment, zone, now)}, ${time(moment, zone)}`;
}

/** As people write an account: `@mayabuilds`; what is a name and no handle (a list, a page) stands as it is. */
export function called(handle: string): string {
  return /\s/.test(handle) ? handle : `@${handle}`;
}

/** `3 minutes ago`, `in 2 days`, relative to `now`; `vor 3 Minuten` for `de-DE`. */
export function relative(moment: Moment, now: Moment = Date.now(), inLocale = locale): string {
  const seconds = (new Date(moment).getTime() - new Date(now).getTime()) / 1000;
  const [size, unit] = steps.find(([limit]) => Math.abs(seconds) >= limit) ?? [1, 'second'];
  return new Intl.RelativeTimeFormat(inLocale, { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

/** `1 post`, `4 posts`; `plural` only where an s is not enough. */
export function counted(value: number, one: string, plural = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : plural}`;
}

type Moment = Date | string | number;

const steps: [number, Intl.RelativeTimeFormatUnit][] = [
  [31_557_600, 'year'],
  [2_629_800, 'month'],
  [604_800, 'week'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** A moment on New Year's Eve in one zone is in the next year in another, so both years are read off in the zone. */
function yearOf(moment: Moment, zone: string | undefined, now: Moment): 'numeric' | undefined {
  const here = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return dayIn(moment, here).slice(0, -6) === dayIn(now, here).slice(0, -6) ? undefined : 'numeric';
}

function dates(options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
}

function exponentOf(currency: string): number {
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Moves the decimal point of a plain decimal string to the left. */
function shift(decimal: string, places: number): string {
  const negative = decimal.startsWith('-');
  const [integer = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const padded = integer.padStart(places + 1, '0');
  const point = padded.length - places;
  const digits = `${padded.slice(0, point)}.${padded.slice(point)}${fraction}`;
  return (negative ? '-' : '') + digits.replace(/\.$/, '');
}

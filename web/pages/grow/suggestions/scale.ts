import type { Suggestion } from '#web/pages/grow/suggestions.tsx';
import { amountWords, impactOf } from './words.ts';

/** The axes of the matrix, as parts of its box from 0 to 1. Hours by their logarithm, impact by its signed square root. */
export type Scale = { unit: 'money' | 'signups'; currency: string | null; low: number; high: number };

const hours = { least: 0.2, most: 32 };
/** Measured points stand between these; below is the strip for what is not measured. */
const band = { top: 0.05, bottom: 0.87 };
/** As far down as a measured point is drawn. */
export const floor = band.bottom;

/** In the unit most suggestions have, as far as their intervals reach. */
export function scaleOf(suggestions: readonly Suggestion[]): Scale {
  const known = suggestions.map(impactOf).filter((impact) => impact !== null);
  const inMoney = known.filter(({ unit }) => unit === 'money');
  const unit = inMoney.length * 2 >= known.length && inMoney.length > 0 ? 'money' : 'signups';
  const shown = known.filter((impact) => impact.unit === unit);
  const own = suggestions.flatMap((one) => (impactOf(one)?.unit === unit && one.own?.impact ? [one.own.impact] : []));
  const high = Math.max(unit === 'money' ? 1000 : 1, ...shown.map((impact) => impact.high), ...own);
  return {
    unit,
    currency: inMoney[0]?.currency ?? null,
    low: Math.min(0, ...shown.map(({ low }) => low), ...own),
    high,
  };
}

export function xOf(value: number): number {
  const at = Math.log(Math.min(hours.most, Math.max(hours.least, value)) / hours.least);
  return 0.04 + (0.92 * at) / Math.log(hours.most / hours.least);
}

export function hoursAt(x: number): number {
  const part = Math.min(1, Math.max(0, (x - 0.04) / 0.92));
  return hours.least * (hours.most / hours.least) ** part;
}

export function yOf({ low, high }: Scale, value: number): number {
  const [from, to] = [root(low), root(high)];
  const part = (root(Math.min(high, Math.max(low, value))) - from) / (to - from);
  return band.bottom - part * (band.bottom - band.top);
}

export function worthAt({ low, high }: Scale, y: number): number {
  const [from, to] = [root(low), root(high)];
  const part = (band.bottom - Math.min(band.bottom, Math.max(band.top, y))) / (band.bottom - band.top);
  const at = from + part * (to - from);
  return Math.sign(at) * at * at;
}

/** Lines at nothing, a tenth, two fifths and the top. */
export function ticksOf(scale: Scale): { y: number; zero: boolean; words: string }[] {
  return [0, 0.1, 0.4, 1].map((part) => ({
    y: yOf(scale, part * scale.high),
    zero: part === 0,
    words: amountWords(part * scale.high, scale.unit, scale.currency),
  }));
}

function root(value: number): number {
  return Math.sign(value) * Math.sqrt(Math.abs(value));
}

/**
 * Exchange rates of the day: the euro reference rates of the European Central Bank, published on working days at about
 * 16:00 in Frankfurt for some 30 currencies. Free to use with the source named
 * (https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates, 2026-11-22).
 */
import { usualFailure } from './failures.ts';
import { callApi, isNoAnswer } from './http.ts';
import type { Outcome } from './platform.ts';

/** The reference rates of one day: how much of each currency one euro was, as exact decimals; EUR itself is "1". */
export type RateDay = { day: string; rates: Readonly<Record<string, string>> };

/** Where the bank keeps them; another address can be set for a mirror of one's own. */
export const ECB_RATES_URL = 'https://www.ecb.europa.eu/stats/eurofxref';

/** The last working day, the last 90 days, or everything since 1999. */
export type RateRange = 'day' | 'quarter' | 'all';

const FILES: Record<RateRange, string> = {
  day: 'eurofxref-daily.xml',
  quarter: 'eurofxref-hist-90d.xml',
  all: 'eurofxref-hist.xml',
};

/**
 * Reads the rates, newest day first. One request; never throws. A failure is `later` (ask again then) or `refused` (the
 * answer is not what the bank publishes: nothing of it is taken).
 */
export async function fetchRates(
  options: { url?: string | undefined; range: RateRange },
  now = new Date(),
): Promise<Outcome<RateDay[]>> {
  const base = (options.url ?? ECB_RATES_URL).replace(/\/+$/, '');
  const url = `${base}/${FILES[options.range]}`;
  const answer = await callApi({ method: 'GET', url, maxBytes: 40_000_000, timeoutMs: 60_000 });
  if (isNoAnswer(answer) || answer.status !== 200)
    return { ok: false, failure: usualFailure('The European Central Bank', 'read', answer, '', now) };
  const days = readRates(answer.text);
  if (days !== null) return { ok: true, value: days };
  return {
    ok: false,
    failure: {
      kind: 'refused',
      code: 'unreadable',
      reason:
        'The exchange rates of the European Central Bank came in a form that is not known, so none of them were taken.',
    },
  };
}

/**
 * The days in the bank's XML, newest first; null unless all of it is as published: an envelope with one cube, in it days,
 * in them currencies, each with a rate above zero, and nothing else, to the end.
 */
export function readRates(xml: string): RateDay[] | null {
  const begin = /<Cube>/.exec(xml);
  if (!begin || !/^\s*(<\?xml[^>]*\?>)?\s*<gesmes:Envelope[\s>]/.test(xml)) return null;
  const tag =
    /\s*(?:<Cube time=["'](\d{4}-\d\d-\d\d)["']\s*>|<Cube currency=["']([A-Z]{3})["'] rate=["'](\d+(?:\.\d+)?)["']\s*\/>|(<\/Cube>))/y;
  tag.lastIndex = begin.index + begin[0].length;
  const days = new Map<string, Record<string, string>>();
  let open: Record<string, string> | null = null;
  for (;;) {
    const found = tag.exec(xml);
    if (!found) return null;
    const [, day, currency, rate] = found;
    if (day !== undefined) {
      if (open !== null || days.has(day) || !isDay(day)) return null;
      open = { EUR: '1' };
      days.set(day, open);
    } else if (currency !== undefined && rate !== undefined) {
      if (open === null || open[currency] !== undefined || !/[1-9]/.test(rate)) return null;
      open[currency] = rate;
    } else if (open !== null) {
      if (Object.keys(open).length < 2) return null;
      open = null;
    } else if (/^\s*<\/gesmes:Envelope>\s*$/.test(xml.slice(tag.lastIndex))) {
      break;
    } else return null;
  }
  if (days.size === 0) return null;
  return [...days].map(([day, rates]) => ({ day, rates })).sort((a, b) => (a.day < b.day ? 1 : -1));
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
}

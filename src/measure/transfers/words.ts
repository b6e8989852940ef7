import { minorUnits } from '#src/outside/payments/currency.ts';

/** `2026-11-22`, `20261122`; null for what is no day, or one that cannot be told apart (`01/02/2026`). */
export function dayOf(text: string): string | null {
  const plain = text.trim();
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(plain);
  if (!match) return null;
  const day = `${match[1]}-${match[2]}-${match[3]}`;
  const at = new Date(`${day}T00:00:00Z`);
  return Number.isFinite(at.getTime()) && at.toISOString().startsWith(day) && day >= '1970' && day < '2200'
    ? day
    : null;
}

/** A moment with its offset, seconds or milliseconds since 1970, or a time without an offset, which is UTC. */
export function momentOf(text: string): Date | null {
  const plain = text.trim();
  const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i.exec(
    plain,
  );
  const seconds = /^\d{10}(\d{3})?$/.exec(plain);
  if (!iso && !seconds) return null;
  const zone = (iso?.[3] ?? 'Z')
    .toUpperCase()
    .replace('UTC', 'Z')
    .replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const at = iso
    ? Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${zone}`)
    : Number(plain) * (seconds?.[1] === undefined ? 1000 : 1);
  if (!Number.isFinite(at) || (iso && dayOf(iso[1] ?? '') === null)) return null;
  return at >= 0 && at < Date.UTC(2200, 0, 1) ? new Date(at) : null;
}

/** A whole number such as `1234`, `1,234` or `1234.0`; null for anything else. */
export function wholeOf(text: string): number | null {
  const plain = text.trim().replaceAll(/[\s,](?=\d{3}(\D|$))/g, '');
  if (!/^\d{1,15}(\.0+)?$/.test(plain)) return null;
  return Number(plain);
}

/** `12.50` of a currency in its minor units; null for what is no amount or has more decimals than the currency. */
export function minorOf(text: string, currency: string): string | null {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  if (!match || !/^[A-Z]{3}$/.test(currency)) return null;
  const digits = minorUnits(currency);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  return fraction.length > digits ? null : `${match[1]}${BigInt(`${match[2]}${fraction.padEnd(digits, '0')}`)}`;
}

const DEVICES: Readonly<Record<string, string>> = {
  mobile: 'phone',
  laptop: 'desktop',
  phone: 'phone',
  desktop: 'desktop',
  tablet: 'tablet',
};
const SYSTEMS: Readonly<Record<string, string>> = {
  mac: 'macOS',
  macos: 'macOS',
  'mac os': 'macOS',
  'mac os x': 'macOS',
  macintosh: 'macOS',
  'gnu/linux': 'Linux',
  linux: 'Linux',
  'windows 10': 'Windows',
  'windows 11': 'Windows',
  ios: 'iOS',
  'android os': 'Android',
  'chrome os': 'ChromeOS',
};
const BROWSERS: Readonly<Record<string, string>> = {
  chrome: 'Chrome',
  'mobile chrome': 'Chrome',
  'chrome mobile': 'Chrome',
  'chromium-webview': 'Chrome',
  crios: 'Chrome',
  safari: 'Safari',
  ios: 'Safari',
  'ios-webview': 'Safari',
  'mobile safari': 'Safari',
  firefox: 'Firefox',
  fxios: 'Firefox',
  edge: 'Edge',
  'edge-chromium': 'Edge',
  'edge-ios': 'Edge',
  'microsoft edge': 'Edge',
  opera: 'Opera',
  samsung: 'Samsung Internet',
  brave: 'Brave',
};

/** The names by which the product itself calls devices, browsers and systems; another tool's own name when it has none. */
export const deviceNamed = (text: string) => DEVICES[text.trim().toLowerCase()] ?? (text.trim().toLowerCase() || null);
export const systemNamed = (text: string) => SYSTEMS[text.trim().toLowerCase()] ?? (text.trim() || null);
export const browserNamed = (text: string) => BROWSERS[text.trim().toLowerCase()] ?? (text.trim() || null);

let countries: Map<string, string> | undefined;
/** The two letters of a country, told by them or by its English name; null when there is none. */
export function countryNamed(text: string): string | null {
  const plain = text.trim();
  if (/^[A-Za-z]{2}$/.test(plain)) return plain.toUpperCase();
  countries ??= allCountries();
  return countries.get(plain.toLowerCase()) ?? null;
}

function allCountries(): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const found = new Map<string, string>();
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = names.of(code)?.toLowerCase();
    if (name && !found.has(name)) found.set(name, code);
  }
  for (const [name, code] of [
    ['türkiye', 'TR'],
    ['turkey', 'TR'],
    ['czech republic', 'CZ'],
    ['myanmar (burma)', 'MM'],
  ] as const)
    found.set(name, code);
  return found;
}

import { readFileSync } from 'node:fs';
import { getCountry, getTimezone } from 'countries-and-timezones';
import ipaddr from 'ipaddr.js';
import { Reader, type Response } from 'maxmind';

/** What tells in which country somebody is. */
export type Whereabouts = {
  /** What a trusted proxy says, from `proxyCountry`. */
  proxyCountry: string | null;
  /** The browser's IANA time zone. */
  timeZone: string | null;
  /** The network address; only looked at when there is a database, and not kept. */
  address: string | null;
  /** Path of the owner's MMDB file (GEO_DATABASE). */
  database: string | null;
};

/**
 * The country (ISO 3166-1 alpha-2), or null. In this order: what the proxy in front says, the owner's database, the
 * country of the browser's time zone. Nobody is asked over the network. A time zone is coarse: `America/New_York`
 * is the United States for travellers, too. A database that cannot be read throws once, with its
 * path, when it is opened: `openDatabase` at the start makes that the owner's error and not an event's.
 */
export function countryOf({ proxyCountry: told, timeZone, address, database }: Whereabouts): string | null {
  if (told !== null) return told;
  const found = database === null || address === null ? null : lookUp(database, address);
  return found ?? countryOfZone(timeZone);
}

/** Headers in which proxies pass the visitor's country: Cloudflare, Vercel, CloudFront (their documentation, 2026-11). */
const countryHeaders = ['cf-ipcountry', 'x-vercel-ip-country', 'cloudfront-viewer-country'];

/**
 * The country a proxy in front names, or null. Anybody can send such a header, so it is believed only where proxies of
 * ours are in front. Cloudflare's `XX` (not known) and `T1` (Tor) are no countries.
 */
export function proxyCountry(header: (name: string) => string | undefined, trustedProxies: number): string | null {
  if (trustedProxies === 0) return null;
  for (const name of countryHeaders) {
    const code = known(header(name));
    if (code !== null) return code;
  }
  return null;
}

/** Opens the database and keeps it in memory; throws a sentence when it is none. Safe to call again. */
export function openDatabase(path: string): void {
  if (databases.has(path)) return;
  try {
    databases.set(path, new Reader<Response>(readFileSync(path)));
  } catch (error) {
    throw new Error(
      `GEO_DATABASE: ${path} cannot be read as an MMDB file (${(error as Error).message}). Give the path of a country or city database, or remove the setting.`,
    );
  }
}

const databases = new Map<string, Reader<Response>>();

function lookUp(path: string, address: string): string | null {
  openDatabase(path);
  if (!ipaddr.isValid(address)) return null;
  try {
    return countryIn(databases.get(path)?.get(ipaddr.process(address).toString()));
  } catch {
    return null; // of a family the file does not have
  }
}

/** GeoLite2 and DB-IP write `country.iso_code`; IPinfo `country_code` or `country`. */
function countryIn(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { country, country_code: code, registered_country: registered } = answer as Record<string, unknown>;
  const iso = (place: unknown) =>
    typeof place === 'object' && place !== null ? (place as Record<string, unknown>).iso_code : place;
  return known(iso(country)) ?? known(code) ?? known(iso(registered));
}

const zones = new Map<string, string | null>();

function countryOfZone(zone: string | null): string | null {
  if (zone === null || zone.length > 64) return null;
  const remembered = zones.get(zone);
  if (remembered !== undefined) return remembered;
  // A zone of several countries names first the one its city lies in (tz database, zone1970.tab).
  const country = /^[A-Z][\w+/-]*$/.test(zone) ? known(getTimezone(zone)?.countries?.[0]) : null;
  // Anybody can send anything; there are about 600 zones.
  if (zones.size > 2000) zones.clear();
  zones.set(zone, country);
  return country;
}

function known(code: unknown): string | null {
  if (typeof code !== 'string' || !/^[A-Za-z]{2}$/.test(code)) return null;
  const upper = code.toUpperCase();
  return getCountry(upper as Parameters<typeof getCountry>[0]) ? upper : null;
}

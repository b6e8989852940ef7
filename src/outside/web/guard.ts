/**
 * Which addresses a user-given URL may lead to. Only the public internet: a server inside a network must not become
 * the door to that network (server-side request forgery).
 *
 * The check stands in the connector, so it covers every connection whatever asked for it: redirects, names that
 * resolve to private addresses, names that resolve to something else the second time (we connect to the address that
 * was checked), and literals, for which undici calls no lookup (undici 8.12, November 2026). Decimal, octal and hex
 * spellings are unfolded by the URL parser before they come here.
 */
import { lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { NotPermitted } from '#src/outside/http.ts';

export type Allowed = { host: string; port: number | null } | { range: ReturnType<typeof ipaddr.parseCIDR> };

/**
 * Reads what the person who runs the server exempts from the rules: `host`, `host:port`, or a range of addresses
 * such as `10.0.0.0/8`. Without a port, 80 and 443 are meant.
 *
 * @throws Error naming the entry that cannot be read.
 */
export function parseAllowed(entries: string[]): Allowed[] {
  return entries
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
    .map(parseEntry);
}

/** True when an address belongs to the public internet. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // ipaddr.js 2.5 calls everything it has no name for unicast, IPv4 in disguise (::7f00:1) too. All that IANA has
  // given out as global unicast is 2000::/3 (IPv6 address space registry, read November 2026).
  if (parsed.kind() === 'ipv6') return parsed.match(ipaddr.parseCIDR('2000::/3'));
  // Azure answers here with the machine's own settings, from an address that is public by its number.
  return parsed.toString() !== '168.63.129.16';
}

/** True when a host name can only mean a private one: `localhost`, `printer.local`, `db.internal`. */
export function isPrivateName(host: string): boolean {
  return /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home\.arpa)\.?$/.test(host);
}

/** The host of a URL without the brackets of an IPv6 literal. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/**
 * True when the exemptions name this host, or the address it has, at this port. `usual` says which ports are meant where
 * the exemption names none.
 */
export function isExempt(
  allowed: Allowed[],
  host: string,
  port: number,
  address: string | null = null,
  usual: (port: number) => boolean = isWebPort,
): boolean {
  return allowed.some((entry) => {
    if ('host' in entry) return entry.host === host && (entry.port === null ? usual(port) : entry.port === port);
    const literal = address ?? (isIP(host) ? host : null);
    return literal !== null && usual(port) && inRange(literal, entry.range);
  });
}

export function isWebPort(port: number): boolean {
  return port === 80 || port === 443;
}

/**
 * A connection pool that connects nowhere else. `connectMs` is the limit for one connection. With `fresh` every request
 * gets a connection of its own, for what must not be asked twice (see `http.ts`).
 */
export function guardedAgent(allowed: Allowed[], connectMs: number, fresh = false): Agent {
  return new Agent({
    allowH2: false,
    ...(fresh ? { pipelining: 0 } : { keepAliveTimeout: 4_000 }),
    connect(options, callback) {
      const host = bareHost(options.hostname);
      const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
      const refuse = (reason: string) => process.nextTick(callback, new NotPermitted(reason), null);
      if (!isWebPort(port) && !isExempt(allowed, host, port)) return refuse(`port ${port} is not a web port`);
      const permits = (address: string) => isPublicAddress(address) || isExempt(allowed, host, port, address);
      if (isIP(host) && !permits(host)) return refuse('it is a private address');
      buildConnector({ timeout: connectMs, allowH2: false, lookup: checkedLookup(permits) })(options, callback);
    },
  });
}

/** Looks a name up and hands on only permitted addresses. */
export function checkedLookup(permits: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const permitted = found.filter(({ address }) => permits(address));
      const first = permitted[0];
      if (!first) return callback(new NotPermitted('its name leads to a private address'), '', 0);
      if (options.all) return callback(null, permitted);
      callback(null, first.address, first.family);
    });
  };
}

function parseEntry(entry: string): Allowed {
  if (entry.includes('/') && ipaddr.isValidCIDR(entry)) return { range: ipaddr.parseCIDR(entry) };
  if (isIP(entry)) return { host: canonicalHost(entry), port: null };
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (host === undefined || Number(port ?? 0) > 65_535)
    throw new Error(
      `“${entry}” in the list of allowed private hosts is not a host, host:port or address range. Write for example plausible.local:8000 or 10.0.0.0/8.`,
    );
  return { host: canonicalHost(bareHost(host)), port: port === undefined ? null : Number(port) };
}

/** The spelling the URL parser gives a host, so that both sides of the comparison agree. */
function canonicalHost(host: string): string {
  const spelled = isIP(host) === 6 ? `http://[${host}]/` : `http://${host}/`;
  return URL.canParse(spelled) ? bareHost(new URL(spelled).hostname) : host;
}

function inRange(address: string, range: ReturnType<typeof ipaddr.parseCIDR>): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  const [base, bits] = range;
  return parsed.kind() === base.kind() && parsed.match(base, bits);
}

/** From what a person types to an address that may be fetched. */
import { isIP } from 'node:net';
import type { PageRefusal } from '#src/outside/web.ts';
import { type Allowed, bareHost, isExempt, isPrivateName, isPublicAddress, isWebPort } from './guard.ts';

export type Address = { url: URL; schemeGiven: boolean };

const LONGEST_URL = 2_048;

/** Reads what a person typed as an address: without a scheme, https is meant. */
export function readAddress(input: string, allowed: Allowed[]): Address | PageRefusal {
  const typed = input.trim();
  if (typed === '') return badUrl('No address was given. Enter the address of a page, for example myapp.dev.');
  if (typed.length > LONGEST_URL)
    return badUrl('The address is longer than 2,048 characters. Enter the address of the start page instead.');
  if (/[\s\p{Cc}]/u.test(typed))
    return badUrl(
      `“${shorten(typed)}” holds spaces, so it is not one address. Enter only the address, for example myapp.dev.`,
    );

  const scheme = schemeOf(typed);
  if (scheme !== null && scheme !== 'http' && scheme !== 'https')
    return badUrl(
      `“${shorten(typed)}” is a ${scheme}: link, not a web page. Enter an address that starts with https://.`,
    );
  const spelled = scheme === null ? `https://${typed.replace(/^\/\//, '')}` : typed;
  if (!URL.canParse(spelled))
    return badUrl(`“${shorten(typed)}” is not a valid web address. Check the spelling, for example https://myapp.dev.`);
  const url = new URL(spelled);
  if (scheme === null && url.username !== '' && url.password === '')
    return badUrl(
      `“${shorten(typed)}” looks like an e-mail address. Enter the address of a web page, for example ${url.host}.`,
    );
  const refusal = checkAddress(url, allowed);
  if (refusal) return refusal;
  url.hash = '';
  return { url, schemeGiven: scheme !== null };
}

/** What forbids an address, before any connection: scheme, credentials, port, a private host. */
export function checkAddress(url: URL, allowed: Allowed[]): PageRefusal | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return badUrl(
      `The address leads to a ${url.protocol} link, which is not a web page. Enter one that starts with https://.`,
    );
  if (url.username !== '' || url.password !== '')
    return badUrl('The address holds a user name or password. Enter it without them; only public pages can be read.');
  const host = bareHost(url.hostname);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (isExempt(allowed, host, port)) return undefined;
  if (isIP(host) ? !isPublicAddress(host) : isPrivateName(host)) {
    // An exempted range may hold the address a private name has; the connector decides that once it is looked up.
    const undecided = !isIP(host) && isWebPort(port) && allowed.some((entry) => 'range' in entry);
    return undecided ? undefined : privateAddress(url.host);
  }
  if (!isWebPort(port))
    return badUrl(
      `The address uses port ${port}; pages are read on the usual web ports 80 and 443 only. If this is your own server, ${askToAllow(url.host)}.`,
    );
  if (!isIP(host) && !host.replace(/\.$/, '').includes('.'))
    return badUrl(
      `“${shorten(host)}” has no ending such as .com or .dev. Enter the whole address, for example myapp.dev.`,
    );
  return undefined;
}

export function privateAddress(host: string): PageRefusal {
  return {
    code: 'private_address',
    message: `${shorten(host)} leads to a private network, and pages there are not read, so that nobody can use this server to look into its network. Enter the public address of the page. If this is your own server, ${askToAllow(host)}.`,
  };
}

export function badUrl(message: string): PageRefusal {
  return { code: 'bad_url', message };
}

function askToAllow(host: string): string {
  return `ask whoever runs Fanfare to allow ${shorten(host)}`;
}

/** The scheme as typed, or null: `myapp.dev:8080/x` has none, although a URL parser would say `myapp.dev:`. */
function schemeOf(typed: string): string | null {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(typed) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  if (/^\d{1,5}(?:$|[/?#])/.test(rest) && scheme.toLowerCase() !== 'tel') return null;
  return scheme.toLowerCase();
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

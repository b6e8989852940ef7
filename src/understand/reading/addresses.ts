/** Addresses of pages: which are the same, which belong to one site, and which lead into a trap. */

/**
 * The address under which a page is asked for: as written, without fragment, credentials, campaign and session
 * parameters. Null for what is no web page's address. Doing it twice changes nothing.
 */
export function pageAddress(found: string, base?: string): string | null {
  const trimmed = found.trim();
  if (trimmed === '' || trimmed.length > 2_048 || !URL.canParse(trimmed, base)) return null;
  const url = new URL(trimmed, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  url.hash = '';
  url.username = '';
  url.password = '';
  const carried = [...url.searchParams.keys()].filter((name) => CARRIED.test(name));
  for (const name of carried) url.searchParams.delete(name);
  return url.href;
}

/**
 * What marks two addresses as one page: scheme, www, an index file, a slash at the end and the order of the query make
 * no difference.
 */
export function pageKey(address: string): string {
  const url = new URL(pageAddress(address) ?? address);
  const path = url.pathname
    .replace(/\/{2,}/g, '/')
    .replace(/;jsessionid=[^/]*$/i, '')
    .replace(/\/(?:(?:index|default)\.(?:html?|php|aspx?))?\/?$/i, '');
  const query = [...url.searchParams].map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${siteOf(url.href)}${path || '/'}${query.length > 0 ? `?${query.sort().join('&')}` : ''}`;
}

/** True for two spellings of one page's address. */
export function isSamePage(one: string, other: string): boolean {
  return one === other || (URL.canParse(one) && URL.canParse(other) && pageKey(one) === pageKey(other));
}

/** The site an address belongs to; www and the bare name are one. A port of its own is a site of its own. */
export function siteOf(address: string): string {
  return new URL(address).host.replace(/^www\./, '');
}

/**
 * Why an address is not worth opening, or null: what leads into calendars without end, shopping carts, repeated
 * folders, other views of what was read, or is no page by its name.
 */
export function trapIn(address: string): string | null {
  const { pathname, search, searchParams } = new URL(address);
  const parts = pathname.split('/').filter(Boolean);
  if (address.length > 500) return 'its address is longer than 500 characters';
  if (parts.length > 8) return 'it lies more than eight folders deep';
  if (NO_PAGE.test(pathname)) return 'it is a file and no page';
  if (PRIVATE.test(pathname)) return 'it belongs to an account, a cart or a search';
  if (parts.some((part, at) => part === parts[at + 1] && part === parts[at + 2]) || repeats(parts))
    return 'its folders repeat themselves';
  if ([...searchParams].length > 3) return 'it is one of many views of a list';
  if (/[?&](?:sort|order|orderby|filter|view|replytocom|share|print|format|s|q|search)=/i.test(search))
    return 'it is another view of a list';
  return null;
}

/** The shape of an address: what counts up or is a code, and the values of a query, are all alike. */
export function shapeOf(address: string): string {
  const { pathname, searchParams } = new URL(address);
  const parts = pathname.split('/').map((part) => {
    if (/^\d+$/.test(part) || /^[0-9a-f]{8,}$/i.test(part)) return '#';
    return part.replace(/\d+/g, '#');
  });
  const names = [...searchParams.keys()].sort();
  return parts.join('/') + (names.length > 0 ? `?${names.join('&')}` : '');
}

/** True when an address looks like a version in another language than the home page's: `/de/pricing` of a site at `/`. */
export function isTranslation(address: string, home: string): boolean {
  const language = (url: string) =>
    /^\/([a-z]{2}(?:-[a-z]{2})?)(?:\/|$)/i.exec(new URL(url).pathname)?.[1]?.toLowerCase();
  const own = language(address);
  return own !== undefined && own !== language(home);
}

function repeats(parts: string[]): boolean {
  const counts = new Map<string, number>();
  for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts.values()].some((count) => count > 2);
}

const CARRIED =
  /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ref|ref_src|referrer|source|_hs\w+|_ga|_gl|yclid|twclid|ttclid|phpsessid|sid|sessionid|session_id|jsessionid|via|aff|affiliate)$/i;
const NO_PAGE =
  /\.(?:pdf|zip|gz|tgz|rar|7z|dmg|exe|msi|apk|ipa|deb|rpm|iso|jpe?g|png|gif|webp|avif|svg|ico|bmp|mp[34]|m4[av]|mov|avi|webm|ogg|wav|css|m?js|map|json|xml|rss|atom|txt|md|csv|xlsx?|docx?|pptx?|woff2?|ttf|eot|ics|vcf|wasm)$/i;
const PRIVATE =
  /\/(?:log-?in|sign-?in|sign-?up|sign-?out|log-?out|register|account|my-account|cart|checkout|basket|wp-admin|wp-login\.php|wp-json|admin|search|auth|oauth|password|cdn-cgi|feed|xmlrpc\.php)(?:\/|$)/i;

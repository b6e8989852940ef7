/** Sitemaps (sitemaps.org, protocol 0.9): an index of further ones, addresses of pages, or plain lines of text. */
import type { Version } from './versions.ts';

export type Sitemap = { sitemaps: string[]; pages: { url: string; changedOn: string | null; versions: Version[] }[] };

/** The protocol allows 50,000 addresses; a site of that size is not read whole anyway. */
const MOST = 5_000;
const LONGEST = 10_000_000;
/** Of one file; a site in thirty languages names each of them on each page. */
const MOST_VERSIONS = 5_000;

/**
 * Reads a sitemap. Never throws; what is no sitemap gives nothing. No XML parser: entities a file defines itself are not
 * looked at, so none can be made to grow.
 */
export function readSitemap(text: string): Sitemap {
  const source = text.slice(0, LONGEST);
  if (!/<(?:[a-z0-9]{1,20}:)?(?:urlset|sitemapindex)[\s>]/i.test(source.slice(0, 20_000))) return readLines(source);
  const isIndex = /<(?:[a-z0-9]{1,20}:)?sitemapindex[\s>]/i.test(source.slice(0, 20_000));
  const found: Sitemap = { sitemaps: [], pages: [] };
  let versions = 0;
  const entry = /<(?:[a-z0-9]{1,20}:)?(url|sitemap)>([\s\S]{0,20000}?)<\/(?:[a-z0-9]{1,20}:)?\1>/gi;
  for (const [, , inside = ''] of source.matchAll(entry)) {
    const url = tagIn(inside, 'loc');
    if (!url) continue;
    if (isIndex) found.sitemaps.push(url);
    else {
      const named = versions < MOST_VERSIONS ? versionsIn(inside) : [];
      versions += named.length;
      found.pages.push({ url, changedOn: tagIn(inside, 'lastmod'), versions: named });
    }
    if (found.pages.length + found.sitemaps.length >= MOST) break;
  }
  return found;
}

function readLines(text: string): Sitemap {
  const lines = text.split(/\r?\n/, MOST).map((line) => line.trim());
  const pages = lines
    .filter((line) => /^https?:\/\/\S{1,2000}$/.test(line))
    .map((url) => ({ url, changedOn: null, versions: [] }));
  return { sitemaps: [], pages };
}

function tagIn(inside: string, name: string): string | null {
  const [, value] =
    new RegExp(`<(?:[a-z0-9]{1,20}:)?${name}>\\s*(?:<!\\[CDATA\\[)?([^<\\]]{1,2048})`, 'i').exec(inside) ?? [];
  return plain(value);
}

/** `<xhtml:link rel="alternate" hreflang="de" href="…"/>` inside an entry. */
function versionsIn(inside: string): Version[] {
  return [...inside.matchAll(/<(?:[a-z0-9]{1,20}:)?link\s([^>]{1,3000})>/gi)].flatMap(([, written = '']) => {
    const lang = /hreflang\s*=\s*["']([^"']{1,35})["']/i.exec(written)?.[1]?.trim().toLowerCase();
    const url = plain(/\bhref\s*=\s*["']([^"']{1,2048})["']/i.exec(written)?.[1]);
    return lang && url && URL.canParse(url) ? [{ lang, url }] : [];
  });
}

function plain(value: string | undefined): string | null {
  const text = value
    ?.trim()
    .replace(/&amp;/g, '&')
    .replace(/&#38;/g, '&')
    .replace(/&apos;|&#39;/g, "'")
    .replace(/&quot;|&#34;/g, '"');
  return text || null;
}

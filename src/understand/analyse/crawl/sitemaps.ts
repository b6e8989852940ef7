import type { RobotsRules, Web } from '#src/outside/web.ts';
import { pageAddress, siteOf } from '#src/understand/reading/addresses.ts';
import { readSitemap } from '#src/understand/reading/sitemap.ts';
import type { Version } from '#src/understand/reading/versions.ts';

/** Files of one reading, indexes included; an index may name thousands. */
const MOST_FILES = 10;
const DEEPEST = 2;
/** Bytes of one file once it is unpacked. */
const LARGEST = 5_000_000;
const MOST_PAGES = 3_000;

export type Sitemaps = {
  /** Addresses of pages of this site, each once. */
  pages: string[];
  /** Of those that stand in several languages, their versions. */
  versions: { url: string; versions: Version[] }[];
  /** Files that were read. */
  files: string[];
  /** Files that were left out, with the reason in words. */
  left: { url: string; why: string }[];
};

/**
 * What the site's sitemaps name: those in its robots.txt, else `/sitemap.xml`. Bounded in files, depth, bytes and
 * addresses, whatever an index promises. Never throws.
 */
export async function readSitemaps(
  web: Web,
  home: string,
  robots: RobotsRules,
  goOn: () => boolean,
): Promise<Sitemaps> {
  const named = robots.sitemaps.flatMap((url) => pageAddress(url, home) ?? []);
  const waiting = (named.length > 0 ? named : [new URL('/sitemap.xml', home).href]).map((url) => ({ url, depth: 0 }));
  const found: Sitemaps = { pages: [], versions: [], files: [], left: [] };
  const seen = new Set<string>();
  const pages = new Set<string>();
  for (let next = waiting.shift(); next && goOn(); next = waiting.shift()) {
    const { url, depth } = next;
    if (seen.has(url)) continue;
    seen.add(url);
    if (found.files.length + found.left.length >= MOST_FILES) {
      found.left.push({ url, why: `more than ${MOST_FILES} sitemap files; the rest was not read` });
      break;
    }
    const answer = await web.fetchText(url, { maxBytes: LARGEST, obeyRobots: true, totalMs: 10_000 });
    if (!answer.ok) {
      // Nobody has to have one where nobody says so.
      if (named.length > 0) found.left.push({ url, why: answer.refusal.message });
      continue;
    }
    const { sitemaps, pages: listed } = readSitemap(answer.page.text);
    if (sitemaps.length + listed.length === 0) {
      if (named.length > 0) found.left.push({ url, why: 'It names no pages.' });
      continue;
    }
    found.files.push(url);
    for (const { url: page, versions } of listed) {
      if (pages.size >= MOST_PAGES || !isOf(page, home)) continue;
      pages.add(pageAddress(page) ?? page);
      if (versions.length > 1) found.versions.push({ url: page, versions });
    }
    if (depth < DEEPEST) waiting.push(...sitemaps.slice(0, 50).map((one) => ({ url: one, depth: depth + 1 })));
  }
  found.pages = [...pages];
  return found;
}

function isOf(page: string, home: string): boolean {
  return URL.canParse(page) && /^https?:/.test(page) && siteOf(page) === siteOf(home);
}

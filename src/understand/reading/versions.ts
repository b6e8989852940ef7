/** Pages that stand in several languages, and for several countries. Pure. */
import { pageKey } from './addresses.ts';

/** One version of a page, as a page or a sitemap names it. `lang` in small letters: `en`, `en-gb`, `x-default`. */
export type Version = { lang: string; url: string };

/**
 * The version of a page that counts for a site in the language `home`: the one for its language and country, else for its
 * language, else the one for everybody, else the first by language. Null when the page has no other versions: one that is
 * not named among them itself names those of another page (Google, localised versions: each version must list itself;
 * read November 2026).
 */
export function versionThatCounts(url: string, versions: readonly Version[], home: string | null): Version | null {
  const keys = new Set(versions.map((one) => pageKey(one.url)));
  if (keys.size < 2 || !keys.has(pageKey(url))) return null;
  const language = home?.toLowerCase().split(/[-_]/)[0];
  const inOrder = versions.toSorted((a, b) => a.lang.length - b.lang.length || (a.lang < b.lang ? -1 : 1));
  return (
    inOrder.find((one) => one.lang === home?.toLowerCase()) ??
    inOrder.find((one) => one.lang.split('-')[0] === language) ??
    inOrder.find((one) => one.lang === 'x-default') ??
    inOrder[0] ??
    null
  );
}

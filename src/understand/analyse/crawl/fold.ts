/** Which of the pages that came are pages of their own. */
import type { RobotsRules, Web } from '#src/outside/web.ts';
import { type FreshPage, textHash } from '#src/understand/analyse/page.ts';
import { pathOf } from '#src/understand/analyse/words.ts';
import { pageKey } from '#src/understand/reading/addresses.ts';
import { versionThatCounts } from '#src/understand/reading/versions.ts';
import { type ReadPage, readPage } from '#src/understand/reading.ts';

export type Folded = {
  pages: FreshPage[];
  dropped: { url: string; outcome: 'duplicate' | 'soft_404'; note: string }[];
};

/**
 * Asks the site for an address that cannot exist, to learn how its “not found” looks where it does not say so, and folds
 * the pages with that in mind.
 */
export async function folded(
  web: Web,
  pages: FreshPage[],
  home: FreshPage,
  about: { robots: RobotsRules; listed: readonly string[]; language: string | null },
): Promise<Folded> {
  const nowhere = new URL(`/no-such-page-${home.bodyHash.slice(0, 12)}`, home.page.url).href;
  const answer = about.robots.allows(nowhere) ? await web.fetchPage(nowhere, { totalMs: 8_000 }) : null;
  const nothing = answer?.ok ? readPage(answer.page.html, answer.page.finalUrl) : null;
  return fold(pages, home, { ...about, nothing });
}

/**
 * Leaves out copies and answers that only look like pages. Of pages with the same words the one that the others name as
 * canonical stays, else the one the sitemap lists, else the first; of one page in several languages the version for
 * `language`. `nothing` is what the site shows for an address that does not exist, when it does not answer with an error.
 */
export function fold(
  pages: readonly FreshPage[],
  home: FreshPage,
  { nothing, listed, language }: { nothing: ReadPage | null; listed: readonly string[]; language: string | null },
): Folded {
  const inSitemap = new Set(listed.map(pageKey));
  const dropped: Folded['dropped'] = [];
  const kept = pages.filter((one) => {
    if (one === home || !isNothing(one.page, nothing)) return true;
    dropped.push({ url: one.page.url, outcome: 'soft_404', note: SOFT });
    return false;
  });
  const groups = Map.groupBy(kept, (one) => (one.page.text.length < 40 ? one.page.url : textHash(one.page)));
  const copies = new Set<FreshPage>();
  const drop = (copy: FreshPage, original: FreshPage, note = `It says the same as ${pathOf(original.page.url)}.`) => {
    copies.add(copy);
    dropped.push({ url: copy.page.url, outcome: 'duplicate', note });
  };
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    const original =
      group.find((one) => one === home) ??
      group.find((one) => namedBy(one, group)) ??
      group.find((one) => inSitemap.has(pageKey(one.page.url))) ??
      group[0];
    if (original) for (const one of group) if (one !== original) drop(one, original);
  }
  for (const one of kept) {
    if (copies.has(one) || one === home || !one.page.canonical) continue;
    const key = pageKey(one.page.canonical);
    const original = kept.find((other) => other !== one && !copies.has(other) && pageKey(other.page.url) === key);
    // A site that names its home page as the canonical address of every page means no copies.
    if (original && original.page.title === one.page.title && original !== home) drop(one, original);
  }
  for (const one of kept) {
    const counts =
      copies.has(one) || one === home ? null : versionThatCounts(one.page.url, one.inspected.versions, language);
    const key = counts && pageKey(counts.url);
    const original = kept.find((other) => other !== one && !copies.has(other) && pageKey(other.page.url) === key);
    // Versions name each other; one that only points at the home page is a mistake in a template.
    if (!original?.inspected.versions.some((other) => pageKey(other.url) === pageKey(one.page.url))) continue;
    const said = one.page.lang ?? 'not said which';
    drop(one, original, `It is ${pathOf(original.page.url)} in another language (${said}).`);
  }
  return { pages: kept.filter((one) => !copies.has(one)), dropped };
}

const SOFT = 'The site answers as if the page were there, and says that it is not.';

function namedBy(one: FreshPage, group: FreshPage[]): boolean {
  return group.some(
    (other) =>
      other !== one && other.page.canonical !== null && pageKey(other.page.canonical) === pageKey(one.page.url),
  );
}

function isNothing(page: ReadPage, nothing: ReadPage | null): boolean {
  const first = page.headings[0]?.text ?? '';
  if (page.text.length < 1_500 && (NOT_FOUND.test(page.title ?? '') || NOT_FOUND.test(first))) return true;
  if (!nothing) return false;
  if (nothing.text !== '' && page.text === nothing.text) return true;
  const alike = Math.abs(page.text.length - nothing.text.length) < 0.1 * nothing.text.length;
  return alike && page.title !== null && page.title === nothing.title && first === (nothing.headings[0]?.text ?? '');
}

const NOT_FOUND =
  /^(?:(?:error )?404\b|.{0,30}\b(?:page|site) (?:was |is )?(?:not|isn.t|can.t be|could not be|cannot be) found\b|not found\b|seite nicht gefunden|page introuvable|página no encontrada)/i;

import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#src/context.ts';
import type { RobotsRules } from '#src/outside/web.ts';
import { isHiddenFromSearch } from '#src/understand/pages/checklist.ts';
import { pageKey, trapIn } from '#src/understand/reading/addresses.ts';
import { type Version, versionThatCounts } from '#src/understand/reading/versions.ts';
import { kindOfAddress, type PageKind } from '#src/understand/reading.ts';
import { fold, folded } from './crawl/fold.ts';
import { openFrontier, pageKind, type Source, type Waiting } from './crawl/frontier.ts';
import { type DeadLink, tryLinks } from './crawl/links.ts';
import { readSitemaps, type Sitemaps } from './crawl/sitemaps.ts';
import { type FreshPage, freshPage, type KnownPage, type MissedPage, READER, unchangedPage } from './page.ts';
import type { Ended } from './progress.ts';
import { listed, pathOf, summary } from './words.ts';

/** What became of one address. */
export type Outcome = {
  url: string;
  source: Source | 'repository' | 'store';
  outcome:
    | 'read'
    | 'unchanged'
    | 'duplicate'
    | 'script_only'
    | 'soft_404'
    | 'moved_off'
    | 'disallowed'
    | 'no_page'
    | 'missing'
    | 'failed'
    | 'left';
  note: string | null;
  bytes?: number | null;
  milliseconds?: number | null;
};

export type Crawled = {
  pages: FreshPage[];
  missed: MissedPage[];
  outcomes: Outcome[];
  robots: RobotsRules;
  sitemaps: Sitemaps;
  deadLinks: DeadLink[];
};

/** Bounds of one reading. Politeness comes first: few at a time, and never longer than the budget. */
export type Bounds = { pages: number; parallel: number; budgetMs: number; longestDelayMs: number };

const BOUNDS: Bounds = { pages: 50, parallel: 3, budgetMs: 120_000, longestDelayMs: 5_000 };

/**
 * Reads the pages of a site that tell most: those its menus and pages link, those its sitemaps name, and those known from
 * earlier, as its robots.txt allows. One site (www and the bare name are one), HTML only, redirects through the guarded
 * door. Copies are folded, answers that only look like pages are left out, and what became of each address is told.
 *
 * @param say told which pages are read, a few at a time; may throw to end the reading
 */
export async function crawl(
  context: Pick<Context, 'web'>,
  home: FreshPage,
  known: readonly KnownPage[],
  options: {
    say: (message: string) => Promise<void>;
    signal?: AbortSignal | undefined;
    bounds?: Partial<Bounds>;
    /** Further addresses of pages that are known. */
    addresses?: readonly { url: string; kind: PageKind }[];
  },
): Promise<Ended<Crawled>> {
  const { web } = context;
  const bounds = { ...BOUNDS, ...options.bounds };
  const ends = performance.now() + bounds.budgetMs;
  const goOn = () => performance.now() < ends && !options.signal?.aborted;
  const robots = await web.robots(home.page.url);
  const delayMs = Math.min((robots.crawlDelay ?? 0) * 1_000, bounds.longestDelayMs);
  const knownByKey = new Map(known.map((one) => [pageKey(one.url), one]));

  const frontier = openFrontier(home.page.url);
  for (const { url, kind } of [...known, ...(options.addresses ?? [])]) frontier.add(url, 'known', { depth: 1, kind });
  const sitemaps = await readSitemaps(web, home.page.url, robots, goOn);
  const language = languageOf(home);
  leaveOutVersions(home.page.url, home.inspected.versions);
  for (const { url, versions } of sitemaps.versions) leaveOutVersions(url, versions);
  follow(frontier, home, 1);
  for (const url of sitemaps.pages) frontier.add(url, 'sitemap', { depth: 2 });

  const pages: FreshPage[] = [home];
  const outcomes: Outcome[] = [outcomeOf(home, home.page.url, 'home')];
  const missed: MissedPage[] = [];
  const dead = new Map<string, string>();
  let attempts = 0;
  while (pages.length < bounds.pages && attempts < bounds.pages * 2 && goOn()) {
    const wave: Waiting[] = [];
    const most = Math.min(delayMs > 0 ? 1 : bounds.parallel, bounds.pages - pages.length);
    for (let next = frontier.next(); next; next = frontier.next()) {
      if (robots.allows(next.url)) wave.push(next);
      else outcomes.push({ url: next.url, source: next.source, outcome: 'disallowed', note: DISALLOWED });
      if (wave.length >= most) break;
    }
    if (wave.length === 0) break;
    attempts += wave.length;
    await options.say(`${pages.length} read; reading ${listed(wave.map((one) => pathOf(one.url)))}`);
    options.signal?.throwIfAborted();
    if (delayMs > 0 && attempts > 1) await sleep(delayMs, undefined, options.signal ? { signal: options.signal } : {});
    const took = await Promise.all(wave.map((one) => take(one)));
    for (const [at, fresh] of took.entries()) {
      const one = wave[at] as Waiting;
      if (!fresh) continue;
      const { url } = fresh.page;
      const moved = pageKey(url) !== one.key;
      if (moved) outcomes.push({ ...outcomeOf(fresh, one.url, one.source), ...leadsTo(url) });
      if (pages.some((page) => pageKey(page.page.url) === pageKey(url))) continue;
      frontier.arrived(url);
      pages.push(fresh);
      outcomes.push(outcomeOf(fresh, moved ? url : one.url, one.source));
      leaveOutVersions(url, fresh.inspected.versions);
      follow(frontier, fresh, one.depth + 1);
    }
  }

  /** Of a page in several languages the version for the home page's is read; the others are not asked for. */
  function leaveOutVersions(url: string, named: readonly Version[]): void {
    const versions = named.filter((one) => frontier.isOwn(one.url));
    const counts = versionThatCounts(url, versions, language);
    if (!counts) return;
    frontier.add(counts.url, 'link', { depth: 1 });
    for (const one of versions)
      if (pageKey(one.url) !== pageKey(counts.url))
        frontier.leaveOut(one.url, `Not opened: it is ${pathOf(counts.url)} in another language (${one.lang}).`);
  }

  /** Fetches one address; what is no page of this site is noted and left out. */
  async function take({ url, key, kind, source }: Waiting): Promise<FreshPage | null> {
    const before = knownByKey.get(key);
    const conditional = before?.reader === READER ? { known: before } : {};
    const answer = await web.fetchPage(url, { ...conditional, obeyRobots: true });
    if (!answer.ok) {
      const { refusal } = answer;
      if (refusal.code === 'not_modified' && before) return unchangedPage(before);
      const gone = refusal.status === 404 || refusal.status === 410;
      missed.push({ url, gone });
      if (gone) dead.set(key, `HTTP ${refusal.status}`);
      if (refusal.code === 'redirect_loop') dead.set(key, 'a redirect without end');
      outcomes.push({
        url,
        source,
        outcome: OUTCOMES[refusal.code] ?? (gone ? 'missing' : 'failed'),
        note: refusal.message,
      });
      return null;
    }
    if (!frontier.isOwn(answer.page.finalUrl)) {
      if (before) missed.push({ url, gone: true });
      outcomes.push({ url, source, outcome: 'moved_off', note: `It leads to ${new URL(answer.page.finalUrl).host}.` });
      return null;
    }
    const { finalUrl } = answer.page;
    if (pageKey(finalUrl) === key) return ledOn(freshPage(kind, answer.page, before), url, source);
    if (before) missed.push({ url, gone: true });
    const trap = trapIn(finalUrl);
    if (trap) {
      outcomes.push({
        url,
        source,
        outcome: 'left',
        note: `It leads to ${pathOf(finalUrl)}, which is not read: ${trap}.`,
      });
      return null;
    }
    const there = knownByKey.get(pageKey(finalUrl));
    const kindThere = there?.kind ?? pageKind(kindOfAddress(finalUrl, '', home.page.url));
    return ledOn(freshPage(kindThere, answer.page, there), url, source);
  }

  /** A page that sends its visitors on without a click is none of its own; where it leads to is read instead. */
  function ledOn(fresh: FreshPage, url: string, source: Source): FreshPage | null {
    const { leadsTo: next } = fresh.inspected;
    if (!next || pageKey(next) === pageKey(fresh.page.url)) return fresh;
    missed.push({ url, gone: true });
    frontier.add(next, 'link', { depth: 1 });
    const outcome = frontier.isOwn(next) ? 'duplicate' : 'moved_off';
    const where = frontier.isOwn(next) ? pathOf(next) : new URL(next).host;
    outcomes.push({ url, source, outcome, note: `It sends its visitors on to ${where}.` });
    return null;
  }

  const kept =
    goOn() && pages.length > 1
      ? await folded(web, pages, home, { robots, listed: sitemaps.pages, language })
      : fold(pages, home, { nothing: null, listed: sitemaps.pages, language });
  for (const { url, outcome, note } of kept.dropped) {
    const told = outcomes.find((one) => pageKey(one.url) === pageKey(url));
    if (told) Object.assign(told, { outcome, note });
    if (outcome === 'soft_404') dead.set(pageKey(url), 'a page that says it was not found');
  }
  for (const copy of frontier.copies) outcomes.push({ ...copy, outcome: 'duplicate' });
  for (const { url, source } of frontier.left()) outcomes.push({ url, source, outcome: 'left', note: BEYOND });
  for (const { url, why } of frontier.refused)
    outcomes.push({ url, source: 'link', outcome: 'left', note: `Not opened: ${why}.` });
  if (pages.length > 1) await options.say(`${pages.length} read; trying the links on them`);
  const deadLinks = await tryLinks(web, kept.pages, { outcomes, dead, robots, isOwn: frontier.isOwn, goOn });
  missed.push(...movedOn(known, kept.pages));
  return {
    value: { pages: kept.pages, missed, outcomes, robots, sitemaps, deadLinks },
    message: summary(kept.pages.slice(1), outcomes),
    ...(outcomes.length === 1 ? { skipped: true } : {}),
  };
}

const DISALLOWED = 'The site’s robots.txt asks automated readers to leave it alone, so it was not opened.';
const BEYOND = 'Beyond what one reading takes.';
const OUTCOMES: Record<string, Outcome['outcome'] | undefined> = {
  robots: 'disallowed',
  not_html: 'no_page',
  private_address: 'moved_off',
};

function follow(frontier: ReturnType<typeof openFrontier>, { page, inspected }: FreshPage, depth: number): void {
  if (inspected.robots.includes('nofollow') || inspected.robots.includes('none')) return;
  if (page.canonical) frontier.add(page.canonical, 'link', { depth });
  const quiet = new Set(inspected.links.filter((one) => one.nofollow).map((one) => one.url));
  for (const { url, text } of page.links) if (!quiet.has(url)) frontier.add(url, 'link', { depth, text });
}

function outcomeOf(fresh: FreshPage, url: string, source: Source): Outcome {
  const { scriptOnly } = fresh.inspected;
  const outcome = scriptOnly ? 'script_only' : fresh.unchanged ? 'unchanged' : 'read';
  const note = scriptOnly
    ? 'It shows no text until its scripts run.'
    : isHiddenFromSearch(fresh)
      ? 'It asks search engines not to list it.'
      : null;
  return { url, source, outcome, note, bytes: fresh.delivered.sentBytes, milliseconds: fresh.delivered.waitedMs };
}

/** The language of the site: as the home page calls itself among its versions, else as it says. */
function languageOf({ page, inspected }: FreshPage): string | null {
  const named = inspected.versions.find((one) => one.lang !== 'x-default' && pageKey(one.url) === pageKey(page.url));
  return named?.lang ?? page.lang;
}

/** Known pages that were read under another spelling of their address: the site has changed to https, or to a slash. */
function movedOn(known: readonly KnownPage[], pages: readonly FreshPage[]): MissedPage[] {
  const urls = new Map(pages.map(({ page }) => [pageKey(page.url), page.url]));
  return known.flatMap(({ url }) => ((urls.get(pageKey(url)) ?? url) === url ? [] : [{ url, gone: true }]));
}

function leadsTo(url: string): Pick<Outcome, 'outcome' | 'note'> {
  return { outcome: 'duplicate', note: `It leads to ${pathOf(url)}, which was read.` };
}

import type { Context, Inside } from '#src/context.ts';
import type { Web } from '#src/outside/web.ts';
import { knownReadings } from '#src/understand/pages.ts';
import { isTranslation, pageKey } from '#src/understand/reading/addresses.ts';
import type { PageKind, ReadPage } from '#src/understand/reading.ts';
import type { KnownBeside } from './beside.ts';
import { type FreshPage, freshPage, type KnownPage, READER, unchangedPage } from './page.ts';
import { type Ended, Unreadable } from './progress.ts';

/** What earlier readings left: pages of the site, and what was read beside it. */
export type Known = {
  pages: KnownPage[];
  beside: KnownBeside[];
  /** Addresses of pages that are there and were last read before readings were kept. */
  addresses: { url: string; kind: PageKind }[];
};

export async function knownOf(inside: Inside, appId: string): Promise<Known> {
  const known: Known = { pages: [], beside: [], addresses: [] };
  for (const { page, inspected, delivered, reader, ...row } of await knownReadings(inside, appId)) {
    const { url, kind, etag, lastModified, bodyHash } = row;
    if (!page || !reader || bodyHash === null) known.addresses.push({ url, kind });
    else if (!inspected || !delivered) known.beside.push({ url, etag: reader === READER ? etag : null, page });
    else known.pages.push({ url, kind, etag, lastModified, bodyHash, page, inspected, delivered, reader });
  }
  return known;
}

/** Pages that only send on to another, one after the other; a start page that asks for the language is one. */
const MOST_STOPS = 3;

/**
 * Opens the app's own address. What cannot be read ends the reading. A person who has just typed it wants it read,
 * whatever robots.txt says to programs; by the clock it is asked first. A page that sends its visitors on without a click
 * is followed.
 */
export async function openHome(
  { web }: Pick<Context, 'web'>,
  url: string,
  known: Known,
  bySchedule: boolean,
): Promise<Ended<FreshPage>> {
  // Without its scheme the address is tried by http too when https gives no answer at all.
  let home = await open(web, url, url.replace(/^https:\/\//, ''), known, bySchedule);
  for (let stops = 0; stops < MOST_STOPS && sendsOn(home); stops++)
    home = await open(web, home.inspected.leadsTo, home.inspected.leadsTo, known, bySchedule);
  if (home.page.text === '' && home.page.description === null)
    throw new Unreadable(
      'empty',
      `${new URL(home.page.url).host} shows no text until its scripts run, so there is nothing to read. Enter a page that has its text in the HTML, or add what your app does under Knowledge.`,
    );
  return { value: home, message: titled(home.page, home.unchanged ? ', unchanged' : '') };
}

function sendsOn(home: FreshPage): home is FreshPage & { inspected: { leadsTo: string } } {
  const { leadsTo } = home.inspected;
  return leadsTo !== null && pageKey(leadsTo) !== pageKey(home.page.url);
}

async function open(web: Web, url: string, typed: string, known: Known, bySchedule: boolean): Promise<FreshPage> {
  const before = known.pages.find((one) => pageKey(one.url) === pageKey(url));
  const conditional = before?.reader === READER ? { known: before } : {};
  const answer = await web.fetchPage(typed, { ...conditional, obeyRobots: bySchedule });
  if (answer.ok) return freshPage('home', answer.page, before);
  if (answer.refusal.code === 'not_modified' && before) return unchangedPage({ ...before, kind: 'home' });
  throw new Unreadable(answer.refusal.code, answer.refusal.message);
}

/**
 * The pages that tell of the product, home page first: those that facts are taken from. A page in another language than
 * the home page, at an address that says so, would only say the same in other words.
 */
export function tellingPages(pages: readonly { kind: PageKind; page: ReadPage }[]): ReadPage[] {
  const home = pages.find((one) => one.kind === 'home')?.page;
  const language = (page: ReadPage) => page.lang?.split('-')[0];
  const telling = pages.filter(
    ({ kind, page }) =>
      MOST_TELLING[kind] > 0 && !(home && language(page) !== language(home) && isTranslation(page.url, home.url)),
  );
  const taken = new Map<PageKind, number>();
  return telling
    .filter(({ kind }) => {
      const already = taken.get(kind) ?? 0;
      taken.set(kind, already + 1);
      return already < MOST_TELLING[kind];
    })
    .map((one) => one.page);
}

/** What blog posts, manuals and lists of changes say is about much else. */
const MOST_TELLING: Record<PageKind, number> = {
  home: 1,
  pricing: 2,
  features: 6,
  about: 2,
  readme: 1,
  store: 2,
  other: 0,
  docs: 0,
  blog: 0,
  changelog: 0,
};

function titled(page: ReadPage, more: string): string {
  const title = page.title ?? page.headings[0]?.text;
  return title ? `“${title.slice(0, 120)}”${more}` : 'The page has no title.';
}

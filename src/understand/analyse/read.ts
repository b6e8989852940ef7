import type { Context, Inside } from '#src/context.ts';
import { knownReadings } from '#src/understand/pages.ts';
import { pageKey } from '#src/understand/reading/addresses.ts';
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
    else if (!inspected || !delivered) known.beside.push({ url, etag, page });
    else known.pages.push({ url, kind, etag, lastModified, bodyHash, page, inspected, delivered, reader });
  }
  return known;
}

/**
 * Opens the app's own address. What cannot be read ends the reading. A person who has just typed it wants it read,
 * whatever robots.txt says to programs; by the clock it is asked first.
 */
export async function openHome(
  { web }: Pick<Context, 'web'>,
  url: string,
  known: Known,
  bySchedule: boolean,
): Promise<Ended<FreshPage>> {
  const before = known.pages.find((one) => pageKey(one.url) === pageKey(url));
  const conditional = before?.reader === READER ? { known: before } : {};
  // Without its scheme the address is tried by http too when https gives no answer at all.
  const answer = await web.fetchPage(url.replace(/^https:\/\//, ''), { ...conditional, obeyRobots: bySchedule });
  if (!answer.ok && answer.refusal.code === 'not_modified' && before)
    return { value: unchangedPage({ ...before, kind: 'home' }), message: titled(before.page, ', unchanged') };
  if (!answer.ok) throw new Unreadable(answer.refusal.code, answer.refusal.message);
  const home = freshPage('home', answer.page, before);
  if (home.page.text === '' && home.page.description === null)
    throw new Unreadable(
      'empty',
      `${new URL(home.page.url).host} shows no text until its scripts run, so there is nothing to read. Enter a page that has its text in the HTML, or add what your app does under Knowledge.`,
    );
  return { value: home, message: titled(home.page, home.unchanged ? ', unchanged' : '') };
}

/** The pages that tell of the product, home page first: those that facts are taken from. */
export function tellingPages(pages: readonly { kind: PageKind; page: ReadPage }[]): ReadPage[] {
  const telling = pages.filter((one) => MOST_TELLING[one.kind] > 0);
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

import type { Context } from '#src/context.ts';
import type { PageRefusal } from '#src/outside/web.ts';
import { type Checked, checkPage } from '#src/understand/pages/checklist.ts';
import { pagesWorthReading, type ReadPage, readmeAddresses, readPage, readReadme } from '#src/understand/reading.ts';
import { cleaned } from './clean.ts';
import { type Ended, Unreadable } from './progress.ts';

export type PageKind =
  | 'home'
  | 'pricing'
  | 'features'
  | 'about'
  | 'docs'
  | 'blog'
  | 'changelog'
  | 'readme'
  | 'store'
  | 'other';

/** A page as it was read just now. */
export type FreshPage = { kind: PageKind; status: number; bytes: number; page: ReadPage; checks: Checked[] };

/** A page that is known and could not be read this time. `gone` when its site says that it is no more. */
export type MissedPage = { url: string; gone: boolean };

/** Most pages of one app, home page and README not counted. */
const MOST_PAGES = 8;

/** Opens the app's own address. What cannot be read ends the reading. */
export async function openHome({ web }: Context, url: string): Promise<Ended<FreshPage>> {
  // Without its scheme the address is tried by http too when https gives no answer at all.
  const answer = await web.fetchPage(url.replace(/^https:\/\//, ''));
  if (!answer.ok) throw new Unreadable(answer.refusal.code, answer.refusal.message);
  const home = fresh('home', answer.page);
  if (home.page.text === '' && home.page.description === null)
    throw new Unreadable(
      'empty',
      `${new URL(home.page.url).host} shows no text until its scripts run, so there is nothing to read. Enter a page that has its text in the HTML, or add what your app does under Knowledge.`,
    );
  const title = home.page.title ?? home.page.headings[0]?.text;
  return { value: home, message: title ? `“${title.slice(0, 120)}”` : 'The page has no title.' };
}

/**
 * Reads the pages the home page leads to that tell most, and those known from earlier. One that cannot be read is
 * said and left out.
 */
export async function readLinked(
  { web }: Context,
  home: ReadPage,
  known: { url: string; kind: PageKind }[],
  say: (message: string) => Promise<void>,
): Promise<Ended<{ pages: FreshPage[]; missed: MissedPage[] }>> {
  const wanted = new Map<string, PageKind>();
  for (const { url, kind } of [...pagesWorthReading(home), ...known] as { url: string; kind: PageKind }[])
    if (!wanted.has(url) && url !== home.url && wanted.size < MOST_PAGES) wanted.set(url, kind);
  if (wanted.size === 0)
    return { value: { pages: [], missed: [] }, message: 'The home page links no such pages.', skipped: true };
  await say(`Reading ${listed([...wanted.keys()].map(pathOf))}`);

  const pages: FreshPage[] = [];
  const missed: (MissedPage & { refusal: PageRefusal })[] = [];
  const moved: MissedPage[] = [];
  const answers = await Promise.all(
    [...wanted].map(async ([url, kind]) => ({ url, kind, answer: await web.fetchPage(url) })),
  );
  for (const { url, kind, answer } of answers) {
    if (!answer.ok) missed.push({ url, gone: isGone(answer.refusal), refusal: answer.refusal });
    else if (answer.page.finalUrl !== url && known.some((one) => one.url === url)) moved.push({ url, gone: true });
    if (answer.ok && answer.page.finalUrl !== home.url && pages.every((one) => one.page.url !== answer.page.finalUrl))
      pages.push(fresh(kind, answer.page));
  }
  const read = pages.length > 0 ? `Read ${listed(pages.map(({ page }) => pathOf(page.url)))}.` : 'None could be read.';
  const left = missed.map(({ url, refusal }) => ` ${pathOf(url)} was left out: ${refusal.message}`).join('');
  const gone = [...moved, ...missed.map(({ url, gone }) => ({ url, gone }))];
  return { value: { pages, missed: gone }, message: `${read}${left}` };
}

/** Reads the README of the app's public repository. Not having one is no failure. */
export async function readReadmeOf({ web }: Context, repository: string | null): Promise<Ended<FreshPage | null>> {
  if (!repository) return { value: null, message: 'No public repository is linked.', skipped: true };
  const where = pathOf(repository).slice(1);
  let refusal: PageRefusal | undefined;
  for (const address of readmeAddresses(repository)) {
    const answer = await web.fetchText(address);
    if (answer.ok) {
      const { text, status, bytes } = answer.page;
      const page = cleaned(readReadme(text, `${repository}#readme`));
      return { value: { kind: 'readme', status, bytes, page, checks: [] }, message: `Read the README of ${where}.` };
    }
    refusal = answer.refusal;
    // Another spelling of the name may exist only where the server answered at all.
    if (refusal.code !== 'http_error' && refusal.code !== 'empty') break;
  }
  const why = refusal ? ` ${refusal.message}` : ' Its host is not one whose READMEs are known to stand in public.';
  return { value: null, message: `The README of ${where} was left out.${why}`, skipped: true };
}

function fresh(kind: PageKind, fetched: { html: string; finalUrl: string; status: number; bytes: number }): FreshPage {
  const { status, bytes } = fetched;
  const page = cleaned(readPage(fetched.html, fetched.finalUrl));
  return { kind, status, bytes, page, checks: checkPage(fetched.html, page) };
}

function isGone({ code, message }: PageRefusal): boolean {
  return code === 'http_error' && /\(HTTP (404|410)\)/.test(message);
}

function pathOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.length > 60 ? `${pathname.slice(0, 59)}…` : pathname;
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

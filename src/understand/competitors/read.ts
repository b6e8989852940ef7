/** Reading a competitor's public pages. Nothing here is written down. */
import type { Context } from '#src/context.ts';
import type { FetchedPage } from '#src/outside/web.ts';
import { cleaned, storable } from '#src/understand/analyse/clean.ts';
import { readShape, type Shape } from '#src/understand/difference.ts';
import { type PageKind, type ReadPage, readPage } from '#src/understand/reading.ts';

/** One page as it answered, or why it did not. */
export type Tried =
  | { url: string; kind: PageKind; state: 'read'; status: number; bytes: number; page: ReadPage; shape: Shape }
  | { url: string; kind: PageKind; state: 'refused' | 'unusable'; message: string };

export type Read = Extract<Tried, { state: 'read' }>;

/** So many pages of each kind, besides the home page. */
const MOST: [PageKind, number][] = [
  ['pricing', 1],
  ['features', 2],
  ['changelog', 1],
  ['about', 1],
  ['blog', 1],
];

/**
 * Reads the home page and what it leads to: pricing, features, changelog, about, blog; and the pages known from earlier.
 * robots.txt is obeyed. A page that cannot be read, or is no longer the page, is said to be so and is no error.
 */
export async function readPagesOf(
  { web }: Pick<Context, 'web'>,
  url: string,
  known: readonly { url: string; kind: PageKind }[],
): Promise<Tried[]> {
  const home = await readOne(web, url, 'home', url);
  if (home.state !== 'read') return [home];
  const tried: Tried[] = [home];
  for (const { url: address, kind } of pagesToRead(home.page, known)) {
    const one = await readOne(web, address, kind, home.page.url);
    if (one.state !== 'read' || !tried.some((other) => other.state === 'read' && other.page.url === one.page.url))
      tried.push(one);
  }
  return tried;
}

async function readOne(web: Context['web'], url: string, kind: PageKind, home: string): Promise<Tried> {
  const answer = await web.fetchPage(url, { obeyRobots: true });
  if (!answer.ok) return { url, kind, state: 'refused', message: answer.refusal.message };
  const elsewhere = whereTo(answer.page, url, kind, home);
  if (elsewhere) return { url, kind, state: 'unusable', message: elsewhere };
  const shape = storable(readShape(answer.page.html));
  if (shape.unusable) return { url, kind, state: 'unusable', message: shape.unusable.message };
  const page = cleaned(readPage(answer.page.html, answer.page.finalUrl));
  // A page is known by the address we asked for: what it redirects to may carry a session.
  return {
    url,
    kind,
    state: 'read',
    status: answer.page.status,
    bytes: answer.page.bytes,
    page: { ...page, url },
    shape,
  };
}

/** Why a redirect leads to another page than the one asked for; null when it does not. */
function whereTo({ finalUrl }: FetchedPage, asked: string, kind: PageKind, home: string): string | null {
  const [to, from] = [new URL(finalUrl), new URL(asked)];
  if (kind !== 'home' && to.pathname === new URL(home).pathname && from.pathname !== to.pathname)
    return `${from.pathname} leads to the home page: the site no longer has it.`;
  const bare = (host: string) =>
    host
      .replace(/^www\./, '')
      .split('.')
      .slice(-2)
      .join('.');
  if (bare(to.hostname) !== bare(from.hostname)) return `${from.host} now leads to ${to.host}, another site.`;
  return null;
}

function pagesToRead(
  home: ReadPage,
  known: readonly { url: string; kind: PageKind }[],
): { url: string; kind: PageKind }[] {
  const wanted = new Map<string, PageKind>();
  for (const [kind, most] of MOST) {
    const before = known.filter((one) => one.kind === kind).map(({ url }) => url);
    const linked = home.links
      .filter((link) => link.kind === kind && isOf(link.url, home.url))
      .map(({ url }) => bareAddress(url))
      .sort((a, b) => depthOf(a) - depthOf(b));
    for (const url of [...new Set([...before, ...linked])].slice(0, most))
      if (url !== bareAddress(home.url)) wanted.set(url, kind);
  }
  return [...wanted].map(([url, kind]) => ({ url, kind }));
}

function isOf(url: string, home: string): boolean {
  return new URL(url).hostname.replace(/^www\./, '') === new URL(home).hostname.replace(/^www\./, '');
}

function bareAddress(address: string): string {
  const url = new URL(address);
  url.hash = '';
  url.search = '';
  return url.href;
}

function depthOf(address: string): number {
  return new URL(address).pathname.split('/').filter(Boolean).length;
}

/** Titles of the posts a blog's front page leads to, by address. */
export function postsOn({ page }: Read): { url: string; title: string }[] {
  const root = new URL(page.url).pathname.replace(/\/$/, '');
  const posts = new Map<string, string>();
  for (const { url, text } of page.links) {
    const { pathname } = new URL(url);
    const below = isOf(url, page.url) && pathname.startsWith(`${root}/`) && pathname.length > root.length + 4;
    const isList = /\/(?:tag|tags|category|categories|page|author|authors|feed|rss|archive)(?:\/|$)/.test(pathname);
    if (below && !isList && text.length >= 12 && !posts.has(bareAddress(url)))
      posts.set(bareAddress(url), text.slice(0, 200));
  }
  return [...posts].slice(0, 60).map(([url, title]) => ({ url, title }));
}

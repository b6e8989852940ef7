/** Which address of a site is read next. Pure. */
import { isTranslation, pageAddress, pageKey, shapeOf, siteOf, trapIn } from '#src/understand/reading/addresses.ts';
import type { LinkKind, PageKind } from '#src/understand/reading.ts';
import { kindOfAddress } from '#src/understand/reading.ts';

export type Source = 'home' | 'link' | 'sitemap' | 'known';

export type Waiting = { url: string; key: string; kind: PageKind; source: Source; depth: number; rank: number };

/** How many pages of a kind one reading takes before the other kinds had their turn, in the order in which kinds tell of a product. */
const MOST_OF_KIND: Record<PageKind, number> = {
  home: 1,
  pricing: 4,
  features: 14,
  about: 4,
  changelog: 3,
  docs: 12,
  blog: 12,
  other: 20,
  readme: 0,
  store: 0,
};
const KINDS = Object.keys(MOST_OF_KIND) as PageKind[];

/** Addresses of one shape (`/calendar/#/#`) that are taken before it counts as a trap; posts and chapters are numbered, too. */
const MOST_OF_SHAPE = { other: 4, told: 20 };
const MOST_WAITING = 3_000;

/**
 * The addresses of one site that wait to be read. Each is taken once, whatever way it is written; what leads into a trap
 * is refused; what is likely to tell most comes first: by kind, then what is linked before what only a sitemap names,
 * then the shortest way.
 */
export function openFrontier(home: string) {
  const site = siteOf(home);
  const seen = new Set<string>([pageKey(home)]);
  const shapes = new Map<string, number>();
  const taken = new Map<PageKind, number>();
  const waiting: Waiting[] = [];
  const refused: { url: string; why: string }[] = [];
  const copies: { url: string; source: Source; note: string }[] = [];

  /** Adds an address; true when it was new and is of this site. */
  function add(found: string, source: Source, about: { depth: number; text?: string; kind?: PageKind }): boolean {
    const url = pageAddress(found);
    if (!url || siteOf(url) !== site) return false;
    const key = pageKey(url);
    if (seen.has(key) || waiting.length >= MOST_WAITING) return false;
    seen.add(key);
    const trap = source === 'known' ? null : trapIn(url);
    if (trap) {
      if (refused.length < 100) refused.push({ url, why: trap });
      return false;
    }
    const text = about.text ?? '';
    const kind = about.kind ?? pageKind(kindOfAddress(url, text, home));
    waiting.push({ url, key, kind, source, depth: about.depth, rank: rankOf(url, kind, source, about.depth, home) });
    return true;
  }

  /** Notes that an address needs not be opened, because it shows what is read elsewhere. One that was opened stays. */
  function leaveOut(found: string, note: string): void {
    const url = pageAddress(found);
    if (!url || siteOf(url) !== site) return;
    const key = pageKey(url);
    const one = takeOut(key);
    if (!one && seen.has(key)) return;
    seen.add(key);
    if (one || copies.length < 100) copies.push({ url: one?.url ?? url, source: one?.source ?? 'link', note });
  }

  /** Notes that an address was read, though it was not asked for: another one led to it. */
  function arrived(url: string): void {
    seen.add(pageKey(url));
    takeOut(pageKey(url));
  }

  function takeOut(key: string): Waiting | undefined {
    const at = seen.has(key) ? waiting.findIndex((one) => one.key === key) : -1;
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  }

  /** The next one, or none. */
  function next(): Waiting | undefined {
    for (;;) {
      // What is over its share comes when nothing else is left.
      const best =
        bestOf(waiting.filter((one) => (taken.get(one.kind) ?? 0) < MOST_OF_KIND[one.kind])) ?? bestOf(waiting);
      if (!best) return undefined;
      waiting.splice(waiting.indexOf(best), 1);
      const shape = shapeOf(best.url);
      const alike = shapes.get(shape) ?? 0;
      shapes.set(shape, alike + 1);
      if (
        /#|\?/.test(shape) &&
        alike >= MOST_OF_SHAPE[best.kind === 'other' ? 'other' : 'told'] &&
        best.source !== 'known'
      ) {
        if (refused.length < 100) refused.push({ url: best.url, why: 'many pages of this form were read already' });
        continue;
      }
      taken.set(best.kind, (taken.get(best.kind) ?? 0) + 1);
      return best;
    }
  }

  return {
    add,
    next,
    leaveOut,
    arrived,
    refused,
    copies,
    /** True for an address of this site. */
    isOwn: (url: string) => siteOf(url) === site,
    /** What was found and not read, best first. */
    left: () => waiting.toSorted((a, b) => a.rank - b.rank).slice(0, 100),
    size: () => waiting.length,
  };
}

/** As a page is kept, what a link leads to. */
export function pageKind(kind: LinkKind): PageKind {
  return kind === 'repository' || kind === 'social' || kind === 'store' ? 'other' : kind;
}

function bestOf(waiting: Waiting[]): Waiting | undefined {
  return waiting.reduce<Waiting | undefined>((best, one) => (best && best.rank <= one.rank ? best : one), undefined);
}

/** One number, so that thousands can wait: kind, language, source, depth, folders, length, in this order. */
function rankOf(url: string, kind: PageKind, source: Source, depth: number, home: string): number {
  const folders = new URL(url).pathname.split('/').filter(Boolean).length;
  const digits = [KINDS.indexOf(kind), Number(isTranslation(url, home)), SOURCES.indexOf(source), depth, folders];
  return digits.reduce((sum, digit) => sum * 10 + Math.min(digit, 9), 0) * 1_000 + Math.min(url.length, 999);
}

const SOURCES: Source[] = ['known', 'home', 'link', 'sitemap'];

/**
 * What could be better on an app's own pages: for search engines, shared links, people who cannot see them, and slow
 * connections. Each with what was found, why it matters and what to do. Pure.
 */
import type { Inspected } from '#src/understand/reading/inspect.ts';
import type { PageKind, ReadPage } from '#src/understand/reading.ts';
import { checkAccess } from './checklist/access.ts';
import { checkSearch } from './checklist/search.ts';
import { checkSharing } from './checklist/sharing.ts';
import { checkSpeed } from './checklist/speed.ts';

/** How a page came. */
export type Delivered = {
  /** From asking to the first byte. */
  waitedMs: number;
  /** Of the HTML, unpacked. */
  bytes: number;
  /** As sent; null when the answer did not say. */
  sentBytes: number | null;
  /** `gzip`, `br`; null for none. */
  encoding: string | null;
  /** Its Cache-Control. */
  caching: string | null;
  /** Its X-Robots-Tag, in small letters. */
  robots: string;
  redirects: string[];
};

export type Checked = {
  /** Stable name; one page has one finding of a rule. */
  rule: string;
  severity: 'fix' | 'improve' | 'info';
  message: string;
  /** What stands there, word for word; null when nothing does. */
  quote: string | null;
  why: string;
  fix: string;
};

/** A page as the checks look at it. */
export type Checkable = { kind: PageKind; page: ReadPage; inspected: Inspected; delivered: Delivered };

/** Everything that can be told from one page alone; `checkSite` adds what takes all of them. */
export function checkPage(one: Checkable): Checked[] {
  // A page that search engines are asked to leave out need not please them.
  const listed = !isHiddenFromSearch(one);
  return [...checkSearch(one, listed), ...(listed ? checkSharing(one) : []), ...checkAccess(one), ...checkSpeed(one)];
}

/** True when the page asks not to be listed. */
export function isHiddenFromSearch({ inspected, delivered }: Pick<Checkable, 'inspected' | 'delivered'>): boolean {
  return [...inspected.robots, ...delivered.robots.split(/[\s,:]+/)].some((one) => one === 'noindex' || one === 'none');
}

/** Cut to what fits a line. */
export function short(text: string, most = 160): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** `1 picture`, `3 pictures`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** A page as one reading has it in hand. */
import { createHash } from 'node:crypto';
import type { FetchedPage } from '#src/outside/web.ts';
import type { Delivered } from '#src/understand/pages/checklist.ts';
import { type Inspected, inspect } from '#src/understand/reading/inspect.ts';
import { technologyOfHeaders } from '#src/understand/reading/technology.ts';
import { type PageKind, type ReadPage, readPage } from '#src/understand/reading.ts';
import { cleaned, storable } from './clean.ts';

/**
 * Version of what is taken from a page. A page read by another one is read anew, even where its site says that it has
 * not changed.
 */
export const READER = '4';

export type FreshPage = {
  kind: PageKind;
  status: number;
  bytes: number;
  page: ReadPage;
  inspected: Inspected;
  delivered: Delivered;
  etag: string | null;
  lastModified: string | null;
  bodyHash: string;
  /** The site, or the bytes, say that it is as it was. */
  unchanged: boolean;
};

/** A page that is known and could not be read this time. `gone` when its site says that it is no more. */
export type MissedPage = { url: string; gone: boolean };

/** What is read beside the site: a README, releases, a page in a store. */
export type BesidePage = {
  kind: 'readme' | 'changelog' | 'store';
  status: number;
  bytes: number;
  page: ReadPage;
  etag: string | null;
  unchanged: boolean;
};

/** What the last reading kept of a page. */
export type KnownPage = Omit<FreshPage, 'unchanged' | 'status' | 'bytes'> & { url: string; reader: string };

/** Makes a page of what came; when the bytes are those of last time, what was read then is taken. */
export function freshPage(kind: PageKind, fetched: FetchedPage, known?: KnownPage): FreshPage {
  const { status, bytes, headers, finalUrl, html } = fetched;
  const bodyHash = createHash('sha256').update(html).digest('hex');
  const same = known !== undefined && known.reader === READER && known.bodyHash === bodyHash;
  const page = same ? known.page : cleaned(readPage(html, finalUrl));
  const inspected = same ? known.inspected : storable(inspect(html, finalUrl));
  const technology = [...new Set([...page.technology, ...technologyOfHeaders(headers)])].slice(0, 40);
  return {
    kind,
    status,
    bytes,
    page: { ...page, technology },
    inspected,
    delivered: storable({
      waitedMs: fetched.waitedMs,
      bytes,
      sentBytes: fetched.sentBytes,
      encoding: headers['content-encoding'] ?? null,
      caching: headers['cache-control'] ?? null,
      robots: (headers['x-robots-tag'] ?? '').toLowerCase(),
      redirects: [...fetched.redirects],
    }),
    etag: headers.etag?.slice(0, 500) ?? null,
    lastModified: headers['last-modified']?.slice(0, 100) ?? null,
    bodyHash,
    unchanged: same,
  };
}

/** A page whose site says that it is as it was. */
export function unchangedPage({ url: _, reader: __, ...known }: KnownPage): FreshPage {
  return { ...known, status: 200, bytes: known.delivered.bytes, unchanged: true };
}

/** The words of a page, as far as two pages with the same ones are one page. */
export function textHash(page: ReadPage): string {
  return createHash('sha256').update(page.text).digest('hex');
}

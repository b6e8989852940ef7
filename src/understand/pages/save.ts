import { createHash } from 'node:crypto';
import type { Inside } from '#src/context.ts';
import type { Inspected } from '#src/understand/reading/inspect.ts';
import type { PageKind, ReadPage } from '#src/understand/reading.ts';
import type { Checked, Delivered } from './checklist.ts';

export type SavedPage = { pageId: string; versionId: string; changed: boolean };

/**
 * Keeps a page as it was read: a new version only when its words changed. `competitorId` null = the app's own page.
 * Returns the version that says what was read.
 */
export async function savePage(
  inside: Inside,
  appId: string,
  read: { kind: PageKind; status: number; bytes: number; page: ReadPage },
  competitorId: string | null = null,
): Promise<SavedPage> {
  const { tx, workspaceId } = inside;
  const now = inside.clock.now();
  const { id: pageId } = await tx
    .insertInto('pages')
    .values({ workspaceId, appId, competitorId, url: read.page.url, kind: read.kind, firstSeenAt: now })
    .onConflict((oc) =>
      oc.columns(['workspaceId', 'appId', 'competitorId', 'url']).doUpdateSet({ kind: read.kind, goneAt: null }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  const text = savedText(read.page);
  const { title, description } = read.page;
  const textHash = createHash('sha256')
    .update(JSON.stringify([title, description, text]))
    .digest('hex');
  const latest = await tx
    .selectFrom('pageVersions')
    .select(['id', 'textHash'])
    .where('pageId', '=', pageId)
    .orderBy('readAt', 'desc')
    .executeTakeFirst();
  if (latest?.textHash === textHash) return { pageId, versionId: latest.id, changed: false };
  const { status, bytes } = read;
  const structured = JSON.stringify(read.page.structured);
  const version = await tx
    .insertInto('pageVersions')
    .values({ workspaceId, pageId, readAt: now, status, title, description, text, textHash, bytes, structured })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { pageId, versionId: version.id, changed: true };
}

/** Keeps what the last reading took from a page, in place of what the one before took. */
export async function saveReading(
  { tx, workspaceId, clock }: Inside,
  pageId: string,
  read: {
    reader: string;
    etag: string | null;
    lastModified: string | null;
    bodyHash: string;
    page: ReadPage;
    inspected: Inspected | null;
    delivered: Delivered | null;
  },
): Promise<void> {
  const row = {
    readAt: clock.now(),
    reader: read.reader,
    etag: read.etag,
    lastModified: read.lastModified,
    bodyHash: read.bodyHash,
    said: JSON.stringify(read.page),
    inspected: JSON.stringify({ markup: read.inspected, delivered: read.delivered }),
  };
  await tx
    .insertInto('pageReadings')
    .values({ workspaceId, pageId, ...row })
    .onConflict((oc) => oc.columns(['workspaceId', 'pageId']).doUpdateSet(row))
    .execute();
}

/**
 * Keeps what could be better on a page: what is new is added, what is mended is marked as resolved. A finding of the same
 * rule stays the same finding; its words follow the page.
 */
export async function saveFindings(inside: Inside, pageId: string, checks: readonly Checked[]): Promise<void> {
  const { tx, workspaceId } = inside;
  const now = inside.clock.now();
  const open = await tx
    .selectFrom('pageFindings')
    .select(['id', 'rule', 'message', 'quote', 'why', 'fix'])
    .where('pageId', '=', pageId)
    .where('resolvedAt', 'is', null)
    .execute();
  const mended = open.filter((one) => !checks.some((check) => check.rule === one.rule)).map((one) => one.id);
  if (mended.length > 0)
    await tx.updateTable('pageFindings').set({ resolvedAt: now }).where('id', 'in', mended).execute();
  const added: Checked[] = [];
  for (const check of checks) {
    const standing = open.find((one) => one.rule === check.rule);
    const { severity, message, quote, why, fix } = check;
    if (!standing) added.push(check);
    else if (
      [standing.message, standing.quote, standing.why, standing.fix].join() !== [message, quote, why, fix].join()
    )
      await tx
        .updateTable('pageFindings')
        .set({ severity, message, quote, why, fix })
        .where('id', '=', standing.id)
        .execute();
  }
  if (added.length > 0)
    await tx
      .insertInto('pageFindings')
      .values(added.map((check) => ({ workspaceId, pageId, ...check, foundAt: now })))
      .execute();
}

/** Marks pages of the app that their site says are no more; what was to mend on them is settled with them. */
export async function markGone({ tx, clock }: Inside, appId: string, urls: readonly string[]): Promise<void> {
  if (urls.length === 0) return;
  const now = clock.now();
  const gone = await tx
    .updateTable('pages')
    .set({ goneAt: now })
    .where('appId', '=', appId)
    .where('competitorId', 'is', null)
    .where('url', 'in', urls)
    .where('goneAt', 'is', null)
    .returning('id')
    .execute();
  if (gone.length === 0) return;
  await tx
    .updateTable('pageFindings')
    .set({ resolvedAt: now })
    .where(
      'pageId',
      'in',
      gone.map((one) => one.id),
    )
    .where('resolvedAt', 'is', null)
    .execute();
}

/** The app's own pages that are still there, with what the last reading took from them. */
export async function knownReadings({ tx }: Inside, appId: string) {
  const rows = await tx
    .selectFrom('pages as p')
    .leftJoin('pageReadings as r', 'r.pageId', 'p.id')
    .select(['p.url', 'p.kind', 'r.reader', 'r.etag', 'r.lastModified', 'r.bodyHash', 'r.said', 'r.inspected'])
    .where('p.appId', '=', appId)
    .where('p.competitorId', 'is', null)
    .where('p.goneAt', 'is', null)
    .orderBy('p.firstSeenAt')
    .orderBy('p.url')
    .execute();
  return rows.map(({ said, inspected, ...row }) => {
    const kept = inspected as { markup: Inspected | null; delivered: Delivered | null } | null;
    return {
      ...row,
      page: said as ReadPage | null,
      inspected: kept?.markup ?? null,
      delivered: kept?.delivered ?? null,
    };
  });
}

/** The words a quote can come from: running text, customers' words, what the buttons say. */
function savedText(page: ReadPage): string {
  const customers = page.testimonials.map(({ quote, author }) => (author ? `${quote}\n${author}` : quote));
  return [page.text, ...customers, ...page.callsToAction].join('\n').trim();
}

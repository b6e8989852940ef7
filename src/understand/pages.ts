import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from './apps.ts';
import type { Checked } from './pages/checklist.ts';
import type { ReadPage } from './reading.ts';

const kinds = [
  'home',
  'pricing',
  'features',
  'about',
  'docs',
  'blog',
  'changelog',
  'readme',
  'store',
  'other',
] as const;
const severities = ['fix', 'improve', 'info'] as const;

export type SavedPage = { pageId: string; versionId: string; changed: boolean };

/**
 * Keeps a page as it was read: a new version only when its words changed. `competitorId` null = the app's own page.
 * Returns the version that says what was read.
 */
export async function savePage(
  inside: Inside,
  appId: string,
  read: { kind: (typeof kinds)[number]; status: number; bytes: number; page: ReadPage },
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

/** Keeps what could be better on a page: what is new is added, what is mended is marked as resolved. */
export async function saveFindings(inside: Inside, pageId: string, checks: readonly Checked[]): Promise<void> {
  const { tx, workspaceId } = inside;
  const now = inside.clock.now();
  const open = await tx
    .selectFrom('pageFindings')
    .select(['id', 'rule', 'message'])
    .where('pageId', '=', pageId)
    .where('resolvedAt', 'is', null)
    .execute();
  const standing = (one: { rule: string; message: string }) =>
    checks.some((check) => check.rule === one.rule && check.message === one.message);
  const mended = open.filter((one) => !standing(one)).map((one) => one.id);
  if (mended.length > 0)
    await tx.updateTable('pageFindings').set({ resolvedAt: now }).where('id', 'in', mended).execute();
  const added = checks.filter((check) => !open.some((one) => one.rule === check.rule && one.message === check.message));
  if (added.length > 0)
    await tx
      .insertInto('pageFindings')
      .values(added.map((check) => ({ workspaceId, pageId, ...check, foundAt: now })))
      .execute();
}

/** Marks pages of the app that their site says are no more. */
export async function markGone({ tx, clock }: Inside, appId: string, urls: readonly string[]): Promise<void> {
  if (urls.length === 0) return;
  await tx
    .updateTable('pages')
    .set({ goneAt: clock.now() })
    .where('appId', '=', appId)
    .where('competitorId', 'is', null)
    .where('url', 'in', urls)
    .where('goneAt', 'is', null)
    .execute();
}

/** The app's own pages that are still there, besides home page and README. */
export function knownPages({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('pages')
    .select(['url', 'kind'])
    .where('appId', '=', appId)
    .where('competitorId', 'is', null)
    .where('goneAt', 'is', null)
    .where('kind', 'not in', ['home', 'readme'])
    .orderBy('firstSeenAt')
    .execute();
}

/** The words a quote can come from: running text, customers' words, what the buttons say. */
function savedText(page: ReadPage): string {
  const customers = page.testimonials.map(({ quote, author }) => (author ? `${quote}\n${author}` : quote));
  return [page.text, ...customers, ...page.callsToAction].join('\n').trim();
}

export const pageOperations = {
  list: operation({
    summary: 'List the pages that were read of an app, with what could be better on them.',
    route: 'GET /apps/{appId}/pages',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      pages: z.array(
        z.object({
          id,
          url: z.string(),
          kind: z.enum(kinds),
          title: z.string().nullable(),
          description: z.string().nullable(),
          competitor: z.object({ id, name: z.string() }).nullable(),
          firstSeenAt: z.date(),
          /** When its words last changed. */
          changedAt: z.date().nullable(),
          goneAt: z.date().nullable(),
          versions: z.int(),
          bytes: z.int().nullable(),
          findings: z.array(
            z.object({
              id,
              rule: z.string(),
              severity: z.enum(severities),
              message: z.string(),
              fix: z.string(),
              foundAt: z.date(),
            }),
          ),
        }),
      ),
    }),
    run: (context, { appId }) => transaction(context, (inside) => listPages(inside, appId)),
  }),
};

async function listPages(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const rows = await inside.tx
    .selectFrom('pages as p')
    .leftJoin('competitors as c', 'c.id', 'p.competitorId')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('pageVersions as v')
          .select(['v.title', 'v.description', 'v.bytes', 'v.readAt'])
          .whereRef('v.pageId', '=', 'p.id')
          .orderBy('v.readAt', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .select([
      'p.id',
      'p.url',
      'p.kind',
      'p.firstSeenAt',
      'p.goneAt',
      'c.id as competitorId',
      'c.name as competitorName',
    ])
    .select(['latest.title', 'latest.description', 'latest.bytes', 'latest.readAt as changedAt'])
    .select((eb) =>
      eb
        .selectFrom('pageVersions as v')
        .whereRef('v.pageId', '=', 'p.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .as('versions'),
    )
    .where('p.appId', '=', appId)
    .orderBy('p.firstSeenAt')
    .orderBy('p.url')
    .execute();
  const findings = await inside.tx
    .selectFrom('pageFindings as f')
    .innerJoin('pages as p', 'p.id', 'f.pageId')
    .select(['f.id', 'f.pageId', 'f.rule', 'f.severity', 'f.message', 'f.fix', 'f.foundAt'])
    .where('p.appId', '=', appId)
    .where('f.resolvedAt', 'is', null)
    .orderBy('f.rule')
    .execute();
  const bySeverity = (a: { severity: (typeof severities)[number] }, b: typeof a) =>
    severities.indexOf(a.severity) - severities.indexOf(b.severity);
  return {
    pages: rows.map(({ competitorId, competitorName, ...row }) => ({
      ...row,
      versions: row.versions ?? 0,
      competitor: competitorId && competitorName ? { id: competitorId, name: competitorName } : null,
      findings: findings.filter((one) => one.pageId === row.id).sort(bySeverity),
    })),
  };
}

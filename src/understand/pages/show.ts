import type { Inside } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import type { Inspected } from '#src/understand/reading/inspect.ts';
import { kindsOfStructured } from '#src/understand/reading/structured.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Delivered } from './checklist.ts';
import { diffLines } from './diff.ts';
import { openFindings } from './findings.ts';

const MOST_LINES = 60;
const MOST_VERSIONS = 30;

export async function listPages(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const rows = await pagesOf(inside, { appId });
  const findings = Map.groupBy(await openFindings(inside, { appId }), (one) => one.pageId);
  return { pages: rows.map((row) => ({ ...row, findings: (findings.get(row.id) ?? []).map(withoutPage) })) };
}

/** One page with what the last reading took from it and every version of its words. */
export async function showPage(inside: Inside, pageId: string) {
  const [row] = await pagesOf(inside, { pageId });
  if (!row) throw notFound('page');
  const { tx } = inside;
  const reading = await tx
    .selectFrom('pageReadings')
    .select(['said', 'inspected'])
    .where('pageId', '=', pageId)
    .executeTakeFirst();
  const versions = await tx
    .selectFrom('pageVersions')
    .select(['id', 'readAt', 'title', 'bytes', 'text'])
    .where('pageId', '=', pageId)
    .orderBy('readAt', 'desc')
    .limit(MOST_VERSIONS + 1)
    .execute();
  const kept = reading?.inspected as { markup: Inspected | null; delivered: Delivered | null } | undefined;
  const { appId } = await tx.selectFrom('pages').select('appId').where('id', '=', pageId).executeTakeFirstOrThrow();
  return {
    ...row,
    appId,
    findings: (await openFindings(inside, { pageId })).map(withoutPage),
    said: reading ? sayingOf(reading.said as ReadPage) : null,
    delivery: kept?.markup && kept.delivered ? deliveryOf(kept.markup, kept.delivered) : null,
    history: versions.slice(0, MOST_VERSIONS).map(({ text, ...version }, at) => {
      const before = versions[at + 1];
      return { ...version, changes: before ? diffLines(before.text, text).slice(0, MOST_LINES) : [] };
    }),
  };
}

/** What changed on the app's own pages, with the facts whose words were gone at the same reading. */
export async function listChanges(inside: Inside, appId: string, limit: number) {
  await appOf(inside, appId);
  const { tx } = inside;
  const rows = await tx
    .selectFrom('pageVersions as v')
    .innerJoin('pages as p', 'p.id', 'v.pageId')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('pageVersions as b')
          .select(['b.text as before'])
          .whereRef('b.pageId', '=', 'v.pageId')
          .whereRef('b.readAt', '<', 'v.readAt')
          .orderBy('b.readAt', 'desc')
          .limit(1)
          .as('earlier'),
      (join) => join.onTrue(),
    )
    .select(['p.id', 'p.url', 'p.kind', 'v.title', 'v.readAt as at', 'v.text', 'earlier.before'])
    .where('p.appId', '=', appId)
    .where('p.competitorId', 'is', null)
    .orderBy('v.readAt', 'desc')
    .orderBy('p.url')
    .limit(limit)
    .execute();
  if (rows.length === 0) return { changes: [] };
  const gone = await tx
    .selectFrom('factChanges as c')
    .innerJoin('facts as f', 'f.id', 'c.factId')
    .innerJoin('evidence as e', 'e.factId', 'f.id')
    .select(['f.id', 'f.statement', 'f.state', 'e.url', 'c.changedAt'])
    .distinct()
    .where('f.appId', '=', appId)
    .where('c.change', '=', 'no_longer_found')
    .where('c.changedAt', 'in', [...new Set(rows.map((row) => row.at))])
    .execute();
  return {
    changes: rows.map(({ id, url, kind, title, at, text, before }) => ({
      page: { id, url, kind, title },
      at,
      lines: diffLines(before, text).slice(0, MOST_LINES),
      facts: gone
        .filter((fact) => fact.url === url && fact.changedAt.getTime() === at.getTime())
        .map(({ id: factId, statement, state }) => ({ id: factId, statement, state })),
    })),
  };
}

function sayingOf(said: ReadPage) {
  const { lang, canonical, headings, prices, testimonials, callsToAction, technology, claims } = said;
  return {
    lang,
    canonical,
    headings: headings.slice(0, 100),
    prices,
    claims,
    testimonials,
    callsToAction,
    technology,
    structuredKinds: kindsOfStructured(said.structured),
    words: said.text.split(/\s+/).filter(Boolean).length,
  };
}

function deliveryOf(markup: Inspected, delivered: Delivered) {
  const { waitedMs, bytes, sentBytes, encoding, caching, redirects } = delivered;
  const of = (kind: Inspected['requests'][number]['kind']) => markup.requests.filter((one) => one.kind === kind).length;
  return {
    waitedMs,
    bytes,
    sentBytes,
    encoding,
    caching,
    redirects,
    requests: {
      script: of('script'),
      style: of('style'),
      image: of('image'),
      font: of('font'),
      frame: of('frame'),
      media: of('media'),
    },
    blocking: markup.requests.filter((one) => one.blocking).length,
    images: {
      all: markup.images.length,
      unsized: markup.images.filter((one) => !one.sized).length,
      lazy: markup.images.filter((one) => one.lazy).length,
      withoutText: markup.images.filter((one) => one.alt === null).length,
    },
    elements: markup.elements,
  };
}

function withoutPage<T extends { pageId: string }>({ pageId: _, ...finding }: T): Omit<T, 'pageId'> {
  return finding;
}

async function pagesOf({ tx }: Inside, wanted: { appId: string } | { pageId: string }) {
  const rows = await tx
    .selectFrom('pages as p')
    .leftJoin('competitors as c', 'c.id', 'p.competitorId')
    .leftJoin('pageReadings as r', 'r.pageId', 'p.id')
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
    .select(['latest.title', 'latest.description', 'latest.bytes', 'latest.readAt as changedAt', 'r.readAt'])
    .select((eb) =>
      eb
        .selectFrom('pageVersions as v')
        .whereRef('v.pageId', '=', 'p.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .as('versions'),
    )
    .$if('appId' in wanted, (query) => query.where('p.appId', '=', (wanted as { appId: string }).appId))
    .$if('pageId' in wanted, (query) => query.where('p.id', '=', (wanted as { pageId: string }).pageId))
    .orderBy('p.firstSeenAt')
    .orderBy('p.url')
    .execute();
  return rows.map(({ competitorId, competitorName, ...row }) => ({
    ...row,
    versions: row.versions ?? 0,
    competitor: competitorId && competitorName ? { id: competitorId, name: competitorName } : null,
  }));
}

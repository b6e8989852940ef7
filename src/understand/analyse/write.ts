import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { learnAddress, learnProfile, learnSocialLinks } from '#src/understand/apps.ts';
import { learnAudiences } from '#src/understand/audiences.ts';
import { learnCompetitors } from '#src/understand/competitors.ts';
import { learnKeywords } from '#src/understand/keywords.ts';
import { type Difference, learnFacts } from '#src/understand/knowledge.ts';
import { checkSite } from '#src/understand/pages/checklist/site.ts';
import { checkPage } from '#src/understand/pages/checklist.ts';
import { markGone, saveFindings, savePage, saveReading } from '#src/understand/pages.ts';
import { pageKey } from '#src/understand/reading/addresses.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Beside } from './beside.ts';
import type { Crawled } from './crawl.ts';
import type { Found } from './find.ts';
import { type FreshPage, READER } from './page.ts';
import { setStep, stillRunning } from './progress.ts';

export type Read = { appId: string; analysisId: string; home: FreshPage; site: Crawled; beside: Beside };

/** Writes a reading down: everything and its end in one transaction, so that it is there whole or not at all. */
export function writeDown(context: Context, result: Read & { repository: string | null; found: Found }): Promise<void> {
  const { appId, analysisId, home, repository } = result;
  const { findings, method } = result.found;
  return transaction(context, async (inside) => {
    await stillRunning(inside, analysisId);
    const { profile } = findings;
    await learnProfile(inside, appId, {
      name: profile.name.value.slice(0, 200),
      tagline: profile.tagline?.value.slice(0, 300) ?? null,
      description: profile.description?.value.slice(0, 5000) ?? null,
      category: profile.category.value,
      logoUrl: profile.logoUrl,
      faviconUrl: profile.faviconUrl,
      brandColours: profile.colours,
      repositoryUrl: repository,
      language: home.page.lang,
    });
    await learnAddress(inside, appId, home.page.url);
    await learnSocialLinks(inside, appId, profile.social);

    const { versions, gone } = await writePages(inside, result);
    const difference = await learnFacts(inside, appId, {
      analysisId,
      method,
      facts: findings.facts,
      pages: versions,
      gone,
    });
    await learnKeywords(inside, appId, findings.keywords);
    await learnAudiences(inside, appId, findings.audiences);
    await learnCompetitors(inside, appId, findings.competitors);

    await end(inside, analysisId, told(difference));
    await record(inside, 'app.analysed', { subjectId: appId, detail: { analysisId, method, ...difference } });
  });
}

/** Writes down that a look found everything as it was: only when it was, and what the checks of the day say. */
export function writeUnchanged(context: Context, read: Read): Promise<void> {
  return transaction(context, async (inside) => {
    await stillRunning(inside, read.analysisId);
    await writePages(inside, read);
    await inside.tx
      .updateTable('analysisSteps')
      .set({ state: 'skipped', message: 'Nothing has changed.' })
      .where('analysisId', '=', read.analysisId)
      .where('state', '=', 'waiting')
      .execute();
    await end(inside, read.analysisId, 'Nothing has changed since the last reading.');
    await record(inside, 'app.unchanged', { subjectId: read.appId, detail: { analysisId: read.analysisId } });
  });
}

async function writePages(inside: Inside, { appId, analysisId, site, beside }: Read) {
  const pageIds = new Map<string, string>();
  const versions: { page: ReadPage; versionId: string }[] = [];
  const sitewide = checkSite(site.pages, {
    robotsFound: site.robots.found,
    sitemap: site.sitemaps.files.length > 0 ? site.sitemaps.pages : null,
    sitemapFaults: site.sitemaps.left,
    deadLinks: site.deadLinks,
    gone: goneInSitemap(site),
  });
  for (const one of site.pages) {
    const { pageId, versionId } = await savePage(inside, appId, one);
    pageIds.set(one.page.url, pageId);
    versions.push({ page: one.page, versionId });
    await saveReading(inside, pageId, { ...one, reader: READER });
    await saveFindings(inside, pageId, [...checkPage(one), ...(sitewide.get(one.page.url) ?? [])]);
  }
  for (const one of beside.pages) {
    const { pageId, versionId } = await savePage(inside, appId, one);
    pageIds.set(one.page.url, pageId);
    versions.push({ page: one.page, versionId });
    const markup = { lastModified: null, bodyHash: '', inspected: null, delivered: null };
    await saveReading(inside, pageId, { ...one, ...markup, reader: READER });
  }
  const gone = goneIn({ site, beside });
  await markGone(
    inside,
    appId,
    gone.filter((url) => !pageIds.has(url)),
  );
  await writeOutcomes(inside, analysisId, [...site.outcomes, ...beside.outcomes]);
  return { versions, gone };
}

/** Addresses that are no pages of their own any more: what the site says is gone, copies, and a README that was taken away. */
export function goneIn({ site, beside }: Pick<Read, 'site' | 'beside'>): string[] {
  const copies = site.outcomes.filter((one) => one.outcome === 'duplicate' || one.outcome === 'soft_404');
  return [...[...site.missed.filter((one) => one.gone), ...copies].map((one) => one.url), ...beside.gone];
}

function goneInSitemap({ outcomes, sitemaps }: Crawled): string[] {
  const named = new Set(sitemaps.pages.map(pageKey));
  return outcomes
    .filter((one) => (one.outcome === 'missing' || one.outcome === 'soft_404') && named.has(pageKey(one.url)))
    .map((one) => one.url);
}

async function writeOutcomes(inside: Inside, analysisId: string, outcomes: Crawled['outcomes']): Promise<void> {
  const { tx, workspaceId } = inside;
  const rows = outcomes.map(({ url, source, outcome, note, bytes, milliseconds }, position) => ({
    workspaceId,
    analysisId,
    position,
    url: url.slice(0, 2_048).toWellFormed().replaceAll('\0', ''),
    source,
    outcome,
    note: note?.slice(0, 1_000).toWellFormed().replaceAll('\0', '') ?? null,
    bytes: bytes ?? null,
    milliseconds: milliseconds ?? null,
  }));
  if (rows.length > 0) await tx.insertInto('analysisPages').values(rows).execute();
}

async function end(inside: Inside, analysisId: string, message: string): Promise<void> {
  const finishedAt = inside.clock.now();
  await setStep(inside, analysisId, 'write', { state: 'done', message, finishedAt });
  await inside.tx.updateTable('analyses').set({ state: 'done', finishedAt }).where('id', '=', analysisId).execute();
}

function told({ found, seenAgain, noLongerFound }: Difference): string {
  const again = seenAgain > 0 ? `, ${seenAgain} seen again` : '';
  const gone = noLongerFound > 0 ? `, ${noLongerFound} no longer found` : '';
  return `${found} new ${found === 1 ? 'fact' : 'facts'}${again}${gone}.`;
}

import { record } from '#src/activity.ts';
import { type Context, transaction } from '#src/context.ts';
import { learnAddress, learnProfile, learnSocialLinks } from '#src/understand/apps.ts';
import { learnAudiences } from '#src/understand/audiences.ts';
import { learnCompetitors } from '#src/understand/competitors.ts';
import { learnKeywords } from '#src/understand/keywords.ts';
import { type Difference, learnFacts } from '#src/understand/knowledge.ts';
import { markGone, saveFindings, savePage } from '#src/understand/pages.ts';
import type { Found } from './find.ts';
import { setStep, stillRunning } from './progress.ts';
import type { FreshPage, MissedPage } from './read.ts';

export type Result = {
  appId: string;
  analysisId: string;
  home: FreshPage;
  pages: readonly FreshPage[];
  missed: readonly MissedPage[];
  repository: string | null;
  found: Found;
};

/** Writes a reading down: everything and its end in one transaction, so that it is there whole or not at all. */
export function writeDown(context: Context, result: Result): Promise<void> {
  const { appId, analysisId, home, pages, missed, repository } = result;
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

    const pageIds = new Map<string, string>();
    const versions: { page: FreshPage['page']; versionId: string }[] = [];
    for (const one of pages) {
      const { pageId, versionId } = await savePage(inside, appId, one);
      pageIds.set(one.page.url, pageId);
      versions.push({ page: one.page, versionId });
      if (one.kind !== 'readme') await saveFindings(inside, pageId, one.checks);
    }
    const gone = missed.filter((one) => one.gone).map((one) => one.url);
    await markGone(inside, appId, gone);

    const difference = await learnFacts(inside, appId, {
      analysisId,
      method,
      facts: findings.facts,
      pages: versions,
      gone,
    });
    await learnKeywords(inside, appId, findings.keywords, pageIds);
    await learnAudiences(inside, appId, findings.audiences);
    await learnCompetitors(inside, appId, findings.competitors);

    const finishedAt = inside.clock.now();
    await setStep(inside, analysisId, 'write', { state: 'done', message: told(difference), finishedAt });
    await inside.tx.updateTable('analyses').set({ state: 'done', finishedAt }).where('id', '=', analysisId).execute();
    await record(inside, 'app.analysed', { subjectId: appId, detail: { analysisId, method, ...difference } });
  });
}

function told({ found, seenAgain, noLongerFound }: Difference): string {
  const again = seenAgain > 0 ? `, ${seenAgain} seen again` : '';
  const gone = noLongerFound > 0 ? `, ${noLongerFound} no longer found` : '';
  return `${found} new ${found === 1 ? 'fact' : 'facts'}${again}${gone}.`;
}

import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { type FoundFact, fold, isQuoted } from '#src/understand/findings.ts';
import { isSamePage } from '#src/understand/reading/addresses.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import { type Known, knownFactsOf, pair } from './match.ts';

/** What a reading brought: its facts, the pages they may stand on, and what it could not see. */
export type Lesson = {
  analysisId: string;
  method: 'built_in' | 'model';
  facts: readonly FoundFact[];
  /** Pages read this time, with the version that keeps their words. */
  pages: readonly { page: ReadPage; versionId: string }[];
  /** Pages that are known to be no more. */
  gone: readonly string[];
};

export type Difference = { found: number; seenAgain: number; noLongerFound: number };

/**
 * Compares what a reading found with what is known. New facts are proposed; one seen again keeps its row; one whose
 * words are gone is marked, and retired only when nobody ever decided on it. What a person confirmed or corrected is
 * never overwritten. Safe to run twice for one reading only inside the transaction that ends it.
 */
export async function learnFacts(inside: Inside, appId: string, lesson: Lesson): Promise<Difference> {
  const known = await knownFactsOf(inside, appId);
  const matched = new Set<string>();
  const difference: Difference = { found: 0, seenAgain: 0, noLongerFound: 0 };

  for (const { fact, same } of pair(known, lesson.facts)) {
    const { kind } = fact;
    if (kind === 'keyword') continue; // keywords have a table of their own
    if (same) {
      matched.add(same.id);
      await seeAgain(inside, same, fact, lesson);
      if (same.state !== 'retired' || same.decidedAt === null) difference.seenAgain++;
    } else {
      await propose(inside, appId, { ...fact, kind }, lesson);
      difference.found++;
    }
  }
  for (const fact of known) {
    if (matched.has(fact.id) || fact.source === 'person' || fact.state === 'retired') continue;
    const standing = standingOf(fact, lesson);
    if (standing === 'stands') {
      await change(inside, fact.id, 'seen_again', lesson.analysisId);
      difference.seenAgain++;
    } else if (standing === 'gone' && !fact.missing) {
      await miss(inside, appId, fact, lesson);
      difference.noLongerFound++;
    }
  }
  return difference;
}

type KeptKind = Exclude<FoundFact['kind'], 'keyword'>;

async function propose(inside: Inside, appId: string, fact: FoundFact & { kind: KeptKind }, lesson: Lesson) {
  const { id } = await inside.tx
    .insertInto('facts')
    .values({
      workspaceId: inside.workspaceId,
      appId,
      kind: fact.kind,
      statement: fact.statement,
      detail: JSON.stringify(fact.detail ?? {}),
      confidence: fact.confidence,
      source: lesson.method,
      analysisId: lesson.analysisId,
      createdAt: inside.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await keepEvidence(inside, id, fact, lesson);
  await change(inside, id, 'found', lesson.analysisId, { after: fact.statement });
}

/** An undecided fact takes the newest wording and confidence; the history keeps the old one. */
async function seeAgain(inside: Inside, known: Known, fact: FoundFact, lesson: Lesson) {
  const undecided = known.decidedAt === null && known.source !== 'person';
  const reworded = undecided && known.statement !== fact.statement;
  if (undecided)
    await inside.tx
      .updateTable('facts')
      .set({
        statement: fact.statement,
        detail: JSON.stringify(fact.detail ?? {}),
        confidence: fact.confidence,
        source: lesson.method,
        // Only a reading retires what nobody decided on; the words are back, so the fact is.
        state: 'proposed',
      })
      .where('id', '=', known.id)
      .execute();
  const quote = fold(fact.quote);
  if (!known.evidence.some((one) => one.url === fact.url && fold(one.quote) === quote))
    await keepEvidence(inside, known.id, fact, lesson);
  const words = reworded ? { before: known.statement, after: fact.statement } : {};
  await change(inside, known.id, 'seen_again', lesson.analysisId, words);
}

/**
 * Whether the words a fact rests on still stand: `unknown` when a page they stand on was not read this time. What was
 * measured over all pages (how they sound, what they keep coming back to) stands only while it is measured.
 */
function standingOf(fact: Known, lesson: Lesson): 'stands' | 'gone' | 'unknown' {
  const wholeSite = MEASURED.has(fact.kind) && fact.source === lesson.method;
  if (wholeSite) return 'gone';
  let unseen = fact.evidence.length === 0;
  for (const { url, quote } of fact.evidence) {
    // A site that changed to https, or to a slash at the end, has the same pages.
    const read = lesson.pages.filter(({ page }) => isSamePage(page.url, url));
    if (read.some(({ page }) => isQuoted(quote, page))) return 'stands';
    if (read.length === 0 && !lesson.gone.some((one) => isSamePage(one, url))) unseen = true;
  }
  return unseen ? 'unknown' : 'gone';
}

const MEASURED = new Set(['tone', 'style_note', 'do_say', 'dont_say', 'content_theme']);

/**
 * What nobody decided on is retired with its words. What a person decided on stays as it is; when the pages now say
 * something else in its place, that is told, because what rests on it may be false.
 */
async function miss(inside: Inside, appId: string, fact: Known, lesson: Lesson) {
  await change(inside, fact.id, 'no_longer_found', lesson.analysisId, { before: fact.statement });
  if (fact.decidedAt === null) {
    await inside.tx.updateTable('facts').set({ state: 'retired' }).where('id', '=', fact.id).execute();
    await record(inside, 'fact.retired', { subjectId: fact.id, detail: { appId, by: 'reading' } });
    return;
  }
  const instead = contradictionOf(fact, lesson);
  if (instead)
    await record(inside, 'fact.contradicted', { subjectId: fact.id, detail: { appId, instead: instead.statement } });
}

/** Another price of the same plan, billed in the same way. */
function contradictionOf(fact: Known, lesson: Lesson): FoundFact | undefined {
  const { plan, amount, interval } = fact.detail;
  if (fact.kind !== 'pricing' || !plan || amount === undefined) return undefined;
  return lesson.facts.find(
    ({ kind, detail }) =>
      kind === 'pricing' &&
      String(detail?.plan ?? '').toLowerCase() === String(plan).toLowerCase() &&
      (detail?.interval ?? null) === (interval ?? null) &&
      Number(detail?.amount) !== Number(amount),
  );
}

async function keepEvidence(inside: Inside, factId: string, fact: FoundFact, lesson: Lesson) {
  const version = lesson.pages.find(({ page }) => page.url === fact.url)?.versionId ?? null;
  await inside.tx
    .insertInto('evidence')
    .values({
      workspaceId: inside.workspaceId,
      factId,
      pageVersionId: version,
      url: fact.url,
      quote: fact.quote,
      seenAt: inside.clock.now(),
    })
    .execute();
}

async function change(
  inside: Inside,
  factId: string,
  what: 'found' | 'seen_again' | 'no_longer_found',
  analysisId: string,
  words: { before?: string; after?: string } = {},
) {
  await inside.tx
    .insertInto('factChanges')
    .values({
      workspaceId: inside.workspaceId,
      factId,
      change: what,
      before: words.before ?? null,
      after: words.after ?? null,
      analysisId,
      changedAt: inside.clock.now(),
    })
    .execute();
}

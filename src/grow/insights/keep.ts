import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import type { Candidate, Frame } from '#src/grow/detectors/detector.ts';
import { coincidencesAround } from './coincidences.ts';

export type Claim = Candidate & {
  detector: string;
  /** Corrected for all comparisons of the look; null for what needs none. */
  chance: number | null;
};
export type Kept = { id: string; isNew: boolean };

const day = 86_400_000;
/** What a person put away is not brought up again for so long. */
const silentAfterDismissal = 28 * day;
/** A detector that has not enough data any more does not leave its insights open for ever. */
const staleAfter = 28 * day;

/**
 * Opens an insight, or refreshes the open one on the same subject: the same words every day are one insight. When its
 * direction has turned, the old one is closed and another opened. Null when a person put the subject away lately.
 */
export async function keep(inside: Inside, frame: Frame, claim: Claim): Promise<Kept | null> {
  const of = { appId: frame.appId, detector: claim.detector, subject: claim.subject };
  const last = await inside.tx
    .selectFrom('insights')
    .select(['id', 'direction', 'closedAt', 'dismissedAt'])
    .where('appId', '=', of.appId)
    .where('detector', '=', of.detector)
    .where('subject', '=', of.subject)
    .orderBy('foundAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last?.dismissedAt && frame.now.getTime() - last.dismissedAt.getTime() < silentAfterDismissal) return null;
  if (last && last.closedAt === null && last.direction === claim.direction) {
    await inside.tx.updateTable('insights').set(valuesOf(frame, claim)).where('id', '=', last.id).execute();
    await inside.tx.deleteFrom('insightEvidence').where('insightId', '=', last.id).execute();
    await inside.tx.deleteFrom('insightCoincidences').where('insightId', '=', last.id).execute();
    await attach(inside, frame, last.id, claim);
    return { id: last.id, isNew: false };
  }
  if (last && last.closedAt === null)
    await inside.tx.updateTable('insights').set({ closedAt: frame.now }).where('id', '=', last.id).execute();
  const row = await inside.tx
    .insertInto('insights')
    .values({
      workspaceId: inside.workspaceId,
      ...of,
      ...valuesOf(frame, claim),
      foundAt: frame.now,
      dedupe: `${of.detector}:${of.subject}:${frame.now.toISOString()}`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return openedMeanwhile(inside, of);
  await attach(inside, frame, row.id, claim);
  await record(inside, 'insight.found', {
    subjectId: row.id,
    detail: { appId: of.appId, detector: of.detector, kind: kindOf(claim), severity: claim.severity ?? 'low' },
  });
  return { id: row.id, isNew: true };
}

/** Another look at the same time opened it; what it found holds for this one too. */
async function openedMeanwhile(
  { tx }: Inside,
  { appId, detector, subject }: { appId: string; detector: string; subject: string },
): Promise<Kept | null> {
  const row = await tx
    .selectFrom('insights')
    .select('id')
    .where('appId', '=', appId)
    .where('detector', '=', detector)
    .where('subject', '=', subject)
    .where('closedAt', 'is', null)
    .executeTakeFirst();
  return row ? { id: row.id, isNew: false } : null;
}

/**
 * Closes what no longer holds: the subjects of detectors that looked and did not claim them again, and what could not be
 * looked at for four weeks.
 */
export async function closeOver(
  inside: Inside,
  frame: Frame,
  looked: readonly { name: string; missing: string | null }[],
  held: readonly string[],
): Promise<void> {
  const open = await inside.tx
    .selectFrom('insights')
    .select(['id', 'detector', 'seenAt'])
    .where('appId', '=', frame.appId)
    .where('closedAt', 'is', null)
    .execute();
  const able = new Set(looked.filter(({ missing }) => missing === null).map(({ name }) => name));
  const over = open.filter(
    ({ id, detector, seenAt }) =>
      !held.includes(id) && (able.has(detector) || frame.now.getTime() - seenAt.getTime() > staleAfter),
  );
  if (over.length === 0) return;
  await inside.tx
    .updateTable('insights')
    .set({ closedAt: frame.now })
    .where(
      'id',
      'in',
      over.map(({ id }) => id),
    )
    .execute();
}

function kindOf({ kind, p }: Candidate) {
  return kind ?? (p === null ? 'fact' : 'comparison');
}

function valuesOf(frame: Frame, claim: Claim) {
  return {
    sentence: claim.sentence,
    direction: claim.direction,
    kind: kindOf(claim),
    severity: claim.severity ?? 'low',
    metric: claim.metric ?? null,
    score: claim.score ?? null,
    chance: claim.chance,
    effect: finite(claim.effect?.ratio),
    effectLow: finite(claim.effect?.low),
    effectHigh: finite(claim.effect?.high),
    sampleBefore: claim.sampleBefore,
    sampleAfter: claim.sampleAfter,
    startsAt: claim.startsAt,
    endsAt: claim.endsAt,
    seenAt: frame.now,
  };
}

async function attach(inside: Inside, frame: Frame, insightId: string, claim: Claim): Promise<void> {
  const of = { workspaceId: inside.workspaceId, insightId };
  const evidence = claim.evidence.map(({ label, table, rowId, value, day: on, expected }, position) => ({
    ...of,
    position,
    label,
    tableName: table,
    rowId,
    value,
    day: on ?? null,
    expected: expected ?? null,
  }));
  if (evidence.length > 0) await inside.tx.insertInto('insightEvidence').values(evidence).execute();
  // What is compared over half a year began on no day.
  const isEvent = ['anomaly', 'change'].includes(kindOf(claim)) && claim.startsAt !== null;
  const found = isEvent ? await coincidencesAround(inside, frame, claim.startsAt!) : [];
  if (found.length > 0)
    await inside.tx
      .insertInto('insightCoincidences')
      .values(found.map(({ table, ...one }, position) => ({ ...of, position, tableName: table, ...one })))
      .execute();
}

/** A ratio over nothing has no upper end; the column is then null. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { activeApps } from '#src/grow/active-apps.ts';
import { holm } from '#src/grow/comparison.ts';
import { type Candidate, dayOf, type Frame, type Judgement, weekStart } from '#src/grow/detectors/detector.ts';
import { detectors } from '#src/grow/detectors/index.ts';
import { id, operation, pageInput } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

export type Check = {
  detector: string;
  question: string;
  outcome: 'found' | 'nothing_unusual' | 'not_enough_data';
  /** What was found, that nothing was, or what is missing. */
  message: string;
  insightIds: string[];
};

/**
 * Asks every detector and keeps what may be claimed, once per subject and week. All comparisons of one run share one
 * error budget: by Holm's procedure the chance that a run claims anything although nothing changed is at most 5 %. The
 * intervals shown are plain 95 % ones. `insight.found` is recorded for each new one. Safe to run twice.
 */
export function findInsights(context: Context, appId: string): Promise<{ found: number; checks: Check[] }> {
  return transaction(context, async (inside) => {
    const frame = await frameOf(inside, appId);
    const judged: Judged[] = [];
    for (const { name, question, look } of detectors) judged.push({ name, question, ...(await look(inside, frame)) });
    const claims = claimable(judged);
    let found = 0;
    const checks: Check[] = [];
    for (const { name, question, missing } of judged) {
      const own = claims.filter(({ detector }) => detector === name);
      const insightIds: string[] = [];
      for (const claim of own) {
        const kept = await keep(inside, frame, claim);
        if (kept.isNew) found++;
        insightIds.push(kept.id);
      }
      checks.push({ detector: name, question, insightIds, ...outcomeOf(own, missing) });
    }
    return { found, checks };
  });
}

/** For the daily clock: every active app of the workspace. Safe to run twice. */
export async function findAllInsights(context: Context): Promise<void> {
  for (const app of await activeApps(context)) await findInsights(context, app.id);
}

type Judged = Judgement & { name: string; question: string };
type Claim = Candidate & { detector: string };

/** The candidates that may be claimed: plain facts, and the comparisons that pass Holm's procedure together. */
export function claimable(judged: readonly (Judgement & { name: string })[]): Claim[] {
  const all = judged.flatMap(({ name, candidates }) => candidates.map((each) => ({ ...each, detector: name })));
  const compared = all.filter(({ p }) => p !== null);
  const passed = holm(compared.map(({ p }) => p ?? 1));
  const claimed = new Set(compared.filter((_, index) => passed[index]));
  return all.filter((each) => each.p === null || claimed.has(each));
}

function outcomeOf(own: readonly Claim[], missing: string | null): Pick<Check, 'outcome' | 'message'> {
  if (own.length > 0) return { outcome: 'found', message: own.map(({ sentence }) => sentence).join(' ') };
  if (missing) return { outcome: 'not_enough_data', message: missing };
  return { outcome: 'nothing_unusual', message: 'Nothing that chance would not explain.' };
}

async function frameOf(inside: Inside, appId: string): Promise<Frame> {
  await appOf(inside, appId);
  const { timeZone } = await workspaceOf(inside);
  const settings = await inside.tx
    .selectFrom('trackingSettings')
    .select('firstEventAt')
    .where('appId', '=', appId)
    .executeTakeFirst();
  const now = inside.clock.now();
  return { appId, now, until: weekStart(now), timeZone, measuredSince: settings?.firstEventAt ?? null };
}

async function keep(inside: Inside, frame: Frame, claim: Claim): Promise<{ id: string; isNew: boolean }> {
  const dedupe = `${claim.detector}:${claim.subject}:${dayOf(frame.until)}`;
  const row = await inside.tx
    .insertInto('insights')
    .values({
      workspaceId: inside.workspaceId,
      appId: frame.appId,
      detector: claim.detector,
      subject: claim.subject,
      sentence: claim.sentence,
      direction: claim.direction,
      effect: finite(claim.effect?.ratio),
      effectLow: finite(claim.effect?.low),
      effectHigh: finite(claim.effect?.high),
      sampleBefore: claim.sampleBefore,
      sampleAfter: claim.sampleAfter,
      startsAt: claim.startsAt,
      endsAt: claim.endsAt,
      foundAt: frame.now,
      dedupe,
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'dedupe']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) {
    const known = await inside.tx
      .selectFrom('insights')
      .select('id')
      .where('appId', '=', frame.appId)
      .where('dedupe', '=', dedupe)
      .executeTakeFirstOrThrow();
    return { id: known.id, isNew: false };
  }
  const evidence = claim.evidence.map(({ label, table, rowId, value }, position) => ({
    workspaceId: inside.workspaceId,
    insightId: row.id,
    position,
    label,
    tableName: table,
    rowId,
    value,
  }));
  if (evidence.length > 0) await inside.tx.insertInto('insightEvidence').values(evidence).execute();
  await record(inside, 'insight.found', {
    subjectId: row.id,
    detail: { appId: frame.appId, detector: claim.detector },
  });
  return { id: row.id, isNew: true };
}

/** A ratio over nothing has no upper end; the column is then null. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

const shown = z.object({
  id,
  appId: id,
  detector: z.string(),
  subject: z.string(),
  sentence: z.string(),
  direction: z.enum(['up', 'down', 'steady']).nullable(),
  /** Ratio with its 95 % interval; null for a plain fact, an open end is null too. */
  effect: z.number().nullable(),
  effectLow: z.number().nullable(),
  effectHigh: z.number().nullable(),
  sampleBefore: z.int().nullable(),
  sampleAfter: z.int().nullable(),
  startsAt: z.date().nullable(),
  endsAt: z.date().nullable(),
  foundAt: z.date(),
});
const columns = [
  'id',
  'appId',
  'detector',
  'subject',
  'sentence',
  'direction',
  'effect',
  'effectLow',
  'effectHigh',
  'sampleBefore',
  'sampleAfter',
  'startsAt',
  'endsAt',
  'foundAt',
] as const;

export const insightOperations = {
  list: operation({
    summary: 'List what was found in the numbers, newest first.',
    route: 'GET /insights',
    access: 'read',
    input: z.strictObject({ appId: id, ...pageInput }),
    output: z.object({ insights: z.array(shown.extend({ evidenceRows: z.int() })), cursor: z.string().nullable() }),
    run: (context, { appId, limit, cursor }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const after = cursor === undefined ? null : await placeOf(inside, cursor);
        const insights = await inside.tx
          .selectFrom('insights as i')
          .select(columns)
          .select((eb) =>
            eb
              .selectFrom('insightEvidence as e')
              .select((inner) => inner.fn.countAll<number>().as('rows'))
              .whereRef('e.insightId', '=', 'i.id')
              .$asScalar()
              .$notNull()
              .as('evidenceRows'),
          )
          .where('appId', '=', appId)
          .$if(after !== null, (query) =>
            query.where((eb) =>
              eb(eb.refTuple('foundAt', 'id'), '<', eb.tuple(after?.foundAt ?? new Date(0), after?.id ?? '')),
            ),
          )
          .orderBy('foundAt', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute();
        return { insights, cursor: insights.length === limit ? (insights.at(-1)?.id ?? null) : null };
      }),
  }),
  get: operation({
    summary: 'Show a finding with the rows it rests on.',
    route: 'GET /insights/{insightId}',
    access: 'read',
    input: z.strictObject({ insightId: id }),
    output: shown.extend({
      evidence: z.array(
        z.object({ label: z.string(), tableName: z.string(), rowId: id.nullable(), value: z.string().nullable() }),
      ),
      suggestions: z.array(z.object({ id, title: z.string(), state: z.string() })),
    }),
    run: (context, { insightId }) =>
      transaction(context, async ({ tx }) => {
        const insight = await tx.selectFrom('insights').select(columns).where('id', '=', insightId).executeTakeFirst();
        if (!insight) throw notFound('insight');
        const evidence = await tx
          .selectFrom('insightEvidence')
          .select(['label', 'tableName', 'rowId', 'value'])
          .where('insightId', '=', insightId)
          .orderBy('position')
          .execute();
        const suggestions = await tx
          .selectFrom('suggestions')
          .select(['id', 'title', 'state'])
          .where('insightId', '=', insightId)
          .orderBy('createdAt')
          .execute();
        return { ...insight, evidence, suggestions };
      }),
  }),
  check: operation({
    summary: 'Look through the numbers now and say for each question what was found or what is missing.',
    route: 'POST /apps/{appId}/insights/check',
    access: 'write',
    long: true,
    input: z.strictObject({ appId: id }),
    output: z.object({
      found: z.int(),
      checks: z.array(
        z.object({
          detector: z.string(),
          question: z.string(),
          outcome: z.enum(['found', 'nothing_unusual', 'not_enough_data']),
          message: z.string(),
          insightIds: z.array(id),
        }),
      ),
    }),
    run: (context, { appId }) => findInsights(context, appId),
  }),
};

async function placeOf({ tx }: Inside, cursor: string): Promise<{ id: string; foundAt: Date }> {
  const place = z.uuid().safeParse(cursor).success
    ? await tx.selectFrom('insights').select(['id', 'foundAt']).where('id', '=', cursor).executeTakeFirst()
    : undefined;
  if (!place)
    throw refuse('invalid', 'cursor', 'This cursor is not one that a list gave. Read the list from its beginning.');
  return place;
}

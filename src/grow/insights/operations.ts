import { z } from 'zod';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { detectors } from '#src/grow/detectors/index.ts';
import { findInsights } from '#src/grow/insights.ts';
import { done, id, operation, pageInput } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const kinds = ['anomaly', 'change', 'comparison', 'fact'] as const;
const severities = ['low', 'medium', 'high'] as const;
const outcomes = ['found', 'nothing_unusual', 'not_enough_data'] as const;

const shown = z.object({
  id,
  appId: id,
  detector: z.string(),
  subject: z.string(),
  kind: z.enum(kinds),
  severity: z.enum(severities),
  metric: z.string().nullable(),
  sentence: z.string(),
  direction: z.enum(['up', 'down', 'steady']).nullable(),
  /** Ratio with its 95 % interval; null for a plain fact, an open end is null too. */
  effect: z.number().nullable(),
  effectLow: z.number().nullable(),
  effectHigh: z.number().nullable(),
  /** The chance to see as much when nothing changed, corrected for all that was looked at; null where it needs none. */
  chance: z.number().nullable(),
  /** Of an anomaly, 0 to 1; an alarm from 0.5 on. */
  score: z.number().nullable(),
  sampleBefore: z.int().nullable(),
  sampleAfter: z.int().nullable(),
  /** Since when. */
  startsAt: z.date().nullable(),
  endsAt: z.date().nullable(),
  foundAt: z.date(),
  /** When it last held. */
  seenAt: z.date(),
  /** When it was over or put away; null while open. */
  closedAt: z.date().nullable(),
  dismissedAt: z.date().nullable(),
});
const columns = Object.keys(shown.shape) as (keyof typeof shown.shape)[];

const coincidence = z.object({
  kind: z.enum(['post', 'release', 'campaign', 'note', 'competitor', 'price']),
  day: z.string(),
  title: z.string(),
  tableName: z.string(),
  rowId: id.nullable(),
});

export const insightOperations = {
  list: operation({
    summary: 'List what was found in the numbers, newest first.',
    route: 'GET /insights',
    access: 'read',
    input: z.strictObject({
      appId: id,
      state: z.enum(['open', 'closed', 'all']).default('all').describe('Closed: over, or put away.'),
      kind: z.enum(kinds).optional(),
      ...pageInput,
    }),
    output: z.object({
      insights: z.array(
        shown.extend({
          evidenceRows: z.int(),
          /** The course it rests on, oldest first; empty where there is none. */
          course: z.array(z.object({ day: z.string(), value: z.number().nullable(), expected: z.number().nullable() })),
          coincidences: z.array(coincidence),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, { appId, state, kind, limit, cursor }) =>
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
          .$if(state === 'open', (query) => query.where('closedAt', 'is', null))
          .$if(state === 'closed', (query) => query.where('closedAt', 'is not', null))
          .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'fact'))
          .$if(after !== null, (query) =>
            query.where((eb) =>
              eb(eb.refTuple('foundAt', 'id'), '<', eb.tuple(after?.foundAt ?? new Date(0), after?.id ?? '')),
            ),
          )
          .orderBy('foundAt', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute();
        const ids = insights.map((one) => one.id);
        const courses = Map.groupBy(await courseOf(inside, ids), ({ insightId }) => insightId);
        const coincidences = Map.groupBy(await coincidencesOf(inside, ids), ({ insightId }) => insightId);
        return {
          insights: insights.map((one) => ({
            ...one,
            course: courses.get(one.id) ?? [],
            coincidences: coincidences.get(one.id) ?? [],
          })),
          cursor: insights.length === limit ? (insights.at(-1)?.id ?? null) : null,
        };
      }),
  }),
  get: operation({
    summary: 'Show a finding with the rows it rests on and what happened around its beginning.',
    route: 'GET /insights/{insightId}',
    access: 'read',
    input: z.strictObject({ insightId: id }),
    output: shown.extend({
      evidence: z.array(
        z.object({
          label: z.string(),
          tableName: z.string(),
          rowId: id.nullable(),
          value: z.string().nullable(),
          day: z.string().nullable(),
          expected: z.string().nullable(),
        }),
      ),
      /** Within two days of its beginning; that they come together is all this says. */
      coincidences: z.array(coincidence),
      suggestions: z.array(z.object({ id, title: z.string(), state: z.string() })),
    }),
    run: (context, { insightId }) =>
      transaction(context, async (inside) => {
        const { tx } = inside;
        const insight = await tx.selectFrom('insights').select(columns).where('id', '=', insightId).executeTakeFirst();
        if (!insight) throw notFound('insight');
        const evidence = await tx
          .selectFrom('insightEvidence')
          .select(['label', 'tableName', 'rowId', 'value', 'day', 'expected'])
          .where('insightId', '=', insightId)
          .orderBy('position')
          .execute();
        const suggestions = await tx
          .selectFrom('suggestions')
          .select(['id', 'title', 'state'])
          .where('insightId', '=', insightId)
          .orderBy('createdAt')
          .execute();
        return { ...insight, evidence, coincidences: await coincidencesOf(inside, [insightId]), suggestions };
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
          outcome: z.enum(outcomes),
          message: z.string(),
          insightIds: z.array(id),
        }),
      ),
    }),
    run: (context, { appId }) => findInsights(context, appId),
  }),
  looked: operation({
    summary: 'Say what was looked at last, question by question: what was found, that nothing was, or what is missing.',
    route: 'GET /apps/{appId}/insights/looked',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      /** When the numbers were last looked through; null = not yet. */
      lookedAt: z.date().nullable(),
      checks: z.array(
        z.object({ detector: z.string(), question: z.string(), outcome: z.enum(outcomes), message: z.string() }),
      ),
    }),
    run: (context, { appId }) => lookedAt(context, appId),
  }),
  dismiss: operation({
    summary: 'Put a finding away; nothing is said about the same subject for 28 days.',
    route: 'POST /insights/{insightId}/dismiss',
    access: 'write',
    input: z.strictObject({ insightId: id }),
    output: done,
    run: (context, { insightId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .updateTable('insights')
          .set((eb) => ({
            dismissedAt: inside.clock.now(),
            dismissedBy: userOf(context),
            closedAt: eb.fn.coalesce('closedAt', eb.val(inside.clock.now())),
          }))
          .where('id', '=', insightId)
          .returning(['detector', 'subject'])
          .executeTakeFirst();
        if (!row) throw notFound('insight');
        await audit(inside, { operation: 'insights.dismiss', subject: insightId, after: row });
        return { done: true };
      }),
  }),
};

function lookedAt(context: Context, appId: string) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const rows = await inside.tx.selectFrom('insightChecks').selectAll().where('appId', '=', appId).execute();
    const known = new Map(rows.map((row) => [row.detector, row]));
    return {
      lookedAt: rows.reduce<Date | null>(
        (last, row) => (last === null || row.lookedAt > last ? row.lookedAt : last),
        null,
      ),
      checks: detectors.flatMap(({ name }) => {
        const row = known.get(name);
        return row ? [{ detector: name, question: row.question, outcome: row.outcome, message: row.message }] : [];
      }),
    };
  });
}

async function courseOf({ tx }: Inside, insightIds: readonly string[]) {
  if (insightIds.length === 0) return [];
  const rows = await tx
    .selectFrom('insightEvidence')
    .select(['insightId', 'day', 'value', 'expected'])
    .where('insightId', 'in', [...insightIds])
    .where('day', 'is not', null)
    .orderBy('position')
    .execute();
  return rows.map(({ insightId, day, value, expected }) => ({
    insightId,
    day: day ?? '',
    value: value === null ? null : Number(value),
    expected: expected === null ? null : Number(expected),
  }));
}

async function coincidencesOf({ tx }: Inside, insightIds: readonly string[]) {
  if (insightIds.length === 0) return [];
  return tx
    .selectFrom('insightCoincidences')
    .select(['insightId', 'kind', 'day', 'title', 'tableName', 'rowId'])
    .where('insightId', 'in', [...insightIds])
    .orderBy('position')
    .execute();
}

async function placeOf({ tx }: Inside, cursor: string): Promise<{ id: string; foundAt: Date }> {
  const place = z.uuid().safeParse(cursor).success
    ? await tx.selectFrom('insights').select(['id', 'foundAt']).where('id', '=', cursor).executeTakeFirst()
    : undefined;
  if (!place)
    throw refuse('invalid', 'cursor', 'This cursor is not one that a list gave. Read the list from its beginning.');
  return place;
}

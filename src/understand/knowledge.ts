import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from './apps.ts';
import { addFact, confirmFact, correctFact, restoreFact, retireFact } from './knowledge/decide.ts';
import { factGroups } from './knowledge/groups.ts';
import { overviewOf } from './knowledge/overview.ts';
import { showDifference, showFact, showFacts } from './knowledge/show.ts';

export { addFact, confirmFact, correctFact, restoreFact, retireFact } from './knowledge/decide.ts';
export { type Difference, type Lesson, learnFacts } from './knowledge/learn.ts';

/** Every kind of fact, in the order in which a person wants to read them. */
export const knownKinds = [
  'value_proposition',
  'pitch_line',
  'pitch_30s',
  'target_audience',
  'pain_point',
  'benefit',
  'emotional_trigger',
  'feature',
  'selling_point',
  'competitive_advantage',
  'pricing',
  'revenue_model',
  'market_size',
  'key_message',
  'value_statement',
  'call_to_action',
  'testimonial',
  'content_theme',
  'tone',
  'personality',
  'do_say',
  'dont_say',
  'style_note',
  'technology',
] as const;
const states = ['proposed', 'confirmed', 'corrected', 'retired'] as const;

/** A fact as later stages use it: never retired, with the first words it rests on (empty for a person's own words). */
export async function factsInUse({ tx }: Inside, appId: string) {
  const rows = await tx
    .selectFrom('facts as f')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('evidence as e')
          .select(['e.quote', 'e.url'])
          .whereRef('e.factId', '=', 'f.id')
          .orderBy('e.seenAt', 'desc')
          .limit(1)
          .as('newest'),
      (join) => join.onTrue(),
    )
    .select(['f.id', 'f.kind', 'f.statement', 'f.detail', 'f.confidence', 'f.state', 'f.source'])
    .select(['newest.quote', 'newest.url'])
    .where('f.appId', '=', appId)
    .where('f.state', '!=', 'retired')
    .orderBy('f.confidence', 'desc')
    .orderBy('f.createdAt')
    .orderBy('f.id')
    .execute();
  return rows.map(({ quote, detail, ...fact }) => ({
    ...fact,
    quote: quote ?? '',
    detail: detail as Record<string, string | number | null>,
  }));
}

const evidence = z.object({
  id,
  url: z.string(),
  quote: z.string(),
  pageTitle: z.string().nullable(),
  seenAt: z.date(),
});
const shown = z.object({
  id,
  appId: id,
  kind: z.enum(knownKinds),
  statement: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  confidence: z.number(),
  state: z.enum(states),
  source: z.enum(['built_in', 'model', 'person']),
  evidence: z.array(evidence),
  lastSeenAt: z.date().nullable(),
  missingSince: z.date().nullable(),
  /** Why it should be looked at again; null when it stands. */
  stale: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  createdAt: z.date(),
});
const compared = shown.extend({ reworded: z.object({ before: z.string(), after: z.string() }).nullable() });
const statement = z.string().trim().min(1).max(2000);
const changed = z.object({ id });

export const knowledgeOperations = {
  list: operation({
    summary: 'List what is known of an app, by kind, each fact with the words it rests on.',
    route: 'GET /apps/{appId}/facts',
    access: 'read',
    input: z.strictObject({ appId: id, kind: z.enum(knownKinds).optional(), state: z.enum(states).optional() }),
    output: z.object({
      groups: z.array(z.object({ kind: z.enum(knownKinds), facts: z.array(shown) })),
      counts: z.object({ proposed: z.int(), confirmed: z.int(), corrected: z.int(), retired: z.int() }),
    }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        await appOf(inside, input.appId);
        const facts = await showFacts(inside, input);
        const count = (state: (typeof states)[number]) => facts.filter((fact) => fact.state === state).length;
        const groups = knownKinds.map((kind) => ({ kind, facts: facts.filter((fact) => fact.kind === kind) }));
        return {
          groups: groups.filter((group) => group.facts.length > 0),
          counts: {
            proposed: count('proposed'),
            confirmed: count('confirmed'),
            corrected: count('corrected'),
            retired: count('retired'),
          },
        };
      }),
  }),
  get: operation({
    summary: 'Show a fact with its evidence, its history and where it is used.',
    route: 'GET /facts/{factId}',
    access: 'read',
    input: z.strictObject({ factId: id }),
    output: shown.extend({
      history: z.array(
        z.object({
          id,
          change: z.enum(['found', 'confirmed', 'corrected', 'retired', 'restored', 'seen_again', 'no_longer_found']),
          before: z.string().nullable(),
          after: z.string().nullable(),
          changedAt: z.date(),
          changedBy: z.string().nullable(),
          analysisId: id.nullable(),
        }),
      ),
      uses: z.object({
        posts: z.array(z.object({ id, title: z.string(), status: z.string() })),
        /** Of the current strategy and of one that is proposed, where they repeat its words. */
        strategyItems: z.array(
          z.object({ id, kind: z.string(), statement: z.string(), strategyId: id, version: z.int() }),
        ),
        audiences: z.array(z.object({ id, name: z.string() })),
      }),
    }),
    run: (context, { factId }) => transaction(context, (inside) => showFact(inside, factId)),
  }),
  overview: operation({
    summary: 'Show how complete and how sure each group of what is known of an app is, and what contradicts what.',
    route: 'GET /apps/{appId}/facts/overview',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      groups: z.array(
        z.object({
          key: z.enum(factGroups.map(({ key }) => key)),
          title: z.string(),
          asks: z.string(),
          kinds: z.array(z.object({ kind: z.enum(knownKinds), facts: z.int() })),
          facts: z.int(),
          /** Confirmed or corrected by a person. */
          decided: z.int(),
          /** Of its kinds, the share with a fact in use. */
          complete: z.number(),
          /** Mean confidence of its facts; null without one. */
          sure: z.number().nullable(),
          stale: z.int(),
          conflicts: z.int(),
        }),
      ),
      conflicts: z.array(
        z.object({
          reason: z.string(),
          facts: z.array(z.object({ id, kind: z.enum(knownKinds), statement: z.string() })),
        }),
      ),
    }),
    run: (context, { appId }) => transaction(context, (inside) => overviewOf(inside, appId)),
  }),
  diff: operation({
    summary: 'Show what the last reading of an app found, saw again, and no longer found.',
    route: 'GET /apps/{appId}/facts/diff',
    access: 'read',
    input: z.strictObject({ appId: id, analysisId: id.optional() }),
    output: z.object({
      analysis: z
        .object({ id, method: z.enum(['built_in', 'model']).nullable(), finishedAt: z.date().nullable() })
        .nullable(),
      found: z.array(compared),
      seenAgain: z.array(compared),
      noLongerFound: z.array(compared),
    }),
    run: (context, input) => transaction(context, (inside) => showDifference(inside, input.appId, input.analysisId)),
  }),
  add: operation({
    summary: 'Add a fact of your own, with or without the words it rests on.',
    route: 'POST /apps/{appId}/facts',
    access: 'write',
    input: z.strictObject({
      appId: id,
      kind: z.enum(knownKinds),
      statement,
      evidence: z
        .strictObject({
          url: z.url({ protocol: /^https?$/ }).max(2000),
          quote: z.string().trim().min(1).max(4000),
        })
        .optional(),
    }),
    output: changed,
    run: addFact,
  }),
  confirm: operation({
    summary: 'Confirm a fact; no reading changes it any more.',
    route: 'POST /facts/{factId}/confirm',
    access: 'write',
    input: z.strictObject({ factId: id }),
    output: changed,
    run: (context, { factId }) => confirmFact(context, factId),
  }),
  correct: operation({
    summary: 'Correct a fact; its old words stay in its history.',
    route: 'POST /facts/{factId}/correct',
    access: 'write',
    input: z.strictObject({ factId: id, statement }),
    output: changed,
    run: (context, input) => correctFact(context, input.factId, input.statement),
  }),
  retire: operation({
    summary: 'Retire a fact: it is kept, but used no more.',
    route: 'POST /facts/{factId}/retire',
    access: 'write',
    input: z.strictObject({ factId: id }),
    output: changed,
    run: (context, { factId }) => retireFact(context, factId),
  }),
  restore: operation({
    summary: 'Restore a retired fact.',
    route: 'POST /facts/{factId}/restore',
    access: 'write',
    input: z.strictObject({ factId: id }),
    output: changed,
    run: (context, { factId }) => restoreFact(context, factId),
  }),
};

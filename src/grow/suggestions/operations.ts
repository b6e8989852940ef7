import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import {
  acceptSuggestion,
  completeAction,
  completeSuggestion,
  dismissSuggestion,
  startSuggestion,
} from '#src/grow/suggestions.ts';
import { done, id, operation } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { categories } from './ideas.ts';
import { states } from './states.ts';

const amount = z.string().regex(/^-?\d+$/);
const shown = z.object({
  id,
  appId: id,
  insightId: id.nullable(),
  category: z.enum(categories),
  title: z.string(),
  reasoning: z.string(),
  priority: z.enum(['high', 'medium', 'low']),
  effort: z.int(),
  impact: z.int(),
  minutes: z.int().nullable(),
  /** Minor units, as an interval; null with `returnReason`. */
  returnLowMinor: amount.nullable(),
  returnHighMinor: amount.nullable(),
  currency: z.string().nullable(),
  returnReason: z.string().nullable(),
  timeFrameDays: z.int().nullable(),
  state: z.enum(states),
  createdAt: z.date(),
});
const columns = [
  's.id',
  's.appId',
  's.insightId',
  's.category',
  's.title',
  's.reasoning',
  's.priority',
  's.effort',
  's.impact',
  's.minutes',
  's.returnLowMinor',
  's.returnHighMinor',
  's.currency',
  's.returnReason',
  's.timeFrameDays',
  's.state',
  's.createdAt',
] as const;

const result = z.object({
  metric: z.string(),
  beforeValue: z.number().nullable(),
  afterValue: z.number().nullable(),
  effect: z.number().nullable(),
  effectLow: z.number().nullable(),
  effectHigh: z.number().nullable(),
  verdict: z.enum(['better', 'worse', 'no_difference', 'not_enough_data']),
  reason: z.string().nullable(),
  measuredAt: z.date(),
});

const move = z.strictObject({ suggestionId: id, note: z.string().trim().max(2000).optional() });
const moved = z.object({ state: z.enum(states) });

export const suggestionOperations = {
  list: operation({
    summary: 'List what is worth doing, with effort and impact, most worthwhile first.',
    route: 'GET /suggestions',
    access: 'read',
    input: z.strictObject({ appId: id, state: z.enum(states).optional(), limit: z.int().min(1).max(200).default(100) }),
    output: z.object({
      suggestions: z.array(shown.extend({ actionsDone: z.int(), actionsAll: z.int(), insight: z.string().nullable() })),
      counts: z.record(z.enum(states), z.int()),
    }),
    run: (context, { appId, state, limit }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const suggestions = await inside.tx
          .selectFrom('suggestions as s')
          .leftJoin('insights as i', 'i.id', 's.insightId')
          .select([...columns, 'i.sentence as insight'])
          .select((eb) => [
            eb
              .selectFrom('suggestionActions as a')
              .select((inner) => inner.fn.countAll<number>().as('all'))
              .whereRef('a.suggestionId', '=', 's.id')
              .$asScalar()
              .$notNull()
              .as('actionsAll'),
            eb
              .selectFrom('suggestionActions as a')
              .select((inner) => inner.fn.count<number>('a.doneAt').as('done'))
              .whereRef('a.suggestionId', '=', 's.id')
              .$asScalar()
              .$notNull()
              .as('actionsDone'),
          ])
          .where('s.appId', '=', appId)
          .$if(state !== undefined, (query) => query.where('s.state', '=', state ?? 'proposed'))
          .orderBy((eb) => eb.case('s.priority').when('high').then(1).when('medium').then(2).else(3).end())
          .orderBy('s.impact', 'desc')
          .orderBy('s.effort')
          .orderBy('s.createdAt', 'desc')
          .limit(limit)
          .execute();
        const counted = await inside.tx
          .selectFrom('suggestions')
          .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
          .where('appId', '=', appId)
          .groupBy('state')
          .execute();
        const countOf = (one: (typeof states)[number]) => counted.find((row) => row.state === one)?.count ?? 0;
        return {
          suggestions,
          counts: {
            proposed: countOf('proposed'),
            accepted: countOf('accepted'),
            in_progress: countOf('in_progress'),
            done: countOf('done'),
            dismissed: countOf('dismissed'),
          },
        };
      }),
  }),
  get: operation({
    summary: 'Show a suggestion with its steps, decisions, what it changes in the strategy and its result.',
    route: 'GET /suggestions/{suggestionId}',
    access: 'read',
    input: z.strictObject({ suggestionId: id }),
    output: shown.extend({
      insight: z.object({ id, sentence: z.string(), foundAt: z.date() }).nullable(),
      strategyChange: z.object({
        add: z.array(z.object({ kind: z.string(), statement: z.string(), reasoning: z.string() })).optional(),
        postsPerWeek: z.int().optional(),
      }),
      actions: z.array(
        z.object({
          position: z.int(),
          text: z.string(),
          doneAt: z.date().nullable(),
          doneByName: z.string().nullable(),
        }),
      ),
      decisions: z.array(
        z.object({
          toState: z.enum(states),
          note: z.string().nullable(),
          decidedBy: z.string(),
          decidedByName: z.string().nullable(),
          decidedAt: z.date(),
          strategyVersion: z.int().nullable(),
        }),
      ),
      results: z.array(result),
    }),
    run: (context, { suggestionId }) =>
      transaction(context, async ({ tx }) => {
        const found = await tx
          .selectFrom('suggestions as s')
          .leftJoin('insights as i', 'i.id', 's.insightId')
          .select([...columns, 's.strategyChange', 'i.sentence', 'i.foundAt'])
          .where('s.id', '=', suggestionId)
          .executeTakeFirst();
        if (!found) throw notFound('suggestion');
        const actions = await tx
          .selectFrom('suggestionActions as a')
          .leftJoin('users as u', 'u.id', 'a.doneBy')
          .select(['a.position', 'a.text', 'a.doneAt', 'u.name as doneByName'])
          .where('a.suggestionId', '=', suggestionId)
          .orderBy('a.position')
          .execute();
        const decisions = await tx
          .selectFrom('suggestionDecisions as d')
          .leftJoin('strategies as t', 't.id', 'd.strategyId')
          .leftJoin('users as u', (join) => join.on(sql<boolean>`'user:' || u.id = d.decided_by`))
          .select([
            'd.toState',
            'd.note',
            'd.decidedBy',
            'u.name as decidedByName',
            'd.decidedAt',
            't.version as strategyVersion',
          ])
          .where('d.suggestionId', '=', suggestionId)
          .orderBy('d.decidedAt')
          .execute();
        const { sentence, foundAt, strategyChange, ...suggestion } = found;
        return {
          ...suggestion,
          strategyChange: strategyChange as object,
          insight: found.insightId && sentence && foundAt ? { id: found.insightId, sentence, foundAt } : null,
          actions,
          decisions: decisions.map((decision) => ({ ...decision, toState: z.enum(states).parse(decision.toState) })),
          results: await resultsOf(context, suggestionId),
        };
      }),
  }),
  accept: operation({
    summary: 'Accept a suggestion; the strategy gets a new version when the suggestion changes it.',
    route: 'POST /suggestions/{suggestionId}/accept',
    access: 'write',
    input: move,
    output: moved.extend({ strategyVersion: z.int().nullable() }),
    run: (context, { suggestionId, note }) => acceptSuggestion(context, suggestionId, note),
  }),
  start: operation({
    summary: 'Say that work on an accepted suggestion has begun.',
    route: 'POST /suggestions/{suggestionId}/start',
    access: 'write',
    input: move,
    output: moved,
    run: (context, { suggestionId, note }) => startSuggestion(context, suggestionId, note),
  }),
  complete: operation({
    summary: 'Say that a suggestion is done; what it changed is measured four weeks later.',
    route: 'POST /suggestions/{suggestionId}/complete',
    access: 'write',
    input: move,
    output: moved,
    run: (context, { suggestionId, note }) => completeSuggestion(context, suggestionId, note),
  }),
  dismiss: operation({
    summary: 'Dismiss a suggestion; the same idea is not brought up again for 90 days.',
    route: 'POST /suggestions/{suggestionId}/dismiss',
    access: 'write',
    input: move,
    output: moved,
    run: (context, { suggestionId, note }) => dismissSuggestion(context, suggestionId, note),
  }),
  completeAction: operation({
    summary: 'Tick a step of a suggestion off, or on again with "done": false.',
    route: 'POST /suggestions/{suggestionId}/actions/{position}',
    access: 'write',
    input: z.strictObject({
      suggestionId: id,
      position: z.int().min(0).max(100),
      done: z.boolean().default(true),
    }),
    output: done,
    run: async (context, { suggestionId, position, done: isDone }) => {
      await completeAction(context, suggestionId, position, isDone);
      return { done: isDone };
    },
  }),
  results: operation({
    summary: 'Show what done suggestions changed, before and after with their uncertainty.',
    route: 'GET /suggestion-results',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ results: z.array(result.extend({ suggestionId: id, title: z.string() })) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const rows = await inside.tx
          .selectFrom('suggestionResults as r')
          .innerJoin('suggestions as s', 's.id', 'r.suggestionId')
          .selectAll('r')
          .select('s.title')
          .where('s.appId', '=', appId)
          .orderBy('r.measuredAt', 'desc')
          .limit(200)
          .execute();
        return {
          results: rows.map((row) => ({ ...numbersOf(row), suggestionId: row.suggestionId, title: row.title })),
        };
      }),
  }),
};

function resultsOf(context: Context, suggestionId: string) {
  return transaction(context, async ({ tx }) => {
    const rows = await tx
      .selectFrom('suggestionResults')
      .selectAll()
      .where('suggestionId', '=', suggestionId)
      .execute();
    return rows.map(numbersOf);
  });
}

/** PostgreSQL's numeric comes as text. */
function numbersOf<R extends { beforeValue: string | null; afterValue: string | null }>(row: R) {
  const number = (text: string | null) => (text === null ? null : Number(text));
  return { ...row, beforeValue: number(row.beforeValue), afterValue: number(row.afterValue) };
}

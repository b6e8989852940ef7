import { z } from 'zod';
import { transaction } from '#src/context.ts';
import {
  acceptSuggestion,
  completeAction,
  completeSuggestion,
  dismissSuggestion,
  estimateSuggestion,
  startSuggestion,
  suggest,
  suggestStarters,
  undoAccept,
} from '#src/grow/suggestions.ts';
import { done, id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { readLearnt } from './judge.ts';
import { categories } from './kind.ts';
import { kinds } from './kinds/index.ts';
import { asRatio, expectedOf } from './learn.ts';
import { priorOf } from './priors.ts';
import { detail, listed, listSuggestions, result, resultsOf, showSuggestion } from './show.ts';
import { states } from './states.ts';

const move = z.strictObject({ suggestionId: id, note: z.string().trim().max(2000).optional() });
const moved = z.object({ state: z.enum(states) });

export const suggestionOperations = {
  list: operation({
    summary: 'List what is worth doing, ranked by what an hour is expected to bring.',
    route: 'GET /suggestions',
    access: 'read',
    input: z.strictObject({
      appId: id,
      state: z.enum(states).optional(),
      category: z.enum(categories).optional(),
      limit: z.int().min(1).max(200).default(100),
    }),
    output: z.object({ suggestions: z.array(listed), counts: z.record(z.enum(states), z.int()) }),
    run: (context, wanted) => transaction(context, (inside) => listSuggestions(inside, wanted)),
  }),
  look: operation({
    summary: 'Look through all rows of an app for what is worth doing now.',
    route: 'POST /apps/{appId}/suggestions',
    access: 'write',
    input: z.strictObject({ appId: id }),
    output: z.object({ found: z.int() }),
    run: async (context, { appId }) => {
      const steps = await suggestStarters(context, appId);
      return { found: steps + (await suggest(context, appId)).length };
    },
  }),
  kinds: operation({
    summary: 'List the kinds of suggestions with their condition, what is believed of them and what was learnt.',
    route: 'GET /suggestion-kinds',
    access: 'read',
    input: z.strictObject({}),
    output: z.object({
      kinds: z.array(
        z.object({
          name: z.string(),
          category: z.enum(categories),
          when: z.string(),
          /** After ÷ before, 90 %: as stated, and with what was measured here. */
          prior: z.object({ low: z.number(), high: z.number(), reason: z.string() }),
          expected: z.object({ low: z.number(), mid: z.number(), high: z.number() }),
          learntFrom: z.int(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async (inside) => {
        const learnt = await readLearnt(inside);
        return {
          kinds: kinds.map(({ name, category, when }) => {
            const { low, high, reason } = priorOf(name);
            const results = learnt.get(name) ?? [];
            const expected = asRatio(expectedOf({ low, high, reason }, results));
            return { name, category, when, prior: { low, high, reason }, expected, learntFrom: results.length };
          }),
        };
      }),
  }),
  get: operation({
    summary: 'Show a suggestion with its rows, how its numbers came about, its steps, decisions and result.',
    route: 'GET /suggestions/{suggestionId}',
    access: 'read',
    input: z.strictObject({ suggestionId: id }),
    output: detail,
    run: (context, { suggestionId }) => transaction(context, (inside) => showSuggestion(inside, suggestionId)),
  }),
  accept: operation({
    summary:
      'Accept a suggestion: a new version of the strategy, days for its steps, drafts and a campaign where it makes them.',
    route: 'POST /suggestions/{suggestionId}/accept',
    access: 'write',
    input: move,
    output: moved.extend({
      strategyVersion: z.int().nullable(),
      postIds: z.array(id),
      campaignId: id.nullable(),
      writing: z.int(),
    }),
    run: (context, { suggestionId, note }) => acceptSuggestion(context, suggestionId, note),
  }),
  undoAccept: operation({
    summary: 'Take an accept back before work has begun, with what it made.',
    route: 'POST /suggestions/{suggestionId}/undo',
    access: 'write',
    input: move,
    output: moved,
    run: (context, { suggestionId, note }) => undoAccept(context, suggestionId, note),
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
    summary: 'Say that a suggestion is done; what it changed is measured in the weeks after.',
    route: 'POST /suggestions/{suggestionId}/complete',
    access: 'write',
    input: move,
    output: moved,
    run: (context, { suggestionId, note }) => completeSuggestion(context, suggestionId, note),
  }),
  dismiss: operation({
    summary: 'Dismiss a suggestion; it is not brought up again for 90 days, unless its evidence doubles.',
    route: 'POST /suggestions/{suggestionId}/dismiss',
    access: 'write',
    input: move,
    output: moved,
    run: (context, { suggestionId, note }) => dismissSuggestion(context, suggestionId, note),
  }),
  estimate: operation({
    summary: 'Keep your own estimate of effort and impact; null takes one back to the computed number.',
    route: 'POST /suggestions/{suggestionId}/estimate',
    access: 'write',
    input: z.strictObject({
      suggestionId: id,
      minutes: z.int().min(1).max(100_000).nullable(),
      /** A month: minor units where the return is known, else signups, else a grade of 1 to 5. */
      impact: z.number().min(-1e12).max(1e12).nullable(),
    }),
    output: done,
    run: async (context, { suggestionId, ...estimate }) => {
      await estimateSuggestion(context, suggestionId, estimate);
      return { done: true };
    },
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
    summary: 'Show what done suggestions changed: expected against measured, with their uncertainty.',
    route: 'GET /suggestion-results',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ results: z.array(result.extend({ suggestionId: id, title: z.string(), kind: z.string() })) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        return { results: await resultsOf(inside, { appId }) };
      }),
  }),
};

import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { done, id, operation } from '#src/operation.ts';
import { approveStrategy, declineStrategy, proposeStrategy, reviseStrategy } from '#src/plan/strategies.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { itemKinds } from './propose.ts';
import {
  currentStrategy,
  diffStrategies,
  listedStrategy,
  listStrategies,
  readStrategy,
  shownStrategy,
  strategyDiff,
} from './read.ts';

const made = z.object({ id, version: z.int() });
const one = z.strictObject({ strategyId: id });

export const strategyOperations = {
  propose: operation({
    summary: 'Propose a strategy from what is known of an app.',
    route: 'POST /apps/{appId}/strategies',
    access: 'write',
    input: z.strictObject({ appId: id }),
    output: made,
    run: async (context, { appId }) => {
      const strategy = await proposeStrategy(context, appId);
      if (!strategy)
        throw refuse('conflict', 'no_knowledge', 'Nothing is known of this app yet. Read its pages first.');
      return strategy;
    },
  }),
  list: operation({
    summary: 'List the versions of an app’s strategy, newest first.',
    route: 'GET /apps/{appId}/strategies',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ strategies: z.array(listedStrategy) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        return { strategies: await listStrategies(inside, appId) };
      }),
  }),
  current: operation({
    summary: 'Show the strategy that counts for an app.',
    route: 'GET /apps/{appId}/strategy',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ strategy: shownStrategy.nullable() }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        return { strategy: await currentStrategy(inside, appId) };
      }),
  }),
  get: operation({
    summary: 'Show one version of a strategy with its parts, reasons and facts.',
    route: 'GET /strategies/{strategyId}',
    access: 'read',
    input: one,
    output: shownStrategy,
    run: (context, { strategyId }) => transaction(context, (inside) => readStrategy(inside, strategyId)),
  }),
  diff: operation({
    summary: 'Compare two versions of a strategy.',
    route: 'GET /strategies/{strategyId}/diff',
    access: 'read',
    input: z.strictObject({ strategyId: id, withId: id }),
    output: strategyDiff,
    run: (context, { strategyId, withId }) =>
      transaction(context, (inside) => diffStrategies(inside, strategyId, withId)),
  }),
  approve: operation({
    summary: 'Approve a proposed strategy; it becomes the current one.',
    route: 'POST /strategies/{strategyId}/approve',
    access: 'write',
    input: one,
    output: done,
    run: async (context, { strategyId }) => {
      await approveStrategy(context, strategyId);
      return { done: true };
    },
  }),
  decline: operation({
    summary: 'Decline a proposed strategy.',
    route: 'POST /strategies/{strategyId}/decline',
    access: 'write',
    input: one,
    output: done,
    run: async (context, { strategyId }) => {
      await declineStrategy(context, strategyId);
      return { done: true };
    },
  }),
  revise: operation({
    summary: 'Change the strategy: the next version becomes the current one.',
    route: 'PATCH /apps/{appId}/strategy',
    access: 'write',
    input: z.strictObject({
      appId: id,
      reason: z.string().trim().min(1).max(500),
      add: z
        .array(
          z.strictObject({
            kind: z.enum(itemKinds),
            statement: z.string().trim().min(1).max(1000),
            reasoning: z.string().trim().max(1000).optional(),
            // Kept in single precision: what is too small for it is 0, and no fault of the database.
            weight: z.number().min(0).max(100).overwrite(Math.fround).optional(),
          }),
        )
        .max(50)
        .optional(),
      remove: z.array(id).max(100).optional(),
      postsPerWeek: z.int().min(0).max(100).optional(),
    }),
    output: made,
    run: (context, { appId, ...change }) =>
      transaction(context, (inside) => reviseStrategy(inside, appId, change, 'person')),
  }),
};

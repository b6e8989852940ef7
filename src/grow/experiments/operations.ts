import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { sum } from '#src/grow/comparison.ts';
import { createExperiment, dealMore, endExperiment, kinds, metrics, planOf } from '#src/grow/experiments.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { compareArms, methods, outcomes } from './compare.ts';
import { experimentOf, readArms } from './read.ts';

const shown = z.object({
  id,
  appId: id,
  name: z.string(),
  kind: z.enum(kinds),
  metric: z.enum([...metrics, 'revenue']),
  method: z.enum(methods),
  postsPerArm: z.int(),
  seed: z.string().nullable().describe('From which the lots were drawn; null where a person chose the arms.'),
  state: z.enum(['planned', 'running', 'ended']),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  endedBy: z.enum(['person', 'rule']).nullable(),
  decidedArm: z.string().nullable(),
  conclusion: z.string().nullable(),
});
const columns = [
  ...(['id', 'appId', 'name', 'kind', 'metric', 'method', 'postsPerArm', 'seed'] as const),
  ...(['state', 'startedAt', 'endedAt', 'endedBy', 'decidedArm', 'conclusion'] as const),
];

const armInput = z.strictObject({
  arm: z.string().trim().min(1).max(100),
  postIds: z.array(id).max(200).default([]),
});

export const experimentOperations = {
  list: operation({
    summary: 'List the experiments of an app, newest first.',
    route: 'GET /experiments',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ experiments: z.array(shown.extend({ arms: z.array(z.string()), posts: z.int() })) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const experiments = await inside.tx
          .selectFrom('experiments')
          .select(columns)
          .select((eb) => [
            eb
              .selectFrom('experimentNames as n')
              .whereRef('n.experimentId', '=', 'experiments.id')
              .select((names) => names.fn.agg<string[]>('array_agg', ['n.arm']).orderBy('n.position').as('arms'))
              .as('arms'),
            eb
              .selectFrom('experimentArms as a')
              .whereRef('a.experimentId', '=', 'experiments.id')
              .select((arms) => arms.fn.countAll<string>().as('posts'))
              .as('posts'),
          ])
          .where('appId', '=', appId)
          .orderBy('startedAt', 'desc')
          .limit(200)
          .execute();
        return {
          experiments: experiments.map(({ arms, posts, ...each }) => ({
            ...shown.parse(each),
            arms: arms ?? [],
            posts: Number(posts ?? 0),
          })),
        };
      }),
  }),
  create: operation({
    summary: 'Compare groups of posts by one number; the first arm is what the others are held against.',
    route: 'POST /experiments',
    access: 'write',
    input: z.strictObject({
      appId: id,
      name: z.string().trim().min(1).max(200),
      kind: z.enum(kinds),
      metric: z.enum(metrics),
      method: z
        .enum(methods)
        .default('always_valid')
        .describe('fixed = judged once, when each arm has its posts; always_valid = may be looked at at any time.'),
      postsPerArm: z.int().min(5).max(200).default(20),
      arms: z.array(armInput).min(2).max(6),
      postIds: z
        .array(id)
        .max(400)
        .default([])
        .describe('Posts dealt to the arms by lot, evenly within each weekday and part of the day.'),
    }),
    output: z.object({ id }),
    run: (context, input) => createExperiment(context, input),
  }),
  deal: operation({
    summary: 'Deal more posts to the arms of an experiment by lot.',
    route: 'POST /experiments/{experimentId}/deal',
    access: 'write',
    input: z.strictObject({ experimentId: id, postIds: z.array(id).min(1).max(200) }),
    output: z.object({ dealt: z.array(z.object({ postId: id, arm: z.string() })) }),
    run: (context, input) => dealMore(context, input),
  }),
  end: operation({
    summary: 'End an experiment and keep what the numbers say.',
    route: 'POST /experiments/{experimentId}/end',
    access: 'write',
    input: z.strictObject({ experimentId: id }),
    output: z.object({ conclusion: z.string() }),
    run: (context, { experimentId }) => endExperiment(context, experimentId),
  }),
  result: operation({
    summary: 'Show how the arms of an experiment compare, or what is missing to say so.',
    route: 'GET /experiments/{experimentId}',
    access: 'read',
    input: z.strictObject({ experimentId: id }),
    output: shown.extend({
      arms: z.array(
        z.object({
          arm: z.string(),
          posts: z.array(
            z.object({
              id,
              title: z.string(),
              isOver: z.boolean().describe('Its seven days are over.'),
              isMeasured: z.boolean().describe('They are over and what counts is known.'),
              value: z.number().nullable(),
            }),
          ),
          measuredPosts: z.int(),
          total: z.number().nullable().describe('Null before a fixed experiment has its posts.'),
        }),
      ),
      comparisons: z.array(
        z.object({
          arm: z.string(),
          against: z.string(),
          outcome: z.enum(outcomes),
          ratio: z.number().nullable(),
          low: z.number().nullable(),
          high: z.number().nullable().describe('Null when there is no upper end yet.'),
          p: z.number().nullable(),
          missingPosts: z.int(),
          message: z.string(),
        }),
      ),
    }),
    run: (context, { experimentId }) =>
      transaction(context, async (inside) => {
        const experiment = await experimentOf(inside, experimentId);
        const arms = await readArms(inside, experimentId, experiment.metric);
        const comparisons = compareArms(arms, planOf(experiment));
        // A number that is judged once must not be looked at before, or it is judged every day.
        const hidden = comparisons.some(({ outcome }) => outcome === 'not_yet');
        return {
          ...shown.parse(experiment),
          arms: arms.map(({ arm, posts }) => {
            const measured = posts.filter((post) => post.isMeasured);
            return {
              arm,
              posts: hidden ? posts.map((post) => ({ ...post, value: null })) : posts,
              measuredPosts: measured.length,
              total: hidden ? null : sum(measured.map((post) => post.value)),
            };
          }),
          comparisons,
        };
      }),
  }),
};

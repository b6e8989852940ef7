import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { FLOOR, learn } from './learn.ts';
import { type AnyModel, allModels, type LearntModel, learntModels } from './settings.ts';
import type { Sum } from './sums.ts';

export const shownModel = z.object({
  model: z.enum(allModels),
  /** Whether it has a credit for every conversion of the range. Rules always do. */
  enough: z.boolean(),
  /** What is missing, as a sentence. */
  reason: z.string().nullable(),
  /** The newest version of a learnt model. */
  version: z.int().nullable(),
});

/** Which models can be shown for a period whose totals are `total`. */
export async function modelsOf(
  inside: Inside,
  appId: string,
  total: readonly Pick<Sum, 'model' | 'conversions'>[],
): Promise<z.infer<typeof shownModel>[]> {
  const versions = await newestOf(inside, appId);
  const count = (model: AnyModel) => total.reduce((sum, row) => (row.model === model ? sum + row.conversions : sum), 0);
  return allModels.map((model) => {
    if (model !== 'markov' && model !== 'shapley') return { model, enough: true, reason: null, version: null };
    const version = versions.find((each) => each.model === model)?.version ?? null;
    const [own, all] = [count(model), count('linear')];
    const enough = version !== null && own === all && all > 0;
    const reason =
      version === null
        ? `Not enough data: it is learnt from at least ${FLOOR.conversions} signups or purchases and ${FLOOR.paths} journeys of 90 days.`
        : `Not enough data: ${own} of the ${all} conversions of this range have credits by it.`;
    return { model, enough, reason: enough ? null : reason, version };
  });
}

function newestOf({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('attributionModels')
    .selectAll()
    .distinctOn('model')
    .where('appId', '=', appId)
    .orderBy('model')
    .orderBy('version', 'desc')
    .execute();
}

const weight = z.object({
  /** A channel, or the id of a post. */
  value: z.string(),
  name: z.string(),
  weight: z.number(),
  conversions: z.number(),
});
const shownVersion = z.object({
  model: z.enum(learntModels),
  version: z.int(),
  learntAt: z.date(),
  fromDay: z.string(),
  untilDay: z.string(),
  windowDays: z.int(),
  markovOrder: z.int().nullable(),
  /** What it was learnt from. */
  paths: z.int(),
  conversions: z.int(),
  channels: z.array(weight),
  /** Posts with a weight of their own. */
  posts: z.array(weight),
});

export const modelOperations = {
  models: operation({
    summary:
      'Show the models learnt from the app’s own journeys: from which days and how many, and what each channel weighs.',
    route: 'GET /apps/{appId}/attribution/models',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      floor: z.object({ conversions: z.int(), paths: z.int() }),
      versions: z.array(shownVersion),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const versions = await newestOf(inside, appId);
        const ids = versions.map((version) => version.id);
        const weights =
          ids.length === 0
            ? []
            : await inside.tx
                .selectFrom('attributionWeights')
                .selectAll()
                .where('attributionModelId', 'in', ids)
                .orderBy('weight', 'desc')
                .orderBy('value')
                .execute();
        const postIds = weights.filter((row) => row.level === 'post' && isId(row.value)).map((row) => row.value);
        const posts =
          postIds.length === 0
            ? []
            : await inside.tx.selectFrom('posts').select(['id', 'title']).where('id', 'in', postIds).execute();
        const of = (modelId: string, level: 'channel' | 'post') =>
          weights
            .filter((row) => row.attributionModelId === modelId && row.level === level)
            .map(({ value, weight: own, conversions }) => ({
              value,
              name: posts.find((post) => post.id === value)?.title ?? value,
              weight: own,
              conversions,
            }));
        return {
          floor: FLOOR,
          versions: versions.map((version) => ({
            ...version,
            model: version.model as LearntModel,
            paths: Number(version.paths),
            conversions: Number(version.conversions),
            channels: of(version.id, 'channel'),
            posts: of(version.id, 'post').filter((row) => isId(row.value)),
          })),
        };
      }),
  }),
  learn: operation({
    summary: 'Learn the data-driven models from the app’s journeys now, instead of at night.',
    route: 'POST /apps/{appId}/attribution/learn',
    access: 'write',
    long: true,
    input: z.strictObject({ appId: id }),
    output: z.object({
      enough: z.boolean(),
      conversions: z.int(),
      paths: z.int(),
      fromDay: z.string(),
      untilDay: z.string(),
      floor: z.object({ conversions: z.int(), paths: z.int() }),
    }),
    run: async (context, { appId }) => {
      await transaction(context, (inside) => appOf(inside, appId));
      return { ...(await learn(context, appId)), floor: FLOOR };
    },
  }),
};

function isId(value: string): boolean {
  return /^[0-9a-f]{8}-/.test(value);
}

import type { Inside } from '#src/context.ts';
import { apportion, type Credit } from '#src/measure/credit.ts';
import { type LearntModel, learntModels } from './settings.ts';

/** A version of a data-driven model, as far as it is needed to split one conversion. */
export type Learnt = {
  id: string;
  model: LearntModel;
  version: number;
  /** By channel: for Markov the removal effect. */
  channels: ReadonlyMap<string, number>;
  /** By post, where posts had volume enough; other touches stand under their channel. Empty = none had. */
  posts: ReadonlyMap<string, number>;
};

type LearntTouch = { id: string; channel: string; postId: string | null };

/**
 * What each touch of one journey weighs by a learnt model. First the channels share: by Markov in proportion to their
 * removal effects, by Shapley alike (a journey's exact Shapley value is its worth shared among its distinct channels, so
 * that the sum over journeys is the model's own figure). Within a channel its posts share in the same way where they
 * have weights of their own, and touches of one post (or of one channel) share alike: coming again adds nothing. A
 * channel the model has not seen weighs as the mean of those it has; where all weigh nothing they share alike.
 */
export function weighLearnt(learnt: Learnt, touches: readonly LearntTouch[]): number[] {
  const weigh = (known: ReadonlyMap<string, number>, values: readonly string[]) =>
    shared(learnt.model === 'shapley' ? values.map(() => 1) : values.map((value) => known.get(value) ?? mean(known)));
  const byChannel = Map.groupBy(touches, (touch) => touch.channel);
  const channels = [...byChannel.keys()];
  const channelWeights = weigh(learnt.channels, channels);
  const weights = new Map<string, number>();
  for (const [at, channel] of channels.entries()) {
    const unit = (touch: LearntTouch) =>
      touch.postId !== null && learnt.posts.has(touch.postId) ? touch.postId : learnt.posts.size > 0 ? channel : '';
    const own = byChannel.get(channel) ?? [];
    const units = Map.groupBy(own, unit);
    const unitWeights = learnt.posts.size > 0 ? weigh(learnt.posts, [...units.keys()]) : [1];
    for (const [index, members] of [...units.values()].entries())
      for (const touch of members)
        weights.set(touch.id, ((channelWeights[at] ?? 0) * (unitWeights[index] ?? 0)) / members.length);
  }
  return touches.map((touch) => weights.get(touch.id) ?? 0);
}

/** The credits of one conversion by a learnt model, for touches in order of time; they sum to `amount` exactly. */
export function creditLearnt(learnt: Learnt, touches: readonly LearntTouch[], amount: bigint): Credit[] {
  const weights = weighLearnt(learnt, touches);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const amounts = apportion(amount, weights);
  return touches.flatMap((touch, index) => {
    const weight = weights[index] ?? 0;
    return weight === 0 ? [] : [{ touchId: touch.id, amount: amounts[index] ?? 0n, share: weight / total }];
  });
}

/** The newest version of each model, and those with these ids. */
export async function learntOf({ tx }: Inside, appId: string, ids: readonly string[] = []): Promise<Learnt[]> {
  const rows = await tx
    .selectFrom('attributionModels')
    .select(['id', 'model', 'version'])
    .where('appId', '=', appId)
    .where((eb) =>
      eb.or([
        ...(ids.length > 0 ? [eb('id', 'in', [...ids])] : []),
        ...learntModels.map((model) =>
          eb(
            'id',
            '=',
            eb
              .selectFrom('attributionModels as newest')
              .select('newest.id')
              .where('newest.appId', '=', appId)
              .where('newest.model', '=', model)
              .orderBy('newest.version', 'desc')
              .limit(1),
          ),
        ),
      ]),
    )
    .orderBy('version', 'desc')
    .execute();
  if (rows.length === 0) return [];
  const weights = await tx
    .selectFrom('attributionWeights')
    .select(['attributionModelId', 'level', 'value', 'weight'])
    .where(
      'attributionModelId',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  const of = (id: string, level: 'channel' | 'post') =>
    new Map(
      weights
        .filter((row) => row.attributionModelId === id && row.level === level)
        .map((row) => [row.value, row.weight]),
    );
  return rows.map((row) => ({ ...row, channels: of(row.id, 'channel'), posts: of(row.id, 'post') }));
}

/** Parts of one; alike where nothing weighs anything. */
function shared(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 1 / weights.length));
}

function mean(known: ReadonlyMap<string, number>): number {
  if (known.size === 0) return 1;
  return [...known.values()].reduce((sum, weight) => sum + weight, 0) / known.size;
}

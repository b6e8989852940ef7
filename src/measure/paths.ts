import { type CreditModel, touchWeights } from './credit.ts';
import { chainOf, outcomes } from './paths/chain.ts';

/**
 * Credit over many paths at once: the data-driven models (Markov removal effects, Shapley values) and the rules of
 * `./credit.ts` summed. All are deterministic; to turn their credits into money use `apportion` of `./credit.ts`. Each
 * reads the paths once, so that they may come from a file that does not fit into memory.
 */

/** A way people took: how often it ended in a conversion, what these were worth, and how often it ended in none. */
export type Path = { channels: readonly string[]; conversions: number; value: number; losses: number };

export type ChannelCredit = { channel: string; conversions: number; value: number };
export type MarkovCredit = ChannelCredit & {
  /** Share of the conversions (of the value) that would be lost without the channel, 0 to 1. */
  removalEffect: number;
  removalEffectOnValue: number;
};

/**
 * Markov chain attribution (Anderl et al. 2014, "Mapping the customer journey"): a chain whose state is the last
 * `order` channels; a channel's removal effect is how much the probability of a conversion falls when every step to it
 * leads to a loss instead; credit is in proportion to the removal effects. The value of a conversion is the mean value
 * of those that ended from the same state, as in the R package ChannelAttribution.
 *
 * The linear systems are solved exactly (to machine precision), not simulated.
 */
export function markov(paths: Iterable<Path>, order: 1 | 2 | 3 = 1): { probability: number; credits: MarkovCredit[] } {
  const chain = chainOf(paths, order);
  const { full, without } = outcomes(chain);
  const lost = (left: number, all: number) => (all === 0 ? 0 : Math.min(1, Math.max(0, 1 - left / all)));
  const effects = chain.channels
    .map((channel, index) => ({
      channel,
      removalEffect: lost(without[index]!.conversion, full.conversion),
      removalEffectOnValue: lost(without[index]!.value, full.value),
    }))
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
  const sum = (key: 'removalEffect' | 'removalEffectOnValue') => effects.reduce((all, each) => all + each[key], 0);
  const [effectSum, valueSum] = [sum('removalEffect'), sum('removalEffectOnValue')];
  return {
    probability: full.conversion,
    credits: effects.map((effect) => ({
      ...effect,
      conversions: effectSum === 0 ? 0 : (chain.totals.conversions * effect.removalEffect) / effectSum,
      value: valueSum === 0 ? 0 : (chain.totals.value * effect.removalEffectOnValue) / valueSum,
    })),
  };
}

/**
 * Shapley values of the game in which a set of channels is worth the conversions of the paths that need no other. That
 * game is a sum of unanimity games, one per path, so the exact value is each path's worth shared equally among its
 * distinct channels (Shapley 1953); no sampling, linear in the paths.
 */
export function shapley(paths: Iterable<Path>): ChannelCredit[] {
  const credits = tally();
  for (const path of paths) {
    const distinct = new Set(path.channels);
    for (const channel of distinct) credits.add(channel, path, 1 / distinct.size);
  }
  return credits.all();
}

/**
 * A rule of `./credit.ts` over all paths. Paths have no times, so positions stand for them: time decay halves a touch's
 * weight with every `halfLife` steps (7 unless given) before the last one. `isDirect`: which channels are direct visits
 * to `last_non_direct`; those called direct or (none) unless given.
 */
export function creditPaths(
  model: CreditModel,
  paths: Iterable<Path>,
  { halfLife = 7, isDirect = looksDirect }: { halfLife?: number; isDirect?: (channel: string) => boolean } = {},
): ChannelCredit[] {
  const credits = tally();
  for (const path of paths) {
    const last = path.channels.length - 1;
    const touches = path.channels.map((channel, index) => ({ age: last - index, direct: isDirect(channel) }));
    const weights = touchWeights(model, touches, { halfLife });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    path.channels.forEach((channel, index) => {
      credits.add(channel, path, weights[index]! / total);
    });
  }
  return credits.all();
}

/** "direct", "(direct)", "(none)", "(direct) / (none)", in any case. */
export function looksDirect(channel: string): boolean {
  return /^\s*(?:\(?direct\)?|\(none\)|\(?direct\)?\s*\/\s*\(?none\)?)\s*$/i.test(channel);
}

/** Credit by channel; in the answer channels stand in order of their names. */
function tally() {
  const credits = new Map<string, ChannelCredit>();
  return {
    add(channel: string, path: Path, share: number) {
      const credit = credits.get(channel) ?? { channel, conversions: 0, value: 0 };
      credit.conversions += path.conversions * share;
      credit.value += path.value * share;
      credits.set(channel, credit);
    },
    all: () => [...credits.values()].sort((a, b) => (a.channel < b.channel ? -1 : 1)),
  };
}

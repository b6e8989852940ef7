/**
 * Data-driven credit over all paths: Markov removal effects and Shapley values. Both are deterministic; to turn their
 * credits into money use `apportion` of `./credit.ts`.
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
 * The linear systems are solved to machine precision (Gauss–Seidel, which converges for every absorbing chain).
 */
export function markov(paths: readonly Path[], order: 1 | 2 | 3 = 1): { probability: number; credits: MarkovCredit[] } {
  const chain = chainOf(paths, order);
  const channels = channelsOf(paths);
  const full = fromStart(chain, null);
  const lost = (left: number, all: number) => (all === 0 ? 0 : 1 - left / all);
  const effects = channels.map((channel) => {
    const without = fromStart(chain, channel);
    return {
      channel,
      removalEffect: lost(without.conversion, full.conversion),
      removalEffectOnValue: lost(without.value, full.value),
    };
  });
  const totals = totalsOf(paths);
  const sum = (key: 'removalEffect' | 'removalEffectOnValue') => effects.reduce((all, each) => all + each[key], 0);
  const [effectSum, valueSum] = [sum('removalEffect'), sum('removalEffectOnValue')];
  return {
    probability: full.conversion,
    credits: effects.map((effect) => ({
      ...effect,
      conversions: effectSum === 0 ? 0 : (totals.conversions * effect.removalEffect) / effectSum,
      value: valueSum === 0 ? 0 : (totals.value * effect.removalEffectOnValue) / valueSum,
    })),
  };
}

/**
 * Shapley values of the game in which a set of channels is worth the conversions of the paths that need no other. That
 * game is a sum of unanimity games, one per path, so the exact value is each path's worth shared equally among its
 * distinct channels (Shapley 1953); no sampling, linear in the paths.
 */
export function shapley(paths: readonly Path[]): ChannelCredit[] {
  const credits = new Map<string, ChannelCredit>();
  for (const path of paths) {
    const distinct = new Set(path.channels);
    for (const channel of distinct) {
      const credit = credits.get(channel) ?? { channel, conversions: 0, value: 0 };
      credit.conversions += path.conversions / distinct.size;
      credit.value += path.value / distinct.size;
      credits.set(channel, credit);
    }
  }
  return channelsOf(paths).flatMap((channel) => credits.get(channel) ?? []);
}

type State = {
  /** The newest channel of the state, null for the start. */
  channel: string | null;
  next: Map<number, number>;
  conversions: number;
  value: number;
  total: number;
};

function chainOf(paths: readonly Path[], order: number): State[] {
  const states: State[] = [{ channel: null, next: new Map(), conversions: 0, value: 0, total: 0 }];
  const ids = new Map<string, number>();
  const idOf = (last: readonly string[]) => {
    const key = JSON.stringify(last);
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    return states.push({ channel: last.at(-1) ?? null, next: new Map(), conversions: 0, value: 0, total: 0 }) - 1;
  };
  for (const path of paths) {
    const times = path.conversions + path.losses;
    if (path.channels.length === 0 || times === 0) continue;
    let state = states[0]!;
    path.channels.forEach((_, index) => {
      const next = idOf(path.channels.slice(Math.max(0, index + 1 - order), index + 1));
      state.next.set(next, (state.next.get(next) ?? 0) + times);
      state.total += times;
      state = states[next]!;
    });
    state.conversions += path.conversions;
    state.value += path.value;
    state.total += times;
  }
  return states;
}

/** From the start: the probability to convert and the expected value, with every step to `removed` a loss. */
function fromStart(chain: State[], removed: string | null): { conversion: number; value: number } {
  const solve = (reward: (state: State) => number) => {
    const x = new Float64Array(chain.length);
    for (let round = 0; round < 100_000; round++) {
      let change = 0;
      let size = 0;
      for (let index = chain.length - 1; index >= 0; index--) {
        const state = chain[index]!;
        if (state.total === 0 || (removed !== null && state.channel === removed)) continue;
        let sum = reward(state);
        let itself = 0;
        for (const [next, times] of state.next) {
          if (next === index) itself = times;
          else sum += times * x[next]!;
        }
        const value = sum / (state.total - itself);
        change = Math.max(change, Math.abs(value - x[index]!));
        size = Math.max(size, Math.abs(value));
        x[index] = value;
      }
      if (change <= size * 1e-15) return x[0]!;
    }
    throw new RangeError('The paths do not settle: some never end in a conversion or a loss.');
  };
  return { conversion: solve((state) => state.conversions), value: solve((state) => state.value) };
}

function channelsOf(paths: readonly Path[]): string[] {
  return [...new Set(paths.flatMap((path) => path.channels))].sort();
}

function totalsOf(paths: readonly Path[]): { conversions: number; value: number } {
  return paths
    .filter((path) => path.channels.length > 0)
    .reduce((sum, path) => ({ conversions: sum.conversions + path.conversions, value: sum.value + path.value }), {
      conversions: 0,
      value: 0,
    });
}

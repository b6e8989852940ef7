import type { Path } from '#src/measure/paths.ts';

/**
 * All paths as one Markov chain. A state is the last `order` channels (fewer at the beginning of a path); state 0 is the
 * start. What leaves a state: to `next`, into a conversion, or into a loss; `total` is their sum. Edges of state i stand
 * at `from[i]` to `from[i + 1]` of `next` and `times`, without the one to itself, which is in `itself`.
 */
export type Chain = {
  size: number;
  /** Index into `channels` of the newest channel of a state; −1 for the start. */
  newest: Int32Array;
  from: Int32Array;
  next: Int32Array;
  times: Float64Array;
  itself: Float64Array;
  total: Float64Array;
  conversions: Float64Array;
  value: Float64Array;
  channels: string[];
  /** Over all paths that touch a channel. */
  totals: { conversions: number; value: number };
};

/** Expected conversions, and their value, of one who starts. */
export type Outcome = { conversion: number; value: number };

/** Reads the paths once; they are not kept. */
export function chainOf(paths: Iterable<Path>, order: number): Chain {
  type State = { channel: number; next: Map<number, number>; conversions: number; value: number; total: number };
  const fresh = (channel: number): State => ({ channel, next: new Map(), conversions: 0, value: 0, total: 0 });
  const states = [fresh(-1)];
  const ids = new Map<string, number>();
  const numbers = new Map<string, number>();
  const totals = { conversions: 0, value: 0 };
  for (const { channels, conversions, value, losses } of paths) {
    if (channels.length === 0) continue;
    const path = channels.map((channel) => {
      const known = numbers.get(channel) ?? numbers.size;
      numbers.set(channel, known);
      return known;
    });
    totals.conversions += conversions;
    totals.value += value;
    const times = conversions + losses;
    if (times === 0) continue;
    let state = states[0]!;
    for (let end = 0; end < path.length; end++) {
      let key = '';
      for (let at = Math.max(0, end + 1 - order); at <= end; at++) key += `${path[at]},`;
      let id = ids.get(key);
      if (id === undefined) {
        id = states.push(fresh(path[end]!)) - 1;
        ids.set(key, id);
      }
      state.next.set(id, (state.next.get(id) ?? 0) + times);
      state.total += times;
      state = states[id]!;
    }
    state.conversions += conversions;
    state.value += value;
    state.total += times;
  }
  const edges = states.flatMap((state, i) => [...state.next].filter(([next]) => next !== i));
  const from = new Int32Array(states.length + 1);
  for (const [i, state] of states.entries()) from[i + 1] = from[i]! + state.next.size - (state.next.has(i) ? 1 : 0);
  return {
    size: states.length,
    newest: Int32Array.from(states, (state) => state.channel),
    from,
    next: Int32Array.from(edges, ([next]) => next),
    times: Float64Array.from(edges, ([, times]) => times),
    itself: Float64Array.from(states, (state, i) => state.next.get(i) ?? 0),
    total: Float64Array.from(states, (state) => state.total),
    conversions: Float64Array.from(states, (state) => state.conversions),
    value: Float64Array.from(states, (state) => state.value),
    channels: [...numbers.keys()],
    totals,
  };
}

/** The chain as it is, and without each of its channels: every step to it a loss. */
export function outcomes(chain: Chain): { full: Outcome; without: Outcome[] } {
  const oneStateEach = chain.size === new Set(chain.newest).size;
  if (oneStateEach && chain.size <= 1200) return byInversion(chain);
  const full = fromStart(chain, -1);
  return { full, without: chain.channels.map((_, channel) => fromStart(chain, channel)) };
}

/**
 * One state per channel (order 1): all channels with one inversion; who converts by way of c first comes to c (visits to c ÷ visits to c of one
 * who is there) and goes on as everyone from c does.
 */
function byInversion(chain: Chain): { full: Outcome; without: Outcome[] } {
  const n = chain.size;
  const visits = inverted(matrixOf(chain, [...Array(n).keys()]), n);
  const expected = (state: number, rewards: Float64Array) => {
    let sum = 0;
    for (let j = 0; j < n; j++)
      if (chain.total[j]! > 0) sum += (visits[state * n + j]! * rewards[j]!) / chain.total[j]!;
    return sum;
  };
  const outcome = (state: number): Outcome => ({
    conversion: expected(state, chain.conversions),
    value: expected(state, chain.value),
  });
  const full = outcome(0);
  const without = chain.channels.map((): Outcome => ({ ...full }));
  for (let state = 1; state < n; state++) {
    const reached = visits[state]! / visits[state * n + state]!;
    const there = outcome(state);
    without[chain.newest[state]!] = {
      conversion: Math.max(0, full.conversion - reached * there.conversion),
      value: Math.max(0, full.value - reached * there.value),
    };
  }
  return { full, without };
}

/** Gauss–Seidel, which converges for every absorbing chain; one that hardly ever ends is solved by elimination. */
function fromStart(chain: Chain, removed: number): Outcome {
  const { size, newest, from, next, times, itself, total } = chain;
  const conversion = new Float64Array(size);
  const value = new Float64Array(size);
  const active: number[] = [];
  for (let i = size - 1; i >= 0; i--) if (total[i]! > 0 && (removed < 0 || newest[i] !== removed)) active.push(i);
  for (let sweep = 0; sweep < 5000; sweep++) {
    let [change, valueChange, valueSize, conversionSize] = [0, 0, 0, 0];
    for (const i of active) {
      let [toConversion, toValue] = [chain.conversions[i]!, chain.value[i]!];
      for (let edge = from[i]!; edge < from[i + 1]!; edge++) {
        toConversion += times[edge]! * conversion[next[edge]!]!;
        toValue += times[edge]! * value[next[edge]!]!;
      }
      const leaving = total[i]! - itself[i]!;
      const [x, y] = [toConversion / leaving, toValue / leaving];
      change = Math.max(change, Math.abs(x - conversion[i]!));
      valueChange = Math.max(valueChange, Math.abs(y - value[i]!));
      conversionSize = Math.max(conversionSize, x);
      valueSize = Math.max(valueSize, Math.abs(y));
      conversion[i] = x;
      value[i] = y;
    }
    if (change <= conversionSize * 1e-15 && valueChange <= valueSize * 1e-15) {
      return { conversion: conversion[0]!, value: value[0]! };
    }
  }
  if (active.length > 2500) throw new RangeError('The paths do not settle: they hardly ever end.');
  const states = active.toReversed();
  const n = states.length;
  const visits = inverted(matrixOf(chain, states), n);
  const expected = (rewards: Float64Array) =>
    states.reduce((sum, state, j) => sum + (visits[j]! * rewards[state]!) / total[state]!, 0);
  return { conversion: expected(chain.conversions), value: expected(chain.value) };
}

/** I − Q of these states, row by row. */
function matrixOf(chain: Chain, states: readonly number[]): Float64Array {
  const n = states.length;
  const at = new Map(states.map((state, i) => [state, i]));
  const matrix = new Float64Array(n * n);
  for (const [i, state] of states.entries()) {
    const total = chain.total[state]!;
    matrix[i * n + i] = total === 0 ? 1 : (total - chain.itself[state]!) / total;
    for (let edge = chain.from[state]!; edge < chain.from[state + 1]!; edge++) {
      const j = at.get(chain.next[edge]!);
      if (j !== undefined) matrix[i * n + j] = -chain.times[edge]! / total;
    }
  }
  return matrix;
}

/** Gauss–Jordan in place; rows dominated by their diagonal, as these are, need no pivots. */
function inverted(matrix: Float64Array, n: number): Float64Array {
  for (let k = 0; k < n; k++) {
    const pivot = 1 / matrix[k * n + k]!;
    matrix[k * n + k] = 1;
    for (let j = 0; j < n; j++) matrix[k * n + j]! *= pivot;
    for (let i = 0; i < n; i++) {
      const factor = matrix[i * n + k]!;
      if (i === k || factor === 0) continue;
      matrix[i * n + k] = 0;
      for (let j = 0; j < n; j++) matrix[i * n + j]! -= factor * matrix[k * n + j]!;
    }
  }
  return matrix;
}

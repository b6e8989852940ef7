/**
 * Funnels over ordered events. The semantics are those of ClickHouse's aggregate function `windowFunnel`, by its own
 * test cases (00632_aggregation_window_funnel): the window is measured from the event that took the first step, other
 * events may lie between, the deepest step reached by any start counts, and one event satisfies one step.
 */

/**
 * `default`: as above. `strict_increase`: each step strictly later than the one before. `strict_order`: another step of
 * the funnel out of turn ends it.
 */
export type FunnelMode = 'default' | 'strict_increase' | 'strict_order';

/** `depth`: number of steps reached, 0 to all. `times`: when each of them was, in the unit of the events. */
export type FunnelResult = { depth: number; times: number[] };

/**
 * How far one visitor came. Events in any order; those at the same instant keep the order given. `window` in the unit
 * of `at`, inclusive. Linear in events × steps after sorting.
 */
export function windowFunnel<E extends { at: number }>(
  events: readonly E[],
  steps: readonly ((event: E) => boolean)[],
  window: number,
  mode: FunnelMode = 'default',
): FunnelResult {
  // For each step, the instants of the chain with the latest start that reached it: a later start leaves more window.
  const chains: (number[] | undefined)[] = steps.map(() => undefined);
  const ordered = [...events].sort((a, b) => a.at - b.at);
  for (const event of ordered) {
    // Deepest step first, so that no event serves two steps of one chain.
    for (let step = steps.length - 1; step >= 0; step--) {
      if (!steps[step]?.(event)) continue;
      if (step === 0) {
        chains[0] = [event.at];
        continue;
      }
      const before = chains[step - 1];
      if (before === undefined) {
        if (mode === 'strict_order' && chains[0] !== undefined) return deepest(chains);
        continue;
      }
      const inWindow = event.at <= (before[0] ?? 0) + window;
      const later = mode !== 'strict_increase' || event.at > (before.at(-1) ?? 0);
      if (inWindow && later) chains[step] = [...before, event.at];
    }
    if (steps.length > 0 && chains[steps.length - 1] !== undefined) break;
  }
  return deepest(chains);
}

/** How many reached at least each step, from each visitor's depth. */
export function reachedByStep(depths: Iterable<number>, steps: number): number[] {
  const reached = Array.from({ length: steps }, () => 0);
  for (const depth of depths) {
    for (let step = 0; step < Math.min(depth, steps); step++) reached[step] = (reached[step] ?? 0) + 1;
  }
  return reached;
}

function deepest(chains: (number[] | undefined)[]): FunnelResult {
  const times = chains.findLast((chain) => chain !== undefined) ?? [];
  return { depth: times.length, times };
}

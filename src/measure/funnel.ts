/**
 * Funnels over ordered events. The semantics are those of ClickHouse's aggregate function `windowFunnel`, by its own
 * test cases (00632_aggregation_window_funnel): the window is measured from the event that took the first step, other
 * events may lie between, the deepest step reached by any start counts, and one event satisfies one step.
 */

/**
 * `default`: as above. The others may be combined:
 * `strict_increase`: each step strictly later than the one before.
 * `strict_order`: once the first step is taken, anything that is not the next step, a repetition of one already taken
 * or a new start ends the funnel, be it a step out of turn or an event that is no step at all.
 * `strict_deduplication`: a repetition of a step already taken (other than the first) ends the funnel.
 * `strict_once`: an event counts for one step only, which here it does in every mode.
 * `allow_reentry`: what would end a strict order is passed over instead.
 */
export const funnelModes = [
  'default',
  'strict_increase',
  'strict_order',
  'strict_deduplication',
  'strict_once',
  'allow_reentry',
] as const;
export type FunnelMode = (typeof funnelModes)[number];

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
  mode: FunnelMode | readonly FunnelMode[] = 'default',
): FunnelResult {
  const modes = new Set(typeof mode === 'string' ? [mode] : mode);
  const increasing = modes.has('strict_increase');
  const interruptible = modes.has('strict_order') && !modes.has('allow_reentry');
  // For each step, the instants of the chain with the latest start that reached it: a later start leaves more window.
  let chains: Chains = steps.map(() => undefined);
  const ordered = [...events].sort((a, b) => a.at - b.at);
  for (let first = 0; first < ordered.length; ) {
    // What happens at one instant is not later than itself: a strict increase builds on what was before the instant.
    let end = first + 1;
    while (increasing && end < ordered.length && ordered[end]!.at === ordered[first]!.at) end++;
    const after = increasing ? [...chains] : chains;
    for (const event of ordered.slice(first, end)) {
      const started = chains[0] !== undefined;
      const outcome = take(event, steps, window, chains, after);
      if (modes.has('strict_deduplication') && outcome.repeated) return deepest(after);
      if (interruptible && started && !outcome.inTurn) return deepest(after);
    }
    chains = after;
    first = end;
    if (steps.length > 0 && chains[steps.length - 1] !== undefined) break;
  }
  return deepest(chains);
}

type Chains = (number[] | undefined)[];

/** Extends `after` by one event, from the chains there were `before`, which may be the same ones. */
function take<E extends { at: number }>(
  event: E,
  steps: readonly ((event: E) => boolean)[],
  window: number,
  before: Chains,
  after: Chains,
): { inTurn: boolean; repeated: boolean } {
  let inTurn = false;
  let advanced = false;
  let repeated = false;
  // Deepest step first, so that no event serves two steps of one chain.
  for (let step = steps.length - 1; step >= 0; step--) {
    if (!steps[step]!(event)) continue;
    if (step === 0) {
      after[0] = [event.at];
      inTurn = true;
      continue;
    }
    const known = after[step] !== undefined;
    repeated ||= known;
    const leading = before[step - 1];
    if (leading === undefined) continue;
    inTurn = true;
    if (event.at > leading[0]! + window) continue;
    after[step] = [...leading, event.at];
    advanced ||= !known;
  }
  return { inTurn, repeated: repeated && !advanced };
}

/** How many reached at least each step, from each visitor's depth. */
export function reachedByStep(depths: Iterable<number>, steps: number): number[] {
  const reached = Array.from({ length: steps }, () => 0);
  for (const depth of depths) {
    for (let step = 0; step < Math.min(depth, steps); step++) reached[step] = (reached[step] ?? 0) + 1;
  }
  return reached;
}

function deepest(chains: Chains): FunnelResult {
  const times = chains.findLast((chain) => chain !== undefined) ?? [];
  return { depth: times.length, times };
}

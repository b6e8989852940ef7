/** What can be taken back and done again. The newest step is the last of `past` and the first of `future`. */
export interface History<State> {
  past: readonly State[];
  now: State;
  future: readonly State[];
  /** What the last change was about and when (milliseconds), so that typing on is one step. */
  last: { about: string; at: number } | undefined;
}

/** So many steps are kept. */
export const STEPS = 100;
/** Changes about the same thing within so many milliseconds of each other are one step. */
export const BREATH = 1000;

export function beginning<State>(now: State): History<State> {
  return { past: [], now, future: [], last: undefined };
}

/**
 * The state after a change. `about` names what is changed where many small changes are one (typing in a field); without
 * it each is a step of its own. What was taken back before is gone.
 */
export function stepped<State>(history: History<State>, next: State, at: number, about?: string): History<State> {
  if (next === history.now) return history;
  const { last } = history;
  const goesOn = about !== undefined && last?.about === about && at - last.at < BREATH && history.future.length === 0;
  return {
    past: goesOn ? history.past : [...history.past, history.now].slice(-STEPS),
    now: next,
    future: [],
    last: about === undefined ? undefined : { about, at },
  };
}

/** One step back, or the same when there is none. */
export function undone<State>(history: History<State>): History<State> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], last: undefined };
}

export function redone<State>(history: History<State>): History<State> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, last: undefined };
}

import { refuse } from '#src/refusal.ts';

export const states = ['proposed', 'accepted', 'in_progress', 'done', 'dismissed'] as const;
export type State = (typeof states)[number];

/** Every way a suggestion can go. What is done or dismissed stays so. */
const moves: Record<State, readonly State[]> = {
  proposed: ['accepted', 'dismissed'],
  accepted: ['in_progress', 'done', 'dismissed'],
  in_progress: ['done', 'dismissed'],
  done: [],
  dismissed: [],
};

const said: Record<State, string> = {
  proposed: 'only proposed',
  accepted: 'already accepted',
  in_progress: 'already in progress',
  done: 'already done',
  dismissed: 'dismissed',
};

/** Throws a conflict in words when a suggestion in state `from` cannot go to `to`. */
export function mustAllow(from: State, to: State): void {
  if (moves[from].includes(to)) return;
  const open = moves[from].map((one) => one.replaceAll('_', ' ')).join(' or ');
  const next = open ? `It can become ${open}.` : 'It stays as it is.';
  throw refuse('conflict', 'suggestion_state', `This suggestion is ${said[from]}. ${next}`);
}

import { actorName, type Inside } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';

export const states = ['proposed', 'accepted', 'in_progress', 'done', 'dismissed', 'expired'] as const;
export type State = (typeof states)[number];

/** Every way a suggestion can go. What is done, dismissed or expired stays so; an accept can be taken back. */
const moves: Record<State, readonly State[]> = {
  proposed: ['accepted', 'dismissed'],
  accepted: ['in_progress', 'done', 'dismissed', 'proposed'],
  in_progress: ['done', 'dismissed'],
  done: [],
  dismissed: [],
  expired: [],
};

const said: Record<State, string> = {
  proposed: 'only proposed',
  accepted: 'already accepted',
  in_progress: 'already in progress',
  done: 'already done',
  dismissed: 'dismissed',
  expired: 'no longer what the rows say',
};

/** Throws a conflict in words when a suggestion in state `from` cannot go to `to`. */
export function mustAllow(from: State, to: State): void {
  if (moves[from].includes(to)) return;
  const open = moves[from]
    .filter((one) => one !== 'proposed')
    .map((one) => one.replaceAll('_', ' '))
    .join(' or ');
  const next = open ? `It can become ${open}.` : 'It stays as it is.';
  throw refuse('conflict', 'suggestion_state', `This suggestion is ${said[from]}. ${next}`);
}

/**
 * One at a time looks for suggestions of an app or decides on them: the places of all open ones change together, and two
 * at once would wait for each other.
 */
export async function lockFor({ tx }: Inside, appId: string): Promise<void> {
  // Not the key: what is counted meanwhile refers to the app and must not wait.
  await tx.selectFrom('apps').select('id').where('id', '=', appId).forNoKeyUpdate().execute();
}

/** The suggestion with this id in this workspace, its app and itself locked, or "not found". */
export async function suggestionOf(inside: Inside, suggestionId: string) {
  const { tx } = inside;
  const found = await tx.selectFrom('suggestions').select('appId').where('id', '=', suggestionId).executeTakeFirst();
  if (!found) throw notFound('suggestion');
  await lockFor(inside, found.appId);
  const row = await tx
    .selectFrom('suggestions')
    .selectAll()
    .where('id', '=', suggestionId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('suggestion');
  return row;
}

export async function moveTo(inside: Inside, suggestionId: string, to: State) {
  const suggestion = await suggestionOf(inside, suggestionId);
  mustAllow(suggestion.state, to);
  const closed = to === 'done' || to === 'dismissed' ? { place: null } : {};
  await inside.tx
    .updateTable('suggestions')
    .set({ state: to, ...closed })
    .where('id', '=', suggestionId)
    .execute();
  await audit(inside, {
    operation: 'suggestions.move',
    subject: suggestionId,
    before: { state: suggestion.state },
    after: { state: to },
  });
  return suggestion;
}

export async function decide(
  inside: Inside,
  suggestionId: string,
  toState: State,
  note: string | undefined,
  strategyId: string | null,
): Promise<void> {
  await inside.tx
    .insertInto('suggestionDecisions')
    .values({
      workspaceId: inside.workspaceId,
      suggestionId,
      toState,
      note: note ?? null,
      decidedBy: actorName(inside.who),
      decidedAt: inside.clock.now(),
      strategyId,
    })
    .execute();
}

import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';

/** Writes that all parts of a publication were removed from the platform. Its receipts and numbers stay. */
export function noteRemoved(inside: Inside, publicationId: string, reason: string): Promise<void> {
  return note(inside, publicationId, 'removed', reason);
}

/** Sets a publication aside: it stays out, and the queue does not take its post up again. */
export function archive(inside: Inside, publicationId: string, reason: string): Promise<void> {
  return note(inside, publicationId, 'archived', reason);
}

async function note(
  inside: Inside,
  publicationId: string,
  what: 'removed' | 'archived',
  reason: string,
): Promise<void> {
  const { tx, clock } = inside;
  const column = what === 'removed' ? 'removedAt' : 'archivedAt';
  const row = await tx
    .updateTable('publications')
    .set({ [column]: clock.now(), stateReason: reason })
    .where('id', '=', publicationId)
    .where(column, 'is', null)
    .returning('postId')
    .executeTakeFirst();
  if (!row) return;
  await audit(inside, { operation: `publications.${what}`, subject: publicationId, after: { reason } });
  await record(inside, `publication.${what}`, { subjectId: publicationId, detail: { postId: row.postId } });
}

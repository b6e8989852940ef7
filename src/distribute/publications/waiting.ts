import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { unqueue } from '#src/distribute/publications/due.ts';
import { audit } from '#src/people/audit.ts';
import { isOutOfPlan, markPost } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** States in which a publication is still going to happen, or may. */
export const ACTIVE = ['scheduled', 'publishing', 'asking'] as const;

export type Publication = {
  id: string;
  postId: string;
  accountId: string;
  state: string;
  dueAt: Date;
  /** Somebody else's post that it answers. */
  replyTo: string | null;
};

export async function lockPublication({ tx }: Inside, publicationId: string): Promise<Publication> {
  const row = await tx
    .selectFrom('publications')
    .select(['id', 'postId', 'accountId', 'state', 'dueAt', 'replyTo'])
    .where('id', '=', publicationId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('publication');
  return row;
}

export function assertWaiting(publication: Publication, what: string): void {
  if (publication.state === 'scheduled' || publication.state === 'asking') return;
  const said =
    publication.state === 'publishing' ? 'is going out right now' : `is ${publication.state} and no longer waiting`;
  throw refuse('conflict', `publication_${publication.state}`, `It ${said}, so it is too late to ${what} it.`);
}

/** Whether a process works on it, or a call's outcome is not known yet. */
export async function isUnderWay({ tx, clock }: Inside, publicationId: string): Promise<boolean> {
  const held = await tx
    .selectFrom('duePublications')
    .select('leaseUntil')
    .where('publicationId', '=', publicationId)
    .where('leaseUntil', '>', clock.now())
    .executeTakeFirst();
  const open = await tx
    .selectFrom('attempts')
    .innerJoin('publicationParts', 'publicationParts.id', 'attempts.publicationPartId')
    .select('attempts.id')
    .where('publicationParts.publicationId', '=', publicationId)
    .where('attempts.phase', 'in', ['sent', 'unknown'])
    .executeTakeFirst();
  return held !== undefined || open !== undefined;
}

export async function endWaiting(
  inside: Inside,
  publication: Pick<Publication, 'id' | 'postId'>,
  state: 'withdrawn' | 'skipped',
  reason: string | null,
): Promise<void> {
  await inside.tx
    .updateTable('publications')
    .set({ state, stateReason: reason })
    .where('id', '=', publication.id)
    .execute();
  await unqueue(inside, publication.id);
  await followPost(inside, publication.postId);
  await audit(inside, { operation: `publications.${state}`, subject: publication.id });
  await record(inside, `publication.${state}`, { subjectId: publication.id, detail: { postId: publication.postId } });
}

/**
 * Sets the post's status from its publications: scheduled while one is under way, else published when one is out, else
 * failed, else approved. A post that was taken back (draft, in review, withdrawn) is left alone.
 */
export async function followPost(inside: Inside, postId: string): Promise<void> {
  const post = await inside.tx.selectFrom('posts').select('status').where('id', '=', postId).executeTakeFirst();
  if (!post || isOutOfPlan(post.status)) return;
  const rows = await inside.tx
    .selectFrom('publications')
    .select(['state', 'publishedAt'])
    .where('postId', '=', postId)
    .execute();
  // One that was out before and is added to stays out.
  const states = new Set(
    rows.map(({ state, publishedAt }) => (state === 'publishing' && publishedAt ? 'published' : state)),
  );
  if (ACTIVE.some((state) => states.has(state))) await markPost(inside, postId, 'scheduled');
  else if (states.has('published')) await markPost(inside, postId, 'published');
  else if (states.has('failed')) await markPost(inside, postId, 'failed');
  else await markPost(inside, postId, 'approved');
}

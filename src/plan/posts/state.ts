import { type Inside, userOf } from '#src/context.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { problemsOfWords } from './problems.ts';
import { readVariants } from './read.ts';

export type PostStatus = 'draft' | 'in_review' | 'approved' | 'scheduled' | 'published' | 'failed' | 'withdrawn';

/**
 * From where to where a person may move a post. Distribute moves it on from `approved` with `markPost`; what rests on a
 * fact that became false goes back to review by itself (`false-facts.ts`).
 */
const MOVES: Record<PostStatus, readonly PostStatus[]> = {
  draft: ['in_review', 'approved', 'withdrawn'],
  in_review: ['draft', 'approved', 'withdrawn'],
  approved: ['draft', 'scheduled', 'published', 'failed', 'withdrawn'],
  scheduled: ['draft', 'approved', 'published', 'failed', 'withdrawn'],
  published: ['scheduled'],
  failed: ['draft', 'approved', 'scheduled', 'published', 'withdrawn'],
  withdrawn: ['draft'],
};

/** Not approved, or taken back: nothing of it goes out. */
export function isOutOfPlan(status: PostStatus): boolean {
  return status === 'draft' || status === 'in_review' || status === 'withdrawn';
}

export async function lockPost({ tx }: Inside, postId: string) {
  const post = await tx.selectFrom('posts').selectAll().where('id', '=', postId).forUpdate().executeTakeFirst();
  if (!post) throw notFound('post');
  return post;
}

export function assertMove(from: PostStatus, to: PostStatus): void {
  if (!MOVES[from].includes(to))
    throw refuse(
      'conflict',
      `post_${from}`,
      `${aPost(from)} cannot become ${to === 'in_review' ? 'one in review' : to}. ${HINT[from]}`,
    );
}

function aPost(status: PostStatus): string {
  if (status === 'in_review') return 'A post in review';
  return status === 'approved' ? 'An approved post' : `A ${status} post`;
}

const HINT: Record<PostStatus, string> = {
  draft: 'Approve it first.',
  in_review: 'Approve it, or return it to draft first.',
  approved: 'Return it to draft first.',
  scheduled: 'Withdraw it first.',
  published: 'Duplicate it to write a new one.',
  failed: 'Edit it or return it to draft.',
  withdrawn: 'Return it to draft first.',
};

export async function assertPublishable(inside: Inside, postId: string, title: string): Promise<void> {
  const variants = await readVariants(inside, postId);
  const { source } = await inside.tx
    .selectFrom('posts')
    .select('source')
    .where('id', '=', postId)
    .executeTakeFirstOrThrow();
  const stops = problemsOfWords(inside, title, variants)
    .filter((problem) => problem.severity === 'stops')
    // An answer goes where the post is that it answers, and has no headline.
    .filter(({ kind }) => source !== 'reply' || (kind !== 'community' && kind !== 'title'));
  if (variants.length === 0) throw refuse('invalid', 'post_invalid', 'This post has no text yet. Write one first.');
  if (stops.length > 0) throw refuse('invalid', 'post_invalid', stops.map((problem) => problem.message).join(' '));
}

/** True while something of the post is on its way to a platform. */
export async function isGoingOut({ tx }: Inside, postId: string): Promise<boolean> {
  const going = await tx
    .selectFrom('publications')
    .select('id')
    .where('postId', '=', postId)
    .where('state', '=', 'publishing')
    .executeTakeFirst();
  return going !== undefined;
}

export async function assertNotGoingOut(inside: Inside, postId: string, what: string): Promise<void> {
  if (await isGoingOut(inside, postId))
    throw refuse('conflict', 'post_publishing', `This post is going out right now. Wait until it is out to ${what}.`);
}

export async function setStatus(
  inside: Inside,
  post: { id: string; version: number },
  status: PostStatus,
): Promise<void> {
  await inside.tx
    .updateTable('posts')
    .set({ status, updatedAt: inside.clock.now() })
    .where('id', '=', post.id)
    .execute();
}

export async function writeApproval(
  inside: Inside,
  postId: string,
  postVersion: number,
  decision: 'submitted' | 'approved' | 'returned' | 'withdrawn',
  note: string | null,
): Promise<void> {
  await inside.tx
    .insertInto('approvals')
    .values({
      workspaceId: inside.workspaceId,
      postId,
      postVersion,
      decision,
      note,
      decidedBy: userOf(inside),
      decidedAt: inside.clock.now(),
    })
    .execute();
}

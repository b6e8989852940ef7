import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notify, settleNotice } from '#src/people/notices.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';
import { similarPosts, similarProblem } from './problems.ts';
import { readVariants } from './read.ts';
import { assertMove, assertNotGoingOut, assertPublishable, lockPost, setStatus, writeApproval } from './state.ts';

type Post = { id: string; title: string; status: string; source: string; version: number };

/** Sends a draft for review, where the workspace wants one: an owner approves it or returns it with a note. */
export async function submitPost(context: Context, postId: string, note?: string): Promise<void> {
  await transaction(context, async (inside) => {
    const post = await lockPost(inside, postId);
    if (post.status === 'in_review') return;
    if (!(await workspaceOf(inside)).needsApproval)
      throw refuse(
        'conflict',
        'no_review',
        'Posts are not reviewed in this workspace. Approve it yourself, or switch review on in the settings.',
      );
    assertMove(post.status, 'in_review');
    await assertPublishable(inside, postId, post.title);
    await setStatus(inside, post, 'in_review');
    await writeApproval(inside, postId, post.version, 'submitted', note ?? null);
    await notify(inside, {
      kind: 'post_review',
      title: `“${post.title}” waits for review`,
      body: note ?? 'Approve it, or return it with a note.',
      path: `/posts/${postId}`,
      dedupe: reviewNotice(postId),
    });
    await audit(inside, { operation: 'posts.submit', subject: postId, after: { version: post.version } });
    await record(inside, 'post.submitted', { subjectId: postId, detail: { version: post.version } });
  });
}

/**
 * Approves what stands in the post now. Refused when a platform would not take it (`post_invalid`), when it reads like
 * another post of the last 90 days (`post_similar`) and nobody said that this is meant, and for everyone but an owner
 * where the workspace reviews its posts (`needs_review`). Give the `version` that was read: another one is refused.
 */
export async function approvePost(
  inside: Inside,
  postId: string,
  options: { note?: string | undefined; evenIfSimilar?: boolean | undefined; version?: number | undefined } = {},
): Promise<void> {
  const post = await lockPost(inside, postId);
  if (post.status === 'approved' || post.status === 'scheduled') return;
  assertMove(post.status, 'approved');
  await assertMayApprove(inside, post);
  if (options.version !== undefined && options.version !== post.version)
    throw refuse('conflict', 'post_changed', 'This post was changed meanwhile. Read it again before you approve it.');
  await assertPublishable(inside, postId, post.title);
  if (!options.evenIfSimilar) {
    const [similar] = await similarPosts(inside, post, await readVariants(inside, postId));
    if (similar)
      throw refuse(
        'conflict',
        'post_similar',
        `${similarProblem(similar).message} Change it, or say that it is meant.`,
      );
  }
  await setStatus(inside, post, 'approved');
  await writeApproval(inside, postId, post.version, 'approved', options.note ?? null);
  if (post.status === 'in_review') await tellAuthor(inside, post, 'approved', options.note);
  await audit(inside, { operation: 'posts.approve', subject: postId, after: { version: post.version } });
  await record(inside, 'post.approved', { subjectId: postId, detail: { version: post.version } });
}

/** Makes it a draft again; what is scheduled of it is withdrawn by the reaction to `post.returned`. */
export function returnPost(context: Context, postId: string, note?: string): Promise<void> {
  return decide(context, postId, 'draft', 'returned', note);
}

/** Takes it out of the plan without removing it; publications that wait are withdrawn with it (`post.withdrawn`). */
export function withdrawPost(context: Context, postId: string, note?: string): Promise<void> {
  return decide(context, postId, 'withdrawn', 'withdrawn', note);
}

/** Whether the caller's word is enough for what goes out. Answers in the inbox go out without review. */
export async function mayApprove(inside: Inside, post: { source: string }): Promise<boolean> {
  if (post.source === 'reply' || (inside.who.kind === 'user' && inside.who.role === 'owner')) return true;
  return !(await workspaceOf(inside)).needsApproval;
}

async function assertMayApprove(inside: Inside, post: Post): Promise<void> {
  if (await mayApprove(inside, post)) return;
  throw refuse(
    'forbidden',
    'needs_review',
    post.status === 'in_review'
      ? 'This post is in review. An owner of the workspace approves it before it is scheduled.'
      : 'Posts are reviewed in this workspace before they go out. Send it for review, then an owner approves it.',
  );
}

async function decide(
  context: Context,
  postId: string,
  to: 'draft' | 'withdrawn',
  decision: 'returned' | 'withdrawn',
  note: string | undefined,
): Promise<void> {
  await transaction(context, async (inside) => {
    const post = await lockPost(inside, postId);
    if (post.status === to) return;
    assertMove(post.status, to);
    await assertNotGoingOut(inside, postId, decision === 'returned' ? 'return it' : 'withdraw it');
    await setStatus(inside, post, to);
    await writeApproval(inside, postId, post.version, decision, note ?? null);
    if (post.status === 'in_review') await tellAuthor(inside, post, decision, note);
    await audit(inside, { operation: `posts.${decision}`, subject: postId, before: { status: post.status } });
    await record(inside, `post.${decision}`, { subjectId: postId, detail: { from: post.status } });
  });
}

async function tellAuthor(
  inside: Inside,
  post: Post & { createdBy: string | null },
  decision: 'approved' | 'returned' | 'withdrawn',
  note: string | undefined,
): Promise<void> {
  await settleNotice(inside, reviewNotice(post.id));
  if (inside.who.kind === 'user' && inside.who.id === post.createdBy) return;
  const said = { approved: 'was approved', returned: 'came back from review', withdrawn: 'was withdrawn in review' };
  await notify(inside, {
    kind: `post_${decision}`,
    title: `“${post.title}” ${said[decision]}`,
    body: note ?? '',
    path: `/posts/${post.id}`,
    dedupe: `${decision}:${post.id}:${post.version}`,
  });
}

const reviewNotice = (postId: string) => `review:${postId}`;

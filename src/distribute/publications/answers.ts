import { type Context, transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { putInQueue } from '#src/distribute/publications/schedule.ts';
import { approvePost, createPost, markPost } from '#src/plan/posts.ts';
import { refuse } from '#src/refusal.ts';

export type Answer = {
  accountId: string;
  appId: string;
  /** The platform's id of the post that is answered. */
  replyTo: string;
  text: string;
  title: string;
};

/**
 * Answers somebody: a post of its own, approved by this like every other (where posts are reviewed only by who may
 * approve), due now and sent by the same engine.
 */
export async function publishReply(
  context: Context,
  answer: Answer,
): Promise<{ postId: string; publicationId: string }> {
  return transaction(context, async (inside) => {
    const account = await accountOf(inside, answer.accountId);
    if (account.status === 'removed')
      throw refuse('conflict', 'account_removed', `@${account.handle} is disconnected. Connect it again first.`);
    const { id: postId } = await createPost(inside, {
      appId: answer.appId,
      title: answer.title,
      source: 'reply',
      variants: [{ platform: account.platform, parts: [{ text: answer.text }] }],
    });
    await approvePost(inside, postId, { evenIfSimilar: true });
    const { publicationId } = await putInQueue(inside, postId, account, inside.clock.now(), {
      replyTo: answer.replyTo,
    });
    await markPost(inside, postId, 'scheduled');
    return { postId, publicationId };
  });
}

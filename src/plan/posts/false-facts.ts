import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notify, settleNotice } from '#src/people/notices.ts';
import { isGoingOut, lockPost, setStatus, writeApproval } from './state.ts';

/**
 * A fact became false, or was put in other words: approved and scheduled posts that rest on it go back to review with the
 * reason, and what is scheduled of them is taken back by the reaction to `post.returned`. What is out stays out; one that
 * is going out right now is told of. Safe to run twice.
 *
 * @param instead what the pages say now, when they say something else
 */
export async function reviewPostsOf(
  context: Context,
  factId: string,
  instead?: string,
): Promise<{ returned: string[] }> {
  return transaction(context, async (inside) => {
    const reason = await reasonOf(inside, factId, instead);
    if (!reason) return { returned: [] };
    const returned: string[] = [];
    for (const { id } of await postsRestingOn(inside, factId, ['approved', 'scheduled'])) {
      const post = await lockPost(inside, id);
      if (post.status !== 'approved' && post.status !== 'scheduled') continue;
      if (await isGoingOut(inside, id)) {
        await notify(inside, {
          kind: 'post_false_fact',
          title: `“${post.title}” is going out and may be false`,
          body: `${reason} It could not be stopped any more. Look at it on the platform.`,
          path: `/posts/${id}`,
          dedupe: noticeOf(factId, id),
        });
        continue;
      }
      await setStatus(inside, post, 'in_review');
      await writeApproval(inside, id, post.version, 'returned', reason);
      await notify(inside, {
        kind: 'post_false_fact',
        title: `“${post.title}” went back to review`,
        body: `${reason} Change it or approve it again; nothing of it goes out before.`,
        path: `/posts/${id}`,
        dedupe: noticeOf(factId, id),
      });
      await audit(inside, {
        operation: 'posts.returned',
        subject: id,
        before: { status: post.status },
        after: { reason },
      });
      await record(inside, 'post.returned', { subjectId: id, detail: { from: post.status, factId } });
      returned.push(id);
    }
    return { returned };
  });
}

/**
 * A fact is in use again: posts that went back to review because of it are told of. Nothing is scheduled by itself,
 * because their day may be over and their words may have been changed. Safe to run twice.
 */
export async function tellOfRestored(context: Context, factId: string): Promise<{ told: string[] }> {
  return transaction(context, async (inside) => {
    const fact = await inside.tx
      .selectFrom('facts')
      .select(['state', 'statement'])
      .where('id', '=', factId)
      .executeTakeFirst();
    if (!fact || fact.state === 'retired') return { told: [] };
    const told: string[] = [];
    for (const { id, title } of await postsRestingOn(inside, factId, ['in_review'])) {
      const last = await inside.tx
        .selectFrom('approvals')
        .select(['decision', 'decidedBy'])
        .where('postId', '=', id)
        .orderBy('decidedAt', 'desc')
        .executeTakeFirst();
      if (last?.decision !== 'returned' || last.decidedBy !== null) continue;
      await settleNotice(inside, noticeOf(factId, id));
      await notify(inside, {
        kind: 'post_fact_restored',
        title: `“${title}” may go out again`,
        body: `“${fact.statement}” was restored. Approve the post and give it a new time; nothing is scheduled by itself.`,
        path: `/posts/${id}`,
        dedupe: `restored:${factId}:${id}`,
      });
      told.push(id);
    }
    return { told };
  });
}

const noticeOf = (factId: string, postId: string) => `false:${factId}:${postId}`;

async function postsRestingOn(
  { tx }: Inside,
  factId: string,
  statuses: readonly ('approved' | 'scheduled' | 'in_review')[],
) {
  return tx
    .selectFrom('claims as c')
    .innerJoin('parts as t', 't.id', 'c.partId')
    .innerJoin('postVariants as v', 'v.id', 't.variantId')
    .innerJoin('posts as p', 'p.id', 'v.postId')
    .select(['p.id', 'p.title'])
    .distinct()
    .where('c.factId', '=', factId)
    .where('p.status', 'in', statuses)
    .orderBy('p.id')
    .execute();
}

/** Why what rests on a fact has to be looked at, in words; null when the fact stands. */
async function reasonOf({ tx }: Inside, factId: string, instead: string | undefined): Promise<string | null> {
  const fact = await tx.selectFrom('facts').select(['state', 'statement']).where('id', '=', factId).executeTakeFirst();
  const last = await tx
    .selectFrom('factChanges as c')
    .leftJoin('users as u', 'u.id', 'c.changedBy')
    .select(['c.change', 'c.before', 'c.after', 'u.name as by'])
    .where('c.factId', '=', factId)
    .orderBy('c.changedAt', 'desc')
    .executeTakeFirst();
  if (!fact || !last) return null;
  const by = last.by ? ` by ${last.by}` : '';
  if (instead) return `It rests on “${fact.statement}”, and the pages now say: “${instead}”.`;
  if (last.change === 'corrected') return `It rests on “${last.before}”, which was corrected${by} to “${last.after}”.`;
  if (fact.state !== 'retired') return null;
  if (last.change !== 'no_longer_found') return `It rests on “${fact.statement}”, which was retired${by}.`;
  const evidence = await tx
    .selectFrom('evidence')
    .select('url')
    .where('factId', '=', factId)
    .orderBy('seenAt', 'desc')
    .executeTakeFirst();
  return `It rests on “${fact.statement}”, which no longer stands on ${evidence?.url ?? 'your pages'}.`;
}

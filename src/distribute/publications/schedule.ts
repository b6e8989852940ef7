import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf, lockAccounts } from '#src/distribute/accounts/status.ts';
import { contentWithLink } from '#src/distribute/content.ts';
import { assertMoment, assertNotTwice, momentOf, type When } from '#src/distribute/publications/checks.ts';
import { queue } from '#src/distribute/publications/due.ts';
import { assertFits } from '#src/distribute/publications/fits.ts';
import { takeBackPlug } from '#src/distribute/publications/plugs.ts';
import {
  ACTIVE,
  assertWaiting,
  endWaiting,
  isUnderWay,
  lockPublication,
  type Publication,
} from '#src/distribute/publications/waiting.ts';
import { nextFreeSlot } from '#src/distribute/slots.ts';
import { audit } from '#src/people/audit.ts';
import { comesAgain } from '#src/plan/calendar.ts';
import { approvePost, isOutOfPlan, markPost } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

export type Scheduled = { publicationId: string; accountId: string; dueAt: Date };

/**
 * Schedules a post on accounts: at a moment, in each account's next free slot, or now. A draft is approved by this.
 * Each publication gets its tracked link. All or none.
 */
export async function schedule(
  context: Context,
  wanted: { postId: string; accountIds: string[]; when: When; evenIfSimilar?: boolean | undefined },
): Promise<Scheduled[]> {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    if (wanted.when === 'next_slot') await lockAccounts(inside, wanted.accountIds);
    const post = await inside.tx
      .selectFrom('posts')
      .select(['id', 'status', 'evergreen'])
      .where('id', '=', wanted.postId)
      .forUpdate()
      .executeTakeFirst();
    if (!post) throw notFound('post');
    if (typeof wanted.when === 'object') assertMoment(wanted.when.at, now);
    if (post.status === 'withdrawn')
      throw refuse('conflict', 'post_withdrawn', 'This post was withdrawn. Return it to draft first.');
    if (post.status === 'draft' || post.status === 'in_review')
      await approvePost(inside, post.id, { evenIfSimilar: wanted.evenIfSimilar });
    const scheduled: Scheduled[] = [];
    for (const accountId of new Set(wanted.accountIds))
      scheduled.push(await scheduleOn(inside, post, accountId, wanted.when));
    await markPost(inside, post.id, 'scheduled');
    return scheduled;
  });
}

/**
 * The reaction to `post.approved`: schedules a post where drafting had a moment in mind, else into the next free slots
 * of the connected accounts it has words for. Does nothing where the post is scheduled already, or where neither is
 * known: then a person chooses.
 */
export async function scheduleApproved(context: Context, postId: string): Promise<Scheduled[]> {
  return transaction(context, async (inside) => {
    const accounts = await accountsFor(inside, postId);
    if (accounts.length === 0) return [];
    await lockAccounts(inside, accounts);
    const post = await inside.tx
      .selectFrom('posts')
      .select(['id', 'status', 'proposedFor', 'source'])
      .where('id', '=', postId)
      .forUpdate()
      .executeTakeFirst();
    // An answer goes out under what it answers, and only when it is given.
    if (post?.status !== 'approved' || post.source === 'reply') return [];
    // What comes again has days of its own.
    if (await comesAgain(inside, postId)) return [];
    // Once for each approval: what a person has withdrawn since is not scheduled behind their back.
    const known = await inside.tx
      .selectFrom('publications')
      .select('id')
      .where('postId', '=', postId)
      .where((eb) =>
        eb.or([
          eb('state', 'in', [...ACTIVE, 'published' as const]),
          eb(
            'scheduledAt',
            '>=',
            eb
              .selectFrom('approvals')
              .select((in_) => in_.fn.max('decidedAt').as('at'))
              .where('postId', '=', postId)
              .where('decision', '=', 'approved'),
          ),
        ]),
      )
      .execute();
    if (known.length > 0) return [];
    const at = post.proposedFor && post.proposedFor > inside.clock.now() ? post.proposedFor : null;
    const ready = [];
    for (const id of accounts) if (at || (await nextFreeSlot(inside, id, inside.clock.now()))) ready.push(id);
    if (ready.length === 0) return [];
    return schedule(inside, { postId, accountIds: ready, when: at ? { at } : 'next_slot' });
  });
}

/** Moves a publication that has not begun to another moment. */
export async function reschedule(context: Context, publicationId: string, when: When): Promise<{ dueAt: Date }> {
  return transaction(context, async (inside) => {
    const publication = await lockPublication(inside, publicationId);
    assertWaiting(publication, 'move');
    const now = inside.clock.now();
    if (typeof when === 'object') assertMoment(when.at, now);
    if (when === 'next_slot') await lockAccounts(inside, [publication.accountId]);
    const dueAt = await momentOf(inside, publication.accountId, when);
    await inside.tx
      .updateTable('publications')
      .set({ dueAt, state: 'scheduled', stateReason: null })
      .where('id', '=', publicationId)
      .execute();
    await queue(inside, { id: publicationId, accountId: publication.accountId, dueAt });
    await audit(inside, {
      operation: 'publications.reschedule',
      subject: publicationId,
      before: { dueAt: publication.dueAt },
      after: { dueAt },
    });
    await record(inside, 'publication.rescheduled', { subjectId: publicationId });
    return { dueAt };
  });
}

/**
 * Takes a publication back before it goes out; the post itself stays approved. A thread that waits midway (its account
 * is paused or disconnected) can be taken back as well: what is out stays out.
 */
export async function withdraw(context: Context, publicationId: string, reason?: string): Promise<void> {
  await transaction(context, async (inside) => {
    const publication = await lockPublication(inside, publicationId);
    const stuck = publication.state === 'publishing' && !(await isUnderWay(inside, publicationId));
    if (!stuck) assertWaiting(publication, 'withdraw');
    if (await takeBackPlug(inside, publicationId, { reason: reason ?? 'It was taken back.', tell: false })) return;
    const rest = stuck ? 'Withdrawn before all of its parts were out.' : null;
    await endWaiting(inside, publication, 'withdrawn', reason ?? rest);
  });
}

/** The reaction to `post.returned` and `post.withdrawn`: what waits of the post is withdrawn. */
export async function withdrawAllOf(context: Context, postId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const post = await inside.tx.selectFrom('posts').select('status').where('id', '=', postId).executeTakeFirst();
    if (!post || !isOutOfPlan(post.status)) return;
    const waiting = await inside.tx
      .selectFrom('publications')
      .select(['id', 'postId', 'accountId', 'state', 'dueAt'])
      .where('postId', '=', postId)
      .where('state', 'in', ['scheduled', 'asking'])
      .forUpdate()
      .execute();
    for (const publication of waiting)
      await endWaiting(inside, publication, 'withdrawn', 'The post was taken out of the plan.');
  });
}

/** A person's answer for a publication that was late beyond its window: out with it now, or leave it. */
export async function decide(context: Context, publicationId: string, decision: 'publish' | 'skip'): Promise<void> {
  await transaction(context, async (inside) => {
    const publication = await lockPublication(inside, publicationId);
    if (publication.state !== 'asking')
      throw refuse('conflict', `publication_${publication.state}`, 'Nothing is asked about this publication any more.');
    if (decision === 'skip')
      return endWaiting(inside, publication, 'skipped', 'It was late, and you chose to skip it.');
    const dueAt = inside.clock.now();
    await inside.tx
      .updateTable('publications')
      .set({ dueAt, state: 'scheduled', stateReason: null })
      .where('id', '=', publicationId)
      .execute();
    await queue(inside, { id: publicationId, accountId: publication.accountId, dueAt });
    await audit(inside, { operation: 'publications.decide', subject: publicationId, after: { decision } });
  });
}

/**
 * Tries a failed publication again, from its first part that is not out yet and with the words the post has now. Not
 * while it is unknown whether a part is out: then a person says so first (`settle`).
 */
export async function retry(context: Context, publicationId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const publication = await lockPublication(inside, publicationId);
    if (publication.state !== 'failed')
      throw refuse('conflict', `publication_${publication.state}`, 'Only a failed publication can be tried again.');
    if (await isUnderWay(inside, publicationId))
      throw refuse(
        'conflict',
        'outcome_unknown',
        'Nobody knows yet whether it is out. Look on the platform, then say here whether it is.',
      );
    await tryAgain(inside, publication);
    await audit(inside, { operation: 'publications.retry', subject: publicationId });
  });
}

/** Puts a failed publication back into the queue for what is not out yet of it. */
export async function tryAgain(inside: Inside, publication: Publication): Promise<void> {
  const { id, postId, accountId, replyTo } = publication;
  await assertNotTwice(inside, postId, accountId, true);
  const account = await accountOf(inside, accountId);
  assertFits(inside, account, await contentWithLink(inside, postId, id, account), replyTo !== null);
  const dueAt = inside.clock.now();
  await inside.tx
    .updateTable('publications')
    .set({ dueAt, state: 'scheduled', stateReason: null })
    .where('id', '=', id)
    .execute();
  await queue(inside, { id, accountId, dueAt });
  await markPost(inside, postId, 'scheduled');
}

/** The accounts a post has words for; a post written for elsewhere goes to the sandbox while there is nothing else. */
async function accountsFor({ tx }: Inside, postId: string): Promise<string[]> {
  const accounts = await tx
    .selectFrom('accounts')
    .select(['id', 'platform'])
    .where('status', 'in', ['connected', 'paused', 'reconnect'])
    .execute();
  const variants = await tx.selectFrom('postVariants').select('platform').where('postId', '=', postId).execute();
  const own = accounts.filter((account) => variants.some((variant) => variant.platform === account.platform));
  const chosen = own.length > 0 ? own : accounts.filter((account) => account.platform === 'sandbox');
  return chosen.map((account) => account.id);
}

async function scheduleOn(
  inside: Inside,
  post: { id: string; evergreen: boolean },
  accountId: string,
  when: When,
): Promise<Scheduled> {
  const account = await accountOf(inside, accountId);
  if (account.status === 'removed')
    throw refuse('conflict', 'account_removed', `@${account.handle} is disconnected. Connect it again first.`);
  await assertNotTwice(inside, post.id, accountId, post.evergreen);
  return putInQueue(inside, post.id, account, await momentOf(inside, accountId, when));
}

/**
 * Puts an approved post into the queue of an account, with its tracked link, if it fits there. `as` says that it stands
 * for a day of a recurrence, fills a slot that would have stayed empty, or answers somebody.
 */
export async function putInQueue(
  inside: Inside,
  postId: string,
  account: Awaited<ReturnType<typeof accountOf>>,
  dueAt: Date,
  as: { recurrenceId?: string; occurrence?: string; evergreen?: boolean; replyTo?: string } = {},
): Promise<Scheduled> {
  const accountId = account.id;
  const { version, source } = await inside.tx
    .selectFrom('posts')
    .select(['version', 'source'])
    .where('id', '=', postId)
    .executeTakeFirstOrThrow();
  // Answers go out unreviewed because they stand under what they answer; as posts of their own they would go round it.
  if (source === 'reply' && as.replyTo === undefined)
    throw refuse(
      'conflict',
      'answer_only',
      'This is an answer to somebody and goes out only under what it answers. Duplicate it to post it by itself.',
    );
  const row = await inside.tx
    .insertInto('publications')
    .values({
      workspaceId: inside.workspaceId,
      postId,
      accountId,
      postVersion: version,
      dueAt,
      scheduledBy: actorName(inside.who),
      scheduledAt: inside.clock.now(),
      ...as,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const content = await contentWithLink(inside, postId, row.id, account);
  assertFits(inside, account, content, as.replyTo !== undefined);
  await queue(inside, { id: row.id, accountId, dueAt });
  await audit(inside, { operation: 'posts.schedule', subject: row.id, after: { postId, accountId, dueAt } });
  await record(inside, 'publication.scheduled', { subjectId: row.id, detail: { postId } });
  return { publicationId: row.id, accountId, dueAt };
}

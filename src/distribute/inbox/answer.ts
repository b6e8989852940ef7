import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { publishReply } from '#src/distribute/publications/answers.ts';
import { endWaiting, isUnderWay, lockPublication } from '#src/distribute/publications/waiting.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';

/**
 * Answers an item: the text goes out under it now, through the publishing engine, once. An answer that failed can be
 * given anew, unless nobody knows yet whether it is out.
 *
 * @throws Refusal when it is answered already, or when the platform would not take the text
 */
export async function answerItem(
  context: Context,
  wanted: { itemId: string; text: string; appId?: string | undefined },
): Promise<{ publicationId: string }> {
  return transaction(context, async (inside) => {
    const item = await lockItem(inside, wanted.itemId);
    if (item.kind === 'message')
      throw refuse('invalid', 'message', 'A direct message is answered on the platform. Open it there.');
    if (item.answeredAt)
      throw refuse('conflict', 'answered', 'This is answered already. To add something, open it on the platform.');
    if (item.publicationId) await giveUp(inside, item.publicationId);
    const appId = wanted.appId ?? (await appFor(inside, item));
    const { publicationId } = await publishReply(inside, {
      accountId: item.accountId,
      appId,
      replyTo: item.platformId,
      text: wanted.text,
      title: `Answer to @${item.handle ?? 'somebody'}`,
    });
    await inside.tx
      .updateTable('inboxItems')
      .set((eb) => ({ publicationId, readAt: eb.fn.coalesce('readAt', eb.val(inside.clock.now())) }))
      .where('id', '=', item.id)
      .execute();
    await audit(inside, { operation: 'inbox.answer', subject: item.id, after: { publicationId, text: wanted.text } });
    await record(inside, 'inbox.answered', { subjectId: item.id, detail: { publicationId } });
    return { publicationId };
  });
}

/** A person says that an item needs no answer from here any more: it was given on the platform. */
export async function markAnswered(context: Context, itemId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const item = await lockItem(inside, itemId);
    if (item.answeredAt) return;
    if (item.publicationId) await giveUp(inside, item.publicationId);
    const now = inside.clock.now();
    await inside.tx
      .updateTable('inboxItems')
      .set((eb) => ({ answeredAt: now, publicationId: null, readAt: eb.fn.coalesce('readAt', eb.val(now)) }))
      .where('id', '=', itemId)
      .execute();
    await audit(inside, { operation: 'inbox.markAnswered', subject: itemId });
    await record(inside, 'inbox.answered', { subjectId: itemId, detail: { elsewhere: true } });
  });
}

/** The reaction to `publication.published`: when it answers an item, that one is answered. Safe to run twice. */
export async function noteAnswer(context: Context, publicationId: string): Promise<void> {
  await transaction(context, async ({ tx, clock }) => {
    const out = await tx
      .selectFrom('publications')
      .innerJoin('publicationParts', 'publicationParts.publicationId', 'publications.id')
      .select(['publicationParts.platformId', 'publicationParts.publishedAt'])
      .where('publications.id', '=', publicationId)
      .where('publications.replyTo', 'is not', null)
      .where('publicationParts.state', '=', 'confirmed')
      .orderBy('publicationParts.position')
      .executeTakeFirst();
    if (!out) return;
    await tx
      .updateTable('inboxItems')
      .set({ answeredAt: out.publishedAt ?? clock.now(), answerPlatformId: out.platformId })
      .where('publicationId', '=', publicationId)
      .where('answeredAt', 'is', null)
      .execute();
  });
}

async function lockItem({ tx }: Inside, itemId: string) {
  const item = await tx
    .selectFrom('inboxItems')
    .leftJoin('contacts', 'contacts.id', 'inboxItems.contactId')
    .select(['inboxItems.id', 'accountId', 'kind', 'platformId', 'publicationPartId', 'publicationId', 'answeredAt'])
    .select('contacts.handle')
    .where('inboxItems.id', '=', itemId)
    .forUpdate('inboxItems')
    .executeTakeFirst();
  if (!item) throw notFound('inbox item');
  return item;
}

/** Leaves an earlier answer that did not go out, so that never two do. */
async function giveUp(inside: Inside, publicationId: string): Promise<void> {
  const earlier = await lockPublication(inside, publicationId);
  if (earlier.state === 'withdrawn' || earlier.state === 'skipped') return;
  if (earlier.state === 'published')
    throw refuse('conflict', 'answered', 'This is answered already. To add something, open it on the platform.');
  if (earlier.state !== 'failed')
    throw refuse(
      'conflict',
      'answer_waiting',
      'An answer is on its way. Take it back on its receipt to write another.',
    );
  if (await isUnderWay(inside, publicationId))
    throw refuse(
      'conflict',
      'outcome_unknown',
      'Nobody knows yet whether your earlier answer is out. Look on the platform, then say on its receipt whether it is.',
    );
  await endWaiting(inside, earlier, 'withdrawn', 'Another answer was given instead.');
}

/** The app whose post is answered, else the one the account posted for last, else the first there is. */
async function appFor({ tx }: Inside, item: { accountId: string; publicationPartId: string | null }): Promise<string> {
  const row =
    (item.publicationPartId &&
      (await tx
        .selectFrom('publicationParts')
        .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
        .innerJoin('posts', 'posts.id', 'publications.postId')
        .select('posts.appId')
        .where('publicationParts.id', '=', item.publicationPartId)
        .executeTakeFirst())) ||
    (await tx
      .selectFrom('publications')
      .innerJoin('posts', 'posts.id', 'publications.postId')
      .select('posts.appId')
      .where('publications.accountId', '=', item.accountId)
      .orderBy('publications.dueAt', 'desc')
      .limit(1)
      .executeTakeFirst()) ||
    (await tx.selectFrom('apps').select('id as appId').orderBy('createdAt').limit(1).executeTakeFirst());
  if (!row) throw refuse('conflict', 'no_app', 'Register an app first: an answer is counted with one.');
  return row.appId;
}

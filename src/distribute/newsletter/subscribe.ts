import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { wakeSending } from '#src/distribute/newsletter/wake.ts';
import { liftSuppression } from '#src/people/privacy/suppressed.ts';

/** A confirmation is good for so long, in milliseconds. */
const CONFIRM_WITHIN = 7 * 86_400_000;
/** The same address is written to at most once in this time, in milliseconds, however often somebody types it in. */
const ASK_AGAIN_AFTER = 3_600_000;
/** Rows written by one statement. */
const CHUNK = 1_000;

/**
 * Somebody, or somebody else, entered this address: a mail asks its owner to confirm. Whoever confirmed already, or was
 * asked within the hour, gets nothing. The caller never says which it was: that would tell strangers who subscribed.
 */
export async function askToSubscribe(inside: Inside, listId: string, email: string, source: string): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const now = clock.now();
  const made = await tx
    .insertInto('subscribers')
    .values({ workspaceId, mailingListId: listId, email, source, askedAt: now })
    .onConflict((oc) => oc.columns(['workspaceId', 'mailingListId', 'email']).doNothing())
    .returning('id')
    .executeTakeFirst();
  const asked =
    made ??
    (await tx
      .updateTable('subscribers')
      .set({ state: 'pending', askedAt: now, endedAt: null, endedReason: null })
      .where('mailingListId', '=', listId)
      .where('email', '=', email)
      .where('state', '<>', 'confirmed')
      .where('askedAt', '<=', new Date(now.getTime() - ASK_AGAIN_AFTER))
      .returning('id')
      .executeTakeFirst());
  if (!asked) return;
  await sendConfirmations(inside, listId, [{ id: asked.id, email }]);
}

/** The same for many new addresses at once; those on the list, or asked, or gone already are left alone. */
export async function askMany(inside: Inside, listId: string, emails: string[], source: string): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  for (let at = 0; at < emails.length; at += CHUNK) {
    const made = await tx
      .insertInto('subscribers')
      .values(
        emails
          .slice(at, at + CHUNK)
          .map((email) => ({ workspaceId, mailingListId: listId, email, source, askedAt: clock.now() })),
      )
      .onConflict((oc) => oc.columns(['workspaceId', 'mailingListId', 'email']).doNothing())
      .returning(['id', 'email'])
      .execute();
    await sendConfirmations(inside, listId, made);
  }
}

async function sendConfirmations(
  inside: Inside,
  listId: string,
  asked: { id: string; email: string }[],
): Promise<void> {
  if (asked.length === 0) return;
  const { tx, workspaceId, clock } = inside;
  const now = clock.now();
  const list = await tx.selectFrom('mailingLists').select('name').where('id', '=', listId).executeTakeFirstOrThrow();
  await tx
    .insertInto('mailDeliveries')
    .values(
      asked.map(({ id, email }) => ({
        workspaceId,
        subscriberId: id,
        kind: 'confirmation' as const,
        address: email,
        subject: `Please confirm: ${list.name}`,
        createdAt: now,
        dueAt: now,
      })),
    )
    .execute();
  await wakeSending(inside);
}

export type Confirmed = 'confirmed' | 'expired' | 'gone';

/** The owner of the address agreed. Safe to call twice. */
export async function confirmSubscription(inside: Inside, subscriberId: string): Promise<Confirmed> {
  const { tx, clock } = inside;
  const now = clock.now();
  const subscriber = await tx
    .selectFrom('subscribers')
    .select(['id', 'state', 'askedAt', 'mailingListId', 'email'])
    .where('id', '=', subscriberId)
    .forUpdate()
    .executeTakeFirst();
  if (!subscriber) return 'gone';
  if (subscriber.state === 'confirmed') return 'confirmed';
  if (subscriber.state !== 'pending' || now.getTime() - subscriber.askedAt.getTime() > CONFIRM_WITHIN) return 'expired';
  await tx
    .updateTable('subscribers')
    .set({ state: 'confirmed', confirmedAt: now })
    .where('id', '=', subscriberId)
    .execute();
  await liftSuppression(inside, subscriber.email);
  await record(inside, 'subscriber.confirmed', {
    subjectId: subscriberId,
    detail: { mailingListId: subscriber.mailingListId },
  });
  return 'confirmed';
}

/** Somebody leaves by the link in a letter. At once, and safe to call twice. */
export async function leaveByLetter(inside: Inside, deliveryId: string): Promise<void> {
  const { tx, clock } = inside;
  const delivery = await tx
    .selectFrom('mailDeliveries')
    .select('subscriberId')
    .where('id', '=', deliveryId)
    .executeTakeFirst();
  if (!delivery?.subscriberId) return;
  const left = await endSubscription(inside, delivery.subscriberId, 'unsubscribed', 'By the link in a letter.');
  if (left)
    await tx.updateTable('mailDeliveries').set({ unsubscribedAt: clock.now() }).where('id', '=', deliveryId).execute();
}

/** Ends a subscription. False when it had ended before; an end by the person is not overwritten by a bounce. */
export async function endSubscription(
  inside: Inside,
  subscriberId: string,
  state: 'unsubscribed' | 'bounced',
  reason: string,
): Promise<boolean> {
  const { tx, clock } = inside;
  const ended = await tx
    .updateTable('subscribers')
    .set({ state, endedAt: clock.now(), endedReason: reason })
    .where('id', '=', subscriberId)
    .where('state', 'in', state === 'bounced' ? ['pending', 'confirmed'] : ['pending', 'confirmed', 'bounced'])
    .returning('mailingListId')
    .executeTakeFirst();
  if (!ended) return false;
  await record(inside, state === 'bounced' ? 'subscriber.bounced' : 'subscriber.left', {
    subjectId: subscriberId,
    detail: { mailingListId: ended.mailingListId },
  });
  return true;
}

/**
 * Takes addresses out of what was sent to them, before the subscribers are removed: `who` names one, or all of a list. How
 * each mail ended stays; what a server said about it goes, since it often repeats the address.
 */
export async function forgetAddresses(
  { tx }: Inside,
  who: { subscriberId: string } | { listId: string },
): Promise<void> {
  await tx
    .updateTable('mailDeliveries')
    .set({ address: '', reason: null })
    .where('subscriberId', 'in', (eb) => {
      const subscribers = eb.selectFrom('subscribers').select('subscribers.id');
      return 'listId' in who
        ? subscribers.where('mailingListId', '=', who.listId)
        : subscribers.where('id', '=', who.subscriberId);
    })
    .execute();
}

/** How many people are in which state, for each list. */
export async function countSubscribers({ tx }: Inside) {
  return tx
    .selectFrom('subscribers')
    .select(['mailingListId', 'state', sql<number>`count(*)`.as('count')])
    .groupBy(['mailingListId', 'state'])
    .execute();
}

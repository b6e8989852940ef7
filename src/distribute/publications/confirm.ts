import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { noteSync } from '#src/distribute/accounts/status.ts';
import { unqueue } from '#src/distribute/publications/due.ts';
import { followPost } from '#src/distribute/publications/waiting.ts';
import type { Step, Work } from '#src/distribute/publications/work.ts';
import { charge, priceOf, pricesOf } from '#src/distribute/spend.ts';
import type { PublishedPart } from '#src/outside/platform.ts';

export type Part = { id: string; position: number; text: string; replyTo: string | null; isLast: boolean };

/** Writes that a part is out; with the last one the whole publication is. */
export async function confirm(
  inside: Inside,
  work: Work,
  part: Part,
  published: PublishedPart,
  attemptId: string,
  adopted: boolean,
): Promise<Step> {
  const { tx, clock } = inside;
  await tx
    .updateTable('attempts')
    .set({ phase: 'confirmed', settledAt: clock.now(), adopted })
    .where('id', '=', attemptId)
    .execute();
  await tx
    .updateTable('publicationParts')
    .set({
      state: 'confirmed',
      platformId: published.platformId,
      platformUrl: published.url,
      publishedAt: published.publishedAt,
    })
    .where('id', '=', part.id)
    .execute();
  await noteSync(inside, work.account.id, null);
  if (!part.isLast) return 'on';
  await finish(inside, work);
  return 'stop';
}

/** Ends a publication of which every part is out. */
export async function finish(inside: Inside, work: Work): Promise<void> {
  const { publicationId } = work.claimed;
  await inside.tx
    .updateTable('publications')
    .set({ state: 'published', stateReason: null, publishedAt: inside.clock.now() })
    .where('id', '=', publicationId)
    .execute();
  await unqueue(inside, publicationId);
  await followPost(inside, work.postId);
  await record(inside, 'publication.published', {
    subjectId: publicationId,
    detail: { postId: work.postId, accountId: work.account.id, platform: work.adapter.id },
  });
}

/** The ledger row of a call for a part, and the amount on its receipt. */
export async function chargeAttempt(
  inside: Inside,
  work: Work,
  attemptId: string,
  cost: { item: string; micros: number },
) {
  const prices = await pricesOf(inside, work.adapter.id);
  const micros = await charge(inside, {
    accountId: work.account.id,
    cost: priceOf(prices, cost),
    postId: work.postId,
    attemptId,
  });
  await inside.tx.updateTable('attempts').set({ costMicros: micros }).where('id', '=', attemptId).execute();
}

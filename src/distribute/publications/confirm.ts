import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { noteSync } from '#src/distribute/accounts/status.ts';
import { unqueue } from '#src/distribute/publications/due.ts';
import type { Part } from '#src/distribute/publications/parts.ts';
import { followPost } from '#src/distribute/publications/waiting.ts';
import type { Step, Work } from '#src/distribute/publications/work.ts';
import { charge, priceOf, pricesOf } from '#src/distribute/spend.ts';
import type { Cost, Platform, PublishedPart } from '#src/outside/platform.ts';

/** Writes that a part is out; with the last one the whole publication is. */
export async function confirm(
  inside: Inside,
  work: Work,
  part: Part,
  published: PublishedPart,
  attemptId: string,
  adopted: boolean,
): Promise<Step> {
  await writeConfirmed(inside, part.id, published, attemptId, adopted);
  await forgetUploads(inside, work.account.id, part, false);
  await noteSync(inside, work.account.id, null);
  if (!part.isLast) return 'on';
  await finish(inside, work.claimed.publicationId);
  return 'stop';
}

/** Writes what the platform calls a part that is out. `adopted`: it was found there, or a person did. */
export async function writeConfirmed(
  { tx, clock }: Inside,
  partId: string,
  published: PublishedPart,
  attemptId: string,
  adopted: boolean,
): Promise<void> {
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
    .where('id', '=', partId)
    .execute();
}

/** Ends a publication of which every part is out. One that was out before has only been added to. */
export async function finish(inside: Inside, publicationId: string): Promise<void> {
  const publication = await inside.tx
    .selectFrom('publications')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['publications.postId', 'publications.accountId', 'publications.publishedAt', 'accounts.platform'])
    .where('publications.id', '=', publicationId)
    .executeTakeFirstOrThrow();
  const { postId, accountId, platform, publishedAt } = publication;
  await inside.tx
    .updateTable('publications')
    .set({ state: 'published', stateReason: null, publishedAt: publishedAt ?? inside.clock.now() })
    .where('id', '=', publicationId)
    .execute();
  await unqueue(inside, publicationId);
  await followPost(inside, postId);
  await record(inside, publishedAt ? 'publication.extended' : 'publication.published', {
    subjectId: publicationId,
    detail: { postId, accountId, platform },
  });
}

/** The ledger row of a call for a part, and its amount on the receipt. */
export async function chargeAttempt(inside: Inside, work: Work, attemptId: string, cost: Cost): Promise<void> {
  const { account, adapter, postId } = work;
  await chargeFor(inside, { accountId: account.id, postId, platform: adapter }, attemptId, cost);
}

/** Charges an attempt whose part turned out to be out for what it costs, unless that is in the ledger already. */
export async function chargeAdopted(
  inside: Inside,
  of: { accountId: string; postId: string; platform: Pick<Platform, 'id' | 'priceOf'> },
  attemptId: string,
  part: { text: string; answersOther: boolean },
): Promise<void> {
  for (const cost of of.platform.priceOf({ ...part, describedMedia: 0 })) {
    const known = await inside.tx
      .selectFrom('platformSpend')
      .select('id')
      .where('attemptId', '=', attemptId)
      .where('item', '=', cost.item)
      .executeTakeFirst();
    if (!known) await chargeFor(inside, of, attemptId, cost);
  }
}

/** Forgets what a part gave to the platform: it is out and the files are not reusable, or they were not accepted. */
export async function forgetUploads(
  { tx }: Inside,
  accountId: string,
  part: Pick<Part, 'media'>,
  all: boolean,
): Promise<void> {
  if (part.media.length === 0) return;
  await tx
    .deleteFrom('mediaUploads')
    .where('accountId', '=', accountId)
    .where(
      'assetId',
      'in',
      part.media.map((media) => media.assetId),
    )
    .$if(!all, (query) => query.where('reusable', '=', false))
    .execute();
}

async function chargeFor(
  inside: Inside,
  of: { accountId: string; postId: string; platform: Pick<Platform, 'id'> },
  attemptId: string,
  cost: Cost,
): Promise<void> {
  const { accountId, postId } = of;
  const prices = await pricesOf(inside, of.platform.id);
  const micros = await charge(inside, { accountId, postId, attemptId, cost: priceOf(prices, cost) });
  await inside.tx
    .updateTable('attempts')
    .set((eb) => ({ costMicros: eb('costMicros', '+', micros) }))
    .where('id', '=', attemptId)
    .execute();
}

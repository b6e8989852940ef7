import { type Context, type Inside, transaction } from '#src/context.ts';
import { platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { chargeAdopted, finish, writeConfirmed } from '#src/distribute/publications/confirm.ts';
import { tryAgain } from '#src/distribute/publications/schedule.ts';
import { lockPublication } from '#src/distribute/publications/waiting.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';

/**
 * A person's answer about a part of which the platform never said whether it is out. With its address there it is
 * adopted, and what follows of a thread goes out under it; with null it is not there, and is sent again.
 */
export async function settleByHand(
  context: Context,
  said: { publicationId: string; position: number; url: string | null },
): Promise<void> {
  await transaction(context, async (inside) => {
    const publication = await lockPublication(inside, said.publicationId);
    const part = await partInDoubt(inside, said.publicationId, said.position);
    if (publication.state !== 'failed' || !part)
      throw refuse('conflict', 'nothing_to_settle', 'Nothing is in doubt about this part any more.');
    const account = await accountOf(inside, publication.accountId);
    const platform = platformOf(inside, account.platform);
    if (said.url === null) await notThere(inside, part);
    else {
      const platformId = platform.idOfUrl ? platform.idOfUrl(said.url) : said.url;
      if (platformId === null)
        throw refuse(
          'invalid',
          'not_a_post',
          `This is not the address of a post on ${platform.name}. Copy it from the post.`,
        );
      const published = { platformId, url: said.url, publishedAt: part.sentAt };
      await writeConfirmed(inside, part.id, published, part.attemptId, true);
      const of = { accountId: account.id, postId: publication.postId, platform };
      await chargeAdopted(inside, of, part.attemptId, {
        text: part.text,
        answersOther: said.position === 0 && publication.replyTo !== null,
      });
    }
    await audit(inside, { operation: 'publications.settle', subject: said.publicationId, after: { ...said } });
    if (await isAllOut(inside, said.publicationId)) await finish(inside, said.publicationId);
    else await tryAgain(inside, publication);
  });
}

async function partInDoubt({ tx }: Inside, publicationId: string, position: number) {
  const row = await tx
    .selectFrom('publicationParts')
    .innerJoin('attempts', 'attempts.publicationPartId', 'publicationParts.id')
    .select(['publicationParts.id', 'publicationParts.text', 'attempts.id as attemptId'])
    .select(['attempts.sentAt', 'attempts.failure', 'attempts.reason'])
    .where('publicationParts.publicationId', '=', publicationId)
    .where('publicationParts.position', '=', position)
    .where('publicationParts.state', 'not in', ['confirmed', 'dropped'])
    .orderBy('attempts.number', 'desc')
    .executeTakeFirst();
  return row?.sentAt && row.failure === 'unknown' ? { ...row, sentAt: row.sentAt } : null;
}

async function notThere(
  { tx, clock }: Inside,
  part: { id: string; attemptId: string; reason: string | null },
): Promise<void> {
  await tx
    .updateTable('attempts')
    .set({
      phase: 'rejected',
      settledAt: clock.now(),
      reason: `${part.reason ?? ''} You looked: it is not there.`.trim(),
    })
    .where('id', '=', part.attemptId)
    .execute();
  await tx.updateTable('publicationParts').set({ state: 'waiting', looks: 0 }).where('id', '=', part.id).execute();
}

async function isAllOut({ tx }: Inside, publicationId: string): Promise<boolean> {
  const left = await tx
    .selectFrom('publicationParts')
    .select('id')
    .where('publicationId', '=', publicationId)
    .where('state', 'not in', ['confirmed', 'dropped'])
    .executeTakeFirst();
  return left === undefined;
}

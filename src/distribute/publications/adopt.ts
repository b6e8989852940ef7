import { createHash } from 'node:crypto';
import { record } from '#src/activity.ts';
import { actorName, type Inside } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { followPost } from '#src/distribute/publications/waiting.ts';
import { audit } from '#src/people/audit.ts';

/** A part as it stands on the platform. */
export type FoundPart = { text: string; platformId: string; url: string; publishedAt: Date };

export type Adopted = {
  postId: string;
  accountId: string;
  /** The first part, and those under it that are known. */
  parts: readonly [FoundPart, ...FoundPart[]];
  /** How it was found, a sentence for the receipt. */
  how: string;
};

/**
 * Takes up a post that a person sent by hand on a connected account, as a publication that is out: from here on it is
 * measured, answered in the inbox and attributed like any other. Nothing is sent and nothing charged. A post that is
 * known already is not taken up again. Returns the publication's id.
 */
export async function adopt(inside: Inside, { postId, accountId, parts, how }: Adopted): Promise<string> {
  const { tx, workspaceId, clock } = inside;
  const [first] = parts;
  const known = await tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select('publications.id')
    .where('publications.accountId', '=', accountId)
    .where('platformId', '=', first.platformId)
    .executeTakeFirst();
  if (known) return known.id;
  const { platform } = await accountOf(inside, accountId);
  const { version, title, linkUrl } = await tx
    .selectFrom('posts')
    .select(['version', 'title', 'linkUrl'])
    .where('id', '=', postId)
    .executeTakeFirstOrThrow();
  const now = clock.now();
  const { id } = await tx
    .insertInto('publications')
    .values({
      workspaceId,
      postId,
      accountId,
      postVersion: version,
      dueAt: first.publishedAt,
      state: 'published',
      scheduledBy: actorName(inside.who),
      scheduledAt: now,
      publishedAt: first.publishedAt,
      title,
      canonicalUrl: linkUrl,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const [position, part] of parts.entries()) await adoptPart(inside, id, position, part, how);
  await followPost(inside, postId);
  await audit(inside, { operation: 'publications.adopt', subject: id, after: { postId, accountId, url: first.url } });
  await record(inside, 'publication.published', { subjectId: id, detail: { postId, accountId, platform } });
  return id;
}

async function adoptPart(
  { tx, workspaceId, clock }: Inside,
  publicationId: string,
  position: number,
  { text, platformId, url, publishedAt }: FoundPart,
  how: string,
): Promise<void> {
  const part = await tx
    .insertInto('publicationParts')
    .values({
      workspaceId,
      publicationId,
      position,
      text,
      textHash: createHash('sha256').update(text).digest('hex'),
      state: 'confirmed',
      platformId,
      platformUrl: url,
      publishedAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  // The receipt: no call was made, so it has no moment of sending and no price.
  await tx
    .insertInto('attempts')
    .values({
      workspaceId,
      publicationPartId: part.id,
      number: 1,
      phase: 'confirmed',
      preparedAt: clock.now(),
      settledAt: clock.now(),
      adopted: true,
      reason: how,
    })
    .execute();
}

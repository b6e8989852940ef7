import { createHash } from 'node:crypto';
import type { Inside } from '#src/context.ts';
import { type ContentPart, contentWithLink } from '#src/distribute/content.ts';
import { assertFits } from '#src/distribute/publications/fits.ts';

/**
 * Writes down everything as it goes out; the post's row is locked. Parts that are out already (a thread tried again)
 * stay as they are, and so do the receipts of parts that the post no longer has.
 *
 * @throws Refusal when the platform would not take it any more: the post, the account or the limits changed since
 */
export async function freeze(
  inside: Inside,
  publication: { id: string; postId: string; replyTo: string | null },
  account: { id: string; platform: string; longPosts: boolean },
): Promise<void> {
  const { tx } = inside;
  const { parts, ...about } = await contentWithLink(inside, publication.postId, publication.id, account);
  assertFits(inside, account, { parts, ...about }, publication.replyTo !== null);
  const known = await tx
    .selectFrom('publicationParts')
    .select(['id', 'position', 'state', 'origin'])
    .where('publicationId', '=', publication.id)
    .execute();
  // What has a plug was out as a whole: only the plug may be left.
  if (known.some((part) => part.origin === 'plug')) return;
  for (const [position, part] of parts.entries()) {
    const before = known.find((one) => one.position === position);
    if (before?.state !== 'confirmed') await freezePart(inside, publication.id, position, part, before?.id ?? null);
  }
  const surplus = known.filter((part) => part.position >= parts.length && part.state !== 'confirmed');
  for (const { id } of surplus) {
    const tried = await tx.selectFrom('attempts').select('id').where('publicationPartId', '=', id).executeTakeFirst();
    if (tried) await tx.updateTable('publicationParts').set({ state: 'dropped' }).where('id', '=', id).execute();
    else await tx.deleteFrom('publicationParts').where('id', '=', id).execute();
  }
  const { version } = await tx
    .selectFrom('posts')
    .select('version')
    .where('id', '=', publication.postId)
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('publications')
    .set({ postVersion: version, ...about })
    .where('id', '=', publication.id)
    .execute();
}

/** Writes down one part as it goes out, anew or over what was frozen before. */
export async function freezePart(
  { tx, workspaceId }: Inside,
  publicationId: string,
  position: number,
  part: Omit<ContentPart, 'origin'> & { origin: 'part' | 'first_reply' | 'plug' },
  knownId: string | null,
): Promise<void> {
  const values = {
    text: part.text,
    textHash: createHash('sha256').update(part.text).digest('hex'),
    state: 'waiting' as const,
    origin: part.origin,
    pollMinutes: part.poll?.minutes ?? null,
    pollOptions: part.poll?.options ?? null,
    looks: 0,
  };
  let id = knownId;
  if (id) {
    await tx.updateTable('publicationParts').set(values).where('id', '=', id).execute();
    await tx.deleteFrom('publicationPartMedia').where('publicationPartId', '=', id).execute();
  } else {
    const row = await tx
      .insertInto('publicationParts')
      .values({ workspaceId, publicationId, position, ...values })
      .returning('id')
      .executeTakeFirstOrThrow();
    id = row.id;
  }
  const publicationPartId = id;
  if (part.media.length > 0)
    await tx
      .insertInto('publicationPartMedia')
      .values(
        part.media.map(({ assetId, altText }, at) => ({
          workspaceId,
          publicationPartId,
          position: at,
          assetId,
          altText,
        })),
      )
      .execute();
}

import { createHash } from 'node:crypto';
import type { Inside } from '#src/context.ts';

export type ImportedPublication = { id: string; postId: string; publishedAt: Date };
export type ImportedPublicationPart = {
  id: string;
  publicationId: string;
  position: number;
  text: string;
  platformId: string;
  url: string;
  at: Date;
};

/** Which of these the account is known to have sent, by the platform's ids. */
export async function knownOnPlatform({ tx }: Inside, accountId: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select('platformId')
    .where('publications.accountId', '=', accountId)
    .where('platformId', 'in', [...ids])
    .execute();
  return new Set(rows.flatMap(({ platformId }) => platformId ?? []));
}

/**
 * Writes what an account sent before it was connected here: out already, nothing is sent and nothing charged. Ids are
 * the caller's: what is there already stays as it is.
 */
export async function keepImportedPublications(
  { tx, workspaceId, clock }: Inside,
  accountId: string,
  publications: readonly ImportedPublication[],
  parts: readonly ImportedPublicationPart[],
): Promise<void> {
  if (publications.length > 0)
    await tx
      .insertInto('publications')
      .values(
        publications.map(({ id, postId, publishedAt }) => ({
          workspaceId,
          id,
          postId,
          accountId,
          postVersion: 1,
          dueAt: publishedAt,
          state: 'published',
          scheduledBy: 'system',
          scheduledAt: clock.now(),
          publishedAt,
        })),
      )
      .onConflict((oc) => oc.doNothing())
      .execute();
  if (parts.length === 0) return;
  await tx
    .insertInto('publicationParts')
    .values(
      parts.map(({ id, publicationId, position, text, platformId, url, at }) => ({
        workspaceId,
        id,
        publicationId,
        position,
        text,
        textHash: createHash('sha256').update(text).digest('hex'),
        state: 'confirmed',
        platformId,
        platformUrl: url,
        publishedAt: at,
      })),
    )
    .onConflict((oc) => oc.doNothing())
    .execute();
}

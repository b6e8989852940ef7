import type { Inside } from '#src/context.ts';
import { hookOf, titleOf } from './words.ts';

/** A part of a post that is out already, as another place has it on record. */
export type ImportedPart = { id: string; postId: string; variantId: string; position: number; text: string; at: Date };
export type ImportedPost = { id: string; source: 'import' | 'reply'; first: ImportedPart };

/**
 * Writes posts that went out elsewhere, as published ones, with their words on one platform. Ids are the caller's: what
 * is there already stays as it is. Returns the ids of the posts that were new.
 */
export async function keepImportedPosts(
  { tx, workspaceId }: Inside,
  { appId, platform }: { appId: string; platform: string },
  posts: readonly ImportedPost[],
): Promise<string[]> {
  if (posts.length === 0) return [];
  const fresh = await tx
    .insertInto('posts')
    .values(
      posts.map(({ id, source, first }) => {
        const words = [{ parts: [{ text: first.text }] }];
        return {
          workspaceId,
          id,
          appId,
          title: titleOf(words),
          hook: hookOf(words),
          status: 'published',
          source,
          createdAt: first.at,
          updatedAt: first.at,
        };
      }),
    )
    .onConflict((oc) => oc.doNothing())
    .returning('id')
    .execute();
  const ids = fresh.map(({ id }) => id);
  await tx
    .insertInto('postVariants')
    .values(posts.map(({ id, first }) => ({ workspaceId, id: first.variantId, postId: id, platform })))
    .onConflict((oc) => oc.doNothing())
    .execute();
  return ids;
}

/** Writes the parts of imported posts; of those whose post is not there, none. */
export async function keepImportedParts({ tx, workspaceId }: Inside, parts: readonly ImportedPart[]): Promise<void> {
  if (parts.length === 0) return;
  await tx
    .insertInto('parts')
    .values(parts.map(({ id, variantId, position, text }) => ({ workspaceId, id, variantId, position, text })))
    .onConflict((oc) => oc.columns(['workspaceId', 'id']).doNothing())
    .execute();
}

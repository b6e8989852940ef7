import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { done, id, operation, pageInput } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import { readImage } from './assets/image.ts';

const kinds = ['logo', 'screenshot', 'image', 'gif', 'video'] as const;
const chosenKinds = ['logo', 'screenshot', 'image'] as const;

/**
 * Keeps a picture: read as a picture whatever it calls itself, encoded anew, stored under the hash of its bytes. The
 * same picture twice is the same asset.
 *
 * @throws Refusal when it is no picture we take, or too large
 */
export async function addAsset(
  context: Context,
  given: { bytes: Buffer; appId: string | null; kind: (typeof chosenKinds)[number] | null; altText: string | null },
): Promise<{ id: string; width: number; height: number; mediaType: string; bytes: number }> {
  const image = await readImage(given.bytes);
  const sha256 = createHash('sha256').update(image.bytes).digest('hex');
  await keepFile(context, sha256, image.bytes);
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    if (given.appId) await appOf(inside, given.appId);
    const { width, height, mediaType } = image;
    const shown = { width, height, mediaType, bytes: image.bytes.length };
    const known = await tx.selectFrom('assets').select('id').where('sha256', '=', sha256).executeTakeFirst();
    if (known) {
      if (given.altText)
        await tx.updateTable('assets').set({ altText: given.altText }).where('id', '=', known.id).execute();
      return { id: known.id, ...shown };
    }
    const kind = image.milliseconds === null ? (given.kind ?? 'image') : 'gif';
    const row = await tx
      .insertInto('assets')
      .values({
        workspaceId,
        appId: given.appId,
        kind,
        file: sha256,
        ...shown,
        milliseconds: image.milliseconds,
        sha256,
        altText: given.altText,
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'assets.add', subject: row.id, after: { kind, sha256 } });
    await record(inside, 'asset.added', { subjectId: row.id, detail: { appId: given.appId, kind } });
    return { id: row.id, ...shown };
  });
}

/** Where the bytes of an asset of this workspace lie, and what they are. */
export function assetFile(
  context: Context,
  assetId: string,
): Promise<{ path: string; mediaType: string; sha256: string }> {
  return transaction(context, async ({ tx }) => {
    const row = await tx
      .selectFrom('assets')
      .select(['file', 'mediaType', 'sha256'])
      .where('id', '=', assetId)
      .executeTakeFirst();
    if (!row) throw notFound('file');
    return { path: join(context.data, 'media', row.file), mediaType: row.mediaType, sha256: row.sha256 };
  });
}

/** The address of a file for people of its workspace; it names the workspace, because an `<img>` sends no header. */
export function mediaUrl({ workspaceId }: Pick<Context, 'workspaceId'>, assetId: string): string {
  return `/media/${assetId}?workspace=${workspaceId}`;
}

/** Written aside and renamed, so that a file under its hash is always whole. Workspaces may share the bytes, never the row. */
async function keepFile({ data }: Context, sha256: string, bytes: Buffer): Promise<void> {
  const folder = join(data, 'media');
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `.${sha256}.${randomUUID()}`);
  try {
    await writeFile(aside, bytes);
    await rename(aside, join(folder, sha256));
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function removeAsset(context: Context, assetId: string): Promise<{ done: boolean }> {
  return transaction(context, async (inside) => {
    const used = await inside.tx
      .selectFrom('partMedia')
      .select('partId')
      .where('assetId', '=', assetId)
      .limit(1)
      .executeTakeFirst();
    if (used) throw refuse('conflict', 'asset_used', 'This file stands in a post. Take it out of the post first.');
    const row = await inside.tx.deleteFrom('assets').where('id', '=', assetId).returning('sha256').executeTakeFirst();
    if (!row) throw notFound('file');
    await audit(inside, { operation: 'assets.remove', subject: assetId, before: { sha256: row.sha256 } });
    await record(inside, 'asset.removed', { subjectId: assetId });
    return { done: true };
  });
}

function describeAsset(context: Context, assetId: string, altText: string | null): Promise<{ done: boolean }> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('assets')
      .set({ altText })
      .where('id', '=', assetId)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('file');
    await audit(inside, { operation: 'assets.describe', subject: assetId, after: { altText } });
    return { done: true };
  });
}

async function listAssets(
  inside: Inside,
  wanted: { appId?: string | undefined; limit: number; cursor?: string | undefined },
) {
  if (wanted.appId) await appOf(inside, wanted.appId);
  const offset = Number(wanted.cursor ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw refuse('invalid', 'bad_cursor', 'This is not a place in the list.');
  const rows = await inside.tx
    .selectFrom('assets')
    .select(['id', 'appId', 'kind', 'mediaType', 'bytes', 'width', 'height', 'milliseconds', 'altText', 'createdAt'])
    .$if(wanted.appId !== undefined, (query) => query.where('appId', '=', wanted.appId as string))
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .offset(offset)
    .limit(wanted.limit)
    .execute();
  return {
    assets: rows.map((row) => ({ ...row, url: mediaUrl(inside, row.id) })),
    cursor: rows.length === wanted.limit ? String(offset + rows.length) : null,
  };
}

export const assetOperations = {
  list: operation({
    summary: 'List brand assets and media. New ones are sent to POST /uploads.',
    route: 'GET /assets',
    access: 'read',
    input: z.strictObject({ appId: id.optional(), ...pageInput }),
    output: z.object({
      assets: z.array(
        z.object({
          id,
          appId: id.nullable(),
          kind: z.enum(kinds),
          mediaType: z.string(),
          bytes: z.int(),
          width: z.int().nullable(),
          height: z.int().nullable(),
          milliseconds: z.int().nullable(),
          altText: z.string().nullable(),
          createdAt: z.date(),
          /** Where signed-in people of this workspace find the file. */
          url: z.string(),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, input) => transaction(context, (inside) => listAssets(inside, input)),
  }),
  describe: operation({
    summary: 'Say what a picture shows, for people who cannot see it.',
    route: 'PATCH /assets/{assetId}',
    access: 'write',
    input: z.strictObject({ assetId: id, altText: z.string().trim().max(1000).nullable() }),
    output: done,
    run: (context, { assetId, altText }) => describeAsset(context, assetId, altText),
  }),
  remove: operation({
    summary: 'Remove a file that stands in no post.',
    route: 'DELETE /assets/{assetId}',
    access: 'destructive',
    input: z.strictObject({ assetId: id }),
    output: done,
    run: (context, { assetId }) => removeAsset(context, assetId),
  }),
};

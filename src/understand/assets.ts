import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open as openFile, readFile, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { done, id, operation, pageInput } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import { type Image, MOST_BYTES, readImage } from './assets/image.ts';
import { isVideo, MOST_VIDEO_BYTES, readVideo } from './assets/video.ts';

const kinds = ['logo', 'screenshot', 'image', 'gif', 'video'] as const;
const chosenKinds = ['logo', 'screenshot', 'image'] as const;

/** How many bytes may be sent: pictures are small, videos are not. */
export const MOST_UPLOAD_BYTES = MOST_VIDEO_BYTES;

export type NewAsset = {
  /** The file as it came, aside from everything else; it is gone afterwards. */
  path: string;
  appId: string | null;
  kind: (typeof chosenKinds)[number] | null;
  altText: string | null;
};

type Kept = Pick<Image, 'width' | 'height' | 'milliseconds' | 'mediaType'> & { bytes: number; sha256: string };

/**
 * Keeps a picture or a video, recognised by its bytes whatever it calls itself, without what is hidden in it, under the
 * hash of what is left. The same one twice is the same asset.
 *
 * @throws Refusal when it is nothing we take, or too large
 */
export async function addAsset(context: Context, given: NewAsset) {
  const file = await openFile(given.path);
  const head = Buffer.alloc(16);
  await file.read(head, 0, 16, 0).finally(() => file.close());
  const kept = isVideo(head) ? await keepVideo(context, given.path) : await keepImage(context, given.path);
  const kind = isVideo(head) ? 'video' : kept.milliseconds === null ? (given.kind ?? 'image') : 'gif';
  return transaction(context, (inside) => writeAsset(inside, given, kind, kept));
}

async function keepImage(context: Context, path: string): Promise<Kept> {
  if ((await stat(path)).size > MOST_BYTES)
    throw refuse('invalid', 'file_too_large', `A picture may have up to ${MOST_BYTES / 1_000_000} MB.`);
  const { bytes, ...image } = await readImage(await readFile(path));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeFile(path, bytes);
  await context.media.keep(sha256, path);
  return { ...image, bytes: bytes.length, sha256 };
}

async function keepVideo(context: Context, path: string): Promise<Kept> {
  const video = await readVideo(path);
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  const sha256 = hash.digest('hex');
  const bytes = (await stat(path)).size;
  await context.media.keep(sha256, path);
  return { ...video, bytes, sha256 };
}

async function writeAsset(inside: Inside, given: NewAsset, kind: (typeof kinds)[number], kept: Kept) {
  const { tx, workspaceId } = inside;
  if (given.appId) await appOf(inside, given.appId);
  const { sha256, ...about } = kept;
  const shown = { kind, ...about };
  const known = await tx.selectFrom('assets').select('id').where('sha256', '=', sha256).executeTakeFirst();
  if (known) {
    if (given.altText)
      await tx.updateTable('assets').set({ altText: given.altText }).where('id', '=', known.id).execute();
    return { id: known.id, ...shown };
  }
  const row = await tx
    .insertInto('assets')
    .values({
      workspaceId,
      appId: given.appId,
      file: sha256,
      ...shown,
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
}

/** What an asset of this workspace is called in the media store, and what it is. */
export function assetFile(
  context: Context,
  assetId: string,
): Promise<{ file: string; mediaType: string; bytes: number; sha256: string }> {
  return transaction(context, async ({ tx }) => {
    const row = await tx
      .selectFrom('assets')
      .select(['file', 'mediaType', 'bytes', 'sha256'])
      .where('id', '=', assetId)
      .executeTakeFirst();
    if (!row) throw notFound('file');
    return row;
  });
}

/** The address of a file for people of its workspace; it names the workspace, because an `<img>` sends no header. */
export function mediaUrl({ workspaceId }: Pick<Context, 'workspaceId'>, assetId: string): string {
  return `/media/${assetId}?workspace=${workspaceId}`;
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

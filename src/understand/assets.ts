import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open as openFile, readFile, stat, writeFile } from 'node:fs/promises';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import { type Image, MOST_BYTES, readImage } from './assets/image.ts';
import { isVideo, MOST_VIDEO_BYTES, readVideo } from './assets/video.ts';

export const assetKinds = ['logo', 'screenshot', 'image', 'gif', 'video'] as const;
export const chosenKinds = ['logo', 'screenshot', 'image'] as const;

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

async function writeAsset(inside: Inside, given: NewAsset, kind: (typeof assetKinds)[number], kept: Kept) {
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

export async function removeAsset(context: Context, assetId: string): Promise<{ done: boolean }> {
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

/** Says what a file shows, what people here call it, and what it is. What is left out stays. */
export function describeAsset(
  context: Context,
  assetId: string,
  said: {
    altText?: string | null | undefined;
    title?: string | null | undefined;
    kind?: (typeof chosenKinds)[number] | undefined;
    appId?: string | null | undefined;
  },
): Promise<{ done: boolean }> {
  return transaction(context, async (inside) => {
    const set = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
    const asset = await inside.tx.selectFrom('assets').select('kind').where('id', '=', assetId).executeTakeFirst();
    if (!asset) throw notFound('file');
    if (Object.keys(set).length === 0)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one thing to change.');
    if (said.kind && (asset.kind === 'video' || asset.kind === 'gif'))
      throw refuse('invalid', 'moving_picture', 'What moves is a video or a GIF; its kind cannot be chosen.');
    if (said.appId) await appOf(inside, said.appId);
    await inside.tx.updateTable('assets').set(set).where('id', '=', assetId).execute();
    await audit(inside, { operation: 'assets.describe', subject: assetId, after: set });
    return { done: true };
  });
}

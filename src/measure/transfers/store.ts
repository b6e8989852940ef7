import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type Context, type Inside, transaction, type World } from '#src/context.ts';
import type { Json } from '#src/db/types.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { kindsOfRows, type RowKind } from './tables.ts';

export const importFormats = ['x_archive', 'csv', 'plausible', 'umami', 'google_analytics', 'archive'] as const;
export const exportFormats = ['ndjson', 'csv', 'parquet'] as const;
export const contents = ['events', 'conversions', 'payments', 'post_metrics', 'costs'] as const;
export type ImportFormat = (typeof importFormats)[number];
export type Content = (typeof contents)[number];

export const settingsShape = z.object({
  /** Of a CSV: our column → the file's. */
  columns: z.record(z.string(), z.string()).optional(),
  kinds: z.array(z.enum(Object.keys(kindsOfRows) as [RowKind, ...RowKind[]])).optional(),
  from: z.string().optional(),
  until: z.string().optional(),
});
export type TransferSettings = z.output<typeof settingsShape>;

/** Where a transfer is: the file within the archive, the last line done, and what a step wants to remember. */
export const placeShape = z.object({ step: z.string(), line: z.number().default(0) });
export type Place = z.output<typeof placeShape>;

export type Transfer = {
  id: string;
  appId: string | null;
  direction: 'import' | 'export';
  format: string;
  content: Content | null;
  settings: TransferSettings;
  place: Place | null;
  sha256: string | null;
  fileName: string | null;
};

/** So many refused rows are kept with their reasons; beyond, they are counted. */
const MOST_REFUSALS = 10_000;

/** The file of a transfer, beside the database: processes that share the work share this folder. */
export async function fileOf(world: World, transferId: string): Promise<string> {
  const folder = join(world.data, 'transfers');
  await mkdir(folder, { recursive: true });
  return join(folder, transferId);
}

/** So much of the disk stays free: the database stops when there is nothing left, for every workspace. */
const FREE = 2_000_000_000;

/** Refuses when so many bytes more would fill the disk. */
export async function assertRoom(world: World, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(await fileOf(world, 'room')));
  if (bavail * bsize < FREE + bytes)
    throw refuse(
      'conflict',
      'disk_full',
      'The disk of this installation is nearly full. Nothing more is taken in until there is room: remove old files or ask whoever runs it.',
    );
}

/** A place for something in passing, next to a transfer's file. */
export async function asideOf(world: World, transferId: string): Promise<string> {
  return `${await fileOf(world, transferId)}.${randomUUID().slice(0, 8)}`;
}

/** Removes what a process that was killed had put beside a transfer's file, two days ago or more. */
export async function removeLeftAside(world: World): Promise<void> {
  const folder = join(world.data, 'transfers');
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.includes('.'))) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found && found.mtimeMs < Date.now() - 2 * 86_400_000) await rm(join(folder, name), { force: true });
  }
}

/** Runs `use` with a path of its own, which is gone afterwards. */
export async function withAside<T>(world: World, transferId: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = await asideOf(world, transferId);
  try {
    return await use(path);
  } finally {
    await rm(path, { force: true });
  }
}

export async function transferOf(inside: Inside, transferId: string): Promise<Transfer & { state: string }> {
  const row = await inside.tx
    .selectFrom('transfers')
    .select(['id', 'appId', 'direction', 'format', 'content', 'settings', 'place', 'sha256', 'fileName', 'state'])
    .where('id', '=', transferId)
    .executeTakeFirst();
  if (!row) throw notFound('import or export');
  return {
    ...row,
    direction: row.direction as Transfer['direction'],
    content: row.content as Content | null,
    settings: settingsShape.parse(row.settings),
    place: row.place === null ? null : placeShape.parse(row.place),
  };
}

/** What a batch did. */
export type Counts = { done?: number; known?: number; refused?: { file?: string; line: number; reason: string }[] };

/** Somebody has cancelled it, or removed it with its app. */
export class Cancelled extends Error {}

/**
 * Notes in the batch's own transaction how far it came, so that nothing is done twice after a restart. Throws
 * `Cancelled` when it is not wanted any more.
 */
export async function note(inside: Inside, transfer: Transfer, place: Place | null, counts: Counts): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const refused = counts.refused ?? [];
  const { numUpdatedRows } = await tx
    .updateTable('transfers')
    .set((eb) => ({
      place: place === null ? null : (JSON.stringify(place) as Json),
      rowsDone: eb('rowsDone', '+', counts.done ?? 0),
      rowsKnown: eb('rowsKnown', '+', counts.known ?? 0),
      rowsRefused: eb('rowsRefused', '+', refused.length),
      claimedUntil: new Date(clock.now().getTime() + CLAIM),
    }))
    .where('id', '=', transfer.id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Cancelled();
  transfer.place = place;
  if (refused.length === 0) return;
  const { count } = await tx
    .selectFrom('transferRefusals')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('transferId', '=', transfer.id)
    .executeTakeFirstOrThrow();
  const kept = refused.slice(0, Math.max(MOST_REFUSALS - count, 0));
  if (kept.length > 0)
    await tx
      .insertInto('transferRefusals')
      .values(
        kept.map(({ file = '', line, reason }) => ({
          workspaceId,
          transferId: transfer.id,
          file,
          line,
          reason: reason.slice(0, 500),
        })),
      )
      .onConflict((oc) => oc.doNothing())
      .execute();
}

/** A process that works on a transfer has it for so long after each sign of life, in milliseconds. */
export const CLAIM = 5 * 60_000;

/** Adds sentences on what came of it, each once. */
export async function say(context: Context, transferId: string, sentences: readonly string[]): Promise<void> {
  if (sentences.length === 0) return;
  await transaction(context, async ({ tx }) => {
    const row = await tx.selectFrom('transfers').select('summary').where('id', '=', transferId).executeTakeFirst();
    const summary = [...new Set([...(row?.summary ?? []), ...sentences])];
    await tx.updateTable('transfers').set({ summary }).where('id', '=', transferId).execute();
  });
}

/** An id that follows from what it stands for: the same row of the same file has the same id, on every installation. */
export function stableId(...parts: (string | number | null)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

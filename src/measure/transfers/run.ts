import { rm, stat } from 'node:fs/promises';
import { record } from '#src/activity.ts';
import { type Context, transaction } from '#src/context.ts';
import { letOwnDaysWin } from '#src/measure/rollups/imported-days.ts';
import { Refusal } from '#src/refusal.ts';
import { importCsv } from './csv.ts';
import { importDays } from './days.ts';
import { exportAll } from './export.ts';
import { restore } from './restore.ts';
import { Cancelled, CLAIM, fileOf, removeLeftAside, say, type Transfer, transferOf } from './store.ts';
import { importUmami } from './umami.ts';
import { importXArchive } from './x-archive.ts';

/** Files of imports are kept so long after their end, those of exports for being fetched, in milliseconds. */
const KEPT = 7 * 86_400_000;

/**
 * Does an import or export, or goes on with it where a process that was stopped had left it. Safe to run twice: one
 * process works on it at a time. What the sender can mend ends it with a sentence; anything else is tried again.
 */
export async function runTransfer(context: Context, transferId: string): Promise<void> {
  const transfer = await claim(context, transferId);
  if (!transfer) return;
  try {
    await work(context, transfer);
  } catch (error) {
    if (error instanceof Cancelled) return cleanUp(context, transfer);
    if (!(error instanceof Refusal)) {
      await transaction(context, ({ tx }) =>
        tx
          .updateTable('transfers')
          .set({ claimedUntil: null, message: 'It stopped at a fault of ours and is tried again. The log says which.' })
          .where('id', '=', transferId)
          .execute(),
      );
      throw error;
    }
    await end(context, transfer, 'failed', error.message);
  }
}

/** Goes on with what a stopped process left, and removes files whose time is over. */
export async function continueTransfers(context: Context): Promise<void> {
  const { open, old } = await transaction(context, async ({ tx, clock }) => {
    const now = clock.now();
    return {
      open: await tx.selectFrom('transfers').select('id').where('state', 'in', ['waiting', 'running']).execute(),
      old: await tx
        .selectFrom('transfers')
        .select('id')
        .where('fileRemovedAt', 'is', null)
        .where('state', 'not in', ['waiting', 'running'])
        .where((eb) => eb(eb.fn.coalesce('finishedAt', 'requestedAt'), '<', new Date(now.getTime() - KEPT)))
        .execute(),
    };
  });
  for (const { id } of old) await removeFile(context, id);
  for (const { id } of open) await runTransfer(context, id);
  await transaction(context, (inside) => letOwnDaysWin(inside));
  await removeLeftAside(context);
}

/** Somebody was erased who may stand in files that came in or were handed out: those that are finished go. */
export async function removeFinishedFiles(context: Context): Promise<void> {
  const finished = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('transfers')
      .select('id')
      .where('fileRemovedAt', 'is', null)
      .where('state', 'not in', ['waiting', 'running'])
      .execute(),
  );
  for (const { id } of finished) await removeFile(context, id);
}

/** The file goes; what was done with it stays on record. */
export async function removeFile(context: Context, transferId: string): Promise<void> {
  await rm(await fileOf(context, transferId), { force: true });
  await transaction(context, async ({ tx, clock }) => {
    await tx
      .updateTable('transfers')
      .set({ fileRemovedAt: clock.now(), linkHash: null, linkExpiresAt: null })
      .where('id', '=', transferId)
      .execute();
    await tx.deleteFrom('transferRows').where('transferId', '=', transferId).execute();
  });
}

async function claim(context: Context, transferId: string): Promise<Transfer | null> {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    const { numUpdatedRows } = await inside.tx
      .updateTable('transfers')
      .set((eb) => ({
        state: 'running',
        startedAt: eb.fn.coalesce('startedAt', eb.val(now)),
        claimedUntil: new Date(now.getTime() + CLAIM),
        message: null,
      }))
      .where('id', '=', transferId)
      .where('state', 'in', ['waiting', 'running'])
      .where((eb) => eb.or([eb('claimedUntil', 'is', null), eb('claimedUntil', '<', now)]))
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return null;
    const transfer = await transferOf(inside, transferId);
    if (transfer.direction === 'export')
      await inside.tx.updateTable('transfers').set({ rowsDone: 0 }).where('id', '=', transferId).execute();
    return transfer;
  });
}

async function work(context: Context, transfer: Transfer): Promise<void> {
  if (transfer.direction === 'export') {
    const { bytes, rows } = await exportAll(context, transfer);
    await transaction(context, ({ tx }) =>
      tx
        .updateTable('transfers')
        .set({ bytes, rowsDone: rows, rowsTotal: rows })
        .where('id', '=', transfer.id)
        .execute(),
    );
    return end(context, transfer, 'done', null);
  }
  const path = await fileOf(context, transfer.id);
  const there = await stat(path).catch(() => null);
  if (!there) throw new Refusal('invalid', 'file_gone', 'The file is not here any more. Send it again.');
  if (transfer.format === 'archive') await restore(context, transfer, path);
  else if (transfer.format === 'x_archive') await importXArchive(context, transfer, path);
  else if (transfer.format === 'umami') await importUmami(context, transfer, path);
  else if (transfer.format === 'csv') await importCsv(context, transfer, path);
  else await importDays(context, transfer, path);
  await say(context, transfer.id, await transaction(context, (inside) => letOwnDaysWin(inside)));
  await end(context, transfer, 'done', null);
}

async function end(
  context: Context,
  transfer: Transfer,
  state: 'done' | 'failed',
  message: string | null,
): Promise<void> {
  await transaction(context, async (inside) => {
    await inside.tx
      .updateTable('transfers')
      .set({ state, message, finishedAt: inside.clock.now(), claimedUntil: null })
      .where('id', '=', transfer.id)
      .execute();
    await inside.tx.deleteFrom('transferRows').where('transferId', '=', transfer.id).execute();
    await record(inside, `transfer.${state}`, {
      subjectId: transfer.id,
      detail: { direction: transfer.direction, format: transfer.format },
    });
  });
}

async function cleanUp(context: Context, transfer: Transfer): Promise<void> {
  await removeFile(context, transfer.id);
}

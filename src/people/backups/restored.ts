import type pg from 'pg';
import { shared, type World } from '#src/context.ts';

/** A backup this database was filled from, which nobody has answered to yet. */
export type Restore = { id: string; madeAt: Date; path: string; restoredAt: Date };

/**
 * Notes a restore in its own transaction, as the owner: whatever starts on this database next knows of it. Backups that
 * were under way when the file was made, itself among them, are not made again: they would be written over the file.
 */
export async function noteRestore(
  client: pg.Client,
  restore: { madeAt: string; path: string; rows: number },
): Promise<void> {
  await client.query('insert into restores (made_at, path, rows) values ($1, $2, $3)', [
    restore.madeAt,
    restore.path,
    restore.rows,
  ]);
  await client.query(
    `update backups set finished_at = now(), error = 'It was under way when the backup was made that was restored since.' where finished_at is null`,
  );
  await client.query('update backups set verifying_since = null where verifying_since is not null');
}

/** Restores to which nobody has answered, oldest first. */
export function unansweredRestores(world: World): Promise<Restore[]> {
  return shared(world, (tx) =>
    tx
      .selectFrom('restores')
      .select(['id', 'madeAt', 'path', 'restoredAt'])
      .where('answeredAt', 'is', null)
      .orderBy('restoredAt')
      .execute(),
  );
}

/** What was due is held back: the restore needs no answer any more. */
export async function answerRestore(world: World, restoreId: string): Promise<void> {
  await shared(world, (tx) =>
    tx.updateTable('restores').set({ answeredAt: world.clock.now() }).where('id', '=', restoreId).execute(),
  );
}

import { readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { asSystem, shared, transaction, type World } from '#src/context.ts';
import {
  type Beside,
  fromFile,
  type Loaded,
  load,
  openBackup,
  openSnapshot,
  type Written,
  writeBackup,
} from '#src/db/backup.ts';
import { withScratchServer } from '#src/db/scratch.ts';
import { backupPassphrase, backupSettings, lastDue } from '#src/people/backups/settings.ts';
import { installationOwner } from '#src/people/installation.ts';
import { notify } from '#src/people/notices.ts';
import { hashToken } from '#src/secrets.ts';

export type Kind = 'scheduled' | 'by_hand' | 'command_line';

/** The queue of their jobs, which run one after another. */
export const BACKUPS = 'backups';

/** Where backups lie that are made by the server itself. */
export function backupFolder(world: World): string {
  return join(world.data, 'backups');
}

/** Writes down that a backup is to be made; `runBackup` makes it. */
export async function planBackup(
  world: World,
  wanted: { kind: Kind; madeBy: string | null; path?: string },
): Promise<{ id: string; path: string }> {
  const startedAt = world.clock.now();
  const name = `fanfare-${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}Z.backup`;
  const path = wanted.path ?? join(backupFolder(world), name);
  const { kind, madeBy } = wanted;
  const row = await shared(world, (tx) =>
    tx.insertInto('backups').values({ startedAt, path, kind, madeBy }).returning('id').executeTakeFirstOrThrow(),
  );
  return { id: row.id, path };
}

/**
 * Makes a planned backup while everything goes on, and removes scheduled ones of which there are enough. What goes wrong
 * is written to its row and thrown. Run twice it makes the file anew.
 */
export async function runBackup(
  world: World,
  owner: pg.ClientConfig,
  backupId: string,
  options: { passphrase?: string | undefined; onStep?(text: string): void } = {},
): Promise<Written | null> {
  const row = await shared(world, (tx) =>
    tx.selectFrom('backups').select(['path', 'kind', 'finishedAt']).where('id', '=', backupId).executeTakeFirst(),
  );
  if (!row || row.finishedAt) return null;
  try {
    const passphrase = row.kind === 'command_line' ? options.passphrase : await backupPassphrase(world);
    const written = await writeFile(world, owner, row.path, passphrase, options.onStep);
    await note(world, backupId, {
      finishedAt: world.clock.now(),
      bytes: written.bytes,
      rows: written.rows,
      sha256: written.sha256,
      encrypted: written.encrypted,
      secretInside: written.contents.secret.part !== null,
      error: null,
    });
    if (row.kind === 'scheduled')
      await removeSurplus(world).catch((error: Error) =>
        world.log.warn({ err: error }, 'Backups that need not be kept could not be removed'),
      );
    return written;
  } catch (error) {
    const reason = (error as Error).message.slice(0, 1000);
    await note(world, backupId, { finishedAt: world.clock.now(), error: reason });
    if (row.kind === 'scheduled') await tellOwner(world, reason);
    throw error;
  }
}

/** What a backup needs of the world: not its connections, so that one can be made of a schema from before an upgrade. */
export type Belongings = Pick<World, 'config' | 'data' | 'secrets' | 'media'>;

/** Writes everything into one file, without noting it anywhere. */
export async function writeFile(
  world: Belongings,
  owner: pg.ClientConfig,
  path: string,
  passphrase: string | undefined,
  onStep?: (text: string) => void,
): Promise<Written> {
  const snapshot = await openSnapshot(owner);
  try {
    return await writeBackup(path, snapshot, await beside(world), { passphrase, ...(onStep ? { onStep } : {}) });
  } finally {
    await snapshot.close();
  }
}

/** What a backup takes in beside the rows. */
async function beside(world: Belongings): Promise<Beside> {
  return {
    secret: {
      id: secretIdOf(world),
      text: world.config.FANFARE_SECRET ?? (await readFile(join(world.data, 'secret.key'), 'utf8')),
    },
    async media(name) {
      try {
        return await world.media.stream(name);
      } catch (error) {
        // Removed since the snapshot, or long ago: the backup says so, and is good for all the rest.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT' || /HTTP 404/.test((error as Error).message))
          return null;
        throw error;
      }
    },
  };
}

/** By which a backup says under which secret its credentials are sealed, without saying anything about it. */
export function secretIdOf(world: Pick<World, 'secrets'>): string {
  return hashToken(world.secrets.derive('which secret')).slice(0, 12);
}

/**
 * Restores the file into an empty database on a server of its own, which goes away again, where every row of every table
 * is compared with what was counted when the backup was made. Media are read to their end and compared by their hash.
 */
export async function verifyBackup(world: World, backupId: string): Promise<void> {
  const row = await shared(world, (tx) =>
    tx.selectFrom('backups').select(['path', 'encrypted']).where('id', '=', backupId).executeTakeFirst(),
  );
  if (!row) return;
  try {
    const passphrase = row.encrypted ? await backupPassphrase(world) : undefined;
    await tryOut(row.path, passphrase);
    await note(world, backupId, { verifiedAt: world.clock.now(), verifyError: null, verifyingSince: null });
  } catch (error) {
    await note(world, backupId, { verifyError: (error as Error).message.slice(0, 1000), verifyingSince: null });
  }
}

/** Restores the file and throws it away again; throws what is wrong with it. */
export async function tryOut(path: string, passphrase: string | undefined): Promise<Loaded> {
  const file = await openBackup(path, passphrase);
  try {
    const loaded = await withScratchServer((owner) => load(owner, fromFile(file)));
    for (const one of file.contents.media) for await (const _ of file.media(one));
    return loaded;
  } finally {
    await file.close();
  }
}

/**
 * The clock's line: says which scheduled backup is to be made now, if one is due; it is planned here, or was left by a
 * process that died (backups run one after another, so nobody else is at it).
 */
export async function planDueBackup(world: World): Promise<string | null> {
  const due = lastDue(await backupSettings(world), world.clock.now());
  if (!due) return null;
  const begun = await shared(world, (tx) =>
    tx
      .selectFrom('backups')
      .select(['id', 'finishedAt'])
      .where('kind', '=', 'scheduled')
      .where('startedAt', '>=', due)
      .orderBy('startedAt', 'desc')
      .executeTakeFirst(),
  );
  if (begun) return begun.finishedAt ? null : begun.id;
  return (await planBackup(world, { kind: 'scheduled', madeBy: null })).id;
}

/** Removes the oldest scheduled ones beyond what is kept; what was made by hand stays. */
async function removeSurplus(world: World): Promise<void> {
  const { keep } = await backupSettings(world);
  const surplus = await shared(world, (tx) =>
    tx
      .selectFrom('backups')
      .select(['id', 'path'])
      .where('kind', '=', 'scheduled')
      .where('removedAt', 'is', null)
      .where('finishedAt', 'is not', null)
      .where('error', 'is', null)
      .orderBy('startedAt', 'desc')
      .offset(keep)
      .execute(),
  );
  for (const { id, path } of surplus) {
    await rm(path, { force: true });
    await note(world, id, { removedAt: world.clock.now() });
  }
}

/** Nobody looks at backups while they work, so who owns the installation is told in their workspaces when one does not. */
async function tellOwner(world: World, reason: string): Promise<void> {
  const userId = await installationOwner(world);
  if (!userId) return;
  const own = await shared(world, (tx) =>
    tx
      .selectFrom('memberships')
      .select('workspaceId')
      .where('userId', '=', userId)
      .where('role', '=', 'owner')
      .execute(),
  );
  for (const { workspaceId } of own)
    await transaction(asSystem(world, workspaceId, 'backups'), (inside) =>
      notify(inside, {
        kind: 'backup_failed',
        title: 'The daily backup could not be made',
        body: reason,
        path: '/settings/backups',
        dedupe: 'backup_failed',
      }),
    );
}

/** How much room there is where backups lie, in bytes, and whether a file is still there. */
export async function roomFor(world: World): Promise<number> {
  const { bavail, bsize } = await statfs(world.data);
  return bavail * bsize;
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

type Noted = Partial<{
  finishedAt: Date;
  bytes: number;
  rows: number;
  sha256: string;
  encrypted: boolean;
  secretInside: boolean;
  error: string | null;
  verifiedAt: Date;
  verifyError: string | null;
  verifyingSince: Date | null;
  removedAt: Date;
}>;

async function note(world: World, backupId: string, values: Noted): Promise<void> {
  await shared(world, (tx) => tx.updateTable('backups').set(values).where('id', '=', backupId).execute());
}

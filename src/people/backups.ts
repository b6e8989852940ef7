import { z } from 'zod';
import { actorName, type Context, shared, transaction } from '#src/context.ts';
import { enqueue } from '#src/jobs.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { BACKUPS, backupFolder, isThere, planBackup, roomFor } from '#src/people/backups/make.ts';
import { backupSettings, lastDue, setBackupSettings } from '#src/people/backups/settings.ts';
import { requireInstallationOwner } from '#src/people/installation.ts';
import { isTimeZone } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';

const MOST_SHOWN = 100;
/** A backup or a verification that is under way for longer belongs to a process that died, in milliseconds. */
const LOST = 24 * 3_600_000;

const settings = z.object({
  hour: z.int().nullable(),
  timeZone: z.string(),
  keep: z.int(),
  encrypted: z.boolean(),
  /** When the next one is due; null: never. */
  nextAt: z.date().nullable(),
});

const shown = z.object({
  id,
  kind: z.enum(['scheduled', 'by_hand', 'command_line']),
  state: z.enum(['running', 'done', 'failed', 'removed', 'missing']),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  path: z.string(),
  bytes: z.number().nullable(),
  rows: z.number().nullable(),
  sha256: z.string().nullable(),
  encrypted: z.boolean(),
  secretInside: z.boolean(),
  error: z.string().nullable(),
  verifiedAt: z.date().nullable(),
  verifying: z.boolean(),
  verifyError: z.string().nullable(),
});

/** All of them concern every workspace at once, so they are the installation's owner's. */
export const backupOperations = {
  list: operation({
    summary: 'List the backups of the whole installation, newest first, and when they are made.',
    route: 'GET /backups',
    access: 'read',
    role: 'owner',
    input: nothing,
    output: z.object({
      settings,
      folder: z.string(),
      /** Free space where backups lie. */
      freeBytes: z.number(),
      backups: z.array(shown),
    }),
    run: async (context) => {
      await requireInstallationOwner(context);
      return {
        settings: await settingsOf(context),
        folder: backupFolder(context),
        freeBytes: await roomFor(context),
        backups: await listBackups(context),
      };
    },
  }),
  make: operation({
    summary: 'Make a backup of the whole installation now: every workspace, with its pictures and videos.',
    route: 'POST /backups',
    access: 'write',
    role: 'owner',
    input: nothing,
    output: z.object({ id, path: z.string() }),
    run: async (context) => {
      await requireInstallationOwner(context);
      const since = new Date(context.clock.now().getTime() - LOST);
      const running = await shared(context, (tx) =>
        tx
          .selectFrom('backups')
          .select('id')
          .where('finishedAt', 'is', null)
          .where('startedAt', '>', since)
          .executeTakeFirst(),
      );
      if (running) throw refuse('conflict', 'backup_running', 'A backup is being made already. Wait until it is done.');
      const planned = await planBackup(context, { kind: 'by_hand', madeBy: actorName(context.who) });
      await transaction(context, async (inside) => {
        await enqueue(
          inside,
          'backup',
          { backupId: planned.id },
          { key: `backup:${planned.id}`, queue: BACKUPS, maxAttempts: 3 },
        );
        await audit(inside, { operation: 'backups.make', subject: planned.id });
      });
      return planned;
    },
  }),
  verify: operation({
    summary: 'Verify a backup: restore it into an empty database, which goes away again, and compare every row.',
    route: 'POST /backups/{backupId}/verify',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ backupId: id }),
    output: done,
    run: async (context, { backupId }) => {
      await requireInstallationOwner(context);
      const now = context.clock.now();
      const row = await shared(context, (tx) =>
        tx.selectFrom('backups').selectAll().where('id', '=', backupId).executeTakeFirst(),
      );
      if (!row) throw notFound('backup');
      if (!row.finishedAt || row.error || row.removedAt)
        throw refuse('conflict', 'no_backup', 'There is no finished file of this backup to verify.');
      if (row.kind === 'command_line' && row.encrypted)
        throw refuse(
          'conflict',
          'passphrase_unknown',
          'This backup was encrypted on the command line, and its passphrase is not kept here. Verify it there: fanfare backup --verify FILE --passphrase-file FILE.',
        );
      if (row.verifyingSince && now.getTime() - row.verifyingSince.getTime() < LOST)
        throw refuse('conflict', 'verifying', 'This backup is being verified already.');
      await shared(context, (tx) =>
        tx.updateTable('backups').set({ verifyingSince: now }).where('id', '=', backupId).execute(),
      );
      await transaction(context, async (inside) => {
        await enqueue(
          inside,
          'backup_verify',
          { backupId },
          { key: `backup_verify:${backupId}`, queue: BACKUPS, maxAttempts: 3 },
        );
        await audit(inside, { operation: 'backups.verify', subject: backupId });
      });
      return { done: true };
    },
  }),
  configure: operation({
    summary: 'Set when backups are made by themselves, how many are kept, and whether they are encrypted.',
    route: 'PUT /backups/settings',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      hour: z.int().min(0).max(23).nullable().describe('local hour of the day; null: never'),
      timeZone: z.string().max(64).default('UTC'),
      keep: z.int().min(1).max(365).describe('how many scheduled backups are kept'),
      passphrase: z
        .string()
        .min(12)
        .max(1000)
        .nullable()
        .optional()
        .describe('encrypts backups made from now on; null: no longer; absent: as it is'),
    }),
    output: settings,
    run: async (context, input) => {
      await requireInstallationOwner(context);
      if (!isTimeZone(input.timeZone))
        throw refuse('invalid', 'no_time_zone', 'There is no such time zone. Use a name such as Europe/Berlin.');
      await setBackupSettings(context, input);
      const { passphrase, ...after } = input;
      const encrypted = passphrase === undefined ? {} : { encrypted: passphrase !== null };
      await transaction(context, (inside) =>
        audit(inside, { operation: 'backups.configure', after: { ...after, ...encrypted } }),
      );
      return settingsOf(context);
    },
  }),
};

async function settingsOf(context: Context): Promise<z.input<typeof settings>> {
  const chosen = await backupSettings(context);
  const now = context.clock.now();
  const inADay = new Date(now.getTime() + 86_400_000);
  return { ...chosen, nextAt: lastDue(chosen, inADay) };
}

async function listBackups(context: Context): Promise<z.input<typeof shown>[]> {
  const rows = await shared(context, (tx) =>
    tx.selectFrom('backups').selectAll().orderBy('startedAt', 'desc').limit(MOST_SHOWN).execute(),
  );
  const now = context.clock.now().getTime();
  return Promise.all(
    rows.map(async ({ removedAt, verifyingSince, madeBy: _, ...row }) => ({
      ...row,
      kind: row.kind as z.infer<typeof shown>['kind'],
      state: await stateOf(row, removedAt, now),
      verifying: verifyingSince !== null && now - verifyingSince.getTime() < LOST,
    })),
  );
}

async function stateOf(
  row: { startedAt: Date; finishedAt: Date | null; error: string | null; path: string },
  removedAt: Date | null,
  now: number,
): Promise<z.infer<typeof shown>['state']> {
  if (!row.finishedAt) return now - row.startedAt.getTime() < LOST ? 'running' : 'failed';
  if (row.error) return 'failed';
  if (removedAt) return 'removed';
  return (await isThere(row.path)) ? 'done' : 'missing';
}

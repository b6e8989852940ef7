import { Temporal } from 'temporal-polyfill';
import { shared, type World } from '#src/context.ts';

/** When backups are made by themselves, and how many of those are kept. `hour` null: never. */
export type Settings = { hour: number | null; timeZone: string; keep: number; encrypted: boolean };

const ROW = 'installation';
const PLACE = { table: 'backup_settings', row: ROW, column: 'sealed_passphrase' };

/** Until somebody chooses. The demo makes none. */
const AT_FIRST: Settings = { hour: 3, timeZone: 'UTC', keep: 7, encrypted: false };

export async function backupSettings(world: World): Promise<Settings> {
  const row = await shared(world, (tx) =>
    tx.selectFrom('backupSettings').select(['hour', 'timeZone', 'keep', 'sealedPassphrase']).executeTakeFirst(),
  );
  if (!row) return world.demo ? { ...AT_FIRST, hour: null } : AT_FIRST;
  const { sealedPassphrase, ...rest } = row;
  return { ...rest, encrypted: sealedPassphrase !== null };
}

/** `passphrase`: a new one, null for none any more, undefined to leave it as it is. */
export async function setBackupSettings(
  world: World,
  wanted: Omit<Settings, 'encrypted'> & { passphrase?: string | null | undefined },
): Promise<void> {
  const { passphrase, ...rest } = wanted;
  const sealed =
    passphrase === undefined
      ? {}
      : { sealedPassphrase: passphrase === null ? null : world.secrets.seal(PLACE, passphrase) };
  const values = { ...rest, ...sealed, changedAt: world.clock.now() };
  await shared(world, (tx) =>
    tx
      .insertInto('backupSettings')
      .values({ id: ROW, ...values })
      .onConflict((oc) => oc.column('id').doUpdateSet(values))
      .execute(),
  );
}

/** The passphrase backups are encrypted with, if there is one. */
export async function backupPassphrase(world: World): Promise<string | undefined> {
  const row = await shared(world, (tx) =>
    tx.selectFrom('backupSettings').select('sealedPassphrase').executeTakeFirst(),
  );
  return row?.sealedPassphrase ? world.secrets.open(PLACE, row.sealedPassphrase) : undefined;
}

/**
 * The last moment at which a backup was due: the hour of today where it has come, else that of yesterday. In an hour that
 * the clocks skip it is the next one. One backup belongs to each, however long the machine was off.
 */
export function lastDue({ hour, timeZone }: Pick<Settings, 'hour' | 'timeZone'>, now: Date): Date | null {
  if (hour === null) return null;
  const here = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone);
  const at = (day: Temporal.PlainDate) => day.toZonedDateTime({ timeZone, plainTime: new Temporal.PlainTime(hour) });
  const today = at(here.toPlainDate());
  const due = Temporal.ZonedDateTime.compare(today, here) <= 0 ? today : at(here.toPlainDate().subtract({ days: 1 }));
  return new Date(due.epochMilliseconds);
}

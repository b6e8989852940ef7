import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';

/** The login role the server connects as; it owns nothing and is a member of `fanfare_app`, which holds the rights. */
export const SERVER_ROLE = 'fanfare_server';

const FOLDER = new URL('../../db/migrations/', import.meta.url);
/** Any constant will do; all migrators of one database take the same lock. */
const LOCK = 7_026_113;

/**
 * A statement that waits for a table's lock makes everybody behind it wait as well. So it gives up after this time, lets
 * them pass, and tries again, so often.
 */
const LOCK_TIMEOUT = '3s';
const TRIES = 20;
const LOCK_NOT_AVAILABLE = '55P03';

export type Migration = { name: string; sql: string; sha256: string };

/**
 * Brings the schema up to date as the owner: plain SQL files in order, forward only, one transaction each, one migrator
 * at a time. A committed file is never edited: a changed one is refused by its hash, and so is a schema that is newer
 * than this program. What may stand in a file is said in docs/decisions/0010-migrations-that-do-not-block.md.
 */
export async function migrate(
  owner: pg.ClientConfig,
  options: { serverRole?: string; onStep?(text: string): void } = {},
): Promise<void> {
  const client = new pg.Client(owner);
  await client.connect();
  try {
    await lockMigrations(client);
    await makeListOfMigrations(client);
    const applied = await client.query<{ name: string; sha256: string }>('select name, sha256 from migrations');
    for (const migration of missingOf(applied.rows, await readMigrations())) {
      options.onStep?.(`Applying ${migration.name}`);
      await applyAlone(client, migration, options.onStep ?? (() => {}));
    }
    await client.query('select make_partitions()');
    await joinServerRole(client, options.serverRole ?? SERVER_ROLE);
  } finally {
    await client.end();
  }
  await migrateQueue(owner);
}

/** The migrations of this program, in order. */
export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, FOLDER), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * What has still to be applied on a schema made of `applied`. Throws when that was made by a newer Fanfare, or out of a
 * file that was changed since.
 */
export function missingOf(applied: readonly Omit<Migration, 'sql'>[], known: readonly Migration[]): Migration[] {
  const unknown = applied.filter((one) => !known.some(({ name }) => name === one.name)).map(({ name }) => name);
  if (unknown.length > 0)
    throw new Error(
      `This database was made by a newer Fanfare (it has ${unknown.join(', ')}). Start that version, or restore a backup made before the upgrade.`,
    );
  const changed = known.find(({ name, sha256 }) => applied.some((one) => one.name === name && one.sha256 !== sha256));
  if (changed)
    throw new Error(
      `The migration ${changed.name} was changed after it was applied. Restore the file and add a new migration instead.`,
    );
  return known.filter(({ name }) => !applied.some((one) => one.name === name));
}

/** Whether this program's migrations have all been applied; throws when the database is a newer Fanfare's. */
export async function isUpToDate(owner: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(owner);
  await client.connect();
  try {
    const known = await client.query<{ here: boolean }>("select to_regclass('public.migrations') is not null as here");
    if (!known.rows[0]!.here) return false;
    const applied = await client.query<{ name: string; sha256: string }>('select name, sha256 from public.migrations');
    return missingOf(applied.rows, await readMigrations()).length === 0;
  } finally {
    await client.end();
  }
}

/** Until the connection ends nobody else migrates this database. */
export async function lockMigrations(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
}

export async function makeListOfMigrations(client: pg.Client): Promise<void> {
  await client.query(`create table if not exists migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
  await client.query(
    `comment on table migrations is 'Shared. Which migration files were applied. Written by src/db/migrate.'`,
  );
}

/** Applies one file in the caller's transaction. */
export async function applyMigration(client: pg.Client, { name, sql, sha256 }: Migration): Promise<void> {
  await client.query(sql);
  await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, sha256]);
}

async function applyAlone(client: pg.Client, migration: Migration, say: (text: string) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await client.query(`begin; set local lock_timeout = '${LOCK_TIMEOUT}'`);
    try {
      await applyMigration(client, migration);
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback');
      const { code, message } = error as { code?: string; message: string };
      if (code !== LOCK_NOT_AVAILABLE)
        throw new Error(`The migration ${migration.name} failed and was rolled back: ${message}`, { cause: error });
      if (attempt === TRIES)
        throw new Error(
          `The migration ${migration.name} waited in vain for a table that is in use, perhaps by a backup that is being made. Start again when that is done; nothing was changed.`,
          { cause: error },
        );
      say(`${migration.name} waits for a table that is in use; trying again.`);
      await pause(500);
    }
  }
}

export async function joinServerRole(client: pg.Client, role: string): Promise<void> {
  const member = await client.query(
    `select 1 from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
     where g.rolname = 'fanfare_app' and r.rolname = $1`,
    [role],
  );
  if (member.rowCount === 0) await client.query(`grant fanfare_app to ${pg.escapeIdentifier(role)}`);
  await forbidTemporary(client);
}

/**
 * The server makes no objects of its own, temporary tables neither, so nothing of a session can stand in for a table of
 * ours. Said at each start, because rights on a database are in no copy of it. Where another role owns the database, that
 * role has to say it.
 */
async function forbidTemporary(client: pg.Client): Promise<void> {
  await client.query(`do $$ begin execute format('revoke temporary on database %I from public', current_database());
    exception when insufficient_privilege then null; end $$`);
}

/** Brings the queue's own schema up to date. */
export async function migrateQueue(owner: pg.ClientConfig): Promise<void> {
  const pool = new pg.Pool({ ...owner, max: 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool });
  } finally {
    await pool.end();
  }
}

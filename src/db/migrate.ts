import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';

/** The login role the server connects as; it owns nothing and is a member of `fanfare_app`, which holds the rights. */
export const SERVER_ROLE = 'fanfare_server';

const FOLDER = new URL('../../db/migrations/', import.meta.url);
/** Any constant will do; all migrators of one database take the same lock. */
const LOCK = 7_026_113;

/**
 * Brings the schema up to date as the owner: plain SQL files in order, forward only, one transaction each, one migrator
 * at a time. A committed file is never edited: a changed one is refused by its hash, and so is a schema that is newer
 * than this program.
 */
export async function migrate(
  owner: pg.ClientConfig,
  options: { serverRole?: string; onStep?(text: string): void } = {},
): Promise<void> {
  const client = new pg.Client(owner);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(`create table if not exists migrations (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    await client.query(
      `comment on table migrations is 'Shared. Which migration files were applied. Written by src/db/migrate.'`,
    );
    const applied = new Map(
      (await client.query<{ name: string; sha256: string }>('select name, sha256 from migrations')).rows.map((row) => [
        row.name,
        row.sha256,
      ]),
    );
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
    refuseNewerSchema([...applied.keys()], files);
    for (const name of files) {
      const sql = await readFile(new URL(name, FOLDER), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      const known = applied.get(name);
      if (known === sha256) continue;
      if (known)
        throw new Error(
          `The migration ${name} was changed after it was applied. Restore the file and add a new migration instead.`,
        );
      options.onStep?.(`Applying ${name}`);
      await applyOne(client, name, sql, sha256);
    }
    await client.query('select make_partitions()');
    await joinServerRole(client, options.serverRole ?? SERVER_ROLE);
  } finally {
    await client.end();
  }
  await migrateQueue(owner);
}

async function applyOne(client: pg.Client, name: string, sql: string, sha256: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`The migration ${name} failed and was rolled back: ${(error as Error).message}`, { cause: error });
  }
}

function refuseNewerSchema(applied: string[], files: string[]): void {
  const unknown = applied.filter((name) => !files.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `This database was made by a newer Fanfare (it has ${unknown.join(', ')}). Start that version, or restore a backup made before the upgrade.`,
    );
}

async function joinServerRole(client: pg.Client, role: string): Promise<void> {
  const member = await client.query(
    `select 1 from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
     where g.rolname = 'fanfare_app' and r.rolname = $1`,
    [role],
  );
  if (member.rowCount === 0) await client.query(`grant fanfare_app to ${pg.escapeIdentifier(role)}`);
}

async function migrateQueue(owner: pg.ClientConfig): Promise<void> {
  const pool = new pg.Pool({ ...owner, max: 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool });
  } finally {
    await pool.end();
  }
}

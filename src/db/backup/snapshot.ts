import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import packageJson from '#package' with { type: 'json' };
import { type Head, headOf, rowsOf, type Table } from './contents.ts';
import { copyOut, counter, type Tally } from './copy.ts';

const LOOKS = 10;

/** The whole database at one moment, whatever is written meanwhile. */
export type Snapshot = {
  head: Head;
  /** The rows of a table; its tally is there when they have been read. */
  rows(table: Table): { chunks: AsyncIterable<Buffer>; tally(): Tally };
  /** The names of the media that the rows speak of. */
  media(): Promise<string[]>;
  /** How large the database is, in bytes. */
  bytes: number;
  close(): Promise<void>;
};

/**
 * Opens one transaction as the owner, who sees every workspace, in which every table is read as it stood at its beginning
 * (repeatable read). It blocks nobody; only migrations wait for it. `alone`: throws while a Fanfare is connected, whose
 * later changes the snapshot would not have.
 */
export async function openSnapshot(owner: pg.ClientConfig, { alone = false } = {}): Promise<Snapshot> {
  const client = new pg.Client(owner);
  client.on('error', () => undefined);
  await client.connect();
  try {
    // With row security off a policy that would leave out rows is an error.
    await client.query(
      `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set row_security = off; set search_path = pg_catalog;
       begin transaction isolation level repeatable read, read only`,
    );
    if (alone) await refuseInUse(client);
    const head = await readHead(client);
    const size = await client.query<{ bytes: string }>('select pg_database_size(current_database())::text as bytes');
    return {
      head,
      bytes: Number(size.rows[0]!.bytes),
      rows(table) {
        const tally = counter();
        return { chunks: copyOut(client, rowsOf(table), tally), tally: tally.result };
      },
      async media() {
        const found = await client.query<{ file: string }>('select distinct file from public.assets order by file');
        return found.rows.map((row) => row.file);
      },
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/**
 * Throws while a Fanfare works on this database: its doors log in as a member of `fanfare_app`, and its worker holds locks
 * by which it shows that it lives. One that has just ended may be listed for a moment.
 */
export async function refuseInUse(client: pg.Client): Promise<void> {
  for (let look = 1; ; look++) {
    const { rowCount } = await client.query(
      `select from pg_catalog.pg_stat_activity a
       where a.datname = current_database() and a.pid <> pg_backend_pid() and (
         a.usename <> current_user and exists (
           select from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid
           where g.rolname = 'fanfare_app' and m.member = a.usesysid)
         or exists (select from pg_catalog.pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted))`,
    );
    if (rowCount === 0) return;
    if (look === LOOKS)
      throw new Error('A Fanfare is connected to the database. Stop every process of it first, then try again.');
    await pause(100);
  }
}

async function readHead(client: pg.Client): Promise<Head> {
  const known = await client.query("select to_regclass('public.migrations') is not null as here");
  if (!known.rows[0].here) throw new Error('There is no Fanfare in this database, so there is nothing to keep.');
  const one = async <T>(text: string) => (await client.query<{ value: T }>(text)).rows[0]!.value;
  return headOf.parse({
    madeAt: new Date().toISOString(),
    program: packageJson.version,
    postgres: await one<string>("select current_setting('server_version') as value"),
    migrations: await one(
      "select json_agg(json_build_object('name', name, 'sha256', sha256) order by name) as value from public.migrations",
    ),
    tables: await readTables(client),
    leaves: await one(`
      select coalesce(json_agg(json_build_object('parent', p.relname, 'name', c.relname,
        'bound', pg_get_expr(c.relpartbound, c.oid)) order by c.relname), '[]') as value
      from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
      where p.relnamespace = 'public'::regnamespace and p.relkind = 'p' and c.relkind = 'r'`),
    // Read after the snapshot was taken: a sequence is at least as far as the rows we see.
    sequences: await one(`
      select coalesce(json_agg(json_build_object('schema', schemaname, 'name', sequencename, 'last', last_value::text)
        order by schemaname, sequencename), '[]') as value
      from pg_sequences where schemaname in ('public', 'graphile_worker') and last_value is not null`),
  });
}

/**
 * Every table of ours with its columns, but not the partitions, which are read through their parents; and the queue's,
 * without its own list of migrations, which belongs to the library that made them.
 */
export async function readTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(`
    select n.nspname as schema, c.relname as name,
      (select json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and (n.nspname = 'public' or (n.nspname = 'graphile_worker' and c.relname <> 'migrations'))
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by 1, 2`);
  return rows;
}

import pg from 'pg';
import {
  applyMigration,
  joinServerRole,
  lockMigrations,
  makeListOfMigrations,
  migrateQueue,
  missingOf,
  readMigrations,
  SERVER_ROLE,
} from '#src/db/migrate.ts';
import { columnsOf, type Head, nameOf, rowsOf, type Table } from './contents.ts';
import { copyIn, type Tally, tallyOf } from './copy.ts';
import { readTables, refuseInUse } from './snapshot.ts';

/** Where rows come from: a file, or a snapshot of another database. */
export type Source = {
  head: Head;
  rows(table: Table): AsyncIterable<Uint8Array>;
  /** Known to have no rows, without reading them. */
  isEmpty(table: Table): boolean;
  /** What the source counted; of a snapshot only once the rows have been read. */
  tally(table: Table): Tally;
};

export type Loaded = { rows: number; tables: number; upgraded: string[] };

export type LoadOptions = {
  /** What is there already is removed, in the same transaction. */
  replace?: boolean | undefined;
  serverRole?: string | undefined;
  /** What else belongs to it, in the same transaction. */
  inTheEnd?(client: pg.Client, rows: number): Promise<void>;
  onStep?(text: string): void;
};

/**
 * Fills a database with everything of the source, in one transaction: killed at any moment it leaves what was there
 * before, or nothing. The schema is made by the migrations the source was made by, every row of every table is compared
 * with what the source counted, and then the later migrations are applied.
 *
 * Throws when the source is newer than this program, when the database holds a Fanfare with people in it and it is not to be
 * replaced, when it is in use, and when a single row differs.
 */
export async function load(owner: pg.ClientConfig, source: Source, options: LoadOptions = {}): Promise<Loaded> {
  const say = options.onStep ?? (() => {});
  const known = await readMigrations();
  const later = missingOf(source.head.migrations, known);
  const client = new pg.Client(owner);
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(
      'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set row_security = off',
    );
    await lockMigrations(client);
    await refuseInUse(client);
    if (!options.replace) await refuseFull(client);
    await migrateQueue(owner);
    await client.query('begin');
    await makeSchema(client, source.head, known);
    say('The schema is there.');
    await addLeaves(client, source.head);
    const { tables, backward } = inOrder(source.head.tables, await readForeignKeys(client));
    for (const { table, name } of backward) await client.query(`alter table ${table} drop constraint ${name}`);
    const rows = await fill(client, source, tables, say);
    await setSequences(client, source.head);
    for (const { table, name, definition } of backward)
      await client.query(`alter table ${table} add constraint ${name} ${definition}`);
    await client.query('set constraints all immediate');
    say(`${rows.toLocaleString('en')} rows are there and were compared one by one.`);
    for (const migration of later) {
      say(`Applying ${migration.name}`);
      await applyMigration(client, migration);
    }
    await freeJobs(client);
    await client.query('select make_partitions()');
    await joinServerRole(client, options.serverRole ?? SERVER_ROLE);
    await options.inTheEnd?.(client, rows);
    await client.query('commit');
    await client.query('analyze');
    return { rows, tables: source.head.tables.length, upgraded: later.map(({ name }) => name) };
  } catch (error) {
    throw inWords(error);
  } finally {
    // Ends the transaction too, when it did not come to its end.
    await client.end();
  }
}

function inWords(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === '53200')
    return new Error(
      'The database server can hold too few locks in one transaction. Set max_locks_per_transaction = 256 in its configuration, restart it, and try again. Nothing was changed.',
    );
  if (code === '53100')
    return new Error(`There is no room left on the database server’s disk (${message}). Nothing was changed.`);
  return error;
}

async function refuseFull(client: pg.Client): Promise<void> {
  const known = await client.query<{ users: string | null; other: number }>(
    `select to_regclass('public.users')::text as users, (select count(*)::int from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and to_regclass('public.migrations') is null
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')) as other`,
  );
  const { users, other } = known.rows[0]!;
  if (other > 0)
    throw new Error('This database holds tables that are not Fanfare’s. Make a database of its own for Fanfare.');
  if (users === null) return;
  const people = await client.query('select from public.users limit 1');
  const spaces = await client.query('select from public.workspaces limit 1');
  if (people.rowCount !== 0 || spaces.rowCount !== 0)
    throw new Error(
      'This database is not empty: somebody works in it. Add --replace to remove everything that is in it, and make a backup of it before.',
    );
}

/** The tables as the source has them, all empty. A schema of the same migrations is kept and emptied: that takes a moment. */
async function makeSchema(
  client: pg.Client,
  head: Head,
  known: Awaited<ReturnType<typeof readMigrations>>,
): Promise<void> {
  const wanted = known.filter(({ name }) => head.migrations.some((one) => one.name === name));
  const there = await client.query<{ here: boolean }>("select to_regclass('public.migrations') is not null as here");
  const applied = there.rows[0]!.here
    ? (await client.query<{ name: string; sha256: string }>('select name, sha256 from public.migrations order by name'))
        .rows
    : [];
  const isSame = applied.length === wanted.length && wanted.every(({ sha256 }, at) => applied[at]?.sha256 === sha256);
  if (!isSame) {
    await removeOurs(client);
    await makeListOfMigrations(client);
    for (const migration of wanted) await applyMigration(client, migration);
  }
  const tables = await readTables(client);
  await client.query(`truncate ${tables.map(nameOf).join(', ')} restart identity`);
  const differs = head.tables.find((table) => {
    const here = tables.find((one) => one.schema === table.schema && one.name === table.name);
    return !here || columnsOf(here) !== columnsOf(table);
  });
  if (differs)
    throw new Error(
      `The table ${differs.schema}.${differs.name} of the backup is another one here. Restore with the version of Fanfare that made the backup (${head.program}), then upgrade.`,
    );
}

/** Everything in the schemas that are Fanfare's, but nothing of an extension. */
async function removeOurs(client: pg.Client): Promise<void> {
  await client.query('drop schema if exists part cascade');
  const { rows } = await client.query<{ text: string }>(`
    select format('drop %s if exists %s cascade', kind, name) as text from (
      select case relkind when 'S' then 2 else 1 end as turn,
        case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind,
        oid::regclass::text as name, 'pg_class'::regclass as class, oid from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
      union all
      select 3, case prokind when 'p' then 'procedure' else 'function' end, oid::regprocedure::text, 'pg_proc'::regclass, oid
        from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
      union all
      select 4, case typtype when 'd' then 'domain' else 'type' end, oid::regtype::text, 'pg_type'::regclass, oid
        from pg_type where typnamespace = 'public'::regnamespace and typtype in ('d', 'e')
    ) things
    where not exists (select from pg_depend d where d.classid = things.class and d.objid = things.oid and d.deptype = 'e')
    order by turn`);
  for (const { text } of rows) await client.query(text);
}

/** Months whose partitions the migrations would not make, because they lie too far back or ahead. */
async function addLeaves(client: pg.Client, head: Head): Promise<void> {
  const shapes = await client.query<{ here: boolean }>(
    "select to_regproc('public.shape_partition') is not null as here",
  );
  const there = await client.query<{ name: string }>(
    "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'part'",
  );
  for (const { parent, name, bound } of head.leaves) {
    if (there.rows.some((row) => row.name === name)) continue;
    await client.query(`create table part."${name}" partition of public."${parent}" ${bound}`);
    if (shapes.rows[0]!.here) await client.query('select shape_partition($1)', [name]);
  }
}

type ForeignKey = { table: string; to: string; name: string; definition: string };

async function readForeignKeys(client: pg.Client): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(`
    select format('%I.%I', n.nspname, t.relname) as table, format('%I.%I', m.nspname, r.relname) as to,
      quote_ident(c.conname) as name, pg_get_constraintdef(c.oid) as definition
    from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
      join pg_class r on r.oid = c.confrelid join pg_namespace m on m.oid = r.relnamespace
    where c.contype = 'f' and c.conparentid = 0 and n.nspname in ('public', 'graphile_worker') order by 1, 3`);
  return rows;
}

/** Tables so that what a row refers to comes first; and the keys of tables that refer to each other, for which no order is right. */
function inOrder(all: readonly Table[], keys: readonly ForeignKey[]): { tables: Table[]; backward: ForeignKey[] } {
  const nameIn = ({ schema, name }: Table) => `${schema}.${name}`;
  const left = new Map(all.map((table) => [nameIn(table), table]));
  const from = Map.groupBy(keys, (key) => key.table);
  const tables: Table[] = [];
  const position = new Map<string, number>();
  const visit = (name: string, above: ReadonlySet<string>): void => {
    const table = left.get(name);
    if (!table || above.has(name)) return;
    const path = new Set([...above, name]);
    for (const { to } of from.get(name) ?? []) visit(to, path);
    if (!left.delete(name)) return;
    position.set(name, tables.length);
    tables.push(table);
  };
  for (const table of all) visit(nameIn(table), new Set());
  const place = (name: string) => position.get(name) ?? 0;
  return { tables, backward: keys.filter((key) => place(key.to) > place(key.table)) };
}

async function fill(
  client: pg.Client,
  source: Source,
  tables: readonly Table[],
  say: (text: string) => void,
): Promise<number> {
  let all = 0;
  for (const table of tables) {
    // Emptied a moment ago, in this transaction.
    if (source.isEmpty(table)) continue;
    await copyIn(client, `${nameOf(table)} (${columnsOf(table)})`, source.rows(table));
    const there = await tallyOf(client, rowsOf(table));
    const wanted = source.tally(table);
    if (there.rows !== wanted.rows || there.digest !== wanted.digest)
      throw new Error(
        `The rows of ${table.name} are not those of the source (${there.rows} here, ${wanted.rows} there). Nothing was changed.`,
      );
    all += there.rows;
    if (there.rows >= 100_000) say(`${table.name}: ${there.rows.toLocaleString('en')} rows.`);
  }
  return all;
}

async function setSequences(client: pg.Client, head: Head): Promise<void> {
  for (const one of head.sequences)
    await client.query('select setval($1::regclass, $2::bigint)', [nameOf(one), one.last]);
}

/** Jobs that a worker of the source had in its hands: it will not come back for them. */
async function freeJobs(client: pg.Client): Promise<void> {
  await client.query(
    'update graphile_worker._private_jobs set locked_by = null, locked_at = null where locked_by is not null',
  );
  await client.query(
    'update graphile_worker._private_job_queues set locked_by = null, locked_at = null where locked_by is not null',
  );
}

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '#test/database.ts';

type Tenant = { table: string; key: { column: string; type: string }[]; appendOnly: boolean };

/** A foreign key between two tenant tables, as pairs of columns. */
type Link = { table: string; to: string; pairs: [string, string][] };

const A = randomUUID();
const B = randomUUID();
let database: TestDatabase;
let owner: pg.Client;
let server: pg.Client;
let tenants: Tenant[];
let links: Link[];

beforeAll(async () => {
  database = await createDatabase();
  owner = new pg.Client(database.owner);
  server = new pg.Client(database.server);
  await owner.connect();
  await server.connect();
  tenants = (
    await owner.query<Tenant>(`
      select c.relname as table,
        (select json_agg(json_build_object('column', a.attname, 'type', coalesce(format_type(nullif(t.typbasetype, 0), null), format_type(a.atttypid, null))) order by a.attnum)
           from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey::int2[]) join pg_type t on t.oid = a.atttypid
           where i.indrelid = c.oid and i.indisprimary) as key,
        not has_table_privilege('fanfare_server', c.oid, 'update') as "appendOnly"
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and obj_description(c.oid, 'pg_class') not like 'Shared.%'
      order by c.oid`)
  ).rows;
  links = (
    await owner.query<Link>(
      `
      select k.conrelid::regclass::text as table, k.confrelid::regclass::text as to,
        (select json_agg(json_build_array(a.attname, b.attname) order by n.at) from generate_subscripts(k.conkey, 1) n(at)
           join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[n.at]
           join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[n.at]) as pairs
      from pg_constraint k where k.contype = 'f' and k.conparentid = 0
        and k.confrelid::regclass::text = any($1) and k.conrelid::regclass::text = any($1)`,
      [tenants.map(({ table }) => table)],
    )
  ).rows;
  await onlyKeys(owner);
  for (const { table, key } of tenants)
    for (const workspace of [A, B])
      await owner.query(
        `insert into ${table} (${key.map((one) => one.column)}) overriding system value values (${key.map((one) => sample(one, workspace))})`,
      );
});
afterAll(async () => {
  await owner?.end();
  await server?.end();
  await database?.drop();
});

/**
 * Rows of nothing but their key can stand in every table: what makes a row valid is not the question here, only who sees
 * it. Policies and rights are left as they are.
 */
async function onlyKeys(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(`
    select format('alter table %s drop constraint %I cascade', k.conrelid::regclass, k.conname) as sql from pg_constraint k
      where k.connamespace = 'public'::regnamespace and k.conrelid <> 0 and k.contype in ('f', 'c') and k.conparentid = 0
    union all
    select format('alter domain %s drop constraint %I', t.typname, k.conname) from pg_constraint k join pg_type t on t.oid = k.contypid
      where k.connamespace = 'public'::regnamespace
    union all
    select format('alter table %s alter column %I drop not null', c.oid::regclass, a.attname) from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and a.attnotnull and a.attidentity = '' and not a.attisdropped
        and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey::int2[]))`);
  await client.query(rows.map((row) => row.sql).join(';'));
}

function sample({ column, type }: Tenant['key'][number], workspace: string): string {
  if (column === 'workspace_id') return `'${workspace}'`;
  if (type === 'uuid') return `'${randomUUID()}'`;
  if (type.startsWith('timestamp')) return 'now()';
  if (type === 'date') return 'current_date';
  if (/int|numeric|real|double/.test(type)) return '1';
  if (type === 'boolean') return 'true';
  if (type === 'text') return `'x'`;
  throw new Error(`A key of the type ${type} is new here.`);
}

/** What the server sees or changes in one transaction of a workspace, rolled back; a refusal by its code. */
async function asServer(
  workspace: string | null,
  sql: string,
): Promise<{ rows: Record<string, unknown>[]; count: number; code?: string }> {
  await server.query(`begin${workspace ? `; set local fanfare.workspace = '${workspace}'` : ''}`);
  try {
    // Several statements in one text bring one result each; the last one is the question.
    const result = [await server.query(sql)].flat().at(-1)!;
    return { rows: result.rows, count: result.rowCount ?? 0 };
  } catch (error) {
    return { rows: [], count: 0, code: (error as { code?: string }).code ?? 'unknown' };
  } finally {
    await server.query('rollback');
  }
}

const DENIED = '42501';

test('every tenant table is here, with a row of each of two workspaces', async () => {
  expect(tenants.length).toBeGreaterThan(100);
  for (const { table } of tenants) expect((await owner.query(`select 1 from ${table}`)).rowCount, table).toBe(2);
});

describe('in workspace A', () => {
  test('only rows of A are read', async () => {
    for (const { table } of tenants) {
      const { rows, code } = await asServer(A, `select workspace_id from ${table}`);
      expect(
        code === DENIED || (rows.length === 1 && rows[0]!.workspace_id === A),
        `${table}: ${code ?? JSON.stringify(rows)}`,
      ).toBe(true);
    }
  });

  test('these looks do find what is not isolated', async () => {
    await owner.query('alter table posts disable row level security');
    expect((await asServer(A, 'select 1 from posts')).count).toBe(2);
    expect((await asServer(A, `update posts set workspace_id = workspace_id where workspace_id = '${B}'`)).count).toBe(
      1,
    );
    await owner.query('alter table posts enable row level security');
    expect((await asServer(A, 'select 1 from posts')).count).toBe(1);
  });

  test('no row of B is changed or removed', async () => {
    for (const { table, appendOnly } of tenants) {
      for (const sql of [
        `update ${table} set workspace_id = workspace_id where workspace_id = '${B}'`,
        `delete from ${table} where workspace_id = '${B}'`,
      ]) {
        const { count, code } = await asServer(A, sql);
        expect(count, sql).toBe(0);
        if (appendOnly) expect(code, sql).toBe(DENIED);
      }
    }
  });

  test('no row is written for B, nor handed over to B', async () => {
    for (const { table, key, appendOnly } of tenants) {
      const insert = `insert into ${table} (${key.map((one) => one.column)}) overriding system value values (${key.map((one) => sample(one, B))})`;
      expect((await asServer(A, insert)).code, insert).toBe(DENIED);
      if (!appendOnly)
        expect((await asServer(A, `update ${table} set workspace_id = '${randomUUID()}'`)).code, table).toBe(DENIED);
    }
  });
});

test('a row of A cannot be linked to one of B: every link goes through the workspace of both', () => {
  expect(links.length).toBeGreaterThan(100);
  for (const { table, to, pairs } of links)
    expect(
      pairs.filter(([from]) => from === 'workspace_id'),
      `${table} to ${to}`,
    ).toEqual([['workspace_id', 'workspace_id']]);
});

test('a key of B that was guessed finds nothing in A', async () => {
  for (const { table, key } of tenants) {
    const named = key.map((one) => `${one.column}::text`);
    const { rows } = await owner.query<string[]>({
      text: `select ${named} from ${table} where workspace_id = '${B}'`,
      rowMode: 'array',
    });
    const guess = named.map((column, at) => `${column} = '${rows[0]![at]}'`).join(' and ');
    const seen = await asServer(A, `select 1 from ${table} where ${guess}`);
    expect(seen.count, `${table}: ${guess}`).toBe(0);
    const linked = await asServer(A, `update ${table} set workspace_id = '${A}' where ${guess}`);
    expect(linked.count, `${table}: ${guess}`).toBe(0);
  }
});

describe('without a workspace', () => {
  test('nothing is seen, changed or written', async () => {
    for (const { table, key } of tenants) {
      const seen = await asServer(null, `select 1 from ${table}`);
      expect(seen.count, table).toBe(0);
      expect((await asServer(null, `delete from ${table}`)).count, table).toBe(0);
      const insert = `insert into ${table} (${key.map((one) => one.column)}) overriding system value values (${key.map((one) => sample(one, B))})`;
      expect((await asServer(null, insert)).code, table).toBe(DENIED);
    }
  });

  test('an empty or foreign setting is no workspace', async () => {
    expect((await asServer(null, `set local fanfare.workspace = ''; select 1 from posts`)).count).toBe(0);
    expect((await asServer(randomUUID(), 'select 1 from posts')).count).toBe(0);
  });
});

describe('the server role', () => {
  test('cannot take the isolation away', async () => {
    const attempts = [
      'alter table posts disable row level security',
      'drop policy workspace_only on posts',
      'create policy mine on posts using (true)',
      'alter table posts owner to fanfare_server',
      'set role fanfare_owner',
      'set session authorization fanfare_owner',
      'create table public.mine (id int)',
      'alter role fanfare_server bypassrls',
      'truncate posts',
      'create or replace function current_workspace() returns uuid language sql as $$ select null::uuid $$',
    ];
    for (const sql of attempts) expect((await asServer(A, sql)).code, sql).toBe(DENIED);
    expect((await asServer(A, 'set local row_security = off; select 1 from posts')).code).toBe(DENIED);
  });

  test('cannot rewrite the audit log', async () => {
    for (const sql of [
      "update audit_log set actor = 'x'",
      'delete from audit_log',
      'truncate audit_log',
      'alter table audit_log add column x int',
      'drop table audit_log',
    ])
      expect((await asServer(A, sql)).code, sql).toBe(DENIED);
  });

  test('cannot reach a partition directly', async () => {
    const { rows } = await owner.query<{ leaf: string }>(
      `select format('%I.%I', n.nspname, c.relname) as leaf from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relispartition and c.relkind in ('r', 'p')`,
    );
    expect(rows.length).toBeGreaterThan(20);
    for (const { leaf } of rows) {
      expect((await asServer(A, `select 1 from ${leaf}`)).code, leaf).toBe(DENIED);
      expect((await asServer(A, `delete from ${leaf}`)).code, leaf).toBe(DENIED);
    }
  });

  test('is nobody special, and neither is the group that holds its rights', async () => {
    const { rows } = await owner.query(`
      select rolname, rolcanlogin, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as special,
        coalesce((select json_agg(g.rolname) from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid), '[]') as member
      from pg_roles r where rolname in ('fanfare_server', 'fanfare_app') order by 1`);
    expect(rows).toEqual([
      { rolname: 'fanfare_app', rolcanlogin: false, special: false, member: [] },
      { rolname: 'fanfare_server', rolcanlogin: true, special: false, member: ['fanfare_app'] },
    ]);
  });

  test('cannot read other roles’ secrets, what they ask, or what the statistics remember of other workspaces', async () => {
    for (const sql of [
      'select rolpassword from pg_authid',
      'select passwd from pg_shadow',
      'select umoptions from pg_user_mapping',
      'select stavalues1 from pg_statistic',
      "select pg_read_file('postgresql.conf')",
      "copy (select 1) to '/tmp/x'",
      "copy users from program 'id'",
      "alter role fanfare_owner password 'x'",
      'grant fanfare_owner to fanfare_server',
      'set session_replication_role = replica',
    ])
      expect((await asServer(A, sql)).code, sql).toBe(DENIED);
    const others = await asServer(A, "select query from pg_stat_activity where usename = 'fanfare_owner'");
    expect(others.rows.map(({ query }) => query)).not.toHaveLength(0);
    for (const { query } of others.rows) expect(query).toBe('<insufficient privilege>');
    await owner.query('analyze audiences');
    expect((await owner.query("select 1 from pg_stats where tablename = 'audiences'")).rowCount).toBeGreaterThan(0);
    expect((await asServer(A, "select 1 from pg_stats where tablename = 'audiences'")).count).toBe(0);
  });

  test('makes no objects, not even temporary ones', async () => {
    const { rows } = await owner.query<{ schema: string }>(
      "select nspname as schema from pg_namespace where has_schema_privilege('fanfare_server', oid, 'create')",
    );
    expect(rows).toEqual([]);
    for (const sql of [
      'create temporary table posts (id int)',
      'create table part.mine (id int)',
      'create schema mine',
      'create function pg_temp.current_workspace() returns uuid language sql as $$ select null::uuid $$',
      'create extension pg_stat_statements',
      'create role mine',
      'create publication mine for all tables',
    ])
      expect((await asServer(A, sql)).code, sql).toBe(DENIED);
  });

  test('gains nothing by the functions that run as their owner', async () => {
    const { rows } = await owner.query<{ name: string; settings: string[] | null; everyone: boolean }>(`
      select p.oid::regprocedure::text as name, p.proconfig as settings,
        exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0) as everyone
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prosecdef and n.nspname !~ '^pg_|^information_schema$'
        and (has_function_privilege('fanfare_server', p.oid, 'execute') and has_schema_privilege('fanfare_server', n.oid, 'usage'))`);
    expect(rows.length).toBeGreaterThan(1);
    // The last place looked at is the session's own schema: named last, it cannot come first.
    for (const { name, settings, everyone } of rows)
      expect({ settings, everyone }, name).toEqual({ settings: ['search_path=public, pg_temp'], everyone: false });
    const hostile = "x'; alter role fanfare_server superuser; --";
    const asked = await asServer(A, `select enqueue($q$${hostile}$q$, '{}', $q$${hostile}$q$, null, $q$${hostile}$q$)`);
    expect(asked.code).toBeUndefined();
    expect((await owner.query("select 1 from pg_roles where rolname = 'fanfare_server' and rolsuper")).rowCount).toBe(
      0,
    );
  });

  test('cannot enter the queue but through its door', async () => {
    expect((await asServer(A, 'select 1 from graphile_worker._private_jobs')).code).toBe(DENIED);
  });
});

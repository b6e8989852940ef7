import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distributeByWorkspace, planCitus } from '#src/db/scale/citus.ts';
import { runCli } from '#src/doors/cli/program.ts';
import { createDatabase, type TestDatabase, urlOf } from '#test/database.ts';

// There is no Citus here: what it asks of a schema is read from the catalog. Where there is one, test/story.test.ts tells
// the story on it (CITUS_URL).
let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  owner = new pg.Client(database.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

test('every key of every tenant table holds within its workspace', async () => {
  const { layout } = await planCitus(owner);
  expect(layout.problems).toEqual([]);
  expect(layout.distributed.length).toBeGreaterThan(180);
  expect(layout.distributed).toEqual(expect.arrayContaining(['apps', 'posts', 'events', 'audit_log']));
  expect(layout.reference).toEqual(expect.arrayContaining(['users', 'workspaces']));
  // Nothing is forgotten, nothing is in two places.
  const { rows } = await owner.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  const placed = [...layout.distributed, ...layout.reference, ...layout.local].sort();
  expect(placed).toEqual(rows.map(({ name }) => name).sort());
});

test('the plan distributes what is referred to first, and takes off and puts on the same keys', async () => {
  const { layout, steps } = await planCitus(owner);
  const at = (sql: string) => steps.findIndex((step) => step.sql.startsWith(sql));
  for (const { from, to } of layout.kept.filter((key) => key.from !== key.to))
    if (layout.distributed.includes(to) && !layout.kept.some((back) => back.from === to && back.to === from))
      expect([
        to,
        from,
        at(`select create_distributed_table('${to}'`) < at(`select create_distributed_table('${from}'`),
      ]).toEqual([to, from, true]);
  const off = steps.filter(({ sql }) => sql.includes(' drop constraint ')).length;
  const on = steps.filter(({ sql }) => sql.includes(' add constraint ')).length;
  expect(off - on).toBe(layout.swept.length);

  // All of it that PostgreSQL itself can do is done, and leaves the schema as it was, but for the keys that are swept.
  const keys = async () =>
    (
      await owner.query<{
        key: string;
      }>(`select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as key
      from pg_constraint where contype = 'f' and conparentid = 0 order by 1`)
    ).rows.map(({ key }) => key);
  const before = await keys();
  await owner.query('begin');
  for (const { sql } of steps)
    if (!/^(select (create_|truncate_local)|set local citus|alter role)/.test(sql)) await owner.query(sql);
  const after = await keys();
  const gone = layout.swept.map(({ from, name }) => `${from} ${name} `);
  expect(before.filter((key) => !after.includes(key)).every((key) => gone.some((one) => key.startsWith(one)))).toBe(
    true,
  );
  expect(after.length).toBe(before.length - layout.swept.length);
  await owner.query('rollback');
});

test('a table that could not be distributed is named, and why', async () => {
  await owner.query('begin');
  await owner.query(`create table odd (workspace_id uuid not null, id uuid primary key, app_id uuid references workspaces);
    call make_tenant('odd');
    create table odder (workspace_id uuid not null, id uuid, odd_id uuid references odd on delete set null, primary key (workspace_id, id));
    call make_tenant('odder')`);
  const { problems } = (await planCitus(owner)).layout;
  await owner.query('rollback');
  expect(problems).toEqual([
    'The unique index odd_pkey of odd does not contain workspace_id.',
    'The foreign key odder_odd_id_fkey of odder does not lead from workspace_id to workspace_id.',
    'The foreign key odder_odd_id_fkey of odder would empty workspace_id when what it refers to is deleted.',
  ]);
});

test('the command shows the plan on any PostgreSQL, and refuses to carry it out without Citus', async () => {
  let out = '';
  const keep = (text: string) => {
    out += text;
  };
  const terminal = {
    out: keep,
    err: keep,
    interactive: false,
    stdin: () => '',
    environment: { DATABASE_URL: urlOf(database.owner) },
  };
  expect(await runCli(['scale', 'citus', '--dry-run'], terminal)).toBe(0);
  expect(out).toMatch(/tables are cut by workspace_id/);
  expect(out).toMatch(/select create_distributed_table\('events', 'workspace_id', colocate_with => '\w+'\);/);
  expect(out).toContain('Nothing was changed.');
  out = '';
  expect(await runCli(['scale', 'citus'], terminal)).toBe(1);
  expect(out).toContain('has no Citus');
  await expect(distributeByWorkspace(urlOf(database.owner), () => undefined)).rejects.toThrow('create extension citus');
  out = '';
  expect(await runCli(['scale', 'citus'], { ...terminal, environment: {} })).toBe(2);
  expect(out).toContain('DATABASE_URL');
});

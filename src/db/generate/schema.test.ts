import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaDocument, writerOf } from '#src/db/generate/document.ts';
import { readModel } from '#src/db/generate/model.ts';
import { schemaSql } from '#src/db/generate/schema.ts';
import { createDatabase, type TestDatabase } from '#test/database.ts';

let migrated: TestDatabase;
let loaded: TestDatabase;
let first: pg.Client;
let second: pg.Client;

beforeAll(async () => {
  migrated = await createDatabase();
  loaded = await createDatabase();
  first = new pg.Client(migrated.owner);
  second = new pg.Client(loaded.owner);
  await first.connect();
  await second.connect();
});
afterAll(async () => {
  await first?.end();
  await second?.end();
  await migrated?.drop();
  await loaded?.drop();
});

/**
 * The catalog by PostgreSQL's own views, which the generator does not use. Columns by their order: a number is left out
 * for each that a migration dropped.
 */
const LOOKS = {
  columns: `select table_name, column_name, row_number() over (partition by table_schema, table_name order by ordinal_position)
      as position, data_type, domain_name, is_nullable, column_default, is_generated
    from information_schema.columns where table_schema in ('public', 'part') order by 1, 3`,
  constraints: `select conrelid::regclass::text as table, conname, contype, pg_get_constraintdef(oid) as definition from pg_constraint
    where connamespace in ('public'::regnamespace, 'part'::regnamespace) order by 1, 2`,
  indexes: `select schemaname, tablename, indexname, indexdef from pg_indexes where schemaname in ('public', 'part') order by 1, 2, 3`,
  policies: `select * from pg_policies order by schemaname, tablename, policyname`,
  security: `select relname, relrowsecurity, relforcerowsecurity from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  rights: `select table_name, grantee, privilege_type from information_schema.role_table_grants where table_schema = 'public' order by 1, 2, 3`,
  routines: `select proname, prosrc, proacl::text, prosecdef, proconfig from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  comments: `select coalesce(c.relname, p.proname, t.typname) as on,
      (select attname from pg_attribute where attrelid = c.oid and attnum = d.objsubid) as column, d.description
    from pg_description d
    left join pg_class c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid and c.relnamespace = 'public'::regnamespace
    left join pg_proc p on d.classoid = 'pg_proc'::regclass and p.oid = d.objoid and p.pronamespace = 'public'::regnamespace
    left join pg_type t on d.classoid = 'pg_type'::regclass and t.oid = d.objoid and t.typnamespace = 'public'::regnamespace
    where coalesce(c.oid, p.oid, t.oid) is not null order by 1, 2 nulls first`,
};

test('db/schema.sql makes the very schema that the migrations make', async () => {
  const text = schemaSql(await readModel(first));
  await second.query(
    'drop schema graphile_worker cascade; drop schema part cascade; drop schema public cascade; create schema public',
  );
  await second.query(text);
  await second.query('reset check_function_bodies');
  for (const [what, sql] of Object.entries(LOOKS)) {
    const [expected, found] = [(await first.query(sql)).rows, (await second.query(sql)).rows];
    expect(expected.length, what).toBeGreaterThan(0);
    expect(found, what).toEqual(expected);
  }
  expect(schemaSql(await readModel(second))).toBe(text);
});

test('a kind of object that it cannot write down is refused, not left out', async () => {
  await second.query('create view forgotten as select 1 as one');
  await expect(readModel(second)).rejects.toThrow('the view forgotten');
  await second.query("drop view forgotten; create type mood as enum ('glad')");
  await expect(readModel(second)).rejects.toThrow('the type mood');
  await second.query('drop type mood');
});

test('docs/schema.md has every table once, in its stage', async () => {
  const model = await readModel(first);
  const text = schemaDocument(model);
  for (const table of model.tables) expect(text.split(`\n| \`${table.name}\` |`).length, table.name).toBe(2);
  expect(text).toContain('posts ||--o{ publications');
  expect(writerOf('Text. Written by plan/posts.')).toBe('plan/posts');
});

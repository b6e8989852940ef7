import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.ts';

let one: TestDatabase;
let other: TestDatabase;

beforeAll(async () => {
  [one, other] = await Promise.all([createDatabase(), createDatabase()]);
});

afterAll(async () => {
  await Promise.all([one?.drop(), other?.drop()]);
});

async function ask(config: pg.ClientConfig, sql: string) {
  const client = new pg.Client(config);
  await client.connect();
  return await client.query(sql).finally(() => client.end());
}

test('each test file has a database to itself', async () => {
  await ask(one.owner, 'create table notes (text text)');
  await expect(ask(other.owner, 'select from notes')).rejects.toThrow('does not exist');
});

test('the server role owns nothing and cannot get around row-level security', async () => {
  const { rows } = await ask(
    one.server,
    'select current_user, rolsuper, rolbypassrls, rolcreaterole, rolinherit from pg_roles where rolname = current_user',
  );
  expect(rows).toEqual([
    { current_user: 'fanfare_server', rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolinherit: true },
  ]);
  await expect(ask(one.server, 'create table mine (text text)')).rejects.toThrow('permission denied');
});

test.skipIf(process.env.FANFARE_TEST_DATABASE_URL)(
  'text is UTF-8 and compared by code point, whatever the machine',
  async () => {
    const { rows } = await ask(
      one.owner,
      "select current_setting('server_encoding') as encoding, lower('ÄÉ') as small, 'Z' < 'a' as by_code_point",
    );
    expect(rows).toEqual([{ encoding: 'UTF8', small: 'äé', by_code_point: true }]);
  },
);

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';

/** The server of this test run, as `global-setup.ts` tells it to the test files. */
export type TestServer = { admin: pg.ClientConfig; owner: pg.ClientConfig; server: pg.ClientConfig; prefix: string };

/** A database of its own, migrated and empty. */
export type TestDatabase = {
  /** Connects as `fanfare_owner`, who owns everything and sees every workspace. */
  owner: pg.ClientConfig;
  /** Connects as `fanfare_server`, who owns nothing and is held to row-level security. */
  server: pg.ClientConfig;
  /** Ends all sessions and removes it. Left-over databases go at the end of the run. */
  drop(): Promise<void>;
};

declare module 'vitest' {
  interface ProvidedContext {
    testDatabaseFolder: string;
  }
}

/**
 * A fresh, migrated, empty database on a real PostgreSQL, copied from the run's template (about 15 ms each; the first
 * call of a run waits for the server). Call it in `beforeAll` and `drop` in `afterAll`.
 */
export async function createDatabase(): Promise<TestDatabase> {
  const { admin, owner, server, prefix } = await testServer();
  const database = `${prefix}_${randomBytes(6).toString('hex')}`;
  const asAdmin = async (sql: string) => {
    const client = new pg.Client(admin);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await asAdmin(`create database ${database} owner fanfare_owner template ${prefix}_template strategy file_copy`);
  return {
    owner: { ...owner, database },
    server: { ...server, database },
    drop: async () => await asAdmin(`drop database if exists ${database} with (force)`),
  };
}

let known: TestServer | undefined;

async function testServer(): Promise<TestServer> {
  if (known) return known;
  const folder = inject('testDatabaseFolder');
  await writeFile(join(folder, 'wanted'), '');
  for (let waited = 0; waited < 50_000; waited += 20) {
    const text = await readFile(join(folder, 'server.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) {
      const info = JSON.parse(text) as TestServer | { error: string };
      if ('error' in info) throw new Error(`The test database did not start.\n${info.error}`);
      known = info;
      return info;
    }
    await pause(20);
  }
  throw new Error('The test database did not start within 50 seconds.');
}

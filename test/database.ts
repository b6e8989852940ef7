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

/** A database without any schema: what a migration or a restore begins with. */
export function createBareDatabase(): Promise<TestDatabase> {
  return create(() => 'template0');
}

/**
 * A fresh, migrated, empty database on a real PostgreSQL, copied from the run's template (about 15 ms each; the first
 * call of a run waits for the server). Call it in `beforeAll` and `drop` in `afterAll`.
 */
export function createDatabase(): Promise<TestDatabase> {
  return create((prefix) => `${prefix}_template`);
}

async function create(templateOf: (prefix: string) => string): Promise<TestDatabase> {
  const { admin, owner, server, prefix } = await testServer();
  const database = `${prefix}_${randomBytes(6).toString('hex')}`;
  const asAdmin = async (...sql: string[]) => {
    const client = new pg.Client(admin);
    await client.connect();
    try {
      for (const one of sql) await client.query(one);
    } finally {
      await client.end();
    }
  };
  await asAdmin(
    `create database ${database} owner fanfare_owner template ${templateOf(prefix)} strategy file_copy`,
    // Rights on a database are not copied with it.
    `revoke temporary on database ${database} from public`,
  );
  return {
    owner: { ...owner, database },
    server: { ...server, database },
    drop: async () => await asAdmin(`drop database if exists ${database} with (force)`),
  };
}

/** A login as an address; over a socket it names the folder. */
export function urlOf({ host, port, user, password, database }: pg.ClientConfig): string {
  const login = typeof password === 'string' ? `${user}:${encodeURIComponent(password)}` : user;
  return host?.startsWith('/')
    ? `postgres://${login}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
    : `postgres://${login}@${host}:${port}/${database}`;
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

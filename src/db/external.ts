import pg from 'pg';
import { SERVER_ROLE } from '#src/db/migrate.ts';
import { camelCase } from './scale/bind.ts';
import { placedTables } from './scale/layout.ts';

export type Connections = {
  owner: pg.ClientConfig;
  server: pg.ClientConfig;
  serverRole: string;
  version: string;
  /** Whether a pooler stands between the server's login and the database. */
  pooled: boolean;
  /** Tables that lie on several servers by workspace, as the query builder calls them; none on one server. */
  distributed: ReadonlySet<string>;
};

/**
 * An external PostgreSQL: `url` is its owner's login. The server itself logs in as a role that owns nothing; it is made
 * here with a password derived from the installation's secret, so that every process of one installation knows it.
 * Throws in words when the server is too old, when the role is missing and may not be made, or when the owner's login
 * leads through a pooler that shares connections: migrations and the queue of jobs need one of their own.
 */
export async function connectExternal(
  url: string,
  options: { serverUrl?: string | undefined; password(database: string): string },
): Promise<Connections> {
  const owner: pg.ClientConfig = { connectionString: url };
  const client = await connectOwner(owner);
  try {
    const { rows } = await client.query<{ database: string; number: string; version: string }>(
      `select current_database() as database, current_setting('server_version_num') as number, current_setting('server_version') as version`,
    );
    const { database, number, version } = rows[0]!;
    const major = Math.floor(Number(number) / 10_000);
    if (major < 15) throw new Error(`DATABASE_URL is PostgreSQL ${version}; Fanfare needs 15 to 18.`);
    await refuseShared(client, owner);
    const distributed = new Set((await placedTables(client)).byWorkspace.map(camelCase));
    if (options.serverUrl) {
      const server = { connectionString: options.serverUrl };
      return { owner, server, version, distributed, ...(await loginBehind(server)) };
    }
    const serverRole = `${SERVER_ROLE}_${database}`.slice(0, 63);
    const password = options.password(database);
    await ensureLogin(client, serverRole, password);
    const server = { ...partsOf(client), database, user: serverRole, password };
    return { owner, server, serverRole, version, distributed, pooled: false };
  } finally {
    await client.end();
  }
}

/** The version of the PostgreSQL at this address; throws what the driver does when it cannot be reached. */
export async function versionAt(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
    return rows[0]!.version;
  } finally {
    await client.end();
  }
}

/** Connects as the owner; throws in words when that cannot be done. */
export async function connectOwner(owner: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(owner);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new Error(
      `DATABASE_URL cannot be reached: ${(error as Error).message}. Check address, user and password, and that the server runs.`,
    );
  }
}

async function ensureLogin(client: pg.Client, role: string, password: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const secret = pg.escapeLiteral(password);
  try {
    await client.query(`select pg_advisory_lock(hashtext('fanfare: server role'))`);
    const known = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    await client.query(
      known.rowCount === 0
        ? `create role ${name} login password ${secret}`
        : `alter role ${name} login password ${secret}`,
    );
  } catch (error) {
    throw new Error(
      `The database user of DATABASE_URL may not make the role ${role}, as which the server logs in (${(error as Error).message}). ` +
        'Give it CREATEROLE, or make a login role yourself and set DATABASE_SERVER_URL.',
    );
  } finally {
    await client.query(`select pg_advisory_unlock(hashtext('fanfare: server role'))`).catch(() => undefined);
  }
}

/**
 * With a second connection open beside the first: one and the same process of the database behind both means that they
 * are shared out by transaction. Then session locks would be held by whoever comes next, and LISTEN would hear nothing.
 */
async function refuseShared(first: pg.Client, owner: pg.ClientConfig): Promise<void> {
  if (!(await isPooled(first))) return;
  const second = new pg.Client(owner);
  await second.connect();
  try {
    if ((await processBehind(first)) !== (await processBehind(second))) return;
  } finally {
    await second.end();
  }
  throw new Error(
    'DATABASE_URL leads through a pooler that shares connections (PgBouncer in transaction mode). Migrations and the queue of jobs need a connection of their own: let DATABASE_URL lead to PostgreSQL directly, and give the address of the pooler in DATABASE_SERVER_URL.',
  );
}

async function loginBehind(server: pg.ClientConfig): Promise<{ serverRole: string; pooled: boolean }> {
  const client = new pg.Client(server);
  try {
    await client.connect();
  } catch (error) {
    throw new Error(
      `DATABASE_SERVER_URL cannot be reached: ${(error as Error).message}. Check address, user and password, and that the server or the pooler runs.`,
    );
  }
  try {
    const { rows } = await client.query<{ role: string }>('select current_user as role');
    return { serverRole: rows[0]!.role, pooled: await isPooled(client) };
  } finally {
    await client.end();
  }
}

/** A pooler answers with a number of its own for the process that serves the connection (it is only good for cancelling). */
async function isPooled(client: pg.Client): Promise<boolean> {
  return (client as unknown as { processID: number }).processID !== (await processBehind(client));
}

async function processBehind(client: pg.Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
}

function partsOf(client: pg.Client): pg.ClientConfig {
  return { host: client.host, port: client.port, ...(client.ssl ? { ssl: client.ssl as boolean } : {}) };
}

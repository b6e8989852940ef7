import pg from 'pg';
import { SERVER_ROLE } from '#src/db/migrate.ts';

export type Connections = { owner: pg.ClientConfig; server: pg.ClientConfig; serverRole: string; version: string };

/**
 * An external PostgreSQL: `url` is its owner's login. The server itself logs in as a role that owns nothing; it is made
 * here with a password derived from the installation's secret, so that every process of one installation knows it.
 * Throws in words when the server is too old, or when the role is missing and may not be made.
 */
export async function connectExternal(
  url: string,
  options: { serverUrl?: string | undefined; password(database: string): string },
): Promise<Connections> {
  const owner: pg.ClientConfig = { connectionString: url };
  const client = new pg.Client(owner);
  try {
    await client.connect();
  } catch (error) {
    throw new Error(
      `DATABASE_URL cannot be reached: ${(error as Error).message}. Check address, user and password, and that the server runs.`,
    );
  }
  try {
    const { rows } = await client.query<{ database: string; number: string; version: string }>(
      `select current_database() as database, current_setting('server_version_num') as number, current_setting('server_version') as version`,
    );
    const { database, number, version } = rows[0]!;
    const major = Math.floor(Number(number) / 10_000);
    if (major < 15) throw new Error(`DATABASE_URL is PostgreSQL ${version}; Fanfare needs 15 to 18.`);
    if (options.serverUrl) {
      const server = { connectionString: options.serverUrl };
      return { owner, server, serverRole: await roleBehind(server), version };
    }
    const serverRole = `${SERVER_ROLE}_${database}`.slice(0, 63);
    const password = options.password(database);
    await ensureLogin(client, serverRole, password);
    const server = { ...partsOf(client), database, user: serverRole, password };
    return { owner, server, serverRole, version };
  } finally {
    await client.end();
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

async function roleBehind(server: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    const { rows } = await client.query<{ role: string }>('select current_user as role');
    return rows[0]!.role;
  } finally {
    await client.end();
  }
}

function partsOf(client: pg.Client): pg.ClientConfig {
  return { host: client.host, port: client.port, ...(client.ssl ? { ssl: client.ssl as boolean } : {}) };
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { type Config, readConfig } from '#src/config.ts';
import type { World } from '#src/context.ts';
import { defaultDataFolder, findEmbedded, holdDataFolder, startEmbedded } from '#src/db/embedded.ts';
import { type Connections, connectExternal } from '#src/db/external.ts';
import { SERVER_ROLE } from '#src/db/migrate.ts';
import { openSecrets } from '#src/secrets.ts';

type Environment = Record<string, string | undefined>;

/** The installation on this machine, as its environment names it, reached without its server. */
export type Installation = { config: Config; data: string; publicUrl: string };

export function installationOf(environment: Environment): Installation {
  const config = readConfig(environment);
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  return { config, data: config.FANFARE_DATA ?? defaultDataFolder(environment), publicUrl };
}

/** A database as its owner, and as the server would reach it. */
export type Reached = Pick<Connections, 'owner' | 'server' | 'serverRole'> & { close(): Promise<void> };

/**
 * The database that is in use: the external one, else the embedded one, whether its Fanfare is running or not. Throws where
 * there is none: one that was made here would be empty.
 */
export async function reachDatabase(at: Installation, say: (text: string) => void): Promise<Reached> {
  if (at.config.DATABASE_URL) return reachExternal(at, at.config.DATABASE_URL, at.config.DATABASE_SERVER_URL);
  const running = await findEmbedded(at.data);
  if (!running && !existsSync(join(at.data, 'postgres')))
    throw new Error(
      `There is no Fanfare in ${at.data}. Say where its data is with FANFARE_DATA, or which database it uses with DATABASE_URL.`,
    );
  if (!running) return startAlone(at, say);
  return { ...rolesOf(running.connection), close: async () => {} };
}

/** The embedded database for oneself; throws, saying who has it, while its Fanfare is running. */
export async function startAlone(
  { config, data, publicUrl }: Installation,
  say: (text: string) => void,
): Promise<Reached> {
  const hold = await holdDataFolder(data, publicUrl);
  try {
    const server = await startEmbedded({ data, account: config.FANFARE_DB_USER, onStep: say });
    const close = async () => {
      await server.stop();
      await hold.release();
    };
    return { ...rolesOf(server.connection), close };
  } catch (error) {
    await hold.release();
    throw error;
  }
}

export async function reachExternal({ config, data }: Installation, url: string, serverUrl?: string): Promise<Reached> {
  const secrets = await openSecrets({ data, given: config.FANFARE_SECRET, before: config.FANFARE_SECRET_BEFORE });
  const password = (database: string) => secrets.derive(`database role ${database}`);
  return { ...(await connectExternal(url, { serverUrl, password })), close: async () => {} };
}

/** Runs `work` with the world of this installation, on a database that has its schema. */
export async function withWorld<T>(
  at: Installation,
  { server }: Reached,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const { openWorld } = await import('#src/world.ts');
  const world = await openWorld({ ...at, config: { ...at.config, LOG_LEVEL: 'error' }, server });
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

/** A database's address without its password, for people. */
export function shownAddress(url: string): string {
  if (!URL.canParse(url)) return 'the server of DATABASE_URL';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port ? `:${port}` : ''}${pathname}`;
}

function rolesOf(connection: (role: 'fanfare_owner' | typeof SERVER_ROLE) => pg.ClientConfig): Omit<Reached, 'close'> {
  return { owner: connection('fanfare_owner'), server: connection(SERVER_ROLE), serverRole: SERVER_ROLE };
}

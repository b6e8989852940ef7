import pg from 'pg';
import { migrate } from '#src/db/migrate.ts';
import { withScratchServer } from '#src/db/scratch.ts';

/** Runs `work` on a fresh, migrated database of a server that lives just as long. */
export function withScratchDatabase<T>(work: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  return withScratchServer(async (owner) => {
    await migrate(owner);
    const client = new pg.Client(owner);
    await client.connect();
    try {
      return await work(client, urlOf(owner));
    } finally {
      await client.end();
    }
  });
}

function urlOf({ host, port, user, password, database }: pg.ClientConfig): string {
  const login = `${user}${typeof password === 'string' ? `:${encodeURIComponent(password)}` : ''}`;
  return host?.startsWith('/')
    ? `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `postgres://${login}@${host}:${port}/${database}`;
}

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate } from '#src/db/migrate.ts';

/** Runs `work` on a fresh, migrated database of a server that lives just as long. */
export async function withScratchDatabase<T>(work: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-generate-'));
  // As root the database runs under another account, which must be able to pass through.
  await chmod(folder, 0o711);
  try {
    const server = await startEmbedded({ data: join(folder, 'data'), fast: true });
    try {
      const owner = server.connection('fanfare_owner');
      await migrate(owner);
      const client = new pg.Client(owner);
      await client.connect();
      try {
        return await work(client, urlOf(owner));
      } finally {
        await client.end();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function urlOf({ host, port, user, password, database }: pg.ClientConfig): string {
  const login = `${user}${typeof password === 'string' ? `:${encodeURIComponent(password)}` : ''}`;
  return host?.startsWith('/')
    ? `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `postgres://${login}@${host}:${port}/${database}`;
}

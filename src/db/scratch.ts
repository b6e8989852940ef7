import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { startEmbedded } from './embedded.ts';

/** Runs `work` on a fresh, empty database of a server that lives just as long; gets its owner. */
export async function withScratchServer<T>(work: (owner: pg.ClientConfig) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-scratch-'));
  // As root the database runs under another account, which must be able to pass through.
  await chmod(folder, 0o711);
  try {
    const server = await startEmbedded({ data: join(folder, 'data'), fast: true });
    try {
      return await work(server.connection('fanfare_owner'));
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

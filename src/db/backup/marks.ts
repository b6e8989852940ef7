import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '#src/db/embedded/account.ts';

/** What is filling the database of this data folder right now, or was when it was killed. */
const unfinished = z.object({ what: z.enum(['restore', 'move']), from: z.string(), startedAt: z.string() });
/** Where the embedded database was moved to; it stays as it was then. */
const moved = z.object({ to: z.string(), at: z.string() });

const UNFINISHED = 'unfinished.json';
const MOVED = 'moved.json';

/** Runs `work` with a note beside it that is left behind only when the process dies. */
export async function withMark<T>(
  data: string,
  what: 'restore' | 'move',
  from: string,
  work: () => Promise<T>,
): Promise<T> {
  await makeFolder(data);
  await writeFile(join(data, UNFINISHED), JSON.stringify({ what, from, startedAt: new Date().toISOString() }));
  try {
    return await work();
  } finally {
    await rm(join(data, UNFINISHED), { force: true });
  }
}

/** A sentence about a restore or a move that was killed, once. Its transaction went with it, so nothing has to be mended. */
export async function takeUnfinished(data: string): Promise<string | null> {
  const found = await read(join(data, UNFINISHED), unfinished);
  if (!found) return null;
  await rm(join(data, UNFINISHED), { force: true });
  const { what, from, startedAt } = found;
  return `The ${what} from ${from} that began at ${startedAt} did not come to its end. Nothing of it was kept: the database is as it was before. Do it again when you are ready.`;
}

/** Notes that the embedded database lives elsewhere from now on. */
export async function markMoved(data: string, to: string): Promise<void> {
  await writeFile(join(data, MOVED), JSON.stringify({ to, at: new Date().toISOString() }));
}

export async function forgetMoved(data: string): Promise<void> {
  await rm(join(data, MOVED), { force: true });
}

/** Throws when the embedded database was moved away: working on with the old one would post everything twice. */
export async function refuseMoved(data: string): Promise<void> {
  const found = await read(join(data, MOVED), moved);
  if (!found) return;
  throw new Error(
    `The database of ${data} was moved to ${found.to} at ${found.at}. Set DATABASE_URL to it. To work with the old one as it was then, remove ${join(data, MOVED)}; to bring the new one back, use "fanfare move embedded --replace".`,
  );
}

async function read<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null; // torn: it was being written when the process died, so nothing had begun
  }
}

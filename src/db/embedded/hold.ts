import { randomUUID } from 'node:crypto';
import { open, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { makeFolder } from './account.ts';
import { birthOf, isAlive } from './process.ts';

/** A data folder that this process has to itself until it lets go. */
export type Hold = {
  /** Lets another Fanfare use the folder. */
  release(): Promise<void>;
  /** Tells whoever asks next that we answer at this address. */
  update(url: string): Promise<void>;
};

const holder = z.object({
  token: z.string(),
  pid: z.number(),
  url: z.string(),
  started: z.string(),
  /** When the process began by the system's own count, so that a later process with the same id is not taken for it. */
  birth: z.string().optional(),
  /** Process ids mean something only on this machine, since this boot, in this process namespace (a container has its own). */
  machine: z.string(),
  boot: z.string(),
  namespace: z.string(),
});
type Holder = z.infer<typeof holder>;

const heartbeat = 2_000;
/** Longer than three heartbeats: a busy process may miss one. */
const watchFor = 7_000;

/**
 * Takes the data folder for this process by a lock file `fanfare.lock` in it, or throws saying who has it.
 * A lock left behind by a killed process is taken over: its process must be alive and be the same one. Where its process
 * id means nothing to us (another container or machine on the same volume), the holder must be seen touching the file.
 */
export async function holdDataFolder(data: string, url: string): Promise<Hold> {
  await makeFolder(data);
  const file = join(data, 'fanfare.lock');
  const mine: Holder = {
    token: randomUUID(),
    pid: process.pid,
    url,
    started: new Date().toISOString(),
    birth: await birthOf(process.pid),
    ...(await here()),
  };
  for (;;) {
    if (await claim(file, mine)) break;
    const theirs = await read(file);
    if (theirs && (await holds(theirs, file, mine))) throw new Error(inUse(data, theirs));
    await clear(file, theirs);
  }
  const beat = setInterval(() => {
    const now = new Date();
    // A folder that is gone or read-only by now is the database's trouble to report.
    utimes(file, now, now).catch(() => undefined);
  }, heartbeat);
  beat.unref();
  return {
    async release() {
      clearInterval(beat);
      if ((await read(file))?.token === mine.token) await rm(file, { force: true });
    },
    async update(address) {
      mine.url = address;
      const aside = `${file}.${mine.token}`;
      await writeFile(aside, JSON.stringify(mine), { mode: 0o600 });
      await rename(aside, file);
    },
  };
}

async function here(): Promise<Pick<Holder, 'machine' | 'boot' | 'namespace'>> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return { machine: hostname(), boot: boot.trim(), namespace };
}

async function claim(file: string, mine: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(mine));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Fanfare cannot write to its data folder: ${reason}. Choose another one with FANFARE_DATA.`, {
      cause: error,
    });
  }
}

/** The lock's content; undefined when it is gone, or still empty or torn after a second (its writer was killed). */
async function read(file: string): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return holder.parse(JSON.parse(text));
    } catch {
      await pause(50);
    }
  }
  return undefined;
}

async function holds(theirs: Holder, file: string, mine: Holder): Promise<boolean> {
  if (theirs.machine === mine.machine) {
    if (theirs.boot !== mine.boot) return false;
    if (theirs.namespace === mine.namespace) {
      return (await isAlive(theirs.pid)) && (await birthOf(theirs.pid)) === theirs.birth;
    }
  }
  return await isTouched(file);
}

async function isTouched(file: string): Promise<boolean> {
  const touched = async () => (await stat(file).catch(() => undefined))?.mtimeMs;
  const before = await touched();
  for (let waited = 0; waited < watchFor; waited += 200) {
    await pause(200);
    const now = await touched();
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
}

/**
 * Removes a dead lock. Only who makes the marker named for it may, and only after seeing that it is still there: without
 * that, a slow starter removes the new lock of a quicker one (of ten starters three won).
 */
async function clear(file: string, dead: Holder | undefined): Promise<void> {
  const marker = `${file}.${dead?.token ?? 'torn'}`;
  try {
    await (await open(marker, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const made = (await stat(marker).catch(() => undefined))?.mtimeMs;
    // Its maker was killed in the milliseconds between making and removing it.
    if (made !== undefined && Date.now() - made > 10_000) await rm(marker, { force: true });
    await pause(50);
    return;
  }
  try {
    if ((await read(file))?.token === dead?.token) await rm(file, { force: true });
  } finally {
    await rm(marker, { force: true });
  }
}

function inUse(data: string, { pid, url, started }: Holder): string {
  const at = new Date(started);
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  const day = at.toDateString() === new Date().toDateString() ? '' : ` on ${at.toLocaleDateString('en-CA')}`;
  return (
    `The data folder ${data} is in use by Fanfare (process ${pid}, ${url}, started ${time}${day}). ` +
    'Stop it first, or choose another folder with FANFARE_DATA.'
  );
}

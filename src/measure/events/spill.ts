import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, type FileHandle, mkdir, open, readdir, rename, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Where events are kept while the database is away: files of lines in the data folder, only ever added to. Each process
 * writes a file of its own; a file whose process is gone is taken over by whoever finds it. A line that was never
 * finished, because the machine stopped in the middle of it, was never acknowledged either and is passed over.
 */
export type Spill = {
  /** Keeps records, a line each. True when they are safe on the disk, false when they do not fit or cannot be written. */
  keep(records: readonly string[]): Promise<boolean>;
  /** Whether this process has kept anything that was not replayed yet. */
  holds(): boolean;
  /**
   * Hands everything kept, by this process or by one that is gone, to `store` in order, so many lines at a time, and
   * removes each file when all of it is stored. What `store` throws ends it; the rest is kept. Returns how many lines
   * were handed over. May hand over a line again after an interruption: `store` has to know what it has.
   */
  replay(store: (records: string[]) => Promise<void>): Promise<number>;
  /** Sets aside what can never be stored, for a person to look at. */
  setAside(record: string): Promise<void>;
  close(): Promise<void>;
};

const LARGEST = 256 * 1024 * 1024;
const LINES_AT_ONCE = 500;
/** A process shows every minute that it lives; a file of another machine untouched for so long is nobody's any more. */
const SIGN_OF_LIFE = 60_000;
const ABANDONED = 10 * 60_000;

type Live = { path: string; handle: FileHandle; inode: number; bytes: number };
type Kept = { text: string; done(safe: boolean): void };

export function openSpill(folder: string, largest: number = LARGEST): Spill {
  let live: Live | null = null;
  let closed: string[] = [];
  let bytes = 0;
  let waiting: Kept[] = [];
  let writing: Promise<void> | null = null;
  let replaying: Promise<number> | null = null;
  let shownAt = 0;

  const newName = () => {
    const path = join(folder, `${hostname()}.${process.pid}.${randomBytes(6).toString('hex')}.events`);
    inUse.add(path);
    return path;
  };

  const openLive = async (): Promise<Live> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = newName();
    const handle = await open(path, 'ax', 0o600);
    const { ino } = await handle.stat();
    const directory = await open(folder, 'r');
    await directory.sync().finally(() => directory.close());
    return { path, handle, inode: ino, bytes: 0 };
  };

  /** Writes everything that waits, together, until nothing does. */
  const write = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const text = batch.map((one) => one.text).join('');
      const safe = bytes + text.length <= largest && (await append(text).catch(() => false));
      if (safe) bytes += text.length;
      for (const one of batch) one.done(safe);
    }
    writing = null;
  };
  const append = async (text: string): Promise<boolean> => {
    for (let tries = 0; tries < 3; tries++) {
      live ??= await openLive();
      // After a write that broke off, the line must not go on in the middle of the last one.
      await live.handle.appendFile(`\n${text}`);
      await live.handle.datasync();
      live.bytes += text.length;
      const { ino } = await stat(live.path).catch(() => ({ ino: -1 }));
      if (ino === live.inode) return true;
      // We were held up for so long that somebody took the file over: what came too late for them goes to a new one.
      await live.handle.close();
      live = null;
    }
    return false;
  };

  const closeLive = async () => {
    while (writing) await writing;
    if (live === null) return;
    const { path, handle } = live;
    live = null;
    closed.push(path);
    await handle.close();
  };

  const replayAll = async (store: (records: string[]) => Promise<void>): Promise<number> => {
    await showLife();
    await closeLive();
    for (const left of await abandoned(folder, closed)) {
      const own = newName();
      // Whoever renames it has it; the others do not find it any more.
      await rename(left, own).then(
        () => closed.push(own),
        () => undefined,
      );
    }
    let count = 0;
    for (const path of [...closed]) {
      const { size } = await stat(path);
      count += await replayFile(path, store);
      await unlink(path);
      inUse.delete(path);
      closed = closed.filter((one) => one !== path);
      bytes = Math.max(0, bytes - size);
    }
    if (closed.length === 0 && live === null) bytes = 0;
    return count;
  };
  const showLife = async () => {
    if (Date.now() - shownAt < SIGN_OF_LIFE) return;
    shownAt = Date.now();
    const now = new Date();
    for (const path of [...closed, ...(live ? [live.path] : [])]) await utimes(path, now, now).catch(() => undefined);
  };

  return {
    keep: (records) =>
      new Promise((done) => {
        waiting.push({ text: records.map((record) => `${record}\n`).join(''), done });
        // Not at once: it must not have ended before it is known that it runs.
        writing ??= Promise.resolve().then(write);
      }),
    holds: () => live !== null || closed.length > 0 || waiting.length > 0 || writing !== null,
    replay(store) {
      replaying ??= replayAll(store).finally(() => {
        replaying = null;
      });
      return replaying;
    },
    setAside: (record) => appendFile(join(folder, 'not-stored.txt'), `${record}\n`, { mode: 0o600 }),
    async close() {
      await replaying?.catch(() => undefined);
      await closeLive();
      // Whoever comes next may have them.
      for (const path of closed) inUse.delete(path);
    },
  };
}

async function replayFile(path: string, store: (records: string[]) => Promise<void>): Promise<number> {
  let batch: string[] = [];
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '' || !isWhole(line)) continue;
    batch.push(line);
    count++;
    if (batch.length < LINES_AT_ONCE) continue;
    await store(batch);
    batch = [];
  }
  if (batch.length > 0) await store(batch);
  return count;
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Files whose process is gone. */
async function abandoned(folder: string, own: readonly string[]): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.events')).sort();
  const found: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const [pid, machine] = [name.split('.').at(-3), name.split('.').slice(0, -3).join('.')];
    if (own.includes(path)) continue;
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    // One of our own number that we know nothing of is a predecessor's: in a container everyone is number 1.
    const isGone = machine === hostname() && (Number(pid) === process.pid ? !inUse.has(path) : !isAlive(Number(pid)));
    if (isGone || age > ABANDONED) found.push(path);
  }
  return found;
}

/** Files of this very process, should it have opened more than one folder's spill. */
const inUse = new Set<string>();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

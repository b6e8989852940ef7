import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Contents, contents, type Part } from './contents.ts';
import {
  damaged,
  type Envelope,
  envelope,
  keyOf,
  newEnvelope,
  readBytes,
  readPart,
  type Sink,
  writePart,
} from './frames.ts';
import type { Snapshot } from './snapshot.ts';

const MAGIC = 'FANFARE BACKUP 1\n';
/** Where the list of contents begins (64 bits), and a word that says that the file is complete. */
const END = 'FANFARE COMPLETE';
/** The list of contents has a number that no part can have. */
const LIST = 0xffff_ffff;

export type Written = { bytes: number; rows: number; sha256: string; encrypted: boolean; contents: Contents };

/** What stands beside the rows. */
export type Beside = {
  /** The file of this name, piece by piece; null when it is not there. */
  media(name: string): Promise<AsyncIterable<Uint8Array> | null>;
  secret: { id: string; text: string };
};

/**
 * Writes the whole snapshot with its media into one file, made beside and renamed when it is complete and on the disk:
 * what stands under `path` is whole. The installation's secret goes in only when the file is encrypted.
 */
export async function writeBackup(
  path: string,
  snapshot: Snapshot,
  beside: Beside,
  options: { passphrase?: string | undefined; onStep?(text: string): void } = {},
): Promise<Written> {
  const aside = `${path}.unfinished`;
  const own = newEnvelope(options.passphrase !== undefined);
  const key = await keyOf(own, options.passphrase);
  const file = await openNew(aside).catch((error: unknown) => {
    throw inWords(error, path);
  });
  try {
    const sink = openSink(file);
    await sink.write(Buffer.from(`${MAGIC}${JSON.stringify(own)}\n`));
    const list = await writeParts(sink, key, snapshot, beside, options.onStep ?? (() => {}));
    const at = await writePart(sink, LIST, key, [Buffer.from(JSON.stringify(list))]);
    const end = Buffer.alloc(8);
    end.writeBigUInt64BE(BigInt(at.at));
    await sink.write(Buffer.concat([end, Buffer.from(END)]));
    await file.sync();
    await file.close();
    await rename(aside, path);
    await syncFolder(dirname(path));
    const rows = list.tables.reduce((sum, table) => sum + table.rows, 0);
    return { bytes: sink.at(), rows, sha256: sink.sha256(), encrypted: key !== null, contents: list };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(aside, { force: true });
    throw inWords(error, path);
  }
}

async function writeParts(
  sink: Sink,
  key: Buffer | null,
  snapshot: Snapshot,
  beside: Beside,
  say: (text: string) => void,
): Promise<Contents> {
  let number = 0;
  const write = (from: AsyncIterable<Uint8Array> | Uint8Array[]): Promise<Part> => writePart(sink, number++, key, from);
  const list: Contents = {
    ...snapshot.head,
    tables: [],
    media: [],
    missing: [],
    secret: { id: beside.secret.id, part: null },
  };
  for (const table of snapshot.head.tables) {
    const { chunks, tally } = snapshot.rows(table);
    const part = await write(chunks);
    list.tables.push({ ...table, ...tally(), part });
  }
  say(`${list.tables.length} tables are written.`);
  for (const name of await snapshot.media()) {
    const bytes = await beside.media(name);
    if (bytes) list.media.push({ name, part: await write(bytes) });
    else list.missing.push(name);
  }
  if (key) list.secret.part = await write([Buffer.from(beside.secret.text)]);
  return list;
}

/** A backup file that is open for reading. */
export type BackupFile = {
  contents: Contents;
  encrypted: boolean;
  rows(table: Contents['tables'][number]): AsyncIterable<Buffer>;
  media(one: Contents['media'][number]): AsyncIterable<Buffer>;
  /** The installation's secret, where the file holds it. */
  secret(): Promise<string | null>;
  close(): Promise<void>;
};

/** Opens a backup; throws in words when it is none, is not complete, or the passphrase is missing or wrong. */
export async function openBackup(path: string, passphrase?: string): Promise<BackupFile> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be read (${error.code}).`);
  });
  try {
    const own = await readEnvelope(file, path);
    const key = await keyOf(own, passphrase);
    const { size } = await file.stat();
    const end = await readBytes(file, Math.max(0, size - 8 - END.length), Math.min(size, 8 + END.length));
    if (end.subarray(8).toString() !== END)
      throw new Error(`${path} is not complete: it was cut off while it was made or copied. Use another backup.`);
    const list = await textOf(readPart(file, LIST, key, { at: Number(end.readBigUInt64BE()) }));
    const parsed = contents.safeParse(JSON.parse(list));
    if (!parsed.success) throw damaged();
    const { tables, media } = parsed.data;
    return {
      contents: parsed.data,
      encrypted: key !== null,
      rows: (table) => readPart(file, tables.indexOf(table), key, table.part),
      media: (one) => readPart(file, tables.length + media.indexOf(one), key, one.part),
      async secret() {
        const { part } = parsed.data.secret;
        return part ? await textOf(readPart(file, tables.length + media.length, key, part)) : null;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readEnvelope(file: FileHandle, path: string): Promise<Envelope> {
  const begin = Buffer.alloc(1024);
  const { bytesRead } = await file.read(begin, 0, begin.length, 0);
  const text = begin.subarray(0, bytesRead).toString('latin1');
  if (!text.startsWith(MAGIC)) throw new Error(`${path} is no backup of Fanfare’s.`);
  const line = text.slice(MAGIC.length).split('\n')[0] ?? '';
  try {
    return envelope.parse(JSON.parse(line));
  } catch {
    throw damaged();
  }
}

async function openNew(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'w', 0o600);
}

function openSink(file: FileHandle): Sink & { sha256(): string } {
  const sum = createHash('sha256');
  let at = 0;
  return {
    at: () => at,
    async write(bytes) {
      sum.update(bytes);
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
        done += bytesWritten;
      }
      at += bytes.length;
    },
    sha256: () => sum.digest('hex'),
  };
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString('utf8');
}

/** Without it a power cut can undo the renaming. Windows cannot open folders, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

function inWords(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new Error(
      `There is no room left where ${path} was to be written. Free some space or choose another disk; nothing was left behind.`,
    );
  if (code === 'EACCES' || code === 'EROFS' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST')
    return new Error(`${path} cannot be written (${code}). Choose another place.`);
  return error;
}

import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { refuse } from '#src/refusal.ts';

/** A file inside a zip, or the uploaded file itself when it is none. */
export type Part = { name: string; bytes: number; open(): Promise<Readable> };
export type Zip = { parts: Part[]; close(): void };

const MOST_PARTS = 20_000;
const MOST_BYTES = 40_000_000_000;
/** Text packs ten- to thirtyfold; a file of more than this was made to fill a disk. */
const MOST_RATIO = 200;
/** Below this a part may be packed as well as it likes: ten megabytes of zeros hurt nobody. */
const SMALL = 20_000_000;
/** So much may lie in any zip file; of more the whole has to be honest too, or many small parts would do what one may not. */
const LITTLE = 1_000_000_000;

/**
 * Opens a zip without reading its parts. Refused in plain words: what is no zip, names that lead out of the archive,
 * encrypted parts, and more than could honestly have been packed.
 */
export async function openZip(path: string): Promise<Zip> {
  const file = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.open(
      path,
      { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: false },
      (error, opened) => (error ? reject(broken(error)) : resolve(opened)),
    ),
  );
  try {
    return { parts: await listParts(file), close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

function listParts(file: yauzl.ZipFile): Promise<Part[]> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = [];
    const seen = new Set<string>();
    let all = 0;
    file.on('error', (error: Error) => reject(broken(error)));
    file.on('end', () => resolve(parts));
    file.on('entry', (entry: yauzl.Entry) => {
      const name = entry.fileName.replaceAll('\\', '/');
      all += entry.uncompressedSize;
      const wrong = whatIsWrong(entry, name) ?? (seen.has(name) ? `It holds “${shown(name)}” twice.` : null);
      if (wrong) return reject(refuse('invalid', 'zip_refused', `This zip file is not read. ${wrong}`));
      if (parts.length >= MOST_PARTS || all > MOST_BYTES)
        return reject(
          refuse('invalid', 'zip_too_large', 'This zip file holds more than 20,000 files or 40 GB. Send it in pieces.'),
        );
      if (all > LITTLE && all > file.fileSize * MOST_RATIO)
        return reject(
          refuse(
            'invalid',
            'zip_refused',
            `This zip file is not read. It would unpack to more than ${MOST_RATIO} times its size.`,
          ),
        );
      seen.add(name);
      if (!name.endsWith('/')) parts.push({ name, bytes: entry.uncompressedSize, open: () => openPart(file, entry) });
      file.readEntry();
    });
    file.readEntry();
  });
}

function whatIsWrong(entry: yauzl.Entry, name: string): string | null {
  if (name.startsWith('/') || /^[a-z]:/i.test(name) || name.split('/').includes('..') || name.includes('\u0000'))
    return `The name “${shown(name)}” leads out of it.`;
  if (entry.generalPurposeBitFlag & 1) return 'It is locked with a password. Unpack it and send its files.';
  if (entry.uncompressedSize > SMALL && entry.uncompressedSize > entry.compressedSize * MOST_RATIO)
    return `“${shown(name)}” would unpack to more than ${MOST_RATIO} times its size.`;
  return null;
}

const shown = (name: string) => name.slice(0, 80);

function openPart(file: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) =>
    file.openReadStream(entry, (error, stream) => (error ? reject(broken(error)) : resolve(stream))),
  );
}

function broken(error: Error) {
  if (/relative path|absolute path|invalid characters/.test(error.message))
    return refuse('invalid', 'zip_refused', 'This zip file is not read. A name in it leads out of it.');
  return refuse(
    'invalid',
    'zip_broken',
    `This zip file cannot be read: it is damaged or incomplete (${error.message}).`,
  );
}

/** Whether a file begins as zip files do. */
export async function isZip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && (buffer.readUInt32LE(0) === 0x0403_4b50 || buffer.readUInt32LE(0) === 0x0605_4b50);
  } finally {
    await file.close();
  }
}

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { WrongFile } from './source.ts';
import { WrongUse } from './verb.ts';

/**
 * The files of a folder and of those in it, by name, as paths from it. Hidden ones, and the folder that is written, are left out.
 * Links to files are followed, links to folders are not.
 */
export function filesIn(folder: string, out: string): string[] {
  const written = resolve(out);
  if (resolve(folder) === written)
    throw new WrongUse('The answers need a folder of their own, or they would replace the files.');
  const found: string[] = [];
  const look = (place: string) => {
    for (const entry of entriesOf(place)) {
      const path = join(place, entry.name);
      if (entry.name.startsWith('.') || resolve(path) === written) continue;
      if (entry.isDirectory()) look(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile()))
        found.push(relative(folder, path));
    }
  };
  look(folder);
  return found.sort();
}

/**
 * What a file says as text: UTF-8, or UTF-16 by its mark, or else Windows-1252. Null for what is no text (a zero byte, or control
 * signs throughout).
 */
export function textIn(path: string): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new WrongFile(`${path}: it cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe') return new TextDecoder('utf-16le').decode(bytes);
  if (mark === 'feff') return new TextDecoder('utf-16be').decode(bytes);
  const controls = bytes.subarray(0, 8192).filter((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27)).length;
  if (bytes.includes(0) || controls > Math.min(bytes.length, 8192) * 0.02) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Writes a file, and the folders it stands in. */
export function writeText(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new WrongFile(`${path}: it cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function entriesOf(place: string) {
  try {
    return readdirSync(place, { withFileTypes: true });
  } catch (error) {
    throw new WrongFile(`${place}: it cannot be read as a folder (${(error as NodeJS.ErrnoException).code}).`);
  }
}

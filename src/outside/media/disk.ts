import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import type { MediaStore } from '#src/outside/media.ts';

/** Media in a folder. A file is moved in whole, so that what lies under a name is always complete. */
export function openDisk(folder: string): MediaStore {
  return {
    // A path says little: in containers it is the same for different disks. So the name lies in the folder itself.
    async place() {
      await mkdir(folder, { recursive: true });
      const file = join(folder, '.place');
      // Whoever is first gives the name. Not every shared folder has links or locks, all have this.
      await writeFile(file, `${randomUUID()}\n`, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      for (let tries = 0; tries < 50; tries++) {
        const name = await readFile(file, 'utf8');
        if (name.endsWith('\n')) return `folder ${name.trim()}`;
        await pause(100);
      }
      throw new Error(`${file} was begun and never finished. Remove it and start again.`);
    },
    async keep(name, path) {
      await mkdir(folder, { recursive: true });
      try {
        await rename(path, join(folder, name));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
        // The folder for what comes in lies on another disk: copied aside first, so that nobody reads half of it.
        const aside = join(folder, `.${name}.${process.pid}`);
        await copyFile(path, aside);
        await rename(aside, join(folder, name));
        await rm(path, { force: true });
      }
    },
    async read(name, from = 0, to) {
      const file = await open(join(folder, name));
      try {
        const end = Math.min(to ?? Number.POSITIVE_INFINITY, (await file.stat()).size);
        const bytes = Buffer.alloc(Math.max(end - from, 0));
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
          if (bytesRead === 0) throw new Error(`The file ${name} ended early.`);
          at += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    },
    async stream(name) {
      const file = await open(join(folder, name));
      return Readable.toWeb(createReadStream('', { fd: file })) as ReadableStream<Uint8Array>;
    },
    async remove(name) {
      await rm(join(folder, name), { force: true });
    },
  };
}

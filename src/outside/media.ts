/**
 * Where uploaded pictures and videos lie: in a folder beside the database, or in a bucket that speaks S3. A file is
 * named by the SHA-256 of its bytes, so it never changes and the same one is kept once.
 */
import type { ReadableStream } from 'node:stream/web';
import { openDisk } from './media/disk.ts';
import { openBucket } from './media/s3.ts';

export type MediaStore = {
  /** A name of the place: the same for every process that keeps its files there, another for every other place. */
  place(): Promise<string>;
  /** Takes the file at this path in under its name; afterwards the path is free. There already: nothing changes. */
  keep(name: string, path: string): Promise<void>;
  /** The bytes from `from` (inclusive) to `to` (exclusive); all of them without. */
  read(name: string, from?: number, to?: number): Promise<Uint8Array>;
  /** The whole file, piece by piece. */
  stream(name: string): Promise<ReadableStream<Uint8Array>>;
  /** Removing what is not there is fine. */
  remove(name: string): Promise<void>;
};

export type Bucket = { url: string; region: string; keyId: string; secret: string };

/** Opens the store: the bucket when there is one, else the folder. */
export function openMediaStore(at: { folder: string; bucket: Bucket | null }): MediaStore {
  return at.bucket ? openBucket(at.bucket) : openDisk(at.folder);
}

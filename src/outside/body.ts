/** Taking in the body of an answer: decompressed, and never more of it than asked for. */
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** What `readBody` can undo; goes into the `accept-encoding` header. */
export const ACCEPTED_ENCODINGS = 'gzip, br';

/** A body in a compression we did not ask for and cannot undo. */
export class UnknownEncoding extends Error {}

/**
 * Reads a body to its end, undoing its compression. The limit counts bytes after decompression, so a small
 * answer that unpacks to gigabytes is dropped as soon as it passes the limit.
 *
 * @returns the bytes, or `undefined` when there are more than `maxBytes`; the connection is then dropped.
 * @throws UnknownEncoding, or the error of the connection or the decompression.
 */
export async function readBody(
  body: Readable,
  contentEncoding: string | string[] | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const stages = decompressors(contentEncoding);
  const plain = stages.length === 0 ? body : (pipeline([body, ...stages], () => {}) as unknown as Readable);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of plain as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      body.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decompressors(contentEncoding: string | string[] | undefined): Transform[] {
  const names = [contentEncoding ?? []]
    .flat()
    .join(',')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > 2) throw new UnknownEncoding(`compressed ${names.length} times over`);
  return names.reverse().map(decompressor);
}

function decompressor(name: string): Transform {
  // Browsers accept a stream without its trailer, and servers rely on it.
  const lenient = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  if (name === 'gzip' || name === 'x-gzip') return createGunzip(lenient);
  if (name === 'deflate') return createInflate(lenient);
  if (name === 'br') return createBrotliDecompress();
  throw new UnknownEncoding(`compressed as “${name.slice(0, 20)}”`);
}

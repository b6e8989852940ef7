import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';

/**
 * Fetches a file piece by piece. It stands under its name only when it is whole. Returns its bytes; throws a sentence
 * when the server does not hand it out or the connection breaks.
 */
export async function download(url: string, path: string): Promise<number> {
  const { statusCode, headers, body } = await request(url);
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`The file could not be fetched: ${new URL(url).host} answered ${statusCode}.`);
  }
  const part = `${path}.part`;
  let bytes = 0;
  try {
    await pipeline(
      body,
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          bytes += piece.length;
          yield piece;
        }
      },
      createWriteStream(part, { mode: 0o600 }),
    );
    const told = Number(headers['content-length'] ?? bytes);
    if (bytes !== told) throw new Error(`Only ${bytes} of ${told} bytes came.`);
    await rename(part, path);
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

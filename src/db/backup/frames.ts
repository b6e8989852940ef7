import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import type { Part } from './contents.ts';

/**
 * How a part lies in the file: packed (zstd), cut into frames of at most 256 kB, each a length (32 bits, the highest one
 * set on the last) and its bytes. In an encrypted file a frame is sealed with AES-256-GCM; the number of the part and of
 * the frame are its nonce, and with the mark of the last one its additional data, so that no frame can be moved, left
 * out or cut off unseen.
 */
const FRAME = 256 * 1024;
const LAST = 0x8000_0000;
const TAG = 16;

/** What the file says about itself in clear. */
export const envelope = z.object({
  encryption: z
    .object({
      cipher: z.literal('aes-256-gcm'),
      kdf: z.literal('scrypt'),
      // Bounds, so that a file from elsewhere cannot ask for all memory.
      N: z
        .int()
        .min(2)
        .max(2 ** 20),
      r: z.int().min(1).max(16),
      p: z.int().min(1).max(16),
      salt: z.string().regex(/^[0-9a-f]{32}$/),
    })
    .nullable(),
});
export type Envelope = z.infer<typeof envelope>;

/** scrypt as OWASP advises for passwords (2^17, 8, 1; November 2026): 128 MB and about a third of a second. */
export function newEnvelope(encrypted: boolean): Envelope {
  const salt = randomBytes(16).toString('hex');
  return { encryption: encrypted ? { cipher: 'aes-256-gcm', kdf: 'scrypt', N: 2 ** 17, r: 8, p: 1, salt } : null };
}

export function keyOf({ encryption }: Envelope, passphrase: string | undefined): Promise<Buffer | null> {
  if (!encryption) return Promise.resolve(null);
  if (!passphrase) throw new Error('This backup is encrypted. Give its passphrase with --passphrase-file.');
  const { N, r, p, salt } = encryption;
  return new Promise((resolve, reject) => {
    const cost = { N, r, p, maxmem: 256 * N * r };
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'hex'), 32, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** Takes bytes as they come, at the end of the file. */
export type Sink = { at(): number; write(bytes: Uint8Array): Promise<void> };

/** Writes one part; what it holds is read once, and of more than a frame never all is kept. */
export async function writePart(
  sink: Sink,
  number: number,
  key: Buffer | null,
  from: AsyncIterable<Uint8Array> | Uint8Array[],
): Promise<Part> {
  const at = sink.at();
  const sum = createHash('sha256');
  let bytes = 0;
  const chunks = (async function* () {
    for await (const chunk of from) {
      sum.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  })();
  let frame = 0;
  const write = async (body: Buffer, last: boolean) => {
    const sealed = key ? seal(key, number, frame, last, body) : body;
    const length = Buffer.alloc(4);
    length.writeUInt32BE((last ? LAST : 0) + sealed.length);
    await sink.write(Buffer.concat([length, sealed]));
    frame += 1;
  };
  const { begin, over } = await readAhead(chunks);
  // Most tables are small, and setting up a stream for each takes longer than packing them.
  if (over) for (const { body, last } of cutUp(zstdCompressSync(begin))) await write(body, last);
  else {
    const all = async function* () {
      yield begin;
      yield* chunks;
    };
    await pipeline(Readable.from(all(), { objectMode: false }), createZstdCompress(), cut(), async (frames) => {
      for await (const { body, last } of frames as AsyncIterable<Frame>) await write(body, last);
    });
  }
  return { at, bytes, sha256: sum.digest('hex') };
}

/** At least a frame's worth of bytes, or all of them where there are fewer. */
async function readAhead(chunks: AsyncGenerator<Uint8Array>): Promise<{ begin: Buffer; over: boolean }> {
  const read: Uint8Array[] = [];
  for (let size = 0; size < FRAME; ) {
    const { value, done } = await chunks.next();
    if (done) return { begin: Buffer.concat(read), over: true };
    read.push(value);
    size += value.length;
  }
  return { begin: Buffer.concat(read), over: false };
}

/** Reads one part back, and throws at its end when it is not what was written. */
export async function* readPart(
  file: FileHandle,
  number: number,
  key: Buffer | null,
  part: { at: number; bytes?: number; sha256?: string },
): AsyncGenerator<Buffer> {
  const sum = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of unpacked(frames(file, number, key, part.at), part.bytes)) {
      sum.update(chunk);
      bytes += chunk.length;
      // What unpacks to more than was packed is not read to its end.
      if (part.bytes !== undefined && bytes > part.bytes) throw damaged();
      yield chunk;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code?.startsWith('ZSTD') || code === 'ERR_BUFFER_TOO_LARGE' ? damaged() : error;
  }
  if (part.sha256 !== undefined && (bytes !== part.bytes || sum.digest('hex') !== part.sha256)) throw damaged();
}

async function* unpacked(packed: AsyncGenerator<Buffer>, bytes: number | undefined): AsyncGenerator<Buffer> {
  if (bytes !== undefined && bytes <= FRAME) {
    const all: Buffer[] = [];
    for await (const frame of packed) all.push(frame);
    yield zstdDecompressSync(Buffer.concat(all), { maxOutputLength: Math.max(bytes, 1) });
    return;
  }
  const unpack = createZstdDecompress();
  const done = pipeline(Readable.from(packed, { objectMode: false }), unpack);
  done.catch(() => undefined);
  yield* unpack as AsyncIterable<Buffer>;
  await done;
}

export function damaged(): Error {
  return new Error('The backup file is damaged: a part of it is not what was written. Use another backup.');
}

async function* frames(file: FileHandle, number: number, key: Buffer | null, from: number): AsyncGenerator<Buffer> {
  let at = from;
  for (let frame = 0; ; frame++) {
    const length = (await readBytes(file, at, 4)).readUInt32BE();
    const last = length >= LAST;
    const size = last ? length - LAST : length;
    if (size > FRAME + TAG) throw damaged();
    const body = await readBytes(file, at + 4, size);
    at += 4 + size;
    yield key ? unseal(key, number, frame, last, body) : body;
    if (last) return;
  }
}

export async function readBytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read);
    if (bytesRead === 0) throw damaged();
    read += bytesRead;
  }
  return bytes;
}

type Frame = { body: Buffer; last: boolean };

function* cutUp(all: Buffer): Generator<Frame> {
  let rest = all;
  for (; rest.length > FRAME; rest = rest.subarray(FRAME)) yield { body: rest.subarray(0, FRAME), last: false };
  yield { body: rest, last: true };
}

/** Gathers bytes into frames; the last one is known only when there are no more. */
function cut(): Transform {
  let waiting: Buffer[] = [];
  let size = 0;
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      waiting.push(chunk);
      size += chunk.length;
      if (size > FRAME) {
        const frames = [...cutUp(Buffer.concat(waiting))];
        const rest = frames.pop()!.body;
        for (const { body } of frames) this.push({ body, last: false });
        waiting = [rest];
        size = rest.length;
      }
      done();
    },
    flush(done) {
      this.push({ body: Buffer.concat(waiting), last: true });
      done();
    },
  });
}

function nonce(part: number, frame: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(part);
  bytes.writeBigUInt64BE(BigInt(frame), 4);
  return bytes;
}

function seal(key: Buffer, part: number, frame: number, last: boolean, body: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(part, frame), { authTagLength: TAG });
  cipher.setAAD(Buffer.from([last ? 1 : 0]));
  return Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, part: number, frame: number, last: boolean, sealed: Buffer): Buffer {
  if (sealed.length < TAG) throw damaged();
  const cipher = createDecipheriv('aes-256-gcm', key, nonce(part, frame), { authTagLength: TAG })
    .setAAD(Buffer.from([last ? 1 : 0]))
    .setAuthTag(sealed.subarray(-TAG));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(0, -TAG)), cipher.final()]);
  } catch {
    throw new Error(
      'The backup does not open: the passphrase is not the one it was made with, or the file is damaged.',
    );
  }
}

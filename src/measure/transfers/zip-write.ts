import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32, createDeflateRaw } from 'node:zlib';

/** What went into an archive under a name: its bytes before they were packed, and their SHA-256 (hex). */
export type Packed = { name: string; bytes: number; sha256: string };

/**
 * Writes a zip file piece by piece, entry after entry; nothing is held in memory but the piece at hand. Sizes are
 * written as 64-bit ones (PKWARE APPNOTE 6.3.10, section 4.5.3), so an entry may be of any size.
 */
export type ZipWriter = {
  add(name: string, pieces: AsyncIterable<Uint8Array>, pack?: boolean): Promise<Packed>;
  /** Writes the list of entries and closes the file. Returns its size in bytes. */
  finish(): Promise<number>;
  /** Closes an unfinished file. */
  abandon(): Promise<void>;
};

const UTF8 = 0x0800;
const VERSION = 45;
const MAX32 = 0xffff_ffff;
/** Every entry has the same moment, 1 January 1980: the same rows make the same file. */
const DATE = 0x0021;

type Entry = Packed & { crc: number; packedBytes: number; at: number; method: number };

export async function writeZip(path: string): Promise<ZipWriter> {
  const file = await open(path, 'w', 0o600);
  const entries: Entry[] = [];
  let offset = 0;
  const append = async (piece: Uint8Array) => {
    await writeAll(file, piece, offset);
    offset += piece.length;
  };
  return {
    async add(name, pieces, pack = true) {
      const at = offset;
      const entry: Entry = { name, bytes: 0, sha256: '', crc: 0, packedBytes: 0, at, method: pack ? 8 : 0 };
      await append(localHeader(entry));
      const begun = offset;
      const hash = createHash('sha256');
      const looked = look(pieces, (piece) => {
        entry.bytes += piece.length;
        entry.crc = crc32(piece, entry.crc);
        hash.update(piece);
      });
      for await (const piece of pack ? deflated(looked) : looked) await append(piece);
      entry.packedBytes = offset - begun;
      entry.sha256 = hash.digest('hex');
      await writeAll(file, localHeader(entry), at);
      entries.push(entry);
      return { name, bytes: entry.bytes, sha256: entry.sha256 };
    },
    async finish() {
      const from = offset;
      for (const entry of entries) await append(centralHeader(entry));
      await append(ending(entries.length, from, offset - from));
      await file.sync();
      await file.close();
      return offset;
    },
    abandon: () => file.close(),
  };
}

async function writeAll(file: FileHandle, piece: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await file.write(piece, done, piece.length - done, at + done);
    done += bytesWritten;
  }
}

async function* look(pieces: AsyncIterable<Uint8Array>, at: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    at(piece);
    yield piece;
  }
}

async function* deflated(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packer = createDeflateRaw({ level: 6 });
  const fed = (async () => {
    for await (const piece of pieces)
      if (!packer.write(piece)) await new Promise((resolve) => packer.once('drain', resolve));
    packer.end();
  })();
  fed.catch((error: Error) => packer.destroy(error));
  for await (const piece of packer) yield piece as Uint8Array;
  await fed;
}

function localHeader({ name, crc, bytes, packedBytes, method }: Entry): Buffer {
  const title = Buffer.from(name);
  const head = Buffer.alloc(30 + title.length + 20);
  head.writeUInt32LE(0x0403_4b50, 0);
  head.writeUInt16LE(VERSION, 4);
  head.writeUInt16LE(UTF8, 6);
  head.writeUInt16LE(method, 8);
  head.writeUInt16LE(DATE, 12);
  head.writeUInt32LE(crc, 14);
  head.writeUInt32LE(MAX32, 18);
  head.writeUInt32LE(MAX32, 22);
  head.writeUInt16LE(title.length, 26);
  head.writeUInt16LE(20, 28);
  title.copy(head, 30);
  const extra = 30 + title.length;
  head.writeUInt16LE(1, extra);
  head.writeUInt16LE(16, extra + 2);
  head.writeBigUInt64LE(BigInt(bytes), extra + 4);
  head.writeBigUInt64LE(BigInt(packedBytes), extra + 12);
  return head;
}

function centralHeader({ name, crc, bytes, packedBytes, method, at }: Entry): Buffer {
  const title = Buffer.from(name);
  const head = Buffer.alloc(46 + title.length + 28);
  head.writeUInt32LE(0x0201_4b50, 0);
  // Made on a Unix: readable by its owner.
  head.writeUInt16LE((3 << 8) | VERSION, 4);
  head.writeUInt16LE(VERSION, 6);
  head.writeUInt16LE(UTF8, 8);
  head.writeUInt16LE(method, 10);
  head.writeUInt16LE(DATE, 14);
  head.writeUInt32LE(crc, 16);
  head.writeUInt32LE(MAX32, 20);
  head.writeUInt32LE(MAX32, 24);
  head.writeUInt16LE(title.length, 28);
  head.writeUInt16LE(28, 30);
  head.writeUInt32LE((0o100600 << 16) >>> 0, 38);
  head.writeUInt32LE(MAX32, 42);
  title.copy(head, 46);
  const extra = 46 + title.length;
  head.writeUInt16LE(1, extra);
  head.writeUInt16LE(24, extra + 2);
  head.writeBigUInt64LE(BigInt(bytes), extra + 4);
  head.writeBigUInt64LE(BigInt(packedBytes), extra + 12);
  head.writeBigUInt64LE(BigInt(at), extra + 20);
  return head;
}

function ending(entries: number, from: number, bytes: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x0606_4b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE((3 << 8) | VERSION, 12);
  end.writeUInt16LE(VERSION, 14);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(bytes), 40);
  end.writeBigUInt64LE(BigInt(from), 48);
  end.writeUInt32LE(0x0706_4b50, 56);
  end.writeBigUInt64LE(BigInt(from + bytes), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x0605_4b50, 76);
  end.writeUInt16LE(0xffff, 84);
  end.writeUInt16LE(0xffff, 86);
  end.writeUInt32LE(MAX32, 88);
  end.writeUInt32LE(MAX32, 92);
  return end;
}

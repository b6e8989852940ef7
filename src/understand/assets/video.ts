import { type FileHandle, open } from 'node:fs/promises';
import { refuse } from '#src/refusal.ts';

/** Bytes of a video: as much as X takes (docs.x.com, media best practices, 2026-08). */
export const MOST_VIDEO_BYTES = 512_000_000;
/** The table of contents of a video has kilobytes for minutes; beyond this it is no such video. */
const MOST_INDEX_BYTES = 32_000_000;

export type Video = { mediaType: 'video/mp4' | 'video/quicktime'; width: number; height: number; milliseconds: number };

/** Whether the beginning of a file is that of an MP4 or QuickTime video. */
export function isVideo(head: Uint8Array): boolean {
  return Buffer.from(head).toString('latin1', 4, 8) === 'ftyp';
}

/**
 * Reads what a video is from its boxes (ISO/IEC 14496-12), and blanks in place what tells more than the pictures:
 * where and with what it was taken (`udta`, `meta`, `uuid`). Pictures and sound are passed through untouched.
 *
 * @throws Refusal in words for people
 */
export async function readVideo(path: string): Promise<Video> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const head = await boxAt(file, 0, size);
    if (head?.type !== 'ftyp') throw noVideo();
    const brand = (await read(file, head.body, Math.min(4, head.end - head.body))).toString('latin1');
    let about: Omit<Video, 'mediaType'> | null = null;
    for (let at = 0; at < size; ) {
      const box = await boxAt(file, at, size);
      if (!box) throw noVideo();
      if (box.type === 'moov') {
        if (box.end - box.body > MOST_INDEX_BYTES) throw noVideo();
        const index = await read(file, box.body, box.end - box.body);
        about = aboutOf(index);
        blank(index, 0, index.length);
        await file.write(index, 0, index.length, box.body);
      } else if (box.type === 'uuid' || box.type === 'meta' || box.type === 'udta') {
        await file.write(Buffer.from('free', 'latin1'), 0, 4, at + 4);
        const zeros = Buffer.alloc(Math.min(box.end - box.body, 1_000_000));
        for (let from = box.body; from < box.end; from += zeros.length)
          await file.write(zeros, 0, Math.min(zeros.length, box.end - from), from);
      }
      at = box.end;
    }
    if (!about) throw noVideo();
    return { mediaType: brand === 'qt  ' ? 'video/quicktime' : 'video/mp4', ...about };
  } catch (error) {
    // A box that says more than it holds.
    if (error instanceof RangeError) throw noVideo();
    throw error;
  } finally {
    await file.close();
  }
}

/** `at` is where the header begins, `body` where what it holds does. */
type Box = { type: string; at: number; body: number; end: number };

async function boxAt(file: FileHandle, at: number, size: number): Promise<Box | null> {
  if (at + 8 > size) return null;
  return boxIn(await read(file, at, Math.min(16, size - at)), 0, at, size);
}

/** The box whose header stands at `offset` of `bytes`, which begin at `base` of a whole of `size` bytes. */
function boxIn(bytes: Buffer, offset: number, base: number, size: number): Box | null {
  const length = bytes.readUInt32BE(offset);
  const type = bytes.toString('latin1', offset + 4, offset + 8);
  if (length === 1) {
    if (offset + 16 > bytes.length) return null;
    const long = Number(bytes.readBigUInt64BE(offset + 8));
    return long >= 16 && base + long <= size ? { type, at: base, body: base + 16, end: base + long } : null;
  }
  const end = length === 0 ? size : base + length;
  return end >= base + 8 && end <= size ? { type, at: base, body: base + 8, end } : null;
}

function* boxes(bytes: Buffer, from: number, to: number): Generator<Box> {
  for (let at = from; at + 8 <= to; ) {
    const box = boxIn(bytes, at, at, to);
    if (!box) return;
    yield box;
    at = box.end;
  }
}

function find(bytes: Buffer, within: { body: number; end: number }, ...path: string[]): Box | null {
  const [type, ...rest] = path;
  for (const box of boxes(bytes, within.body, within.end))
    if (box.type === type) return rest.length === 0 ? box : find(bytes, box, ...rest);
  return null;
}

function aboutOf(index: Buffer): Omit<Video, 'mediaType'> | null {
  const all = { body: 0, end: index.length };
  const movie = find(index, all, 'mvhd');
  if (!movie) return null;
  const long = index[movie.body] === 1;
  const scale = index.readUInt32BE(movie.body + (long ? 20 : 12));
  const duration = long ? Number(index.readBigUInt64BE(movie.body + 24)) : index.readUInt32BE(movie.body + 16);
  for (const track of boxes(index, 0, index.length)) {
    if (track.type !== 'trak') continue;
    const handler = find(index, track, 'mdia', 'hdlr');
    if (!handler || index.toString('latin1', handler.body + 8, handler.body + 12) !== 'vide') continue;
    const header = find(index, track, 'tkhd');
    if (!header) continue;
    // Width and height are the last two fields, 16.16 fixed point.
    const width = index.readUInt32BE(header.end - 8) >>> 16;
    const height = index.readUInt32BE(header.end - 4) >>> 16;
    if (width > 0 && height > 0 && scale > 0)
      return { width, height, milliseconds: Math.round((duration / scale) * 1000) };
  }
  return null;
}

/** Containers in which descriptions can hide. */
const OUTER = new Set(['moov', 'trak', 'mdia', 'minf']);

function blank(index: Buffer, from: number, to: number): void {
  for (const box of boxes(index, from, to)) {
    if (box.type === 'udta' || box.type === 'meta' || box.type === 'uuid') {
      index.write('free', box.at + 4, 'latin1');
      index.fill(0, box.body, box.end);
    } else if (OUTER.has(box.type)) blank(index, box.body, box.end);
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw noVideo();
  return bytes;
}

function noVideo() {
  return refuse('invalid', 'no_video', 'This is not a video that can be read. Send an MP4 or a QuickTime movie.');
}

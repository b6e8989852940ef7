/**
 * Taking out of a picture what is not the picture (where it was taken, with what, remarks, a script behind its end)
 * without touching one pixel: pieces that are not needed to draw it are left out.
 */

/** JPEG segments by their marker (ITU-T T.81, table B.1): frames, tables, scans, restart intervals, Adobe's colours. */
const isDrawing = (marker: number) =>
  (marker >= 0xc0 && marker <= 0xcf) || marker === 0xda || marker === 0xdb || marker === 0xdd || marker === 0xee;
const ICC = Buffer.from('ICC_PROFILE\0', 'latin1');
const JFIF = Buffer.from('JFIF\0', 'latin1');

/** The JPEG with nothing but its drawing and its colour profile; null when its segments cannot be followed. */
export function cleanJpeg(bytes: Buffer): Buffer | null {
  if (bytes.readUInt16BE(0) !== 0xffd8) return null;
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) return Buffer.concat([...kept, bytes.subarray(at, at + 2)]);
    let end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) return null;
    const body = bytes.subarray(at + 4, end);
    const profile = marker === 0xe2 && body.subarray(0, ICC.length).equals(ICC);
    const header = marker === 0xe0 && body.subarray(0, JFIF.length).equals(JFIF);
    // After a scan's header come its bits, up to the next marker that is not a restart or a stuffed byte.
    if (marker === 0xda) end = endOfScan(bytes, end);
    if (isDrawing(marker) || profile || header) kept.push(bytes.subarray(at, end));
    at = end;
    if (marker === 0xda && bytes[at] === 0xff && bytes[at + 1] === 0xd9)
      return Buffer.concat([...kept, bytes.subarray(at, at + 2)]);
  }
  return null;
}

function endOfScan(bytes: Buffer, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PNG_DRAWING = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'sBIT', 'pHYs']);

/** The PNG with nothing but its drawing; null when its chunks cannot be followed, or when it moves. */
export function cleanPng(bytes: Buffer): Buffer | null {
  if (!bytes.subarray(0, PNG.length).equals(PNG)) return null;
  const kept: Buffer[] = [PNG];
  for (let at = PNG.length; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return null;
    if (PNG_DRAWING.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') return Buffer.concat(kept);
    at = end;
  }
  return null;
}

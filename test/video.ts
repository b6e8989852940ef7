/** Small videos, box by box, as long as nobody wants to look at them. */

/** A box of ISO/IEC 14496-12. */
function box(type: string, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((one) => Buffer.from(one as string, 'latin1')));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
}

/** A video of 7.5 s, 1280 × 720, that says where and with what it was taken. */
export function movie(brand = 'isom'): Buffer {
  const header = box('mvhd', numbers(0, 0, 0, 600, 4500));
  const track = box('tkhd', Buffer.alloc(76), numbers(1280 * 65_536, 720 * 65_536));
  const media = box('mdia', box('hdlr', numbers(0, 0), 'vide'));
  const place = box('udta', box('©xyz', 'SECRET-PLACE'));
  const index = box('moov', header, box('trak', track, media, box('meta', 'SECRET-CAMERA')), place);
  return Buffer.concat([box('ftyp', brand, numbers(0)), index, box('uuid', 'SECRET-XMP'), box('mdat', 'PICTURES')]);
}

/** A video of 2 s with nothing to hide, of this width. */
export function aVideo(width: number): Buffer {
  const header = box('mvhd', numbers(0, 0, 0, 600, 1200));
  const track = box('tkhd', Buffer.alloc(76), numbers(width * 65_536, 720 * 65_536));
  const media = box('mdia', box('hdlr', numbers(0, 0), 'vide'));
  return Buffer.concat([
    box('ftyp', 'isom', numbers(0)),
    box('moov', header, box('trak', track, media)),
    box('mdat', 'PICTURES'),
  ]);
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { movie } from '#test/video.ts';
import { cleanJpeg, cleanPng } from './clean.ts';
import { readImage } from './image.ts';
import { isVideo, readVideo } from './video.ts';

const folder = mkdtempSync(join(tmpdir(), 'video-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noise = sharp(Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, at) => (at * 7919) % 256)), {
  raw: { width: 64, height: 48, channels: 3 },
});
const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer();

test.each(['baseline', 'progressive'])('a %s JPEG loses what is hidden in it and no pixel', async (form) => {
  const given = await noise
    .clone()
    .withMetadata({ exif: { IFD0: { Copyright: 'SECRET-PLACE' } } })
    .jpeg({ progressive: form === 'progressive', quality: 91 })
    .toBuffer();
  const remark = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 15]), Buffer.from('SECRET-REMARK')]);
  const hiding = Buffer.concat([
    given.subarray(0, 2),
    remark,
    given.subarray(2),
    Buffer.from('<script>SECRET-END</script>'),
  ]);
  const { bytes, mediaType } = await readImage(hiding);
  expect(bytes.includes('SECRET')).toBe(false);
  expect(mediaType).toBe('image/jpeg');
  expect((await pixels(bytes)).equals(await pixels(given))).toBe(true);
});

test('a PNG loses what is hidden in it and no pixel', async () => {
  const given = await noise
    .clone()
    .withMetadata({ exif: { IFD0: { Copyright: 'SECRET-PLACE' } } })
    .png()
    .toBuffer();
  const { bytes } = await readImage(Buffer.concat([given, Buffer.from('SECRET-END')]));
  expect(bytes.includes('SECRET')).toBe(false);
  expect((await pixels(bytes)).equals(await pixels(given))).toBe(true);
});

test('a picture that lies on its side is put upright', async () => {
  const given = await noise.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(await readImage(given)).toMatchObject({ width: 48, height: 64 });
});

test('whatever the bytes are, cleaning ends and never reads beyond them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 200 }), (rest) => {
      cleanJpeg(Buffer.concat([Buffer.from([0xff, 0xd8]), rest]));
      cleanPng(Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), rest]));
    }),
  );
});

test('a video is read by its boxes; where and with what it was taken is blanked, its pictures stay', async () => {
  const path = join(folder, 'one.mp4');
  writeFileSync(path, movie());
  expect(isVideo(movie())).toBe(true);
  expect(await readVideo(path)).toEqual({ mediaType: 'video/mp4', width: 1280, height: 720, milliseconds: 7500 });
  const after = readFileSync(path);
  expect(after.includes('SECRET')).toBe(false);
  expect(after.length).toBe(movie().length);
  expect(after.includes('PICTURES')).toBe(true);
  writeFileSync(path, movie('qt  '));
  expect((await readVideo(path)).mediaType).toBe('video/quicktime');
});

test('what only begins like a video is refused in words, whatever is in it', async () => {
  const path = join(folder, 'broken.mp4');
  const whole = movie();
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (at, value, end) => {
      const bytes = Buffer.from(whole.subarray(0, Math.max(end, 12)));
      if (at < bytes.length) bytes[at] = value;
      writeFileSync(path, bytes);
      await readVideo(path).catch((error: Error) => expect(error.name).toBe('Refusal'));
    }),
    { numRuns: 150 },
  );
});

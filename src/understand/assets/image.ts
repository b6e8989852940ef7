import type { SharpOptions } from 'sharp';
import { refuse } from '#src/refusal.ts';
import { cleanJpeg, cleanPng } from './clean.ts';

/** Bytes of an upload, before it is read. */
export const MOST_BYTES = 20_000_000;
/** Width times height, all frames counted: 50 megapixels are a full-frame photograph. */
const MOST_PIXELS = 50_000_000;
const TAKEN = ['jpeg', 'png', 'webp', 'gif', 'avif', 'heif', 'tiff'] as const;

export type Image = { bytes: Buffer; mediaType: string; width: number; height: number; milliseconds: number | null };

/**
 * Reads a picture by its bytes and keeps nothing else: what is hidden in it (location, comments, a script behind the
 * picture) does not survive, its orientation and its transparency do. An upright JPEG or PNG keeps every pixel as it
 * is; everything else is encoded anew: photographs become JPEG, what is transparent PNG, what moves GIF.
 *
 * @throws Refusal in words for people
 */
export async function readImage(given: Buffer): Promise<Image> {
  if (given.length === 0) throw refuse('invalid', 'empty_file', 'The file is empty.');
  if (given.length > MOST_BYTES)
    throw refuse('invalid', 'file_too_large', `The file is larger than ${MOST_BYTES / 1_000_000} MB. Make it smaller.`);
  const options = { limitInputPixels: MOST_PIXELS, failOn: 'error' } as const;
  const { default: sharp } = await import('sharp');
  try {
    const found = await sharp(given, options).metadata();
    if (!TAKEN.some((format) => format === found.format)) throw noPicture();
    const moves = (found.pages ?? 1) > 1 && ['gif', 'webp'].includes(found.format ?? '');
    const frames = found.pages ?? 1;
    if (found.width * (found.pageHeight ?? found.height) * (moves ? frames : 1) > MOST_PIXELS) throw tooManyPixels();
    const picture = sharp(given, { ...options, animated: moves });
    if (moves) {
      const { data, info } = await picture.gif().toBuffer({ resolveWithObject: true });
      const milliseconds = (found.delay ?? []).reduce((sum, one) => sum + one, 0);
      return {
        bytes: data,
        mediaType: 'image/gif',
        width: info.width,
        height: info.pageHeight ?? info.height,
        milliseconds,
      };
    }
    const untouched = (found.orientation ?? 1) === 1 ? await cleaned(given, found.format, options) : null;
    if (untouched) return { ...untouched, width: found.width, height: found.height, milliseconds: null };
    const upright = picture.autoOrient();
    const keepsAlpha = found.hasAlpha || found.format === 'png' || found.format === 'gif';
    const encoded = keepsAlpha ? upright.png({ compressionLevel: 9 }) : upright.jpeg({ quality: 88, mozjpeg: true });
    const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
    return {
      bytes: data,
      mediaType: keepsAlpha ? 'image/png' : 'image/jpeg',
      width: info.width,
      height: info.height,
      milliseconds: null,
    };
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'Refusal') throw error;
    if (/pixel limit/i.test(error.message)) throw tooManyPixels();
    throw noPicture();
  }
}

/** The same picture without what is not the picture; null when it has to be encoded anew. Decoded once as a whole. */
async function cleaned(given: Buffer, format: string | undefined, options: SharpOptions) {
  const bytes = format === 'jpeg' ? cleanJpeg(given) : format === 'png' ? cleanPng(given) : null;
  if (!bytes) return null;
  const { default: sharp } = await import('sharp');
  await sharp(bytes, options).stats();
  return { bytes, mediaType: `image/${format}` };
}

function noPicture() {
  return refuse(
    'invalid',
    'no_picture',
    'This is not a picture that can be read. Send JPEG, PNG, WebP, GIF, AVIF or TIFF.',
  );
}

function tooManyPixels() {
  return refuse(
    'invalid',
    'too_many_pixels',
    `The picture has more than ${MOST_PIXELS / 1_000_000} megapixels. Make it smaller.`,
  );
}

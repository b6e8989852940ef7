import { timingSafeEqual } from 'node:crypto';
import { type Context, transaction } from '#src/context.ts';
import type { MediaLimits, OutgoingMedia, Platform } from '#src/outside/platform.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** So long everyone can fetch a file by its public address, in milliseconds. */
const PUBLIC_FOR = 24 * 3_600_000;
/** JPEG qualities tried in turn before a picture is made smaller. */
const QUALITIES = [88, 80, 70, 60] as const;
/** Each step of making a picture smaller, and how many there are at most. */
const SHRINK = 0.75;
const STEPS = 12;

type OpenMedia = Omit<OutgoingMedia, 'uploadedId' | 'altText'>;

/**
 * A picture or video of this workspace as it goes out to a platform. What fits is passed through untouched; a still
 * picture that is too large, or of a kind the platform does not take, is encoded anew until it fits.
 *
 * @throws Refusal when there is no such file, or the picture cannot be made to fit
 */
export async function openMedia(
  context: Context,
  assetId: string,
  platform: Pick<Platform, 'id' | 'name' | 'limits'>,
): Promise<OpenMedia> {
  const asset = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('assets')
      .select(['kind', 'file', 'mediaType', 'bytes', 'width', 'height', 'milliseconds'])
      .where('id', '=', assetId)
      .executeTakeFirst(),
  );
  if (!asset) throw notFound('file');
  const { file, kind, ...about } = asset;
  const publicUrl = publicMediaUrl(context, assetId, platform.id);
  const most = platform.limits.media;
  const sort = kind === 'gif' || kind === 'video' ? kind : 'image';
  if (sort !== 'image' || !most || (about.bytes <= most.imageBytes && most.imageTypes.includes(about.mediaType)))
    return { ...about, kind: sort, publicUrl, read: (from, to) => context.media.read(file, from, to) };
  const fitted = await shrink(await context.media.read(file), most);
  if (!fitted)
    throw refuse(
      'invalid',
      'media_not_fitted',
      `A picture of this post cannot be made to fit ${platform.name}. Replace it.`,
    );
  const { bytes, ...shape } = fitted;
  return {
    kind: 'image',
    ...shape,
    bytes: bytes.length,
    milliseconds: null,
    publicUrl,
    read: async (from = 0, to = bytes.length) => bytes.subarray(from, to),
  };
}

/** Where everyone can fetch a file for a day, as it goes out to this platform; null when the address is this machine's own. */
export function publicMediaUrl(context: Context, assetId: string, platform: string): string | null {
  const { publicUrl, workspaceId, clock } = context;
  const { hostname } = new URL(publicUrl);
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return null;
  const until = String(clock.now().getTime() + PUBLIC_FOR);
  const url = new URL(`/media/public/${assetId}`, publicUrl);
  url.search = new URLSearchParams({
    workspace: workspaceId,
    for: platform,
    until,
    sign: signOf(context, [workspaceId, assetId, platform, until]),
  }).toString();
  return url.href;
}

/** Whether a public address is ours and still good. Compares in constant time. */
export function isPublicMedia(
  context: Pick<Context, 'secrets' | 'clock'>,
  asked: { workspaceId: string; assetId: string; platform: string; until: string; sign: string },
): boolean {
  const { workspaceId, assetId, platform, until, sign } = asked;
  const right = Buffer.from(signOf(context, [workspaceId, assetId, platform, until]));
  const given = Buffer.from(sign);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return false;
  return Number(until) > context.clock.now().getTime();
}

function signOf({ secrets }: Pick<Context, 'secrets'>, parts: readonly string[]): string {
  return secrets.fingerprint('public media', parts.join(' '));
}

/** Less quality first, then smaller. What is transparent stays PNG where that is taken. */
async function shrink(bytes: Uint8Array, most: MediaLimits) {
  const { default: sharp } = await import('sharp');
  const { width, hasAlpha } = await sharp(bytes).metadata();
  const asPng = hasAlpha && most.imageTypes.includes('image/png');
  const qualities = asPng ? [100] : QUALITIES;
  for (let step = 0, wide = width; step < STEPS && wide >= 1; step += 1, wide = Math.floor(wide * SHRINK))
    for (const quality of qualities) {
      const picture = sharp(bytes).resize({ width: wide, withoutEnlargement: true });
      const encoded = asPng
        ? picture.png({ compressionLevel: 9 })
        : picture.flatten({ background: '#ffffff' }).jpeg({ quality, mozjpeg: true });
      const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
      if (data.length <= most.imageBytes)
        return { bytes: data, mediaType: asPng ? 'image/png' : 'image/jpeg', width: info.width, height: info.height };
    }
  return null;
}

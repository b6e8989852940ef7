/** Pictures: given to the PDS ahead of the post, which keeps a file that no record names for an hour at least. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Failure, Grant, Outcome, OutgoingMedia, Uploaded } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, unreadable } from './errors.ts';
import { blob, blobAnswer } from './wire.ts';

/** atproto.com/specs/blob, read November 2026: unreferenced blobs may be removed after an hour. */
const KEPT = 3_600_000;

/** Gives one picture to the PDS. The id is the blob as records name it: its address, type and size belong together. */
export async function upload(
  web: Web,
  grant: Grant,
  media: OutgoingMedia,
  step: () => Promise<void>,
): Promise<Outcome<Uploaded>> {
  const body = await media.read();
  await step();
  const answer = await web.call({
    method: 'POST',
    url: `${grant.apiUrl}/xrpc/com.atproto.repo.uploadBlob`,
    headers: { authorization: `Bearer ${grant.token}`, 'content-type': media.mediaType },
    body,
    timeoutMs: 60_000,
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
  const parsed = blobAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
  const expiresAt = new Date(Date.now() + KEPT);
  // Several records may name one file.
  const value: Uploaded = { mediaId: JSON.stringify(parsed.data.blob), expiresAt, ready: true, reusable: true };
  return { ok: true, value };
}

/** The pictures as a post carries them. */
export function imagesOf(media: readonly OutgoingMedia[]): Outcome<object> {
  const images: object[] = [];
  for (const { kind, uploadedId, altText, width, height } of media) {
    if (kind !== 'image') return refused('media_kind', 'Fanfare gives Bluesky pictures only, no videos or GIFs.');
    const image = blob.safeParse(readJson(uploadedId));
    if (!image.success) return refused('media_missing', 'A picture of this post was not given to Bluesky.');
    images.push({
      image: image.data,
      alt: altText ?? '',
      ...(width && height ? { aspectRatio: { width, height } } : {}),
    });
  }
  return { ok: true, value: { $type: 'app.bsky.embed.images', images } };
}

function readJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function refused(code: string, reason: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind: 'refused', code, reason } };
}

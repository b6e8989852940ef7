/** Giving pictures and videos to LinkedIn ahead of the post (Images API, Videos API). */
import { gone, refused, usualFailure } from '#src/outside/failures.ts';
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingMedia, Uploaded } from '#src/outside/platform.ts';
import { call, failureOf, LINKEDIN, personOf } from './calls.ts';
import { imageBegun, videoAnswer, videoBegun } from './wire.ts';

/** For a part of 4 MB on a slow line, in milliseconds. */
const PATIENCE = 120_000;

/** A file is not seen by anyone until a post carries it. */
export function upload(grant: Grant, media: OutgoingMedia, step: () => Promise<void>): Promise<Outcome<Uploaded>> {
  return media.kind === 'video' ? uploadVideo(grant, media, step) : uploadImage(grant, media, step);
}

/** Whether LinkedIn has converted a video. Where we may not ask, it counts as ready: a post with it waits by itself. */
export async function uploadState(grant: Grant, mediaId: string): Promise<Outcome<Uploaded>> {
  if (!mediaId.startsWith('urn:li:video:')) return done(mediaId, true);
  const answer = await call(grant, 'GET', `/rest/videos/${encodeURIComponent(mediaId)}`);
  if (!isNoAnswer(answer) && answer.status === 403) return done(mediaId, true);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : videoAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const { status, processingFailureReason } = parsed.data;
  if (status === 'PROCESSING_FAILED')
    return refused(
      'media_failed',
      `LinkedIn could not convert the video${processingFailureReason ? ` (${processingFailureReason})` : ''}. Export it again as MP4 and replace it.`,
    );
  return done(mediaId, status === 'AVAILABLE');
}

async function uploadImage(grant: Grant, media: OutgoingMedia, step: () => Promise<void>): Promise<Outcome<Uploaded>> {
  const answer = await call(grant, 'POST', '/rest/images?action=initializeUpload', {
    initializeUploadRequest: { owner: personOf(grant) },
  });
  const begun = isNoAnswer(answer) || answer.status !== 200 ? null : imageBegun.safeParse(answer.json());
  if (!begun?.success) return { ok: false, failure: failureOf('read', answer) };
  const { uploadUrl, image } = begun.data.value;
  await step();
  const put = await putBytes(grant, uploadUrl, await media.read());
  if (isNoAnswer(put) || put.status >= 300) return { ok: false, failure: putFailure(put) };
  return done(image, true);
}

async function uploadVideo(grant: Grant, media: OutgoingMedia, step: () => Promise<void>): Promise<Outcome<Uploaded>> {
  const answer = await call(grant, 'POST', '/rest/videos?action=initializeUpload', {
    initializeUploadRequest: {
      owner: personOf(grant),
      fileSizeBytes: media.bytes,
      uploadCaptions: false,
      uploadThumbnail: false,
    },
  });
  const begun = isNoAnswer(answer) || answer.status !== 200 ? null : videoBegun.safeParse(answer.json());
  if (!begun?.success) return { ok: false, failure: failureOf('read', answer) };
  const { video, uploadToken, uploadInstructions } = begun.data.value;
  const uploadedPartIds: string[] = [];
  for (const { uploadUrl, firstByte, lastByte } of uploadInstructions) {
    await step();
    const put = await putBytes(grant, uploadUrl, await media.read(firstByte, lastByte + 1));
    if (isNoAnswer(put) || put.status >= 300) return { ok: false, failure: putFailure(put) };
    uploadedPartIds.push((put.headers.get('etag') ?? '').replace(/^"|"$/g, ''));
  }
  await step();
  const finalizeUploadRequest = { video, uploadToken, uploadedPartIds };
  const finished = await call(grant, 'POST', '/rest/videos?action=finalizeUpload', { finalizeUploadRequest });
  if (isNoAnswer(finished) || finished.status >= 300) return { ok: false, failure: failureOf('read', finished) };
  return done(video, false);
}

function done(mediaId: string, ready: boolean): Outcome<Uploaded> {
  return { ok: true, value: { mediaId, expiresAt: null, ready } };
}

/** LinkedIn names the address of each file. Our token goes there, so it has to be one of LinkedIn's. */
async function putBytes(grant: Grant, address: string, bytes: Uint8Array): Promise<ApiAnswer | NoAnswer> {
  const url = new URL(address);
  const theirs = url.protocol === 'https:' && url.hostname.endsWith('.linkedin.com');
  if (!theirs && url.origin !== new URL(grant.apiUrl).origin)
    return { noAnswer: true, neverSent: true, reason: `LinkedIn named ${url.host} as the place for the file.` };
  return callApi({
    method: 'PUT',
    url: address,
    headers: { authorization: `Bearer ${grant.token}`, 'content-type': 'application/octet-stream' },
    body: bytes,
    timeoutMs: PATIENCE,
  });
}

function putFailure(answer: ApiAnswer | NoAnswer) {
  return !isNoAnswer(answer) && answer.status === 401 ? gone(LINKEDIN) : usualFailure(LINKEDIN, 'read', answer);
}

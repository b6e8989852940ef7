/** Giving files to X ahead of a post (docs.x.com, x-api/media; OpenAPI document 2.167). */
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import { multipart } from '#src/outside/multipart.ts';
import type { Failure, Grant, Outcome, OutgoingMedia, Uploaded } from '#src/outside/platform.ts';
import { failureOf, mayBeDone, mediaGone, unreadable } from './errors.ts';
import { GIF_SIZE, LIMITS, VIDEO_RATIO } from './limits.ts';
import { priceOfItem } from './prices.ts';
import { read } from './timeline.ts';
import { mediaAnswer } from './wire.ts';

/** X takes up to 5 MB in one piece, but has answered such pieces with 431 (abraham/twitteroauth#1257). */
const PIECE = 2 * 1024 * 1024;
/** For a piece over a slow line. */
const PIECE_MS = 120_000;

/**
 * Uploads a file in pieces and describes it. A video, and often a GIF, is then converted for a while: `ready` is false,
 * ask `uploadState`. Nothing is visible yet and only the description is billed, so a failure of any kind can be
 * answered by doing it again. Descriptions are for pictures and GIFs: X shows none for videos.
 */
export async function upload(
  grant: Grant,
  media: OutgoingMedia,
  step: () => Promise<void>,
): Promise<Outcome<Uploaded>> {
  const unfit = whyUnfit(media);
  if (unfit) return { ok: false, failure: { kind: 'refused', code: 'media_unfit', reason: unfit } };

  const begun = await post(grant, '/2/media/upload/initialize', {
    media_type: media.mediaType,
    media_category: CATEGORIES[media.kind],
    total_bytes: media.bytes,
  });
  const session = uploadedOf(begun);
  if (!session.ok) return session;
  const { mediaId } = session.value;

  for (let from = 0, segment = 0; from < media.bytes; from += PIECE, segment += 1) {
    await step();
    const bytes = await media.read(from, Math.min(from + PIECE, media.bytes));
    const appended = await postPiece(grant, `/2/media/upload/${mediaId}/append`, segment, bytes);
    if (!isDone(appended)) return { ok: false, failure: failureOfUpload(appended) };
  }

  await step();
  const finished = uploadedOf(await post(grant, `/2/media/upload/${mediaId}/finalize`));
  if (!finished.ok) return finished;
  const value = { ...finished.value, expiresAt: finished.value.expiresAt ?? session.value.expiresAt };
  if (media.altText === null || media.altText.trim() === '' || media.kind === 'video') return { ok: true, value };

  await step();
  const cost = priceOfItem('x.media_metadata');
  const metadata = { alt_text: { text: media.altText } };
  const described = await post(grant, '/2/media/metadata', { id: mediaId, metadata });
  if (isDone(described)) return { ok: true, value, cost };
  return { ok: false, failure: failureOfUpload(described), ...(mayBeDone(described) ? { cost } : {}) };
}

/** How far the conversion of an upload is. */
export async function uploadState(grant: Grant, mediaId: string): Promise<Outcome<Uploaded>> {
  return uploadedOf(await read(grant, '/2/media/upload', { command: 'STATUS', media_id: mediaId }));
}

const CATEGORIES = { image: 'tweet_image', gif: 'tweet_gif', video: 'tweet_video' } as const;

function uploadedOf(answer: ApiAnswer | NoAnswer): Outcome<Uploaded> {
  if (isNoAnswer(answer) || !isDone(answer)) return { ok: false, failure: failureOfUpload(answer) };
  const parsed = mediaAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('repeatable', answer) };
  const { id, expires_after_secs, processing_info } = parsed.data.data;
  if (processing_info?.state === 'failed')
    return { ok: false, failure: notConverted(answer, processing_info.error?.message) };
  return {
    ok: true,
    value: {
      mediaId: id,
      expiresAt: expires_after_secs === undefined ? null : new Date(Date.now() + expires_after_secs * 1_000),
      ready: processing_info === undefined || processing_info.state === 'succeeded',
    },
  };
}

function isDone(answer: ApiAnswer | NoAnswer): boolean {
  return !isNoAnswer(answer) && answer.status >= 200 && answer.status < 300;
}

function failureOfUpload(answer: ApiAnswer | NoAnswer): Failure {
  const failure = failureOf('repeatable', answer);
  if (failure.kind !== 'refused') return failure;
  if (failure.code === 'http_404') return mediaGone();
  // X answers a missing scope with no more than “Forbidden”.
  if (failure.code === 'forbidden')
    return {
      ...failure,
      reason: `${failure.reason} If the account was connected without the right to upload, connect it again.`,
    };
  return failure;
}

/** The reason stands beside the data or, in answers until 2025, in it. Sometimes there is none. */
function notConverted(answer: ApiAnswer, message: string | undefined): Failure {
  const words = message ?? wordsOf(unreadable('repeatable', answer));
  return {
    kind: 'refused',
    code: 'media_failed',
    reason: `X could not convert this file: ${words ?? 'it gives no reason'}. Export it anew, as MP4 with H.264 and AAC, and upload it again.`,
  };
}

function wordsOf(failure: Failure): string | undefined {
  return /^X refused this: (.+?)\.?$/s.exec(failure.reason)?.[1];
}

/** What X would find out only after the whole upload. */
function whyUnfit({ kind, mediaType, bytes, width, height, milliseconds, altText }: OutgoingMedia): string | null {
  const { imageBytes, gifBytes, videoBytes, imageTypes, videoTypes, videoMilliseconds } = LIMITS.media;
  const most = { image: imageBytes, gif: gifBytes, video: videoBytes }[kind];
  if (bytes > most)
    return `X takes ${NAMES[kind]} of up to ${most / 1_000_000} MB, this one has ${(bytes / 1_000_000).toFixed(1)} MB.`;
  const types: readonly string[] = { image: imageTypes, gif: ['image/gif'], video: videoTypes }[kind];
  if (!types.includes(mediaType)) return `X does not take ${NAMES[kind]} of the type ${mediaType}.`;
  if (kind === 'gif' && ((width ?? 0) > GIF_SIZE.width || (height ?? 0) > GIF_SIZE.height))
    return `X takes GIFs of up to ${GIF_SIZE.width} × ${GIF_SIZE.height} pixels, this one has ${width} × ${height}.`;
  if (kind === 'video' && milliseconds !== null) {
    const [least, longest] = videoMilliseconds;
    if (milliseconds < least || milliseconds > longest)
      return `X takes videos from ${least / 1_000} to ${longest / 1_000} seconds, this one has ${(milliseconds / 1_000).toFixed(1)}.`;
  }
  if (kind === 'video' && width && height && Math.max(width / height, height / width) > VIDEO_RATIO)
    return `X takes videos up to ${VIDEO_RATIO} times as wide as high or as high as wide, this one has ${width} × ${height} pixels.`;
  if (altText !== null && [...altText].length > LIMITS.altTextLength)
    return `A description on X has up to ${LIMITS.altTextLength} characters.`;
  return null;
}

const NAMES = { image: 'pictures', gif: 'GIFs', video: 'videos' } as const;

async function post(grant: Grant, path: string, body?: Record<string, unknown>): Promise<ApiAnswer | NoAnswer> {
  return callApi({
    method: 'POST',
    url: `${grant.apiUrl}${path}`,
    headers: {
      authorization: `Bearer ${grant.token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

async function postPiece(
  grant: Grant,
  path: string,
  segment: number,
  bytes: Uint8Array,
): Promise<ApiAnswer | NoAnswer> {
  const form = new FormData();
  form.append('segment_index', String(segment));
  form.append('media', new Blob([new Uint8Array(bytes)]), 'piece');
  const { body, contentType } = await multipart(form);
  return callApi({
    method: 'POST',
    url: `${grant.apiUrl}${path}`,
    headers: { authorization: `Bearer ${grant.token}`, 'content-type': contentType },
    body,
    timeoutMs: PIECE_MS,
  });
}

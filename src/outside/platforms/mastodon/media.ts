/** Pictures and videos: given to the server ahead of the post, and converted there. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingMedia, Uploaded } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, unreadable } from './errors.ts';
import { authorization, mediaAnswer, read } from './wire.ts';

/** Files that no post carries are removed after a day (MediaAttachmentsVacuum of Mastodon 4.5); an hour is kept back. */
const KEPT = 23 * 3_600_000;
/** Milliseconds for the largest file over a slow line. */
const PATIENCE = 300_000;

/** Gives one file to the server, with its description. A video is not ready at once. */
export async function upload(
  web: Web,
  grant: Grant,
  media: OutgoingMedia,
  step: () => Promise<void>,
): Promise<Outcome<Uploaded>> {
  const form = new FormData();
  const name = `file.${media.mediaType.split('/').at(-1)}`;
  form.append('file', new Blob([new Uint8Array(await media.read())], { type: media.mediaType }), name);
  if (media.altText) form.append('description', media.altText);
  const encoded = new Response(form);
  await step();
  const answer = await web.call({
    method: 'POST',
    url: `${grant.apiUrl}/api/v2/media`,
    headers: { ...authorization(grant), 'content-type': encoded.headers.get('content-type') ?? '' },
    body: new Uint8Array(await encoded.arrayBuffer()),
    timeoutMs: PATIENCE,
  });
  if (isNoAnswer(answer) || (answer.status !== 200 && answer.status !== 202))
    return { ok: false, failure: failureOf('read', answer) };
  const parsed = mediaAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
  const expiresAt = new Date(Date.now() + KEPT);
  return { ok: true, value: { mediaId: parsed.data.id, expiresAt, ready: answer.status === 200 } };
}

/** Whether the server is done converting: 206 says not yet. */
export async function uploadState(web: Web, grant: Grant, mediaId: string): Promise<Outcome<Uploaded>> {
  const answer = await read(web, grant, `/api/v1/media/${encodeURIComponent(mediaId)}`);
  if (isNoAnswer(answer) || (answer.status !== 200 && answer.status !== 206))
    return { ok: false, failure: failureOf('read', answer) };
  return { ok: true, value: { mediaId, expiresAt: null, ready: answer.status === 200 } };
}

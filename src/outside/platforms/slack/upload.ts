/**
 * Giving Slack a file ahead of the message (files.getUploadURLExternal, the upload itself, files.completeUploadExternal
 * without a channel): nobody sees it until a message names it.
 */
import { z } from 'zod';
import { isNoAnswer, saidBy } from '#src/outside/http.ts';
import { fileName } from '#src/outside/multipart.ts';
import type { Grant, Outcome, OutgoingMedia, Uploaded } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { callSlack } from './call.ts';

const urlAnswer = z.object({ ok: z.literal(true), upload_url: z.url(), file_id: z.string() });
const fine = z.object({ ok: z.literal(true) });
const fileAnswer = z.object({ ok: z.literal(true), file: z.object({ mimetype: z.string().optional() }) });

export function uploadTo(web: Web) {
  return async (grant: Grant, media: OutgoingMedia, step: () => Promise<void>): Promise<Outcome<Uploaded>> => {
    const filename = fileName(media, 0);
    const asked = await callSlack(
      web,
      grant,
      'files.getUploadURLExternal',
      'read',
      { filename, length: media.bytes, ...(media.altText ? { alt_txt: media.altText } : {}) },
      urlAnswer,
    );
    if (!asked.ok) return asked;
    await step();
    const given = await web.call({
      method: 'POST',
      url: asked.value.upload_url,
      headers: { 'content-type': media.mediaType },
      body: await media.read(),
      timeoutMs: 120_000,
    });
    if (isNoAnswer(given) || given.status !== 200) return notTaken(saidBy(given));
    await step();
    const files = JSON.stringify([{ id: asked.value.file_id, title: filename }]);
    const completed = await callSlack(web, grant, 'files.completeUploadExternal', 'read', { files }, fine);
    if (!completed.ok) return completed;
    // A message that names it before Slack has looked at it is refused as invalid blocks.
    return { ok: true, value: { mediaId: asked.value.file_id, expiresAt: null, ready: false, reusable: true } };
  };
}

/** Slack looks at a file after it was taken; until then it has no type. */
export function uploadStateOn(web: Web) {
  return async (grant: Grant, mediaId: string): Promise<Outcome<Uploaded>> => {
    const read = await callSlack(web, grant, 'files.info', 'read', { file: mediaId }, fileAnswer);
    if (!read.ok) return read;
    const ready = Boolean(read.value.file.mimetype);
    return { ok: true, value: { mediaId, expiresAt: null, ready, reusable: true } };
  };
}

function notTaken(said: string): Outcome<Uploaded> {
  const until = new Date(Date.now() + 60_000);
  const reason = 'Slack did not take the picture; it is given to it once more.';
  return { ok: false, failure: { kind: 'later', until, code: 'not_taken', reason }, said };
}

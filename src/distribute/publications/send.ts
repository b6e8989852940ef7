import type { Inside } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts/grants.ts';
import { chargeAttempt, confirm, finish } from '#src/distribute/publications/confirm.ts';
import { isOverLimit } from '#src/distribute/publications/limits.ts';
import { mayBeLong } from '#src/distribute/publications/long-posts.ts';
import type { OpenAttempt } from '#src/distribute/publications/look.ts';
import { type Next, nextPart, type Part } from '#src/distribute/publications/parts.ts';
import { settle, settleFailure, settleReconnect } from '#src/distribute/publications/settle.ts';
import { uploadMedia } from '#src/distribute/publications/uploads.ts';
import {
  beating,
  fenced,
  freeAccount,
  HELD,
  inTime,
  release,
  type Step,
  type Work,
} from '#src/distribute/publications/work.ts';
import type { Outcome, OutgoingPart, PublishedPart } from '#src/outside/platform.ts';

/** A part whose attempt is prepared, or one of which an attempt is open: what became of it is not known. */
export type Ready = { part: Part; attemptId: string } | { part: Part; open: OpenAttempt };

/** Makes the next part ready. Null when all are out, or when it has to wait; that is written already. */
export async function prepareNext(inside: Inside, work: Work): Promise<Ready | null> {
  const next = await nextPart(inside, work.claimed.publicationId);
  if (!next) {
    await finish(inside, work.claimed.publicationId);
    return null;
  }
  if (next.open) return { part: next.part, open: next.open };
  const attemptId = await prepare(inside, work, next);
  return attemptId === null ? null : { part: next.part, attemptId };
}

/**
 * Sends a part whose attempt is prepared: its media is given to the platform, `sent` is committed, then the one call
 * leaves. Whatever comes back, or does not, is written before anything else happens; when this process dies in between,
 * `sent` without an outcome is what the next one finds, and looks up.
 */
export async function sendPart(work: Work, part: Part, attemptId: string): Promise<Step> {
  const { context, adapter, claimed } = work;
  const step = (name: string) =>
    context.log.debug({ publication: claimed.publicationId, part: part.position, step: name }, 'Publishing');
  step('prepared');

  const grant = await openGrant(context, work.account.id);
  if (!grant.ok)
    return fenced(work, async (inside) => {
      await settle(inside, attemptId, 'rejected', grant.failure, undefined);
      const until = grant.failure.kind === 'later' ? grant.failure.until : inTime(inside, HELD);
      return release(inside, work, until, grant.failure.reason);
    });
  if (!(await mayBeLong(work, part, attemptId, grant))) return 'stop';
  const media = await uploadMedia(work, part, attemptId, grant);
  if (!media) return 'stop';
  if (part.media.length > 0) step('uploaded');

  const outgoing = await fenced(work, (inside) => markSent(inside, work, part, media, attemptId));
  if (!outgoing) return 'stop';
  step('sent');

  // A process that was suspended here may have been given up meanwhile: then the post is no longer ours to send.
  if (context.clock.now() >= work.claimed.leaseUntil) return 'stop';
  const outcome = await beating(work, () => adapter.publish(grant.grant, outgoing)).catch(
    (error: unknown): Outcome<PublishedPart> => {
      context.log.error({ err: error, platform: adapter.id }, 'An adapter threw while publishing');
      return {
        ok: false,
        failure: { kind: 'unknown', code: 'fault', reason: 'The call ended in a fault on our side.' },
      };
    },
  );
  step('answered');

  if (!outcome.ok && outcome.failure.kind === 'reconnect') return settleReconnect(work, attemptId, grant, outcome);
  if (!outcome.ok) return fenced(work, (inside) => settleFailure(inside, work, part, attemptId, outcome));
  const next = await fenced(work, async (inside) => {
    if (outcome.cost) await chargeAttempt(inside, work, attemptId, outcome.cost);
    if (outcome.said !== undefined)
      await inside.tx.updateTable('attempts').set({ answer: outcome.said }).where('id', '=', attemptId).execute();
    return confirm(inside, work, part, outcome.value, attemptId, false);
  });
  step('confirmed');
  return next;
}

/** A new attempt, or the one that was prepared and not sent. Null when a pause, the budget or the pace forbids it. */
async function prepare(inside: Inside, work: Work, { part, last }: Next): Promise<string | null> {
  const { tx, workspaceId, clock } = inside;
  // Asked before every part: a pause stops a thread midway.
  if (!(await freeAccount(inside, work, work.account.id))) return null;
  if (await isOverLimit(inside, work)) return null;
  if (last?.phase === 'prepared') return last.id;
  const attempt = await tx
    .insertInto('attempts')
    .values({
      workspaceId,
      publicationPartId: part.id,
      number: (last?.number ?? 0) + 1,
      phase: 'prepared',
      preparedAt: clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return attempt.id;
}

/**
 * From here on the part may be out. What is asked for stands on the receipt. Null when a person paused or disconnected
 * the account meanwhile.
 */
async function markSent(
  inside: Inside,
  work: Work,
  part: Part,
  media: OutgoingPart['media'],
  attemptId: string,
): Promise<OutgoingPart | null> {
  const { tx, clock } = inside;
  if (!(await freeAccount(inside, work, work.account.id))) return null;
  const now = clock.now();
  const { text, replyTo, poll, about } = part;
  const request = {
    text,
    replyTo,
    poll,
    ...about,
    media: media.map(({ altText, uploadedId, mediaType, bytes }, at) => ({
      assetId: part.media[at]?.assetId ?? '',
      altText,
      uploadedId,
      mediaType,
      bytes,
    })),
  };
  await tx
    .updateTable('attempts')
    .set({ phase: 'sent', sentAt: now, request: JSON.stringify(request) })
    .where('id', '=', attemptId)
    .execute();
  await tx.updateTable('publicationParts').set({ state: 'sent', looks: 0 }).where('id', '=', part.id).execute();
  return {
    text,
    replyTo,
    idempotencyKey: part.id,
    firstTriedAt: part.firstTriedAt && part.firstTriedAt < now ? part.firstTriedAt : now,
    media,
    poll,
    ...about,
  };
}

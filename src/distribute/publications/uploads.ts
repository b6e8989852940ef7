import { type Inside, transaction } from '#src/context.ts';
import type { OpenGrant } from '#src/distribute/accounts/grants.ts';
import { chargeAttempt, forgetUploads } from '#src/distribute/publications/confirm.ts';
import { LeaseLost } from '#src/distribute/publications/due.ts';
import type { Part, PartMedia } from '#src/distribute/publications/parts.ts';
import { settleFailure, settleReconnect } from '#src/distribute/publications/settle.ts';
import { beating, fenced, inTime, release, type Work } from '#src/distribute/publications/work.ts';
import type { Failure, Outcome, OutgoingMedia, Uploaded } from '#src/outside/platform.ts';
import { Refusal } from '#src/refusal.ts';
import { openMedia } from '#src/understand/assets/open.ts';

/** A file the platform forgets sooner than this is given to it anew, in milliseconds. */
const TOO_SHORT = 5 * 60_000;
/** A video that is being converted is asked about again after this time, in milliseconds. */
const CONVERTING = 5_000;

type Opened = Extract<OpenGrant, { ok: true }>;

/**
 * Everything a part carries, given to the platform ahead of the post where it wants that: what it has been given before
 * is used again. Null when it cannot go on now; why is written already. Nobody sees an upload, so whatever went wrong
 * with one it may be done again.
 */
export async function uploadMedia(
  work: Work,
  part: Part,
  attemptId: string,
  grant: Opened,
): Promise<OutgoingMedia[] | null> {
  const ready: OutgoingMedia[] = [];
  for (const media of part.media) {
    const opened = await openOne(work, part, attemptId, media);
    if (!opened) return null;
    if (!work.adapter.upload) {
      ready.push(opened);
      continue;
    }
    const uploadedId = await give(work, part, attemptId, grant, media, opened);
    if (uploadedId === null) return null;
    ready.push({ ...opened, uploadedId });
  }
  return ready;
}

async function openOne(work: Work, part: Part, attemptId: string, media: PartMedia): Promise<OutgoingMedia | null> {
  try {
    const opened = await openMedia(work.context, media.assetId, work.adapter);
    return { ...opened, altText: media.altText, uploadedId: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const failure: Failure = { kind: 'refused', code: error.reason, reason: error.message };
    await fenced(work, (inside) => settleFailure(inside, work, part, attemptId, { failure }));
    return null;
  }
}

async function give(
  work: Work,
  part: Part,
  attemptId: string,
  grant: Opened,
  media: PartMedia,
  opened: OutgoingMedia,
): Promise<string | null> {
  const { adapter, context } = work;
  const known = await transaction(context, (inside) => knownUpload(inside, work, media));
  if (known?.ready) return known.platformMediaId;
  const outcome = await (known ? askAgain(work, grant, known.platformMediaId) : handOver(work, grant, opened));
  if (outcome.ok && outcome.value.ready) {
    await fenced(work, (inside) => keep(inside, work, attemptId, media, outcome, known !== undefined));
    return outcome.value.mediaId;
  }
  if (outcome.ok)
    await fenced(work, async (inside) => {
      await keep(inside, work, attemptId, media, outcome, known !== undefined);
      await release(inside, work, inTime(inside, CONVERTING), `${adapter.name} is preparing the video.`);
    });
  else if (outcome.failure.kind === 'reconnect') await settleReconnect(work, attemptId, grant, outcome);
  else
    await fenced(work, async (inside) => {
      if (known && outcome.failure.kind === 'refused') await forgetUploads(inside, work.account.id, part, true);
      await settleFailure(inside, work, part, attemptId, outcome);
    });
  return null;
}

function askAgain(work: Work, grant: Opened, mediaId: string): Promise<Outcome<Uploaded>> {
  const { uploadState, name } = work.adapter;
  if (!uploadState) throw new Error(`${name} left a file unready and cannot be asked about it.`);
  return uploadState(grant.grant, mediaId).catch(faultOf(work));
}

function handOver(work: Work, grant: Opened, media: OutgoingMedia): Promise<Outcome<Uploaded>> {
  const { upload, name } = work.adapter;
  if (!upload) throw new Error(`${name} takes no files ahead of a post.`);
  return beating(work, (step) => upload(grant.grant, media, step).catch(faultOf(work)));
}

/** An adapter that throws is a fault of ours; that the lease is lost is none. */
function faultOf({ context, adapter }: Work) {
  return (error: unknown): Outcome<Uploaded> => {
    if (error instanceof LeaseLost) throw error;
    context.log.error({ err: error, platform: adapter.id }, 'An adapter threw while uploading');
    return {
      ok: false,
      failure: { kind: 'unknown', code: 'fault', reason: 'The upload ended in a fault on our side.' },
    };
  };
}

async function knownUpload({ tx, clock }: Inside, work: Work, media: PartMedia) {
  return tx
    .selectFrom('mediaUploads')
    .select(['platformMediaId', 'ready'])
    .where('accountId', '=', work.account.id)
    .where('assetId', '=', media.assetId)
    .where('altText', '=', media.altText ?? '')
    .where((eb) =>
      eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', new Date(clock.now().getTime() + TOO_SHORT))]),
    )
    .executeTakeFirst();
}

async function keep(
  inside: Inside,
  work: Work,
  attemptId: string,
  media: PartMedia,
  { value, cost }: Extract<Outcome<Uploaded>, { ok: true }>,
  isKnown: boolean,
): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  if (cost) await chargeAttempt(inside, work, attemptId, cost);
  const altText = media.altText ?? '';
  // The answer about a conversion need not repeat what the answer to the upload said.
  if (isKnown) {
    await tx
      .updateTable('mediaUploads')
      .set({ ready: value.ready, ...(value.expiresAt ? { expiresAt: value.expiresAt } : {}) })
      .where('accountId', '=', work.account.id)
      .where('assetId', '=', media.assetId)
      .where('altText', '=', altText)
      .execute();
    return;
  }
  const values = {
    platformMediaId: value.mediaId,
    ready: value.ready,
    reusable: value.reusable ?? false,
    uploadedAt: clock.now(),
    expiresAt: value.expiresAt,
  };
  await tx
    .insertInto('mediaUploads')
    .values({ workspaceId, accountId: work.account.id, assetId: media.assetId, altText, ...values })
    .onConflict((oc) => oc.columns(['workspaceId', 'accountId', 'assetId', 'altText']).doUpdateSet(values))
    .execute();
}

import type { Inside } from '#src/context.ts';
import type { OpenGrant } from '#src/distribute/accounts/grants.ts';
import { noteSync } from '#src/distribute/accounts/status.ts';
import { chargeAttempt, forgetUploads } from '#src/distribute/publications/confirm.ts';
import type { Part } from '#src/distribute/publications/parts.ts';
import { pauseWithNotice } from '#src/distribute/publications/pauses.ts';
import { fail } from '#src/distribute/publications/take-up.ts';
import {
  fenced,
  HELD,
  inTime,
  LOOKS,
  release,
  renewGrant,
  type Step,
  type Work,
} from '#src/distribute/publications/work.ts';
import type { Cost, Failure } from '#src/outside/platform.ts';

/** What has to happen before a part is sent is tried so often, when nobody says why it fails, before a person is told. */
const MOST_TRIES = 8;

/** How an attempt went wrong, and what the platform said and charged. */
export type Failed = { failure: Failure; cost?: Cost | undefined; said?: string | undefined };

/**
 * Writes that an attempt went wrong and what follows: wait, tell a person, or find out what became of it. Before the
 * part was sent (its media is uploaded first) nothing can be out, so an unknown outcome is simply tried again.
 */
export async function settleFailure(
  inside: Inside,
  work: Work,
  part: Part,
  attemptId: string,
  { failure, cost, said }: Failed,
): Promise<Step> {
  const { name } = work.adapter;
  if (cost) await chargeAttempt(inside, work, attemptId, cost);
  const { sentAt } = await inside.tx
    .selectFrom('attempts')
    .select('sentAt')
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  if (failure.kind === 'unknown' && sentAt) {
    await settle(inside, attemptId, 'unknown', failure, said);
    const next = work.adapter.ownPosts ? ' Fanfare looks whether it is there before it tries again.' : '';
    return release(inside, work, inTime(inside, LOOKS[0]), failure.reason + next);
  }
  await settle(inside, attemptId, 'rejected', failure, said);
  await noteSync(inside, work.account.id, failure.reason);
  if (failure.kind === 'refused') {
    await forgetUploads(inside, work.account.id, part, true);
    return refuse(inside, work, part, failure.reason);
  }
  await inside.tx.updateTable('publicationParts').set({ state: 'waiting' }).where('id', '=', part.id).execute();
  if (failure.kind === 'unknown') {
    const tries = await triesBefore(inside, part.id);
    if (tries >= MOST_TRIES)
      return refuse(inside, work, part, `It could not be made ready on ${name} in ${tries} tries. ${failure.reason}`);
    const wait = LOOKS[Math.min(tries, LOOKS.length) - 1] ?? LOOKS[0];
    return release(
      inside,
      work,
      inTime(inside, wait * tries),
      `${failure.reason} Nothing was published yet; it is tried again.`,
    );
  }
  const capped = failure.code === 'usage_capped';
  if (capped)
    await pauseWithNotice(inside, work.account.id, {
      kind: 'credits_used_up',
      title: `${name} takes no more posts from @${work.account.handle}`,
      reason: `${failure.reason} Then resume the account.`,
    });
  const until = failure.kind === 'later' && !capped ? failure.until : inTime(inside, HELD);
  return release(inside, work, until, failure.reason);
}

/** Answers a platform that no longer takes our token: renews it once, else a person connects again. The work is handed back. */
export async function settleReconnect(
  work: Work,
  attemptId: string,
  grant: Extract<OpenGrant, { ok: true }>,
  { failure, cost, said }: Failed,
): Promise<Step> {
  await fenced(work, async (inside) => {
    if (cost) await chargeAttempt(inside, work, attemptId, cost);
    await settle(inside, attemptId, 'rejected', failure, said);
  });
  const again = await renewGrant(work, grant, failure);
  return fenced(work, (inside) => release(inside, work, inTime(inside, again ? 0 : HELD), failure.reason));
}

/** Writes how an attempt ended; a rejected one leaves its part waiting. */
export async function settle(
  { tx, clock }: Inside,
  attemptId: string,
  phase: 'rejected' | 'unknown',
  failure: Failure,
  said: string | undefined,
): Promise<void> {
  const attempt = await tx
    .updateTable('attempts')
    .set({
      phase,
      failure: failure.kind,
      code: failure.code ?? null,
      reason: failure.reason,
      answer: said ?? null,
      settledAt: phase === 'unknown' ? null : clock.now(),
    })
    .where('id', '=', attemptId)
    .returning('publicationPartId')
    .executeTakeFirstOrThrow();
  if (phase === 'rejected')
    await tx
      .updateTable('publicationParts')
      .set({ state: 'waiting' })
      .where('id', '=', attempt.publicationPartId)
      .execute();
}

async function refuse(inside: Inside, work: Work, part: Part, reason: string): Promise<'stop'> {
  await inside.tx.updateTable('publicationParts').set({ state: 'refused' }).where('id', '=', part.id).execute();
  const where = part.position === 0 ? '' : `${part.position} of its parts are out. The next one was not taken: `;
  await fail(inside, work.claimed, where + reason);
  return 'stop';
}

async function triesBefore({ tx }: Inside, partId: string): Promise<number> {
  const row = await tx
    .selectFrom('attempts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('publicationPartId', '=', partId)
    .where('sentAt', 'is', null)
    .where('failure', '=', 'unknown')
    .executeTakeFirstOrThrow();
  return row.count;
}

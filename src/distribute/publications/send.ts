import type { Inside } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts/grants.ts';
import { noteSync } from '#src/distribute/accounts/status.ts';
import { chargeAttempt, confirm, type Part } from '#src/distribute/publications/confirm.ts';
import { pauseWithNotice } from '#src/distribute/publications/pauses.ts';
import { fail } from '#src/distribute/publications/take-up.ts';
import {
  fenced,
  HELD,
  heldBack,
  inTime,
  LOOKS,
  release,
  renewGrant,
  type Step,
  type Work,
} from '#src/distribute/publications/work.ts';
import { monthOf, priceOf, pricesOf, spentThisMonth } from '#src/distribute/spend.ts';
import type { Failure, Outcome, PublishedPart } from '#src/outside/platform.ts';

/**
 * Sends one part: the attempt is prepared, `sent` is committed, then the one call leaves. Whatever comes back, or does
 * not, is written before anything else happens; when this process dies in between, `sent` without an outcome is what
 * the next one finds, and looks up.
 */
export async function sendPart(work: Work, part: Part): Promise<Step> {
  const { context, adapter, claimed } = work;
  const step = (name: string) =>
    context.log.debug({ publication: claimed.publicationId, part: part.position, step: name }, 'Publishing');

  const attemptId = await fenced(work, (inside) => prepare(inside, work, part));
  if (!attemptId) return 'stop';
  step('prepared');

  const grant = await openGrant(context, work.account.id);
  if (!grant.ok)
    return fenced(work, async (inside) => {
      await settle(inside, attemptId, 'rejected', grant.failure);
      const until = grant.failure.kind === 'later' ? grant.failure.until : inTime(inside, HELD);
      return release(inside, work, until, grant.failure.reason);
    });

  if (!(await fenced(work, (inside) => markSent(inside, work, part, attemptId)))) return 'stop';
  step('sent');

  // A process that was suspended here may have been given up meanwhile: then the post is no longer ours to send.
  if (context.clock.now() >= work.claimed.leaseUntil) return 'stop';
  const outcome = await adapter
    .publish(grant.grant, {
      text: part.text,
      replyTo: part.replyTo,
      idempotencyKey: part.id,
      firstTriedAt: context.clock.now(),
      media: [],
      poll: null,
      title: '',
      tags: [],
      canonicalUrl: null,
      community: null,
      replySettings: null,
    })
    .catch((error: unknown): Outcome<PublishedPart> => {
      context.log.error({ err: error, platform: adapter.id }, 'An adapter threw while publishing');
      return {
        ok: false,
        failure: { kind: 'unknown', code: 'fault', reason: 'The call ended in a fault on our side.' },
      };
    });
  step('answered');

  if (!outcome.ok && outcome.failure.kind === 'reconnect') {
    const { failure } = outcome;
    await fenced(work, (inside) => settle(inside, attemptId, 'rejected', failure));
    const again = await renewGrant(work, grant, failure);
    return fenced(work, (inside) => release(inside, work, inTime(inside, again ? 0 : HELD), failure.reason));
  }
  const next = await fenced(work, (inside) => settleOutcome(inside, work, part, attemptId, outcome));
  if (outcome.ok) step('confirmed');
  return next;
}

/** A new attempt, or the one a process that died had prepared and not sent. Null when a pause or the budget forbids it. */
async function prepare(inside: Inside, work: Work, part: Part): Promise<string | null> {
  const { tx, workspaceId, clock } = inside;
  // Asked before every part: a pause stops a thread midway.
  if (await heldBack(inside, work, work.account.id)) return null;
  if (await isOverBudget(inside, work)) return null;
  const last = await tx
    .selectFrom('attempts')
    .select(['id', 'number', 'phase'])
    .where('publicationPartId', '=', part.id)
    .orderBy('number', 'desc')
    .executeTakeFirst();
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

/** From here on the part may be out. False when a person paused or disconnected the account while the token was renewed. */
async function markSent(inside: Inside, work: Work, part: Part, attemptId: string): Promise<boolean> {
  const { tx, clock } = inside;
  if (await heldBack(inside, work, work.account.id)) return false;
  await tx.updateTable('attempts').set({ phase: 'sent', sentAt: clock.now() }).where('id', '=', attemptId).execute();
  await tx.updateTable('publicationParts').set({ state: 'sent', looks: 0 }).where('id', '=', part.id).execute();
  return true;
}

async function isOverBudget(inside: Inside, work: Work): Promise<boolean> {
  const budget = work.account.monthlyBudgetMicros;
  if (budget === null) return false;
  const prices = await pricesOf(inside, work.adapter.id);
  const rest = await inside.tx
    .selectFrom('publicationParts')
    .select('text')
    .where('publicationId', '=', work.claimed.publicationId)
    .where('state', 'not in', ['confirmed', 'dropped'])
    .execute();
  const price = rest
    .flatMap(({ text }) => work.adapter.priceOf({ text, describedMedia: 0, answersOther: false }))
    .reduce((sum, cost) => sum + priceOf(prices, cost).micros, 0);
  const spent = await spentThisMonth(inside, work.account.id);
  if (price === 0 || spent + price <= budget) return false;
  const until = monthOf(inside.clock.now(), 1);
  const reason = `The monthly budget of ${dollars(budget)} would be exceeded: ${dollars(spent)} is spent, and the next post costs ${dollars(price)}. Raise the budget and resume, or wait for the next month.`;
  await pauseWithNotice(inside, work.account.id, {
    kind: 'budget_reached',
    title: `The budget of @${work.account.handle} is used up`,
    reason,
    until,
  });
  await release(inside, work, inTime(inside, HELD), reason);
  return true;
}

async function settleOutcome(
  inside: Inside,
  work: Work,
  part: Part,
  attemptId: string,
  outcome: Outcome<PublishedPart>,
): Promise<Step> {
  if (outcome.cost) await chargeAttempt(inside, work, attemptId, outcome.cost);
  if (outcome.ok) return confirm(inside, work, part, outcome.value, attemptId, false);
  const { failure } = outcome;
  if (failure.kind === 'unknown') {
    await settle(inside, attemptId, 'unknown', failure);
    const reason = `${failure.reason} Fanfare looks whether it is there before it tries again.`;
    return release(inside, work, inTime(inside, LOOKS[0]), reason);
  }
  await settle(inside, attemptId, 'rejected', failure);
  await noteSync(inside, work.account.id, failure.reason);
  if (failure.kind === 'refused') {
    await inside.tx.updateTable('publicationParts').set({ state: 'refused' }).where('id', '=', part.id).execute();
    const where = part.position === 0 ? '' : `${part.position} of its parts are out. The next one was not taken: `;
    await fail(inside, work.claimed, where + failure.reason);
    return 'stop';
  }
  await inside.tx.updateTable('publicationParts').set({ state: 'waiting' }).where('id', '=', part.id).execute();
  if (failure.code === 'usage_capped')
    await pauseWithNotice(inside, work.account.id, {
      kind: 'credits_used_up',
      title: `${work.adapter.name} takes no more posts from @${work.account.handle}`,
      reason: `${failure.reason} Then resume the account.`,
    });
  const until = failure.kind === 'later' && failure.code !== 'usage_capped' ? failure.until : inTime(inside, HELD);
  return release(inside, work, until, failure.reason);
}

async function settle(
  { tx, clock }: Inside,
  attemptId: string,
  phase: 'rejected' | 'unknown',
  failure: Failure,
): Promise<void> {
  const attempt = await tx
    .updateTable('attempts')
    .set({
      phase,
      failure: failure.kind,
      code: failure.code ?? null,
      reason: failure.reason,
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

function dollars(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(2)}`;
}

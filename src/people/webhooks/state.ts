import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { retryAfter } from '#src/outside/failures.ts';
import { type ApiAnswer, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import { notify } from '#src/people/notices.ts';
import type { Claimed } from './deliver.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/**
 * How long after the n-th attempt the next one comes: the schedule that Standard Webhooks recommends (specification 1.0,
 * “Retries”, read November 2026), carried on until a receiver counts as dead.
 */
export const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  DAY,
  DAY,
  DAY,
];
/** A receiver that has taken nothing for so long is switched off. */
const DEAD_AFTER_MS = 5 * DAY;
/** A receiver that asks for more is tried all the same. */
const LONGEST_ASKED_MS = DAY;

/** How an attempt ended. `reason` is a sentence for people. */
export type Attempted = { status: number | null; said: string } & (
  | { ok: true }
  | {
      ok: false;
      reason: string;
      /** It says of itself that it is gone for good. */
      isGone: boolean;
      /** Not this note but the receiver is the trouble: nothing else is sent to it for a while. */
      isAway: boolean;
      /** It asked not to be called before. */
      notBefore: Date | null;
    }
);

export function attempted(answer: ApiAnswer | NoAnswer, said: string, now: Date): Attempted {
  if (isNoAnswer(answer))
    return { ok: false, status: null, said, reason: answer.reason, isGone: false, isAway: true, notBefore: null };
  const { status } = answer;
  if (status >= 200 && status < 300) return { ok: true, status, said };
  const wait = Math.min(retryAfter(answer, now) ?? 0, LONGEST_ASKED_MS);
  return {
    ok: false,
    status,
    said,
    reason: reasonOf(status),
    isGone: status === 410,
    isAway: status === 429 || status === 503,
    notBefore: wait > 0 ? new Date(now.getTime() + wait) : null,
  };
}

/** Writes down how an attempt ended, for the note and for its receiver. */
export async function putIntoState(inside: Inside, claimed: Claimed, result: Attempted): Promise<void> {
  const now = inside.clock.now();
  await inside.tx
    .updateTable('webhookAttempts')
    .set({ settledAt: now, status: result.status, answer: result.said })
    .where('webhookDeliveryId', '=', claimed.deliveryId)
    .where('number', '=', claimed.number)
    .execute();
  if (result.ok) return arrived(inside, claimed);
  const wait = claimed.isTest ? undefined : WAITS[claimed.tries - 1];
  const usual = new Date(now.getTime() + (wait ?? 0));
  await inside.tx
    .updateTable('webhookDeliveries')
    .set({
      state: wait === undefined ? 'failed' : 'waiting',
      dueAt: result.notBefore && result.notBefore > usual ? result.notBefore : usual,
      reason: result.reason,
    })
    .where('id', '=', claimed.deliveryId)
    // Somebody else may have taken it up meanwhile, or it arrived after all.
    .where('attempts', '=', claimed.number)
    .where('state', '=', 'sending')
    .execute();
  if (!claimed.isTest || result.isGone) await failed(inside, claimed.webhookId, result);
}

async function arrived(inside: Inside, { deliveryId, webhookId, isTest }: Claimed): Promise<void> {
  await inside.tx
    .updateTable('webhookDeliveries')
    .set({ state: 'delivered', reason: null })
    .where('id', '=', deliveryId)
    .execute();
  await inside.tx
    .updateTable('webhooks')
    .set({
      deliveredAt: inside.clock.now(),
      failingSince: null,
      failures: 0,
      waitsUntil: null,
      ...(isTest ? { switchedOffAt: null, switchedOffReason: null } : {}),
    })
    .where('id', '=', webhookId)
    .execute();
}

async function failed(inside: Inside, webhookId: string, result: Attempted & { ok: false }): Promise<void> {
  const now = inside.clock.now();
  const before = await inside.tx
    .selectFrom('webhooks')
    .select(['name', 'url', 'failures', 'failingSince', 'switchedOffAt'])
    .where('id', '=', webhookId)
    .forUpdate()
    .executeTakeFirst();
  if (!before) return;
  const failingSince = before.failingSince ?? now;
  const usual = new Date(now.getTime() + (WAITS[Math.min(before.failures, 1)] ?? 0));
  const waitsUntil = result.notBefore && result.notBefore > usual ? result.notBefore : usual;
  const isDead = result.isGone || now.getTime() - failingSince.getTime() >= DEAD_AFTER_MS;
  await inside.tx
    .updateTable('webhooks')
    .set({
      failures: sql<number>`failures + 1`,
      failingSince,
      ...(result.isAway ? { waitsUntil } : {}),
      ...(isDead && before.switchedOffAt === null ? { switchedOffAt: now, switchedOffReason: result.reason } : {}),
    })
    .where('id', '=', webhookId)
    .execute();
  if (!isDead || before.switchedOffAt !== null) return;
  const why = result.isGone ? '' : ' It has taken nothing for five days.';
  await notify(inside, {
    kind: 'webhook_off',
    title: `Webhook switched off: ${before.name || new URL(before.url).host}`,
    body: `${result.reason}${why} Mend it and send a test, which switches it on again. What waits for it is kept; what happens until then is not sent.`,
    path: '/settings/webhooks',
    dedupe: `webhook:${webhookId}:${now.toISOString()}`,
  });
}

function reasonOf(status: number): string {
  if (status === 410) return 'The receiver says that it is gone for good (HTTP 410).';
  if (status >= 300 && status < 400)
    return `The receiver points elsewhere (HTTP ${status}); redirects are not followed. Enter the address it leads to.`;
  if (status === 401 || status === 403)
    return `The receiver refused it (HTTP ${status}). Check the address, and that it verifies with this webhook’s secret.`;
  return `The receiver answered with HTTP ${status}; only 200 to 299 count as taken.`;
}

import type { Inside } from '#src/context.ts';
import { notify } from '#src/people/notices.ts';
import type { Sent } from './send.ts';

/** A target that takes nothing for so long, tried at least so often, is switched off. */
const offAfterMs = 3 * 86_400_000;
const offAfterFailures = 5;
const [firstWaitMs, longestWaitMs] = [60_000, 6 * 3_600_000];

/** So long is waited after the n-th failure in a row: doubled each time, and spread so that not all come back at once. */
export function waitAfter(failures: number, random = Math.random()): number {
  const whole = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.round(whole * (0.75 + random / 2));
}

/**
 * Writes down how a call to a target ended, and whether it is switched off for it: at once when its access is gone, else
 * after three days of failures. Then everyone is told in the app; what
 * waits for it is kept until it is on again. Returns when to try next.
 */
export async function putIntoState(
  inside: Inside,
  targetId: string,
  outcome: Sent,
): Promise<{ nextTryAt: Date; isOff: boolean }> {
  const now = inside.clock.now();
  if (outcome.ok) {
    await inside.tx
      .updateTable('alertTargets')
      .set({ confirmedAt: now, failingSince: null, failures: 0, nextTryAt: null, offAt: null, trouble: null })
      .where('id', '=', targetId)
      .execute();
    return { nextTryAt: now, isOff: false };
  }
  const { failure } = outcome;
  const before = await inside.tx
    .selectFrom('alertTargets')
    .select(['failures', 'failingSince', 'kind', 'address', 'offAt'])
    .where('id', '=', targetId)
    .forUpdate()
    .executeTakeFirst();
  if (!before) return { nextTryAt: now, isOff: true };
  const failures = before.failures + 1;
  const failingSince = before.failingSince ?? now;
  const wait = new Date(now.getTime() + waitAfter(failures));
  // Sooner than the service asks for is never right.
  const nextTryAt = failure.kind === 'later' && failure.until > wait ? failure.until : wait;
  const isLong = now.getTime() - failingSince.getTime() >= offAfterMs && failures >= offAfterFailures;
  const isOff = before.offAt !== null || failure.kind === 'reconnect' || isLong;
  await inside.tx
    .updateTable('alertTargets')
    .set({ failures, failingSince, nextTryAt, trouble: failure.reason, offAt: isOff ? (before.offAt ?? now) : null })
    .where('id', '=', targetId)
    .execute();
  if (isOff && before.offAt === null) await switchOff(inside, targetId, before, failure.reason);
  return { nextTryAt, isOff };
}

async function switchOff(
  inside: Inside,
  targetId: string,
  { kind, address }: { kind: string; address: string },
  reason: string,
) {
  await notify(inside, {
    kind: 'alert_target_off',
    title: `Alerts no longer go to ${address} (${kind})`,
    body: `${reason} Mend it and send a test, which switches it on again. What waits is kept until then.`,
    path: '/alerts?show=targets',
    dedupe: `alert-target:${targetId}:${inside.clock.now().toISOString()}`,
  });
}

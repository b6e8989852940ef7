import { record } from '#src/activity.ts';
import { actorName, type Inside } from '#src/context.ts';
import { accountOf, showPaused } from '#src/distribute/accounts/status.ts';
import { audit } from '#src/people/audit.ts';
import { notify } from '#src/people/notices.ts';
import { refuse } from '#src/refusal.ts';

/** Holds publishing for one account, or for all with `accountId` null. False when it is held already: nothing changes. */
export async function pause(
  inside: Inside,
  wanted: { accountId: string | null; reason: string; until?: Date | undefined },
): Promise<boolean> {
  const { tx, workspaceId, clock } = inside;
  if (wanted.accountId) await accountOf(inside, wanted.accountId);
  if (wanted.until && wanted.until <= clock.now())
    throw refuse('invalid', 'in_the_past', 'The pause would be over already. Choose a later end, or none.');
  if (await pauseInForce(inside, wanted.accountId)) return false;
  await tx
    .insertInto('pauses')
    .values({
      workspaceId,
      accountId: wanted.accountId,
      reason: wanted.reason,
      pausedBy: actorName(inside.who),
      pausedAt: clock.now(),
      until: wanted.until ?? null,
    })
    .execute();
  if (wanted.accountId) await showPaused(inside, wanted.accountId, wanted.reason);
  await audit(inside, { operation: 'publishing.pause', subject: wanted.accountId ?? 'all', after: { ...wanted } });
  await record(inside, 'publishing.paused', {
    ...(wanted.accountId ? { subjectId: wanted.accountId } : {}),
    detail: { reason: wanted.reason },
  });
  return true;
}

/** Pauses an account because it must not go on, and tells once why. */
export async function pauseWithNotice(
  inside: Inside,
  accountId: string,
  why: { kind: string; title: string; reason: string; until?: Date },
): Promise<void> {
  const { kind, title, reason, until } = why;
  if (!(await pause(inside, { accountId, reason, until }))) return;
  await notify(inside, { kind, title, body: reason, path: '/settings/accounts', dedupe: `${kind}:${accountId}` });
}

/** Goes on with publishing. False when it was not held. */
export async function resume(inside: Inside, accountId: string | null): Promise<boolean> {
  const { tx, clock } = inside;
  if (accountId) await accountOf(inside, accountId);
  const ended = await tx
    .updateTable('pauses')
    .set({ resumedAt: clock.now(), resumedBy: actorName(inside.who) })
    .where('resumedAt', 'is', null)
    .where('accountId', accountId === null ? 'is' : '=', accountId)
    .returning('id')
    .execute();
  if (accountId) await showPaused(inside, accountId, null);
  if (ended.length === 0) return false;
  await audit(inside, { operation: 'publishing.resume', subject: accountId ?? 'all' });
  await record(inside, 'publishing.resumed', accountId ? { subjectId: accountId } : {});
  return true;
}

/** What holds publishing on this account now, after ending the pauses whose time is over. */
export async function holdOn(
  inside: Inside,
  accountId: string,
): Promise<{ reason: string; until: Date | null } | null> {
  const over = await inside.tx
    .updateTable('pauses')
    .set((eb) => ({ resumedAt: eb.ref('until'), resumedBy: 'system' }))
    .where('resumedAt', 'is', null)
    .where('until', '<=', inside.clock.now())
    .where((eb) => eb.or([eb('accountId', 'is', null), eb('accountId', '=', accountId)]))
    .returning('accountId')
    .execute();
  if (over.some((row) => row.accountId !== null)) await showPaused(inside, accountId, null);
  return (await pauseInForce(inside, accountId)) ?? (await pauseInForce(inside, null));
}

/** The pause in force for exactly this account, or for all. */
export async function pauseInForce({ tx, clock }: Inside, accountId: string | null) {
  const row = await tx
    .selectFrom('pauses')
    .select(['id', 'reason', 'pausedBy', 'pausedAt', 'until'])
    .where('accountId', accountId === null ? 'is' : '=', accountId)
    .where('resumedAt', 'is', null)
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', clock.now())]))
    .executeTakeFirst();
  return row ?? null;
}

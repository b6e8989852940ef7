import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { notify } from '#src/people/notices.ts';
import { notFound } from '#src/refusal.ts';

/** The account with this id in this workspace, or "not found". */
export async function accountOf({ tx }: Inside, accountId: string) {
  const account = await tx.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst();
  if (!account) throw notFound('account');
  return account;
}

/**
 * Locks accounts for the rest of the transaction, so that nobody else takes the slot we find free. Whoever locks a post
 * as well locks its accounts first: that is the order in which the publishing engine comes by.
 */
export async function lockAccounts({ tx }: Inside, accountIds: readonly string[]): Promise<void> {
  await tx.selectFrom('accounts').select('id').where('id', 'in', accountIds).orderBy('id').forNoKeyUpdate().execute();
}

/** The platform no longer lets us in: a person has to connect again. The queue waits. Safe to call twice. */
export async function needReconnect(inside: Inside, accountId: string, reason: string): Promise<void> {
  const account = await inside.tx
    .updateTable('accounts')
    .set({ status: 'reconnect', statusReason: reason, lastError: reason, lastErrorAt: inside.clock.now() })
    .where('id', '=', accountId)
    .where('status', 'in', ['connected', 'paused'])
    .returning(['handle', 'platform'])
    .executeTakeFirst();
  if (!account) return;
  await notify(inside, {
    kind: 'account_reconnect',
    title: `Connect @${account.handle} again`,
    body: `${reason} Its queue waits and goes on when the account is connected again.`,
    path: '/settings/accounts',
    dedupe: `reconnect:${accountId}`,
  });
  await record(inside, 'account.lost', { subjectId: accountId, detail: { reason } });
}

/** Shows the account as paused or not; whether it publishes is decided by the rows of `pauses`. */
export async function showPaused(inside: Inside, accountId: string, reason: string | null): Promise<void> {
  await inside.tx
    .updateTable('accounts')
    .set({ status: reason === null ? 'connected' : 'paused', statusReason: reason })
    .where('id', '=', accountId)
    .where('status', '=', reason === null ? 'paused' : 'connected')
    .execute();
}

/** Keeps the last success or the last error of talking to the platform. */
export async function noteSync(inside: Inside, accountId: string, error: string | null): Promise<void> {
  const now = inside.clock.now();
  await inside.tx
    .updateTable('accounts')
    .set(error === null ? { lastSyncedAt: now } : { lastError: error, lastErrorAt: now })
    .where('id', '=', accountId)
    .execute();
}

/** Keeps what the platform last told about the account: its leave for long posts can end. */
export async function noteProfile(inside: Inside, accountId: string, profile: { longPosts: boolean }): Promise<void> {
  await inside.tx
    .updateTable('accounts')
    .set({ longPosts: profile.longPosts, profileReadAt: inside.clock.now() })
    .where('id', '=', accountId)
    .execute();
}

/** Keeps up to where the account's replies and mentions have been read: the newest one's id there. */
export async function noteInbox(inside: Inside, accountId: string, since: string | null): Promise<void> {
  await inside.tx
    .updateTable('accounts')
    .set({ inboxReadAt: inside.clock.now(), ...(since === null ? {} : { inboxSince: since }) })
    .where('id', '=', accountId)
    .execute();
}

import { type Context, transaction } from '#src/context.ts';
import { notify } from '#src/people/notices.ts';

/** People are told this long before an access ends that nothing can renew, in milliseconds. */
const AHEAD = 10 * 86_400_000;

/**
 * Every day: tells of accounts whose access ends within ten days and cannot be renewed by us (LinkedIn gives ordinary
 * developer apps 60 days and no refresh token). Each is told once for each time it is connected.
 */
export async function remindOfEndings(context: Context): Promise<number> {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    const ending = await inside.tx
      .updateTable('accounts')
      .from('grants')
      .set({ endRemindedAt: now })
      .whereRef('grants.accountId', '=', 'accounts.id')
      .where('grants.sealedRefresh', 'is', null)
      .where('grants.expiresAt', '<=', new Date(now.getTime() + AHEAD))
      .where('accounts.status', 'in', ['connected', 'paused'])
      .where('accounts.endRemindedAt', 'is', null)
      .returning(['accounts.id', 'accounts.handle', 'accounts.platform', 'grants.expiresAt'])
      .execute();
    for (const account of ending) {
      const name = inside.platforms.get(account.platform)?.name ?? account.platform;
      const days = Math.max(Math.ceil(((account.expiresAt?.getTime() ?? 0) - now.getTime()) / 86_400_000), 0);
      await notify(inside, {
        kind: 'account_ending',
        title: `Connect @${account.handle} again within ${days === 1 ? 'a day' : `${days} days`}`,
        body: `${name} ends the access then, and only you can renew it. Its queue waits if it is not.`,
        path: '/settings/accounts',
        dedupe: `ending:${account.id}`,
      });
    }
    return ending.length;
  });
}

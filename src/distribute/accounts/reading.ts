import { setTimeout as pause } from 'node:timers/promises';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts/grants.ts';
import { accountOf, needReconnect, noteSync } from '#src/distribute/accounts/status.ts';
import { charge, monthOf, spentThisMonth } from '#src/distribute/spend.ts';
import type { Outcome, Platform } from '#src/outside/platform.ts';
import { notify } from '#src/people/notices.ts';

/** So long a reader has an account for itself, renewed before each request; no request takes longer than 30 s. */
const CLAIM = 35_000;

/**
 * Runs `read` as the only reader of the account, in whichever process; null when another one is reading it and has not
 * finished after `patience` (milliseconds). What is to be read has to be looked up inside `read`: the reader before may
 * just have read it. A reader that died loses the account after 35 seconds.
 */
export async function asOnlyReader<T>(
  context: Context,
  accountId: string,
  read: () => Promise<T>,
  patience = 0,
): Promise<T | null> {
  for (let waited = 0; !(await claim(context, accountId)); waited += 500) {
    if (waited >= patience) return null;
    await pause(500);
  }
  try {
    return await read();
  } finally {
    await transaction(context, ({ tx }) =>
      tx.updateTable('accountReads').set({ claimedUntil: null }).where('accountId', '=', accountId).execute(),
    );
  }
}

async function claim(context: Context, accountId: string): Promise<boolean> {
  const claimed = await transaction(context, async ({ tx, workspaceId, clock }) => {
    const now = clock.now();
    const claimedUntil = new Date(now.getTime() + CLAIM);
    return tx
      .insertInto('accountReads')
      .values({ workspaceId, accountId, claimedUntil })
      .onConflict((oc) =>
        oc
          .columns(['workspaceId', 'accountId'])
          .doUpdateSet({ claimedUntil })
          .where((eb) =>
            eb.or([eb('accountReads.claimedUntil', 'is', null), eb('accountReads.claimedUntil', '<=', now)]),
          ),
      )
      .returning('accountId')
      .executeTakeFirst();
  });
  return claimed !== undefined;
}

type Grant = Parameters<Platform['profile']>[0];

/**
 * Asks the platform for an account as its only reader, outside any transaction. What it costs goes into the spend ledger, what went wrong
 * is kept with the account. Null when there is no answer, also because the account's monthly budget is used up: reading
 * stops there as publishing does. An answer that goes beyond the budget is the last one, so at most one request does.
 */
export async function askPlatform<T>(
  context: Context,
  account: { id: string; platform: string },
  run: (adapter: Platform, grant: Grant) => Promise<Outcome<T>>,
): Promise<T | null> {
  const adapter = context.platforms.get(account.platform);
  if (!adapter || !(await transaction(context, (inside) => isWithinBudget(inside, account.id, adapter)))) return null;
  const opened = await openGrant(context, account.id);
  if (!opened.ok) return null;
  await transaction(context, ({ tx, clock }) =>
    tx
      .updateTable('accountReads')
      .set({ claimedUntil: new Date(clock.now().getTime() + CLAIM) })
      .where('accountId', '=', account.id)
      .execute(),
  );
  const outcome = await run(adapter, opened.grant);
  await transaction(context, async (inside) => {
    if (outcome.cost) await charge(inside, { accountId: account.id, cost: outcome.cost });
    if (!outcome.ok && outcome.failure.kind === 'reconnect')
      await needReconnect(inside, account.id, outcome.failure.reason);
    else await noteSync(inside, account.id, outcome.ok ? null : outcome.failure.reason);
  });
  return outcome.ok ? outcome.value : null;
}

/** A budget does not stop what costs nothing: a platform without prices that has not charged anything either. */
async function isWithinBudget(inside: Inside, accountId: string, adapter: Platform): Promise<boolean> {
  const account = await accountOf(inside, accountId);
  const budget = account.monthlyBudgetMicros;
  if (budget === null) return true;
  const spent = await spentThisMonth(inside, accountId);
  if (
    spent < budget ||
    (spent === 0 && adapter.priceOf({ text: '', describedMedia: 0, answersOther: false }).length === 0)
  )
    return true;
  await tellOnce(inside, accountId, {
    title: `Nothing more is read of @${account.handle} until next month`,
    body: `Reading numbers, replies and mentions costs money: ${dollars(spent)} of the monthly budget of ${dollars(budget)} is spent. What was read so far stays. Raise the budget to go on, or wait for the next month.`,
  });
  return false;
}

/** Once a month and account, also when the notice was read meanwhile. */
async function tellOnce(inside: Inside, accountId: string, notice: { title: string; body: string }): Promise<void> {
  const month = monthOf(inside.clock.now()).toISOString().slice(0, 10);
  const first = await inside.tx
    .updateTable('accountReads')
    .set({ budgetToldFor: month })
    .where('accountId', '=', accountId)
    .where((eb) => eb('budgetToldFor', 'is distinct from', month))
    .returning('accountId')
    .executeTakeFirst();
  if (!first) return;
  await notify(inside, {
    ...notice,
    kind: 'reading_stopped',
    path: '/settings/accounts',
    dedupe: `reading_stopped:${accountId}`,
  });
}

function dollars(micros: number): string {
  return (micros / 1_000_000).toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 4 });
}

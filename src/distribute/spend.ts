import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { finalTexts } from '#src/distribute/texts.ts';
import { done, id, operation } from '#src/operation.ts';
import type { Cost } from '#src/outside/platform.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';

/** Writes what one call costs into the ledger; a cost of nothing leaves no row. Amounts are millionths of a US dollar. */
export async function charge(
  inside: Inside,
  spent: { accountId: string; cost: Cost; postId?: string; attemptId?: string },
): Promise<number> {
  const micros = spent.cost.micros;
  if (micros === 0) return 0;
  await inside.tx
    .insertInto('platformSpend')
    .values({
      workspaceId: inside.workspaceId,
      accountId: spent.accountId,
      attemptId: spent.attemptId ?? null,
      postId: spent.postId ?? null,
      item: spent.cost.item,
      micros,
      at: inside.clock.now(),
    })
    .execute();
  return micros;
}

/** What publishing a text costs: by the workspace's own price for the item, else by the adapter's table. */
export function priceOf(prices: ReadonlyMap<string, number>, cost: Cost): Cost {
  return { item: cost.item, micros: prices.get(cost.item) ?? cost.micros };
}

/** The prices the workspace has changed, by item. */
export async function pricesOf({ tx }: Inside, platform: string): Promise<ReadonlyMap<string, number>> {
  const rows = await tx
    .selectFrom('platformPrices')
    .select(['item', 'micros'])
    .where('platform', '=', platform)
    .execute();
  return new Map(rows.map((row) => [row.item, row.micros]));
}

/** What the account has cost in the calendar month (UTC) of the clock. */
export async function spentThisMonth({ tx, clock }: Inside, accountId: string): Promise<number> {
  const row = await tx
    .selectFrom('platformSpend')
    .select((eb) => eb.fn.sum<string | null>('micros').as('micros'))
    .where('accountId', '=', accountId)
    .where('at', '>=', monthOf(clock.now()))
    .executeTakeFirstOrThrow();
  return Number(row.micros ?? 0);
}

/** Midnight UTC of the first day of the month `ahead` months after this moment's. */
export function monthOf(at: Date, ahead = 0): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + ahead, 1));
}

/** What publishing these texts, or this post, would cost on each account, and whether the budget allows it. */
export function priceEverywhere(
  context: Context,
  wanted: { postId?: string | undefined; texts?: string[] | undefined; accountIds: string[] },
) {
  const { postId, texts, accountIds } = wanted;
  if ((postId === undefined) === (texts === undefined))
    throw refuse('invalid', 'post_or_texts', 'Name either a post or its texts.');
  return transaction(context, async (inside) => {
    const accounts = [];
    for (const accountId of accountIds) {
      const account = await accountOf(inside, accountId);
      const adapter = platformOf(inside, account.platform);
      const prices = await pricesOf(inside, account.platform);
      const parts = texts ?? (await finalTexts(inside, postId ?? '', account));
      const costs = parts.flatMap((text) =>
        adapter
          .priceOf({ text, describedMedia: 0, answersOther: false })
          .map((cost) => priceOf(prices, cost)),
      );
      const micros = costs.reduce((sum, cost) => sum + cost.micros, 0);
      const spentMicros = await spentThisMonth(inside, accountId);
      accounts.push({
        accountId,
        handle: account.handle,
        platform: account.platform,
        parts: costs,
        micros,
        spentMicros,
        budgetMicros: account.monthlyBudgetMicros,
        withinBudget: account.monthlyBudgetMicros === null || spentMicros + micros <= account.monthlyBudgetMicros,
      });
    }
    return { accounts, micros: accounts.reduce((sum, one) => sum + one.micros, 0) };
  });
}

const cost = z.object({ item: z.string(), micros: z.int() });

export const spendOperations = {
  month: operation({
    summary: 'Show what the platforms have charged in a month, by account and by day.',
    route: 'GET /spend',
    access: 'read',
    input: z.strictObject({
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'A month is written 2026-11.')
        .optional(),
    }),
    output: z.object({
      month: z.string(),
      micros: z.int(),
      accounts: z.array(
        z.object({
          accountId: id,
          handle: z.string(),
          platform: z.string(),
          micros: z.int(),
          calls: z.int(),
          budgetMicros: z.int().nullable(),
        }),
      ),
      items: z.array(z.object({ item: z.string(), micros: z.int(), calls: z.int() })),
      days: z.array(z.object({ day: z.string(), micros: z.int() })),
    }),
    run: (context, input) => monthOfSpend(context, input.month),
  }),
  price: operation({
    summary: 'Show what publishing a post, or texts, would cost on each account.',
    route: 'POST /spend/price',
    access: 'read',
    input: z.strictObject({
      postId: id.optional(),
      texts: z.array(z.string().max(30_000)).min(1).max(50).optional(),
      accountIds: z.array(id).min(1).max(50),
    }),
    output: z.object({
      micros: z.int(),
      accounts: z.array(
        z.object({
          accountId: id,
          handle: z.string(),
          platform: z.string(),
          parts: z.array(cost),
          micros: z.int(),
          spentMicros: z.int(),
          budgetMicros: z.int().nullable(),
          withinBudget: z.boolean(),
        }),
      ),
    }),
    run: priceEverywhere,
  }),
  setPrice: operation({
    summary: 'Correct a price that a platform has changed; without a price the built-in one counts again.',
    route: 'PUT /spend/prices',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      platform: z.string().max(40),
      item: z.string().min(1).max(80),
      micros: z.int().min(0).max(1_000_000_000).nullable(),
    }),
    output: done,
    run: (context, { platform, item, micros }) =>
      transaction(context, async (inside) => {
        platformOf(inside, platform);
        await inside.tx
          .deleteFrom('platformPrices')
          .where('platform', '=', platform)
          .where('item', '=', item)
          .execute();
        if (micros !== null)
          await inside.tx
            .insertInto('platformPrices')
            .values({
              workspaceId: inside.workspaceId,
              platform,
              item,
              micros,
              updatedBy: userOf(inside),
              updatedAt: inside.clock.now(),
            })
            .execute();
        await audit(inside, { operation: 'spend.setPrice', subject: `${platform}:${item}`, after: { micros } });
        return { done: true };
      }),
  }),
};

function monthOfSpend(context: Context, month: string | undefined) {
  const from = month ? new Date(`${month}-01T00:00:00Z`) : monthOf(context.clock.now());
  return transaction(context, async ({ tx }) => {
    const spend = tx.selectFrom('platformSpend').where('at', '>=', from).where('at', '<', monthOf(from, 1));
    const items = await spend
      .select((eb) => ['item', eb.fn.sum<string>('micros').as('micros'), eb.fn.countAll<number>().as('calls')])
      .groupBy('item')
      .orderBy('item')
      .execute();
    const byAccount = await spend
      .select((eb) => ['accountId', eb.fn.sum<string>('micros').as('micros'), eb.fn.countAll<number>().as('calls')])
      .groupBy('accountId')
      .execute();
    const days = await spend
      .select((eb) => [
        sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD')`.as('day'),
        eb.fn.sum<string>('micros').as('micros'),
      ])
      .groupBy('day')
      .orderBy('day')
      .execute();
    const accounts = await tx
      .selectFrom('accounts')
      .select(['id', 'handle', 'platform', 'monthlyBudgetMicros'])
      .orderBy('connectedAt')
      .execute();
    return {
      month: from.toISOString().slice(0, 7),
      micros: items.reduce((sum, row) => sum + Number(row.micros), 0),
      items: items.map((row) => ({ ...row, micros: Number(row.micros) })),
      days: days.map((row) => ({ ...row, micros: Number(row.micros) })),
      accounts: accounts.map((account) => {
        const own = byAccount.find((row) => row.accountId === account.id);
        return {
          accountId: account.id,
          handle: account.handle,
          platform: account.platform,
          micros: Number(own?.micros ?? 0),
          calls: own?.calls ?? 0,
          budgetMicros: account.monthlyBudgetMicros,
        };
      }),
    };
  });
}

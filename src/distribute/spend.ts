import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { finalContent } from '#src/distribute/content.ts';
import { id, nothing, operation } from '#src/operation.ts';
import type { Cost, PricedPart } from '#src/outside/platform.ts';
import { refuse } from '#src/refusal.ts';
import { forecastOf } from './spend/forecast.ts';
import { priceOf, priceOperations, pricesOf } from './spend/prices.ts';

export { priceOf, pricesOf } from './spend/prices.ts';

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

/** A text that is not in a post yet; on its own a string is one without media. */
const pricedText = z.union([
  z.string().max(30_000),
  z.strictObject({ text: z.string().max(30_000), describedMedia: z.int().min(0).max(20).default(0) }),
]);

/** What publishing these texts, or this post, would cost on each account, and whether the budget allows it. */
export function priceEverywhere(
  context: Context,
  wanted: {
    postId?: string | undefined;
    texts?: z.output<typeof pricedText>[] | undefined;
    /** The texts answer somebody else's post. */
    answersOther?: boolean | undefined;
    accountIds: string[];
  },
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
      const parts: PricedPart[] = texts
        ? texts.map((one, at) => ({
            text: typeof one === 'string' ? one : one.text,
            describedMedia: typeof one === 'string' ? 0 : one.describedMedia,
            answersOther: at === 0 && wanted.answersOther === true,
          }))
        : (await finalContent(inside, postId ?? '', account)).parts.map(({ text, media }) => ({
            text,
            describedMedia: media.filter((one) => one.altText).length,
            answersOther: false,
          }));
      const costs = parts.flatMap((part) => adapter.priceOf(part)).map((cost) => priceOf(prices, cost));
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
      texts: z.array(pricedText).min(1).max(50).optional(),
      answersOther: z.boolean().optional(),
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
  forecast: operation({
    summary: 'Show what the posts that are scheduled until the end of this month (UTC) will cost, by account.',
    route: 'GET /spend/forecast',
    access: 'read',
    input: nothing,
    output: z.object({
      until: z.date(),
      accounts: z.array(z.object({ accountId: id, publications: z.int(), micros: z.int() })),
    }),
    run: (context) =>
      transaction(context, async (inside) => {
        const until = monthOf(inside.clock.now(), 1);
        return { until, accounts: await forecastOf(inside, until) };
      }),
  }),
  ...priceOperations,
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

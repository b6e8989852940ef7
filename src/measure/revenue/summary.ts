import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { arr, type MovementKind, mrrBridge } from '#src/measure/mrr.ts';
import { cohortOperations } from '#src/measure/revenue/cohorts.ts';
import { definitionOperations } from '#src/measure/revenue/definitions.ts';
import { figureOperations } from '#src/measure/revenue/figures.ts';
import { lifetimeOperations } from '#src/measure/revenue/lifetime-value.ts';
import { movementOperations } from '#src/measure/revenue/movement-list.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

const movements = z.object({
  new: z.string(),
  expansion: z.string(),
  reactivation: z.string(),
  contraction: z.string(),
  churn: z.string(),
});

const shown = z.object({
  currencies: z.array(
    z.object({
      currency: z.string(),
      mrrMinor: z.string(),
      arrMinor: z.string(),
      subscriptions: z.int(),
      months: z.array(
        movements.extend({
          month: z.string(),
          openingMinor: z.string(),
          closingMinor: z.string(),
          paidMinor: z.string(),
          refundedMinor: z.string(),
        }),
      ),
    }),
  ),
  waiting: z.int(),
  failed: z.int(),
});

/** MRR today and how it came about, by month in the workspace's time zone, for each currency on its own. */
export async function summarise(
  context: Context,
  { appId, months }: { appId: string; months: number },
): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    const { tx, clock, workspaceId } = inside;
    await appOf(inside, appId);
    const { timeZone } = await tx
      .selectFrom('workspaces')
      .select('timeZone')
      .where('id', '=', workspaceId)
      .executeTakeFirstOrThrow();
    const subscriptions = await tx
      .selectFrom('subscriptions')
      .select((eb) => ['currency', eb.fn.countAll<number>().as('times'), eb.fn.sum<string>('mrrMinor').as('mrr')])
      .where('appId', '=', appId)
      .where('mrrMinor', '<>', '0')
      .groupBy('currency')
      .execute();
    const moved = await tx
      .selectFrom('mrrMovements')
      .select((eb) => [
        'currency',
        'kind',
        sql<string>`to_char(occurred_at at time zone ${timeZone}, 'YYYY-MM')`.as('month'),
        eb.fn.sum<string>('amountMinor').as('amount'),
      ])
      .where('appId', '=', appId)
      .groupBy(['currency', 'kind', 'month'])
      .execute();
    const paid = await tx
      .selectFrom('payments')
      .select((eb) => [
        'currency',
        sql<string>`to_char(paid_at at time zone ${timeZone}, 'YYYY-MM')`.as('month'),
        eb.fn.sum<string>('amountMinor').as('amount'),
      ])
      .where('appId', '=', appId)
      .groupBy(['currency', 'month'])
      .execute();
    const refunded = await tx
      .selectFrom('refunds')
      .select([
        'currency',
        sql<string>`to_char(refunded_at at time zone ${timeZone}, 'YYYY-MM')`.as('month'),
        sql<string>`sum(case when kind = 'dispute_won' then -amount_minor else amount_minor end)`.as('amount'),
      ])
      .where('appId', '=', appId)
      .where('status', '=', 'succeeded')
      .groupBy(['currency', 'month'])
      .execute();
    const events = await tx
      .selectFrom('paymentEvents')
      .innerJoin('paymentSources', 'paymentSources.id', 'paymentEvents.paymentSourceId')
      .select((eb) => [
        eb.fn.countAll<number>().filterWhere('processedAt', 'is', null).as('waiting'),
        eb.fn.countAll<number>().filterWhere('outcome', '=', 'failed').as('failed'),
      ])
      .where('appId', '=', appId)
      .executeTakeFirstOrThrow();
    const names = monthsUntil(clock.now(), months, timeZone);
    const currencies = [...new Set([...subscriptions, ...moved, ...paid].map((row) => row.currency))].sort();
    return {
      ...events,
      currencies: currencies.map((currency) => {
        const own = moved.filter((row) => row.currency === currency);
        const running = subscriptions.find((row) => row.currency === currency);
        const mrr = BigInt(running?.mrr ?? 0);
        let opening = own
          .filter((row) => row.month < (names[0] ?? ''))
          .reduce((sum, row) => sum + BigInt(row.amount), 0n);
        const amountOf = (rows: { currency: string; month: string; amount: string }[], month: string) =>
          rows.find((row) => row.currency === currency && row.month === month)?.amount ?? '0';
        return {
          currency,
          mrrMinor: String(mrr),
          arrMinor: String(arr(mrr)),
          subscriptions: running?.times ?? 0,
          months: names.map((month) => {
            const bridge = mrrBridge(
              opening,
              own
                .filter((row) => row.month === month)
                .map((row) => ({ kind: row.kind as MovementKind, amount: BigInt(row.amount) })),
            );
            opening = bridge.closing;
            return {
              month,
              openingMinor: String(bridge.opening),
              closingMinor: String(bridge.closing),
              new: String(bridge.new),
              expansion: String(bridge.expansion),
              reactivation: String(bridge.reactivation),
              contraction: String(bridge.contraction),
              churn: String(bridge.churn),
              paidMinor: amountOf(paid, month),
              refundedMinor: amountOf(refunded, month),
            };
          }),
        };
      }),
    };
  });
}

function monthsUntil(now: Date, count: number, timeZone: string): string[] {
  const [year = 0, month = 1] = now.toLocaleDateString('sv-SE', { timeZone }).split('-').map(Number);
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(year, month - count + index, 1)).toISOString().slice(0, 7),
  );
}

export const revenueOperations = {
  ...figureOperations,
  ...movementOperations,
  ...cohortOperations,
  ...lifetimeOperations,
  ...definitionOperations,
  summary: operation({
    summary: 'Show recurring revenue and how it moved by month: new, expansion, contraction, churn, reactivation.',
    route: 'GET /revenue',
    access: 'read',
    input: z.strictObject({ appId: id, months: z.int().min(1).max(36).default(12) }),
    output: shown,
    run: summarise,
  }),
};

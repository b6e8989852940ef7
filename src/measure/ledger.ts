import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { day, id, money, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/**
 * Closes a day (UTC) of every app: what was attributed, what was not, what went back, what the provider kept. Without a
 * fault attributed + unattributed − refunds − fees is what the provider paid; `difference` says by how much it is not
 * (payments whose conversion is still waiting to be attributed). Closing a day again replaces what stood there.
 */
export async function closeLedger(context: Context, on: string): Promise<void> {
  await transaction(context, async ({ tx, workspaceId, clock }) => {
    const from = new Date(`${on}T00:00:00Z`);
    const until = new Date(from.getTime() + 86_400_000);
    await tx.deleteFrom('ledgerDays').where('day', '=', on).execute();
    // The app's own model decides what is attributed; every model sums to the same money.
    await sql`
      insert into ledger_days (workspace_id, app_id, day, currency, paid_minor, attributed_minor, unattributed_minor,
                               refunded_minor, fees_minor, difference_minor, closed_at)
      select ${workspaceId}::uuid, app_id, ${on}::date, currency,
             sum(gross - refunded - fees), sum(attributed), sum(unattributed), sum(refunded), sum(fees),
             sum(gross - attributed - unattributed), ${clock.now()}::timestamptz
      from (
        select app_id, currency::text, amount_minor as gross, 0 as attributed, 0 as unattributed, 0 as refunded, 0 as fees
        from payments where workspace_id = ${workspaceId} and paid_at >= ${from} and paid_at < ${until}
        union all
        select credit.app_id, credit.currency::text, 0,
               case when credit.touch_id is not null then credit.amount_minor else 0 end,
               case when credit.touch_id is null then credit.amount_minor else 0 end, 0, 0
        from conversions conversion
        join credits credit on credit.workspace_id = conversion.workspace_id and credit.conversion_id = conversion.id
          and credit.model = 'last_non_direct'
        where conversion.workspace_id = ${workspaceId} and conversion.kind = 'purchase'
          and conversion.attributed_at is not null
          and conversion.occurred_at >= ${from} and conversion.occurred_at < ${until}
        union all
        select app_id, currency::text, 0, 0, 0, case when kind = 'dispute_won' then -amount_minor else amount_minor end, 0
        from refunds where workspace_id = ${workspaceId} and status = 'succeeded'
          and refunded_at >= ${from} and refunded_at < ${until}
        union all
        select app_id, currency::text, 0, 0, 0, 0, amount_minor
        from fees where workspace_id = ${workspaceId} and charged_at >= ${from} and charged_at < ${until}
      ) entries
      group by app_id, currency
    `.execute(tx);
  });
}

/** Closes yesterday, and again the days before it: a join found late moves money from unattributed to attributed. */
export async function closeRecentDays(context: Context, days = 7): Promise<void> {
  const now = context.clock.now().getTime();
  for (let back = days; back >= 1; back--)
    await closeLedger(context, new Date(now - back * 86_400_000).toISOString().slice(0, 10));
}

export const ledgerOperations = {
  days: operation({
    summary: 'List the closed days: attributed, unattributed, refunds and fees against what the provider paid.',
    route: 'GET /ledger',
    access: 'read',
    input: z.strictObject({ appId: id, from: day.optional(), until: day.optional() }),
    output: z.object({
      days: z.array(
        z.object({
          day: z.string(),
          paid: money,
          attributed: money,
          unattributed: money,
          refunded: money,
          fees: money,
          difference: money,
          closes: z.boolean(),
          closedAt: z.date(),
        }),
      ),
    }),
    run: (context, { appId, from, until }) =>
      transaction(context, async (inside) => {
        const { tx } = inside;
        await appOf(inside, appId);
        const rows = await tx
          .selectFrom('ledgerDays')
          .selectAll()
          .where('appId', '=', appId)
          .$if(from !== undefined, (query) => query.where('day', '>=', from ?? ''))
          .$if(until !== undefined, (query) => query.where('day', '<=', until ?? ''))
          .orderBy('day', 'desc')
          .orderBy('currency')
          .limit(400)
          .execute();
        return {
          days: rows.map((row) => {
            const amount = (minor: string) => ({ minor, currency: row.currency });
            return {
              day: row.day,
              paid: amount(row.paidMinor),
              attributed: amount(row.attributedMinor),
              unattributed: amount(row.unattributedMinor),
              refunded: amount(row.refundedMinor),
              fees: amount(row.feesMinor),
              difference: amount(row.differenceMinor),
              closes: row.differenceMinor === '0',
              closedAt: row.closedAt,
            };
          }),
        };
      }),
  }),
};

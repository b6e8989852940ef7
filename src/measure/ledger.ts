import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { day, id, money, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/**
 * Closes a day (UTC) of every app by what the payment provider's events tell: what was attributed, what was not, what
 * went back, what the provider kept. Without a fault attributed + unattributed = payments; `difference` says by how
 * much it is not (payments that have no credits yet). How it closes, and what it does not compare with yet, stands in
 * docs/money.md. Closing a day again replaces what stood there.
 */
export async function closeLedger(context: Context, on: string): Promise<void> {
  await transaction(context, (inside) => close(inside, on, on));
}

/**
 * Closes every day (UTC) that is over, from the first with money on, or no further back than `days`: money that is told
 * late, a replayed event or a join found late belongs to a day that was closed before. A day that is as it was keeps
 * its row and `closed_at`.
 */
export async function closeDays(context: Context, days: number | null = null): Promise<void> {
  const back = (count: number) => new Date(context.clock.now().getTime() - count * DAY).toISOString().slice(0, 10);
  await transaction(context, (inside) => close(inside, days === null ? '0001-01-01' : back(days), back(1)));
}

const DAY = 86_400_000;

async function close({ tx, workspaceId, clock }: Inside, first: string, last: string): Promise<void> {
  const from = `${first}T00:00:00Z`;
  const until = new Date(Date.parse(`${last}T00:00:00Z`) + DAY);
  // Credits are read by the day of their payment, open or not: until new ones replace them in one transaction, the old
  // ones stand. The app's own model decides what is attributed; every model sums to the same money.
  await sql`
    with entries as (
      select app_id, (paid_at at time zone 'UTC')::date as day, currency::text as currency,
             amount_minor as gross, 0 as attributed, 0 as unattributed, 0 as refunded, 0 as fees
      from payments where workspace_id = ${workspaceId} and paid_at >= ${from} and paid_at < ${until}
      union all
      select payment.app_id, (payment.paid_at at time zone 'UTC')::date, credit.currency::text, 0,
             case when credit.touch_id is not null then credit.amount_minor else 0 end,
             case when credit.touch_id is null then credit.amount_minor else 0 end, 0, 0
      from payments payment
      join conversions conversion on conversion.workspace_id = payment.workspace_id
        and conversion.payment_id = payment.id and conversion.kind = 'purchase'
      join credits credit on credit.workspace_id = conversion.workspace_id and credit.conversion_id = conversion.id
        and credit.model = 'last_non_direct'
      where payment.workspace_id = ${workspaceId} and payment.paid_at >= ${from} and payment.paid_at < ${until}
      union all
      select app_id, (refunded_at at time zone 'UTC')::date, currency::text, 0, 0, 0,
             case when kind = 'dispute_won' then -amount_minor else amount_minor end, 0
      from refunds where workspace_id = ${workspaceId} and status = 'succeeded'
        and refunded_at >= ${from} and refunded_at < ${until}
      union all
      select app_id, (charged_at at time zone 'UTC')::date, currency::text, 0, 0, 0, 0, amount_minor
      from fees where workspace_id = ${workspaceId} and charged_at >= ${from} and charged_at < ${until}
    ), closing as (
      select app_id, day, currency, sum(gross - refunded - fees) as paid, sum(attributed) as attributed,
             sum(unattributed) as unattributed, sum(refunded) as refunded, sum(fees) as fees,
             sum(gross - attributed - unattributed) as difference
      from entries group by app_id, day, currency
    ), gone as (
      delete from ledger_days ledger
      where ledger.workspace_id = ${workspaceId} and ledger.day between ${first} and ${last}
        and not exists (select from closing where closing.app_id = ledger.app_id and closing.day = ledger.day
                          and closing.currency = ledger.currency)
    )
    insert into ledger_days as ledger (workspace_id, app_id, day, currency, paid_minor, attributed_minor,
                                       unattributed_minor, refunded_minor, fees_minor, difference_minor, closed_at)
    select ${workspaceId}::uuid, app_id, day, currency, paid, attributed, unattributed, refunded, fees, difference,
           ${clock.now()}::timestamptz
    from closing
    on conflict (workspace_id, app_id, day, currency) do update set
      paid_minor = excluded.paid_minor, attributed_minor = excluded.attributed_minor,
      unattributed_minor = excluded.unattributed_minor, refunded_minor = excluded.refunded_minor,
      fees_minor = excluded.fees_minor, difference_minor = excluded.difference_minor, closed_at = excluded.closed_at
    where (ledger.paid_minor, ledger.attributed_minor, ledger.unattributed_minor, ledger.refunded_minor,
           ledger.fees_minor, ledger.difference_minor)
      is distinct from (excluded.paid_minor, excluded.attributed_minor, excluded.unattributed_minor,
                        excluded.refunded_minor, excluded.fees_minor, excluded.difference_minor)
  `.execute(tx);
}

export const ledgerOperations = {
  days: operation({
    summary:
      'List the closed days: attributed, unattributed, refunds and fees against what the provider’s events say was paid.',
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

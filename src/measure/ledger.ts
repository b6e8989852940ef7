import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { booksOf, isCharge, ledgerEntries } from '#src/measure/ledger/entries.ts';

export { ledgerOperations } from '#src/measure/ledger/operations.ts';

const DAY = 86_400_000;

/**
 * Closes a day (UTC) of every payment source: what was attributed, what was not, what went back, what the provider
 * kept, against what its own statement says was earned. `uncredited` and `difference` say by how much it does not
 * close. How, and which providers have a statement, stands in docs/money.md. Closing a day again replaces what stood there.
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
  await transaction(context, (inside) => close(inside, days === null ? '1970-01-01' : back(days), back(1)));
}

async function close(inside: Inside, first: string, last: string): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const books = booksOf(inside);
  // Credits are read by the day of their payment, open or not: until new ones replace them in one transaction, the old
  // ones stand. Any model would do, every one sums to the same money.
  await sql`
    with ${ledgerEntries(inside, books, { first, last })},
    credited as (
      select told.app_id, told.payment_source_id, told.day, told.currency, told.amount as value,
             case when payment.amount_minor = 0 then 0
                  else round(told.amount * coalesce(given.attributed, 0) / payment.amount_minor) end as attributed,
             case when coalesce(given.credited, 0) = payment.amount_minor or payment.amount_minor = 0 then 0
                  else told.amount - round(told.amount * coalesce(given.credited, 0) / payment.amount_minor) end as uncredited
      from told
      join payments payment on payment.workspace_id = ${workspaceId}
        and payment.payment_source_id = told.payment_source_id and payment.provider_id = told.payment
      left join lateral (
        select sum(credit.amount_minor) filter (where credit.touch_id is not null) as attributed,
               sum(credit.amount_minor) as credited
        from conversions conversion
        join credits credit on credit.workspace_id = conversion.workspace_id and credit.conversion_id = conversion.id
          and credit.model = 'last_non_direct'
        where conversion.workspace_id = ${workspaceId} and conversion.payment_id = payment.id
          and conversion.kind = 'purchase'
      ) given on true
      where told.part = 'payment'
    ), entries as (
      select app_id, payment_source_id, day, currency,
             case part when 'payment' then amount else 0 end as payments,
             case part when 'refund' then -amount else 0 end as refunded,
             case part when 'fee' then -amount else 0 end as fees,
             case part when 'tax' then -amount else 0 end as tax_kept,
             0 as charges, 0 as attributed, 0 as uncredited, null::numeric as stated
      from told
      union all
      select app_id, payment_source_id, day, currency, 0, 0, 0, 0, 0, attributed, uncredited, null from credited
      union all
      select line.app_id, line.payment_source_id, (line.occurred_at at time zone 'UTC')::date, line.currency::text,
             0, 0, 0, 0, case when ${isCharge} then -line.net_minor else 0 end, 0, 0, line.net_minor
      from statement_lines line
      where line.workspace_id = ${workspaceId} and line.about <> 'payout'
        and line.occurred_at >= ${`${first}T00:00:00Z`}::timestamptz and line.occurred_at < ${`${last}T24:00:00Z`}::timestamptz
    ), sums as (
      select app_id, payment_source_id, day, currency, sum(payments) as payments, sum(refunded) as refunded,
             sum(fees) as fees, sum(tax_kept) as tax_kept, sum(charges) as charges, sum(attributed) as attributed,
             sum(uncredited) as uncredited, sum(payments - refunded - fees - tax_kept - charges) as paid,
             sum(stated) as stated
      from entries group by app_id, payment_source_id, day, currency
    ), closing as (
      select sums.*, case
          when source.provider <> all(${books.stating}::text[]) then null
          when read.complete_until >= (sums.day + 1)::timestamp at time zone 'UTC' then coalesce(sums.stated, 0)
          when source.sealed_api_key is null then sums.stated
        end as by_statement
      from sums
      join payment_sources source on source.workspace_id = ${workspaceId} and source.id = sums.payment_source_id
      left join payment_backfills read on read.workspace_id = ${workspaceId}
        and read.payment_source_id = sums.payment_source_id
    ), gone as (
      delete from ledger_days ledger
      where ledger.workspace_id = ${workspaceId} and ledger.day between ${first} and ${last}
        and not exists (select from closing where closing.payment_source_id = ledger.payment_source_id
                          and closing.day = ledger.day and closing.currency = ledger.currency)
    )
    insert into ledger_days as ledger (
      workspace_id, app_id, payment_source_id, day, currency, payments_minor, attributed_minor, unattributed_minor,
      refunded_minor, fees_minor, tax_kept_minor, charges_minor, paid_minor, stated_minor, uncredited_minor,
      difference_minor, closed_at)
    select ${workspaceId}::uuid, app_id, payment_source_id, day, currency, payments, attributed,
           payments - attributed - uncredited, refunded, fees, tax_kept, charges, paid, by_statement, uncredited,
           coalesce(by_statement - paid, 0), ${clock.now()}::timestamptz
    from closing
    on conflict (workspace_id, app_id, payment_source_id, day, currency) do update set
      payments_minor = excluded.payments_minor, attributed_minor = excluded.attributed_minor,
      unattributed_minor = excluded.unattributed_minor, refunded_minor = excluded.refunded_minor,
      fees_minor = excluded.fees_minor, tax_kept_minor = excluded.tax_kept_minor,
      charges_minor = excluded.charges_minor, paid_minor = excluded.paid_minor, stated_minor = excluded.stated_minor,
      uncredited_minor = excluded.uncredited_minor, difference_minor = excluded.difference_minor,
      closed_at = excluded.closed_at
    where (ledger.payments_minor, ledger.attributed_minor, ledger.unattributed_minor, ledger.refunded_minor,
           ledger.fees_minor, ledger.tax_kept_minor, ledger.charges_minor, ledger.paid_minor, ledger.stated_minor,
           ledger.uncredited_minor, ledger.difference_minor)
      is distinct from (excluded.payments_minor, excluded.attributed_minor, excluded.unattributed_minor,
                        excluded.refunded_minor, excluded.fees_minor, excluded.tax_kept_minor, excluded.charges_minor,
                        excluded.paid_minor, excluded.stated_minor, excluded.uncredited_minor,
                        excluded.difference_minor)
  `.execute(tx);
}

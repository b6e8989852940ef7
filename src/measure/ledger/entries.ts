import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** Which sources are held against a statement, and which keep the tax themselves. */
export type Books = { stating: string[]; keepingTax: string[] };

/** Provider ids by what they do, from the adapters. */
export function booksOf({ payments }: Pick<Inside, 'payments'>): Books {
  const those = (is: (provider: { merchantOfRecord: boolean; statement: { lines: boolean } }) => boolean) =>
    [...payments.values()].filter(is).map((provider) => provider.id);
  return { stating: those((one) => one.statement.lines), keepingTax: those((one) => one.merchantOfRecord) };
}

/**
 * SQL: the common table expressions `told`, what the events say moved on these days (UTC, both included), and `stated`,
 * what the statement says, one row per payment, part (payment, refund, fee, tax) and day. Signed: what the seller gets
 * is positive. Amounts are in the currency of the provider's account where a line of the same payment converts them,
 * at the provider's own rate, so both sides can be compared to the minor unit.
 */
export function ledgerEntries(
  { workspaceId }: Inside,
  { keepingTax }: Books,
  scope: { first: string; last: string; only?: RawBuilder<boolean> },
): RawBuilder<unknown> {
  const from = `${scope.first}T00:00:00Z`;
  const until = `${scope.last}T24:00:00Z`;
  const only = scope.only ?? sql<boolean>`true`;
  // Of several lines the one with the same amount is the one about this money.
  const lineOf = (abouts: RawBuilder<unknown>, payment: RawBuilder<unknown>, amount: RawBuilder<unknown>) => sql`
    left join lateral (
      select line.currency::text as currency, abs(line.gross_minor) as gross, abs(line.converted_minor) as converted
      from statement_lines line
      where line.workspace_id = money.workspace_id and line.payment_source_id = money.payment_source_id
        and line.provider_payment_id = ${payment} and line.about in (${abouts})
        and line.converted_currency = money.currency and line.converted_minor <> 0
      order by (abs(line.converted_minor) = ${amount}) desc, line.occurred_at
      limit 1
    ) line on true`;
  const valued = (amount: RawBuilder<unknown>) =>
    sql`case when line.currency is null then ${amount}
             when ${amount} = line.converted then line.gross
             else round(${amount} * line.gross / line.converted) end`;
  return sql`
    source as (
      select id, app_id, provider, provider = any(${keepingTax}::text[]) as keeps_tax
      from payment_sources where workspace_id = ${workspaceId}
    ),
    told as (
      select money.app_id, money.payment_source_id, money.provider_id as payment, 'payment' as part,
             (money.paid_at at time zone 'UTC')::date as day, coalesce(line.currency, money.currency::text) as currency,
             ${valued(sql`money.amount_minor`)} as amount
      from payments money ${lineOf(sql`'payment'`, sql`money.provider_id`, sql`money.amount_minor`)}
      where money.workspace_id = ${workspaceId} and ${only}
        and money.paid_at >= ${from}::timestamptz and money.paid_at < ${until}::timestamptz
      union all
      select money.app_id, money.payment_source_id, money.provider_id, 'tax',
             (money.paid_at at time zone 'UTC')::date, coalesce(line.currency, money.currency::text),
             -(${valued(sql`money.tax_minor`)})
      from payments money join source on source.id = money.payment_source_id and source.keeps_tax
      ${lineOf(sql`'payment'`, sql`money.provider_id`, sql`money.amount_minor`)}
      where money.workspace_id = ${workspaceId} and money.tax_minor <> 0 and ${only}
        and money.paid_at >= ${from}::timestamptz and money.paid_at < ${until}::timestamptz
      union all
      select money.app_id, money.payment_source_id, money.provider_payment_id, 'refund',
             (money.refunded_at at time zone 'UTC')::date, coalesce(line.currency, money.currency::text),
             (${valued(sql`money.amount_minor`)}) * case when money.kind = 'dispute_won' then 1 else -1 end
      from refunds money
      ${lineOf(sql`'refund', 'dispute'`, sql`money.provider_payment_id`, sql`money.amount_minor`)}
      where money.workspace_id = ${workspaceId} and money.status = 'succeeded' and ${only}
        and money.refunded_at >= ${from}::timestamptz and money.refunded_at < ${until}::timestamptz
      union all
      select money.app_id, money.payment_source_id, money.provider_payment_id, 'tax',
             (money.refunded_at at time zone 'UTC')::date, coalesce(line.currency, money.currency::text),
             (${valued(sql`money.tax_minor`)}) * case when money.kind = 'dispute_won' then -1 else 1 end
      from refunds money join source on source.id = money.payment_source_id and source.keeps_tax
      ${lineOf(sql`'refund', 'dispute'`, sql`money.provider_payment_id`, sql`money.amount_minor`)}
      where money.workspace_id = ${workspaceId} and money.status = 'succeeded' and money.tax_minor <> 0 and ${only}
        and money.refunded_at >= ${from}::timestamptz and money.refunded_at < ${until}::timestamptz
      union all
      select money.app_id, money.payment_source_id, coalesce(money.provider_payment_id, money.provider_id), 'fee',
             (money.charged_at at time zone 'UTC')::date, money.currency::text, -money.amount_minor
      from fees money
      where money.workspace_id = ${workspaceId} and ${only}
        and money.charged_at >= ${from}::timestamptz and money.charged_at < ${until}::timestamptz
    ),
    stated as (
      select money.app_id, money.payment_source_id, money.provider_payment_id as payment, each.part,
             (money.occurred_at at time zone 'UTC')::date as day, money.currency::text as currency, each.amount
      from statement_lines money
      cross join lateral (
        select case when money.about in ('payment', 'refund', 'fee') then money.about
                    when money.about = 'dispute' then 'refund' when money.about = 'tax' then 'tax' else 'other' end as part,
               money.gross_minor as amount
        union all select 'fee', -money.fee_minor
        union all select 'tax', -money.tax_minor
      ) each
      where money.workspace_id = ${workspaceId} and money.about <> 'payout' and each.amount <> 0 and ${only}
        and money.occurred_at >= ${from}::timestamptz and money.occurred_at < ${until}::timestamptz
    )`;
}

/** SQL on `statement_lines line`: the account's own bills and corrections, which no event of a payment tells. */
export const isCharge = sql<boolean>`(line.provider_payment_id is null and line.about in ('fee', 'tax', 'adjustment')
  and not exists (select from fees fee where fee.workspace_id = line.workspace_id
                  and fee.payment_source_id = line.payment_source_id and fee.provider_id = line.provider_id))`;

import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import type { View } from '#src/measure/dashboards/kpis.ts';

export const otherCurrenciesShown = z.array(
  z.object({
    currency: z.string(),
    /** What was paid in it in the period, net by docs/money.md. */
    minor: z.string(),
    newMrrMinor: z.string(),
  }),
);

export type Currencies = { otherCurrencies: z.output<typeof otherCurrenciesShown>; suggestedCurrency: string | null };

/**
 * The money of the period that the figures leave out, because the rate of its day is not known yet: nothing is guessed.
 * `suggestedCurrency` is named when all money is in one other currency: the workspace should have that.
 */
export async function currenciesOf({ tx, workspaceId }: Inside, view: View): Promise<Currencies> {
  const { appIds, current } = view;
  const { rows } = await sql<{ currency: string; waiting: boolean; minor: string; newMrrMinor: string }>`
    with paid as (
      select payment.currency::text as currency, payment.reporting_currency is distinct from ${view.currency} as waiting,
             payment.id, payment.amount_minor, payment.tax_minor
      from payments payment
      where payment.workspace_id = ${workspaceId} and payment.app_id = any(${appIds}::uuid[])
        and payment.amount_minor > 0 and payment.paid_at >= ${current.from} and payment.paid_at < ${current.until}
    )
    select currency, bool_or(waiting) as waiting, sum(minor)::text as minor, sum(new_mrr)::text as new_mrr_minor
    from (
      select currency, waiting, 0 as new_mrr,
             case when waiting then rest - round(tax_minor * rest / amount_minor) else 0 end as minor
      from paid
      left join lateral (
        select paid.amount_minor - coalesce(sum(case kind when 'dispute_won' then -refunds.amount_minor else refunds.amount_minor end), 0) as rest
        from refunds
        where paid.waiting and refunds.workspace_id = ${workspaceId} and refunds.payment_id = paid.id
          and refunds.currency = paid.currency and refunds.status = 'succeeded'
      ) left_over on true
      union all
      select currency::text, reporting_currency is distinct from ${view.currency},
             case when reporting_currency is distinct from ${view.currency} then amount_minor else 0 end, 0
      from mrr_movements
      where workspace_id = ${workspaceId} and app_id = any(${appIds}::uuid[]) and kind = 'new'
        and occurred_at >= ${current.from} and occurred_at < ${current.until}
    ) money
    group by currency order by currency
  `.execute(tx);
  return {
    otherCurrencies: rows.flatMap(({ waiting, ...row }) => (waiting ? [row] : [])),
    suggestedCurrency: onlyOther(rows, view.currency),
  };
}

/** The one currency of all this money, when it is not the workspace's own. */
export function onlyOther(money: readonly { currency: string }[], own: string): string | null {
  const [first, ...more] = new Set(money.map((row) => row.currency));
  return first !== undefined && more.length === 0 && first !== own ? first : null;
}

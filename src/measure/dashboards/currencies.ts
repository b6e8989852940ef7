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
 * The money of the period that the figures leave out, because it is in other currencies than the workspace's: nothing
 * is converted. `suggestedCurrency` is named when all of it is in one other currency: the workspace should have that.
 */
export async function currenciesOf({ tx, workspaceId }: Inside, view: View): Promise<Currencies> {
  const { appIds, current } = view;
  const { rows } = await sql<{ currency: string; minor: string; newMrrMinor: string }>`
    select currency, sum(minor)::text as minor, sum(new_mrr)::text as new_mrr_minor
    from (
      select payment.currency::text as currency, 0 as new_mrr,
             rest - round(payment.tax_minor * rest / payment.amount_minor) as minor
      from payments payment
      left join (
        select payment_id, currency,
               sum(case when kind = 'dispute_won' then -amount_minor else amount_minor end) as returned
        from refunds where workspace_id = ${workspaceId} and status = 'succeeded' group by payment_id, currency
      ) back on back.payment_id = payment.id and back.currency = payment.currency
      cross join lateral (select payment.amount_minor - coalesce(back.returned, 0) as rest) left_over
      where payment.workspace_id = ${workspaceId} and payment.app_id = any(${appIds}::uuid[])
        and payment.amount_minor > 0 and payment.paid_at >= ${current.from} and payment.paid_at < ${current.until}
      union all
      select currency::text, amount_minor, 0 from mrr_movements
      where workspace_id = ${workspaceId} and app_id = any(${appIds}::uuid[]) and kind = 'new'
        and occurred_at >= ${current.from} and occurred_at < ${current.until}
    ) money
    group by currency order by currency
  `.execute(tx);
  return {
    otherCurrencies: rows.filter((row) => row.currency !== view.currency),
    suggestedCurrency: onlyOther(rows, view.currency),
  };
}

/** The one currency of all this money, when it is not the workspace's own. */
export function onlyOther(money: readonly { currency: string }[], own: string): string | null {
  const [first, ...more] = new Set(money.map((row) => row.currency));
  return first !== undefined && more.length === 0 && first !== own ? first : null;
}

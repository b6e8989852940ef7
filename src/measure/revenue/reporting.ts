import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { minorUnits } from '#src/outside/payments/currency.ts';

/**
 * What money is worth in the workspace's currency. Each payment, refund and fee carries it, at the rate of its day,
 * frozen (`reporting_minor`, `reporting_rate`, `reporting_currency`, `reporting_day`); revenue/rates.ts fills in what
 * had to wait for a rate and works everything out again when the workspace's currency changes.
 */
export type Reported = {
  reportingMinor: string | null;
  reportingRate: string | null;
  reportingCurrency: string | null;
  reportingDay: string | null;
};

/** The currency all figures are in. */
export async function reportingCurrency({ tx, workspaceId }: Inside): Promise<string> {
  const row = await tx
    .selectFrom('workspaces')
    .select('currency')
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return row.currency;
}

/**
 * An amount in the workspace's currency at the rate of the day (UTC) of `at`: that of the day itself, or the last one
 * within a week before. All null when no rate is kept: nothing is guessed, it waits.
 */
export async function reported(
  inside: Inside,
  { amount, currency, at }: { amount: bigint; currency: string; at: Date },
): Promise<Reported> {
  const target = await reportingCurrency(inside);
  const on = at.toISOString().slice(0, 10);
  if (target === currency)
    return { reportingMinor: String(amount), reportingRate: '1', reportingCurrency: target, reportingDay: on };
  const { rows } = await sql<{ rate: string; minor: string; day: string }>`
    select factor as rate, round(${String(amount)}::numeric * factor)::text as minor, day::text as day
    from rate_of_day(${currency}, ${target}, ${on}::date)
    cross join lateral (select rate * ${shift(currency, target)}::numeric as factor) each
  `.execute(inside.tx);
  const [row] = rows;
  return {
    reportingMinor: row?.minor ?? null,
    reportingRate: row?.rate ?? null,
    reportingCurrency: row ? target : null,
    reportingDay: row?.day ?? null,
  };
}

/** `reported` as it was worked out once; anew when the amount, its currency or its time changed. */
export async function keptReport(
  inside: Inside,
  known: (Reported & { amountMinor: string; currency: string; paidAt: Date }) | undefined,
  now: { amount: bigint; currency: string; at: Date },
): Promise<Reported> {
  const same =
    known?.reportingMinor != null &&
    BigInt(known.amountMinor) === now.amount &&
    known.currency === now.currency &&
    known.paidAt.getTime() === now.at.getTime();
  if (!same) return reported(inside, now);
  const { reportingMinor, reportingRate, reportingCurrency, reportingDay } = known;
  return { reportingMinor, reportingRate, reportingCurrency, reportingDay };
}

/** By what a rate between units is multiplied to be one between minor units: 1 EUR = 160 JPY is 100 cents = 160 yen. */
export function shift(from: string, to: string): string {
  const by = minorUnits(to) - minorUnits(from);
  return by >= 0 ? `1${'0'.repeat(by)}` : `0.${'0'.repeat(-by - 1)}1`;
}

/**
 * SQL: a column of money beside the payment (or refund, or fee) it belongs to, in `currency`, the workspace's. Null
 * while it waits for a rate. It is exact, not rounded: sum first, then `round`. For credits:
 * `round(sum(${worth('credits.net_minor', 'payments', currency)}))`.
 */
export function worth(column: string, table: string, currency: string): RawBuilder<string | null> {
  return sql<
    string | null
  >`case when ${sql.ref(`${table}.reporting_currency`)} = ${currency} then ${sql.ref(column)} * ${sql.ref(`${table}.reporting_rate`)} end`;
}

/** SQL: whether a payment, refund or fee has no amount in `currency` yet: it waits for the rate of its day. */
export function waitsForRate(table: string, currency: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(`${table}.reporting_currency`)} is distinct from ${currency}`;
}

/** The money of a period that figures leave out as no rate of its day is known yet, by its own currency. */
export async function withoutRate(
  { tx, workspaceId }: Inside,
  view: { appIds: readonly string[]; currency: string; from: Date; until: Date },
): Promise<{ currency: string; minor: string; payments: number }[]> {
  const { rows } = await sql<{ currency: string; minor: string; payments: number }>`
    select currency::text as currency, sum(amount_minor)::text as minor, count(*) as payments
    from payments
    where workspace_id = ${workspaceId} and app_id = any(${[...view.appIds]}::uuid[])
      and paid_at >= ${view.from} and paid_at < ${view.until}
      and reporting_currency is distinct from ${view.currency}
    group by currency order by currency
  `.execute(tx);
  return rows;
}

import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type Fraction, rounded, subscriptionMrr } from '#src/measure/mrr.ts';
import { lastStates } from '#src/measure/revenue/movements.ts';
import { reportingCurrency, shift } from '#src/measure/revenue/reporting.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

const line = z.object({
  key: z.string(),
  label: z.string(),
  words: z.string(),
  /** What is to be added to ours; null where it cannot be known from what is told. */
  minor: z.string().nullable(),
  subscriptions: z.int(),
});

const shown = z.object({
  currency: z.string(),
  oursMinor: z.string(),
  /** Ours, line by line, to the figure of Stripe's own billing overview: ours + lines = stripe. */
  stripe: z.object({ totalMinor: z.string(), lines: z.array(line) }),
  /** Counted alike by both, with how much of ours it is. */
  alike: z.array(line),
  /** Where other tools count otherwise. */
  others: z.array(z.object({ name: z.string(), source: z.string(), lines: z.array(line) })),
});

type Own = {
  mrr: bigint;
  withoutFinite: bigint;
  today: bigint | null;
  pastDue: boolean;
  leaving: boolean;
  paused: boolean;
  metered: boolean;
  trial: boolean;
};

/**
 * Why the MRR here is not the one that Stripe (and ChartMogul, ProfitWell) shows, with this app's own numbers. Sources:
 * Stripe, billing/subscriptions/analytics/glossary and support page on coupons; learn.profitwell.com gf9qqkyplu,
 * "ProfitWell vs. Stripe"; help.chartmogul.com 203299912. Read 2026-11-22.
 */
export async function mrrDefinitions(context: Context, { appId }: { appId: string }): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const currency = await reportingCurrency(inside);
    const all = await subscriptionsOf(inside, appId, currency);
    const sum = (rows: Own[], of: (row: Own) => bigint) => rows.reduce((total, row) => total + of(row), 0n);
    const ours = sum(all, (row) => row.mrr);
    const discounted = all.filter((row) => row.withoutFinite !== row.mrr);
    const rated = all.filter((row) => row.today !== null && row.today !== row.withoutFinite);
    const leaving = all.filter((row) => row.leaving && row.mrr > 0n);
    const valueToday = (row: Own) => row.today ?? row.withoutFinite;
    const lines = [
      {
        key: 'finite_discounts',
        label: 'Discounts for a limited time',
        words:
          'Stripe lowers MRR only by coupons that last forever. Here every discount lowers it while it runs, as at ChartMogul and ProfitWell.',
        minor: String(sum(discounted, (row) => row.withoutFinite - row.mrr)),
        subscriptions: discounted.length,
      },
      {
        key: 'exchange_rates',
        label: 'Exchange rates of today',
        words:
          'Stripe converts other currencies at today’s rate, so its MRR moves with it. Here a subscription keeps the rate of its first day.',
        minor: String(sum(rated, (row) => valueToday(row) - row.withoutFinite)),
        subscriptions: rated.length,
      },
      {
        key: 'cancelled',
        label: 'Cancelled, paid until later',
        words:
          'Stripe takes MRR off when a subscription is cancelled. Here it counts until the time that was paid for ends, as at ProfitWell.',
        minor: String(-sum(leaving, valueToday)),
        subscriptions: leaving.length,
      },
    ];
    const total = lines.reduce((at, each) => at + BigInt(each.minor), ours);
    const part = (key: string, label: string, words: string, rows: Own[], of: ((row: Own) => bigint) | null) => ({
      key,
      label,
      words,
      minor: of === null ? null : String(sum(rows, of)),
      subscriptions: rows.length,
    });
    const metered = all.filter((row) => row.metered);
    return {
      currency,
      oursMinor: String(ours),
      stripe: { totalMinor: String(total), lines },
      alike: [
        part(
          'past_due',
          'Past due',
          'Counts in both: the money is still expected. Unpaid and cancelled subscriptions count in neither.',
          all.filter((row) => row.pastDue),
          (row) => row.mrr,
        ),
        part(
          'trials',
          'In trial',
          'Counts in neither until it is paid for.',
          all.filter((row) => row.trial),
          () => 0n,
        ),
        part('metered', 'Metered items', 'Count in neither: what is used is known only afterwards.', metered, () => 0n),
        part(
          'paused',
          'Paused',
          'Counts as nothing here while no money is collected.',
          all.filter((row) => row.paused),
          () => 0n,
        ),
      ],
      others: [
        {
          name: 'ChartMogul',
          source: 'https://help.chartmogul.com/hc/en-us/articles/203299912',
          lines: [
            part(
              'chartmogul_invoices',
              'Worked out from invoices',
              'ChartMogul reads invoices, not subscriptions: one that was never paid may count there, and months are its account’s time zone.',
              [],
              null,
            ),
          ],
        },
        {
          name: 'ProfitWell',
          source: 'https://learn.profitwell.com/article/gf9qqkyplu-profitwell-vs-stripe',
          lines: [
            part(
              'profitwell_metered',
              'Metered items',
              'ProfitWell counts recurring metered billing as MRR.',
              metered,
              null,
            ),
            part(
              'profitwell_same_month',
              'Came and went in one month',
              'ProfitWell leaves out who signs up and churns in the same month. Here they are netted in a month and shown by the day.',
              [],
              () => 0n,
            ),
          ],
        },
      ],
    };
  });
}

async function subscriptionsOf(inside: Inside, appId: string, currency: string): Promise<Own[]> {
  const { tx, clock } = inside;
  const now = clock.now();
  const rows = await tx
    .selectFrom('subscriptions')
    .select(['id', 'paymentSourceId', 'status', 'cancelAt', 'trialEndsAt', 'reportingMrrMinor', 'reportingRate'])
    .select(['currency', 'mrrMinor'])
    .where('appId', '=', appId)
    .where((eb) => eb.or([eb('endedAt', 'is', null), eb('endedAt', '>', now)]))
    .where((eb) => eb.or([eb('reportingCurrency', '=', currency), eb('mrrMinor', '=', '0')]))
    .execute();
  const states = await lastStates(inside, rows);
  const rates = await ratesOfToday(inside, [...new Set(rows.map((row) => row.currency))], currency);
  return rows.flatMap((row): Own[] => {
    const state = states.get(row.id);
    if (!state) return [];
    const forever = subscriptionMrr(state.subscription, now, { discounts: 'forever' }).mrr;
    const mrr = BigInt(row.reportingMrrMinor ?? 0);
    const own = BigInt(row.mrrMinor);
    const same = rounded(forever) === own;
    const today = rates.get(row.currency) ?? null;
    const withoutFinite = same ? mrr : row.reportingRate === null ? mrr : times(forever, row.reportingRate);
    return [
      {
        mrr,
        withoutFinite,
        today: today === null || row.currency === currency ? withoutFinite : times(forever, today),
        pastDue: row.status === 'past_due',
        leaving: row.cancelAt !== null,
        paused: row.status === 'paused' || (state.subscription.pausedAt !== null && state.subscription.pausedAt <= now),
        metered: state.subscription.items.some((item) => item.usageType === 'metered'),
        trial: row.status === 'trialing' || (row.trialEndsAt !== null && row.trialEndsAt > now),
      },
    ];
  });
}

/** For each currency the factor between minor units at the newest rate that is kept. */
async function ratesOfToday(inside: Inside, currencies: string[], target: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ code: string; factor: string }>`
    select code, (rate * factor)::text as factor
    from unnest(${currencies}::text[], ${currencies.map((code) => shift(code, target))}::numeric[]) each (code, factor)
    cross join lateral rate_of_day(code, ${target}, ${inside.clock.now().toISOString().slice(0, 10)}::date)
  `.execute(inside.tx);
  return new Map(rows.map((row) => [row.code, row.factor]));
}

/** An exact amount by a decimal factor, in whole minor units. */
function times({ n, d }: Fraction, factor: string): bigint {
  const [whole = '0', fraction = ''] = factor.split('.');
  return rounded({ n: n * BigInt(whole + fraction), d: d * 10n ** BigInt(fraction.length) });
}

export const definitionOperations = {
  definitions: operation({
    summary: 'Show why this MRR is not Stripe’s, ChartMogul’s or ProfitWell’s, line by line with your own numbers.',
    route: 'GET /revenue/definitions',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: shown,
    run: mrrDefinitions,
  }),
};

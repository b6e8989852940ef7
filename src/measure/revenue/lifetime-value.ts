import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import {
  bgNbdAlive,
  bgNbdExpected,
  bgNbdFuture,
  type CustomerSummary,
  fitBgNbd,
  fitGammaGamma,
  gammaGammaMean,
  lifetimePeriods,
  sbgSurvival,
  summarise,
  tenures,
} from '#src/measure/lifetime.ts';
import { payer } from '#src/measure/revenue/changes.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/** Below these no value is shown (docs/money.md). Subscriptions: 30 customers, of whom 10 have left. */
const BUYERS = 30;
const REPEATERS = 10;
const CONFIDENCE = 0.9;
/** A month has 365.2425 / 12 days; a payment that is collected some days late is the same month's. */
const MONTH = 30.436875;
const GRACE = 3 / MONTH;
const YEAR_IN_WEEKS = 52;

const minor = z.string();
const shown = z.object({
  currency: z.string(),
  subscriptions: z.union([
    z.object({
      enough: z.literal(true),
      /** What a new customer is expected to pay within the horizon. */
      valueMinor: minor,
      lowMinor: minor,
      highMinor: minor,
      confidence: z.number(),
      horizonMonths: z.int(),
      discountYearly: z.number(),
      marginPercent: z.number(),
      arpuMinor: minor,
      months: z.number(),
      parameters: z.object({ alpha: z.number(), beta: z.number() }),
      /** Share of customers left after each month of the horizon, by the model, beside what was seen so far. */
      survival: z.array(z.object({ month: z.int(), model: z.number(), seen: z.number().nullable() })),
      customers: z.int(),
      /** Customers on other intervals than a month, who are not in it. */
      left: z.int(),
    }),
    z.object({ enough: z.literal(false), reason: z.string(), customers: z.int(), left: z.int() }),
  ]),
  purchases: z.union([
    z.object({
      enough: z.literal(true),
      /** Expected of one new customer in the first year: purchases after the first one, and what they bring. */
      repeatPurchases: z.number(),
      spendMinor: minor,
      firstYearMinor: minor,
      /** Of all present customers in the next year. */
      nextYearMinor: minor,
      /** How many customers are expected to be still buying. */
      alive: z.number(),
      customers: z.int(),
      repeaters: z.int(),
      parameters: z.object({
        r: z.number(),
        alpha: z.number(),
        a: z.number(),
        b: z.number(),
        p: z.number(),
        q: z.number(),
        v: z.number(),
      }),
    }),
    z.object({ enough: z.literal(false), reason: z.string(), customers: z.int() }),
  ]),
});

const asked = z.strictObject({
  appId: id,
  horizonMonths: z.int().min(1).max(120).default(36),
  discountYearly: z.number().min(0).max(1).default(0.1).describe('Share by which money of a year later is worth less.'),
  marginPercent: z.number().min(1).max(100).default(100).describe('What is left of revenue after its own costs.'),
});

/**
 * What a customer is worth: for subscriptions by the shifted-beta-geometric model (Fader & Hardie 2007) from how many
 * months customers stayed, those still there counted as seen so far; for one-off purchases by BG/NBD and gamma-gamma.
 * With an interval; below a floor it says what is missing and shows no number.
 */
export async function lifetimeValue(context: Context, input: z.output<typeof asked>): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    await appOf(inside, input.appId);
    const currency = await reportingCurrency(inside);
    return {
      currency,
      subscriptions: worthOfSubscribers(await subscribersNow(inside, currency, input.appId), {
        ...input,
        confidence: CONFIDENCE,
      }),
      purchases: ofPurchases(await purchasesOf(inside, currency, input.appId), inside.clock.now()),
    };
  });
}

/** One who paid for a subscription: how long so far, and what they bring in a month now (minor units of the workspace). */
export type Subscriber = {
  customerId: string | null;
  plan: string | null;
  monthly: boolean;
  periods: number;
  lost: boolean;
  mrr: number;
};

export type Terms = { horizonMonths: number; discountYearly: number; marginPercent: number; confidence: number };

/** What these subscribers are worth each, in minor units of the workspace's currency, or what is missing to say so. */
export function worthOfSubscribers(all: readonly Subscriber[], input: Terms) {
  const customers = all.filter((each) => each.monthly);
  const left = all.length - customers.length;
  const mrr = customers.reduce((sum, each) => sum + each.mrr, 0);
  const discount = (1 + input.discountYearly) ** (1 / 12) - 1;
  const observed = tenures(customers);
  const fitted = lifetimePeriods(observed, { horizon: input.horizonMonths, discount, confidence: input.confidence });
  if (!fitted.enough) return { enough: false as const, reason: fitted.reason, customers: customers.length, left };
  const paying = customers.filter((each) => !each.lost).length;
  if (paying === 0)
    return {
      enough: false as const,
      reason: 'Not enough data: nobody pays at the moment.',
      customers: customers.length,
      left,
    };
  const arpu = mrr / paying;
  const value = (months: number) => String(Math.round((months * arpu * input.marginPercent) / 100));
  return {
    enough: true as const,
    valueMinor: value(fitted.periods),
    lowMinor: value(fitted.interval.low),
    highMinor: value(fitted.interval.high),
    confidence: input.confidence,
    horizonMonths: input.horizonMonths,
    discountYearly: input.discountYearly,
    marginPercent: input.marginPercent,
    arpuMinor: String(Math.round(arpu)),
    months: fitted.periods,
    parameters: { alpha: fitted.parameters.alpha, beta: fitted.parameters.beta },
    survival: survivalOf(fitted.parameters, observed, input.horizonMonths),
    customers: customers.length,
    left,
  };
}

/** Seen: the product of the shares who stayed, of those who were there to be seen (Kaplan & Meier). */
function survivalOf(
  parameters: { alpha: number; beta: number },
  observed: { lost: readonly number[]; kept: readonly number[] },
  horizon: number,
) {
  const all = [...observed.lost, ...observed.kept].reduce((sum, count) => sum + count, 0);
  let atRisk = all;
  let seen: number | null = 1;
  const rows = [{ month: 0, model: 1, seen: seen as number | null }];
  for (let month = 1; month <= horizon; month++) {
    atRisk -= observed.kept[month - 1] ?? 0;
    const gone = observed.lost[month] ?? 0;
    seen = seen === null || atRisk < 10 ? null : seen * (1 - gone / atRisk);
    atRisk -= gone;
    rows.push({ month, model: sbgSurvival(parameters, month), seen });
  }
  return rows;
}

/** Everybody who ever paid for a subscription, as they stand now. */
export async function subscribersNow(
  { tx, workspaceId, clock }: Inside,
  currency: string,
  appId: string,
): Promise<Subscriber[]> {
  const { rows } = await sql<Omit<Subscriber, 'periods' | 'mrr'> & { days: number; mrr: string }>`
    select (array_agg(subscription.customer_id))[1] as customer_id,
           (array_agg(subscription.plan order by subscription.started_at desc nulls last, subscription.id))[1] as plan,
           bool_and(subscription.every = 'month' and coalesce((subscription.terms #>> '{items,0,intervalCount}')::int, 1) = 1) as monthly,
           extract(epoch from (case when sum(subscription.mrr_minor) > 0 then ${clock.now()}::timestamptz
                                    else max(ending.at) end) - min(subscription.first_paid_at)) / 86400 as days,
           sum(subscription.mrr_minor) = 0 as lost,
           coalesce(sum(subscription.reporting_mrr_minor)
                    filter (where subscription.reporting_currency = ${currency}), 0)::text as mrr
    from subscriptions subscription
    join lateral (
      select max(movement.occurred_at) as at from mrr_movements movement
      where movement.workspace_id = subscription.workspace_id and movement.subscription_id = subscription.id
    ) ending on true
    where subscription.workspace_id = ${workspaceId} and subscription.app_id = ${appId}
      and subscription.first_paid_at is not null
    group by ${payer}
  `.execute(tx);
  return rows.map(({ days, mrr, ...row }) => ({
    ...row,
    periods: renewals(Number(days) / MONTH, row.lost),
    mrr: Number(mrr),
  }));
}

/** How often they renewed: who left after exactly a month never did, who is there after a month and a day did once. */
function renewals(months: number, lost: boolean): number {
  return Math.max(0, lost ? Math.ceil(months - GRACE) - 1 : Math.floor(months));
}

export type Purchase = { customer: string; day: number; amount: number };

/** One-off purchases of known customers: what is left of each after refunds, in minor units. */
export async function purchasesOf({ tx, workspaceId }: Inside, currency: string, appId: string): Promise<Purchase[]> {
  const { rows } = await sql<{ customer: string; at: Date; left: string }>`
    select payment.customer_id::text as customer, payment.paid_at as at,
           round((payment.amount_minor - coalesce(back.minor, 0)) * payment.reporting_rate)::text as left
    from payments payment
    left join invoices invoice on invoice.workspace_id = payment.workspace_id
      and invoice.payment_source_id = payment.payment_source_id and invoice.provider_id = payment.provider_invoice_id
    left join lateral (
      select sum(case when refund.kind = 'dispute_won' then -refund.amount_minor else refund.amount_minor end) as minor
      from refunds refund
      where refund.workspace_id = payment.workspace_id and refund.payment_id = payment.id
        and refund.status = 'succeeded' and refund.currency = payment.currency
    ) back on true
    where payment.workspace_id = ${workspaceId} and payment.app_id = ${appId} and payment.customer_id is not null
      and payment.subscription_id is null and invoice.provider_subscription_id is null
      and payment.reporting_currency = ${currency} and payment.amount_minor > coalesce(back.minor, 0)
  `.execute(tx);
  return rows.map((row) => ({
    customer: row.customer,
    day: Math.floor(row.at.getTime() / 86_400_000),
    amount: Number(row.left),
  }));
}

/** What one-off buyers are worth each, or what is missing to say so. */
export function ofPurchases(purchases: readonly Purchase[], now: Date): z.output<typeof shown>['purchases'] {
  const until = Math.floor(now.getTime() / 86_400_000);
  const customers = summarise(purchases, { until, unitDays: 7 });
  const repeaters = customers.filter((each) => each.frequency > 0).length;
  const missing = (reason: string) => ({ enough: false as const, reason, customers: customers.length });
  if (customers.length < BUYERS)
    return missing(`Not enough data: ${customers.length} of the ${BUYERS} buyers needed so far.`);
  if (repeaters < REPEATERS)
    return missing(`Not enough data: ${repeaters} of the ${REPEATERS} who bought again needed so far.`);
  const buying = fitBgNbd(customers);
  if (!buying.enough) return missing(buying.reason);
  const spend = fitGammaGamma(
    customers.flatMap(({ frequency, money }) => (money === null ? [] : [{ frequency, money }])),
  );
  if (!spend.enough) return missing(spend.reason);
  const mean = gammaGammaMean(spend.parameters);
  if (mean === null) return missing('Not enough data: the purchases so far do not tell a mean spend.');
  const { parameters } = buying;
  const repeatPurchases = bgNbdExpected(parameters, YEAR_IN_WEEKS);
  // Customers with the same history are expected to do the same.
  const alike = Map.groupBy(customers, ({ frequency, recency, age }) => `${frequency} ${recency} ${age}`);
  let [alive, nextYear] = [0, 0];
  for (const own of alike.values()) {
    const one = own[0] as CustomerSummary;
    const future = bgNbdFuture(parameters, one, YEAR_IN_WEEKS);
    alive += bgNbdAlive(parameters, one) * own.length;
    for (const { frequency, money } of own)
      nextYear +=
        future * (gammaGammaMean(spend.parameters, money === null ? undefined : { frequency, money }) ?? mean);
  }
  return {
    enough: true,
    repeatPurchases,
    spendMinor: String(Math.round(mean)),
    firstYearMinor: String(Math.round(mean * (1 + repeatPurchases))),
    nextYearMinor: String(Math.round(nextYear)),
    alive,
    customers: customers.length,
    repeaters,
    parameters: { ...parameters, ...spend.parameters },
  };
}

export const lifetimeOperations = {
  lifetime: operation({
    summary: 'Show what a customer is worth over a horizon, with an interval: subscriptions, and one-off purchases.',
    route: 'GET /revenue/lifetime',
    access: 'read',
    input: asked,
    output: shown,
    run: lifetimeValue,
  }),
};

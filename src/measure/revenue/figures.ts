import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { arr } from '#src/measure/mrr.ts';
import { periodsFor, rangeFields } from '#src/measure/range.ts';
import { type Bridge, bridgesOf } from '#src/measure/revenue/bridges.ts';
import { mrrChanges, mrrWithoutRate, segments } from '#src/measure/revenue/changes.ts';
import { moneyBySlot, outstanding, trialsOf } from '#src/measure/revenue/flows.ts';
import { withoutRate } from '#src/measure/revenue/reporting.ts';
import { type Grain, grains, type Slot, slotsOf } from '#src/measure/revenue/slots.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/** Below so many customers at the beginning a rate says more about chance than about them. */
export const RATE_FLOOR = 30;

const minor = z.string();
const rate = z.number().nullable();
const bridge = z.object({
  openingMinor: minor,
  newMinor: minor,
  expansionMinor: minor,
  reactivationMinor: minor,
  /** Zero or below, like churn: opening and all five sum to closing. */
  contractionMinor: minor,
  churnMinor: minor,
  closingMinor: minor,
  netNewMinor: minor,
  customers: z.object({ opening: z.int(), new: z.int(), reactivated: z.int(), lost: z.int(), closing: z.int() }),
  quickRatio: rate,
  /** Rates are null below 30 customers at the beginning: `enough` says so. */
  grossChurn: rate,
  netChurn: rate,
  logoChurn: rate,
  enough: z.boolean(),
});
const flow = z.object({ paidMinor: minor, refundedMinor: minor, feesMinor: minor, payments: z.int() });
const totals = bridge.extend(flow.shape).extend({ arrMinor: minor, arpuMinor: minor.nullable() });

const shown = z.object({
  timeZone: z.string(),
  /** All money is in it, at rates of the day. */
  currency: z.string(),
  grain: z.enum(grains),
  /** First and last day of the range, and of what it is compared with. */
  from: z.string(),
  until: z.string(),
  total: totals,
  previous: totals.nullable(),
  periods: z.array(bridge.extend(flow.shape).extend({ period: z.string(), from: z.date(), until: z.date() })),
  /** MRR at the end of each day. */
  days: z.array(z.string()),
  mrr: z.array(minor),
  previousMrr: z.array(minor).nullable(),
  segments: z
    .array(z.object({ segment: z.string(), label: z.string(), total: bridge, periods: z.array(bridge) }))
    .nullable(),
  trials: z.object({
    started: z.int(),
    paid: z.int(),
    lapsed: z.int(),
    running: z.int(),
    /** Of those decided; null below 30. */
    rate,
    enough: z.boolean(),
  }),
  failedPayments: z.object({
    failed: z.int(),
    recovered: z.int(),
    outstanding: z.int(),
    atRiskMinor: minor,
  }),
  /** Money that the figures leave out until there is a rate of its day. */
  waiting: z.array(z.object({ currency: z.string(), minor, payments: z.int(), mrrMinor: minor })),
  /** Whether there is anything at all: a source, a subscription, a payment. */
  sources: z.int(),
  hasSubscriptions: z.boolean(),
  hasPayments: z.boolean(),
});

type Asked = z.output<typeof asked>;
const asked = z.strictObject({
  appId: id,
  ...rangeFields,
  range: rangeFields.range.default('12m'),
  grain: z
    .enum(grains)
    .default('month')
    .describe('How the range is cut; within a slot each customer has one movement.'),
  segment: z.enum(segments).optional(),
});

/**
 * The figures of an app's recurring revenue over a range, by docs/money.md: from opening to closing MRR with the five
 * movements for each slot and for the range as a whole, rates, money that came and went, trials, failed payments.
 */
export async function revenueFigures(context: Context, input: Asked): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    const { tx, clock } = inside;
    await appOf(inside, input.appId);
    const about = await placeOf(inside, input.appId);
    const { timeZone, currency } = about;
    const { current, previous } = periodsFor(input, clock.now(), timeZone, about.began);
    const { grain, slots } = slotsOf(current, input.grain, timeZone);
    const view = { appId: input.appId, currency };
    const total = await totalsOf(inside, { ...view, slots });
    const [days, mrr] = await levels(inside, view, current.days, timeZone);
    const paid = await moneyBySlot(inside, { ...view, slots });
    const before = previous && (await totalsOf(inside, { ...view, slots: whole(previous) }));
    const counts = await tx
      .selectFrom('paymentSources')
      .select((eb) => eb.fn.countAll<number>().as('sources'))
      .where('appId', '=', input.appId)
      .where('removedAt', 'is', null)
      .executeTakeFirstOrThrow();
    const range = { from: current.from, until: current.until };
    return {
      timeZone,
      currency,
      grain,
      from: current.days[0] ?? '',
      until: current.days.at(-1) ?? '',
      total: total.whole,
      previous: before?.whole ?? null,
      periods: total.each.map((each, index) => ({
        ...each,
        ...(paid[index] ?? nothingPaid),
        period: slots[index]?.name ?? '',
        from: slots[index]?.from ?? current.from,
        until: slots[index]?.until ?? current.until,
      })),
      days,
      mrr,
      previousMrr: previous === null ? null : (await levels(inside, view, previous.days, timeZone))[1],
      segments: input.segment === undefined ? null : await segmentsOf(inside, { ...view, slots }, input.segment),
      trials: withRate(await trialsOf(inside, { ...view, ...range, now: clock.now() })),
      failedPayments: await outstanding(inside, { ...view, ...range }),
      waiting: await waitingOf(inside, { ...view, ...range }),
      sources: counts.sources,
      hasSubscriptions: about.hasSubscriptions,
      hasPayments: about.hasPayments,
    };
  });
}

const nothingPaid = { paidMinor: '0', refundedMinor: '0', feesMinor: '0', payments: 0 };

async function placeOf({ tx, workspaceId }: Inside, appId: string) {
  const { rows } = await sql<{
    timeZone: string;
    currency: string;
    began: string | null;
    hasSubscriptions: boolean;
    hasPayments: boolean;
  }>`
    select workspace.time_zone as time_zone, workspace.currency as currency,
           (least(first.payment, first.movement) at time zone workspace.time_zone)::date::text as began,
           first.payment is not null as has_payments,
           exists (select from subscriptions where workspace_id = ${workspaceId} and app_id = ${appId}) as has_subscriptions
    from workspaces workspace
    cross join lateral (
      select (select min(paid_at) from payments where workspace_id = ${workspaceId} and app_id = ${appId}) as payment,
             (select min(occurred_at) from mrr_movements where workspace_id = ${workspaceId} and app_id = ${appId}) as movement
    ) first
    where workspace.id = ${workspaceId}
  `.execute(tx);
  const [row] = rows;
  if (!row) throw new Error('The workspace of this transaction is gone.');
  return row;
}

type View = { appId: string; currency: string; slots: readonly Slot[] };

async function totalsOf(inside: Inside, view: View) {
  const { each, whole: all } = bridgesOf(await mrrChanges(inside, view, null), view.slots.length);
  const [paid = nothingPaid] = await moneyBySlot(inside, { ...view, slots: joined(view.slots) });
  return {
    each: each.map(written),
    whole: {
      ...written(all),
      ...paid,
      arrMinor: String(arr(all.closing)),
      arpuMinor: all.customers.closing === 0 ? null : String(perCustomer(all.closing, all.customers.closing)),
    },
  };
}

async function segmentsOf(inside: Inside, view: View, segment: (typeof segments)[number]) {
  const changes = await mrrChanges(inside, view, segment);
  return [...Map.groupBy(changes, (row) => row.segment)]
    .map(([name, own]) => {
      const { each, whole: all } = bridgesOf(own, view.slots.length);
      return { segment: name, label: name === '' ? 'Not known' : name, total: all, periods: each.map(written) };
    })
    .sort((a, b) => Number(b.total.closing - a.total.closing) || (a.segment < b.segment ? -1 : 1))
    .map((row) => ({ ...row, total: written(row.total) }));
}

function written(bridge: Bridge) {
  const enough = bridge.customers.opening >= RATE_FLOOR;
  return {
    openingMinor: String(bridge.opening),
    newMinor: String(bridge.new),
    expansionMinor: String(bridge.expansion),
    reactivationMinor: String(bridge.reactivation),
    contractionMinor: String(bridge.contraction),
    churnMinor: String(bridge.churn),
    closingMinor: String(bridge.closing),
    netNewMinor: String(bridge.closing - bridge.opening),
    customers: bridge.customers,
    quickRatio: bridge.quickRatio,
    grossChurn: enough ? bridge.grossChurn : null,
    netChurn: enough ? bridge.netChurn : null,
    logoChurn: enough ? bridge.logoChurn : null,
    enough,
  };
}

/** MRR at the end of each of these days. */
async function levels(
  { tx, workspaceId }: Inside,
  view: { appId: string; currency: string },
  days: string[],
  timeZone: string,
): Promise<[string[], string[]]> {
  const { rows } = await sql<{ day: string; change: string }>`
    select greatest((occurred_at at time zone ${timeZone})::date, ${days[0]}::date)::text as day,
           sum(reporting_minor)::text as change
    from mrr_movements
    where workspace_id = ${workspaceId} and app_id = ${view.appId} and reporting_currency = ${view.currency}
      and (occurred_at at time zone ${timeZone})::date <= ${days.at(-1)}::date
    group by 1
  `.execute(tx);
  const changes = new Map(rows.map((row) => [row.day, BigInt(row.change)]));
  let level = 0n;
  const values = days.map((day) => {
    level += changes.get(day) ?? 0n;
    return String(level);
  });
  return [days, values];
}

async function waitingOf(
  inside: Inside,
  view: { appId: string; currency: string; from: Date; until: Date },
): Promise<z.output<typeof shown>['waiting']> {
  const money = await withoutRate(inside, { ...view, appIds: [view.appId] });
  const mrr = await mrrWithoutRate(inside, view);
  const currencies = [...new Set([...money, ...mrr].map((row) => row.currency))].sort();
  return currencies.map((currency) => {
    const paid = money.find((row) => row.currency === currency);
    return {
      currency,
      minor: paid?.minor ?? '0',
      payments: paid?.payments ?? 0,
      mrrMinor: mrr.find((row) => row.currency === currency)?.minor ?? '0',
    };
  });
}

function withRate(trials: { started: number; paid: number; lapsed: number; running: number }) {
  const decided = trials.paid + trials.lapsed;
  const enough = decided >= RATE_FLOOR;
  return { ...trials, rate: enough ? trials.paid / decided : null, enough };
}

function whole(period: { days: string[]; from: Date; until: Date }): Slot[] {
  return [{ name: period.days[0] ?? '', from: period.from, until: period.until, days: period.days.length }];
}

function joined(slots: readonly Slot[]): Slot[] {
  const [first, last] = [slots[0], slots.at(-1)];
  return first && last ? [{ ...first, until: last.until }] : [];
}

/** Rounded half up. */
function perCustomer(mrr: bigint, customers: number): bigint {
  return (2n * mrr + BigInt(customers)) / (2n * BigInt(customers));
}

export type { Grain };

export const figureOperations = {
  figures: operation({
    summary: 'Show MRR, how it moved, churn, what was paid, trials and failed payments over a range, also by segment.',
    route: 'GET /revenue/figures',
    access: 'read',
    input: asked,
    output: shown,
    run: revenueFigures,
  }),
};

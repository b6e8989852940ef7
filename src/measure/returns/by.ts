import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { beganOf, tidy } from '#src/measure/attribution/compare.ts';
import { UNATTRIBUTED, WITHOUT } from '#src/measure/attribution/days.ts';
import { modelsOf } from '#src/measure/attribution/models.ts';
import { groupsOf, namesOf } from '#src/measure/attribution/names.ts';
import { type AnyModel, allModels, settingsOf } from '#src/measure/attribution/settings.ts';
import { roundTogether, sumsBy, waitingOf } from '#src/measure/attribution/sums.ts';
import { type Period, periodsFor, type RangeAsked } from '#src/measure/range.ts';
import { worth } from '#src/measure/revenue/reporting.ts';
import { money } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';
import { type Cost, type CostKind, costKinds, costsOf, sharedMicros, unpricedMinutes } from './costs.ts';
import { lifetimeFor } from './lifetime.ts';
import { type Outcome, outcomesOf, type ReturnGrouping, returnGroupings } from './outcome.ts';
import { FLOORS, ratiosOf } from './ratios.ts';

const ratio = z.object({
  value: z.number().nullable(),
  /** 95 % interval, where it rests on a count. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Why there is no figure. */
  reason: z.string().nullable(),
});
const ratios = z.object({
  roi: ratio,
  roas: ratio,
  mer: ratio,
  cpc: ratio,
  cpa: ratio,
  cac: ratio,
  paybackMonths: ratio,
  ltvToCac: ratio,
});
const minor = z.string();
export const shownNumbers = z.object({
  cost: z.object({
    allMinor: minor,
    adsMinor: minor,
    apiMinor: minor,
    toolsMinor: minor,
    timeMinor: minor,
    otherMinor: minor,
    commissionsMinor: minor,
  }),
  minutes: z.int(),
  clicks: z.int(),
  visits: z.int(),
  /** Shares of credit; so are trials and customers (first purchases). */
  signups: z.number(),
  trials: z.number(),
  customers: z.number(),
  revenueMinor: minor,
  /** New recurring revenue of the customers it brought. */
  mrrMinor: minor,
  profitMinor: minor,
  ratios,
});
type Numbers = z.infer<typeof shownNumbers>;

export const returnsShown = z.object({
  timeZone: z.string(),
  from: z.string(),
  until: z.string(),
  currency: z.string(),
  by: z.enum(returnGroupings),
  model: z.enum(allModels),
  /** Why the model asked for is not the one used. */
  modelReason: z.string().nullable(),
  /** What a customer brings over their life, in minor units: given, or as their payments so far tell. */
  lifetimeValue: ratio,
  floors: z.object({ clicks: z.int(), signups: z.int(), customers: z.int() }),
  rows: z.array(shownNumbers.extend({ key: z.string(), name: z.string(), note: z.string().nullable() })),
  more: z.int(),
  /** What was spent on none of these. It is in no row, and in the totals. */
  unallocated: shownNumbers.shape.cost.extend({ minutes: z.int() }),
  /** What was credited, but to none of these. */
  without: shownNumbers,
  /** What nobody knows the origin of. */
  unattributed: shownNumbers,
  totals: shownNumbers,
  /** Own minutes without a price: the app has no hourly rate. */
  unpricedMinutes: z.int(),
  /** What platforms charged for no post, where several apps share the accounts; millionths of a US dollar. */
  sharedMicros: z.int(),
  /** Costs and revenue whose rate of the day is not known: in no figure here. */
  otherCosts: z.array(money),
  otherCurrencies: z.array(money),
});

export type ReturnsAsked = RangeAsked & {
  appId: string;
  by: ReturnGrouping;
  model?: AnyModel | undefined;
  /** What a customer is worth over their life, in minor units of the workspace's currency; left out, as measured. */
  lifetimeValueMinor?: string | undefined;
  limit: number;
};

/** Cost against outcome over a range of local days, most profit first. */
export async function returnsBy(context: Context, asked: ReturnsAsked): Promise<z.input<typeof returnsShown>> {
  return transaction(context, async (inside) => {
    await appOf(inside, asked.appId);
    const { timeZone } = await workspaceOf(inside);
    const began = await beganOf(inside, asked.appId, asked.range);
    const { current } = periodsFor(asked, inside.clock.now(), timeZone, began);
    return returnsIn(inside, asked, current);
  });
}

/** The same over any period. */
export async function returnsIn(
  inside: Inside,
  asked: Omit<ReturnsAsked, keyof RangeAsked>,
  period: Period,
): Promise<z.input<typeof returnsShown>> {
  const { appId, by } = asked;
  const { timeZone, currency } = await workspaceOf(inside);
  const { model, reason } = await modelFor(inside, asked, { appId, period, currency });
  const view = { appId, period, currency, timeZone, model };
  const outcomes = await outcomesOf(inside, by, view);
  const costs = await costsOf(inside, view);
  const costOf = await costKeys(inside, by, costs);
  const keys = [...new Set([...outcomes.keys(), ...costs.map(costOf)])];
  const margin = await marginOf(inside, view);
  const lifetimeValue = await lifetimeFor(inside, asked, { outcomes, costs, currency, margin });
  const spent = costTable(costs, costOf);
  const revenue = together(outcomes, 'revenueMinor');
  const mrr = together(outcomes, 'mrrMinor');
  const numbersOf = (group: readonly string[], spentOn: readonly string[] = group): Numbers => {
    const sum = (table: ReadonlyMap<string, bigint>) => group.reduce((all, key) => all + (table.get(key) ?? 0n), 0n);
    const count = (name: 'clicks' | 'visits' | 'signups' | 'trials' | 'customers') =>
      tidy(group.reduce((all, key) => all + (outcomes.get(key)?.[name] ?? 0), 0));
    const cost = costShown(spent, spentOn);
    const earned = sum(revenue);
    const result = { clicks: count('clicks'), signups: count('signups'), customers: count('customers') };
    return {
      cost,
      minutes: costs.reduce((all, each) => (spentOn.includes(costOf(each)) ? all + each.minutes : all), 0),
      visits: count('visits'),
      trials: count('trials'),
      ...result,
      revenueMinor: String(earned),
      mrrMinor: String(sum(mrr)),
      profitMinor: String(earned - BigInt(cost.allMinor)),
      ratios: ratiosOf({
        ...result,
        cost: BigInt(cost.allMinor),
        ads: BigInt(cost.adsMinor),
        revenue: earned,
        mrr: sum(mrr),
        margin,
        lifetimeValue,
      }),
    };
  };
  const rows = keys
    .filter((key) => key !== WITHOUT && key !== UNATTRIBUTED)
    .map((key) => ({ key, ...numbersOf([key]) }))
    .filter(isAnything)
    .sort(mostProfitFirst);
  const kept = rows.slice(0, asked.limit);
  const names = await namesOf(
    inside,
    by === 'channel' ? 'place' : by,
    kept.map((row) => row.key),
  );
  const waiting = costs.filter((cost) => cost.minor === null);
  return {
    lifetimeValue,
    timeZone,
    from: period.days[0] ?? '',
    until: period.days.at(-1) ?? '',
    currency,
    by,
    model,
    modelReason: reason,
    floors: FLOORS,
    rows: kept.map((row) => ({
      ...row,
      name: names.get(row.key)?.name ?? 'Removed',
      note: names.get(row.key)?.note ?? null,
    })),
    more: rows.length - kept.length,
    unallocated: {
      ...costShown(spent, [WITHOUT]),
      minutes: costs.reduce((all, each) => (costOf(each) === WITHOUT ? all + each.minutes : all), 0),
    },
    without: { ...numbersOf([WITHOUT], []), ...withoutCost },
    unattributed: { ...numbersOf([UNATTRIBUTED], []), ...withoutCost },
    totals: numbersOf(keys),
    unpricedMinutes: await unpricedMinutes(inside, view),
    sharedMicros: await sharedMicros(inside, view),
    otherCosts: [...Map.groupBy(waiting, (cost) => cost.ownCurrency)].map(([own, list]) => ({
      currency: own,
      minor: String(list.reduce((sum, cost) => sum + BigInt(cost.ownMinor), 0n)),
    })),
    otherCurrencies: await waitingOf(inside, view),
  };
}

/** The model asked for, else the app's own; where it has not enough data the last visit that was not direct. */
async function modelFor(
  inside: Inside,
  asked: { appId: string; model?: AnyModel | undefined },
  view: { appId: string; period: Period; currency: string },
): Promise<{ model: AnyModel; reason: string | null }> {
  const wanted = asked.model ?? (await settingsOf(inside, asked.appId)).model;
  if (wanted !== 'markov' && wanted !== 'shapley') return { model: wanted, reason: null };
  const known = await modelsOf(inside, asked.appId, await sumsBy(inside, 'total', view));
  const found = known.find((each) => each.model === wanted);
  return found?.enough ? { model: wanted, reason: null } : { model: 'last_non_direct', reason: found?.reason ?? null };
}

/** Results without one of these stand apart from costs without one: neither is set against the other. */
const noRatio = {
  value: null,
  low: null,
  high: null,
  reason: 'Cost and result without one of these are not set against each other.',
};
const withoutCost = {
  ratios: {
    roi: noRatio,
    roas: noRatio,
    mer: noRatio,
    cpc: noRatio,
    cpa: noRatio,
    cac: noRatio,
    paybackMonths: noRatio,
    ltvToCac: noRatio,
  },
};

/** Minutes without a price alone say nothing of cost or outcome. */
function isAnything(row: Numbers): boolean {
  const money = [row.cost.allMinor, row.revenueMinor, row.mrrMinor].some((each) => each !== '0');
  return money || row.clicks + row.visits + row.signups + row.trials + row.customers > 0;
}

function mostProfitFirst(a: Numbers & { key: string }, b: Numbers & { key: string }): number {
  const [profit, other] = [BigInt(a.profitMinor), BigInt(b.profitMinor)];
  if (profit !== other) return profit > other ? -1 : 1;
  return b.signups - a.signups || b.visits - a.visits || (a.key < b.key ? -1 : 1);
}

/** What each cost is put down to; '' = to none of these. */
async function costKeys(inside: Inside, by: ReturnGrouping, costs: readonly Cost[]): Promise<(cost: Cost) => string> {
  const posts = [...new Set(costs.flatMap((cost) => cost.postId ?? []))];
  const groupOf =
    by === 'hook' || by === 'template' || by === 'kind' ? await groupsOf(inside, by, posts) : (value: string) => value;
  return (cost) => {
    switch (by) {
      case 'campaign':
        return cost.campaignId ?? WITHOUT;
      case 'channel':
        return cost.channelId ?? WITHOUT;
      case 'account':
        return cost.accountId ?? WITHOUT;
      case 'affiliate':
        return cost.affiliateId ?? WITHOUT;
      default:
        return cost.postId === null ? WITHOUT : groupOf(cost.postId);
    }
  };
}

type CostTable = ReadonlyMap<string, Partial<Record<CostKind, bigint>>>;

/** Rounded so that all cells sum to the rounded whole. */
function costTable(costs: readonly Cost[], keyOf: (cost: Cost) => string): CostTable {
  const cells = costs.filter((cost) => cost.minor !== null);
  const rounded = roundTogether(cells.map((cost) => cost.minor ?? '0'));
  const table = new Map<string, Partial<Record<CostKind, bigint>>>();
  for (const [index, cost] of cells.entries()) {
    const row = table.get(keyOf(cost)) ?? {};
    row[cost.kind] = (row[cost.kind] ?? 0n) + (rounded[index] ?? 0n);
    table.set(keyOf(cost), row);
  }
  return table;
}

function costShown(table: CostTable, group: readonly string[]): Numbers['cost'] {
  const of = (kind: CostKind) => group.reduce((sum, key) => sum + (table.get(key)?.[kind] ?? 0n), 0n);
  return {
    allMinor: String(costKinds.reduce((sum, kind) => sum + of(kind), 0n)),
    adsMinor: String(of('ads')),
    apiMinor: String(of('api')),
    toolsMinor: String(of('tools')),
    timeMinor: String(of('time')),
    otherMinor: String(of('other')),
    commissionsMinor: String(of('commissions')),
  };
}

function together(outcomes: ReadonlyMap<string, Outcome>, name: 'revenueMinor' | 'mrrMinor'): Map<string, bigint> {
  const cells = [...outcomes].flatMap(([key, outcome]) => outcome[name].map((decimal) => ({ key, decimal })));
  const rounded = roundTogether(cells.map((cell) => cell.decimal));
  const table = new Map<string, bigint>();
  for (const [index, { key }] of cells.entries()) table.set(key, (table.get(key) ?? 0n) + (rounded[index] ?? 0n));
  return table;
}

/** What was left of a unit paid after the provider's fees; 1 while no fee is known. */
async function marginOf(
  { tx, workspaceId }: Inside,
  { appId, period, currency }: { appId: string; period: Period; currency: string },
): Promise<number> {
  const { rows } = await sql<{ paid: number | null; fees: number | null }>`
    select sum(${worth('payment.amount_minor', 'payment', currency)})::float8 as paid,
      sum(${worth('payment.fee_minor', 'payment', currency)})::float8 as fees
    from payments payment
    where payment.workspace_id = ${workspaceId} and payment.app_id = ${appId} and payment.fee_minor is not null
      and payment.amount_minor > 0 and payment.paid_at >= ${period.from} and payment.paid_at < ${period.until}`.execute(
    tx,
  );
  const { paid, fees } = rows[0] ?? { paid: null, fees: null };
  return paid === null || fees === null || paid <= 0 ? 1 : Math.min(1, Math.max(0, 1 - fees / paid));
}

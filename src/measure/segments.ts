import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { namesOf } from '#src/measure/attribution/names.ts';
import { TERMS } from '#src/measure/returns/lifetime.ts';
import { FLOORS, ltvOnCac, none, perPiece, type Ratio } from '#src/measure/returns/ratios.ts';
import { subscribersNow, worthOfSubscribers } from '#src/measure/revenue/lifetime-value.ts';
import { id, money, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';
import { type Member, membersOf, type Segmentation, segmentations } from './segments/members.ts';
import { spentOn } from './segments/spent.ts';

/** Below so many customers no mean is said. */
const ENOUGH = 30;

const figure = z.object({
  value: z.number().nullable(),
  /** 95% interval; of LTV to CAC at least 90%. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** What is missing where there is no figure. */
  reason: z.string().nullable(),
});
/** Whether a person's estimate lies within the measured interval. */
const verdict = z.enum(['within', 'too_low', 'too_high']).nullable();
const compared = z.object({ estimated: money.nullable(), verdict });
const row = z.object({
  key: z.string(),
  name: z.string(),
  customers: z.int(),
  subscribers: z.int(),
  /** What they paid so far, net, all and each; minor units. */
  earnedMinor: z.string(),
  earnedEach: figure,
  /** What a subscriber brings within three years, minor units. */
  lifetimeValue: figure,
  costMinor: z.string().nullable(),
  acquisitionCost: figure,
  ltvToCac: figure,
  /** Of an audience: what was estimated, beside it. */
  against: z.object({ lifetimeValue: compared, acquisitionCost: compared }).nullable(),
});
const shown = z.object({
  currency: z.string(),
  by: z.enum(segmentations),
  horizonMonths: z.int(),
  floors: z.object({ customers: z.int(), won: z.int() }),
  /** Most customers first; '' = not known. */
  rows: z.array(row),
});
type Row = z.output<typeof row>;

/**
 * What customers of each segment are worth and what winning one cost, as measured. A segment with too few customers says
 * what is missing. Cost per customer only where cost is written down by the same: campaigns, and the audiences they address.
 */
export function segmentsBy(
  context: Context,
  { appId, by }: { appId: string; by: Segmentation },
): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const { currency, timeZone } = await workspaceOf(inside);
    const members = await membersOf(inside, { appId, currency, by });
    const subscribers = new Map(
      (await subscribersNow(inside, currency, appId)).flatMap((one) => (one.customerId ? [[one.customerId, one]] : [])),
    );
    const spent = await spentOn(inside, { appId, by, currency, timeZone });
    const estimates = by === 'audience' ? await estimatesOf(inside, appId) : new Map<string, Estimate>();
    const groups = new Map<string, Member[]>([...estimates.keys()].map((key) => [key, []]));
    for (const key of spent?.keys() ?? []) groups.set(key, groups.get(key) ?? []);
    for (const member of members)
      for (const key of member.segments) {
        const own = groups.get(key);
        if (own) own.push(member);
        else groups.set(key, [member]);
      }
    const names = await namesFor(inside, by, [...groups.keys()], estimates);
    const rows = [...groups].map(([key, own]): Row => {
      const paying = own.flatMap(({ customerId }) => subscribers.get(customerId) ?? []);
      const lifetimeValue = lifetimeOf(worthOfSubscribers(paying, { ...TERMS, marginPercent: 100 }), own.length);
      const cost = key === '' || !spent ? null : Math.round(spent.get(key) ?? 0);
      const acquisitionCost =
        cost === null || cost === 0
          ? none(withoutCost(by, key))
          : perPiece(BigInt(cost), own.length, FLOORS.customers, 'new customers');
      const estimate = estimates.get(key);
      return {
        key,
        name: names.get(key) ?? (key === '' ? 'Not known' : key),
        customers: own.length,
        subscribers: paying.length,
        earnedMinor: String(own.reduce((sum, { earned }) => sum + earned, 0)),
        earnedEach: meanOf(own.map(({ earned }) => earned)),
        lifetimeValue,
        costMinor: cost === null ? null : String(cost),
        acquisitionCost,
        ltvToCac: ltvOnCac(lifetimeValue, acquisitionCost),
        against: estimate
          ? {
              lifetimeValue: against(estimate.lifetimeValue, lifetimeValue, currency),
              acquisitionCost: against(estimate.acquisitionCost, acquisitionCost, currency),
            }
          : null,
      };
    });
    return {
      currency,
      by,
      horizonMonths: TERMS.horizonMonths,
      floors: { customers: ENOUGH, won: FLOORS.customers },
      rows: rows.sort((a, b) => b.customers - a.customers || (a.name < b.name ? -1 : 1)),
    };
  });
}

function lifetimeOf(worth: ReturnType<typeof worthOfSubscribers>, customers: number): Ratio {
  if (customers < ENOUGH) return none(`Not enough data: ${customers} of the ${ENOUGH} customers needed so far.`);
  if (!worth.enough) return none(worth.reason);
  return { value: Number(worth.valueMinor), low: Number(worth.lowMinor), high: Number(worth.highMinor), reason: null };
}

function withoutCost(by: Segmentation, key: string): string {
  if (key === '') return 'Of these it is not known.';
  if (by === 'audience') return 'Nothing was spent on a campaign that addresses them.';
  return by === 'campaign' ? 'Nothing was spent on it.' : 'Cost is written down by campaign, not by this.';
}

/** The mean and its 95% interval by the normal law, which holds for the mean of thirty and more. */
export function meanOf(values: readonly number[]): Ratio {
  const n = values.length;
  if (n < ENOUGH) return none(`Not enough data: ${n} of the ${ENOUGH} customers needed so far.`);
  const mean = values.reduce((sum, each) => sum + each, 0) / n;
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  const reach = 1.959964 * Math.sqrt(variance / n);
  return { value: mean, low: mean - reach, high: mean + reach, reason: null };
}

type Amount = z.output<typeof money>;
type Estimate = { name: string; lifetimeValue: Amount | null; acquisitionCost: Amount | null };

function against(estimated: Amount | null, measured: Ratio, currency: string): z.output<typeof compared> {
  const comparable = estimated && estimated.currency === currency && measured.value !== null;
  if (!comparable) return { estimated, verdict: null };
  const guess = Number(estimated.minor);
  if (measured.low !== null && guess < measured.low) return { estimated, verdict: 'too_low' };
  if (measured.high !== null && guess > measured.high) return { estimated, verdict: 'too_high' };
  return { estimated, verdict: measured.low === null && measured.high === null ? null : 'within' };
}

async function estimatesOf({ tx }: Inside, appId: string): Promise<Map<string, Estimate>> {
  const rows = await tx
    .selectFrom('audiences')
    .select(['id', 'name', 'estimatedLtvMinor', 'estimatedCacMinor', 'currency'])
    .where('appId', '=', appId)
    .where('state', '<>', 'retired')
    .execute();
  return new Map(
    rows.map(({ id: key, name, estimatedLtvMinor: ltv, estimatedCacMinor: cac, currency }) => {
      const amount = (minor: string | null) => (minor !== null && currency ? { minor, currency } : null);
      return [key, { name, lifetimeValue: amount(ltv), acquisitionCost: amount(cac) }];
    }),
  );
}

async function namesFor(
  inside: Inside,
  by: Segmentation,
  keys: readonly string[],
  estimates: ReadonlyMap<string, Estimate>,
): Promise<Map<string, string>> {
  if (by === 'audience') return new Map([...estimates].map(([key, { name }]) => [key, name]));
  if (by !== 'campaign') return new Map();
  const names = await namesOf(inside, 'campaign', keys);
  return new Map([...names].map(([key, { name }]) => [key, name]));
}

export const segmentOperations = {
  by: operation({
    summary: 'Show what the customers of each segment are worth and what winning one cost, as measured.',
    route: 'GET /apps/{appId}/segments',
    access: 'read',
    input: z.strictObject({
      appId: id,
      by: z
        .enum(segmentations)
        .default('audience')
        .describe('What their first purchase is credited to most, the plan they took, or the audience they are of.'),
    }),
    output: shown,
    run: segmentsBy,
  }),
};

import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type AnyModel, allModels } from '#src/measure/attribution/settings.ts';
import { periodsFor } from '#src/measure/range.ts';
import { id, money } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { plannedBy } from '#src/plan/campaigns/pace.ts';
import { readCampaign, shownGoal } from '#src/plan/campaigns/read.ts';
import { addDays, dayIn } from '#src/plan/times.ts';
import { returnsIn, shownNumbers } from './by.ts';
import type { costsOf } from './costs.ts';

export const campaignNumbersShown = z.object({
  campaignId: id,
  timeZone: z.string(),
  currency: z.string(),
  /** From its first day (or the day it was made) until today or 30 days after its last one: what it brings comes later. */
  from: z.string(),
  until: z.string(),
  model: z.enum(allModels),
  modelReason: z.string().nullable(),
  goals: z.array(shownGoal),
  pace: z.object({
    budget: money.nullable(),
    /** In the budget's currency: cost entries written down for it. */
    spent: money,
    /** Part of the budget that should be spent by today, by its dates and pacing; null without budget or dates. */
    planned: z.number().nullable(),
    /** Part of the budget that is spent. */
    used: z.number().nullable(),
    /** More than a tenth of the budget off the plan. */
    verdict: z.enum(['on', 'ahead', 'behind']).nullable(),
  }),
  numbers: shownNumbers,
  posts: z.array(shownNumbers.extend({ key: z.string(), name: z.string(), note: z.string().nullable() })),
  /** By local day: revenue and cost in minor units, signups as credited, visits. */
  days: z.array(
    z.object({
      day: z.string(),
      visits: z.int(),
      signups: z.number(),
      revenueMinor: z.string(),
      costMinor: z.string(),
    }),
  ),
});

const AFTER = 30;
const LONGEST = 730;

/** A campaign in figures: its goals, how its budget goes, what it cost and brought, its posts and its days. */
export async function campaignNumbers(
  context: Context,
  asked: { campaignId: string; model?: AnyModel | undefined },
): Promise<z.input<typeof campaignNumbersShown>> {
  return transaction(context, async (inside) => {
    const campaign = await readCampaign(inside, asked.campaignId);
    const { timeZone, currency } = await workspaceOf(inside);
    const now = inside.clock.now();
    const today = dayIn(timeZone, now);
    const made = dayIn(timeZone, campaign.createdAt as Date);
    const wanted = campaign.startsOn && campaign.startsOn < made ? campaign.startsOn : made;
    const last = campaign.endsOn ? addDays(campaign.endsOn, AFTER) : today;
    const until = last < today ? last : today;
    const from = [wanted, addDays(until, 1 - LONGEST)].sort()[1] ?? wanted;
    const { current } = periodsFor(
      { range: 'custom', from: from <= until ? from : until, until, compare: 'none' },
      now,
      timeZone,
    );
    const common = { appId: campaign.appId, model: asked.model, limit: 500 };
    const byCampaign = await returnsIn(inside, { ...common, by: 'campaign' }, current);
    const own = byCampaign.rows.find((row) => row.key === asked.campaignId);
    const byPost = await returnsIn(inside, { ...common, by: 'post' }, current);
    const posts = await inside.tx.selectFrom('posts').select('id').where('campaignId', '=', asked.campaignId).execute();
    const postIds = new Set(posts.map((post) => post.id));
    return {
      campaignId: asked.campaignId,
      timeZone,
      currency,
      from: current.days[0] ?? '',
      until: current.days.at(-1) ?? '',
      model: byCampaign.model,
      modelReason: byCampaign.modelReason,
      goals: campaign.goals,
      pace: paceOf(campaign, today),
      numbers: own ?? nothing,
      posts: byPost.rows.filter((row) => postIds.has(row.key)),
      days: await daysOf(inside, {
        ...{ campaignId: asked.campaignId, appId: campaign.appId, model: byCampaign.model },
        ...{ period: current, currency, timeZone },
      }),
    };
  });
}

const empty = { value: null, low: null, high: null, reason: 'Nothing was spent and nothing was brought yet.' };
const nothing: z.input<typeof shownNumbers> = {
  cost: {
    allMinor: '0',
    adsMinor: '0',
    apiMinor: '0',
    toolsMinor: '0',
    timeMinor: '0',
    otherMinor: '0',
    commissionsMinor: '0',
  },
  minutes: 0,
  clicks: 0,
  visits: 0,
  signups: 0,
  trials: 0,
  customers: 0,
  revenueMinor: '0',
  mrrMinor: '0',
  profitMinor: '0',
  ratios: {
    roi: empty,
    roas: empty,
    mer: empty,
    cpc: empty,
    cpa: empty,
    cac: empty,
    paybackMonths: empty,
    ltvToCac: empty,
  },
};

type Paced = {
  budget: { minor: string; currency: string } | null;
  spent: { minor: string; currency: string };
  startsOn: string | null;
  endsOn: string | null;
  pacing: 'even' | 'front' | 'none';
};

/** How the budget goes. `front` spends two thirds in the first half of its days, as its posts are twice as dense there. */
export function paceOf({ budget, spent, startsOn, endsOn, pacing }: Paced, today: string) {
  const used = budget && BigInt(budget.minor) > 0n ? Number(spent.minor) / Number(budget.minor) : null;
  const planned =
    used === null || !startsOn || !endsOn || pacing === 'none' ? null : plannedBy(startsOn, endsOn, pacing, today);
  const off = used !== null && planned !== null ? used - planned : 0;
  const verdict =
    planned === null ? null : off > 0.1 ? ('ahead' as const) : off < -0.1 ? ('behind' as const) : ('on' as const);
  return { budget, spent, planned, used, verdict };
}

type DayView = Parameters<typeof costsOf>[1] & { campaignId: string; model: AnyModel };

async function daysOf(inside: Inside, view: DayView) {
  const { tx, workspaceId } = inside;
  const { period, currency } = view;
  const [first, last] = [period.days[0] ?? '', period.days.at(-1) ?? ''];
  const earned = await sql<{ day: string; signups: number; minor: string }>`
    select day::text as day, sum(signups) as signups,
      coalesce(sum(net_minor) filter (where currency = ${currency}), 0)::text as minor
    from credit_days
    where workspace_id = ${workspaceId} and app_id = ${view.appId} and dimension = 'campaign' and model = ${view.model}
      and value = ${view.campaignId} and day between ${first} and ${last}
    group by day`.execute(tx);
  const visits = await sql<{ day: string; visits: number }>`
    select (occurred_at at time zone ${view.timeZone})::date::text as day, count(*)::int as visits from touches
    where workspace_id = ${workspaceId} and app_id = ${view.appId} and link_id is not null
      and campaign_id = ${view.campaignId} and occurred_at >= ${period.from} and occurred_at < ${period.until}
    group by 1`.execute(tx);
  const spent = await sql<{ day: string; minor: string }>`
    select entry.day::text as day, sum(entry.amount_minor)::text as minor from cost_entries entry
    left join posts post on post.workspace_id = entry.workspace_id and post.id = entry.post_id
    where entry.workspace_id = ${workspaceId} and entry.app_id = ${view.appId} and entry.currency = ${currency}
      and coalesce(entry.campaign_id, post.campaign_id) = ${view.campaignId} and entry.day between ${first} and ${last}
    group by 1`.execute(tx);
  const on = <T extends { day: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.day, row]));
  const [earnedOn, visitsOn, spentOn] = [on(earned.rows), on(visits.rows), on(spent.rows)];
  return period.days.map((day) => ({
    day,
    visits: visitsOn.get(day)?.visits ?? 0,
    signups: earnedOn.get(day)?.signups ?? 0,
    revenueMinor: earnedOn.get(day)?.minor ?? '0',
    costMinor: spentOn.get(day)?.minor ?? '0',
  }));
}

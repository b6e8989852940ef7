import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id, money } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { objectives } from '#src/plan/strategies/propose.ts';
import { addDays, dayIn, momentOf, spreadMoments } from '#src/plan/times.ts';
import { notFound } from '#src/refusal.ts';
import { campaignStatuses, goalMetrics } from './outline.ts';
import { postingPace, shownPace, spendingPace } from './pace.ts';
import { type Progress, progressOf } from './progress.ts';

export const shownGoal = z.object({
  metric: z.enum(goalMetrics),
  /** A count; for revenue, minor units of the campaign's currency. */
  target: z.string(),
  reached: z.string(),
  /** reached / target; above 1 when passed. */
  ratio: z.number(),
});

export const listedCampaign = z.object({
  id,
  appId: id,
  appName: z.string(),
  name: z.string(),
  slug: z.string(),
  objective: z.enum(objectives),
  status: z.enum(campaignStatuses),
  description: z.string(),
  startsOn: z.string().nullable(),
  endsOn: z.string().nullable(),
  budget: money.nullable(),
  /** Cost entries in the campaign's currency. */
  spent: money,
  pacing: z.enum(['even', 'front', 'none']),
  colour: z.int(),
  strategyVersion: z.int().nullable(),
  posts: z.object({ drafts: z.int(), approved: z.int(), scheduled: z.int(), published: z.int(), all: z.int() }),
  goals: z.array(shownGoal),
  pace: shownPace,
  createdAt: z.date(),
});

export const shownCampaign = listedCampaign.extend({
  audiences: z.array(z.object({ id, name: z.string() })),
  regions: z.array(z.string()),
  /** Cost entries in other currencies, and what platforms charged for its posts. */
  spentElse: z.array(money),
  platformMicros: z.int(),
  /** Moments its posts would go out, by pacing and strategy. */
  slots: z.array(z.date()),
  history: z.array(
    z.object({
      fromStatus: z.enum(campaignStatuses).nullable(),
      toStatus: z.enum(campaignStatuses),
      by: z.string().nullable(),
      at: z.date(),
    }),
  ),
});

/** The campaigns of an app or of all, running ones first, then the newest. */
export async function listCampaigns(
  inside: Inside,
  filter: { appId?: string | undefined; status?: (typeof campaignStatuses)[number] | undefined; campaignId?: string },
): Promise<z.input<typeof listedCampaign>[]> {
  let query = inside.tx
    .selectFrom('campaigns')
    .innerJoin('apps', 'apps.id', 'campaigns.appId')
    .leftJoin('strategies', 'strategies.id', 'campaigns.strategyId')
    .selectAll('campaigns')
    .select(['apps.name as appName', 'strategies.version as strategyVersion', 'strategies.postsPerWeek'])
    .select([
      sql<string>`coalesce((select sum(amount_minor) from cost_entries e where e.campaign_id = campaigns.id and e.currency = campaigns.currency), 0)::text`.as(
        'spentMinor',
      ),
      sql<
        Record<string, number>
      >`coalesce((select jsonb_object_agg(status, n) from (select status, count(*) n from posts p where p.campaign_id = campaigns.id group by status) c), '{}')`.as(
        'counts',
      ),
    ])
    .orderBy(
      sql`array_position(array['active', 'scheduled', 'paused', 'draft', 'completed', 'cancelled'], campaigns.status)`,
    )
    .orderBy('campaigns.createdAt', 'desc');
  if (filter.appId) query = query.where('campaigns.appId', '=', filter.appId);
  if (filter.status) query = query.where('campaigns.status', '=', filter.status);
  if (filter.campaignId) query = query.where('campaigns.id', '=', filter.campaignId);
  const rows = await query.execute();
  if (rows.length === 0) return [];
  const goals = await inside.tx
    .selectFrom('campaignGoals')
    .select(['campaignId', 'metric', 'target'])
    .where(
      'campaignId',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('metric')
    .execute();
  const progress = await progressOf(
    inside,
    rows.map((row) => row.id),
  );
  const posting = await postingPace(
    inside,
    rows.map((row) => row.id),
  );
  const today = dayIn((await workspaceOf(inside)).timeZone, inside.clock.now());
  return rows.map((row) => {
    const budget = row.budgetMinor === null ? null : { minor: row.budgetMinor, currency: row.currency };
    const spent = { minor: row.spentMinor, currency: row.currency };
    return {
      ...row,
      budget,
      spent,
      pace: { spend: spendingPace({ ...row, budget, spent }, today), posts: posting.get(row.id) ?? null },
      posts: {
        drafts: row.counts.draft ?? 0,
        approved: row.counts.approved ?? 0,
        scheduled: row.counts.scheduled ?? 0,
        published: row.counts.published ?? 0,
        all: Object.values(row.counts).reduce((sum, count) => sum + count, 0),
      },
      goals: goals
        .filter((goal) => goal.campaignId === row.id)
        .sort((a, b) => goalMetrics.indexOf(a.metric) - goalMetrics.indexOf(b.metric))
        .map((goal) => shownGoalOf(goal, row, progress.get(row.id))),
    };
  });
}

function shownGoalOf(
  goal: { metric: (typeof goalMetrics)[number]; target: string },
  campaign: { currency: string },
  progress: Progress | undefined,
): z.input<typeof shownGoal> {
  const reached =
    goal.metric === 'revenue'
      ? (progress?.revenue.get(campaign.currency) ?? '0')
      : String(progress?.counts[goal.metric] ?? 0);
  return { metric: goal.metric, target: goal.target, reached, ratio: Number(reached) / Number(goal.target) };
}

export async function readCampaign(inside: Inside, campaignId: string): Promise<z.input<typeof shownCampaign>> {
  const [campaign] = await listCampaigns(inside, { campaignId });
  if (!campaign) throw notFound('campaign');
  const { tx } = inside;
  const costs = await tx
    .selectFrom('costEntries')
    .select((eb) => ['currency', eb.fn.sum<string>('amountMinor').as('minor')])
    .where('campaignId', '=', campaignId)
    .where('currency', '<>', campaign.spent.currency)
    .groupBy('currency')
    .execute();
  const platform = await tx
    .selectFrom('platformSpend')
    .innerJoin('posts', 'posts.id', 'platformSpend.postId')
    .select((eb) => eb.fn.sum<string | null>('platformSpend.micros').as('micros'))
    .where('posts.campaignId', '=', campaignId)
    .executeTakeFirst();
  return {
    ...campaign,
    audiences: await tx
      .selectFrom('campaignAudiences')
      .innerJoin('audiences', 'audiences.id', 'campaignAudiences.audienceId')
      .select(['audiences.id', 'audiences.name'])
      .where('campaignId', '=', campaignId)
      .orderBy('audiences.name')
      .execute(),
    regions: (
      await tx
        .selectFrom('campaignRegions')
        .select('region')
        .where('campaignId', '=', campaignId)
        .orderBy('region')
        .execute()
    ).map((row) => row.region),
    spentElse: costs,
    platformMicros: Number(platform?.micros ?? 0),
    slots: await slotsOf(inside, campaignId),
    history: (
      await tx
        .selectFrom('campaignStatusChanges')
        .leftJoin('users', 'users.id', 'campaignStatusChanges.changedBy')
        .select(['fromStatus', 'toStatus', 'users.name as by', 'changedAt as at'])
        .where('campaignId', '=', campaignId)
        .orderBy('changedAt', 'desc')
        .execute()
    ).map((row) => ({ ...row, fromStatus: statusOf(row.fromStatus), toStatus: statusOf(row.toStatus) ?? 'draft' })),
  };
}

function statusOf(name: string | null): (typeof campaignStatuses)[number] | null {
  return campaignStatuses.find((status) => status === name) ?? null;
}

/**
 * The moments a campaign's posts would go out: spread evenly over its days, or twice as dense in its first half
 * (pacing `front`). Empty without dates, or when the strategy wants no posts.
 */
export async function slotsOf(inside: Inside, campaignId: string): Promise<Date[]> {
  const campaign = await inside.tx
    .selectFrom('campaigns')
    .leftJoin('strategies', 'strategies.id', 'campaigns.strategyId')
    .select(['startsOn', 'endsOn', 'pacing', 'strategies.postsPerWeek'])
    .where('campaigns.id', '=', campaignId)
    .executeTakeFirst();
  const perWeek = campaign?.postsPerWeek ?? 5;
  if (!campaign?.startsOn || !campaign.endsOn || campaign.pacing === 'none' || perWeek === 0) return [];
  const { timeZone: zone } = await workspaceOf(inside);
  const after = momentOf(zone, campaign.startsOn, '00:00');
  const end = momentOf(zone, addDays(campaign.endsOn, 1), '00:00');
  const weeks = (end.getTime() - after.getTime()) / (7 * 864e5);
  const count = Math.min(200, Math.round(weeks * perWeek));
  const rate = campaign.pacing === 'front' ? Math.ceil(perWeek * 1.5) : perWeek;
  return spreadMoments({ zone, after, count, perWeek: rate }).filter((moment) => moment < end);
}

import type { ActivityName } from '#src/activities.ts';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { freeSlug, usualImpressions, writeAudiences, writeGoals, writeRegions } from './campaigns/details.ts';
import { type CampaignStatus, type Goal, type Objective, outlineOf } from './campaigns/outline.ts';
import { currentStrategy } from './strategies.ts';
import { addDays, dayIn, nextMonday } from './times.ts';

export type { CampaignStatus, Goal, GoalMetric, Objective } from './campaigns/outline.ts';

/** From where to where a campaign may go. Completed and cancelled are the end. */
const MOVES: Record<CampaignStatus, readonly CampaignStatus[]> = {
  draft: ['scheduled', 'active', 'cancelled'],
  scheduled: ['active', 'paused', 'cancelled'],
  active: ['paused', 'completed', 'cancelled'],
  paused: ['scheduled', 'active', 'completed', 'cancelled'],
  completed: [],
  cancelled: [],
};

export type CampaignSettings = {
  name?: string | undefined;
  objective?: Objective | undefined;
  description?: string | undefined;
  startsOn?: string | null | undefined;
  endsOn?: string | null | undefined;
  budget?: { minor: string; currency: string } | null | undefined;
  pacing?: 'even' | 'front' | 'none' | undefined;
  colour?: number | undefined;
  goals?: readonly Goal[] | undefined;
  audienceIds?: readonly string[] | undefined;
  regions?: readonly string[] | undefined;
};

/**
 * Proposes the next month's campaign from the current strategy, as a draft with dates and goals. While a campaign of
 * the app is planned or running nothing new is proposed: null. Safe to run twice.
 */
export async function proposeCampaigns(context: Context, appId: string): Promise<{ id: string } | null> {
  return transaction(context, async (inside) => {
    const app = await lockApp(inside, appId);
    const strategy = await currentStrategy(inside, appId);
    if (!strategy) {
      if (inside.who.kind === 'system') return null;
      throw refuse('conflict', 'no_strategy', 'Approve a strategy first; campaigns are proposed from it.');
    }
    const others = await inside.tx.selectFrom('campaigns').select(['status']).where('appId', '=', appId).execute();
    if (others.some(({ status }) => status !== 'completed' && status !== 'cancelled')) return null;
    const { timeZone, currency } = await workspaceOf(inside);
    const startsOn = nextMonday(dayIn(timeZone, inside.clock.now()));
    const outline = outlineOf({
      app,
      strategy,
      startsOn,
      first: others.length === 0,
      impressionsPerPost: await usualImpressions(inside, appId),
    });
    const audienceIds = strategy.items.flatMap((item) => (item.kind === 'audience' ? (item.audienceId ?? []) : []));
    return createCampaign(inside, {
      appId,
      strategyId: strategy.id,
      ...outline,
      currency,
      startsOn,
      endsOn: addDays(startsOn, 27),
      audienceIds: [...new Set(audienceIds)],
    });
  });
}

export type NewCampaign = CampaignSettings & {
  appId: string;
  name: string;
  objective: Objective;
  strategyId?: string | null;
  currency?: string;
  /** Its key in its file; left out, it is made of the name. */
  slug?: string;
};

/** A campaign as a draft. Its slug, for links, is made of its name. */
export async function createCampaign(context: Context, wanted: NewCampaign): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    assertDates(wanted.startsOn ?? null, wanted.endsOn ?? null);
    const count = await inside.tx
      .selectFrom('campaigns')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('appId', '=', wanted.appId)
      .executeTakeFirstOrThrow();
    const row = await inside.tx
      .insertInto('campaigns')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        strategyId: wanted.strategyId ?? null,
        name: wanted.name,
        slug: wanted.slug ?? (await freeSlug(inside, wanted.appId, wanted.name)),
        objective: wanted.objective,
        description: wanted.description ?? '',
        startsOn: wanted.startsOn ?? null,
        endsOn: wanted.endsOn ?? null,
        budgetMinor: wanted.budget?.minor ?? null,
        currency: wanted.budget?.currency ?? wanted.currency ?? (await workspaceOf(inside)).currency,
        pacing: wanted.pacing ?? 'even',
        colour: wanted.colour ?? (count.count % 6) + 1,
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await writeGoals(inside, row.id, wanted.goals ?? []);
    await writeAudiences(inside, wanted.appId, row.id, wanted.audienceIds ?? []);
    await writeRegions(inside, row.id, wanted.regions ?? []);
    await writeStatusChange(inside, row.id, null, 'draft');
    await audit(inside, { operation: 'campaigns.create', subject: row.id, after: { name: wanted.name } });
    await record(inside, 'campaign.created', { subjectId: row.id, detail: { appId: wanted.appId } });
    return row;
  });
}

/** Changes a campaign that has not ended. The slug stays: links carry it. */
export async function updateCampaign(context: Context, campaignId: string, change: CampaignSettings): Promise<void> {
  await transaction(context, async (inside) => {
    const campaign = await lockCampaign(inside, campaignId);
    if (campaign.status === 'completed' || campaign.status === 'cancelled')
      throw refuse(
        'conflict',
        `campaign_${campaign.status}`,
        `This campaign is ${campaign.status} and stays as it was.`,
      );
    const { goals, audienceIds, regions, budget, ...plain } = change;
    const set = Object.fromEntries(
      Object.entries({
        ...plain,
        ...(budget === undefined
          ? {}
          : { budgetMinor: budget?.minor ?? null, ...(budget ? { currency: budget.currency } : {}) }),
      }).filter(([, value]) => value !== undefined),
    );
    if (Object.keys(set).length === 0 && !goals && !audienceIds && !regions)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    assertDates(
      change.startsOn === undefined ? campaign.startsOn : change.startsOn,
      change.endsOn === undefined ? campaign.endsOn : change.endsOn,
    );
    if (Object.keys(set).length > 0)
      await inside.tx.updateTable('campaigns').set(set).where('id', '=', campaignId).execute();
    if (goals) await writeGoals(inside, campaignId, goals);
    if (audienceIds) await writeAudiences(inside, campaign.appId, campaignId, audienceIds);
    if (regions) await writeRegions(inside, campaignId, regions);
    await audit(inside, { operation: 'campaigns.update', subject: campaignId, after: { ...set } });
    await record(inside, 'campaign.changed', { subjectId: campaignId });
  });
}

/**
 * Starts a campaign: active, or scheduled while its first day lies ahead. `campaign.started` is recorded at once
 * either way, since its posts are written beforehand; a paused one is resumed (`campaign.resumed`).
 */
export async function startCampaign(context: Context, campaignId: string): Promise<CampaignStatus> {
  return transaction(context, async (inside) => {
    const campaign = await lockCampaign(inside, campaignId);
    if (campaign.status === 'active' || campaign.status === 'scheduled') return campaign.status;
    const { timeZone } = await workspaceOf(inside);
    const today = dayIn(timeZone, inside.clock.now());
    if (campaign.endsOn && campaign.endsOn < today)
      throw refuse('conflict', 'campaign_over', `Its last day, ${campaign.endsOn}, is over. Give it new dates first.`);
    const to = campaign.startsOn && campaign.startsOn > today ? 'scheduled' : 'active';
    await move(inside, campaign, to, campaign.status === 'paused' ? 'campaign.resumed' : 'campaign.started');
    return to;
  });
}

export function pauseCampaign(context: Context, campaignId: string): Promise<void> {
  return end(context, campaignId, 'paused', 'campaign.paused');
}

export function completeCampaign(context: Context, campaignId: string): Promise<void> {
  return end(context, campaignId, 'completed', 'campaign.completed');
}

/** Ends a campaign for good. Its posts stay; what is scheduled of them is for a person to withdraw. */
export function cancelCampaign(context: Context, campaignId: string): Promise<void> {
  return end(context, campaignId, 'cancelled', 'campaign.cancelled');
}

/** Every day: scheduled campaigns whose first day has come become active, active ones past their last day complete. */
export async function turnCampaigns(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    const { timeZone } = await workspaceOf(inside);
    const today = dayIn(timeZone, inside.clock.now());
    const due = await inside.tx
      .selectFrom('campaigns')
      .select(['id', 'appId', 'status', 'startsOn', 'endsOn'])
      .where((eb) =>
        eb.or([
          eb.and([eb('status', '=', 'scheduled'), eb('startsOn', '<=', today)]),
          eb.and([eb('status', '=', 'active'), eb('endsOn', '<', today)]),
        ]),
      )
      .forUpdate()
      .execute();
    for (const campaign of due)
      if (campaign.status === 'scheduled') await move(inside, campaign, 'active', 'campaign.activated');
      else await move(inside, campaign, 'completed', 'campaign.completed');
  });
}

async function end(
  context: Context,
  campaignId: string,
  to: 'paused' | 'completed' | 'cancelled',
  activity: Move,
): Promise<void> {
  await transaction(context, async (inside) => {
    const campaign = await lockCampaign(inside, campaignId);
    if (campaign.status !== to) await move(inside, campaign, to, activity);
  });
}

/** The activity of a new status. */
type Move = Exclude<Extract<ActivityName, `campaign.${string}`>, 'campaign.created' | 'campaign.changed'>;

async function move(
  inside: Inside,
  campaign: { id: string; appId: string; status: CampaignStatus },
  to: CampaignStatus,
  activity: Move,
): Promise<void> {
  if (!MOVES[campaign.status].includes(to))
    throw refuse(
      'conflict',
      `campaign_${campaign.status}`,
      MOVES[campaign.status].length === 0
        ? `This campaign is ${campaign.status}. Create a new one instead.`
        : `A campaign that is ${campaign.status} cannot become ${to}, only ${MOVES[campaign.status].join(' or ')}.`,
    );
  await inside.tx.updateTable('campaigns').set({ status: to }).where('id', '=', campaign.id).execute();
  await writeStatusChange(inside, campaign.id, campaign.status, to);
  await audit(inside, {
    operation: activity.replace('campaign.', 'campaigns.'),
    subject: campaign.id,
    before: { status: campaign.status },
    after: { status: to },
  });
  await record(inside, activity, { subjectId: campaign.id, detail: { appId: campaign.appId, from: campaign.status } });
}

async function writeStatusChange(
  inside: Inside,
  campaignId: string,
  fromStatus: string | null,
  toStatus: string,
): Promise<void> {
  await inside.tx
    .insertInto('campaignStatusChanges')
    .values({
      workspaceId: inside.workspaceId,
      campaignId,
      fromStatus,
      toStatus,
      changedBy: userOf(inside),
      changedAt: inside.clock.now(),
    })
    .execute();
}

function assertDates(startsOn: string | null, endsOn: string | null): void {
  if (startsOn && endsOn && endsOn < startsOn)
    throw refuse('invalid', 'dates', 'The last day lies before the first. Swap them.');
}

async function lockApp({ tx }: Inside, appId: string) {
  const app = await tx.selectFrom('apps').select(['id', 'name']).where('id', '=', appId).forUpdate().executeTakeFirst();
  if (!app) throw notFound('app');
  return app;
}

async function lockCampaign({ tx }: Inside, campaignId: string) {
  const campaign = await tx
    .selectFrom('campaigns')
    .select(['id', 'appId', 'status', 'startsOn', 'endsOn'])
    .where('id', '=', campaignId)
    .forUpdate()
    .executeTakeFirst();
  if (!campaign) throw notFound('campaign');
  return campaign;
}

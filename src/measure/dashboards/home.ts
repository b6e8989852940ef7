import { sql } from 'kysely';
import { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { type CreditModel, creditModels, defaultCreditModel } from '#src/measure/credit.ts';
import { firstStepsOf, goingOut, markersOf, worthDoing } from '#src/measure/dashboards/ahead.ts';
import { type Brought, postsThatBrought } from '#src/measure/dashboards/brought.ts';
import { currenciesOf, otherCurrenciesShown } from '#src/measure/dashboards/currencies.ts';
import { periodsOf, type Range } from '#src/measure/dashboards/days.ts';
import { figuresOf, type View } from '#src/measure/dashboards/kpis.ts';
import { answering } from '#src/measure/traffic/question.ts';
import { id, money } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';

/** Below so many a rate is an anecdote and is shown as "not enough data". */
export const FLOOR = 30;
/** An id no app has, for a workspace without apps. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

const figure = z.object({
  value: z.number(),
  previousValue: z.number(),
  change: z.number().nullable(),
  series: z.array(z.number()),
  previous: z.array(z.number()),
});

const step = z.object({
  key: z.enum(['saw', 'visited', 'signedUp', 'paid']),
  label: z.string(),
  value: z.number(),
  rate: z.number().nullable(),
  enough: z.boolean(),
});

export const homeShown = z.object({
  timeZone: z.string(),
  currency: z.string(),
  model: z.string(),
  /** Money of the period that waits for the rate of its day: no figure in `currency` holds it. */
  otherCurrencies: otherCurrenciesShown,
  /** All money of the period is in this other currency: better the workspace's own. Null = nothing to change. */
  suggestedCurrency: z.string().nullable(),
  days: z.array(z.string()),
  previousDays: z.array(z.string()),
  kpis: z.object({
    visitors: figure,
    signups: figure,
    /** Minor units of `currency`. */
    newMrr: figure,
    impressions: figure,
    followers: figure,
  }),
  markers: z.array(z.object({ day: z.string(), at: z.date(), postId: id, title: z.string(), platform: z.string() })),
  postsThatBroughtPeople: z.array(
    z.object({
      postId: id,
      title: z.string(),
      platforms: z.array(z.string()),
      campaign: z.object({ id, name: z.string(), colour: z.int() }).nullable(),
      publishedAt: z.date().nullable(),
      impressions: z.number().nullable(),
      visits: z.number(),
      signups: z.number(),
      /** Whose first purchase it was. */
      customers: z.number(),
      /** Net of tax, refunds and disputes, before fees; like `otherCurrencies`. */
      revenue: money,
      otherCurrencies: z.array(money),
      signupRate: z.number().nullable(),
      enough: z.boolean(),
    }),
  ),
  funnel: z.array(step),
  goingOut: z.array(
    z.object({
      publicationId: id,
      postId: id,
      title: z.string(),
      at: z.date(),
      day: z.string(),
      state: z.string(),
      platform: z.string(),
      handle: z.string(),
      campaignName: z.string().nullable(),
      campaignColour: z.int().nullable(),
    }),
  ),
  worthDoing: z.array(
    z.object({
      id,
      appId: id,
      title: z.string(),
      reasoning: z.string(),
      category: z.string(),
      priority: z.enum(['high', 'medium', 'low']),
      effort: z.int(),
      impact: z.int(),
      minutes: z.int().nullable(),
      state: z.string(),
    }),
  ),
  firstSteps: z.object({
    appRegistered: z.boolean(),
    accountConnected: z.boolean(),
    trackerSeen: z.boolean(),
    trackerSeenAt: z.date().nullable(),
    paymentsConnected: z.boolean(),
    firstWeekPlanned: z.boolean(),
  }),
});

/** Everything Home shows, for one app or for all, from rollups and indexed joins. */
export async function home(
  context: Context,
  { appId, range }: { appId?: string | undefined; range: Range },
): Promise<z.output<typeof homeShown>> {
  return answering(context, async (inside) => {
    await sql`select set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true)`.execute(inside.tx);
    const view = await viewOf(inside, appId, range);
    const figures = await figuresOf(inside, view);
    const { posts, totals } = await postsThatBrought(inside, view, 20);
    return {
      timeZone: view.timeZone,
      currency: view.currency,
      model: view.model,
      ...(await currenciesOf(inside, view)),
      days: view.current.days,
      previousDays: view.previous.days,
      kpis: figures,
      markers: await markersOf(inside, view),
      postsThatBroughtPeople: posts.map((post) => showPost(post, view.currency)),
      funnel: funnelOf(figures.impressions.value, totals),
      goingOut: await goingOut(inside, view),
      worthDoing: await worthDoing(inside, view),
      firstSteps: await firstStepsOf(inside, view),
    };
  });
}

async function viewOf(inside: Inside, appId: string | undefined, range: Range): Promise<View & { model: CreditModel }> {
  const { tx, workspaceId, clock } = inside;
  const apps = await tx
    .selectFrom('apps')
    .leftJoin('trackingSettings', 'trackingSettings.appId', 'apps.id')
    .select(['apps.id', 'attributionModel'])
    .$if(appId !== undefined, (query) => query.where('apps.id', '=', appId ?? ''))
    .orderBy('apps.createdAt')
    .execute();
  if (appId !== undefined && apps.length === 0) throw notFound('app');
  const { timeZone, currency } = await tx
    .selectFrom('workspaces')
    .select(['timeZone', 'currency'])
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  const wanted = apps[0]?.attributionModel ?? defaultCreditModel;
  return {
    appIds: apps.length === 0 ? [NOBODY] : apps.map((app) => app.id),
    timeZone,
    currency,
    model: creditModels.find((model) => model === wanted) ?? defaultCreditModel,
    ...periodsOf(range, clock.now(), timeZone),
  };
}

function showPost({ revenueMinor, ...post }: Brought, currency: string) {
  const enough = post.visits >= FLOOR;
  return {
    ...post,
    revenue: { minor: revenueMinor, currency },
    signupRate: enough ? post.signups / post.visits : null,
    enough,
  };
}

/** From seeing a post to paying for the first time, as far as posts can be credited with it. */
function funnelOf(
  impressions: number,
  totals: { visits: number; signups: number; customers: number },
): z.output<typeof step>[] {
  const steps = [
    { key: 'saw' as const, label: 'Saw a post', value: impressions },
    { key: 'visited' as const, label: 'Visited', value: totals.visits },
    { key: 'signedUp' as const, label: 'Signed up', value: totals.signups },
    { key: 'paid' as const, label: 'Paid', value: totals.customers },
  ];
  return steps.map((each, index) => {
    const before = index === 0 ? null : (steps[index - 1]?.value ?? 0);
    const enough = before === null || before >= FLOOR;
    return { ...each, rate: before !== null && enough ? each.value / before : null, enough };
  });
}

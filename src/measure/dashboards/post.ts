import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type CreditModel, creditModels } from '#src/measure/credit.ts';
import { onlyOther } from '#src/measure/dashboards/currencies.ts';
import { FLOOR } from '#src/measure/dashboards/home.ts';
import { waitsForRate, worth } from '#src/measure/revenue/reporting.ts';
import { id, money } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';

const counts = {
  impressions: z.number().nullable(),
  likes: z.number().nullable(),
  replies: z.number().nullable(),
  reposts: z.number().nullable(),
  quotes: z.number().nullable(),
  bookmarks: z.number().nullable(),
  linkClicks: z.number().nullable(),
};

export const postShown = z.object({
  postId: id,
  currency: z.string(),
  /** Now: the newest numbers of all its parts on all accounts. */
  totals: z.object({ ...counts, clicks: z.number(), visits: z.number(), signups: z.number() }),
  visitsByDay: z.array(z.object({ day: z.string(), visits: z.number(), visitors: z.number(), signups: z.number() })),
  /** Impressions to visits, visits to signups; null below the floor. */
  clickRate: z.number().nullable(),
  signupRate: z.number().nullable(),
  enough: z.object({ clickRate: z.boolean(), signupRate: z.boolean() }),
  /** Revenue is net of tax, refunds and disputes, before fees (docs/money.md). */
  revenueByModel: z.array(z.object({ model: z.string(), signups: z.number(), revenue: money })),
  /** What it earned in other currencies and waits for the rate of its day: no figure in `currency` holds it. */
  otherCurrencies: z.array(money),
  /** All it earned is in this other currency: better the workspace's own. Null = nothing to change. */
  suggestedCurrency: z.string().nullable(),
  cost: z.object({
    /** What platforms charged, millionths of a US dollar. */
    platformMicros: z.number(),
    minutes: z.number(),
    entries: z.array(money),
  }),
  /** Where each amount comes from, by the app's own model. */
  receipts: z.array(
    z.object({
      conversionId: id,
      kind: z.enum(['signup', 'trial', 'purchase', 'goal']),
      occurredAt: z.date(),
      person: z.string().nullable(),
      share: z.number(),
      /** As credited: its share of what was paid. */
      amount: money.nullable(),
      /** What is left of it after tax, refunds and disputes; these sum to the revenue. */
      net: money.nullable(),
      grade: z.string().nullable(),
      arrivedAt: z.date().nullable(),
      source: z.string().nullable(),
      clickId: id.nullable(),
      visitId: id.nullable(),
      paymentId: id.nullable(),
      eventId: id.nullable(),
    }),
  ),
});

/** The numbers of one post over time, what it earned by each model, what it cost, and a receipt for every amount. */
export async function postNumbers(
  context: Context,
  { postId }: { postId: string },
): Promise<z.output<typeof postShown>> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    const post = await tx
      .selectFrom('posts')
      .innerJoin('workspaces', 'workspaces.id', 'posts.workspaceId')
      .leftJoin('trackingSettings', 'trackingSettings.appId', 'posts.appId')
      .select(['posts.id', 'posts.minutesSpent', 'workspaces.currency', 'workspaces.timeZone', 'attributionModel'])
      .where('posts.id', '=', postId)
      .where('workspaces.id', '=', workspaceId)
      .executeTakeFirst();
    if (!post) throw notFound('post');
    const newest = await newestOf(inside, postId);
    const model = creditModels.find((each) => each === post.attributionModel) ?? 'last_non_direct';
    const visitsByDay = await visitsOf(inside, postId, post.timeZone, model);
    const clicks = await clicksOf(inside, postId);
    const visits = visitsByDay.reduce((sum, row) => sum + row.visits, 0);
    const earned = await earnedBy(inside, postId, post.currency);
    const revenueByModel = await revenueOf(inside, postId, post.currency, earned);
    const own = earned.filter((row) => row.model === model);
    const signups = revenueByModel.find((row) => row.model === model)?.signups ?? 0;
    const enough = { clickRate: (newest.impressions ?? 0) >= FLOOR, signupRate: visits >= FLOOR };
    return {
      postId,
      currency: post.currency,
      totals: { ...newest, clicks, visits, signups },
      visitsByDay,
      clickRate: enough.clickRate ? visits / (newest.impressions ?? 1) : null,
      signupRate: enough.signupRate ? signups / visits : null,
      enough,
      revenueByModel,
      otherCurrencies: own.flatMap(({ currency, waiting }) => (waiting === '0' ? [] : [{ currency, minor: waiting }])),
      suggestedCurrency: onlyOther(own, post.currency),
      cost: { ...(await costOf(inside, postId)), minutes: post.minutesSpent },
      receipts: await receiptsOf(inside, postId, model),
    };
  });
}

const summedCounts = [
  sql<number | null>`sum(impressions)::bigint`.as('impressions'),
  sql<number | null>`sum(likes)::bigint`.as('likes'),
  sql<number | null>`sum(replies)::bigint`.as('replies'),
  sql<number | null>`sum(reposts)::bigint`.as('reposts'),
  sql<number | null>`sum(quotes)::bigint`.as('quotes'),
  sql<number | null>`sum(bookmarks)::bigint`.as('bookmarks'),
  sql<number | null>`sum(link_clicks)::bigint`.as('linkClicks'),
] as const;

function newestOf({ tx }: Inside, postId: string) {
  return tx.selectFrom('postMetrics').select(summedCounts).where('postId', '=', postId).executeTakeFirstOrThrow();
}

async function visitsOf({ tx }: Inside, postId: string, timeZone: string, model: CreditModel) {
  const visits = await tx
    .selectFrom('visits')
    .select([
      sql<string>`to_char(started_at at time zone ${timeZone}, 'YYYY-MM-DD')`.as('day'),
      sql<number>`count(*)`.as('visits'),
      sql<number>`count(distinct visitor)`.as('visitors'),
    ])
    .where('postId', '=', postId)
    .where('agentClass', 'in', ['human', 'unsure'])
    .groupBy('day')
    .orderBy('day')
    .execute();
  const signups = await tx
    .selectFrom('credits')
    .innerJoin('conversions', 'conversions.id', 'credits.conversionId')
    .select([
      sql<string>`to_char(conversions.occurred_at at time zone ${timeZone}, 'YYYY-MM-DD')`.as('day'),
      sql<number>`sum(credits.share)::float8`.as('signups'),
    ])
    .where('credits.postId', '=', postId)
    .where('credits.model', '=', model)
    .where('conversions.kind', '=', 'signup')
    .groupBy('day')
    .execute();
  const days = [...new Set([...visits, ...signups].map((row) => row.day))].sort();
  return days.map((day) => {
    const own = visits.find((row) => row.day === day);
    return {
      day,
      visits: own?.visits ?? 0,
      visitors: own?.visitors ?? 0,
      signups: signups.find((row) => row.day === day)?.signups ?? 0,
    };
  });
}

async function clicksOf({ tx }: Inside, postId: string): Promise<number> {
  const row = await tx
    .selectFrom('clicks')
    .innerJoin('links', 'links.id', 'clicks.linkId')
    .select((eb) => eb.fn.countAll<number>().as('times'))
    .where('links.postId', '=', postId)
    .where('clicks.agentClass', 'in', ['human', 'unsure'])
    .executeTakeFirstOrThrow();
  return row.times;
}

/**
 * What the post earned, net, by model and own currency: `minor` in the workspace's currency at the rates of the days,
 * `waiting` in its own, for as long as there is no rate.
 */
async function earnedBy({ tx, workspaceId }: Inside, postId: string, currency: string) {
  const { rows } = await sql<{ model: string; currency: string; minor: string; waiting: string }>`
    select credit.model, credit.currency::text as currency,
           round(coalesce(sum(case when credit.currency = ${currency} then credit.net_minor
             else ${worth('credit.net_minor', 'payment', currency)} end), 0))::text as minor,
           coalesce(sum(credit.net_minor) filter (
             where credit.currency <> ${currency} and ${waitsForRate('payment', currency)}), 0)::text as waiting
    from credits credit
    join conversions conversion on conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id
      and conversion.kind = 'purchase'
    left join payments payment on payment.workspace_id = credit.workspace_id and payment.id = conversion.payment_id
    where credit.workspace_id = ${workspaceId} and credit.post_id = ${postId} and credit.currency is not null
    group by 1, 2 order by 2
  `.execute(tx);
  return rows;
}

async function revenueOf(
  { tx }: Inside,
  postId: string,
  currency: string,
  earned: Awaited<ReturnType<typeof earnedBy>>,
) {
  const signups = await tx
    .selectFrom('credits')
    .innerJoin('conversions', 'conversions.id', 'credits.conversionId')
    .select(['credits.model', sql<number>`sum(credits.share)::float8`.as('share')])
    .where('credits.postId', '=', postId)
    .where('conversions.kind', '=', 'signup')
    .groupBy('credits.model')
    .execute();
  return creditModels.map((model) => ({
    model,
    signups: signups.find((row) => row.model === model)?.share ?? 0,
    revenue: {
      minor: String(earned.reduce((sum, row) => (row.model === model ? sum + BigInt(row.minor) : sum), 0n)),
      currency,
    },
  }));
}

async function costOf({ tx }: Inside, postId: string) {
  const spent = await tx
    .selectFrom('platformSpend')
    .leftJoin('attempts', 'attempts.id', 'platformSpend.attemptId')
    .leftJoin('publicationParts', 'publicationParts.id', 'attempts.publicationPartId')
    .leftJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select((eb) => eb.cast<number>(eb.fn.coalesce(eb.fn.sum('micros'), eb.lit(0)), 'bigint').as('micros'))
    .where((eb) => eb.or([eb('platformSpend.postId', '=', postId), eb('publications.postId', '=', postId)]))
    .executeTakeFirstOrThrow();
  const entries = await tx
    .selectFrom('costEntries')
    .select((eb) => ['currency', eb.fn.sum<string>('amountMinor').as('minor')])
    .where('postId', '=', postId)
    .groupBy('currency')
    .execute();
  return { platformMicros: spent.micros, entries };
}

async function receiptsOf({ tx }: Inside, postId: string, model: CreditModel) {
  const rows = await tx
    .selectFrom('credits')
    .innerJoin('conversions', 'conversions.id', 'credits.conversionId')
    .leftJoin('customers', 'customers.id', 'conversions.customerId')
    .leftJoin('touches', 'touches.id', 'credits.touchId')
    .select(['credits.conversionId', 'conversions.kind', 'conversions.occurredAt', 'customers.person'])
    .select(['credits.share', 'credits.amountMinor', 'credits.netMinor', 'credits.currency', 'credits.grade'])
    .select(['touches.occurredAt as arrivedAt', 'touches.source', 'touches.clickId', 'touches.visitId'])
    .select(['conversions.paymentId', 'conversions.eventId'])
    .where('credits.postId', '=', postId)
    .where('credits.model', '=', model)
    .orderBy('conversions.occurredAt', 'desc')
    .limit(200)
    .execute();
  return rows.map(({ amountMinor, netMinor, currency, share, ...row }) => ({
    ...row,
    share: Number(share),
    amount: currency === null ? null : { minor: amountMinor, currency },
    net: currency === null ? null : { minor: netMinor, currency },
  }));
}

import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { View } from '#src/measure/dashboards/kpis.ts';

/** A post with what it brought in the period; `revenueMinor` in the view's currency, both it and the others net. */
export type Brought = {
  postId: string;
  title: string;
  platforms: string[];
  campaign: { id: string; name: string; colour: number } | null;
  publishedAt: Date | null;
  impressions: number | null;
  visits: number;
  signups: number;
  customers: number;
  revenueMinor: string;
  otherCurrencies: { minor: string; currency: string }[];
};

/**
 * The posts that brought people in the period, most visits first: visits that began in it, signups and money as the
 * model credits them, money net of tax, refunds and disputes (docs/money.md). A customer is one whose first purchase
 * falls in the period: renewals bring money, not customers. `totals` are those of all posts, also of those beyond
 * `limit`; there a customer whom several posts brought is one.
 */
export async function postsThatBrought(
  inside: Inside,
  view: View & { model: string },
  limit: number,
): Promise<{ posts: Brought[]; totals: { visits: number; signups: number; customers: number } }> {
  const visits = await visitsByPost(inside, view);
  const credited = await creditedByPost(inside, view);
  const money = await moneyByPost(inside, view);
  const ids = [...new Set([...visits, ...credited].map((row) => row.postId))];
  const numbers = ids.map((postId) => {
    const own = credited.find((row) => row.postId === postId);
    const earned = money.filter((row) => row.postId === postId);
    return {
      postId,
      visits: visits.find((row) => row.postId === postId)?.visits ?? 0,
      signups: own?.signups ?? 0,
      customers: own?.customers ?? 0,
      revenueMinor: earned.find((row) => row.currency === view.currency)?.minor ?? '0',
      otherCurrencies: earned.flatMap(({ minor, currency }) =>
        currency === view.currency ? [] : [{ minor, currency }],
      ),
    };
  });
  const total = (name: 'visits' | 'signups') => numbers.reduce((sum, row) => sum + row[name], 0);
  const shown = numbers
    .sort(
      (a, b) => b.visits - a.visits || b.signups - a.signups || Number(BigInt(b.revenueMinor) - BigInt(a.revenueMinor)),
    )
    .slice(0, limit);
  const about = await describePosts(
    inside,
    shown.map((row) => row.postId),
  );
  return {
    posts: shown.flatMap((row) => {
      const post = about.get(row.postId);
      return post ? [{ ...row, ...post }] : [];
    }),
    totals: { visits: total('visits'), signups: total('signups'), customers: await customersOf(inside, view) },
  };
}

async function visitsByPost({ tx }: Inside, { appIds, current }: View) {
  const rows = await tx
    .selectFrom('visits')
    .select((eb) => ['postId', eb.fn.countAll<number>().as('visits')])
    .where('appId', 'in', appIds)
    .where('startedAt', '>=', current.from)
    .where('startedAt', '<', current.until)
    .where('postId', 'is not', null)
    .where('agentClass', 'in', ['human', 'unsure'])
    .groupBy('postId')
    .execute();
  return rows.flatMap(({ postId, visits }) => (postId === null ? [] : [{ postId, visits }]));
}

/** The conversions of the period that the model credits to posts. */
function creditsOfPosts({ tx }: Inside, { appIds, current, model }: View & { model: string }) {
  return tx
    .selectFrom('conversions')
    .innerJoin('credits', 'credits.conversionId', 'conversions.id')
    .where('conversions.appId', 'in', appIds)
    .where('conversions.kind', 'in', ['signup', 'purchase'])
    .where('conversions.occurredAt', '>=', current.from)
    .where('conversions.occurredAt', '<', current.until)
    .where('credits.model', '=', model as 'first')
    .where('credits.postId', 'is not', null);
}

/** Distinct customers by their first purchase; a purchase of nobody known is somebody of its own. */
const firstTimers = sql<number>`count(distinct coalesce(conversions.customer_id, conversions.id))
  filter (where conversions.kind = 'purchase' and not exists (
    select from conversions earlier
    where earlier.workspace_id = conversions.workspace_id and earlier.customer_id = conversions.customer_id
      and earlier.kind = 'purchase'
      and (earlier.occurred_at, earlier.id) < (conversions.occurred_at, conversions.id)))`;

async function creditedByPost(inside: Inside, view: View & { model: string }) {
  const rows = await creditsOfPosts(inside, view)
    .select('credits.postId')
    .select([
      sql<number>`coalesce(sum(credits.share) filter (where conversions.kind = 'signup'), 0)::float8`.as('signups'),
      firstTimers.as('customers'),
    ])
    .groupBy('credits.postId')
    .execute();
  return rows.flatMap(({ postId, ...row }) => (postId === null ? [] : [{ postId, ...row }]));
}

async function customersOf(inside: Inside, view: View & { model: string }): Promise<number> {
  const row = await creditsOfPosts(inside, view).select(firstTimers.as('customers')).executeTakeFirstOrThrow();
  return row.customers;
}

async function moneyByPost(inside: Inside, view: View & { model: string }) {
  const rows = await creditsOfPosts(inside, view)
    .select((eb) => ['credits.postId', 'credits.currency', eb.fn.sum<string>('credits.netMinor').as('minor')])
    .where('conversions.kind', '=', 'purchase')
    .groupBy(['credits.postId', 'credits.currency'])
    .orderBy('credits.currency')
    .execute();
  return rows.flatMap(({ postId, currency, minor }) =>
    postId === null || currency === null ? [] : [{ postId, currency, minor }],
  );
}

async function describePosts({ tx }: Inside, postIds: string[]) {
  if (postIds.length === 0) return new Map();
  const posts = await tx
    .selectFrom('posts')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .select(['posts.id', 'posts.title', 'campaigns.id as campaignId', 'campaigns.name', 'campaigns.colour'])
    .where('posts.id', 'in', postIds)
    .execute();
  const out = await tx
    .selectFrom('publications')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['publications.postId', 'accounts.platform', 'publications.publishedAt'])
    .where('publications.postId', 'in', postIds)
    .where('publications.publishedAt', 'is not', null)
    .orderBy('publications.publishedAt')
    .execute();
  const seen = await tx
    .selectFrom('postMetrics')
    .select((eb) => ['postId', eb.cast<number | null>(eb.fn.sum('impressions'), 'bigint').as('impressions')])
    .where('postId', 'in', postIds)
    .groupBy('postId')
    .execute();
  return new Map(
    posts.map((post) => {
      const own = out.filter((row) => row.postId === post.id);
      const campaign =
        post.campaignId !== null && post.name !== null && post.colour !== null
          ? { id: post.campaignId, name: post.name, colour: post.colour }
          : null;
      return [
        post.id,
        {
          title: post.title,
          platforms: [...new Set(own.map((row) => row.platform))],
          campaign,
          publishedAt: own[0]?.publishedAt ?? null,
          impressions: seen.find((row) => row.postId === post.id)?.impressions ?? null,
        },
      ];
    }),
  );
}

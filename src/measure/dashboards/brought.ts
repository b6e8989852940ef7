import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { View } from '#src/measure/dashboards/kpis.ts';

/** A post with what it brought in the period; `revenueMinor` in the view's currency. */
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
};

/**
 * The posts that brought people in the period, most visits first: visits by day (UTC), signups and money as the model
 * credits them. `totals` are those of all posts, also of those beyond `limit`.
 */
export async function postsThatBrought(
  inside: Inside,
  view: View & { model: string },
  limit: number,
): Promise<{ posts: Brought[]; totals: { visits: number; signups: number; customers: number } }> {
  const { tx } = inside;
  const visits = await tx
    .selectFrom('trafficDays')
    .select(['value as postId', sql<number>`sum(visits)::bigint`.as('visits')])
    .where('appId', 'in', view.appIds)
    .where('dimension', '=', 'post')
    .where('day', '>=', view.current.days[0] ?? '')
    .where('day', '<=', view.current.days.at(-1) ?? '')
    .groupBy('value')
    .execute();
  const credited = await creditedByPost(inside, view);
  const ids = [...new Set([...visits, ...credited].map((row) => row.postId))];
  const numbers = ids.map((postId) => {
    const own = credited.find((row) => row.postId === postId);
    return {
      postId,
      visits: visits.find((row) => row.postId === postId)?.visits ?? 0,
      signups: own?.signups ?? 0,
      customers: own?.customers ?? 0,
      revenueMinor: own?.revenueMinor ?? '0',
    };
  });
  const total = (name: 'visits' | 'signups' | 'customers') => numbers.reduce((sum, row) => sum + row[name], 0);
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
    totals: { visits: total('visits'), signups: total('signups'), customers: total('customers') },
  };
}

async function creditedByPost({ tx }: Inside, { appIds, current, currency, model }: View & { model: string }) {
  const rows = await tx
    .selectFrom('conversions')
    .innerJoin('credits', 'credits.conversionId', 'conversions.id')
    .select('credits.postId')
    .select([
      sql<number>`coalesce(sum(credits.share) filter (where conversions.kind = 'signup'), 0)::float8`.as('signups'),
      sql<number>`count(distinct conversions.customer_id) filter (where conversions.kind = 'purchase')`.as('customers'),
      sql<string>`coalesce(sum(credits.amount_minor)
        filter (where conversions.kind = 'purchase' and credits.currency = ${currency}), 0)::text`.as('revenueMinor'),
    ])
    .where('conversions.appId', 'in', appIds)
    .where('conversions.kind', 'in', ['signup', 'purchase'])
    .where('conversions.occurredAt', '>=', current.from)
    .where('conversions.occurredAt', '<', current.until)
    .where('credits.model', '=', model as 'first')
    .where('credits.postId', 'is not', null)
    .groupBy('credits.postId')
    .execute();
  return rows.flatMap(({ postId, ...row }) => (postId === null ? [] : [{ postId, ...row }]));
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

import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { tidy } from '#src/measure/attribution/compare.ts';
import { UNATTRIBUTED, WITHOUT } from '#src/measure/attribution/days.ts';
import { roundTogether, sumsBy } from '#src/measure/attribution/sums.ts';
import type { CreditModel } from '#src/measure/credit.ts';
import type { View } from '#src/measure/dashboards/kpis.ts';
import { waitsForRate } from '#src/measure/revenue/reporting.ts';
import { totalsOf } from '#src/measure/rollups/closed.ts';

/** A post with what it brought in the period; `revenueMinor` in the view's currency, net; in `otherCurrencies` what waits for a rate. */
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
 * `limit`. All of it from the kept totals, whatever the period holds.
 */
export async function postsThatBrought(
  inside: Inside,
  view: View & { model: CreditModel },
  limit: number,
): Promise<{ posts: Brought[]; totals: { visits: number; signups: number; customers: number } }> {
  const visits = await visitsByPost(inside, view);
  const credited = await creditedByPost(inside, view);
  const numbers = [...new Set([...visits.keys(), ...credited.keys()])].map((postId) => {
    const { signups = 0, customers = 0, minor = 0n } = credited.get(postId) ?? {};
    return { postId, visits: visits.get(postId) ?? 0, signups, customers, minor };
  });
  const total = (name: 'visits' | 'signups' | 'customers') => tidy(numbers.reduce((sum, row) => sum + row[name], 0));
  const shown = numbers
    .sort((a, b) => b.visits - a.visits || b.signups - a.signups || Number(b.minor - a.minor))
    .slice(0, limit);
  const ids = shown.map((row) => row.postId);
  const about = await describePosts(inside, ids);
  const waiting = await waitingByPost(inside, view, ids);
  return {
    posts: shown.flatMap(({ minor, ...row }) => {
      const post = about.get(row.postId);
      const otherCurrencies = waiting.flatMap(({ postId, ...money }) => (postId === row.postId ? [money] : []));
      return post ? [{ ...row, revenueMinor: String(minor), otherCurrencies, ...post }] : [];
    }),
    totals: { visits: total('visits'), signups: total('signups'), customers: total('customers') },
  };
}

async function visitsByPost(inside: Inside, { appIds, current }: View): Promise<Map<string, number>> {
  const { rows } = await sql<{ postId: string; visits: number }>`
    select value as post_id, sum(visits)::bigint as visits
    from (${totalsOf(inside, { appIds, dimension: 'post', days: current.days })}) kept group by value`.execute(
    inside.tx,
  );
  return new Map(rows.map((row) => [row.postId, row.visits]));
}

async function creditedByPost(inside: Inside, { appIds, current, currency, model }: View & { model: CreditModel }) {
  const credited = new Map<string, { signups: number; customers: number; minor: bigint }>();
  for (const appId of appIds) {
    const sums = await sumsBy(inside, 'post', { appId, period: current, currency, models: [model] });
    const money = roundTogether(sums.map((sum) => sum.netMinor));
    for (const [index, { value, signups, customers }] of sums.entries())
      if (value !== WITHOUT && value !== UNATTRIBUTED)
        credited.set(value, { signups: tidy(signups), customers: tidy(customers), minor: money[index] ?? 0n });
  }
  return credited;
}

/** Money of these posts that waits for the rate of its day: no figure in `currency` holds it. */
async function waitingByPost(
  { tx, workspaceId }: Inside,
  { appIds, current, currency, model }: View & { model: CreditModel },
  postIds: string[],
): Promise<{ postId: string; minor: string; currency: string }[]> {
  if (postIds.length === 0) return [];
  const days = [current.days[0] ?? '', current.days.at(-1) ?? ''] as const;
  const foreign = await tx
    .selectFrom('creditDays')
    .select('day')
    .where('workspaceId', '=', workspaceId)
    .where('appId', 'in', appIds)
    .where('dimension', '=', 'total')
    .where('day', '>=', days[0])
    .where('day', '<=', days[1])
    .where('currency', 'not in', ['', currency])
    .limit(1)
    .executeTakeFirst();
  if (!foreign) return [];
  const { rows } = await sql<{ postId: string; minor: string; currency: string }>`
    select credit.post_id, credit.currency::text as currency, sum(credit.net_minor)::text as minor
    from credits credit
    join conversions conversion on conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id
      and conversion.kind = 'purchase'
    join payments payment on payment.workspace_id = credit.workspace_id and payment.id = conversion.payment_id
    where credit.workspace_id = ${workspaceId} and credit.post_id = any(${postIds}::uuid[]) and credit.model = ${model}
      and credit.counted_day between ${days[0]} and ${days[1]} and ${waitsForRate('payment', currency)}
    group by 1, 2 order by 1, 2
  `.execute(tx);
  return rows;
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

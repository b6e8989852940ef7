import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

export type Progress = {
  counts: { impressions: number; engagement: number; clicks: number; signups: number; conversions: number };
  /** Minor units by currency. */
  revenue: Map<string, string>;
};

/**
 * How far campaigns have come, from what the later stages measured: the newest counters of their posts, clicks of
 * people (not bots) on their links, and the credit they have by the app's own attribution model. Shares of credit are
 * added up and rounded down, so that a goal is not called reached before it is.
 */
export async function progressOf({ tx }: Inside, campaignIds: readonly string[]): Promise<Map<string, Progress>> {
  const progress = new Map<string, Progress>();
  const of = (campaignId: string): Progress => {
    const known = progress.get(campaignId) ?? {
      counts: { impressions: 0, engagement: 0, clicks: 0, signups: 0, conversions: 0 },
      revenue: new Map<string, string>(),
    };
    progress.set(campaignId, known);
    return known;
  };
  const ids = sql.join([...campaignIds].map((id) => sql`${id}::uuid`));
  const seen = await sql<{ campaignId: string; impressions: string; engagement: string }>`
    select p.campaign_id, coalesce(sum(m.impressions), 0)::text as impressions,
      coalesce(sum(coalesce(m.likes, 0) + coalesce(m.replies, 0) + coalesce(m.reposts, 0) + coalesce(m.quotes, 0) + coalesce(m.bookmarks, 0)), 0)::text as engagement
    from post_metrics m join posts p on p.id = m.post_id and p.workspace_id = m.workspace_id
    where p.campaign_id in (${ids}) group by 1`.execute(tx);
  for (const row of seen.rows) {
    of(row.campaignId).counts.impressions = Number(row.impressions);
    of(row.campaignId).counts.engagement = Number(row.engagement);
  }
  const clicked = await tx
    .selectFrom('clicks')
    .innerJoin('links', 'links.id', 'clicks.linkId')
    .select((eb) => ['links.campaignId', eb.fn.countAll<number>().as('clicks')])
    .where('links.campaignId', 'in', [...campaignIds])
    .where('clicks.agentClass', '=', 'human')
    .groupBy('links.campaignId')
    .execute();
  for (const row of clicked) if (row.campaignId) of(row.campaignId).counts.clicks = row.clicks;
  const credited = await tx
    .selectFrom('credits')
    .innerJoin('conversions', 'conversions.id', 'credits.conversionId')
    .leftJoin('trackingSettings', 'trackingSettings.appId', 'credits.appId')
    .select((eb) => [
      'credits.campaignId',
      'conversions.kind',
      'credits.currency',
      eb.fn.sum<string>('credits.share').as('share'),
      eb.fn.sum<string>('credits.netMinor').as('minor'),
    ])
    .where('credits.campaignId', 'in', [...campaignIds])
    .where((eb) =>
      eb('credits.model', '=', eb.fn.coalesce('trackingSettings.attributionModel', eb.val('last_non_direct' as const))),
    )
    .groupBy(['credits.campaignId', 'conversions.kind', 'credits.currency'])
    .execute();
  const shares = new Map<string, { signups: number; all: number }>();
  for (const row of credited) {
    if (!row.campaignId) continue;
    const sum = shares.get(row.campaignId) ?? { signups: 0, all: 0 };
    if (row.kind === 'signup') sum.signups += Number(row.share);
    else sum.all += Number(row.share);
    shares.set(row.campaignId, sum);
    if (row.currency && row.kind === 'purchase') {
      const revenue = of(row.campaignId).revenue;
      revenue.set(row.currency, String(BigInt(revenue.get(row.currency) ?? '0') + BigInt(row.minor)));
    }
  }
  for (const [campaignId, sum] of shares) {
    // Shares of one conversion sum to 1 up to the last decimal: 0.9999999 signups are one.
    of(campaignId).counts.signups = Math.floor(sum.signups + 1e-6);
    of(campaignId).counts.conversions = Math.floor(sum.all + 1e-6);
  }
  return progress;
}

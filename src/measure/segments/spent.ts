import type { Inside } from '#src/context.ts';
import { type Period, periodsFor } from '#src/measure/range.ts';
import { type Cost, costsOf } from '#src/measure/returns/costs.ts';
import type { Segmentation } from './members.ts';

/**
 * What was spent on each segment ever, in minor units of the workspace's currency: on a campaign, or on the campaigns that
 * address an audience (of several, in equal parts). Null where cost is not written down by this. What has no exchange
 * rate yet is left out.
 */
export async function spentOn(
  inside: Inside,
  view: { appId: string; by: Segmentation; currency: string; timeZone: string },
): Promise<Map<string, number> | null> {
  if (view.by !== 'campaign' && view.by !== 'audience') return null;
  const costs = await costsOf(inside, { ...view, period: await everSince(inside, view) });
  const known = costs.flatMap(({ campaignId, minor }: Cost) =>
    campaignId && minor !== null ? [{ campaignId, minor }] : [],
  );
  const targets = view.by === 'campaign' ? null : await audiencesByCampaign(inside, view.appId);
  const sums = new Map<string, number>();
  for (const { campaignId, minor } of known) {
    const keys = targets ? (targets.get(campaignId) ?? []) : [campaignId];
    for (const key of keys) sums.set(key, (sums.get(key) ?? 0) + Number(minor) / keys.length);
  }
  return sums;
}

async function audiencesByCampaign({ tx }: Inside, appId: string): Promise<Map<string, string[]>> {
  const rows = await tx
    .selectFrom('campaignAudiences')
    .innerJoin('campaigns', 'campaigns.id', 'campaignAudiences.campaignId')
    .select(['campaignAudiences.campaignId', 'campaignAudiences.audienceId'])
    .where('campaigns.appId', '=', appId)
    .execute();
  return new Map(
    [...Map.groupBy(rows, (row) => row.campaignId)].map(([campaign, own]) => [
      campaign,
      own.map(({ audienceId }) => audienceId),
    ]),
  );
}

/** From the first day anything was written down. */
async function everSince(
  { tx, clock }: Inside,
  { appId, timeZone }: { appId: string; timeZone: string },
): Promise<Period> {
  const first = await tx
    .selectFrom('costEntries')
    .select((eb) => eb.fn.min('day').as('day'))
    .where('appId', '=', appId)
    .executeTakeFirst();
  const made = await tx.selectFrom('apps').select('createdAt').where('id', '=', appId).executeTakeFirstOrThrow();
  const began = [made.createdAt.toISOString().slice(0, 10), ...(first?.day ? [first.day] : [])].sort()[0] ?? null;
  return periodsFor({ range: 'all', compare: 'none' }, clock.now(), timeZone, began).current;
}

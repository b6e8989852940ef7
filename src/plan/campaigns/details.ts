import type { Inside } from '#src/context.ts';
import { notFound, refuse } from '#src/refusal.ts';
import type { Goal } from './outline.ts';

export async function writeGoals(
  { tx, workspaceId }: Inside,
  campaignId: string,
  goals: readonly Goal[],
): Promise<void> {
  if (new Set(goals.map((goal) => goal.metric)).size < goals.length)
    throw refuse('invalid', 'goal_twice', 'Give each goal once.');
  await tx.deleteFrom('campaignGoals').where('campaignId', '=', campaignId).execute();
  if (goals.length > 0)
    await tx
      .insertInto('campaignGoals')
      .values(goals.map((goal) => ({ workspaceId, campaignId, metric: goal.metric, target: goal.target })))
      .execute();
}

export async function writeAudiences(
  { tx, workspaceId }: Inside,
  appId: string,
  campaignId: string,
  audienceIds: readonly string[],
): Promise<void> {
  await tx.deleteFrom('campaignAudiences').where('campaignId', '=', campaignId).execute();
  const wanted = [...new Set(audienceIds)];
  if (wanted.length === 0) return;
  const known = await tx
    .selectFrom('audiences')
    .select('id')
    .where('appId', '=', appId)
    .where('id', 'in', wanted)
    .execute();
  if (known.length < wanted.length) throw notFound('audience of this app');
  await tx
    .insertInto('campaignAudiences')
    .values(wanted.map((audienceId) => ({ workspaceId, campaignId, audienceId })))
    .execute();
}

export async function writeRegions(
  { tx, workspaceId }: Inside,
  campaignId: string,
  regions: readonly string[],
): Promise<void> {
  await tx.deleteFrom('campaignRegions').where('campaignId', '=', campaignId).execute();
  if (regions.length > 0)
    await tx
      .insertInto('campaignRegions')
      .values([...new Set(regions)].map((region) => ({ workspaceId, campaignId, region })))
      .execute();
}

/** The median of the app's posts of the last 90 days; null with fewer than five measured posts. */
export async function usualImpressions({ tx, clock }: Inside, appId: string): Promise<number | null> {
  const rows = await tx
    .selectFrom('postMetrics')
    .innerJoin('posts', 'posts.id', 'postMetrics.postId')
    .select((eb) => eb.fn.sum<string>('postMetrics.impressions').as('impressions'))
    .where('posts.appId', '=', appId)
    .where('postMetrics.impressions', 'is not', null)
    .where('postMetrics.takenAt', '>=', new Date(clock.now().getTime() - 90 * 864e5))
    .groupBy('posts.id')
    .execute();
  if (rows.length < 5) return null;
  const sorted = rows.map((row) => Number(row.impressions)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

export async function freeSlug({ tx }: Inside, appId: string, name: string): Promise<string> {
  const base =
    name
      .toLowerCase()
      .normalize('NFKD')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 50)
      .replace(/-+$/, '') || 'campaign';
  const rows = await tx.selectFrom('campaigns').select('slug').where('appId', '=', appId).execute();
  const taken = new Set(rows.map((row) => row.slug));
  for (let number = 1; ; number++) {
    const slug = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(slug)) return slug;
  }
}

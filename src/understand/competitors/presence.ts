/** Followers and posts of a competitor, where they are public. */
import { type Context, transaction } from '#src/context.ts';
import { lookUpProfile, type PublicProfile } from '#src/outside/public-profiles.ts';

/** Looks once a day at each profile whose numbers anybody may see; of the others it is said that they are not public. */
export async function lookAtPresence(context: Context, competitorId: string): Promise<void> {
  const now = context.clock.now();
  const since = new Date(now.getTime() - 20 * 3_600_000);
  const profiles = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('competitorProfiles')
      .select(['platform', 'handle', 'url'])
      .where('competitorId', '=', competitorId)
      .where((eb) => eb.or([eb('lookedAt', 'is', null), eb('lookedAt', '<', since)]))
      .limit(10)
      .execute(),
  );
  const seen: { profile: (typeof profiles)[number]; answer: PublicProfile }[] = [];
  for (const profile of profiles) seen.push({ profile, answer: await lookUpProfile(context.web, profile) });
  if (seen.length === 0) return;
  await transaction(context, async ({ tx, workspaceId }) => {
    for (const { profile, answer } of seen) {
      await tx
        .updateTable('competitorProfiles')
        .set({ lookedAt: now, trouble: answer.ok ? null : answer.reason })
        .where('competitorId', '=', competitorId)
        .where('platform', '=', profile.platform)
        .where('handle', '=', profile.handle)
        .execute();
      if (!answer.ok) continue;
      const numbers = { followers: answer.followers, posts: answer.posts, lastPostAt: answer.lastPostAt };
      await tx
        .insertInto('competitorSnapshots')
        .values({
          workspaceId,
          competitorId,
          platform: profile.platform,
          day: now.toISOString().slice(0, 10),
          ...numbers,
        })
        .onConflict((oc) => oc.columns(['workspaceId', 'competitorId', 'platform', 'day']).doUpdateSet(numbers))
        .execute();
    }
  });
}

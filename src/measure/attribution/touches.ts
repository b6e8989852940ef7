import type { Inside } from '#src/context.ts';
import type { Visit } from '#src/measure/events/visits.ts';

/** Keeps the arrival of each visit and what brought it; never changed afterwards. */
export async function keepTouches({ tx, workspaceId }: Inside, visits: readonly Visit[]): Promise<void> {
  if (visits.length === 0) return;
  await tx
    .insertInto('touches')
    .values(
      visits.map((visit) => ({
        workspaceId,
        appId: visit.appId,
        visitor: visit.visitor,
        visitId: visit.id,
        occurredAt: visit.startedAt,
        channel: visit.channel,
        source: visit.source,
        direct: visit.click === null && visit.channel === 'Direct',
        linkId: visit.click?.linkId ?? null,
        clickId: visit.click?.clickId ?? null,
        postId: visit.click?.postId ?? null,
        campaignId: visit.click?.campaignId ?? null,
        accountId: visit.click?.accountId ?? null,
        affiliateId: visit.click?.affiliateId ?? null,
      })),
    )
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'visitId']).doNothing())
    .execute();
}

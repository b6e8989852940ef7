import type { Inside } from '#src/context.ts';

/**
 * The account an archive belongs to: the one that is connected, by the platform's own id of it, or a place for it that
 * can be connected later. Returns its id.
 */
export async function accountOfArchive(
  { tx, workspaceId, clock }: Inside,
  {
    platform,
    platformUserId,
    handle,
    name,
  }: { platform: string; platformUserId: string; handle: string; name: string },
): Promise<{ id: string; isNew: boolean }> {
  const find = () =>
    tx
      .selectFrom('accounts')
      .select('id')
      .where('platform', '=', platform)
      .where('serverUrl', '=', '')
      .where('platformUserId', '=', platformUserId)
      .executeTakeFirst();
  const known = await find();
  if (known) return { id: known.id, isNew: false };
  const { id } = await tx
    .insertInto('accounts')
    .values({
      workspaceId,
      platform,
      platformUserId,
      handle,
      name,
      status: 'reconnect',
      statusReason: 'Known from its archive only. Connect it to post and to read its numbers.',
      connectedAt: clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, isNew: true };
}

import type { Inside } from '#src/context.ts';
import { ensureTracking } from '#src/measure/events/tracking.ts';

/**
 * Gives an app that was brought in from an export the public key it had, so that its pages need no change. False when
 * the key is somebody else's here; the app then has a new one.
 */
export async function restoreAppKey(inside: Inside, appId: string, publicKey: string): Promise<boolean> {
  const { tx, workspaceId } = inside;
  if (!/^[a-z0-9]{10,40}$/.test(publicKey)) return false;
  const app = await tx.selectFrom('apps').select('id').where('id', '=', appId).executeTakeFirst();
  if (!app) return false;
  await tx
    .insertInto('appKeys')
    .values({ publicKey, workspaceId, appId })
    .onConflict((oc) => oc.doNothing())
    .execute();
  const owner = await tx
    .selectFrom('appKeys')
    .select(['workspaceId', 'appId'])
    .where('publicKey', '=', publicKey)
    .executeTakeFirst();
  if (owner?.workspaceId === workspaceId && owner.appId === appId) return true;
  await ensureTracking(inside, appId);
  return false;
}

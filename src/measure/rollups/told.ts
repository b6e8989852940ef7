import type { Inside } from '#src/context.ts';
import { localDay } from '#src/measure/local-days.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import type { Change } from './changes.ts';

/**
 * Counts custom events that no browser sent (the app's own server did): each on its own local day, whatever visit it may
 * belong to, in the dimension `event` alone. Kept like all changes until they are added to the totals.
 */
export async function countTold(
  inside: Inside,
  told: readonly { appId: string; kind: string; at: Date }[],
): Promise<void> {
  const custom = told.filter((one) => one.kind !== 'pageview');
  if (custom.length === 0) return;
  const { timeZone } = await workspaceOf(inside);
  const changes = custom.map(({ appId, kind, at }): Change => {
    const moment = at.getTime();
    return {
      app: appId,
      day: localDay(timeZone, moment).day,
      hour: moment - (moment % 3_600_000),
      bot: false,
      by: [0, 0, 0, 0, 0, 0],
      of: [],
      entry: null,
      paths: [],
      kinds: [[kind, 1]],
      exit: null,
    };
  });
  await inside.tx
    .insertInto('trafficChanges')
    .values({ workspaceId: inside.workspaceId, changes: JSON.stringify(changes) })
    .execute();
}

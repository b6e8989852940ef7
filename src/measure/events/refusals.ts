import { sql } from 'kysely';
import { type Inside, shared, type World } from '#src/context.ts';
import { dayOf } from '#src/measure/events/salts.ts';
import type { EventRefusal } from '#src/measure/events/steps.ts';

/** Counts what was not taken in, by app, day (UTC) and reason. */
export async function countRefusals(
  inside: Inside,
  refused: readonly { appId: string; reason: EventRefusal }[],
): Promise<void> {
  const day = dayOf(inside.clock.now());
  for (const [key, times] of tally(refused.map(({ appId, reason }) => `${appId} ${reason}`))) {
    const [appId = '', reason = ''] = key.split(' ');
    await inside.tx
      .insertInto('eventRefusals')
      .values({ workspaceId: inside.workspaceId, appId, day, reason, times })
      .onConflict((oc) =>
        oc
          .columns(['workspaceId', 'appId', 'day', 'reason'])
          .doUpdateSet({ times: sql<number>`event_refusals.times + excluded.times` }),
      )
      .execute();
  }
}

/** Counts an event refused before it was known whose it is. */
export async function countUnplaced(world: World, reason: 'malformed' | 'unknown_key'): Promise<void> {
  await shared(world, (tx) =>
    tx
      .insertInto('unplacedRefusals')
      .values({ day: dayOf(world.clock.now()), reason, times: 1 })
      .onConflict((oc) =>
        oc.columns(['day', 'reason']).doUpdateSet({ times: sql<number>`unplaced_refusals.times + 1` }),
      )
      .execute(),
  );
}

function tally(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

import { z } from 'zod';
import { type Context, shared, transaction, type World } from '#src/context.ts';
import type { Ask, Statement } from '#src/db/client.ts';
import { dayOf } from '#src/measure/events/salts.ts';
import type { EventRefusal } from '#src/measure/events/steps.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/** What is said of a refusal, to the sender and in the tracking settings. */
export const refusalWords: Record<EventRefusal, string> = {
  malformed: 'The event cannot be read.',
  too_large: 'An event has at most 64 kB.',
  unknown_key: 'No app has this public key. Copy the script from the app’s tracking settings again.',
  rate_limited: 'More events came from this address than any page sends. Try again in a minute.',
  overloaded: 'More events come in than can be stored. Try again in a few seconds.',
  unavailable: 'The event could not be kept safely. Try again in a few seconds.',
  app_removed: 'The app of this key was removed.',
  do_not_track: 'The browser asks not to be tracked.',
  privacy_control: 'The browser sends Global Privacy Control.',
  host_not_allowed: 'Events from this host are not accepted. Add it in the app’s tracking settings.',
  spam_referrer: 'The referrer is a known spam site.',
  in_the_future: 'It is dated ahead.',
  too_old: 'It is dated too far back.',
};

/** Counts what was not taken in, by app, day (UTC) and reason. */
export async function countRefusals(
  ask: Ask,
  workspaceId: string,
  at: Date,
  refused: readonly { appId: string; reason: EventRefusal }[],
): Promise<void> {
  if (refused.length === 0) return;
  const rows = tally(refused.map(({ appId, reason }) => `${appId} ${reason}`)).map(([key, times]) => {
    const [app, reason] = key.split(' ');
    return { app, reason, times };
  });
  await ask(COUNT, [workspaceId, dayOf(at), JSON.stringify(rows)]);
}

/** An app that is gone has nothing to count for. */
const COUNT: Statement = {
  name: 'count_refusals',
  text: `insert into event_refusals (workspace_id, app_id, day, reason, times)
    select $1::uuid, app.id, $2::date, one.reason, one.times
    from json_to_recordset($3::json) as one (app uuid, reason text, times bigint)
    join apps app on app.workspace_id = $1 and app.id = one.app
    order by app.id, one.reason
    on conflict (workspace_id, app_id, day, reason) do update set times = event_refusals.times + excluded.times`,
};

/** Counts events refused before it was known whose they are. */
export async function countUnplaced(world: World, reasons: readonly EventRefusal[]): Promise<void> {
  const rows = tally(reasons).map(([reason, times]) => ({ day: dayOf(world.clock.now()), reason, times }));
  await shared(world, (tx) =>
    tx
      .insertInto('unplacedRefusals')
      .values(rows)
      .onConflict((oc) =>
        oc.columns(['day', 'reason']).doUpdateSet((eb) => ({
          times: eb('unplacedRefusals.times', '+', eb.ref('excluded.times')),
        })),
      )
      .execute(),
  );
}

function tally(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

const counted = z.object({ day: z.string(), reason: z.string(), words: z.string(), times: z.int() });

async function list(context: Context, { appId, days }: { appId: string; days: number }) {
  const since = dayOf(new Date(context.clock.now().getTime() - (days - 1) * 86_400_000));
  const told = (row: { day: string; reason: string; times: number }) => ({
    ...row,
    words: refusalWords[row.reason as EventRefusal] ?? row.reason,
  });
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const own = await inside.tx
      .selectFrom('eventRefusals')
      .select(['day', 'reason', 'times'])
      .where('appId', '=', appId)
      .where('day', '>=', since)
      .orderBy('day', 'desc')
      .orderBy('times', 'desc')
      .orderBy('reason')
      .execute();
    const unplaced = await inside.tx
      .selectFrom('unplacedRefusals')
      .select(['day', 'reason', 'times'])
      .where('day', '>=', since)
      .orderBy('day', 'desc')
      .orderBy('times', 'desc')
      .orderBy('reason')
      .execute();
    return { refusals: own.map(told), unplaced: unplaced.map(told) };
  });
}

export const refusalOperations = {
  refusals: operation({
    summary: 'List what was not taken in of an app’s events, by day (UTC) and reason.',
    route: 'GET /apps/{appId}/tracking/refusals',
    access: 'read',
    input: z.strictObject({ appId: id, days: z.coerce.number().int().min(1).max(365).default(30) }),
    output: z.object({
      refusals: z.array(counted),
      /** Of this whole server: it was not known whose they are. */
      unplaced: z.array(counted),
    }),
    run: list,
  }),
};

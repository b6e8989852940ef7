import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { keepTouches } from '#src/measure/attribution/touches.ts';
import { convert } from '#src/measure/conversions.ts';
import { forgetSalts } from '#src/measure/events/salts.ts';
import type { Draft } from '#src/measure/events/steps.ts';
import { noteFirstEvent } from '#src/measure/events/tracking.ts';
import { placeInVisits } from '#src/measure/events/visits.ts';
import { countTraffic, isPerson } from '#src/measure/rollups.ts';

/**
 * Stores browser events with all that follows from them: visits, totals, touches, conversions; in the caller's
 * transaction, so that it is all there or nothing. An event whose id was stored before is passed over.
 */
export async function storeDrafts(inside: Inside, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  await oneAtATime(inside);
  const fresh = await claim(inside, drafts);
  if (fresh.length === 0) return;
  const { visits, touched } = await placeInVisits(inside, fresh);
  const events = fresh.map((draft, index) => ({ draft, visit: visits[index] as (typeof visits)[number] }));
  await inside.tx
    .insertInto('events')
    .values(
      events.map(({ draft, visit }) => ({
        workspaceId: inside.workspaceId,
        id: draft.id,
        occurredAt: draft.at,
        appId: draft.appId,
        kind: draft.kind,
        visitor: visit.visitor,
        visitId: visit.id,
        path: draft.path,
        host: draft.host,
        referrerHost: draft.referrerHost,
        props: JSON.stringify(draft.props),
        origin: 'browser' as const,
        agentClass: draft.agentClass,
        receivedAt: inside.clock.now(),
      })),
    )
    .execute();
  await countTraffic(
    inside,
    touched.map(({ visit, ...one }) => ({
      ...one,
      ...visit,
      at: one.startedNow ? visit.startedAt : visit.lastSeenAt,
      campaign: visit.utmCampaign,
    })),
  );
  await keepTouches(
    inside,
    touched.filter((one) => one.startedNow && isPerson(one.visit.agentClass)).map((one) => one.visit),
  );
  await convert(
    inside,
    events
      .filter(({ draft }) => isPerson(draft.agentClass))
      .map(({ draft, visit }) => ({ ...draft, person: null, visitor: visit.visitor, visit, value: null })),
  );
  await noteFirstEvents(inside, fresh);
}

/** Events of a workspace are placed one batch after another, in whichever process, or one visit would become two. */
export async function oneAtATime({ tx, workspaceId }: Inside): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fanfare.events ${workspaceId}`}, 0))`.execute(tx);
}

/** The events whose id was not seen in the last seven days, each once, in the order given. */
export async function claim<E extends { appId: string; id: string }>(
  { tx, workspaceId, clock }: Inside,
  events: readonly E[],
): Promise<E[]> {
  const each = [...new Map(events.map((event) => [`${event.appId} ${event.id}`, event])).values()];
  const rows = await tx
    .insertInto('eventIds')
    .values(each.map(({ appId, id }) => ({ workspaceId, appId, id, receivedAt: clock.now() })))
    .onConflict((oc) => oc.doNothing())
    .returning(['appId', 'id'])
    .execute();
  const claimed = new Set(rows.map(({ appId, id }) => `${appId} ${id}`));
  return each.filter((event) => claimed.has(`${event.appId} ${event.id}`));
}

/** Says once that the first event of an app came in. */
export async function noteFirstEvents(inside: Inside, events: readonly { appId: string; at: Date }[]): Promise<void> {
  for (const appId of new Set(events.map((event) => event.appId)))
    if (await noteFirstEvent(inside, appId, inside.clock.now()))
      await record(inside, 'tracking.begun', { subjectId: appId });
}

/** Deletes what must not be kept: salts 48 hours after their day began, ids of accepted events after seven days. */
export async function tidyEvents(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    await forgetSalts(inside.tx, inside.clock.now());
    await forgetEventIds(inside);
  });
}

/** Deletes ids that have been kept for seven days: a retry comes sooner. */
export async function forgetEventIds({ tx, clock }: Inside): Promise<void> {
  await tx
    .deleteFrom('eventIds')
    .where('receivedAt', '<', new Date(clock.now().getTime() - 7 * 86_400_000))
    .execute();
}

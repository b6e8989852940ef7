import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type Ask, askOf, type Statement } from '#src/db/client.ts';
import { insertTouches, touchesOfVisits } from '#src/measure/attribution/touches.ts';
import { convert, type Goal, goalsOf, mayConvert } from '#src/measure/conversions.ts';
import { signatureOf } from '#src/measure/events/knowledge.ts';
import { forgetSalts } from '#src/measure/events/salts.ts';
import type { Draft } from '#src/measure/events/steps.ts';
import { noteFirstEvent } from '#src/measure/events/tracking.ts';
import {
  type Click,
  clicksOf,
  type FoundVisit,
  type OpenVisits,
  placeInVisits,
  placeOf,
  RememberedVisits,
  type Visit,
  visitsFound,
  visitsSince,
  writeVisits,
} from '#src/measure/events/visits.ts';
import { addChanges, type Change, changesOf, insertChanges, isPerson } from '#src/measure/rollups.ts';

/** Under this name the events of a workspace are placed one batch after another, or one visit would become two. */
export const TURN = 'fanfare.events';

/** What has to be known to place a batch of events. */
export type Look = {
  /** App and id of the events that were not stored before. */
  fresh: Set<string>;
  /** Of the settings that hold now. */
  signature: string;
  timeZone: string;
  open: OpenVisits;
};

/** Claims the ids of the drafts and reads what they need to be placed: one statement, mostly. */
export async function lookUp(
  ask: Ask,
  workspaceId: string,
  now: Date,
  drafts: readonly Draft[],
  remembered: RememberedVisits,
): Promise<Look> {
  const moments = drafts.map(({ at }) => at.getTime());
  const visitors = new Map<string, { app: string; visitor: string }>();
  for (const { appId, visitor, visitorYesterday } of drafts) {
    visitors.set(`${appId} ${visitor}`, { app: appId, visitor });
    if (visitorYesterday !== null)
      visitors.set(`${appId} ${visitorYesterday}`, { app: appId, visitor: visitorYesterday });
  }
  const [found] = await ask<Found>(LOOK, [
    workspaceId,
    JSON.stringify(drafts.map(({ appId, id }) => ({ app: appId, id }))),
    now,
    JSON.stringify([...visitors.values()]),
    visitsSince(Math.min(now.getTime(), ...moments)),
    new Date(Math.max(now.getTime(), ...moments) + 60_000),
  ]);
  // The workspace is gone, and with it all its apps.
  if (!found) return { fresh: new Set(), signature: '', timeZone: 'UTC', open: new Map() };
  const visits = await remembered.complete(ask, workspaceId, found.visits ?? []);
  return {
    fresh: new Set(found.claimed ?? []),
    signature: found.signature,
    timeZone: found.zone,
    open: new Map(visits.map((visit) => [placeOf(visit), visit])),
  };
}

type Found = { claimed: string[] | null; signature: string; zone: string; visits: FoundVisit[] | null };

const LOOK: Statement = {
  name: 'look_up_events',
  text: `
    with claimed as (
      insert into event_ids (workspace_id, app_id, id, received_at)
      select $1::uuid, one.app, one.id, $3::timestamptz from json_to_recordset($2::json) as one (app uuid, id uuid)
      on conflict do nothing returning app_id, id
    )
    select workspace.time_zone as zone, ${signatureOf} as signature,
      (select json_agg(claimed.app_id || ' ' || claimed.id) from claimed) as claimed,
      (select json_agg(found) from (${visitsFound}) found) as visits
    from workspaces workspace where workspace.id = $1`,
};

/**
 * Stores events that were looked up, with all that follows from them: visits, touches, conversions; in the caller's
 * transaction, so that it is all there or nothing. What was stored before is passed over. Returns what it changes in the
 * totals, and whether events were looked at as conversions; `keeps` says of them whether they are to be kept beside the totals for now. The writing statement is sent and
 * not waited for, where nothing depends on it.
 */
export async function storeDrafts(
  inside: Inside,
  ask: Ask,
  drafts: readonly Draft[],
  look: Look,
  clicks: ReadonlyMap<string, Click>,
  about: {
    goals: readonly Goal[];
    begun: (appId: string) => boolean;
    keeps: (changes: readonly Change[]) => boolean;
    remembered: RememberedVisits;
  },
): Promise<{ changes: Change[]; converted: boolean }> {
  const unseen = new Set(look.fresh);
  const fresh = drafts.filter(({ appId, id }) => unseen.delete(`${appId} ${id}`));
  if (fresh.length === 0) return { changes: [], converted: false };
  const { visits, touched } = placeInVisits(fresh, look.open, clicks, look.timeZone);
  const begun = touched.flatMap(({ visit, before }) => (before === null ? visit : []));
  for (const visit of begun) about.remembered.keep(visit);
  const changes = touched.map(({ visit, before, ...did }) => changesOf(before, visit, did, look.timeZone));
  const written = ask(WRITE, [
    inside.workspaceId,
    JSON.stringify(touched.map(({ visit: { click: _, ...visit } }) => visit)),
    JSON.stringify(fresh.map((draft, index) => eventOf(draft, visits[index]))),
    JSON.stringify(touchesOfVisits(begun.filter((visit) => isPerson(visit.agentClass)))),
    about.keeps(changes) ? JSON.stringify(changes) : null,
  ]);
  // The commit tells of its failure.
  written.catch(() => undefined);
  const happenings = fresh.flatMap((draft, index) => {
    const visit = visits[index] ?? null;
    if (!isPerson(draft.agentClass) || !mayConvert(about.goals, draft)) return [];
    return [{ ...draft, value: null, person: null, visitor: visit?.visitor ?? draft.visitor, visit }];
  });
  if (happenings.length > 0) await convert(inside, happenings);
  const first = fresh.filter(({ appId }) => !about.begun(appId));
  if (first.length > 0) await noteFirstEvents(inside, first);
  return { changes, converted: happenings.length > 0 };
}

/**
 * Stores prepared events, in the order in which they happened, as part of a larger change: of an import, or a story that
 * is told. The events of a workspace have the turn until its end.
 */
export async function storeAtOnce(inside: Inside, drafts: readonly Draft[]): Promise<void> {
  await oneAtATime(inside);
  const ask = askOf(inside.tx);
  const appIds = [...new Set(drafts.map(({ appId }) => appId))];
  const clickIds = [...new Set(drafts.flatMap(({ clickId }) => clickId ?? []))];
  const clicks = await clicksOf(ask, inside.workspaceId, clickIds);
  const remembered = new RememberedVisits();
  const look = await lookUp(ask, inside.workspaceId, inside.clock.now(), drafts, remembered);
  const goals = await goalsOf(inside, appIds);
  const about = { goals, begun: () => false, keeps: () => false, remembered };
  const { changes } = await storeDrafts(inside, ask, drafts, look, clicks, about);
  await addChanges(inside, changes);
}

function eventOf(draft: Draft, visit: Visit | undefined) {
  return {
    id: draft.id,
    at: draft.at,
    app: draft.appId,
    kind: draft.kind,
    visit: visit?.id,
    path: draft.path,
    props: draft.props ?? undefined,
    minor: draft.value?.minor,
    currency: draft.value?.currency,
  };
}

/** Values: workspace, visits, events, touches (JSON each), changes to keep or null. */
const WRITE: Statement = {
  name: 'write_events',
  text: `
    with visited as (${writeVisits(2)}), touched as (${insertTouches(4)}), kept as (${insertChanges(5)})
    insert into events (workspace_id, id, occurred_at, app_id, kind, visit_id, path, props, value_minor, currency)
    select $1::uuid, one.* from json_to_recordset($3::json) as one (id uuid, at timestamptz, app uuid, kind text, visit uuid,
      path text, props jsonb, minor numeric, currency text)`,
};

/** The same turn in an ordinary transaction, for whoever else writes events and visits. */
export async function oneAtATime({ tx, workspaceId }: Inside): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${TURN} ${workspaceId}`}, 0))`.execute(tx);
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
export async function noteFirstEvents(inside: Inside, events: readonly { appId: string }[]): Promise<void> {
  for (const appId of new Set(events.map((event) => event.appId)))
    if (await noteFirstEvent(inside, appId, inside.clock.now()))
      await record(inside, 'tracking.begun', { subjectId: appId });
}

/**
 * Deletes what must not be kept: salts 48 hours after their day began, ids of accepted events after seven days. Adds to
 * the totals what a process that was killed had left.
 */
export async function tidyEvents(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    await forgetSalts(inside.tx, inside.clock.now());
    await forgetEventIds(inside);
    while ((await addChanges(inside)) > 0);
  });
}

/** Deletes ids that have been kept for seven days: a retry comes sooner. */
export async function forgetEventIds({ tx, clock }: Inside): Promise<void> {
  await tx
    .deleteFrom('eventIds')
    .where('receivedAt', '<', new Date(clock.now().getTime() - 7 * 86_400_000))
    .execute();
}

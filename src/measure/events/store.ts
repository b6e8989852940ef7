import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type Ask, askOf, type Statement } from '#src/db/client.ts';
import { insertTouches, keepArrivals, touchesOfVisits } from '#src/measure/attribution/touches.ts';
import { convert, type Goal, goalsOf, type Happening, mayConvert } from '#src/measure/conversions.ts';
import { signatureOf } from '#src/measure/events/knowledge.ts';
import { forgetSalts } from '#src/measure/events/salts.ts';
import type { Draft } from '#src/measure/events/steps.ts';
import { noteFirstEvent } from '#src/measure/events/tracking.ts';
import {
  type Click,
  clicksOf,
  findVisits,
  type OpenVisits,
  placeInVisits,
  placeOf,
  rowOf,
  type TouchedVisit,
  type Visit,
  visitsSince,
  writeVisits,
} from '#src/measure/events/visits.ts';
import { addChanges, type Change, changesOf, insertChanges, isPerson, packed } from '#src/measure/rollups.ts';
import { workspaceOf } from '#src/people/workspaces.ts';

/** Under this name the events of a workspace are placed one batch after another, or one visit would become two. */
export const TURN = 'fanfare.events';

/** What has to be known to place a batch of events. */
export type Look = {
  /** The visits of their visitors that may still run, or say that they were here today. */
  open: OpenVisits;
  clicks: ReadonlyMap<string, Click>;
  timeZone: string;
  goals: readonly Goal[];
  begun: (appId: string) => boolean;
};

/** Events in their visits, with all that follows from them. */
export type Placed = {
  drafts: readonly Draft[];
  visits: readonly Visit[];
  touched: readonly TouchedVisit[];
  changes: readonly Change[];
  happenings: readonly Happening[];
  /** Those that may be the first of their app. */
  first: readonly Draft[];
};

/** Places events, each there once. Nothing is read or written here; visits in `look.open` are brought up to date. */
export function placeDrafts(drafts: readonly Draft[], { open, clicks, timeZone, goals, begun }: Look): Placed {
  const { visits, touched } = placeInVisits(drafts, open, clicks, timeZone);
  return {
    drafts,
    visits,
    touched,
    changes: touched.map(({ visit, before, ...did }) => changesOf(before, visit, did, timeZone)),
    happenings: drafts.flatMap((draft, index) => {
      const visit = visits[index] ?? null;
      if (!isPerson(draft.agentClass) || !mayConvert(goals, draft)) return [];
      return [{ ...draft, value: null, person: null, visitor: visit?.visitor ?? draft.visitor, visit }];
    }),
    first: drafts.filter(({ appId }) => !begun(appId)),
  };
}

/** What became of a batch. Unless it is `mine`, `current` and nothing of it `known`, nothing was written. */
export type Verdict = {
  /** Nobody else has written visits of this workspace since the writer took the turn. */
  mine: boolean;
  /** The settings are those it was prepared by. */
  current: boolean;
  /** App and id of the events that were stored before; null = none. */
  known: string[] | null;
  /** The number under which the changes are kept. */
  kept: number | null;
};

export function isWritten({ mine, current, known }: Verdict): boolean {
  return mine && current && known === null;
}

/**
 * Writes placed events in the caller's transaction, which has the turn, with one statement: all of it, if they were placed
 * by what holds (`signature` null: whatever the settings are), or nothing.
 */
export async function writePlaced(
  ask: Ask,
  workspaceId: string,
  { writer, signature, now }: { writer: string; signature: string | null; now: Date },
  { drafts, visits, touched, changes }: Placed,
): Promise<Verdict> {
  const arrivals = touched.flatMap(({ visit, before }) =>
    before === null && visit.click !== null && isPerson(visit.agentClass) ? visit : [],
  );
  const [verdict] = await ask<Verdict>(arrivals.length === 0 ? WRITE : WRITE_ARRIVALS, [
    workspaceId,
    writer,
    signature,
    drafts.map(({ appId }) => appId),
    drafts.map(({ id }) => id),
    now,
    JSON.stringify(touched.map(rowOf)),
    JSON.stringify(drafts.map((draft, index) => eventOf(draft, visits[index]))),
    packed(changes),
    ...(arrivals.length === 0 ? [] : [JSON.stringify(touchesOfVisits(arrivals))]),
  ]);
  if (!verdict) throw new Error('Nothing was said of what became of the events.');
  return verdict;
}

/** What follows from events once it is known that they were written: conversions, the word that an app is measured. */
export async function followUp(inside: Inside, { visits, happenings, first }: Placed): Promise<void> {
  if (happenings.length > 0) {
    const converted = new Set(happenings.flatMap(({ visit }) => visit?.id ?? []));
    await keepArrivals(
      inside,
      [...new Set(visits)].filter(({ id }) => converted.has(id)),
    );
    await convert(inside, happenings);
  }
  if (first.length > 0) await noteFirstEvents(inside, first);
}

/** From now on until somebody else takes it, the writer's are the only visits of the workspace that are new or changed. */
export async function takeTurn(ask: Ask, workspaceId: string, writer: string): Promise<void> {
  await ask(TAKE_TURN, [workspaceId, writer]);
}

const TAKE_TURN: Statement = {
  name: 'take_event_turn',
  text: `insert into event_turns (workspace_id, writer) values ($1, $2)
    on conflict (workspace_id) do update set writer = excluded.writer where event_turns.writer <> excluded.writer`,
};

/**
 * Stores prepared events, in the order in which they happened, as part of a larger change: of an import, or a story that
 * is told. The events of a workspace have the turn until its end.
 */
export async function storeAtOnce(inside: Inside, drafts: readonly Draft[]): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const writer = await oneAtATime(inside);
  const ask = askOf(tx);
  const appIds = [...new Set(drafts.map(({ appId }) => appId))];
  const clickIds = [...new Set(drafts.flatMap(({ clickId }) => clickId ?? []))];
  const now = clock.now();
  const look = {
    clicks: await clicksOf(ask, workspaceId, clickIds),
    timeZone: (await workspaceOf(inside)).timeZone,
    goals: await goalsOf(inside, appIds),
    begun: () => false,
  };
  const write = async (fresh: readonly Draft[]): Promise<Placed> => {
    const found = await findVisits(ask, workspaceId, visitorsOf(fresh), spanOf(fresh, now));
    const open = new Map(found.map((visit) => [placeOf(visit), visit]));
    const placed = placeDrafts(fresh, { ...look, open });
    const verdict = await writePlaced(ask, workspaceId, { writer, signature: null, now }, placed);
    if (isWritten(verdict)) return placed;
    const known = new Set(verdict.known);
    if (known.size === 0) throw new Error('Somebody else has written visits, though it was our turn.');
    return write(fresh.filter(({ appId, id }) => !known.has(`${appId} ${id}`)));
  };
  await followUp(inside, await write(eachOnce(drafts)));
  await addChanges(inside);
}

/** Of events with the same id the first. */
export function eachOnce(drafts: readonly Draft[]): Draft[] {
  const seen = new Set<string>();
  return drafts.filter(({ appId, id }) => {
    const key = `${appId} ${id}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** As whom these visitors may have come: today, and yesterday. */
export function visitorsOf(drafts: readonly Draft[]): { appId: string; visitor: string }[] {
  const all = new Map<string, { appId: string; visitor: string }>();
  for (const { appId, visitor, visitorYesterday } of drafts)
    for (const each of visitorYesterday === null ? [visitor] : [visitor, visitorYesterday])
      all.set(`${appId} ${each}`, { appId, visitor: each });
  return [...all.values()];
}

/** When visits must have begun to matter to these events. */
export function spanOf(drafts: readonly Draft[], now: Date): { since: Date; until: Date } {
  const moments = [now.getTime(), ...drafts.map(({ at }) => at.getTime())];
  return { since: visitsSince(Math.min(...moments)), until: new Date(Math.max(...moments) + 60_000) };
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

/** Values: workspace, writer, signature, apps, ids, now, visits, events (JSON each), changes, touches (JSON). */
const written = (touched: string) => `
    with turn as materialized (
      select exists (select from event_turns own where own.workspace_id = $1 and own.writer = $2) as mine,
        coalesce($3::text = ${signatureOf}, true) as current,
        (select json_agg(one.app || ' ' || one.id) from unnest($4::uuid[], $5::uuid[]) as one (app, id)
          cross join lateral (
            select from event_ids known where known.workspace_id = $1 and known.app_id = one.app and known.id = one.id limit 1
          ) known) as known
    ), open as materialized (select from turn where mine and current and known is null),
    claimed as (
      insert into event_ids (workspace_id, app_id, id, received_at)
      select $1::uuid, one.app, one.id, $6::timestamptz from unnest($4::uuid[], $5::uuid[]) as one (app, id)
      where exists (select from open)
    ), visited as (${writeVisits(7, 'exists (select from open)')}),${touched}
    kept as (${insertChanges(9, 'exists (select from open)')}),
    written as (
      insert into events (workspace_id, id, occurred_at, app_id, kind, visit_id, path, props, value_minor, currency)
      select $1::uuid, one.* from json_to_recordset($8::json) as one (id uuid, at timestamptz, app uuid, kind text,
        visit uuid, path text, props jsonb, minor numeric, currency text)
      where exists (select from open)
    )
    select turn.mine, turn.current, turn.known, (select kept.id from kept) as kept from turn`;

const WRITE: Statement = { name: 'write_events', text: written('') };
const WRITE_ARRIVALS: Statement = {
  name: 'write_events_and_arrivals',
  text: written(`\n    touched as (${insertTouches(10, 'exists (select from open)')}),`),
};

/**
 * The same turn in an ordinary transaction, for whoever else writes visits: who relied on those they remember, will look
 * again. Returns the writer one is now.
 */
export async function oneAtATime(inside: Inside): Promise<string> {
  const { tx, workspaceId } = inside;
  await waitForTurn(inside);
  const writer = randomUUID();
  await takeTurn(askOf(tx), workspaceId, writer);
  return writer;
}

/** The turn for who writes events but no visits. */
export async function waitForTurn({ tx, workspaceId }: Inside): Promise<void> {
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

import { randomUUID } from 'node:crypto';
import { asSystem, type World } from '#src/context.ts';
import type { Ask } from '#src/db/client.ts';
import type { Goal } from '#src/measure/conversions.ts';
import { countRefusals } from '#src/measure/events/refusals.ts';
import type { Draft, EventRefusal } from '#src/measure/events/steps.ts';
import {
  eachOnce,
  followUp,
  isWritten,
  placeDrafts,
  spanOf,
  TURN,
  takeTurn,
  type Verdict,
  visitorsOf,
  writePlaced,
} from '#src/measure/events/store.ts';
import type { Kept } from '#src/measure/events/totals.ts';
import {
  type Click,
  clicksOf,
  findVisits,
  type OpenVisits,
  placeOf,
  RememberedVisits,
  type Visit,
} from '#src/measure/events/visits.ts';

/** What was read for an event before its turn came. */
export type Ahead = { era: number; visits: ReadonlyMap<string, Visit>; clicks: ReadonlyMap<string, Click> };

export type Batch = {
  drafts: readonly Draft[];
  ahead: readonly (Ahead | null)[];
  refused: readonly { appId: string; reason: EventRefusal }[];
  /** Of the settings the events were prepared by; null = they are stored whatever the settings are now. */
  signature: string | null;
  timeZone: string;
  goals: readonly Goal[];
  begun: (appId: string) => boolean;
};

export type Placing = {
  /** Whether anything has to be read to place this event. */
  needsLook(workspaceId: string, draft: Draft): boolean;
  /** Reads it, while others have the turn. */
  look(workspaceId: string, drafts: readonly Draft[]): Promise<Ahead>;
  /** Stores a batch; null when the settings are no longer those it was prepared by. One at a time for each workspace. */
  store(workspaceId: string, batch: Batch): Promise<{ kept: Kept | null } | null>;
};

/** So often a batch is tried again: others may take the turn, and events in it may turn out to be stored already. */
const TRIES = 10;

/**
 * Places events in their visits and stores them. As long as this process is the last that wrote visits of a workspace
 * (`event_turns`), it knows them: only visitors it has not seen are looked up, before their events' turn comes, and one
 * statement stores a batch, provided that all it was placed by still holds. If not, nothing is stored and everything is
 * looked up anew under the turn.
 */
export function openPlacing(world: World): Placing {
  const writer = randomUUID();
  const remembered = new RememberedVisits();
  /** Workspaces whose visits this process wrote last, as far as it knows. */
  const owned = new Set<string>();

  const isKnown = (workspaceId: string, draft: Draft) => remembered.find(workspaceId, placeOf(draft)) !== undefined;

  /** The visits these may belong to: as this process knows them, else as they were read ahead, else as they are read now. */
  const openFor = async (ask: Ask, workspaceId: string, drafts: readonly Draft[], ahead: ReadonlyMap<Draft, Ahead>) => {
    const open: OpenVisits = new Map();
    const missing: Draft[] = [];
    const era = remembered.era(workspaceId);
    for (const draft of drafts) {
      const read = ahead.get(draft);
      const isRead = read !== undefined && read.era === era;
      if (!isRead && !isKnown(workspaceId, draft)) missing.push(draft);
      for (const { visitor } of visitorsOf([draft])) {
        const place = placeOf({ appId: draft.appId, visitor });
        const visit = remembered.find(workspaceId, place) ?? (isRead ? read.visits.get(place) : undefined);
        // A copy: placing changes it, and what is not stored then must not be remembered.
        if (visit) open.set(place, { ...visit });
      }
    }
    const found = await findVisits(ask, workspaceId, visitorsOf(missing), spanOf(missing, world.clock.now()));
    for (const visit of found) {
      const place = placeOf(visit);
      if (!open.has(place)) open.set(place, visit);
    }
    return open;
  };

  const clicksFor = async (
    ask: Ask,
    workspaceId: string,
    drafts: readonly Draft[],
    ahead: ReadonlyMap<Draft, Ahead>,
  ) => {
    const clicks = new Map<string, Click>();
    const missing = new Set<string>();
    for (const draft of drafts) {
      if (draft.clickId === null) continue;
      const read = ahead.get(draft);
      const click = read?.clicks.get(draft.clickId);
      if (click) clicks.set(draft.clickId, click);
      else if (!read) missing.add(draft.clickId);
    }
    for (const [id, click] of await clicksOf(ask, workspaceId, [...missing])) clicks.set(id, click);
    return clicks;
  };

  const attempt = async (
    workspaceId: string,
    drafts: readonly Draft[],
    batch: Batch,
    ahead: ReadonlyMap<Draft, Ahead>,
  ) => {
    const begins = !owned.has(workspaceId) && drafts.length > 0;
    if (begins) remembered.renew(workspaceId);
    try {
      const sent = await world.db.line(workspaceId, TURN, async ({ tx, ask }) => {
        if (begins) void takeTurn(ask, workspaceId, writer).catch(() => undefined);
        const open = openFor(ask, workspaceId, drafts, ahead);
        const clicks = await clicksFor(ask, workspaceId, drafts, ahead);
        const placed = placeDrafts(drafts, { ...batch, open: await open, clicks });
        const now = world.clock.now();
        const written = writePlaced(ask, workspaceId, { writer, signature: batch.signature, now }, placed);
        written.catch(() => undefined);
        const follows = placed.happenings.length + placed.first.length + batch.refused.length > 0;
        if (follows && isStored(await written, drafts)) {
          await followUp({ ...asSystem(world, workspaceId, 'events'), tx }, placed);
          await countRefusals(ask, workspaceId, now, batch.refused);
        }
        // Not waited for: the commit goes out with it.
        return { placed, written };
      });
      const verdict = await sent.written;
      const stored = isStored(verdict, drafts);
      if (verdict.mine) owned.add(workspaceId);
      else owned.delete(workspaceId);
      if (stored && batch.signature !== null)
        for (const { visit } of sent.placed.touched) remembered.keep(workspaceId, visit);
      // What comes late says nothing of who is here now; it was written, so what others have read ahead is old.
      else if (stored) remembered.renew(workspaceId);
      return { verdict, stored, changes: sent.placed.changes };
    } catch (error) {
      // Nobody knows what of it was stored.
      owned.delete(workspaceId);
      throw error;
    }
  };

  return {
    needsLook: (workspaceId, draft) =>
      owned.has(workspaceId) && (draft.clickId !== null || !isKnown(workspaceId, draft)),
    look(workspaceId, drafts) {
      const era = remembered.era(workspaceId);
      return world.db.line(workspaceId, null, async ({ ask }) => {
        const wanted = visitorsOf(drafts.filter((draft) => !isKnown(workspaceId, draft)));
        const clickIds = [...new Set(drafts.flatMap(({ clickId }) => clickId ?? []))];
        const clicks = clicksOf(ask, workspaceId, clickIds);
        const found = await findVisits(ask, workspaceId, wanted, spanOf(drafts, world.clock.now()));
        return { era, visits: new Map(found.map((visit) => [placeOf(visit), visit])), clicks: await clicks };
      });
    },
    async store(workspaceId, batch) {
      const ahead = new Map(
        batch.drafts.flatMap((draft, index): [Draft, Ahead][] => {
          const read = batch.ahead[index];
          return read ? [[draft, read]] : [];
        }),
      );
      let drafts = eachOnce(batch.drafts);
      for (let tries = 0; tries < TRIES; tries++) {
        const { verdict, stored, changes } = await attempt(workspaceId, drafts, batch, ahead);
        if (stored) return { kept: verdict.kept === null ? null : { id: verdict.kept, changes } };
        if (!verdict.current) return null;
        const known = new Set(verdict.known);
        drafts = drafts.filter(({ appId, id }) => !known.has(`${appId} ${id}`));
      }
      throw new Error('Others write events of this workspace without end.');
    },
  };
}

/** Without events nothing depends on whose turn it is. */
function isStored(verdict: Verdict, drafts: readonly Draft[]): boolean {
  return drafts.length === 0 ? verdict.current : isWritten(verdict);
}

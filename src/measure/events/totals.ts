import type { World } from '#src/context.ts';
import { gather } from '#src/gather.ts';
import { addWith, type Change, Sums, TOTALS_TURN } from '#src/measure/rollups.ts';

/** No more often than this are the changes of a workspace added to its totals, in milliseconds. */
const EVERY = 1000;
/** Adding takes no more than one part in so many of the time, as long as nobody waits longer than this for it. */
const PART = 12;
const LONGEST = 5000;
/** The sum of so many batches of a workspace is remembered; what is more is read again. */
const REMEMBERED = 1000;

/** What is kept of a batch beside the totals: under which number, and what. */
export type Kept = { id: number; changes: readonly Change[] };

export type Totals = {
  /** Events were stored whose changes, or others, still have to be added. */
  owe(workspaceId: string, kept: Kept | null): void;
  /** Adds at once what is owed. */
  rest(): Promise<void>;
};

/** Adds to the totals, together, what was stored beside them. */
export function openTotals(world: World): Totals {
  /** From when on the totals of a workspace may be brought up to date again. */
  const next = new Map<string, number>();
  const sleepers = new Set<() => void>();
  let isHurried = false;

  const sleep = (milliseconds: number) =>
    new Promise<void>((wake) => {
      const up = () => {
        clearTimeout(timer);
        sleepers.delete(up);
        wake();
      };
      const timer = setTimeout(up, milliseconds);
      sleepers.add(up);
    });
  const remembered = new Map<string, { ids: Set<number>; sums: Sums }>();
  const adding = gather<null>({ lanes: 100, largest: 100_000 }, async (workspaceId) => {
    const wait = (next.get(workspaceId) ?? 0) - Date.now();
    if (wait > 0 && !isHurried) await sleep(wait);
    const begun = Date.now();
    // Of what fails here the sums are lost, not what was kept.
    const known = remembered.get(workspaceId);
    remembered.delete(workspaceId);
    try {
      await world.db.line(workspaceId, TOTALS_TURN, async ({ ask }) => {
        if ((await addWith(ask, workspaceId, [], known)) > 0) while ((await addWith(ask, workspaceId, [])) > 0);
      });
    } catch (error) {
      world.log.warn({ err: error }, 'Totals could not be brought up to date yet');
    }
    const took = Date.now() - begun;
    next.set(workspaceId, Date.now() + Math.min(LONGEST, Math.max(EVERY, took * PART)));
  });

  return {
    owe(workspaceId, kept) {
      const known = remembered.get(workspaceId) ?? { ids: new Set(), sums: new Sums() };
      remembered.set(workspaceId, known);
      if (kept !== null && known.ids.size < REMEMBERED) {
        known.ids.add(kept.id);
        for (const change of kept.changes) known.sums.add(change);
      }
      adding.add(workspaceId, null);
    },
    async rest() {
      isHurried = true;
      for (const wake of sleepers) wake();
      await adding.rest();
      isHurried = false;
    },
  };
}

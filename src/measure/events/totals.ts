import type { World } from '#src/context.ts';
import { gather } from '#src/gather.ts';
import { addWith } from '#src/measure/rollups.ts';

/** No more often than this are the changes of a workspace added to its totals, in milliseconds. */
const EVERY = 1000;

export type Totals = {
  /** Events were stored whose changes still have to be added. */
  owe(workspaceId: string): void;
  /** Whether this process knows that the totals of a workspace lack nothing. */
  areCurrent(workspaceId: string): boolean;
  /** Adds at once what is owed. */
  rest(): Promise<void>;
};

/** Adds to the totals, together, what was stored beside them under load. */
export function openTotals(world: World): Totals {
  /** When the totals of a workspace were last brought up to date; those of one not in here may lack something. */
  const added = new Map<string, number>();
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
  const adding = gather<null>({ lanes: 100, largest: 100_000 }, async (workspaceId) => {
    const since = Date.now() - (added.get(workspaceId) ?? 0);
    if (since < EVERY && !isHurried) await sleep(EVERY - since);
    try {
      await world.db.line(workspaceId, 'fanfare.totals', async ({ ask }) => {
        while ((await addWith(ask, workspaceId, [])) > 0);
      });
    } catch (error) {
      world.log.warn({ err: error }, 'Totals could not be brought up to date yet');
    }
    added.set(workspaceId, Date.now());
  });

  return {
    owe: (workspaceId) => adding.add(workspaceId, null),
    areCurrent: (workspaceId) => added.has(workspaceId) && adding.waiting(workspaceId) === 0,
    async rest() {
      isHurried = true;
      for (const wake of sleepers) wake();
      await adding.rest();
      isHurried = false;
    },
  };
}

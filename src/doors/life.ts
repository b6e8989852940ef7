import { setTimeout as pause } from 'node:timers/promises';

/** What this process is doing. It answers requests only while it is serving. */
export type Phase = 'starting' | 'migrating' | 'serving' | 'leaving';

/**
 * In which order a process leaves: first nothing new is taken and what is under way is finished, then the connections
 * go, then what was not finished is handed back (nobody here can write any more), then the database stops.
 */
const ORDER = ['work', 'connections', 'leases', 'database', 'folder'] as const;
export type Stage = (typeof ORDER)[number];

/**
 * How long each is waited for, in milliseconds. Together they stay below the 30 s that compose.yaml gives; a database
 * that is stopping is never left alone.
 */
const PATIENCE: Record<Stage, number> = {
  work: 18_000,
  connections: 3_000,
  leases: 2_000,
  database: Number.POSITIVE_INFINITY,
  folder: Number.POSITIVE_INFINITY,
};

export type Life = {
  phase(): Phase;
  /** Throws `Leaving` when the process has been told to leave meanwhile. */
  enter(phase: 'migrating' | 'serving'): void;
  /** Has it stopped at its turn. Throws `Leaving`, as `enter` does, and has it stopped all the same. */
  keep(stage: Stage, name: string, stop: () => Promise<unknown>): void;
  /** Leaves: stops everything in its order, also what is still being started (`starting`). Never throws. */
  leave(starting?: Promise<unknown>): Promise<void>;
};

/** Thrown in the middle of starting, when it is over. */
export class Leaving extends Error {
  constructor() {
    super('It was told to stop while it was starting.');
    this.name = 'Leaving';
  }
}

/** @param complain says what could not be stopped in order */
export function openLife(complain: (text: string) => void, patience: Record<Stage, number> = PATIENCE): Life {
  const kept: { stage: Stage; name: string; stop: () => Promise<unknown> }[] = [];
  let phase: Phase = 'starting';
  let left: Promise<void> | null = null;

  const goOn = () => {
    if (phase === 'leaving') throw new Leaving();
  };
  const stopOne = async (stage: Stage, name: string, stop: () => Promise<unknown>) => {
    try {
      if (await within(patience[stage], stop())) return;
      complain(`The ${name} did not end within ${patience[stage] / 1000} s and will be taken up at the next start.`);
    } catch (error) {
      complain(`Could not stop the ${name}: ${(error as Error).message}`);
    }
  };
  const stopAll = async (starting: Promise<unknown>) => {
    await within(
      patience.work,
      starting.catch(() => undefined),
    );
    for (const stage of ORDER)
      await Promise.all(kept.filter((one) => one.stage === stage).map(({ name, stop }) => stopOne(stage, name, stop)));
  };

  return {
    phase: () => phase,
    enter(next) {
      goOn();
      phase = next;
    },
    keep(stage, name, stop) {
      kept.push({ stage, name, stop });
      goOn();
    },
    leave(starting = Promise.resolve()) {
      phase = 'leaving';
      left ??= stopAll(starting);
      return left;
    },
  };
}

/** False when it takes longer. */
async function within(milliseconds: number, ending: Promise<unknown>): Promise<boolean> {
  if (!Number.isFinite(milliseconds)) return ending.then(() => true);
  const over = new AbortController();
  const late = pause(milliseconds, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([ending.then(() => true), late]);
  } finally {
    over.abort();
  }
}

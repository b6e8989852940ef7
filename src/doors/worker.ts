import { Logger, parseCronItems, type Runner, run, runOnce, type TaskList } from 'graphile-worker';
import pg from 'pg';
import type { World } from '#src/context.ts';
import { crontab, flow } from '#src/flow.ts';
import type { Jobs } from '#src/jobs.ts';
import { react, runClock, runReaction, tickAll } from '#src/reactions.ts';

/** One line per task of the queue, each calling a verb that also runs without it. */
export function tasks(world: World): TaskList {
  return {
    react: (payload) => react(world, payload as Jobs['react']),
    reaction: (payload) => runReaction(world, payload as Jobs['reaction']),
    clock: (payload) => runClock(world, payload as Jobs['clock']),
    clock_all: (payload) => tickAll(world, (payload as Jobs['clock_all']).reaction),
  };
}

export type Worker = { stop(): Promise<void> };

/**
 * Works through the queue until stopped; then finishes what it is doing. It logs in as the owner, because the queue's
 * schema is closed to the server role; the verbs themselves run on the world's own connections.
 */
export async function startWorker(world: World, owner: pg.ClientConfig): Promise<Worker> {
  const pool = new pg.Pool({ ...owner, max: 4 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const runner: Runner = await run({
    pgPool: pool,
    concurrency: 4,
    pollInterval: 2000,
    noHandleSignals: true,
    taskList: tasks(world),
    parsedCronItems: cronItems(),
    logger: quiet(world),
  });
  return {
    async stop() {
      await runner.stop();
      await pool.end();
    },
  };
}

/** Runs everything that is due now and returns: for tests and the seed. */
export async function drain(world: World, owner: pg.ClientConfig): Promise<void> {
  const pool = new pg.Pool({ ...owner, max: 2 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runOnce({ pgPool: pool, taskList: tasks(world), noHandleSignals: true, logger: quiet(world) });
  } finally {
    await pool.end();
  }
}

function cronItems() {
  return parseCronItems(
    flow
      .filter((line) => 'every' in line)
      .map((line) => ({
        task: 'clock_all',
        match: crontab[line.every],
        identifier: line.does,
        payload: { reaction: line.does },
      })),
  );
}

/** The queue's own words go to our log: failures as warnings, the rest only when debugging. */
function quiet(world: World): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error' || level === 'warning') world.log.warn({ queue: true }, message);
    else world.log.debug({ queue: true }, message);
  });
}

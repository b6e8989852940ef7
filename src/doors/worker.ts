import { EventEmitter } from 'node:events';
import { Logger, parseCronItems, type Runner, run, runOnce, type TaskList, type WorkerEvents } from 'graphile-worker';
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
  const pool = openPool(owner, 5);
  const signs = await showLife(world, pool);
  await freeOrphans(world, pool);
  const freeing = setInterval(
    () =>
      freeOrphans(world, pool).catch((error: Error) =>
        world.log.warn({ err: error }, 'Jobs of dead workers were not freed'),
      ),
    30_000,
  );
  const runner: Runner = await run({
    pgPool: pool,
    concurrency: 4,
    pollInterval: 2000,
    noHandleSignals: true,
    taskList: tasks(world),
    parsedCronItems: cronItems(),
    events: signs.events,
    logger: quiet(world),
  });
  return {
    async stop() {
      clearInterval(freeing);
      await runner.stop();
      signs.release();
      await pool.end();
    },
  };
}

/** Runs everything that is due now, `concurrency` at a time, and returns: for tests and the seed. */
export async function drain(world: World, owner: pg.ClientConfig, concurrency = 1): Promise<void> {
  const pool = openPool(owner, concurrency + 1);
  try {
    await runOnce({ pgPool: pool, concurrency, taskList: tasks(world), noHandleSignals: true, logger: quiet(world) });
  } finally {
    await pool.end();
  }
}

function openPool(owner: pg.ClientConfig, max: number): pg.Pool {
  const pool = new pg.Pool({ ...owner, max });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Each worker holds an advisory lock under its name for as long as its process lives: PostgreSQL lets go of it when the
 * connection ends, however it ends. Without it a killed worker's jobs would stay taken for four hours.
 */
async function showLife(world: World, pool: pg.Pool) {
  const client = await pool.connect();
  const events = new EventEmitter() as WorkerEvents;
  let last: Promise<unknown> = Promise.resolve();
  events.on('worker:create', ({ worker }) => {
    last = last
      .then(() => client.query('select pg_advisory_lock(hashtext($1))', [worker.workerId]))
      .catch((error: Error) => world.log.warn({ err: error }, 'A worker could not show that it lives'));
  });
  return { events, release: () => client.release(true) };
}

/** Takes the jobs of workers that died out of their hands. */
async function freeOrphans(world: World, pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      'select distinct locked_by as name from graphile_worker.jobs where locked_by is not null',
    );
    for (const { name } of rows) {
      const lock = await client.query<{ dead: boolean }>('select pg_try_advisory_lock(hashtext($1)) as dead', [name]);
      if (!lock.rows[0]?.dead) continue;
      await client.query('select graphile_worker.force_unlock_workers(array[$1])', [name]);
      await client.query('select pg_advisory_unlock(hashtext($1))', [name]);
      world.log.warn(`Took over the jobs of a worker that died (${name})`);
    }
  } finally {
    client.release();
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

import { EventEmitter } from 'node:events';
import {
  Logger,
  parseCronItems,
  type Runner,
  run,
  runOnce,
  type Task,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker';
import pg from 'pg';
import type { World } from '#src/context.ts';
import { crontab, flow } from '#src/flow.ts';
import type { Jobs } from '#src/jobs.ts';
import { BACKUPS, planDueBackup, runBackup, verifyBackup } from '#src/people/backups/make.ts';
import { deliverWaiting } from '#src/people/webhooks/deliver.ts';
import { react, runClock, runReaction, tickAll } from '#src/reactions.ts';
import { type Carried, carryOn } from '#src/trail.ts';

/** One line per task of the queue, each calling a verb that also runs without it. Backups read as the owner. */
export function tasks(world: World, owner: pg.ClientConfig): TaskList {
  return {
    react: (payload) => react(world, payload as Jobs['react']),
    reaction: (payload) => runReaction(world, payload as Jobs['reaction']),
    clock: (payload) => runClock(world, payload as Jobs['clock']),
    clock_all: (payload) => tickAll(world, (payload as Jobs['clock_all']).reaction),
    backup: async (payload) => {
      await runBackup(world, owner, (payload as Jobs['backup']).backupId);
    },
    backup_verify: (payload) => verifyBackup(world, (payload as Jobs['backup_verify']).backupId),
    backup_due: async () => {
      const due = await planDueBackup(world);
      if (due) await runBackup(world, owner, due);
    },
    deliver: (payload) => deliverWaiting(world, payload as Jobs['deliver']),
  };
}

/** Is told of each job how it ended and how long it took, in seconds. */
export type Tell = (name: string, outcome: 'done' | 'failed', seconds: number) => void;

/** Runs each task on the trail of the request that its job comes of; a job that the clock set off has its own. */
function followed(list: TaskList, tell: Tell = () => undefined): TaskList {
  const follow = (task: Task): Task => {
    return async (payload, helpers) => {
      const { id, task_identifier: identifier } = helpers.job;
      const known = payload as Carried & { reaction?: string };
      const name = known.reaction ?? identifier;
      const begun = performance.now();
      const told = (outcome: 'done' | 'failed') => tell(name, outcome, (performance.now() - begun) / 1000);
      try {
        await carryOn(known, `job-${id}`, name, async () => {
          await task(payload, helpers);
        });
        told('done');
      } catch (error) {
        told('failed');
        throw error;
      }
    };
  };
  return Object.fromEntries(Object.entries(list).map(([name, task]) => [name, follow(task as Task)]));
}

export type Worker = {
  /** Takes no more jobs and returns when those under way are done. */
  stop(): Promise<void>;
  /** Hands back what was not done, to be taken up by others at once. To be called when nothing here writes any more. */
  release(): Promise<void>;
};

/**
 * Works through the queue until stopped; then finishes what it is doing. It logs in as the owner, because the queue's
 * schema is closed to the server role; the verbs themselves run on the world's own connections.
 */
export async function startWorker(world: World, owner: pg.ClientConfig, tell?: Tell): Promise<Worker> {
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
    taskList: followed(tasks(world, owner), tell),
    parsedCronItems: cronItems(),
    events: signs.events,
    logger: quiet(world),
  });
  let stopped: Promise<void> | null = null;
  let isIdle = false;
  return {
    stop() {
      clearInterval(freeing);
      stopped ??= Promise.resolve(runner.stop()).then(() => {
        isIdle = true;
      });
      return stopped;
    },
    async release() {
      await pool.query('select graphile_worker.force_unlock_workers($1)', [signs.names]);
      signs.release();
      // A job that goes on all the same still wants to say how it ended.
      if (isIdle) await pool.end();
      else void stopped?.then(() => pool.end());
    },
  };
}

/** Runs everything that is due now, `concurrency` at a time, and returns: for tests and the seed. */
export async function drain(world: World, owner: pg.ClientConfig, concurrency = 1): Promise<void> {
  const pool = openPool(owner, concurrency + 1);
  try {
    await runOnce({
      pgPool: pool,
      concurrency,
      taskList: followed(tasks(world, owner)),
      noHandleSignals: true,
      logger: quiet(world),
    });
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
 * Each worker holds an advisory lock under the name that its jobs are taken by (that of its pool), for as long as its
 * process lives: PostgreSQL lets go of it when the connection ends, however it ends. Without it a killed worker's jobs
 * would stay taken for four hours.
 */
async function showLife(world: World, pool: pg.Pool) {
  const client = await pool.connect();
  const events = new EventEmitter() as WorkerEvents;
  const names: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  events.on('pool:create', ({ workerPool }) => {
    names.push(workerPool.id);
    last = last
      .then(() => client.query('select pg_advisory_lock(hashtext($1))', [workerPool.id]))
      .catch((error: Error) => world.log.warn({ err: error }, 'A worker could not show that it lives'));
  });
  return { events, names, release: () => client.release(true) };
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
  const clock = flow
    .filter((line) => 'every' in line)
    .map((line) => ({
      task: 'clock_all',
      match: crontab[line.every],
      identifier: line.does,
      payload: { reaction: line.does },
    }));
  // Twice an hour, so that a machine that was off at the hour makes its backup soon after it is on.
  const daily = { task: 'backup_due', match: '2,32 * * * *', identifier: 'make the daily backup' };
  return parseCronItems([...clock, { ...daily, options: { queueName: BACKUPS, maxAttempts: 3 } }]);
}

/** The queue's own words go to our log: failures as warnings, the rest only when debugging. */
function quiet(world: World): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error' || level === 'warning') world.log.warn({ queue: true }, message);
    else world.log.debug({ queue: true }, message);
  });
}

import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';

/** Payloads of the jobs, by task. Ids only: no secret and no text of a person stands in the queue. */
export type Jobs = {
  /** Looks up in the flow what an activity sets off. */
  react: { workspaceId: string; activityId: string };
  /** Runs one line of the flow for one activity. */
  reaction: { workspaceId: string; activityId: string; reaction: string };
  /** Runs one line of the flow that the clock set off, for one workspace. */
  clock: { workspaceId: string; reaction: string };
  /** Queues a clock line for every workspace. */
  clock_all: { reaction: string };
};

export type Timing = {
  runAt?: Date;
  /** One waiting job per key: a second one replaces the first. */
  key?: string;
  /** Jobs of one queue run one after another. */
  queue?: string;
  maxAttempts?: number;
};

/** Adds a job in the caller's transaction. Jobs are safe to run twice. */
export async function enqueue<T extends keyof Jobs>(
  inside: Pick<Inside, 'tx'> | { tx: Tx },
  task: T,
  payload: Jobs[T],
  timing: Timing = {},
): Promise<void> {
  await sql`select enqueue(${task}, ${JSON.stringify(payload)}::json, ${timing.key ?? null}, ${timing.runAt ?? null}::timestamptz, ${timing.queue ?? null}, ${timing.maxAttempts ?? null}::integer)`.execute(
    inside.tx,
  );
}

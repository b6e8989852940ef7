import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';
import { carried } from '#src/trail.ts';

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
  /** Makes a planned backup of the whole installation. */
  backup: { backupId: string };
  /** Restores a backup into a scratch database and compares every row. */
  backup_verify: { backupId: string };
  /** Plans the backup that is due, if one is. */
  backup_due: Record<string, never>;
  /** Sends a webhook the notes that wait for it. */
  deliver: { workspaceId: string; webhookId: string };
};

export type Timing = {
  runAt?: Date;
  /** One waiting job per key: a second one replaces the first. */
  key?: string;
  /** Jobs of one queue run one after another. */
  queue?: string;
  maxAttempts?: number;
};

/**
 * Adds a job in the caller's transaction. Jobs are safe to run twice. Beside its payload it carries the id of the request
 * that it comes of.
 */
export async function enqueue<T extends keyof Jobs>(
  inside: Pick<Inside, 'tx'> | { tx: Tx },
  task: T,
  payload: Jobs[T],
  timing: Timing = {},
): Promise<void> {
  const whole = { ...payload, ...carried() };
  await sql`select enqueue(${task}, ${JSON.stringify(whole)}::json, ${timing.key ?? null}, ${timing.runAt ?? null}::timestamptz, ${timing.queue ?? null}, ${timing.maxAttempts ?? null}::integer)`.execute(
    inside.tx,
  );
}

import type { ActivityName } from '#src/activity.ts';
import { asSystem, type Context, shared, transaction, type World } from '#src/context.ts';
import { enqueue } from '#src/jobs.ts';

/** What set a reaction off: the row of the activity. */
export type Activity = { id: string; name: string; subjectId: string; detail: unknown };

export type Reaction =
  | { when: ActivityName; does: string; run(context: Context, activity: Activity): Promise<void> }
  | { every: Period; does: string; run(context: Context): Promise<void> };

export type Period = 'hour' | 'day' | 'monday' | 'month' | 'quarter' | 'year';

/** When each clock line runs, as cron in UTC. Spread over the hour so that they do not meet. */
export const crontab: Record<Period, string> = {
  hour: '7 * * * *',
  day: '23 3 * * *',
  monday: '41 6 * * 1',
  month: '47 6 1 * *',
  quarter: '51 6 1 1,4,7,10 *',
  year: '55 6 1 1 *',
};

/**
 * THE LOOP. What each activity or the clock sets off; every line is safe to run twice. Publishing what is due is not
 * here: it has its own queue, looked at every second (distribute/publications).
 */
export const flow: Reaction[] = [];

/** Queues one job per line that answers to this activity, so that each is retried on its own. */
export async function react(
  world: World,
  { workspaceId, activityId }: { workspaceId: string; activityId: string },
): Promise<void> {
  await transaction(asSystem(world, workspaceId, 'flow'), async (inside) => {
    const activity = await inside.tx
      .selectFrom('activities')
      .select('name')
      .where('id', '=', activityId)
      .executeTakeFirst();
    if (!activity) return;
    for (const line of flow)
      if ('when' in line && line.when === activity.name)
        await enqueue(
          inside,
          'reaction',
          { workspaceId, activityId, reaction: line.does },
          { key: `${activityId}:${line.does}` },
        );
  });
}

/** Runs one line for one activity and keeps how it ended (flow_runs). Throws what the line threw: the queue retries. */
export async function runReaction(
  world: World,
  job: { workspaceId: string; activityId: string; reaction: string },
): Promise<void> {
  const line = flow.find((one) => 'when' in one && one.does === job.reaction);
  if (!line || !('when' in line)) return;
  const context = asSystem(world, job.workspaceId, line.does);
  const activity = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('activities')
      .select(['id', 'name', 'subjectId', 'detail'])
      .where('id', '=', job.activityId)
      .executeTakeFirst(),
  );
  if (!activity) return;
  await keepRun(context, line.does, activity.id, () =>
    line.run(context, { ...activity, subjectId: activity.subjectId ?? '' }),
  );
}

/** Queues a clock line for every workspace. */
export async function tickAll(world: World, reaction: string): Promise<void> {
  await shared(world, async (tx) => {
    for (const { id } of await tx.selectFrom('workspaces').select('id').execute())
      await enqueue({ tx }, 'clock', { workspaceId: id, reaction }, { key: `${id}:${reaction}` });
  });
}

/** Runs one clock line for one workspace. */
export async function runClock(world: World, job: { workspaceId: string; reaction: string }): Promise<void> {
  const line = flow.find((one) => 'every' in one && one.does === job.reaction);
  if (!line || !('every' in line)) return;
  const context = asSystem(world, job.workspaceId, line.does);
  await keepRun(context, line.does, null, () => line.run(context));
}

async function keepRun(
  context: Context,
  reaction: string,
  activityId: string | null,
  run: () => Promise<void>,
): Promise<void> {
  const { id } = await transaction(context, ({ tx, workspaceId, clock }) =>
    tx
      .insertInto('flowRuns')
      .values({ workspaceId, reaction, activityId, startedAt: clock.now() })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  const finish = (outcome: 'done' | 'failed', message: string | null) =>
    transaction(context, ({ tx, clock }) =>
      tx.updateTable('flowRuns').set({ finishedAt: clock.now(), outcome, message }).where('id', '=', id).execute(),
    );
  try {
    await run();
    await finish('done', null);
  } catch (error) {
    await finish('failed', (error as Error).message);
    throw error;
  }
}

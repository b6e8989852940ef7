import { Cron } from 'croner';
import { z } from 'zod';
import { asSystem, type Context, shared, transaction, type World } from '#src/context.ts';
import { crontab, flow } from '#src/flow.ts';
import { enqueue } from '#src/jobs.ts';
import { nothing, operation } from '#src/operation.ts';
import { expectNotes } from '#src/people/webhooks/deliver.ts';

/** Queues one job per line that answers to this activity, so that each is retried on its own, and the notes for webhooks. */
export async function react(
  world: World,
  { workspaceId, activityId }: { workspaceId: string; activityId: string },
): Promise<void> {
  await transaction(asSystem(world, workspaceId, 'flow'), async (inside) => {
    const activity = await inside.tx
      .selectFrom('activities')
      .select(['id', 'name', 'subjectId', 'happenedAt'])
      .where('id', '=', activityId)
      .executeTakeFirst();
    if (!activity) return;
    await expectNotes(inside, activity);
    for (const line of flow) {
      if (!('when' in line) || line.when !== activity.name) continue;
      const scope = { workspace: workspaceId, subject: activity.subjectId ?? workspaceId };
      const key = `${line.sweeps ? scope[line.sweeps] : activityId}:${line.does}`;
      await enqueue(inside, 'reaction', { workspaceId, activityId, reaction: line.does }, { key });
    }
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
    line.run(context, {
      ...activity,
      subjectId: activity.subjectId ?? '',
      detail: activity.detail as Record<string, string>,
    }),
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
  run: () => Promise<unknown>,
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

const outcome = z.enum(['running', 'done', 'failed']);

export const flowOperations = {
  list: operation({
    summary: 'List what happens by itself: what sets it off, when it last ran, when it runs next.',
    route: 'GET /flow',
    access: 'read',
    input: nothing,
    output: z.object({
      lines: z.array(
        z.object({
          stage: z.enum(['understand', 'plan', 'distribute', 'measure', 'grow']),
          trigger: z.enum(['activity', 'clock', 'tick']),
          when: z.string(),
          does: z.string(),
          lastRun: z
            .object({ startedAt: z.date(), finishedAt: z.date().nullable(), outcome, message: z.string().nullable() })
            .nullable(),
          runs: z.int(),
          failures: z.int(),
          nextRunAt: z.date().nullable(),
        }),
      ),
      recent: z.array(z.object({ name: z.string(), happenedAt: z.date(), actor: z.string() })),
    }),
    run: (context) =>
      transaction(context, async ({ tx, clock }) => {
        const counts = await tx
          .selectFrom('flowRuns')
          .select(['reaction'])
          .select((eb) => [
            eb.fn.countAll<number>().as('runs'),
            eb.fn.countAll<number>().filterWhere('outcome', '=', 'failed').as('failures'),
          ])
          .groupBy('reaction')
          .execute();
        const last = await tx
          .selectFrom('flowRuns')
          .distinctOn('reaction')
          .select(['reaction', 'startedAt', 'finishedAt', 'outcome', 'message'])
          .orderBy('reaction')
          .orderBy('startedAt', 'desc')
          .execute();
        const lines = flow.map((line) => {
          const { reaction: _, ...lastRun } = last.find((run) => run.reaction === line.does) ?? { reaction: null };
          const { runs, failures } = counts.find((count) => count.reaction === line.does) ?? { runs: 0, failures: 0 };
          return {
            stage: line.stage,
            trigger: 'when' in line ? ('activity' as const) : ('clock' as const),
            when: 'when' in line ? line.when : line.every,
            does: line.does,
            lastRun: 'startedAt' in lastRun ? lastRun : null,
            runs,
            failures,
            nextRunAt: 'every' in line ? new Cron(crontab[line.every], { timezone: 'UTC' }).nextRun(clock.now()) : null,
          };
        });
        const recent = await tx
          .selectFrom('activities')
          .select(['name', 'happenedAt', 'actor'])
          .orderBy('happenedAt', 'desc')
          .limit(30)
          .execute();
        const publishing = {
          stage: 'distribute' as const,
          trigger: 'tick' as const,
          when: 'second',
          does: 'publish what is due',
          lastRun: null,
          runs: 0,
          failures: 0,
          nextRunAt: null,
        };
        return { lines: [...lines, publishing], recent };
      }),
  }),
};

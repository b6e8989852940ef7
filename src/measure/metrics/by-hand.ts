import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { done, id, operation } from '#src/operation.ts';
import { HN_API, idOfStory, readStory } from '#src/outside/hackernews.ts';
import { notFound, refuse } from '#src/refusal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Every hour: points and comments of what was sent by hand to Hacker News; hourly on the first day, then daily for a
 * week. Of what stands on a connected account the numbers come as for every post. Returns how many were read. Safe to run
 * twice.
 */
export async function collectByHand(context: Context, hackerNews: string = HN_API): Promise<number> {
  // The demo keeps to itself.
  if (context.demo) return 0;
  const now = context.clock.now();
  const tasks = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('assistedTasks')
      .leftJoin('assistedSnapshots', (join) =>
        join
          .onRef('assistedSnapshots.assistedTaskId', '=', 'assistedTasks.id')
          .on('assistedSnapshots.source', '=', 'platform'),
      )
      .select(['assistedTasks.id', 'foundUrl', 'doneAt'])
      .select((eb) => eb.fn.max('takenAt').as('takenAt'))
      .where('platform', '=', 'hackernews')
      .where('foundUrl', 'is not', null)
      .where('doneAt', '>', new Date(now.getTime() - 8 * DAY))
      .groupBy(['assistedTasks.id', 'foundUrl', 'doneAt'])
      .execute(),
  );
  let read = 0;
  for (const { id: assistedTaskId, foundUrl, doneAt, takenAt } of tasks) {
    const storyId = foundUrl === null ? null : idOfStory(foundUrl);
    const age = now.getTime() - (doneAt?.getTime() ?? 0);
    // A minute early still counts: the clock's line does not run to the second.
    const wait = (age < DAY ? HOUR : DAY) - 60_000;
    if (storyId === null || (takenAt !== null && now.getTime() - takenAt.getTime() < wait)) continue;
    const story = await readStory(storyId, hackerNews);
    if (!story) continue;
    read++;
    await transaction(context, ({ tx, workspaceId }) =>
      tx
        .insertInto('assistedSnapshots')
        .values({
          workspaceId,
          assistedTaskId,
          takenAt: now,
          likes: story.points,
          replies: story.comments,
          source: 'platform',
        })
        .onConflict((oc) => oc.columns(['workspaceId', 'assistedTaskId', 'takenAt']).doNothing())
        .execute(),
    );
  }
  return read;
}

const count = z.int().min(0).max(1_000_000_000_000).nullable().default(null);

/** Operations on posts sent by hand that this stage brings: they stand in the catalog beside those of distribute. */
export const byHandOperations = {
  noteNumbers: operation({
    summary: 'Note the numbers of a post that was sent by hand, where the platform tells them to people only.',
    route: 'POST /assisted/{taskId}/numbers',
    access: 'write',
    input: z.strictObject({ taskId: id, views: count, likes: count, replies: count, reposts: count }),
    output: done,
    run: (context, { taskId, ...numbers }) =>
      transaction(context, async ({ tx, workspaceId, clock }) => {
        if (Object.values(numbers).every((number) => number === null))
          throw refuse('invalid', 'no_number', 'Name at least one number.');
        const task = await tx
          .selectFrom('assistedTasks')
          .select('id')
          .where('id', '=', taskId)
          .where('state', '=', 'done')
          .executeTakeFirst();
        if (!task) throw notFound('finished task');
        const takenAt = clock.now();
        await tx
          .insertInto('assistedSnapshots')
          .values({ workspaceId, assistedTaskId: taskId, takenAt, ...numbers, source: 'person' })
          .onConflict((oc) =>
            oc.columns(['workspaceId', 'assistedTaskId', 'takenAt']).doUpdateSet({ ...numbers, source: 'person' }),
          )
          .execute();
        return { done: true };
      }),
  }),
};

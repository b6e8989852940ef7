import type { ActivityName, activities } from '#src/activities.ts';
import { actorName, type Inside } from '#src/context.ts';
import { enqueue } from '#src/jobs.ts';

type Value = string | number | boolean | null;

/**
 * Records what happened in the caller's transaction (the outbox) and queues the reactions that src/flow.ts lists for
 * it: both are there after the commit, or neither. Returns the activity's id.
 */
export async function record<N extends ActivityName>(
  inside: Inside,
  name: N,
  what: { subjectId?: string; detail?: Partial<Record<keyof (typeof activities)[N]['detail'], Value>> } = {},
): Promise<string> {
  const row = await inside.tx
    .insertInto('activities')
    .values({
      workspaceId: inside.workspaceId,
      name,
      subjectId: what.subjectId ?? null,
      detail: JSON.stringify(what.detail ?? {}),
      actor: actorName(inside.who),
      happenedAt: inside.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await enqueue(inside, 'react', { workspaceId: inside.workspaceId, activityId: row.id });
  return row.id;
}

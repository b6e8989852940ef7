import type { Inside } from '#src/context.ts';

/** The body of a note (docs/webhooks.md): what happened, when and by whom; ids only, to be looked up by the API. */
export type Note = {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
};

/** The note of an activity, the same at every attempt; without one, a test. */
export async function noteOf(
  { tx, workspaceId }: Inside,
  webhookId: string,
  of: { activityId: string | null; createdAt: Date },
): Promise<Note> {
  if (of.activityId === null)
    return { type: 'webhook.test', timestamp: of.createdAt.toISOString(), data: { workspaceId, webhookId } };
  const activity = await tx
    .selectFrom('activities')
    .select(['id', 'name', 'subjectId', 'actor', 'detail', 'happenedAt'])
    .where('id', '=', of.activityId)
    .executeTakeFirstOrThrow();
  return {
    type: activity.name,
    timestamp: activity.happenedAt.toISOString(),
    data: {
      activityId: activity.id,
      workspaceId,
      subjectId: activity.subjectId,
      actor: activity.actor,
      detail: activity.detail,
    },
  };
}

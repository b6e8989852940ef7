import { z } from 'zod';
import { type Inside, transaction, userOf } from '#src/context.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';

/** Tells the people of the workspace something in the app; the same `dedupe` is told once until it is read. */
export async function notify(
  inside: Inside,
  notice: { kind: string; title: string; body?: string; path?: string; dedupe: string },
): Promise<void> {
  await inside.tx
    .insertInto('notices')
    .values({
      workspaceId: inside.workspaceId,
      kind: notice.kind,
      title: notice.title,
      body: notice.body ?? '',
      path: notice.path ?? null,
      dedupe: notice.dedupe,
      createdAt: inside.clock.now(),
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'dedupe']).doNothing())
    .execute();
}

/** What a notice asked for has been done: it need not be read any more. */
export async function settleNotice({ tx, clock }: Inside, dedupe: string): Promise<void> {
  await tx.updateTable('notices').set({ readAt: clock.now(), dedupe: null }).where('dedupe', '=', dedupe).execute();
}

export const noticeOperations = {
  list: operation({
    summary: 'List the notices nobody has read yet.',
    route: 'GET /notices',
    access: 'read',
    input: nothing,
    output: z.object({
      notices: z.array(
        z.object({
          id,
          kind: z.string(),
          title: z.string(),
          body: z.string(),
          path: z.string().nullable(),
          createdAt: z.date(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async ({ tx }) => ({
        notices: await tx
          .selectFrom('notices')
          .select(['id', 'kind', 'title', 'body', 'path', 'createdAt'])
          .where('readAt', 'is', null)
          .orderBy('createdAt', 'desc')
          .limit(100)
          .execute(),
      })),
  }),
  read: operation({
    summary: 'Mark a notice as read.',
    route: 'POST /notices/{noticeId}/read',
    access: 'write',
    input: z.strictObject({ noticeId: id }),
    output: done,
    run: (context, { noticeId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .updateTable('notices')
          .set({ readAt: inside.clock.now(), readBy: userOf(inside), dedupe: null })
          .where('id', '=', noticeId)
          .returning('id')
          .executeTakeFirst();
        if (!row) throw notFound('notice');
        return { done: true };
      }),
  }),
};

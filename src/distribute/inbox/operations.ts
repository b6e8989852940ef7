import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { answerItem, markAnswered } from '#src/distribute/inbox/answer.ts';
import { readInbox } from '#src/distribute/inbox/read.ts';
import { kinds, listItems, readItem, shownConversation, shownItem } from '#src/distribute/inbox/show.ts';
import { done, id, idCursor, nothing, operation, pageInput } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';

const one = z.strictObject({ itemId: id });

export const inboxOperations = {
  list: operation({
    summary: 'List what others wrote to our accounts, unread first, then the newest.',
    route: 'GET /inbox',
    access: 'read',
    input: z.strictObject({
      state: z.enum(['all', 'unread', 'unanswered']).default('all'),
      accountId: id.optional(),
      contactId: id.optional(),
      kind: z.enum(kinds).optional(),
      ...pageInput,
      cursor: idCursor,
    }),
    output: z.object({
      items: z.array(shownItem),
      /** Of the whole inbox, whatever is asked for. */
      counts: z.object({ all: z.int(), unread: z.int(), unanswered: z.int() }),
      cursor: z.string().nullable(),
    }),
    run: (context, input) => transaction(context, (inside) => listItems(inside, input)),
  }),
  get: operation({
    summary: 'Show one with the conversation before it, our post above it, and what an answer costs.',
    route: 'GET /inbox/{itemId}',
    access: 'read',
    input: one,
    output: shownConversation,
    run: (context, { itemId }) => transaction(context, (inside) => readItem(inside, itemId)),
  }),
  read: operation({
    summary: 'Read replies, mentions and quotes of all accounts now; reading can cost money.',
    route: 'POST /inbox/read',
    access: 'write',
    long: true,
    input: nothing,
    output: z.object({ fresh: z.int() }),
    run: async (context) => ({ fresh: await readInbox(context, 'all') }),
  }),
  markRead: operation({
    summary: 'Mark one as read, or as unread again.',
    route: 'POST /inbox/{itemId}/read',
    access: 'write',
    input: z.strictObject({ itemId: id, read: z.boolean().default(true) }),
    output: done,
    run: (context, { itemId, read }) =>
      transaction(context, async ({ tx, clock }) => {
        const row = await tx
          .updateTable('inboxItems')
          .set((eb) => ({ readAt: read ? eb.fn.coalesce('readAt', eb.val(clock.now())) : null }))
          .where('id', '=', itemId)
          .returning('id')
          .executeTakeFirst();
        if (!row) throw notFound('inbox item');
        return { done: true };
      }),
  }),
  markAllRead: operation({
    summary: 'Mark all as read, of one account or of all.',
    route: 'POST /inbox/read-all',
    access: 'write',
    input: z.strictObject({ accountId: id.optional() }),
    output: z.object({ items: z.int() }),
    run: (context, { accountId }) =>
      transaction(context, async (inside) => {
        const { tx, clock } = inside;
        if (accountId !== undefined) await accountOf(inside, accountId);
        const result = await tx
          .updateTable('inboxItems')
          .set({ readAt: clock.now() })
          .where('readAt', 'is', null)
          .$if(accountId !== undefined, (query) => query.where('accountId', '=', accountId ?? ''))
          .executeTakeFirst();
        return { items: Number(result.numUpdatedRows) };
      }),
  }),
  answer: operation({
    summary: 'Answer one: the text goes out under it now, once; answering can cost money.',
    route: 'POST /inbox/{itemId}/answer',
    access: 'destructive',
    input: z.strictObject({
      itemId: id,
      text: z.string().trim().min(1).max(30_000),
      /** The app it is counted with; left out, the one whose post is answered, else the one posted for last. */
      appId: id.optional(),
    }),
    output: z.object({ publicationId: id }),
    run: answerItem,
  }),
  markAnswered: operation({
    summary: 'Say that one was answered on the platform itself.',
    route: 'POST /inbox/{itemId}/answered',
    access: 'write',
    input: one,
    output: done,
    run: async (context, { itemId }) => {
      await markAnswered(context, itemId);
      return { done: true };
    },
  }),
};

import { z } from 'zod';
import { shared, type World } from '#src/context.ts';
import { type Caller, done, id, nothing, openOperation } from '#src/operation.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';

export const sessionOperations = {
  list: openOperation({
    summary: 'List the browsers in which you are signed in.',
    route: 'GET /sessions',
    access: 'read',
    reach: 'person',
    input: nothing,
    output: z.object({
      sessions: z.array(
        z.object({
          id,
          /** The browser you ask with. */
          current: z.boolean(),
          userAgent: z.string().nullable(),
          address: z.string().nullable(),
          signedInAt: z.date(),
          /** Kept once a day. */
          seenAt: z.date(),
          expiresAt: z.date(),
        }),
      ),
    }),
    run: async (caller) => {
      const rows = await shared(caller.world, (tx) =>
        tx
          .selectFrom('sessions')
          .select(['id', 'userAgent', 'ipAddress as address'])
          .select(['createdAt as signedInAt', 'updatedAt as seenAt', 'expiresAt'])
          .where('userId', '=', personOf(caller))
          .where('expiresAt', '>', new Date())
          .orderBy('updatedAt', 'desc')
          .execute(),
      );
      return { sessions: rows.map((row) => ({ ...row, current: row.id === caller.sessionId })) };
    },
  }),
  revoke: openOperation({
    summary: 'Sign one of your browsers out.',
    route: 'POST /sessions/{sessionId}/revoke',
    access: 'destructive',
    reach: 'person',
    input: z.strictObject({ sessionId: id }),
    output: done,
    run: async (caller, { sessionId }) => {
      const { numDeletedRows } = await shared(caller.world, (tx) =>
        tx
          .deleteFrom('sessions')
          .where('id', '=', sessionId)
          .where('userId', '=', personOf(caller))
          .executeTakeFirstOrThrow(),
      );
      if (numDeletedRows === 0n)
        throw refuse('not_found', 'not_found', 'There is no such browser among yours. It may be signed out already.');
      return { done: true };
    },
  }),
  revokeOthers: openOperation({
    summary: 'Sign all your browsers out but this one.',
    route: 'POST /sessions/revoke-others',
    access: 'destructive',
    reach: 'person',
    input: nothing,
    output: z.object({ ended: z.int() }),
    run: async (caller) => {
      const { numDeletedRows } = await shared(caller.world, (tx) =>
        tx
          .deleteFrom('sessions')
          .where('userId', '=', personOf(caller))
          .$if(caller.sessionId !== undefined, (query) => query.where('id', '<>', caller.sessionId!))
          .executeTakeFirstOrThrow(),
      );
      return { ended: Number(numDeletedRows) };
    },
  }),
};

/** Belongs to the workspaces, and writes to the session. */
export const enterWorkspace = openOperation({
  summary: 'Go over to another workspace of yours, in this browser.',
  route: 'POST /workspaces/{workspaceId}/enter',
  access: 'write',
  reach: 'person',
  input: z.strictObject({ workspaceId: id }),
  output: done,
  run: async (caller, { workspaceId }) => {
    const { world, sessionId } = caller;
    const workspaces = await workspacesOf(world, personOf(caller));
    if (!workspaces.some((one) => one.id === workspaceId))
      throw refuse('not_found', 'not_found', 'There is no such workspace among yours.');
    if (!sessionId)
      throw refuse('conflict', 'no_browser', 'Only a browser stays in a workspace. Name the workspace with each call.');
    await placeSession(world, sessionId, workspaceId);
    return { done: true };
  },
});

/** From now on this browser works in that workspace. */
export async function placeSession(world: World, sessionId: string, workspaceId: string): Promise<void> {
  await shared(world, (tx) => tx.updateTable('sessions').set({ workspaceId }).where('id', '=', sessionId).execute());
}

export const passkeyOperations = {
  list: openOperation({
    summary: 'List your passkeys.',
    route: 'GET /passkeys',
    access: 'read',
    reach: 'person',
    input: nothing,
    output: z.object({
      passkeys: z.array(
        z.object({
          id,
          name: z.string().nullable(),
          createdAt: z.date(),
          lastUsedAt: z.date().nullable(),
          /** Kept by a password manager or an account, so that it is on your other devices too. */
          synced: z.boolean(),
        }),
      ),
    }),
    run: async (caller) => ({
      passkeys: await shared(caller.world, (tx) =>
        tx
          .selectFrom('passkeys')
          .select(['id', 'name', 'createdAt', 'lastUsedAt', 'backedUp as synced'])
          .where('userId', '=', personOf(caller))
          .orderBy('createdAt')
          .execute(),
      ),
    }),
  }),
  remove: openOperation({
    summary: 'Remove one of your passkeys; nobody signs in with it any more.',
    route: 'DELETE /passkeys/{passkeyId}',
    access: 'destructive',
    reach: 'person',
    input: z.strictObject({ passkeyId: id }),
    output: done,
    run: async (caller, { passkeyId }) => {
      const { numDeletedRows } = await shared(caller.world, (tx) =>
        tx
          .deleteFrom('passkeys')
          .where('id', '=', passkeyId)
          .where('userId', '=', personOf(caller))
          .executeTakeFirstOrThrow(),
      );
      if (numDeletedRows === 0n) throw refuse('not_found', 'not_found', 'There is no such passkey among yours.');
      return { done: true };
    },
  }),
};

function personOf({ who }: Caller): string {
  if (who?.kind !== 'user') throw refuse('unauthorised', 'sign_in', 'Sign in first.');
  return who.id;
}

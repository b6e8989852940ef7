import { z } from 'zod';
import { type Inside, type Role, transaction, userOf } from '#src/context.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';

const role = z.enum(['owner', 'editor', 'viewer']);

export const memberOperations = {
  list: operation({
    summary: 'List the people of this workspace.',
    route: 'GET /members',
    access: 'read',
    input: nothing,
    output: z.object({
      members: z.array(
        z.object({
          userId: id,
          name: z.string(),
          email: z.string(),
          role,
          joinedAt: z.date(),
          /** Whether a second factor or a passkey guards the account; null for who is no owner. */
          guarded: z.boolean().nullable(),
          you: z.boolean(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async (inside) => {
        const rows = await inside.tx
          .selectFrom('memberships as m')
          .innerJoin('users as u', 'u.id', 'm.userId')
          .select(['m.userId', 'u.name', 'u.email', 'm.role', 'm.joinedAt', 'u.twoFactorEnabled'])
          .select(({ exists, selectFrom }) =>
            exists(selectFrom('passkeys as p').select('p.id').whereRef('p.userId', '=', 'u.id')).as('hasPasskey'),
          )
          .where('m.workspaceId', '=', inside.workspaceId)
          .orderBy('m.joinedAt')
          .orderBy('u.name')
          .execute();
        const owns = inside.who.kind === 'user' && inside.who.role === 'owner';
        return {
          members: rows.map(({ twoFactorEnabled, hasPasskey, ...row }) => ({
            ...row,
            role: row.role as Role,
            guarded: owns ? twoFactorEnabled || Boolean(hasPasskey) : null,
            you: row.userId === userOf(inside),
          })),
        };
      }),
  }),
  setRole: operation({
    summary: 'Change what a member may do.',
    route: 'PUT /members/{userId}/role',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ userId: id, role }),
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => {
        const before = await lockMember(inside, input.userId);
        if (before === 'owner' && input.role !== 'owner') await assertAnotherOwner(inside, input.userId);
        await inside.tx
          .updateTable('memberships')
          .set({ role: input.role })
          .where('workspaceId', '=', inside.workspaceId)
          .where('userId', '=', input.userId)
          .execute();
        await audit(inside, {
          operation: 'members.setRole',
          subject: input.userId,
          before: { role: before },
          after: { role: input.role },
        });
        return { done: true };
      }),
  }),
  remove: operation({
    summary: 'Remove a member from this workspace. What they made stays.',
    route: 'DELETE /members/{userId}',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({ userId: id }),
    output: done,
    run: (context, { userId }) => transaction(context, (inside) => takeOut(inside, userId, 'members.remove')),
  }),
  leave: operation({
    summary: 'Leave this workspace.',
    route: 'POST /members/leave',
    access: 'destructive',
    role: 'viewer',
    input: nothing,
    output: done,
    run: (context) =>
      transaction(context, (inside) => {
        const userId = userOf(inside);
        if (!userId) throw refuse('forbidden', 'needs_person', 'Only a person can leave; revoke the key instead.');
        return takeOut(inside, userId, 'members.leave');
      }),
  }),
};

/** Their invitations go with them: whoever was shown out must not have left a door open. */
async function takeOut(inside: Inside, userId: string, operation: string): Promise<{ done: boolean }> {
  const { tx, workspaceId } = inside;
  const before = await lockMember(inside, userId);
  if (before === 'owner') await assertAnotherOwner(inside, userId);
  await tx.deleteFrom('memberships').where('workspaceId', '=', workspaceId).where('userId', '=', userId).execute();
  await tx
    .deleteFrom('invitations')
    .where('workspaceId', '=', workspaceId)
    .where('invitedBy', '=', userId)
    .where('acceptedAt', 'is', null)
    .execute();
  await audit(inside, { operation, subject: userId, before: { role: before } });
  return { done: true };
}

/** The member's role. Changes of who belongs to a workspace go one after another: two owners must not both go. */
async function lockMember({ tx, workspaceId }: Inside, userId: string): Promise<Role> {
  await tx.selectFrom('workspaces').select('id').where('id', '=', workspaceId).forUpdate().execute();
  const row = await tx
    .selectFrom('memberships')
    .select('role')
    .where('workspaceId', '=', workspaceId)
    .where('userId', '=', userId)
    .executeTakeFirst();
  if (!row) throw notFound('member');
  return row.role as Role;
}

async function assertAnotherOwner({ tx, workspaceId }: Inside, userId: string): Promise<void> {
  const other = await tx
    .selectFrom('memberships')
    .select('userId')
    .where('workspaceId', '=', workspaceId)
    .where('role', '=', 'owner')
    .where('userId', '<>', userId)
    .executeTakeFirst();
  if (!other) throw refuse('conflict', 'last_owner', 'A workspace needs an owner. Make somebody else an owner first.');
}

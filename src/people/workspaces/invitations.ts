import { z } from 'zod';
import { type Context, type Inside, type Role, shared, transaction, userOf, type World } from '#src/context.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { mailboxOf, messageIdFor } from '#src/people/mail.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { hashToken, randomToken } from '#src/secrets.ts';

const DAYS = 7;
/** Open at a time, in one workspace. */
const MOST = 100;

export type Invitation = {
  workspaceId: string;
  workspace: string;
  email: string;
  role: Role;
  invitedBy: string | null;
  expiresAt: Date;
};

/** The open invitation to which this token belongs; null when there is none, or none any more. */
export async function invitationBehind(world: World, token: string): Promise<Invitation | null> {
  const row = await shared(world, (tx) =>
    tx
      .selectFrom('invitations as i')
      .innerJoin('workspaces as w', 'w.id', 'i.workspaceId')
      .leftJoin('users as u', 'u.id', 'i.invitedBy')
      .select(['i.workspaceId', 'w.name as workspace', 'i.email', 'i.role', 'u.name as invitedBy', 'i.expiresAt'])
      .where('i.tokenHash', '=', hashToken(token))
      .where('i.acceptedAt', 'is', null)
      .where('i.expiresAt', '>', world.clock.now())
      .executeTakeFirst(),
  );
  return row ? { ...row, role: row.role as Role } : null;
}

/**
 * Makes the acting person a member. Whoever holds the link may: it was given to them. False when the invitation is not
 * open any more; a refusal when they belong to the workspace already, and then it stays open.
 */
export async function acceptInvitation(inside: Inside, token: string): Promise<boolean> {
  const userId = userOf(inside);
  if (!userId) return false;
  const { tx, workspaceId, clock } = inside;
  const invitation = await tx
    .updateTable('invitations')
    .set({ acceptedAt: clock.now(), acceptedBy: userId })
    .where('tokenHash', '=', hashToken(token))
    .where('workspaceId', '=', workspaceId)
    .where('acceptedAt', 'is', null)
    .where('expiresAt', '>', clock.now())
    .returning(['id', 'role'])
    .executeTakeFirst();
  if (!invitation) return false;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('memberships')
    .values({ workspaceId, userId, role: invitation.role, joinedAt: clock.now() })
    .onConflict((oc) => oc.columns(['workspaceId', 'userId']).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n)
    throw refuse(
      'conflict',
      'already_member',
      'You belong to this workspace already. The invitation is for somebody else.',
    );
  await audit(inside, { operation: 'invitations.accept', subject: invitation.id, after: { role: invitation.role } });
  return true;
}

const role = z.enum(['editor', 'viewer']);

export const invitationOperations = {
  list: operation({
    summary: 'List the invitations that nobody has accepted yet.',
    route: 'GET /invitations',
    access: 'read',
    role: 'owner',
    input: nothing,
    output: z.object({
      invitations: z.array(
        z.object({
          id,
          email: z.string(),
          role,
          invitedBy: z.string().nullable(),
          createdAt: z.date(),
          expiresAt: z.date(),
          expired: z.boolean(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async ({ tx, workspaceId, clock }) => {
        const rows = await tx
          .selectFrom('invitations as i')
          .leftJoin('users as u', 'u.id', 'i.invitedBy')
          .select(['i.id', 'i.email', 'i.role', 'u.name as invitedBy', 'i.createdAt', 'i.expiresAt'])
          .where('i.workspaceId', '=', workspaceId)
          .where('i.acceptedAt', 'is', null)
          .orderBy('i.createdAt', 'desc')
          .limit(MOST)
          .execute();
        const now = clock.now();
        return {
          invitations: rows.map((row) => ({
            ...row,
            role: row.role as z.output<typeof role>,
            expired: row.expiresAt <= now,
          })),
        };
      }),
  }),
  create: operation({
    summary: 'Invite somebody into this workspace. The link is shown once and mailed when a mail server is set.',
    route: 'POST /invitations',
    access: 'write',
    role: 'owner',
    long: true,
    input: z.strictObject({ email: z.email().max(254).toLowerCase(), role }),
    output: z.object({
      id,
      /** Good once and for seven days. */
      link: z.string(),
      expiresAt: z.date(),
      mailed: z.boolean(),
      /** What became of the mail, in a sentence. */
      message: z.string(),
    }),
    run: async (context, input) => {
      const token = randomToken(32);
      const made = await transaction(context, (inside) => keepInvitation(inside, input, token));
      const link = `${context.publicUrl}/join#${token}`;
      return { ...made, link, ...(await mailInvitation(context, input.email, link)) };
    },
  }),
  withdraw: operation({
    summary: 'Withdraw an invitation; its link is good for nothing from then on.',
    route: 'DELETE /invitations/{invitationId}',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({ invitationId: id }),
    output: done,
    run: (context, { invitationId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .deleteFrom('invitations')
          .where('id', '=', invitationId)
          .where('workspaceId', '=', inside.workspaceId)
          .where('acceptedAt', 'is', null)
          .returning('email')
          .executeTakeFirst();
        if (!row) throw notFound('open invitation');
        await audit(inside, { operation: 'invitations.withdraw', subject: invitationId, before: row });
        return { done: true };
      }),
  }),
};

/** An earlier invitation of the same address that is still open is replaced. */
async function keepInvitation(
  inside: Inside,
  { email, role }: { email: string; role: 'editor' | 'viewer' },
  token: string,
) {
  const { tx, workspaceId, clock } = inside;
  const belongs = await tx
    .selectFrom('memberships as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select('u.id')
    .where('m.workspaceId', '=', workspaceId)
    .where('u.email', '=', email)
    .executeTakeFirst();
  if (belongs) throw refuse('conflict', 'already_member', 'This person belongs to the workspace already.');
  await tx
    .deleteFrom('invitations')
    .where('workspaceId', '=', workspaceId)
    .where('acceptedAt', 'is', null)
    .where((eb) => eb.or([eb('email', '=', email), eb('expiresAt', '<=', clock.now())]))
    .execute();
  const { open } = await tx
    .selectFrom('invitations')
    .select(({ fn }) => fn.countAll<string>().as('open'))
    .where('workspaceId', '=', workspaceId)
    .where('acceptedAt', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(open) >= MOST)
    throw refuse('conflict', 'too_many_invitations', `${MOST} invitations are open. Withdraw some first.`);
  const expiresAt = new Date(clock.now().getTime() + DAYS * 86_400_000);
  const row = await tx
    .insertInto('invitations')
    .values({
      tokenHash: hashToken(token),
      workspaceId,
      email,
      role,
      invitedBy: userOf(inside),
      createdAt: clock.now(),
      expiresAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await audit(inside, { operation: 'invitations.create', subject: row.id, after: { email, role } });
  return { id: row.id, expiresAt };
}

async function mailInvitation(
  context: Context,
  to: string,
  link: string,
): Promise<{ mailed: boolean; message: string }> {
  const byHand = 'Copy the link and send it yourself.';
  const mailbox = context.demo ? null : await transaction(context, mailboxOf);
  if (!mailbox) return { mailed: false, message: `No mail server is set, so nothing was mailed. ${byHand}` };
  const { name } = await transaction(context, ({ tx, workspaceId }) =>
    tx.selectFrom('workspaces').select('name').where('id', '=', workspaceId).executeTakeFirstOrThrow(),
  );
  const line = context.mail.open(mailbox.server);
  const outcome = await line.send({
    from: mailbox.from,
    to,
    replyTo: null,
    subject: `You are invited to ${name.replaceAll(/\p{Cc}/gu, ' ')} on Fanfare`,
    text: `You are invited to work in “${name}” on Fanfare. The link is good once and for seven days:\n\n${link}\n`,
    html: null,
    messageId: messageIdFor(mailbox.from.address, `invitation.${randomToken(12)}`),
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  line.close();
  if (outcome.kind === 'accepted') return { mailed: true, message: `Mailed to ${to}.` };
  return { mailed: false, message: `The mail was not taken: ${outcome.reason} ${byHand}` };
}

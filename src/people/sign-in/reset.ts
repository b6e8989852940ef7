import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { z } from 'zod';
import { asSystem, shared, transaction, type World } from '#src/context.ts';
import { openOperation } from '#src/operation.ts';
import { installationOwner } from '#src/people/installation.ts';
import { type Mailbox, mailboxOf, messageIdFor } from '#src/people/mail.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';
import { keepTicket } from './tickets.ts';

/** How long a link to a new password is good. */
export const RESET_SECONDS = 3600;

/**
 * Before anything is looked up: without a mail server no link can be sent, and it is the same for every address. In the
 * demo nothing leaves the machine.
 */
export function resetNeedsMail(world: World) {
  return {
    id: 'reset-needs-mail',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/request-password-reset',
          handler: createAuthMiddleware(async () => {
            if (await signInMailbox(world)) return;
            throw new APIError('SERVICE_UNAVAILABLE', {
              message:
                'No mail server is set here, so no link can be sent. Whoever runs this Fanfare makes one on its own machine with: fanfare reset-password your@address',
            });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** Sends the link. The answer to the request does not wait for it, so its time tells nothing about the address. */
export async function mailResetLink(world: World, { email, name }: { email: string; name: string }, token: string) {
  const mailbox = await signInMailbox(world);
  if (!mailbox) return;
  const line = world.mail.open(mailbox.server);
  const outcome = await line.send({
    from: mailbox.from,
    to: email,
    replyTo: null,
    subject: 'A new password for Fanfare',
    text: `Hello ${name},\n\nsomebody, probably you, asked for a new password. Set it here within an hour:\n\n${resetLink(world, token)}\n\nIf it was not you, there is nothing to do: your password stays as it is.\n`,
    html: null,
    messageId: messageIdFor(mailbox.from.address, `reset.${randomToken(12)}`),
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  line.close();
  if (outcome.kind !== 'accepted') world.log.warn({ reason: outcome.reason }, 'A link to a new password was not sent');
}

/** What follows # is never sent to a server, so the token stands in no log and in no address that is passed on. */
function resetLink(world: World, token: string): string {
  return `${world.publicUrl}/reset-password#${token}`;
}

/** Mail about signing in goes by the mail server of the first workspace of the installation's owner. */
async function signInMailbox(world: World): Promise<Mailbox | null> {
  if (world.demo) return null;
  const owner = await installationOwner(world);
  const [first] = owner ? await workspacesOf(world, owner) : [];
  return first ? transaction(asSystem(world, first.id, 'sign-in mail'), mailboxOf) : null;
}

export const resetLinkOperation = openOperation({
  summary: 'Make a one-time link to a new password; only the command line on the server’s own machine may.',
  route: 'POST /setup/reset-link',
  access: 'destructive',
  reach: 'person',
  input: z.strictObject({
    email: z.string().trim().toLowerCase().max(254),
    /** Also switches the second factor off, for who has lost both the app and the recovery codes. */
    withoutSecondFactor: z.boolean().default(false),
  }),
  output: z.object({ link: z.string(), expiresAt: z.date() }),
  run: async ({ world, who }, { email, withoutSecondFactor }) => {
    if (who?.kind !== 'user' || !who.local)
      throw refuse(
        'forbidden',
        'local_only',
        'Only the command line on the server’s own machine may do this: fanfare reset-password your@address',
      );
    const user = await shared(world, (tx) =>
      tx.selectFrom('users').select('id').where('email', '=', email).where('erasedAt', 'is', null).executeTakeFirst(),
    );
    if (!user) throw refuse('not_found', 'not_found', 'Nobody has an account here with this e-mail address.');
    const token = randomToken(24);
    const expiresAt = new Date(Date.now() + RESET_SECONDS * 1000);
    await keepTicket(world, `reset-password:${token}`, user.id, expiresAt);
    if (withoutSecondFactor)
      await shared(world, async (tx) => {
        await tx.deleteFrom('twoFactors').where('userId', '=', user.id).execute();
        await tx.updateTable('users').set({ twoFactorEnabled: false }).where('id', '=', user.id).execute();
      });
    return { link: resetLink(world, token), expiresAt };
  },
});

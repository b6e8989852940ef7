import { z } from 'zod';
import { type Context, type Inside, shared, transaction, userOf } from '#src/context.ts';
import { done, nothing, operation } from '#src/operation.ts';
import type { MailServer } from '#src/outside/mail.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';

/** By which mail goes out: the server with its opened password, the sender, and how many mails it takes in a minute. */
export type Mailbox = { server: MailServer; from: { name: string | null; address: string }; perMinute: number };

/** The workspace's mailbox; null while none is set: then no mail is sent. */
export async function mailboxOf({ tx, workspaceId, secrets }: Inside): Promise<Mailbox | null> {
  const row = await tx.selectFrom('mailSettings').selectAll().executeTakeFirst();
  if (!row) return null;
  return {
    server: {
      host: row.host,
      port: row.port,
      encryption: row.encryption,
      username: row.username,
      password: row.sealedPassword === null ? null : secrets.open(place(workspaceId), row.sealedPassword),
    },
    from: { name: row.fromName, address: row.fromAddress },
    perMinute: row.perMinute,
  };
}

/** A message id of our own under the sender's domain, without angle brackets. */
export function messageIdFor(from: string, id: string): string {
  return `${id}@${from.split('@').at(-1)}`;
}

const encryption = z.enum(['tls', 'starttls', 'none']);
const oneLine = /^[^\r\n]*$/;

export const mailOperations = {
  show: operation({
    summary: 'Show the mail server of this workspace.',
    route: 'GET /mail',
    access: 'read',
    input: nothing,
    output: z.object({
      settings: z
        .object({
          host: z.string(),
          port: z.int(),
          encryption,
          username: z.string().nullable(),
          passwordIsSet: z.boolean(),
          fromAddress: z.string(),
          fromName: z.string().nullable(),
          perMinute: z.int(),
          /** When the server last took a test mail; null since the settings were changed. */
          confirmedAt: z.date().nullable(),
          updatedAt: z.date(),
        })
        .nullable(),
    }),
    run: (context) =>
      transaction(context, async ({ tx }) => {
        const row = await tx.selectFrom('mailSettings').selectAll().executeTakeFirst();
        return { settings: row ? { ...row, passwordIsSet: row.sealedPassword !== null } : null };
      }),
  }),
  set: operation({
    summary: 'Set the mail server by which newsletters, reports and alerts go out.',
    route: 'PUT /mail',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      host: z
        .string()
        .trim()
        .regex(/^[A-Za-z0-9.:_[\]-]{1,253}$/, 'This must be the name of a server, such as smtp.example.com.'),
      port: z.int().min(1).max(65_535),
      encryption: encryption.default('starttls'),
      username: z.string().max(300).nullable().default(null),
      /** Left out: the stored one stays. */
      password: z.string().min(1).max(500).optional(),
      fromAddress: z.email().max(254),
      fromName: z.string().trim().min(1).max(100).regex(oneLine).nullable().default(null),
      /** Providers allow very different amounts; look for their sending limit. */
      perMinute: z.int().min(1).max(10_000).default(60),
    }),
    output: done,
    run: (context, input) => transaction(context, (inside) => setMailbox(inside, input)),
  }),
  clear: operation({
    summary: 'Forget the mail server; no mail is sent from then on.',
    route: 'DELETE /mail',
    access: 'destructive',
    role: 'owner',
    input: nothing,
    output: done,
    run: (context) =>
      transaction(context, async (inside) => {
        await inside.tx.deleteFrom('mailSettings').where('workspaceId', '=', inside.workspaceId).execute();
        await audit(inside, { operation: 'mail.clear' });
        return { done: true };
      }),
  }),
  test: operation({
    summary: 'Send a test mail to yourself.',
    route: 'POST /mail/test',
    access: 'write',
    role: 'owner',
    long: true,
    input: nothing,
    output: z.object({
      sent: z.boolean(),
      to: z.string(),
      /** What happened, in a sentence. */
      message: z.string(),
    }),
    run: (context) => sendTest(context),
  }),
};

type Settings = {
  host: string;
  port: number;
  encryption: z.output<typeof encryption>;
  username: string | null;
  password?: string | undefined;
  fromAddress: string;
  fromName: string | null;
  perMinute: number;
};

async function setMailbox(inside: Inside, { password, ...input }: Settings): Promise<{ done: boolean }> {
  const { tx, workspaceId, secrets } = inside;
  if (input.encryption === 'none' && input.username !== null)
    throw refuse(
      'invalid',
      'password_in_the_open',
      'Without encryption, the password would travel in the open. Choose TLS or STARTTLS, or leave out the user name.',
    );
  const before = await tx
    .selectFrom('mailSettings')
    .select(['host', 'port', 'username', 'sealedPassword'])
    .executeTakeFirst();
  // A password belongs to its server: kept for another one, it could be sent to whoever runs that.
  const same = before?.host === input.host && before.port === input.port && before.username === input.username;
  if (input.username !== null && password === undefined && !(same && before?.sealedPassword))
    throw refuse('invalid', 'missing_password', 'Enter the password of this user on this server.');
  const kept = same ? before.sealedPassword : null;
  const sealed = password === undefined ? kept : secrets.seal(place(workspaceId), password);
  const values = {
    ...input,
    sealedPassword: input.username === null ? null : sealed,
    confirmedAt: null,
    updatedAt: inside.clock.now(),
    updatedBy: userOf(inside),
  };
  await tx
    .insertInto('mailSettings')
    .values({ workspaceId, ...values })
    .onConflict((oc) => oc.column('workspaceId').doUpdateSet(values))
    .execute();
  await audit(inside, {
    operation: 'mail.set',
    after: { host: input.host, port: input.port, username: input.username, fromAddress: input.fromAddress },
  });
  return { done: true };
}

async function sendTest(context: Context): Promise<{ sent: boolean; to: string; message: string }> {
  const userId = userOf(context);
  if (!userId)
    throw refuse('forbidden', 'needs_person', 'A test mail goes to the person who asks; a key has no address.');
  if (context.demo) throw refuse('conflict', 'demo', 'The demo sends no mail. Start Fanfare itself to try this.');
  const mailbox = await transaction(context, mailboxOf);
  if (!mailbox) throw refuse('conflict', 'no_mail_server', 'Set the mail server first.');
  const { email } = await shared(context, (tx) =>
    tx.selectFrom('users').select('email').where('id', '=', userId).executeTakeFirstOrThrow(),
  );
  const line = context.mail.open(mailbox.server);
  const outcome = await line.send({
    from: mailbox.from,
    to: email,
    replyTo: null,
    subject: 'A test from Fanfare',
    text: `This mail came by ${mailbox.server.host}, so newsletters, reports and alerts can too.\n`,
    html: null,
    messageId: messageIdFor(mailbox.from.address, `test.${randomToken(12)}`),
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  line.close();
  if (outcome.kind !== 'accepted') return { sent: false, to: email, message: outcome.reason };
  await transaction(context, async (inside) => {
    await inside.tx.updateTable('mailSettings').set({ confirmedAt: inside.clock.now() }).execute();
    await audit(inside, { operation: 'mail.test' });
  });
  return { sent: true, to: email, message: `The server took it. Look into the inbox of ${email}.` };
}

function place(workspaceId: string) {
  return { table: 'mail_settings', row: workspaceId, column: 'sealed_password' };
}

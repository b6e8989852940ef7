import { sql } from 'kysely';
import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { emailAddress } from '#src/distribute/newsletter/csv.ts';
import { letterHtml } from '#src/distribute/newsletter/letter.ts';
import { NEWSLETTER } from '#src/distribute/newsletter/lists.ts';
import { readUrlOf } from '#src/distribute/newsletter/send.ts';
import { endSubscription } from '#src/distribute/newsletter/subscribe.ts';
import { id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';

export const newsletterOperations = {
  letters: operation({
    summary: 'List the letters that went out, with how many were sent, bounced and unsubscribed.',
    route: 'GET /newsletter/letters',
    access: 'read',
    input: z.strictObject({ listId: id.optional() }),
    output: z.object({
      letters: z.array(
        z.object({
          publicationId: id,
          postId: id,
          listName: z.string(),
          subject: z.string(),
          publishedAt: z.date(),
          /** Where everyone can read it. */
          readUrl: z.string(),
          recipients: z.int(),
          due: z.int(),
          sent: z.int(),
          bounced: z.int(),
          failed: z.int(),
          /** Handed over when the connection broke: not sent again. */
          unknown: z.int(),
          unsubscribed: z.int(),
          /** The latest reason a mail was not taken. */
          lastReason: z.string().nullable(),
        }),
      ),
    }),
    run: (context, { listId }) =>
      transaction(context, async (inside) => ({ letters: await readLetters(inside, listId) })),
  }),
  recordBounce: operation({
    summary: 'Record that mail to an address came back, as a mail provider told you.',
    route: 'POST /newsletter/bounces',
    access: 'write',
    input: z.strictObject({
      email: emailAddress.optional(),
      /** Of the mail that came back; with or without angle brackets. */
      messageId: z.string().trim().max(300).optional(),
      /** hard: nobody has the address. complaint: marked as spam. soft: only noted. */
      kind: z.enum(['hard', 'soft', 'complaint']),
      reason: z.string().trim().min(1).max(500),
    }),
    output: z.object({ ended: z.int() }),
    run: (context, input) => transaction(context, (inside) => recordBounce(inside, input)),
  }),
};

/** A letter for everyone to read: nobody's address and no link to unsubscribe; null when there is none. */
export async function publicCopy(inside: Inside, publicationId: string): Promise<string | null> {
  const row = await inside.tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .innerJoin('mailingLists', 'mailingLists.accountId', 'publications.accountId')
    .innerJoin('mailDeliveries', 'mailDeliveries.publicationId', 'publications.id')
    .select(['publicationParts.text', 'mailDeliveries.subject', 'mailingLists.name', 'mailingLists.postalAddress'])
    .where('publicationParts.publicationId', '=', publicationId)
    .where('position', '=', 0)
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  const { text, subject, name: listName, postalAddress } = row;
  return letterHtml({
    text,
    subject,
    listName,
    postalAddress,
    readUrl: readUrlOf(inside, publicationId),
    leaveUrl: null,
  });
}

async function readLetters(inside: Inside, listId: string | undefined) {
  const { tx } = inside;
  const count = (filter: ReturnType<typeof sql>) => sql<number>`count(*) filter (where ${filter})`;
  const rows = await tx
    .selectFrom('mailDeliveries as d')
    .innerJoin('publications as p', 'p.id', 'd.publicationId')
    .innerJoin('accounts as a', 'a.id', 'p.accountId')
    .select(['p.id as publicationId', 'p.postId', 'a.name as listName'])
    .select((eb) => [
      eb.fn.max('d.subject').as('subject'),
      eb.fn.min('d.createdAt').as('publishedAt'),
      eb.fn.countAll<number>().as('recipients'),
      count(sql`d.state in ('due', 'sending')`).as('due'),
      count(sql`d.state = 'sent'`).as('sent'),
      count(sql`d.state = 'bounced'`).as('bounced'),
      count(sql`d.state = 'failed'`).as('failed'),
      count(sql`d.state = 'unknown'`).as('unknown'),
      count(sql`d.unsubscribed_at is not null`).as('unsubscribed'),
      sql<
        string | null
      >`(array_agg(d.reason order by d.due_at desc) filter (where d.reason is not null and d.state <> 'skipped'))[1]`.as(
        'lastReason',
      ),
    ])
    .where('a.platform', '=', NEWSLETTER)
    .$if(listId !== undefined, (query) => query.where('a.platformUserId', '=', listId ?? ''))
    .groupBy(['p.id', 'p.postId', 'a.name'])
    .orderBy(sql`min(d.created_at)`, 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({ ...row, readUrl: readUrlOf(inside, row.publicationId) }));
}

async function recordBounce(
  inside: Inside,
  input: {
    email?: string | undefined;
    messageId?: string | undefined;
    kind: 'hard' | 'soft' | 'complaint';
    reason: string;
  },
): Promise<{ ended: number }> {
  const { tx } = inside;
  if (!input.email && !input.messageId)
    throw refuse('invalid', 'whose', 'Say which address, or which message, came back.');
  const messageId = input.messageId?.replace(/^<|>$/g, '');
  const delivery = messageId
    ? await tx
        .selectFrom('mailDeliveries')
        .select(['id', 'subscriberId', 'address'])
        .where('messageId', '=', messageId)
        .executeTakeFirst()
    : undefined;
  const email = input.email ?? delivery?.address;
  if (!email) return { ended: 0 };
  if (delivery && input.kind === 'hard')
    await tx
      .updateTable('mailDeliveries')
      .set({ state: 'bounced', reason: input.reason })
      .where('id', '=', delivery.id)
      .execute();
  await audit(inside, { operation: 'newsletter.recordBounce', after: { kind: input.kind, reason: input.reason } });
  if (input.kind === 'soft') return { ended: 0 };
  const subscribers = await tx.selectFrom('subscribers').select('id').where('email', '=', email).execute();
  const state = input.kind === 'hard' ? 'bounced' : 'unsubscribed';
  let ended = 0;
  for (const { id: subscriberId } of subscribers)
    if (await endSubscription(inside, subscriberId, state, input.reason)) ended += 1;
  return { ended };
}

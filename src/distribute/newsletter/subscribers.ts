import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { emailAddress, readAddresses, writeCsv } from '#src/distribute/newsletter/csv.ts';
import { listOf } from '#src/distribute/newsletter/lists.ts';
import { askMany, askToSubscribe, endSubscription, forgetAddresses } from '#src/distribute/newsletter/subscribe.ts';
import { done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { suppressedAmong } from '#src/people/privacy/suppressed.ts';
import { notFound, refuse } from '#src/refusal.ts';

const state = z.enum(['pending', 'confirmed', 'unsubscribed', 'bounced']);
/** Rows written by one statement. */
const CHUNK = 1_000;

export const subscriberOperations = {
  list: operation({
    summary: 'List the people on a mailing list, newest first.',
    route: 'GET /mailing-lists/{listId}/subscribers',
    access: 'read',
    input: z.strictObject({
      listId: id,
      state: state.optional(),
      search: z.string().trim().max(100).optional(),
      limit: z.int().min(1).max(200).default(50),
      offset: z.int().min(0).max(1_000_000).default(0),
    }),
    output: z.object({
      subscribers: z.array(
        z.object({
          id,
          email: z.string(),
          state,
          source: z.string().nullable(),
          consent: z.string().nullable(),
          askedAt: z.date(),
          confirmedAt: z.date().nullable(),
          endedAt: z.date().nullable(),
          endedReason: z.string().nullable(),
        }),
      ),
      total: z.int(),
    }),
    run: (context, input) => transaction(context, (inside) => readSubscribers(inside, input)),
  }),
  add: operation({
    summary: 'Ask somebody by mail to join a mailing list; they are on it once they confirm.',
    route: 'POST /mailing-lists/{listId}/subscribers',
    access: 'write',
    input: z.strictObject({ listId: id, email: emailAddress }),
    output: done,
    run: (context, { listId, email }) =>
      transaction(context, async (inside) => {
        await listOf(inside, listId);
        if ((await suppressedAmong(inside, [email])).size > 0)
          throw refuse(
            'conflict',
            'suppressed',
            'This address was erased at its owner’s request. Only they can join again, by the list’s own form.',
          );
        await askToSubscribe(inside, listId, email, 'person');
        await audit(inside, { operation: 'subscribers.add', subject: listId });
        return { done: true };
      }),
  }),
  remove: operation({
    summary: 'Remove somebody from a mailing list and forget the address.',
    route: 'DELETE /mailing-lists/subscribers/{subscriberId}',
    access: 'destructive',
    input: z.strictObject({ subscriberId: id }),
    output: done,
    run: (context, { subscriberId }) =>
      transaction(context, async (inside) => {
        // Ended first, so that a letter on its way is not sent to them.
        await endSubscription(inside, subscriberId, 'unsubscribed', 'Removed by hand.');
        await forgetAddresses(inside, { subscriberId });
        const row = await inside.tx
          .deleteFrom('subscribers')
          .where('id', '=', subscriberId)
          .returning('mailingListId')
          .executeTakeFirst();
        if (!row) throw notFound('subscriber');
        await audit(inside, { operation: 'subscribers.remove', subject: row.mailingListId });
        return { done: true };
      }),
  }),
  import: operation({
    summary: 'Import addresses from CSV; each is asked to confirm unless you state how they agreed.',
    route: 'POST /mailing-lists/{listId}/subscribers/import',
    access: 'write',
    role: 'owner',
    long: true,
    input: z.strictObject({
      listId: id,
      csv: z.string().min(1).max(5_000_000),
      /** How these people agreed to get letters, in your words. With it they are on the list at once, without being asked. */
      consent: z.string().trim().min(10).max(500).optional(),
      /** Only look: nothing is written. */
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      added: z.int(),
      /** On the list, or asked, already. */
      known: z.int(),
      /** Left or bounced before: they are never added again by import. */
      ended: z.int(),
      bad: z.array(z.object({ line: z.int(), reason: z.string() })),
    }),
    run: (context, input) => transaction(context, (inside) => importAddresses(inside, input)),
  }),
  export: operation({
    summary: 'Export the people on a mailing list as CSV.',
    route: 'GET /mailing-lists/{listId}/subscribers/export',
    access: 'read',
    role: 'owner',
    input: z.strictObject({ listId: id }),
    output: z.object({ csv: z.string() }),
    run: (context, { listId }) =>
      transaction(context, async (inside) => {
        await listOf(inside, listId);
        const rows = await inside.tx
          .selectFrom('subscribers')
          .selectAll()
          .where('mailingListId', '=', listId)
          .orderBy('email')
          .execute();
        await audit(inside, { operation: 'subscribers.export', subject: listId, after: { rows: rows.length } });
        return { csv: csvOf(rows) };
      }),
  }),
};

async function readSubscribers(
  inside: Inside,
  input: {
    listId: string;
    state?: z.output<typeof state> | undefined;
    search?: string | undefined;
    limit: number;
    offset: number;
  },
) {
  await listOf(inside, input.listId);
  const { state: wanted, search } = input;
  const query = inside.tx
    .selectFrom('subscribers')
    .where('mailingListId', '=', input.listId)
    .$if(wanted !== undefined, (on) => on.where('state', '=', wanted ?? 'pending'))
    .$if(Boolean(search), (on) =>
      on.where('email', 'like', `%${(search ?? '').toLowerCase().replace(/[%_\\]/g, '\\$&')}%`),
    );
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const subscribers = await query
    .selectAll()
    .orderBy('askedAt', 'desc')
    .orderBy('id')
    .limit(input.limit)
    .offset(input.offset)
    .execute();
  return { subscribers, total };
}

async function importAddresses(
  inside: Inside,
  { listId, csv, consent, dryRun }: { listId: string; csv: string; consent?: string | undefined; dryRun: boolean },
) {
  const { tx, workspaceId, clock } = inside;
  await listOf(inside, listId);
  const now = clock.now();
  const { emails, bad } = readAddresses(csv);
  const there = await tx
    .selectFrom('subscribers')
    .select(['email', 'state'])
    .where('mailingListId', '=', listId)
    .execute();
  const states = new Map(there.map((row) => [row.email, row.state]));
  const erased = await suppressedAmong(inside, emails);
  const fresh = emails.filter((email) => !states.has(email) && !erased.has(email));
  const ended = emails.filter(
    (email) => erased.has(email) || /^(unsubscribed|bounced)$/.test(states.get(email) ?? ''),
  ).length;
  const result = { added: fresh.length, known: emails.length - fresh.length - ended, ended, bad };
  if (dryRun) return result;
  if (consent === undefined) await askMany(inside, listId, fresh, 'import');
  else
    for (let at = 0; at < fresh.length; at += CHUNK)
      await tx
        .insertInto('subscribers')
        .values(
          fresh.slice(at, at + CHUNK).map((email) => ({
            workspaceId,
            mailingListId: listId,
            email,
            state: 'confirmed' as const,
            source: 'import',
            consent,
            askedAt: now,
            confirmedAt: now,
          })),
        )
        .onConflict((oc) => oc.columns(['workspaceId', 'mailingListId', 'email']).doNothing())
        .execute();
  await audit(inside, {
    operation: 'subscribers.import',
    subject: listId,
    after: { added: fresh.length, consent: consent ?? null },
  });
  return result;
}

type Row = {
  email: string;
  state: string;
  source: string | null;
  askedAt: Date;
  confirmedAt: Date | null;
  endedAt: Date | null;
};

function csvOf(rows: Row[]): string {
  const columns = ['email', 'state', 'source', 'asked_at', 'confirmed_at', 'ended_at'];
  return writeCsv(
    rows.map((row) => ({
      email: row.email,
      state: row.state,
      source: row.source ?? '',
      asked_at: row.askedAt.toISOString(),
      confirmed_at: row.confirmedAt?.toISOString() ?? '',
      ended_at: row.endedAt?.toISOString() ?? '',
    })),
    columns,
  );
}

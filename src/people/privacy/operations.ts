import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';
import { idCursor, operation, pageInput } from '#src/operation.ts';
import { countPerson } from '#src/people/privacy/export.ts';
import { pageOf } from '#src/people/privacy/page-of.ts';
import { asked, assertAsked, findPerson } from '#src/people/privacy/person.ts';
import { answerErasure, answerExport } from '#src/people/privacy/requests.ts';

const question = z.strictObject(asked);
const counts = z.record(z.string(), z.int());

export const privacyOperations = {
  find: operation({
    summary: 'Find what is kept about a person, over all stages.',
    route: 'POST /privacy/find',
    access: 'read',
    role: 'owner',
    input: question,
    output: z.object({
      customers: z.int(),
      authors: z.int(),
      subscriptions: z.int(),
      affiliates: z.int(),
      /** How many addresses, ids and handles lead to them. */
      knownBy: z.object({ emails: z.int(), ids: z.int(), handles: z.int(), names: z.int() }),
      tables: z.array(z.object({ table: z.string(), rows: z.int() })),
      /** A subscription runs: what the provider sends of it later is kept again. */
      stillPays: z.boolean(),
    }),
    run: async (context, input) => {
      assertAsked(input);
      const who = await transaction(context, (inside) => findPerson(inside, input));
      const { customers, paying } = await transaction(context, ({ tx }) => countCustomers(tx, who.customers));
      return {
        customers,
        authors: who.contacts.length,
        subscriptions: who.subscribers.length,
        affiliates: who.affiliates.length,
        knownBy: {
          emails: who.emails.length,
          ids: who.ids.length,
          handles: who.handles.length,
          names: who.names.length,
        },
        tables: await countPerson(context, who),
        stillPays: paying > 0,
      };
    },
  }),
  export: operation({
    summary: 'Export everything that is kept about a person, as JSON and as a page to read.',
    route: 'POST /privacy/export',
    access: 'write',
    role: 'owner',
    long: true,
    input: question,
    output: z.object({
      requestId: z.uuid(),
      tables: z.array(z.object({ table: z.string(), rows: z.array(z.record(z.string(), z.unknown())) })),
      /** The same as one HTML page without scripts. */
      page: z.string(),
    }),
    run: async (context, input) => {
      const answer = await answerExport(context, input);
      return { ...answer, page: pageOf(answer.tables, context.clock.now()) };
    },
  }),
  erase: operation({
    summary: 'Erase a person from all stages; money and credits keep their numbers under a pseudonym.',
    route: 'POST /privacy/erase',
    access: 'destructive',
    role: 'owner',
    long: true,
    input: question,
    output: z.object({ requestId: z.uuid(), counts }),
    run: (context, input) => answerErasure(context, input),
  }),
  requests: operation({
    summary: 'List the exports and erasures that were asked for, newest first.',
    route: 'GET /privacy/requests',
    access: 'read',
    role: 'owner',
    input: z.strictObject({ ...pageInput, cursor: idCursor }),
    output: z.object({
      requests: z.array(
        z.object({
          id: z.uuid(),
          kind: z.enum(['export', 'erase']),
          /** The beginning of a fingerprint: the same for the same person, and nobody's name. */
          person: z.string(),
          requestedAt: z.date(),
          requestedBy: z.string().nullable(),
          doneAt: z.date().nullable(),
          counts,
          failure: z.string().nullable(),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, { limit, cursor }) =>
      transaction(context, async ({ tx }) => {
        const rows = await tx
          .selectFrom('privacyRequests')
          .leftJoin('users', 'users.id', 'privacyRequests.requestedBy')
          .select(['privacyRequests.id', 'kind', 'person', 'requestedAt', 'doneAt', 'counts', 'failure'])
          .select('users.name as requestedBy')
          .$if(cursor !== undefined, (query) =>
            query.where((eb) =>
              eb(
                eb.refTuple('requestedAt', 'privacyRequests.id'),
                '<',
                eb
                  .selectFrom('privacyRequests as last')
                  .select(['last.requestedAt', 'last.id'])
                  .where('last.id', '=', cursor ?? '')
                  .$asTuple('requestedAt', 'id'),
              ),
            ),
          )
          .orderBy('requestedAt', 'desc')
          .orderBy('privacyRequests.id', 'desc')
          .limit(limit)
          .execute();
        const requests = rows.map((row) => ({
          ...row,
          person: row.person.slice(0, 12),
          counts: row.counts as Record<string, number>,
        }));
        return { requests, cursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
      }),
  }),
};

/** Those that were merged into another are the same customer. */
async function countCustomers(tx: Tx, ids: readonly string[]): Promise<{ customers: number; paying: number }> {
  const { rows } = await sql<{ customers: number; paying: number }>`
    select (select count(*) from customers where id = any(${ids}::uuid[]) and merged_into is null) as customers,
      (select count(*) from subscriptions where customer_id = any(${ids}::uuid[]) and status in ('active', 'trialing', 'past_due')) as paying`.execute(
    tx,
  );
  return rows[0] ?? { customers: 0, paying: 0 };
}

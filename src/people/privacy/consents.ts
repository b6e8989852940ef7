import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { idCursor, operation, pageInput } from '#src/operation.ts';
import { asked, assertAsked, fingerprintOf } from '#src/people/privacy/person.ts';

const { email, person, visitor } = asked;
const purpose = z
  .string()
  .trim()
  .regex(/^[a-z][a-z0-9_-]{0,59}$/, 'This must be a short word such as analytics or newsletter.');

export const consentOperations = {
  list: operation({
    summary: 'List who agreed to what, or took it back, newest first; of one person when you name them.',
    route: 'GET /consents',
    access: 'read',
    role: 'owner',
    input: z.strictObject({ email, person, visitor, ...pageInput, cursor: idCursor }),
    output: z.object({
      consents: z.array(
        z.object({
          id: z.uuid(),
          /** The beginning of a fingerprint: the same for the same person, and nobody's name. */
          person: z.string(),
          purpose: z.string(),
          granted: z.boolean(),
          source: z.string(),
          at: z.date(),
          /** Nothing newer was said for this purpose. */
          counts: z.boolean(),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, { limit, cursor, ...question }) =>
      transaction(context, async (inside) => {
        const one = Object.values(question).some((value) => value !== undefined)
          ? fingerprintOf(inside, question)
          : null;
        const rows = await inside.tx
          .selectFrom('consents')
          .select(['id', 'person', 'purpose', 'granted', 'source', 'at'])
          .select((eb) =>
            eb
              .not(
                eb.exists(
                  eb
                    .selectFrom('consents as newer')
                    .select('newer.id')
                    .whereRef('newer.person', '=', 'consents.person')
                    .whereRef('newer.purpose', '=', 'consents.purpose')
                    .whereRef('newer.at', '>', 'consents.at'),
                ),
              )
              .as('counts'),
          )
          .$if(one !== null, (query) => query.where('person', '=', one ?? ''))
          .$if(cursor !== undefined, (query) =>
            query.where((eb) =>
              eb(
                eb.refTuple('at', 'id'),
                '<',
                eb
                  .selectFrom('consents as last')
                  .select(['last.at', 'last.id'])
                  .where('last.id', '=', cursor ?? '')
                  .$asTuple('at', 'id'),
              ),
            ),
          )
          .orderBy('at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute();
        const consents = rows.map((row) => ({ ...row, person: row.person.slice(0, 12), counts: Boolean(row.counts) }));
        return { consents, cursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
      }),
  }),
  record: operation({
    summary: 'Record that somebody agreed to a purpose, or took it back.',
    route: 'POST /consents',
    access: 'write',
    input: z.strictObject({
      email,
      person,
      visitor,
      purpose,
      granted: z.boolean(),
      /** Where it was said, e.g. the cookie banner, 2.1. */
      source: z.string().trim().min(1).max(200),
    }),
    output: z.object({ id: z.uuid() }),
    run: (context, { purpose, granted, source, ...question }) => {
      assertAsked(question);
      return transaction(context, (inside) =>
        inside.tx
          .insertInto('consents')
          .values({
            workspaceId: inside.workspaceId,
            person: fingerprintOf(inside, question),
            purpose,
            granted,
            source,
            at: inside.clock.now(),
          })
          .returning('id')
          .executeTakeFirstOrThrow(),
      );
    },
  }),
};

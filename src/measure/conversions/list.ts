import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { day, id, idCursor, money, operation, pageInput } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

export const conversionOperations = {
  list: operation({
    summary: 'List conversions, newest first: signups, trials, purchases and goals, with where they came from.',
    route: 'GET /conversions',
    access: 'read',
    input: z.strictObject({
      appId: id,
      kind: z.enum(['signup', 'trial', 'purchase', 'goal']).optional(),
      from: day.optional(),
      ...pageInput,
      cursor: idCursor,
    }),
    output: z.object({
      conversions: z.array(
        z.object({
          id,
          kind: z.enum(['signup', 'trial', 'purchase', 'goal']),
          goalName: z.string().nullable(),
          occurredAt: z.date(),
          person: z.string().nullable(),
          customerId: id.nullable(),
          value: money.nullable(),
          source: z.string().nullable(),
          postId: id.nullable(),
          postTitle: z.string().nullable(),
          attributedAt: z.date().nullable(),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        const { tx } = inside;
        await appOf(inside, input.appId);
        const rows = await tx
          .selectFrom('conversions')
          .leftJoin('goals', 'goals.id', 'conversions.goalId')
          .leftJoin('customers', 'customers.id', 'conversions.customerId')
          .leftJoinLateral(
            (eb) =>
              eb
                .selectFrom('credits')
                .leftJoin('touches', 'touches.id', 'credits.touchId')
                .leftJoin('posts', 'posts.id', 'credits.postId')
                .select(['touches.source', 'posts.id as postId', 'posts.title as postTitle'])
                .whereRef('credits.conversionId', '=', 'conversions.id')
                .where('credits.model', '=', 'last_non_direct')
                .limit(1)
                .as('credit'),
            (join) => join.onTrue(),
          )
          .select(['conversions.id', 'conversions.kind', 'goals.name as goalName', 'conversions.occurredAt'])
          .select(['customers.person', 'conversions.customerId', 'conversions.valueMinor', 'conversions.currency'])
          .select(['credit.source', 'credit.postId', 'credit.postTitle', 'conversions.attributedAt'])
          .where('conversions.appId', '=', input.appId)
          .$if(input.kind !== undefined, (query) => query.where('conversions.kind', '=', input.kind ?? 'signup'))
          .$if(input.from !== undefined, (query) =>
            query.where('conversions.occurredAt', '>=', new Date(`${input.from}T00:00:00Z`)),
          )
          .$if(input.cursor !== undefined, (query) =>
            query.where((eb) =>
              eb(
                eb.refTuple('conversions.occurredAt', 'conversions.id'),
                '<',
                eb
                  .selectFrom('conversions as last')
                  .select(['last.occurredAt', 'last.id'])
                  .where('last.id', '=', input.cursor ?? '')
                  .$asTuple('occurredAt', 'id'),
              ),
            ),
          )
          .orderBy('conversions.occurredAt', 'desc')
          .orderBy('conversions.id', 'desc')
          .limit(input.limit)
          .execute();
        const conversions = rows.map(({ valueMinor, currency, ...row }) => ({
          ...row,
          value: currency === null ? null : { minor: valueMinor, currency },
        }));
        return { conversions, cursor: rows.length === input.limit ? (rows.at(-1)?.id ?? null) : null };
      }),
  }),
};

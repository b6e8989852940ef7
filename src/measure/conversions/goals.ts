import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { done, id, money, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

export const goalOperations = {
  list: operation({
    summary: 'List the conversions you have named yourself.',
    route: 'GET /goals',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      goals: z.array(
        z.object({
          id,
          name: z.string(),
          eventKind: z.string().nullable(),
          pathPattern: z.string().nullable(),
          value: money.nullable(),
        }),
      ),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const rows = await inside.tx
          .selectFrom('goals')
          .selectAll()
          .where('appId', '=', appId)
          .orderBy('name')
          .execute();
        return {
          goals: rows.map(({ valueMinor, currency, ...row }) => ({
            ...row,
            value: valueMinor !== null && currency !== null ? { minor: valueMinor, currency } : null,
          })),
        };
      }),
  }),
  create: operation({
    summary: 'Name a conversion of your own: an event, or a path (with * for anything).',
    route: 'POST /goals',
    access: 'write',
    input: z.strictObject({
      appId: id,
      name: z.string().trim().min(1).max(100),
      eventKind: z.string().trim().min(1).max(64).optional(),
      pathPattern: z.string().trim().startsWith('/').max(500).optional(),
      value: z
        .strictObject({ minor: z.string().regex(/^\d{1,18}$/), currency: z.string().regex(/^[A-Z]{3}$/) })
        .optional(),
    }),
    output: z.object({ id }),
    run: (context, { appId, name, eventKind, pathPattern, value }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        if ((eventKind === undefined) === (pathPattern === undefined))
          throw refuse('invalid', 'event_or_path', 'Name either an event or a path.');
        const row = await inside.tx
          .insertInto('goals')
          .values({
            workspaceId: inside.workspaceId,
            appId,
            name,
            eventKind: eventKind ?? null,
            pathPattern: pathPattern ?? null,
            valueMinor: value?.minor ?? null,
            currency: value?.currency ?? null,
          })
          .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'name']).doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!row) throw refuse('conflict', 'goal_exists', `There is a goal called "${name}" already.`);
        await audit(inside, { operation: 'goals.create', subject: row.id, after: { name } });
        return row;
      }),
  }),
  remove: operation({
    summary: 'Remove a goal; what it counted stays.',
    route: 'DELETE /goals/{goalId}',
    access: 'destructive',
    input: z.strictObject({ goalId: id }),
    output: done,
    run: (context, { goalId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx.deleteFrom('goals').where('id', '=', goalId).returning('id').executeTakeFirst();
        if (!row) throw notFound('goal');
        await audit(inside, { operation: 'goals.remove', subject: goalId });
        return { done: true };
      }),
  }),
};

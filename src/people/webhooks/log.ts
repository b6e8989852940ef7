import { type Context, type Inside, transaction } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';

/** The webhooks with how each stands; `waiting` and `failed` count notes. */
export async function listWebhooks(inside: Inside) {
  const now = inside.clock.now();
  const rows = await inside.tx
    .selectFrom('webhooks')
    .select(['id', 'name', 'url', 'activities', 'createdAt', 'deliveredAt', 'failingSince', 'failures'])
    .select(['waitsUntil', 'switchedOffAt', 'switchedOffReason', 'previousSecretUntil'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  const counts = await inside.tx
    .selectFrom('webhookDeliveries')
    .select('webhookId')
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('state', 'in', ['waiting', 'sending']).as('waiting'),
      eb.fn.countAll<number>().filterWhere('state', '=', 'failed').as('failed'),
    ])
    .where('activityId', 'is not', null)
    .groupBy('webhookId')
    .execute();
  return rows.map(({ previousSecretUntil, ...row }) => {
    const { waiting, failed } = counts.find(({ webhookId }) => webhookId === row.id) ?? { waiting: 0, failed: 0 };
    const previousUntil = previousSecretUntil && previousSecretUntil > now ? previousSecretUntil : null;
    return { ...row, previousUntil, waiting: Number(waiting), failed: Number(failed) };
  });
}

/** The log of one webhook, newest first, each note with its attempts. The cursor is a note's id. */
export function listDeliveries(
  context: Context,
  wanted: { webhookId: string; state?: string | undefined; limit: number; cursor?: string | undefined },
) {
  return transaction(context, async ({ tx }) => {
    const webhook = await tx.selectFrom('webhooks').select('id').where('id', '=', wanted.webhookId).executeTakeFirst();
    if (!webhook) throw notFound('webhook');
    const rows = await tx
      .selectFrom('webhookDeliveries as d')
      .leftJoin('activities as a', 'a.id', 'd.activityId')
      .select(['d.id', 'd.state', 'd.createdAt', 'd.dueAt', 'd.reason', 'd.activityId', 'a.name', 'a.happenedAt'])
      .where('d.webhookId', '=', wanted.webhookId)
      .$if(wanted.state !== undefined, (query) => query.where('d.state', '=', wanted.state as 'failed'))
      .$if(wanted.cursor !== undefined, (query) =>
        query.where((eb) =>
          eb(
            eb.refTuple('d.createdAt', 'd.id'),
            '<',
            eb
              .selectFrom('webhookDeliveries as last')
              .select(['last.createdAt', 'last.id'])
              .where('last.id', '=', wanted.cursor ?? '')
              .$asTuple('createdAt', 'id'),
          ),
        ),
      )
      .orderBy('d.createdAt', 'desc')
      .orderBy('d.id', 'desc')
      .limit(wanted.limit)
      .execute();
    const ids = rows.map(({ id }) => id);
    const attempts =
      ids.length === 0
        ? []
        : await tx
            .selectFrom('webhookAttempts')
            .select(['webhookDeliveryId', 'number', 'sentAt', 'settledAt', 'status', 'answer'])
            .where('webhookDeliveryId', 'in', ids)
            .orderBy('number')
            .execute();
    const of = Map.groupBy(attempts, ({ webhookDeliveryId }) => webhookDeliveryId);
    const deliveries = rows.map(({ name, dueAt, ...row }) => ({
      ...row,
      activity: name,
      nextTryAt: row.state === 'waiting' ? dueAt : null,
      attempts: (of.get(row.id) ?? []).map(({ webhookDeliveryId: _, ...attempt }) => attempt),
    }));
    return { deliveries, cursor: rows.length === wanted.limit ? (rows.at(-1)?.id ?? null) : null };
  });
}

import type { Inside } from '#src/context.ts';
import type { Draft } from '#src/measure/events/steps.ts';
import { storeAtOnce } from '#src/measure/events/store.ts';

/**
 * Stores events of an import, in the order in which they happened, with all that follows from them. Events with the same
 * id and moment are there already and passed over, however long ago they came. Returns how many were new.
 */
export async function storeImported(inside: Inside, appId: string, drafts: readonly Draft[]): Promise<number> {
  if (drafts.length === 0) return 0;
  const ids = drafts.map(({ id }) => id);
  const moments = drafts.map(({ at }) => at);
  const { tx } = inside;
  const known = await tx
    .selectFrom('events')
    .select('id')
    .where('appId', '=', appId)
    .where('occurredAt', 'in', moments)
    .where('id', 'in', ids)
    .execute();
  const stored = new Set(known.map(({ id }) => id));
  const fresh = [...new Map(drafts.map((draft) => [draft.id, draft])).values()].filter(({ id }) => !stored.has(id));
  if (fresh.length === 0) return 0;
  await storeAtOnce(inside, fresh);
  const { numUpdatedRows } = await tx
    .updateTable('events')
    .set({ origin: 'import', receivedAt: inside.clock.now() })
    .where('appId', '=', appId)
    .where(
      'occurredAt',
      'in',
      fresh.map(({ at }) => at),
    )
    .where(
      'id',
      'in',
      fresh.map(({ id }) => id),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

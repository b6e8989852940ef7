import { z } from 'zod';
import { type Context, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { assertSharable, openShares } from './shares.ts';

/** Bytes of JSON that the settings of a view may have. */
const LARGEST = 8_000;
const MOST = 200;

export const viewName = z.string().trim().min(1).max(120);
/** Whatever the page keeps in its address: only the page itself knows. */
export const settings = z
  .record(z.string().max(60), z.unknown())
  .refine((value) => JSON.stringify(value).length <= LARGEST, 'These settings are too large to be saved.');
export type Settings = z.output<typeof settings>;

export function listViews(context: Context, { page }: { page?: string | undefined }) {
  return transaction(context, async (inside) => {
    const rows = await inside.tx
      .selectFrom('savedViews')
      .select(['id as viewId', 'name', 'page', 'settings', 'createdAt', 'updatedAt'])
      .$if(page !== undefined, (query) => query.where('page', '=', page ?? ''))
      .orderBy('name')
      .orderBy('createdAt')
      .limit(MOST)
      .execute();
    const open = await openShares(inside);
    return {
      views: rows.map((row) => ({
        ...row,
        settings: settings.parse(row.settings),
        shares: open.filter((share) => share.viewId === row.viewId).length,
      })),
    };
  });
}

/** A view that is shared may only be saved as something that can be: its links show what it is now. */
export function saveView(
  context: Context,
  { viewId, ...wanted }: { name: string; page: string; settings: Settings; viewId?: string | undefined },
) {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    const row = { name: wanted.name, page: wanted.page, settings: JSON.stringify(wanted.settings), updatedAt: now };
    if (viewId !== undefined) {
      if ((await openShares(inside, viewId)).length > 0) {
        assertMayShow(context);
        await assertSharable(inside, wanted);
      }
      const changed = await inside.tx
        .updateTable('savedViews')
        .set(row)
        .where('id', '=', viewId)
        .returning('id')
        .executeTakeFirst();
      if (!changed) throw notFound('saved view');
      return { viewId };
    }
    const made = await inside.tx
      .insertInto('savedViews')
      .values({ ...row, workspaceId: inside.workspaceId, createdBy: userOf(context), createdAt: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { viewId: made.id };
  });
}

/** What changes here the world sees at once: a key that may not share may not do this either. */
function assertMayShow({ who }: Context): void {
  if (who.kind === 'key' && !who.scopes.includes('destructive'))
    throw refuse(
      'forbidden',
      'scope',
      'There are open links to this view. This key may not change what they show: it needs the scope “destructive”.',
    );
}

export function renameView(context: Context, { viewId, name }: { viewId: string; name: string }) {
  return transaction(context, async ({ tx, clock }) => {
    const row = await tx
      .updateTable('savedViews')
      .set({ name, updatedAt: clock.now() })
      .where('id', '=', viewId)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('saved view');
    return { done: true };
  });
}

export function removeView(context: Context, { viewId }: { viewId: string }) {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .deleteFrom('savedViews')
      .where('id', '=', viewId)
      .returning(['name', 'page'])
      .executeTakeFirst();
    if (!row) throw notFound('saved view');
    await audit(inside, { operation: 'views.remove', subject: viewId, before: row });
    return { done: true };
  });
}

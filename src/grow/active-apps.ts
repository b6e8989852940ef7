import { type Context, transaction } from '#src/context.ts';

/** The apps the clock looks after: paused, archived and discontinued ones are left alone. */
export function activeApps(context: Context): Promise<{ id: string }[]> {
  return transaction(context, ({ tx }) =>
    tx.selectFrom('apps').select('id').where('status', '=', 'active').orderBy('createdAt').execute(),
  );
}

import { type Context, transaction } from '#src/context.ts';

/**
 * Runs `run` for every app, in order of their age; `active` leaves out paused, archived and discontinued ones. An app that
 * fails does not keep the others from their turn: what went wrong is thrown when all have had it.
 */
export async function eachApp(
  context: Context,
  run: (appId: string) => Promise<unknown>,
  { active = false } = {},
): Promise<void> {
  const apps = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('apps')
      .select('id')
      .$if(active, (query) => query.where('status', '=', 'active'))
      .orderBy('createdAt')
      .execute(),
  );
  await each(
    apps.map(({ id }) => id),
    'apps',
    run,
  );
}

/** Runs `run` for each id in turn. One that fails does not keep the others from theirs: it is thrown when all have had it. */
export async function each(ids: readonly string[], what: string, run: (id: string) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const id of ids) {
    try {
      await run(id);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} of ${ids.length} ${what} failed.`);
}

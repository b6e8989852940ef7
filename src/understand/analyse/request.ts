import { type Inside, userOf } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';

/** The steps of a reading, by position. */
export const steps = { open: 1, read: 2, beside: 3, find: 4, check: 5, write: 6 } as const;
export type Step = keyof typeof steps;

/**
 * Lays down the rows of a reading that has yet to run, so that its progress can be shown from the first moment. One
 * reading at a time: while one waits or runs, its id is returned.
 */
export async function requestAnalysis(
  inside: Inside,
  appId: string,
  reason: 'asked' | 'schedule' = 'asked',
): Promise<string> {
  const { tx, workspaceId } = inside;
  const app = await tx.selectFrom('apps').select('url').where('id', '=', appId).forUpdate().executeTakeFirst();
  if (!app) throw notFound('app');
  const open = await openAnalysisOf(inside, appId);
  if (open) {
    // What a person wants is read whole, also when the clock had wanted a look already.
    if (reason === 'asked') await tx.updateTable('analyses').set({ reason }).where('id', '=', open).execute();
    return open;
  }
  const { id } = await tx
    .insertInto('analyses')
    .values({ workspaceId, appId, reason, requestedBy: userOf(inside), createdAt: inside.clock.now() })
    .returning('id')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('analysisSteps')
    .values(
      Object.entries(namesOf(app.url)).map(([step, name]) => ({
        workspaceId,
        analysisId: id,
        position: steps[step as Step],
        name,
      })),
    )
    .execute();
  return id;
}

/** The reading of this app that waits or runs, if there is one. */
export async function openAnalysisOf({ tx }: Inside, appId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('analyses')
    .select('id')
    .where('appId', '=', appId)
    .where('state', 'in', ['waiting', 'running'])
    .orderBy('createdAt', 'desc')
    .executeTakeFirst();
  return row?.id;
}

function namesOf(url: string): Record<Step, string> {
  return {
    open: `Opening ${new URL(url).host}`,
    read: 'Reading the pages of the site',
    beside: 'Reading the repository and store pages',
    find: 'Finding what it does and for whom',
    check: 'Checking every quote',
    write: 'Writing it down',
  };
}

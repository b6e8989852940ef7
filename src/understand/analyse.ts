import { record } from '#src/activity.ts';
import { type Context, transaction } from '#src/context.ts';
import { checkQuotes, find } from './analyse/find.ts';
import { beginStep, claim, endUnfinished, Stopped, takeStep, Unreadable } from './analyse/progress.ts';
import { openHome, readLinked, readReadmeOf } from './analyse/read.ts';
import { writeDown } from './analyse/write.ts';
import { knownPages } from './pages.ts';

export { analysisOperations } from './analyse/operations.ts';
export { requestAnalysis } from './analyse/request.ts';

/**
 * Reads an app: opens its address, reads what it leads to, finds what it does and for whom, checks every quote, and
 * writes it down. Progress is shown step by step while it runs; the findings are written in one transaction at its end.
 *
 * Without `analysisId` it takes on the reading that waits or was cut off; when none does, there is nothing to do. Safe
 * to run twice and after a crash at any point. A page that cannot be read ends the reading as failed, in words, and is
 * no error of this verb.
 *
 * @param options.signal the process is about to stop: the reading is left as it is, to be taken on again
 */
export async function analyse(
  context: Context,
  appId: string,
  options: { analysisId?: string; signal?: AbortSignal } = {},
): Promise<void> {
  const analysisId = await claim(context, appId, options.analysisId);
  if (!analysisId) return;
  try {
    await readThrough(context, appId, analysisId, options.signal);
  } catch (error) {
    if (error instanceof Stopped) return;
    if (options.signal?.aborted) throw error;
    const readable = error instanceof Unreadable;
    await fail(
      context,
      appId,
      analysisId,
      readable
        ? { code: error.code, message: error.message }
        : { code: 'fault', message: 'Something went wrong on our side; it is in the log. Start the reading again.' },
    );
    if (!readable) throw error;
  }
}

async function readThrough(context: Context, appId: string, analysisId: string, signal?: AbortSignal): Promise<void> {
  const step: typeof takeStep = (inside, id, name, run) => {
    signal?.throwIfAborted();
    return takeStep(inside, id, name, run);
  };
  const { app, known } = await transaction(context, async (inside) => ({
    app: await inside.tx
      .selectFrom('apps')
      .select(['url', 'repositoryUrl', 'editedFields'])
      .where('id', '=', appId)
      .executeTakeFirstOrThrow(),
    known: await knownPages(inside, appId),
  }));

  const home = await step(context, analysisId, 'open', () => openHome(context, app.url));
  const linked = await step(context, analysisId, 'read', (say) => readLinked(context, home.page, known, say));
  const given = app.editedFields.includes('repositoryUrl');
  const repository = given ? app.repositoryUrl : (home.page.repository ?? app.repositoryUrl);
  const readme = await step(context, analysisId, 'readme', () => readReadmeOf(context, repository));
  const pages = [home, ...linked.pages, ...(readme ? [readme] : [])];
  const read = pages.map((one) => one.page);

  const found = await step(context, analysisId, 'find', async () => {
    const ended = await find(context, read, signal);
    const { method, fellBackBecause } = ended.value;
    await transaction(context, ({ tx }) =>
      tx.updateTable('analyses').set({ method, fellBackBecause }).where('id', '=', analysisId).execute(),
    );
    return ended;
  });
  const findings = await step(context, analysisId, 'check', async () => checkQuotes(found.findings, read));
  signal?.throwIfAborted();
  await beginStep(context, analysisId, 'write');
  const { missed } = linked;
  await writeDown(context, { appId, analysisId, home, pages, missed, repository, found: { ...found, findings } });
}

function fail(
  context: Context,
  appId: string,
  analysisId: string,
  end: { code: string; message: string },
): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .selectFrom('analyses')
      .select('state')
      .where('id', '=', analysisId)
      .forUpdate()
      .executeTakeFirst();
    if (row?.state !== 'running') return;
    await endUnfinished(inside, analysisId, { state: 'failed', ...end });
    await record(inside, 'analysis.failed', { subjectId: analysisId, detail: { appId, code: end.code } });
  });
}

import { record } from '#src/activity.ts';
import { type Context, transaction } from '#src/context.ts';
import { readBeside } from './analyse/beside.ts';
import { crawl } from './analyse/crawl.ts';
import { checkQuotes, find } from './analyse/find.ts';
import { beginStep, claim, endUnfinished, Stopped, takeStep, Unreadable } from './analyse/progress.ts';
import { knownOf, openHome, tellingPages } from './analyse/read.ts';
import { requestAnalysis } from './analyse/request.ts';
import { goneIn, writeDown, writeUnchanged } from './analyse/write.ts';
import type { PageLink } from './reading.ts';

export { analysisOperations } from './analyse/operations.ts';
export { requestAnalysis } from './analyse/request.ts';

/**
 * Reads an app: opens its address, reads its site, its repository and its store pages, finds what it does and for whom,
 * checks every quote, and writes it down. Progress is shown step by step while it runs; the findings are written in one
 * transaction at its end.
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

/** A week after the last look, in milliseconds, less the hours by which Mondays differ. */
const A_WEEK = 6 * 86_400_000;

/**
 * Asks for a look at every active app that nobody had read for a week. Pages that have not changed are not sent again,
 * and where nothing has changed nothing is analysed anew.
 */
export async function lookForChanges(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    const apps = await inside.tx
      .selectFrom('apps as a')
      .select('a.id')
      .select((eb) =>
        eb
          .selectFrom('analyses as n')
          .whereRef('n.appId', '=', 'a.id')
          .where('n.state', '=', 'done')
          .select((last) => last.fn.max('n.finishedAt').as('at'))
          .as('readAt'),
      )
      .where('a.status', '=', 'active')
      .execute();
    const due = inside.clock.now().getTime() - A_WEEK;
    for (const { id, readAt } of apps) {
      // An app whose first reading never succeeded waits for a person.
      if (!readAt || readAt.getTime() > due) continue;
      const analysisId = await requestAnalysis(inside, id, 'schedule');
      await record(inside, 'analysis.requested', { subjectId: id, detail: { analysisId } });
    }
  });
}

async function readThrough(context: Context, appId: string, analysisId: string, signal?: AbortSignal): Promise<void> {
  const step: typeof takeStep = (inside, id, name, run) => {
    signal?.throwIfAborted();
    return takeStep(inside, id, name, run);
  };
  const { app, bySchedule, known } = await transaction(context, async (inside) => ({
    app: await inside.tx
      .selectFrom('apps')
      .select(['url', 'repositoryUrl', 'editedFields'])
      .where('id', '=', appId)
      .executeTakeFirstOrThrow(),
    bySchedule:
      (await inside.tx.selectFrom('analyses').select('reason').where('id', '=', analysisId).executeTakeFirst())
        ?.reason === 'schedule',
    known: await knownOf(inside, appId),
  }));

  const home = await step(context, analysisId, 'open', () => openHome(context, app.url, known, bySchedule));
  const site = await step(context, analysisId, 'read', (say) =>
    crawl(context, home, known.pages, { say, signal, addresses: known.addresses }),
  );
  const given = app.editedFields.includes('repositoryUrl');
  const repository = given ? app.repositoryUrl : (home.page.repository ?? app.repositoryUrl);
  const stores = await storesOf(context, appId, site.pages);
  const beside = await step(context, analysisId, 'beside', () =>
    readBeside(context, { repository, stores }, known.beside),
  );
  const pages = [...site.pages, ...beside.pages];
  const read = { appId, analysisId, home, site, beside };
  const before = new Set([...known.pages, ...known.addresses, ...known.beside].map((one) => one.url));
  const lost = goneIn(read).some((url) => before.has(url));
  if (bySchedule && !lost && pages.every((one) => one.unchanged)) {
    await beginStep(context, analysisId, 'write');
    return writeUnchanged(context, read);
  }

  const telling = tellingPages(pages);
  const found = await step(context, analysisId, 'find', async (say) => {
    const ended = await find(context, telling, { analysisId, signal, say });
    const { method, fellBackBecause } = ended.value;
    await transaction(context, ({ tx }) =>
      tx.updateTable('analyses').set({ method, fellBackBecause }).where('id', '=', analysisId).execute(),
    );
    return ended;
  });
  const findings = await step(context, analysisId, 'check', async () => checkQuotes(found.findings, telling));
  signal?.throwIfAborted();
  await beginStep(context, analysisId, 'write');
  await writeDown(context, { ...read, repository, found: { ...found, findings } });
}

/** Pages in stores: those a person named, else those the site links. */
async function storesOf(
  context: Context,
  appId: string,
  pages: readonly { page: { links: PageLink[] } }[],
): Promise<PageLink[]> {
  const named = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('socialLinks')
      .select(['url', 'handle'])
      .where('appId', '=', appId)
      .where('platform', '=', 'store')
      .execute(),
  );
  const linked = pages.flatMap(({ page }) => page.links.filter((one) => one.kind === 'store'));
  const all = [...named.map(({ url }): PageLink => ({ url, text: '', kind: 'store' })), ...linked];
  return [...new Map(all.map((one) => [one.url.split('?')[0], one])).values()];
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

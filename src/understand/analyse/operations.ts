import { z } from 'zod';
import { record } from '#src/activity.ts';
import { cancelCalls } from '#src/ask.ts';
import { type Inside, transaction } from '#src/context.ts';
import { done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { endUnfinished } from './progress.ts';
import { requestAnalysis } from './request.ts';

const states = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
const stepStates = ['waiting', 'running', 'done', 'skipped', 'failed'] as const;

async function showAnalysis({ tx }: Inside, analysisId: string) {
  const row = await tx
    .selectFrom('analyses as a')
    .leftJoin('users as u', 'u.id', 'a.requestedBy')
    .select(['a.id', 'a.appId', 'a.state', 'a.reason', 'a.method', 'a.fellBackBecause', 'a.failureCode', 'a.failure'])
    .select(['a.createdAt', 'a.startedAt', 'a.finishedAt', 'u.name as requestedBy'])
    .where('a.id', '=', analysisId)
    .executeTakeFirst();
  if (!row) throw notFound('analysis');
  const steps = await tx
    .selectFrom('analysisSteps')
    .select(['position', 'name', 'state', 'message', 'startedAt', 'finishedAt'])
    .where('analysisId', '=', analysisId)
    .orderBy('position')
    .execute();
  const changes = await tx
    .selectFrom('factChanges')
    .select(['change', (eb) => eb.fn.countAll<number>().as('count')])
    .where('analysisId', '=', analysisId)
    .groupBy('change')
    .execute();
  const pages = await tx
    .selectFrom('analysisPages')
    .select(['url', 'source', 'outcome', 'note', 'bytes', 'milliseconds'])
    .where('analysisId', '=', analysisId)
    .orderBy('position')
    .execute();
  const many = (change: string) => changes.find((one) => one.change === change)?.count ?? 0;
  const { failureCode, failure, ...analysis } = row;
  return {
    ...analysis,
    failure: failure === null ? null : { code: failureCode ?? 'fault', message: failure },
    steps,
    pages,
    facts: { found: many('found'), seenAgain: many('seen_again'), noLongerFound: many('no_longer_found') },
  };
}

const shown = z.object({
  id,
  appId: id,
  state: z.enum(states),
  /** A person wanted it, or the weekly look whether pages changed. */
  reason: z.enum(['asked', 'schedule']),
  /** Null until it is known. */
  method: z.enum(['built_in', 'model']).nullable(),
  /** Why the built-in analysis stood in for the model. */
  fellBackBecause: z.string().nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  steps: z.array(
    z.object({
      position: z.int(),
      name: z.string(),
      state: z.enum(stepStates),
      message: z.string().nullable(),
      startedAt: z.date().nullable(),
      finishedAt: z.date().nullable(),
    }),
  ),
  /** What became of each address it came to; there once it has ended well. */
  pages: z.array(
    z.object({
      url: z.string(),
      source: z.enum(['home', 'link', 'sitemap', 'known', 'repository', 'store']),
      outcome: z.enum([
        'read',
        'unchanged',
        'duplicate',
        'script_only',
        'soft_404',
        'moved_off',
        'disallowed',
        'no_page',
        'missing',
        'failed',
        'left',
      ]),
      note: z.string().nullable(),
      bytes: z.int().nullable(),
      milliseconds: z.int().nullable(),
    }),
  ),
  facts: z.object({ found: z.int(), seenAgain: z.int(), noLongerFound: z.int() }),
  requestedBy: z.string().nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
});

export const analysisOperations = {
  start: operation({
    summary: 'Read the pages of an app again; while a reading runs, that one is returned.',
    route: 'POST /apps/{appId}/analyses',
    access: 'write',
    long: true,
    input: z.strictObject({ appId: id }),
    output: z.object({ analysisId: id }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        const analysisId = await requestAnalysis(inside, appId);
        await audit(inside, { operation: 'analyses.start', subject: appId, after: { analysisId } });
        await record(inside, 'analysis.requested', { subjectId: appId, detail: { analysisId } });
        return { analysisId };
      }),
  }),
  get: operation({
    summary: 'Show how far the reading of an app is, step by step.',
    route: 'GET /analyses/{analysisId}',
    access: 'read',
    input: z.strictObject({ analysisId: id }),
    output: shown,
    run: (context, { analysisId }) => transaction(context, (inside) => showAnalysis(inside, analysisId)),
  }),
  latest: operation({
    summary: 'Show the latest reading of an app.',
    route: 'GET /apps/{appId}/analyses/latest',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ analysis: shown.nullable() }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        const app = await inside.tx.selectFrom('apps').select('id').where('id', '=', appId).executeTakeFirst();
        if (!app) throw notFound('app');
        const row = await inside.tx
          .selectFrom('analyses')
          .select('id')
          .where('appId', '=', appId)
          .orderBy('createdAt', 'desc')
          .orderBy((eb) => eb.case().when('state', 'in', ['waiting', 'running']).then(0).else(1).end())
          .executeTakeFirst();
        return { analysis: row ? await showAnalysis(inside, row.id) : null };
      }),
  }),
  cancel: operation({
    summary: 'Cancel a reading that waits or runs; what is known stays as it is.',
    route: 'POST /analyses/{analysisId}/cancel',
    access: 'write',
    input: z.strictObject({ analysisId: id }),
    output: done,
    run: (context, { analysisId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .selectFrom('analyses')
          .select(['state', 'appId'])
          .where('id', '=', analysisId)
          .forUpdate()
          .executeTakeFirst();
        if (!row) throw notFound('analysis');
        if (row.state !== 'waiting' && row.state !== 'running')
          throw refuse('conflict', 'analysis_ended', 'This reading has ended already; there is nothing to cancel.');
        await endUnfinished(inside, analysisId, { state: 'cancelled' });
        await cancelCalls(inside, { subject: analysisId });
        await audit(inside, { operation: 'analyses.cancel', subject: analysisId });
        await record(inside, 'analysis.cancelled', { subjectId: analysisId, detail: { appId: row.appId } });
        return { done: true };
      }),
  }),
};

import { type Context, type Inside, transaction } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';
import { openAnalysisOf, requestAnalysis, type Step, steps } from './request.ts';

/** The reading was cancelled, or another run finished it first: there is nothing left to do. */
export class Stopped extends Error {}

/** A page that cannot be read ends the reading, in words for people. */
export class Unreadable extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How a step ended, and what the person is told of it. */
export type Ended<T> = { value: T; message: string; skipped?: boolean };

/**
 * Takes a reading on: the one named, else the one that waits or runs. What a killed run had reached is forgotten; it
 * had written nothing but its progress. Null when there is nothing to do, because the reading has ended.
 */
export async function claim(context: Context, appId: string, analysisId?: string): Promise<string | null> {
  return transaction(context, async (inside) => {
    const { tx } = inside;
    const known = await tx.selectFrom('analyses').select('id').where('appId', '=', appId).executeTakeFirst();
    const id =
      analysisId ?? (await openAnalysisOf(inside, appId)) ?? (known ? null : await requestAnalysis(inside, appId));
    if (id === null) return null;
    const row = await tx
      .selectFrom('analyses')
      .select('state')
      .where('id', '=', id)
      .where('appId', '=', appId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw notFound('analysis');
    if (row.state !== 'waiting' && row.state !== 'running') return null;
    await tx
      .updateTable('analyses')
      .set({ state: 'running', startedAt: inside.clock.now(), method: null, fellBackBecause: null })
      .where('id', '=', id)
      .execute();
    await tx
      .updateTable('analysisSteps')
      .set({ state: 'waiting', message: null, startedAt: null, finishedAt: null })
      .where('analysisId', '=', id)
      .execute();
    return id;
  });
}

/** Shows that a step runs. */
export function beginStep(context: Context, analysisId: string, step: Step): Promise<void> {
  return show(context, analysisId, step, { state: 'running', startedAt: context.clock.now(), message: null });
}

/** Runs one step and shows it while it runs: each change of its row is a short transaction of its own. */
export async function takeStep<T>(
  context: Context,
  analysisId: string,
  step: Step,
  run: (say: (message: string) => Promise<void>) => Promise<Ended<T>>,
): Promise<T> {
  await beginStep(context, analysisId, step);
  const { value, message, skipped } = await run((text) => show(context, analysisId, step, { message: text }));
  const finishedAt = context.clock.now();
  await show(context, analysisId, step, { state: skipped ? 'skipped' : 'done', message, finishedAt });
  return value;
}

function show(context: Context, analysisId: string, step: Step, set: Partial<StepRow>): Promise<void> {
  return transaction(context, async (inside) => {
    await stillRunning(inside, analysisId);
    await setStep(inside, analysisId, step, set);
  });
}

/** Locks the reading's row and makes sure that it still is to be carried on. */
export async function stillRunning({ tx }: Inside, analysisId: string): Promise<void> {
  const row = await tx
    .selectFrom('analyses')
    .select('state')
    .where('id', '=', analysisId)
    .forUpdate()
    .executeTakeFirst();
  if (row?.state !== 'running') throw new Stopped();
}

type StepRow = {
  state: 'waiting' | 'running' | 'done' | 'skipped' | 'failed';
  message: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
};

export async function setStep(inside: Inside, analysisId: string, step: Step, set: Partial<StepRow>): Promise<void> {
  await inside.tx
    .updateTable('analysisSteps')
    .set(set)
    .where('analysisId', '=', analysisId)
    .where('position', '=', steps[step])
    .execute();
}

/** Ends a reading that did not succeed: the step it stood at says so, those after it are skipped. */
export async function endUnfinished(
  inside: Inside,
  analysisId: string,
  end: { state: 'failed'; code: string; message: string } | { state: 'cancelled' },
): Promise<void> {
  const now = inside.clock.now();
  const failed = end.state === 'failed';
  await inside.tx
    .updateTable('analysisSteps')
    .set({
      state: failed ? 'failed' : 'skipped',
      finishedAt: now,
      ...(failed ? { message: end.message } : {}),
    })
    .where('analysisId', '=', analysisId)
    .where('state', '=', 'running')
    .execute();
  await inside.tx
    .updateTable('analysisSteps')
    .set({ state: 'skipped' })
    .where('analysisId', '=', analysisId)
    .where('state', '=', 'waiting')
    .execute();
  await inside.tx
    .updateTable('analyses')
    .set({
      state: end.state,
      finishedAt: now,
      ...(failed ? { failureCode: end.code, failure: end.message } : {}),
    })
    .where('id', '=', analysisId)
    .execute();
}

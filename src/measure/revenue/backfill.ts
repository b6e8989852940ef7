import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import type { HistoryEvent, PaymentProvider } from '#src/outside/payments/payment.ts';
import { notify } from '#src/people/notices.ts';

const DAY = 86_400_000;
/** So long a reader has a run for itself after each page; one that died loses it. */
const LEASE = 10 * 60_000;
/** After so many pages a job makes room for others and goes on as a new one. */
const PAGES_PER_JOB = 100;

/** What a test or a removed source is not to be counted as. */
export const TEST_ONLY = 'A test of the provider: kept, not counted.';

/**
 * Asks for the history of a source from the beginning, or from a day before the last complete run; a run that is under
 * way goes on with the key as it is now. To be called in the transaction that makes it due.
 */
export async function requestBackfill(inside: Inside, sourceId: string): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const known = await tx
    .selectFrom('paymentBackfills')
    .selectAll()
    .where('paymentSourceId', '=', sourceId)
    .forUpdate()
    .executeTakeFirst();
  const now = clock.now();
  if (known && known.state !== 'done')
    await tx
      .updateTable('paymentBackfills')
      .set({
        state: 'running',
        nextAt: null,
        message: null,
        // What the provider refused once, it would refuse again at the same place.
        ...(known.state === 'failed' ? { cursor: null } : {}),
      })
      .where('paymentSourceId', '=', sourceId)
      .execute();
  else {
    const since = known?.completeUntil ? new Date(known.completeUntil.getTime() - DAY) : null;
    const run = {
      state: 'running' as const,
      cursor: null,
      since,
      startedAt: now,
      pages: 0,
      eventsRead: 0,
      eventsNew: 0,
      reached: null,
      message: null,
      nextAt: null,
    };
    await tx
      .insertInto('paymentBackfills')
      .values({ workspaceId, paymentSourceId: sourceId, ...run })
      .onConflict((oc) => oc.columns(['workspaceId', 'paymentSourceId']).doUpdateSet(run))
      .execute();
  }
  await record(inside, 'backfill.requested', { subjectId: sourceId });
}

/** For the clock: reads every source with an API key once more, as far as it changed since the last time. */
export async function requestBackfills(context: Context): Promise<void> {
  if (context.demo) return;
  await transaction(context, async (inside) => {
    const sources = await inside.tx
      .selectFrom('paymentSources')
      .select(['id', 'provider'])
      .where('removedAt', 'is', null)
      .where('sealedApiKey', 'is not', null)
      .execute();
    for (const source of sources)
      if (inside.payments.get(source.provider)?.backfill) await requestBackfill(inside, source.id);
  });
}

/** For the clock: goes on with the runs whose pause is over, and with those whose reader died. */
export async function continueBackfills(context: Context): Promise<void> {
  const now = context.clock.now();
  const rows = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('paymentBackfills')
      .select('paymentSourceId')
      .where((eb) =>
        eb.or([
          eb.and([eb('state', '=', 'waiting'), eb('nextAt', '<=', now)]),
          eb.and([eb('state', '=', 'running'), eb.or([eb('claimedUntil', 'is', null), eb('claimedUntil', '<=', now)])]),
        ]),
      )
      .execute(),
  );
  for (const row of rows) await runBackfill(context, row.paymentSourceId);
}

/**
 * Reads a provider's history page by page from where the run is: each page is stored raw with the place behind it in
 * one transaction, as webhooks are, and processed after the last one. What is known already is recognised by its id.
 * Webhooks may come meanwhile. Safe to run twice: one reader at a time has the run.
 */
export async function runBackfill(context: Context, sourceId: string): Promise<void> {
  const run = await claim(context, sourceId);
  if (!run) return;
  let { cursor } = run;
  for (let page = 0; page < PAGES_PER_JOB; page++) {
    const answer = await run.backfill({
      apiKey: run.apiKey,
      apiUrl: run.apiUrl,
      since: run.since,
      cursor,
      now: context.clock.now(),
    });
    if (!answer.ok) {
      await pause(context, sourceId, run.provider, answer.failure);
      return;
    }
    const { events } = answer.value;
    cursor = answer.value.cursor;
    await transaction(context, (inside) => storePage(inside, sourceId, run.provider, events, cursor));
    if (cursor === null) {
      await processPayments(context);
      return;
    }
  }
  await transaction(context, async (inside) => {
    await release(inside, sourceId);
    await record(inside, 'backfill.requested', { subjectId: sourceId });
  });
}

async function claim(context: Context, sourceId: string) {
  return transaction(context, async (inside) => {
    const { tx, clock } = inside;
    const now = clock.now();
    const row = await tx
      .selectFrom('paymentBackfills')
      .innerJoin('paymentSources', 'paymentSources.id', 'paymentBackfills.paymentSourceId')
      .select(['cursor', 'since', 'claimedUntil', 'nextAt', 'state', 'provider', 'apiUrl', 'sealedApiKey'])
      .where('paymentSourceId', '=', sourceId)
      .where('removedAt', 'is', null)
      .forUpdate('paymentBackfills')
      .executeTakeFirst();
    const provider = row && inside.payments.get(row.provider);
    if (!row?.sealedApiKey || !provider?.backfill) return null;
    if (row.state !== 'running' && row.state !== 'waiting') return null;
    if (row.claimedUntil !== null && row.claimedUntil > now) return null;
    if (row.nextAt !== null && row.nextAt > now) return null;
    await tx
      .updateTable('paymentBackfills')
      .set({ state: 'running', claimedUntil: new Date(now.getTime() + LEASE), nextAt: null, message: null })
      .where('paymentSourceId', '=', sourceId)
      .execute();
    const place = { table: 'payment_sources', row: sourceId, column: 'sealed_api_key' };
    return {
      provider,
      backfill: provider.backfill,
      apiKey: inside.secrets.open(place, row.sealedApiKey),
      apiUrl: row.apiUrl,
      since: row.since,
      cursor: row.cursor,
    };
  });
}

async function storePage(
  inside: Inside,
  sourceId: string,
  provider: PaymentProvider,
  events: readonly HistoryEvent[],
  cursor: string | null,
): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const now = clock.now();
  const rows = events.map((event) => {
    const test = provider.mixesTest && !event.livemode;
    return {
      workspaceId,
      paymentSourceId: sourceId,
      providerEventId: event.eventId,
      kind: event.type,
      body: event.body,
      occurredAt: event.occurredAt,
      receivedAt: now,
      ...(test ? { processedAt: now, outcome: 'ignored' as const, message: TEST_ONLY } : {}),
    };
  });
  let stored = 0;
  for (let at = 0; at < rows.length; at += 500) {
    const made = await tx
      .insertInto('paymentEvents')
      .values(rows.slice(at, at + 500))
      .onConflict((oc) => oc.columns(['workspaceId', 'paymentSourceId', 'providerEventId']).doNothing())
      .returning('id')
      .execute();
    stored += made.length;
  }
  const reached = events.at(-1)?.occurredAt;
  await tx
    .updateTable('paymentBackfills')
    .set((eb) => ({
      cursor,
      pages: eb('pages', '+', 1),
      eventsRead: eb('eventsRead', '+', events.length),
      eventsNew: eb('eventsNew', '+', stored),
      ...(reached ? { reached } : {}),
      ...(cursor === null
        ? { state: 'done' as const, claimedUntil: null, completedAt: now, completeUntil: eb.ref('startedAt') }
        : { claimedUntil: new Date(now.getTime() + LEASE) }),
    }))
    .where('paymentSourceId', '=', sourceId)
    .execute();
}

type Failure = Extract<Awaited<ReturnType<NonNullable<PaymentProvider['backfill']>>>, { ok: false }>['failure'];

async function pause(context: Context, sourceId: string, provider: PaymentProvider, failure: Failure): Promise<void> {
  await transaction(context, async (inside) => {
    const { tx, clock } = inside;
    const soon = new Date(clock.now().getTime() + 15 * 60_000);
    const later = failure.kind === 'later' ? failure.until : null;
    const again = failure.kind === 'unknown' ? soon : later;
    await tx
      .updateTable('paymentBackfills')
      .set({
        state: again === null ? 'failed' : 'waiting',
        message: failure.reason,
        nextAt: again,
        claimedUntil: null,
      })
      .where('paymentSourceId', '=', sourceId)
      .execute();
    if (again !== null) return;
    await notify(inside, {
      kind: 'backfill_failed',
      title: `The history of ${provider.name} could not be read`,
      body: `${failure.reason} What webhooks tell is counted meanwhile. Give another key in the settings of this payment source.`,
      path: '/settings/payments',
      dedupe: `backfill_failed:${sourceId}`,
    });
  });
}

async function release({ tx }: Inside, sourceId: string): Promise<void> {
  await tx
    .updateTable('paymentBackfills')
    .set({ claimedUntil: null })
    .where('paymentSourceId', '=', sourceId)
    .execute();
}

import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { tellConversions } from '#src/measure/conversions.ts';
import { joinByCheckout, joinByFact } from '#src/measure/revenue/joining.ts';
import {
  applyDispute,
  applyFee,
  applyInvoice,
  applyPayment,
  applyRefund,
  purchasesOf,
} from '#src/measure/revenue/payments.ts';
import { applyDiscount, applySubscription } from '#src/measure/revenue/subscriptions.ts';
import { type MoneyFact, UnreadableEvent } from '#src/outside/payments/payment.ts';

/** Where a fact comes from: the source it was told by, and the time of the event that told it. */
export type Telling = {
  sourceId: string;
  appId: string;
  eventId: string;
  toldAt: Date;
};

/**
 * Applies the stored webhooks that have not been processed yet, each in a transaction of its own. Twice and out of
 * order is fine: facts are upserts by the provider's ids, and what an older event says never overwrites a newer one.
 * An event that cannot be read is kept as failed, to be replayed. Returns how many were processed.
 */
export async function processPayments(context: Context): Promise<number> {
  for (let processed = 0; ; processed++) {
    if (await processNext(context)) continue;
    await transaction(context, async (inside) => {
      await oneAtATime(inside);
      await bringPurchases(inside);
    });
    return processed;
  }
}

/** Applies the earliest open event. An event that cannot be applied is put aside, so that it does not hold up others. */
async function processNext(context: Context): Promise<boolean> {
  let current: string | null = null;
  try {
    return await transaction(context, async (inside) => {
      await oneAtATime(inside);
      const event = await inside.tx
        .selectFrom('paymentEvents')
        .innerJoin('paymentSources', 'paymentSources.id', 'paymentEvents.paymentSourceId')
        .select(['paymentEvents.id', 'paymentEvents.body', 'paymentEvents.occurredAt', 'paymentEvents.receivedAt'])
        .select(['paymentEvents.kind', 'paymentSources.id as sourceId', 'paymentSources.appId'])
        .select('paymentSources.provider')
        .where('paymentEvents.processedAt', 'is', null)
        .orderBy('paymentEvents.occurredAt')
        .orderBy('paymentEvents.receivedAt')
        .limit(1)
        .executeTakeFirst();
      if (!event) return false;
      current = event.id;
      const result = await apply(inside, event.provider, event.body, {
        sourceId: event.sourceId,
        appId: event.appId,
        eventId: event.id,
        toldAt: inOrder(event.occurredAt ?? event.receivedAt, event.kind),
      });
      await settleEvent(inside, event.id, result);
      return true;
    });
  } catch (error) {
    const eventId = current as string | null;
    if (eventId === null || !isAboutTheEvent(error)) throw error;
    context.log.error({ err: error, paymentEvent: eventId }, 'A payment event could not be applied');
    await transaction(context, (inside) =>
      settleEvent(inside, eventId, { outcome: 'failed', message: (error as Error).message }),
    );
    return true;
  }
}

type Result = { outcome: 'applied' | 'ignored' | 'failed'; message: string | null };

async function settleEvent({ tx, clock }: Inside, eventId: string, result: Result): Promise<void> {
  await tx
    .updateTable('paymentEvents')
    .set({ processedAt: clock.now(), ...result })
    .where('id', '=', eventId)
    .execute();
}

/** SQLSTATE classes 22 and 23, and what our own reading of it throws; anything else is the database or a fault. */
function isAboutTheEvent(error: unknown): boolean {
  return error instanceof RangeError || /^2[23]/.test((error as { code?: string }).code ?? '');
}

/** Every payment has its conversion; told once per app. Done at each run, so that a crash before it leaves no gap. */
async function bringPurchases(inside: Inside): Promise<void> {
  const sources = await inside.tx.selectFrom('paymentSources').select(['id', 'appId']).execute();
  for (const source of sources) {
    const made = await purchasesOf(inside, source.id);
    if (made > 0) await tellConversions(inside, source.appId, made);
  }
}

/** Processes the failed events of a source once more, after an update that can read them. Returns how many. */
export async function replayFailed(context: Context, sourceId: string): Promise<number> {
  const rows = await transaction(context, ({ tx }) =>
    tx
      .updateTable('paymentEvents')
      .set({ processedAt: null, outcome: null, message: null })
      .where('paymentSourceId', '=', sourceId)
      .where('outcome', '=', 'failed')
      .returning('id')
      .execute(),
  );
  await processPayments(context);
  return rows.length;
}

async function apply(inside: Inside, providerId: string, body: string, telling: Telling): Promise<Result> {
  let facts: MoneyFact[];
  try {
    facts = inside.payments.get(providerId)?.translate(JSON.parse(body)) ?? [];
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    return { outcome: 'failed', message: error.message };
  }
  if (facts.length === 0) return { outcome: 'ignored', message: null };
  const notes: string[] = [];
  // Payments first, so that what else the event says of them finds them.
  for (const fact of [...facts].sort((a, b) => Number(b.kind === 'payment') - Number(a.kind === 'payment'))) {
    const unknown = await applyFact(inside, telling, fact);
    if (unknown.length > 0) notes.push(`MRR leaves out what is not known yet: ${unknown.join(', ')}.`);
  }
  return { outcome: 'applied', message: notes.length > 0 ? notes.join(' ') : null };
}

async function applyFact(inside: Inside, telling: Telling, fact: MoneyFact): Promise<string[]> {
  switch (fact.kind) {
    case 'customer':
      await joinByFact(inside, telling, fact);
      return [];
    case 'checkout':
      await joinByCheckout(inside, telling, fact);
      return [];
    case 'subscription':
      await joinByFact(inside, telling, { ...fact, email: null, name: null });
      return applySubscription(inside, telling, fact);
    case 'discount':
      return applyDiscount(inside, telling, fact);
    case 'payment':
      if (fact.customerId !== null)
        await joinByFact(inside, telling, { ...fact, customerId: fact.customerId, email: null, name: null });
      await applyPayment(inside, telling, fact);
      return [];
    case 'invoice':
      await applyInvoice(inside, telling, fact);
      return [];
    case 'refund':
      await applyRefund(inside, telling, fact);
      return [];
    case 'dispute':
      await applyDispute(inside, telling, fact);
      return [];
    case 'fee':
      await applyFee(inside, telling, fact);
      return [];
  }
}

/**
 * Providers date events to the second, and much happens in one second of a checkout: what begins a thing comes before
 * the other events of its second, what ends it after them.
 */
function inOrder(at: Date, kind: string): Date {
  const shift = /\.created$/.test(kind) ? -1 : /\.(deleted|closed)$/.test(kind) ? 1 : 0;
  return new Date(at.getTime() + shift);
}

/** Webhooks of a workspace are applied one after another, in whichever process. */
async function oneAtATime({ tx, workspaceId }: Inside): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fanfare.payments ${workspaceId}`}, 0))`.execute(tx);
}

import { type Context, type Inside, transaction } from '#src/context.ts';
import { tellConversions } from '#src/measure/conversions.ts';
import { joinByCheckout, joinByFact } from '#src/measure/revenue/joining.ts';
import { applyBelongs, applyInvoice, applyPayment, bringPurchases } from '#src/measure/revenue/payments.ts';
import { API, translateRecorded } from '#src/measure/revenue/recorded.ts';
import { applyDispute, applyFee, applyRefund } from '#src/measure/revenue/returns.ts';
import { applyPayout, applyStatement } from '#src/measure/revenue/statements.ts';
import { applyDiscount, applyPrice, applySubscription } from '#src/measure/revenue/subscriptions.ts';
import { HISTORY, oneAtATime, type Telling } from '#src/measure/revenue/telling.ts';
import type { MoneyFact } from '#src/outside/payments/payment.ts';
import { notify } from '#src/people/notices.ts';

/**
 * Applies the stored events that have not been processed yet, each in a transaction of its own. Twice and out of
 * order is fine: facts are upserts by the provider's ids, and what an older event says never overwrites a newer one.
 * An event that cannot be read or applied is kept as failed, to be replayed, and holds up no other; only a fault of the
 * database itself ends the run, which is then tried again. Returns how many were processed.
 */
export async function processPayments(context: Context): Promise<number> {
  for (let processed = 0; ; processed++) {
    if (await processNext(context)) continue;
    await transaction(context, async (inside) => {
      await oneAtATime(inside);
      for (const [appId, times] of await bringPurchases(inside)) await tellConversions(inside, appId, times);
    });
    return processed;
  }
}

/** Applies the earliest open event. An event that cannot be applied is put aside, so that it does not hold up others. */
async function processNext(context: Context): Promise<boolean> {
  let current: Current | null = null;
  try {
    return await transaction(context, async (inside) => {
      await oneAtATime(inside);
      const event = await inside.tx
        .selectFrom('paymentEvents')
        .innerJoin('paymentSources', 'paymentSources.id', 'paymentEvents.paymentSourceId')
        .select(['paymentEvents.id', 'paymentEvents.body', 'paymentEvents.occurredAt', 'paymentEvents.receivedAt'])
        .select(['paymentEvents.kind', 'paymentSources.id as sourceId', 'paymentSources.appId'])
        .select(['paymentSources.provider', 'paymentEvents.providerEventId'])
        .where('paymentEvents.processedAt', 'is', null)
        .orderBy('paymentEvents.occurredAt')
        .orderBy('paymentEvents.receivedAt')
        .limit(1)
        .executeTakeFirst();
      if (!event) return false;
      current = { id: event.id, sourceId: event.sourceId };
      const result = await apply(inside, event.provider, event.body, {
        sourceId: event.sourceId,
        appId: event.appId,
        eventId: event.id,
        toldAt: inOrder(event.occurredAt ?? event.receivedAt, event.kind),
        receivedAt: event.receivedAt,
        fromHistory: event.providerEventId.startsWith(HISTORY),
      });
      await settleEvent(inside, { id: event.id, sourceId: event.sourceId }, result);
      return true;
    });
  } catch (error) {
    const event = current as Current | null;
    if (event === null || isAboutTheDatabase(error)) throw error;
    context.log.error({ err: error, paymentEvent: event.id }, 'A payment event could not be applied');
    await transaction(context, (inside) =>
      settleEvent(inside, event, {
        outcome: 'failed',
        message: error instanceof Error ? error.message : String(error),
      }),
    );
    return true;
  }
}

type Current = { id: string; sourceId: string };
type Result = { outcome: 'applied' | 'ignored' | 'failed'; message: string | null };

async function settleEvent(inside: Inside, event: Current, result: Result): Promise<void> {
  const { tx, clock } = inside;
  await tx
    .updateTable('paymentEvents')
    .set({ processedAt: clock.now(), ...result })
    .where('id', '=', event.id)
    .execute();
  if (result.outcome !== 'failed') return;
  await notify(inside, {
    kind: 'payment_event_failed',
    title: 'A payment event could not be processed',
    body: 'It is kept as it came, and the other events go on. Until it is processed, revenue may be incomplete: update Fanfare, then process the failed events of the payment source once more.',
    path: '/settings/payments',
    dedupe: `payment_event_failed:${event.sourceId}`,
  });
}

/**
 * The connection, the server going down or short of something, a transaction that lost against another one: it will
 * work again later, whatever the event says. Everything else is about the event, also a fault of ours in reading it.
 */
function isAboutTheDatabase(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && code !== '') return /^(08|40|53|55|57|58)...$|^E[A-Z]+$/.test(code);
  return typeof message === 'string' && /connection|client (was|has been) closed/i.test(message);
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
  const event: unknown = JSON.parse(body);
  const facts: MoneyFact[] =
    providerId === API ? translateRecorded(event) : (inside.payments.get(providerId)?.translate(event) ?? []);
  if (facts.length === 0) return { outcome: 'ignored', message: null };
  await keepSubjects(inside, telling, facts);
  const notes: string[] = [];
  // Payments first, so that what else the event says of them finds them.
  for (const fact of facts.toSorted((a, b) => Number(b.kind === 'payment') - Number(a.kind === 'payment'))) {
    const unknown = await applyFact(inside, telling, fact);
    if (unknown.length > 0) notes.push(`MRR leaves out what is not known yet: ${unknown.join(', ')}.`);
  }
  return { outcome: 'applied', message: notes.length > 0 ? notes.join(' ') : null };
}

/** Which payments, invoices and subscriptions the event is about: the other end of a receipt. */
async function keepSubjects({ tx, workspaceId }: Inside, telling: Telling, facts: MoneyFact[]): Promise<void> {
  const subjects = new Set(
    facts.flatMap((fact) =>
      (['paymentId', 'invoiceId', 'subscriptionId'] as const).flatMap((name) => {
        const value = name in fact ? (fact as Record<string, unknown>)[name] : null;
        return typeof value === 'string' ? [value] : [];
      }),
    ),
  );
  if (subjects.size === 0) return;
  const event = { workspaceId, paymentSourceId: telling.sourceId, paymentEventId: telling.eventId };
  await tx
    .insertInto('paymentEventSubjects')
    .values([...subjects].map((subject) => ({ ...event, subject })))
    .onConflict((oc) => oc.doNothing())
    .execute();
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
    case 'price':
      return applyPrice(inside, telling, fact);
    case 'belongs':
      await applyBelongs(inside, telling, fact);
      return [];
    case 'statement':
      await applyStatement(inside, telling, fact);
      return [];
    case 'payout':
      await applyPayout(inside, telling, fact);
      return [];
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

import { type Context, type Inside, transaction } from '#src/context.ts';
import { recordTrial } from '#src/measure/conversions.ts';
import { customerBehind } from '#src/measure/identities.ts';
import type { MrrDiscount } from '#src/measure/mrr.ts';
import { restate, termsToText } from '#src/measure/revenue/movements.ts';
import { adoptPayments } from '#src/measure/revenue/payments.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';
import { oneAtATime, type Telling } from '#src/measure/revenue/telling.ts';
import type { DiscountFact, PriceFact, SubscriptionFact } from '#src/outside/payments/payment.ts';

/** How many subscriptions one transaction of the nightly recount takes. */
const BATCH = 50;

/**
 * Keeps how an event describes a subscription, takes it over if none newer is known, and works out anew how MRR moved.
 * Returns what could not be counted because its amount is not known yet.
 */
export async function applySubscription(inside: Inside, telling: Telling, fact: SubscriptionFact): Promise<string[]> {
  const { tx, workspaceId } = inside;
  const first = fact.items[0];
  const customerId = await customerBehind(
    inside,
    telling.appId,
    'provider_customer',
    `${telling.sourceId}:${fact.customerId}`,
  );
  const currency = first?.currency ?? (await priceCurrency(inside, telling, first?.priceId)) ?? null;
  const status = fact.status === 'incomplete_expired' ? ('canceled' as const) : fact.status;
  const terms = termsToText(fact);
  const described = {
    providerCustomerId: fact.customerId,
    customerId,
    status,
    plan: first?.priceId ?? null,
    quantity: first?.quantity ?? 1,
    currency: currency ?? (await reportingCurrency(inside)),
    every: first?.interval ?? null,
    startedAt: fact.startedAt,
    trialEndsAt: fact.trialEnd,
    currentPeriodEndsAt: fact.currentPeriodEnd,
    cancelAt: fact.cancelAt,
    endedAt: fact.endedAt,
    terms,
    updatedAt: telling.toldAt,
  };
  const made = await tx
    .insertInto('subscriptions')
    .values({
      workspaceId,
      appId: telling.appId,
      paymentSourceId: telling.sourceId,
      providerId: fact.subscriptionId,
      ...described,
    })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet(described)
        .where('subscriptions.updatedAt', '<=', telling.toldAt),
    )
    .returning('id')
    .executeTakeFirst();
  const { id } =
    made ??
    (await tx
      .selectFrom('subscriptions')
      .select('id')
      .where('paymentSourceId', '=', telling.sourceId)
      .where('providerId', '=', fact.subscriptionId)
      .executeTakeFirstOrThrow());
  const state = {
    toldAt: telling.toldAt,
    occurredAt: fact.occurredAt,
    receivedAt: telling.receivedAt,
    fromHistory: telling.fromHistory,
    status,
    plan: first?.priceId ?? null,
    currency,
    trialEndsAt: fact.trialEnd,
    endedAt: fact.endedAt,
    terms,
  };
  await tx
    .insertInto('subscriptionStates')
    .values({ workspaceId, subscriptionId: id, paymentEventId: telling.eventId, ...state })
    .onConflict((oc) => oc.columns(['workspaceId', 'subscriptionId', 'paymentEventId']).doUpdateSet(state))
    .execute();
  await keepNames(inside, telling, id, fact);
  for (const discount of [...fact.discounts, ...fact.items.flatMap((item) => item.discounts)])
    if (discount.percentOff !== null || discount.amountOff !== null)
      await keepDiscount(inside, telling, { ...discount, removedAt: null });
  if (customerId !== null && fact.status === 'trialing')
    await recordTrial(inside, { appId: telling.appId, customerId, startedAt: fact.startedAt });
  if (made) await adoptPayments(inside, telling, fact.subscriptionId);
  return restate(inside, [id]);
}

/** Keeps what a discount takes off, and works out again the MRR of the subscriptions it belongs to. */
export async function applyDiscount(inside: Inside, telling: Telling, fact: DiscountFact): Promise<string[]> {
  await keepDiscount(inside, telling, { ...fact.discount, removedAt: fact.removed ? fact.occurredAt : null });
  return restate(inside, await subscriptionsNaming(inside, telling, fact.discount.discountId));
}

/** Keeps what a price is, and works out again the MRR of the subscriptions that name it. */
export async function applyPrice(inside: Inside, telling: Telling, fact: PriceFact): Promise<string[]> {
  const row = {
    productId: fact.productId,
    unitAmountMinor: fact.unitAmount === null ? null : String(fact.unitAmount),
    unitAmountDecimal: fact.unitAmountDecimal,
    currency: fact.currency,
    every: fact.interval,
    intervalCount: fact.intervalCount,
    usageType: fact.usageType,
    describedAt: telling.toldAt,
  };
  const { tx, workspaceId } = inside;
  await tx
    .insertInto('prices')
    .values({ workspaceId, paymentSourceId: telling.sourceId, providerId: fact.priceId, ...row })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet(row)
        .where('prices.describedAt', '<=', telling.toldAt),
    )
    .execute();
  const ids = await subscriptionsNaming(inside, telling, fact.priceId);
  if (ids.length > 0)
    await tx
      .updateTable('subscriptions')
      .set({ currency: fact.currency })
      .where('id', 'in', ids)
      .where('plan', '=', fact.priceId)
      .execute();
  return restate(inside, ids);
}

/** Works out the MRR again of subscriptions in which a discount, a trial or a pause ended without any event. */
export async function refreshMrr(context: Context): Promise<void> {
  for (;;) {
    const found = await transaction(context, async (inside) => {
      await oneAtATime(inside);
      const rows = await inside.tx
        .selectFrom('subscriptions')
        .select('id')
        .where('nextChangeAt', '<=', inside.clock.now())
        .limit(BATCH)
        .execute();
      await restate(
        inside,
        rows.map((row) => row.id),
      );
      return rows.length;
    });
    if (found < BATCH) return;
  }
}

/** The subscriptions whose terms have ever named this discount or price. */
async function subscriptionsNaming({ tx }: Inside, telling: Telling, name: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('subscriptionNames')
    .select('subscriptionId')
    .where('paymentSourceId', '=', telling.sourceId)
    .where('name', '=', name)
    .execute();
  return rows.map((row) => row.subscriptionId);
}

async function keepNames({ tx, workspaceId }: Inside, telling: Telling, id: string, fact: SubscriptionFact) {
  const names = new Set([
    ...fact.items.map((item) => item.priceId),
    ...[...fact.discounts, ...fact.items.flatMap((item) => item.discounts)].map((discount) => discount.discountId),
  ]);
  if (names.size === 0) return;
  await tx
    .insertInto('subscriptionNames')
    .values([...names].map((name) => ({ workspaceId, paymentSourceId: telling.sourceId, name, subscriptionId: id })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

async function priceCurrency({ tx }: Inside, telling: Telling, priceId: string | undefined): Promise<string | null> {
  if (priceId === undefined) return null;
  const row = await tx
    .selectFrom('prices')
    .select('currency')
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', priceId)
    .executeTakeFirst();
  return row?.currency ?? null;
}

async function keepDiscount(
  { tx, workspaceId }: Inside,
  telling: Telling,
  discount: MrrDiscount & { currency: string | null; removedAt: Date | null },
): Promise<void> {
  const row = {
    percentOff: discount.percentOff,
    amountOffMinor: discount.amountOff === null ? null : String(discount.amountOff),
    currency: discount.currency,
    duration: discount.duration,
    startsAt: discount.startsAt,
    endsAt: discount.endsAt,
    removedAt: discount.removedAt,
    describedAt: telling.toldAt,
  };
  await tx
    .insertInto('discounts')
    .values({ workspaceId, paymentSourceId: telling.sourceId, providerId: discount.discountId, ...row })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet(row)
        .where('discounts.describedAt', '<=', telling.toldAt),
    )
    .execute();
}

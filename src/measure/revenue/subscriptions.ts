import { type Context, type Inside, transaction } from '#src/context.ts';
import { recordTrial } from '#src/measure/conversions.ts';
import { customerBehind } from '#src/measure/identities.ts';
import { type MrrDiscount, type MrrSubscription, movement, rounded, subscriptionMrr } from '#src/measure/mrr.ts';
import { adoptPayments } from '#src/measure/revenue/payments.ts';
import type { Telling } from '#src/measure/revenue/process.ts';
import type { DiscountFact, SubscriptionFact } from '#src/outside/payments/payment.ts';

/**
 * Takes over a newer description of a subscription and writes down how MRR moved by it. An older one changes nothing.
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
  const currency = first?.currency ?? (await currencyOf(inside));
  const described = {
    providerCustomerId: fact.customerId,
    customerId,
    status: fact.status === 'incomplete_expired' ? ('canceled' as const) : fact.status,
    plan: first?.priceId ?? null,
    quantity: first?.quantity ?? 1,
    currency,
    every: first?.interval ?? null,
    startedAt: fact.startedAt,
    trialEndsAt: fact.trialEnd,
    currentPeriodEndsAt: fact.currentPeriodEnd,
    cancelAt: fact.cancelAt,
    endedAt: fact.endedAt,
    terms: JSON.stringify(termsOf(fact), toText),
    updatedAt: telling.toldAt,
  };
  const row = await tx
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
  if (!row) return [];
  for (const discount of [...fact.discounts, ...fact.items.flatMap((item) => item.discounts)])
    if (discount.percentOff !== null || discount.amountOff !== null)
      await keepDiscount(inside, telling, { ...discount, removedAt: null });
  if (customerId !== null && fact.status === 'trialing')
    await recordTrial(inside, { appId: telling.appId, customerId, startedAt: fact.startedAt });
  await adoptPayments(inside, telling, fact.subscriptionId);
  return restate(inside, row.id, fact.occurredAt, telling.eventId);
}

/** Keeps what a discount takes off, and works out again the MRR of the subscriptions it belongs to. */
export async function applyDiscount(inside: Inside, telling: Telling, fact: DiscountFact): Promise<string[]> {
  await keepDiscount(inside, telling, { ...fact.discount, removedAt: fact.removed ? fact.occurredAt : null });
  const rows = await inside.tx
    .selectFrom('subscriptions')
    .select('id')
    .where('paymentSourceId', '=', telling.sourceId)
    .where((eb) =>
      eb.or([eb('providerId', '=', fact.subscriptionId), eb('providerCustomerId', '=', fact.customerId ?? '')]),
    )
    .execute();
  const unknown: string[] = [];
  for (const row of rows) unknown.push(...(await restate(inside, row.id, fact.occurredAt, telling.eventId)));
  return unknown;
}

/** Works out the MRR of all running subscriptions again: a discount or a trial may have ended without any event. */
export async function refreshMrr(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    const rows = await inside.tx
      .selectFrom('subscriptions')
      .select('id')
      .where((eb) => eb.or([eb('endedAt', 'is', null), eb('mrrMinor', '<>', '0')]))
      .execute();
    for (const row of rows) await restate(inside, row.id, inside.clock.now(), null);
  });
}

/**
 * Works out what a subscription is worth and writes down how that moved. `row` says how it stands today, so it is never
 * restated at a time before that: what an event that came late tells counts from the newest thing known.
 */
async function restate(
  { tx, workspaceId }: Inside,
  subscriptionId: string,
  toldFor: Date,
  paymentEventId: string | null,
): Promise<string[]> {
  const row = await tx
    .selectFrom('subscriptions')
    .selectAll()
    .where('id', '=', subscriptionId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const moved = await tx
    .selectFrom('mrrMovements')
    .select((eb) => eb.fn.max<Date | null>('occurredAt').as('at'))
    .where('subscriptionId', '=', subscriptionId)
    .executeTakeFirstOrThrow();
  const at = new Date(Math.max(toldFor.getTime(), row.updatedAt.getTime(), moved.at?.getTime() ?? 0));
  const known = await tx
    .selectFrom('discounts')
    .selectAll()
    .where('paymentSourceId', '=', row.paymentSourceId)
    .execute();
  const terms = JSON.parse(JSON.stringify(row.terms), fromText) as Terms;
  const whole = (discounts: MrrDiscount[]) =>
    discounts.flatMap((discount) => {
      const content = known.find((each) => each.providerId === discount.discountId);
      if (content?.removedAt && content.removedAt <= at) return [];
      if (!content || discount.percentOff !== null || discount.amountOff !== null) return [discount];
      return [
        {
          discountId: discount.discountId,
          percentOff: content.percentOff,
          amountOff: content.amountOffMinor === null ? null : BigInt(content.amountOffMinor),
          duration: content.duration,
          startsAt: content.startsAt,
          endsAt: content.endsAt,
        },
      ];
    });
  const { mrr, unknown } = subscriptionMrr(
    {
      status: row.status,
      trialEnd: row.trialEndsAt,
      endedAt: row.endedAt,
      pausedAt: terms.pausedAt,
      items: terms.items.map((item) => ({ ...item, discounts: whole(item.discounts) })),
      discounts: whole(terms.discounts),
    },
    at,
  );
  const [before, after] = [BigInt(row.mrrMinor), rounded(mrr)];
  if (before === after) return unknown;
  const others = await tx
    .selectFrom('subscriptions')
    .select((eb) => eb.fn.sum<string | null>('mrrMinor').as('mrr'))
    .where('paymentSourceId', '=', row.paymentSourceId)
    .where('providerCustomerId', '=', row.providerCustomerId)
    .where('currency', '=', row.currency)
    .where('id', '<>', row.id)
    .executeTakeFirstOrThrow();
  const earlier = await tx
    .selectFrom('mrrMovements')
    .innerJoin('subscriptions', 'subscriptions.id', 'mrrMovements.subscriptionId')
    .select('mrrMovements.id')
    .where('subscriptions.paymentSourceId', '=', row.paymentSourceId)
    .where('subscriptions.providerCustomerId', '=', row.providerCustomerId)
    .limit(1)
    .executeTakeFirst();
  // The kind is the customer's: a second subscription is an expansion, the amount is this subscription's.
  const rest = BigInt(others.mrr ?? 0);
  const change = movement(rest + before, rest + after, earlier !== undefined);
  await tx
    .updateTable('subscriptions')
    .set({ mrrMinor: String(after) })
    .where('id', '=', row.id)
    .execute();
  if (change)
    await tx
      .insertInto('mrrMovements')
      .values({
        workspaceId,
        appId: row.appId,
        subscriptionId: row.id,
        customerId: row.customerId,
        kind: change.kind,
        amountMinor: String(change.amount),
        currency: row.currency,
        occurredAt: at,
        paymentEventId,
      })
      .execute();
  return unknown;
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

async function currencyOf({ tx, workspaceId }: Inside): Promise<string> {
  const row = await tx
    .selectFrom('workspaces')
    .select('currency')
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return row.currency;
}

/** What MRR is worked out from and the row does not say already. */
type Terms = Pick<MrrSubscription, 'items' | 'discounts' | 'pausedAt'>;

function termsOf({ items, discounts, pausedAt }: SubscriptionFact): Terms {
  return { items, discounts, pausedAt };
}

const AMOUNTS = new Set(['unitAmount', 'amountOff']);
const MOMENTS = new Set(['startsAt', 'endsAt', 'pausedAt']);

function toText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function fromText(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (AMOUNTS.has(key)) return BigInt(value);
  return MOMENTS.has(key) ? new Date(value) : value;
}

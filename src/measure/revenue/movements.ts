import type { Inside } from '#src/context.ts';
import { customerMovements, type MrrMovement, type MrrState, mrrSteps } from '#src/measure/mrr/history.ts';
import type { MrrDiscount, MrrItem, MrrSubscription } from '#src/measure/mrr.ts';
import { reportMrr } from '#src/measure/revenue/rates.ts';
import type { Interval } from '#src/outside/payments/payment.ts';

/** What MRR is worked out from and the columns of a state do not say already. */
export type Terms = {
  items: (MrrItem & { priceId?: string; currency?: string | null })[];
  discounts: MrrDiscount[];
  pausedAt: Date | null;
};

/**
 * Works out the movements of MRR of these subscriptions and of all others of their customers, from everything told of
 * them so far in its own order: whatever comes late, twice or backwards leads to the same movements. Returns what could
 * not be counted because its amount is not known yet. To be called under the lock of the workspace's payments.
 */
export async function restate(inside: Inside, subscriptionIds: readonly string[]): Promise<string[]> {
  const unknown: string[] = [];
  const done = new Set<string>();
  for (const id of subscriptionIds) {
    if (done.has(id)) continue;
    const own = await subscriptionsOfCustomer(inside, id);
    for (const one of own) done.add(one.id);
    unknown.push(...(await restateCustomer(inside, own)));
  }
  return unknown;
}

type Row = Awaited<ReturnType<typeof subscriptionsOfCustomer>>[number];

async function subscriptionsOfCustomer({ tx }: Inside, subscriptionId: string) {
  const { customerId, providerCustomerId, paymentSourceId } = await tx
    .selectFrom('subscriptions')
    .select(['customerId', 'providerCustomerId', 'paymentSourceId'])
    .where('id', '=', subscriptionId)
    .executeTakeFirstOrThrow();
  return tx
    .selectFrom('subscriptions')
    .select(['id', 'appId', 'paymentSourceId', 'customerId', 'currency', 'mrrMinor', 'nextChangeAt', 'firstPaidAt'])
    .where((eb) => {
      const itself = eb('id', '=', subscriptionId);
      if (customerId !== null) return eb.or([itself, eb('customerId', '=', customerId)]);
      if (providerCustomerId === null) return itself;
      return eb.and([
        eb('paymentSourceId', '=', paymentSourceId),
        eb('providerCustomerId', '=', providerCustomerId),
        eb('customerId', 'is', null),
      ]);
    })
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** How each of these subscriptions is described last, with the prices and discounts it names filled in. */
export async function lastStates(
  inside: Inside,
  subscriptions: readonly { id: string; paymentSourceId: string }[],
): Promise<Map<string, MrrState>> {
  const states = await statesOf(inside, subscriptions);
  return new Map([...states].flatMap(([id, own]) => own.slice(-1).map((last): [string, MrrState] => [id, last])));
}

async function restateCustomer(inside: Inside, subscriptions: Row[]): Promise<string[]> {
  const now = inside.clock.now();
  const states = await statesOf(inside, subscriptions);
  const lives = subscriptions
    .filter((row) => states.has(row.id))
    .map((row) => ({ row, ...mrrSteps(states.get(row.id) ?? [], now) }));
  const wanted = customerMovements(lives.map(({ row, steps }) => ({ subscriptionId: row.id, steps })));
  const ids = lives.map(({ row }) => row.id);
  const moved = await writeMovements(inside, lives, wanted);
  for (const { row, steps, nextChange } of lives) {
    const mrr = String(steps.at(-1)?.mrr ?? 0n);
    const firstPaidAt = steps[0]?.at ?? null;
    const same = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime();
    if (row.mrrMinor === mrr && same(row.nextChangeAt, nextChange) && same(row.firstPaidAt, firstPaidAt)) continue;
    await inside.tx
      .updateTable('subscriptions')
      .set({ mrrMinor: mrr, nextChangeAt: nextChange, firstPaidAt })
      .where('id', '=', row.id)
      .execute();
  }
  if (moved) await reportMrr(inside, ids);
  return lives.flatMap((life) => life.unknown);
}

/** Makes the stored movements the wanted ones; a movement that stays as it is keeps its row. True when any changed. */
async function writeMovements(
  { tx, workspaceId }: Inside,
  lives: { row: Row }[],
  wanted: MrrMovement[],
): Promise<boolean> {
  const ids = lives.map(({ row }) => row.id);
  if (ids.length === 0) return false;
  const stored = await tx
    .selectFrom('mrrMovements')
    .select(['id', 'subscriptionId', 'customerId', 'kind', 'amountMinor', 'currency', 'occurredAt'])
    .where('subscriptionId', 'in', ids)
    .execute();
  const customerOf = new Map(lives.map(({ row }) => [row.id, row.customerId]));
  const keyOf = (at: Date, ...parts: (string | null | undefined)[]) => [at.getTime(), ...parts].join(' ');
  const left = new Map(
    stored.map((row) => [
      keyOf(row.occurredAt, row.subscriptionId, row.kind, row.amountMinor, row.currency, row.customerId),
      row.id,
    ]),
  );
  const missing = wanted.filter((each) => {
    const { at, subscriptionId, kind, amount, currency } = each;
    return !left.delete(keyOf(at, subscriptionId, kind, String(amount), currency, customerOf.get(subscriptionId)));
  });
  const gone = [...left.values()];
  if (gone.length > 0) await tx.deleteFrom('mrrMovements').where('id', 'in', gone).execute();
  if (missing.length === 0) return gone.length > 0;
  const byApp = new Map(lives.map(({ row }) => [row.id, row.appId]));
  await tx
    .insertInto('mrrMovements')
    .values(
      missing.map((each) => ({
        workspaceId,
        appId: byApp.get(each.subscriptionId) ?? '',
        subscriptionId: each.subscriptionId,
        customerId: customerOf.get(each.subscriptionId) ?? null,
        kind: each.kind,
        amountMinor: String(each.amount),
        currency: each.currency,
        occurredAt: each.at,
        paymentEventId: each.cause,
      })),
    )
    .execute();
  return true;
}

/** The states of each subscription in the order in which they count, with the prices and discounts they only name. */
async function statesOf(
  { tx }: Inside,
  subscriptions: readonly { id: string; paymentSourceId: string }[],
): Promise<Map<string, MrrState[]>> {
  if (subscriptions.length === 0) return new Map();
  const rows = await tx
    .selectFrom('subscriptionStates')
    .selectAll()
    .where(
      'subscriptionId',
      'in',
      subscriptions.map((row) => row.id),
    )
    .orderBy('toldAt')
    .orderBy('receivedAt')
    .orderBy('paymentEventId')
    .execute();
  const parsed = rows.map((row) => ({ ...row, terms: termsFrom(row.terms) }));
  const sources = [...new Set(subscriptions.map((row) => row.paymentSourceId))];
  const discounts = await namedDiscounts(tx, sources, parsed);
  const prices = await namedPrices(tx, sources, parsed);
  const sourceOf = new Map(subscriptions.map((row) => [row.id, row.paymentSourceId]));
  const states = new Map<string, MrrState[]>();
  for (const [subscriptionId, own] of Map.groupBy(parsed, (row) => row.subscriptionId)) {
    const source = sourceOf.get(subscriptionId) ?? '';
    const known = { prices: prices.get(source), discounts: discounts.get(source) };
    states.set(
      subscriptionId,
      thoseThatCount(own).map((row) => {
        const items = row.terms.items.map((item) => wholeItem(item, known));
        return {
          at: row.occurredAt,
          cause: row.paymentEventId,
          currency: items.find((item) => item.currency)?.currency ?? row.currency ?? '',
          subscription: {
            status: row.status,
            trialEnd: row.trialEndsAt,
            endedAt: row.endedAt,
            pausedAt: row.terms.pausedAt,
            items,
            discounts: row.terms.discounts.map((discount) => wholeDiscount(discount, known)),
          } satisfies MrrSubscription,
        };
      }),
    );
  }
  return states;
}

type StateRow = { toldAt: Date; fromHistory: boolean };

/**
 * What is put together from history is how a subscription is today, set at an earlier time. It counts before the first
 * webhook and after the last one; between them the webhooks know better. Of two such for one moment the first one read
 * counts: it was nearer to that moment.
 */
function thoseThatCount<T extends StateRow>(rows: readonly T[]): T[] {
  const told = rows.filter((row) => !row.fromHistory);
  const [first, last] = [told[0]?.toldAt, told.at(-1)?.toldAt];
  const seen = new Set<number>();
  return rows.filter((row) => {
    if (!row.fromHistory) return true;
    if (first && last && row.toldAt >= first && row.toldAt <= last) return false;
    const moment = row.toldAt.getTime();
    if (seen.has(moment)) return false;
    seen.add(moment);
    return true;
  });
}

type Known = {
  prices: Map<string, PriceRow> | undefined;
  discounts: Map<string, DiscountRow> | undefined;
};
type PriceRow = {
  unitAmountMinor: string | null;
  unitAmountDecimal: string | null;
  currency: string;
  every: Interval;
  intervalCount: number;
  usageType: 'licensed' | 'metered';
};
type DiscountRow = Omit<MrrDiscount, 'amountOff' | 'discountId'> & {
  amountOffMinor: string | null;
  removedAt: Date | null;
};

function wholeItem(item: Terms['items'][number], known: Known): Terms['items'][number] {
  const price = item.priceId === undefined ? undefined : known.prices?.get(item.priceId);
  const discounts = item.discounts.map((discount) => wholeDiscount(discount, known));
  if (!price || item.unitAmount !== null || item.unitAmountDecimal !== null) return { ...item, discounts };
  return {
    ...item,
    discounts,
    unitAmount: price.unitAmountMinor === null ? null : BigInt(price.unitAmountMinor),
    unitAmountDecimal: price.unitAmountDecimal,
    currency: price.currency,
    interval: price.every,
    intervalCount: price.intervalCount,
    usageType: price.usageType,
  };
}

/** A discount that is named by its id, filled in; dates that the subscription itself states go first. */
function wholeDiscount(discount: MrrDiscount, known: Known): MrrDiscount {
  const content = known.discounts?.get(discount.discountId);
  if (!content) return discount;
  const own = discount.percentOff !== null || discount.amountOff !== null;
  const endsAt = discount.endsAt ?? (own ? null : content.endsAt);
  const { removedAt } = content;
  return {
    discountId: discount.discountId,
    percentOff: own ? discount.percentOff : content.percentOff,
    amountOff: own || content.amountOffMinor === null ? discount.amountOff : BigInt(content.amountOffMinor),
    duration: discount.duration ?? content.duration,
    startsAt: discount.startsAt ?? (own ? null : content.startsAt),
    endsAt: removedAt !== null && (endsAt === null || removedAt < endsAt) ? removedAt : endsAt,
  };
}

async function namedDiscounts(tx: Inside['tx'], sources: string[], states: { terms: Terms }[]) {
  const ids = new Set(
    states.flatMap(({ terms }) =>
      [...terms.discounts, ...terms.items.flatMap((item) => item.discounts)].map((discount) => discount.discountId),
    ),
  );
  if (ids.size === 0) return new Map<string, Map<string, DiscountRow>>();
  const rows = await tx
    .selectFrom('discounts')
    .selectAll()
    .where('paymentSourceId', 'in', sources)
    .where('providerId', 'in', [...ids])
    .execute();
  return bySource(rows);
}

async function namedPrices(tx: Inside['tx'], sources: string[], states: { terms: Terms }[]) {
  const ids = new Set(
    states.flatMap(({ terms }) =>
      terms.items.flatMap((item) =>
        item.unitAmount === null && item.unitAmountDecimal === null && item.priceId ? [item.priceId] : [],
      ),
    ),
  );
  if (ids.size === 0) return new Map<string, Map<string, PriceRow>>();
  const rows = await tx
    .selectFrom('prices')
    .selectAll()
    .where('paymentSourceId', 'in', sources)
    .where('providerId', 'in', [...ids])
    .execute();
  return bySource(rows);
}

function bySource<T extends { paymentSourceId: string; providerId: string }>(rows: T[]): Map<string, Map<string, T>> {
  return new Map(
    [...Map.groupBy(rows, (row) => row.paymentSourceId)].map(([source, own]) => [
      source,
      new Map(own.map((row) => [row.providerId, row])),
    ]),
  );
}

const AMOUNTS = new Set(['unitAmount', 'amountOff']);
const MOMENTS = new Set(['startsAt', 'endsAt', 'pausedAt']);

/** Terms as they are stored: amounts as text, moments as ISO 8601. */
export function termsToText(terms: Terms): string {
  return JSON.stringify(terms, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

function termsFrom(stored: unknown): Terms {
  return JSON.parse(JSON.stringify(stored), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (AMOUNTS.has(key)) return BigInt(value);
    return MOMENTS.has(key) ? new Date(value) : value;
  }) as Terms;
}

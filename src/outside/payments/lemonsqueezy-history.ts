import { z } from 'zod';
import type { Outcome } from '#src/outside/platform.ts';
import { currency, id, isoInstant, optionalIsoInstant, reader } from './fields.ts';
import { cursorAfter, historyEvent, page, placeOf, readApi, reading } from './history.ts';
import { list, one, type Resource } from './lemonsqueezy-objects.ts';
import type { HistoryCall, HistoryEvent, HistoryPage, MoneyFact } from './payment.ts';

type Translate = (event: unknown) => MoneyFact[];

const stages = ['prices', 'orders', 'subscriptions', 'subscription-invoices', 'discount-redemptions'] as const;
type Stage = (typeof stages)[number];

/** Of redemptions each costs calls of its own: few at a time, far from the 300 calls a minute that are allowed. */
const PAGE: Record<Stage, number> = {
  prices: 100,
  orders: 100,
  subscriptions: 100,
  'subscription-invoices': 100,
  'discount-redemptions': 10,
};

const read = reader('Lemon Squeezy');
const dated = z.object({ created_at: isoInstant, updated_at: isoInstant, test_mode: z.boolean().nullish() });

/**
 * What the webhooks do not tell (prices, the content of discounts) and what was before them. Lists cannot be asked by
 * time, so all of their pages are read. What the app handed over at a checkout stands in webhooks only.
 */
export function backfillWith(translate: Translate): (call: HistoryCall) => Promise<Outcome<HistoryPage>> {
  return reading(async (call) => {
    const place = placeOf(stages, call.cursor);
    const number = Number(place.after ?? '1');
    const include = place.stage === 'discount-redemptions' ? '&include=discount' : '';
    const answer = await get(
      call,
      `/v1/${place.stage}?page[size]=${PAGE[place.stage]}&page[number]=${number}${include}`,
      list,
    );
    if (!answer.ok) return answer;
    const { data, included, meta } = answer.value;
    const events = await eventsOf(call, translate, place.stage, data, included ?? []);
    if (!events.ok) return events;
    const more = data.length > 0 && meta != null && meta.page.currentPage < meta.page.lastPage;
    return page(events.value, cursorAfter(stages, place, more ? String(number + 1) : null));
  });
}

async function eventsOf(
  call: HistoryCall,
  translate: Translate,
  stage: Stage,
  data: Resource[],
  included: Resource[],
): Promise<Outcome<HistoryEvent[]>> {
  const about = (item: Resource) => read(dated, item.attributes, stage);
  const fresh = data.filter((item) => call.since === null || about(item).updated_at >= call.since);
  const event = (type: string, item: Resource, attributes: object, at: Date, more: object = {}): HistoryEvent =>
    historyEvent(translate, {
      type,
      objectId: item.id,
      occurredAt: at,
      livemode: about(item).test_mode !== true,
      body: {
        meta: { event_name: type, ...more },
        data: {
          id: item.id,
          type: item.type,
          attributes: { ...item.attributes, ...attributes, updated_at: at.toISOString() },
        },
      },
    });
  if (stage === 'orders') return good(fresh.map((item) => event('order_created', item, {}, about(item).updated_at)));
  if (stage === 'subscription-invoices')
    return good(fresh.map((item) => event('subscription_payment_success', item, {}, about(item).updated_at)));
  if (stage === 'subscriptions')
    return good(
      fresh.flatMap((item) => statesOf(item).map(([type, attributes, at]) => event(type, item, attributes, at))),
    );
  const stores = fresh.length === 0 ? good(new Map<string, string>()) : await storesOf(call);
  if (!stores.ok) return stores;
  const events: HistoryEvent[] = [];
  for (const item of fresh) {
    const found =
      stage === 'prices'
        ? await priceBeside(call, item, stores.value)
        : await redemptionBeside(call, item, included, stores.value);
    if (!found.ok) return found;
    if (found.value === null) continue;
    const type = stage === 'prices' ? 'price' : 'discount_redemption';
    events.push(event(type, item, found.value.attributes, about(item).updated_at, { currency: found.value.currency }));
  }
  return good(events);
}

/** A subscription as it began, as it was when its trial ended, and as it is now. */
function statesOf(item: Resource): [type: string, attributes: object, at: Date][] {
  const { created_at, updated_at, trial_ends_at, ends_at, status } = read(
    z.object({
      created_at: isoInstant,
      updated_at: isoInstant,
      trial_ends_at: optionalIsoInstant,
      ends_at: optionalIsoInstant,
      status: z.string(),
    }),
    item.attributes,
    'subscription',
  );
  const now = status === 'expired' && ends_at !== null ? ends_at : updated_at;
  const running = { status: 'active', cancelled: false, pause: null, ends_at: null };
  const states: [string, object, Date][] = [];
  const trial = trial_ends_at !== null && trial_ends_at > created_at;
  if (created_at < now)
    states.push(['subscription_created', { ...running, status: trial ? 'on_trial' : 'active' }, created_at]);
  if (trial && trial_ends_at < now) states.push(['subscription_updated', running, trial_ends_at]);
  return [...states, [status === 'expired' ? 'subscription_expired' : 'subscription_updated', {}, now]];
}

type Beside = { attributes: object; currency: string } | null;

/** Prices are in the currency of their store. Only where stores differ, the way to it is asked for. */
async function priceBeside(call: HistoryCall, item: Resource, stores: Map<string, string>): Promise<Outcome<Beside>> {
  const [only, ...others] = new Set(stores.values());
  if (only !== undefined && others.length === 0) return good({ attributes: {}, currency: only });
  const { variant_id } = read(z.object({ variant_id: id }), item.attributes, 'price');
  const variant = await get(call, `/v1/variants/${encodeURIComponent(variant_id)}?include=product`, one);
  if (!variant.ok) return variant;
  const product = (variant.value.included ?? []).find((each) => each.type === 'products');
  const owner = z.object({ store_id: id }).safeParse(product?.attributes);
  const found = owner.success ? stores.get(owner.data.store_id) : undefined;
  return good(found === undefined ? null : { attributes: {}, currency: found });
}

/** A discount matters to MRR only where subscriptions came of the order; "once" lasts as long as their first period. */
async function redemptionBeside(
  call: HistoryCall,
  item: Resource,
  included: Resource[],
  stores: Map<string, string>,
): Promise<Outcome<Beside>> {
  const used = read(z.object({ order_id: id, discount_id: id }), item.attributes, 'discount redemption');
  const discount = included.find((each) => each.type === 'discounts' && each.id === used.discount_id);
  if (!discount) return good(null);
  const subscriptions = await get(
    call,
    `/v1/subscriptions?filter[order_id]=${encodeURIComponent(used.order_id)}`,
    list,
  );
  if (!subscriptions.ok) return subscriptions;
  const [first] = subscriptions.value.data;
  if (!first) return good(null);
  const { store_id, first_subscription_item } = read(
    z.object({ store_id: id, first_subscription_item: z.object({ price_id: id }).nullish() }),
    first.attributes,
    'subscription',
  );
  const owned = stores.get(store_id);
  if (owned === undefined) return good(null);
  let interval: object | null = null;
  if (first_subscription_item) {
    const price = await get(call, `/v1/prices/${encodeURIComponent(first_subscription_item.price_id)}`, one);
    if (!price.ok) return price;
    const { renewal_interval_unit: unit, renewal_interval_quantity: quantity } = price.value.data.attributes;
    interval = unit && quantity ? { unit, quantity } : null;
  }
  const { duration, duration_in_months } = discount.attributes;
  const subscription_ids = subscriptions.value.data.map((each) => each.id);
  return good({ attributes: { duration, duration_in_months, subscription_ids, interval }, currency: owned });
}

/** The currency of each store. */
async function storesOf(call: HistoryCall): Promise<Outcome<Map<string, string>>> {
  const stores = await get(call, '/v1/stores?page[size]=100', list);
  if (!stores.ok) return stores;
  const own = z.object({ currency });
  return good(new Map(stores.value.data.map((each) => [each.id, read(own, each.attributes, 'store').currency])));
}

function get<T extends z.ZodType>(call: HistoryCall, path: string, schema: T): Promise<Outcome<z.output<T>>> {
  return readApi(
    'Lemon Squeezy',
    call,
    {
      url: `${call.apiUrl ?? 'https://api.lemonsqueezy.com'}${path}`,
      headers: { accept: 'application/vnd.api+json', authorization: `Bearer ${call.apiKey}` },
    },
    schema,
  );
}

function good<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

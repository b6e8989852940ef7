import { z } from 'zod';
import type { Outcome } from '#src/outside/platform.ts';
import { isoInstant, reader } from './fields.ts';
import { cursorAfter, historyEvent, page, placeOf, readApi, reading } from './history.ts';
import {
  adjustmentFacts,
  customerFacts,
  discountFacts,
  type PaddleEvent,
  payoutFacts,
  subscriptionFacts,
  transactionFacts,
} from './paddle-facts.ts';
import { envelope, list } from './paddle-objects.ts';
import type {
  HistoryCall,
  HistoryEvent,
  HistoryPage,
  MoneyFact,
  PaymentProvider,
  Refused,
  Verified,
  WebhookRequest,
} from './payment.ts';
import { hmacHex, jsonOf, refused, sameText } from './signature.ts';

/** How old a signature may be, in seconds. Paddle's own client allows 5; a slow network is no attack. */
const toleranceSeconds = 300;

const translations: Record<string, (object: unknown, event: PaddleEvent) => MoneyFact[]> = {
  'adjustment.created': adjustmentFacts,
  'adjustment.updated': adjustmentFacts,
  'customer.created': customerFacts,
  'customer.updated': customerFacts,
  'discount.created': discountFacts,
  'discount.updated': discountFacts,
  'payout.created': payoutFacts,
  'payout.paid': payoutFacts,
  'subscription.activated': subscriptionFacts,
  'subscription.canceled': subscriptionFacts,
  'subscription.created': subscriptionFacts,
  'subscription.imported': subscriptionFacts,
  'subscription.past_due': subscriptionFacts,
  'subscription.paused': subscriptionFacts,
  'subscription.resumed': subscriptionFacts,
  'subscription.trialing': subscriptionFacts,
  'subscription.updated': subscriptionFacts,
  'transaction.completed': transactionFacts,
  'transaction.paid': transactionFacts,
  'transaction.updated': transactionFacts,
};

/**
 * Paddle Billing: https://developer.paddle.com/webhooks. A merchant of record: it remits the tax. Each transaction and
 * adjustment tells what it is worth to our balance (`payout_totals`), and webhooks tell of payouts.
 */
export const paddle: PaymentProvider = {
  id: 'paddle',
  name: 'Paddle',
  eventTypes: Object.keys(translations),
  setup: [
    'In Paddle, open Developer Tools, then Notifications, and add a destination of the type webhook.',
    'Paste this address as the URL: {url}',
    'Switch on the events that are listed here.',
    'Open the destination again and copy its secret key here.',
    'When your app opens a checkout, give its own user id as custom data under the name "person".',
  ],
  webhookSecret: {
    name: 'webhookSecret',
    label: 'Secret key of the destination',
    help: 'In Paddle under Developer Tools, Notifications: edit the destination with this address and copy its secret key.',
    secret: true,
    example: 'pdl_ntfset_01hx3a9q_7Jk2mN',
  },
  apiKey: {
    name: 'apiKey',
    label: 'API key',
    help: 'In Paddle under Developer Tools, Authentication. It needs to read customers, discounts, subscriptions, transactions and adjustments.',
    secret: true,
    example: 'pdl_live_apikey_01hx3a9q',
  },
  merchantOfRecord: true,
  statement: {
    lines: true,
    payouts: true,
    words: 'Paddle tells with each transaction and adjustment what it adds to the balance, and of payouts by webhook.',
  },
  mixesTest: false,
  verify,
  translate,
  backfill: reading(backfill),
};

const read = reader('Paddle');

async function verify({ body, headers, secret, now }: WebhookRequest): Promise<Verified | Refused> {
  const header = headers.get('paddle-signature');
  if (!header) return refused('bad_signature', 'The request has no Paddle-Signature header, so it is not from Paddle.');
  const parts = header.split(';').map((part) => part.trim().split('='));
  const sentAt = parts.find(([name]) => name === 'ts')?.[1] ?? '';
  const given = parts.filter(([name]) => name === 'h1').map(([, value = '']) => value.toLowerCase());
  if (!/^\d{1,12}$/.test(sentAt) || given.length === 0)
    return refused('malformed', 'The Paddle-Signature header cannot be read. It should look like "ts=…;h1=…".');
  const expected = hmacHex(secret, `${sentAt}:`, body);
  if (secret === '' || !given.some((one) => sameText(one, expected)))
    return refused(
      'bad_signature',
      'The signature does not match the body. Check that the secret key is the one of this destination and that no proxy changes the body.',
    );
  if (Math.abs(now.getTime() / 1000 - Number(sentAt)) > toleranceSeconds)
    return refused(
      'too_old',
      `The signature is older than ${toleranceSeconds / 60} minutes. If this was a fresh event, check this server's clock.`,
    );
  const event = jsonOf(body);
  const parsed = envelope.safeParse(event);
  if (!parsed.success)
    return refused('malformed', `The body is signed but is no event of Paddle. ${z.prettifyError(parsed.error)}`);
  const { event_id, event_type, occurred_at } = parsed.data;
  return { ok: true, eventId: event_id, type: event_type, occurredAt: occurred_at, livemode: true, event };
}

function translate(event: unknown): MoneyFact[] {
  const { event_type: type, occurred_at: at, data } = read(envelope, event, 'event');
  if (!Object.hasOwn(translations, type)) return [];
  return translations[type]?.(data, { type, at }) ?? [];
}

/** Discounts first: subscriptions name them by id only. */
const stages = ['discounts', 'customers', 'subscriptions', 'transactions', 'adjustments'] as const;
type Stage = (typeof stages)[number];

/** The most a page of each may have. */
const PAGE: Record<Stage, number> = {
  discounts: 200,
  customers: 200,
  subscriptions: 200,
  transactions: 30,
  adjustments: 50,
};

async function backfill(call: HistoryCall): Promise<Outcome<HistoryPage>> {
  const place = placeOf(stages, call.cursor);
  const query = new URLSearchParams({ per_page: String(PAGE[place.stage]) });
  if (place.stage === 'transactions') {
    query.set('status', 'paid,completed');
    if (call.since) query.set('updated_at[GTE]', call.since.toISOString());
  }
  if (place.stage === 'discounts') query.set('status', 'active,archived');
  if (place.after !== null) query.set('after', place.after);
  const answer = await readApi(
    'Paddle',
    call,
    {
      url: `${call.apiUrl ?? ownAddress(call.apiKey)}/${place.stage}?${query}`,
      headers: { authorization: `Bearer ${call.apiKey}`, 'paddle-version': '1' },
    },
    list,
  );
  if (!answer.ok) return answer;
  const { data, meta } = answer.value;
  const { since } = call;
  const fresh = data.filter((item) => since === null || (item.updated_at ?? item.created_at) >= since);
  const last = data.at(-1)?.id ?? null;
  return page(
    fresh.flatMap((item) => eventsOf(place.stage, item)),
    cursorAfter(stages, place, meta.pagination.has_more ? last : null),
  );
}

/** Sandbox keys say so. */
function ownAddress(apiKey: string): string {
  return apiKey.startsWith('pdl_sdbx_') ? 'https://sandbox-api.paddle.com' : 'https://api.paddle.com';
}

type Listed = z.output<typeof list>['data'][number];

function eventsOf(stage: Stage, item: Listed): HistoryEvent[] {
  if (stage === 'subscriptions') return subscriptionHistory(item);
  return [eventOf(`${stage.slice(0, -1)}.updated`, item, item.updated_at ?? item.created_at)];
}

/** As it began, as it was when its trial ended, and as it is now or when it ended. */
function subscriptionHistory(item: Listed): HistoryEvent[] {
  const { started_at, first_billed_at, canceled_at } = read(
    z.object({
      started_at: isoInstant.nullish(),
      first_billed_at: isoInstant.nullish(),
      canceled_at: isoInstant.nullish(),
    }),
    item,
    'subscription',
  );
  const until = canceled_at ?? item.updated_at ?? item.created_at;
  const running = { ...item, canceled_at: null, paused_at: null, scheduled_change: null };
  // The trial is what lies between the beginning and the first bill.
  const trial =
    started_at != null && (first_billed_at == null ? item.status === 'trialing' : first_billed_at > started_at);
  const events: HistoryEvent[] = [];
  if (started_at && started_at < until) {
    events.push(eventOf('subscription.created', { ...running, status: trial ? 'trialing' : 'active' }, started_at));
    if (trial && first_billed_at && first_billed_at < until)
      events.push(eventOf('subscription.activated', { ...running, status: 'active' }, first_billed_at));
  }
  return [...events, eventOf(canceled_at ? 'subscription.canceled' : 'subscription.updated', item, until)];
}

function eventOf(type: string, data: Record<string, unknown> & { id: string }, at: Date): HistoryEvent {
  const body = { event_id: `history:${data.id}`, event_type: type, occurred_at: at.toISOString(), data };
  return historyEvent(translate, { type, objectId: data.id, occurredAt: at, livemode: true, body });
}

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Outcome } from '#src/outside/platform.ts';
import { isoInstant, reader } from './fields.ts';
import { cursorAfter, historyEvent, page, placeOf, readApi, reading } from './history.ts';
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
import {
  checkoutFacts,
  customerFacts,
  disputeFacts,
  orderFacts,
  type PolarEvent,
  refundFacts,
  subscriptionFacts,
} from './polar-facts.ts';
import { jsonOf, refused, sameText } from './signature.ts';

/** How old a signature may be, in seconds: what the Standard Webhooks libraries allow (standardwebhooks 1.1.1). */
const toleranceSeconds = 300;

const translations: Record<string, (object: unknown, event: PolarEvent) => MoneyFact[]> = {
  'checkout.updated': checkoutFacts,
  'customer.created': customerFacts,
  'customer.updated': customerFacts,
  'customer.deleted': customerFacts,
  'order.created': orderFacts,
  'order.updated': orderFacts,
  'order.paid': orderFacts,
  'order.refunded': orderFacts,
  'refund.created': refundFacts,
  'refund.updated': refundFacts,
  'subscription.created': subscriptionFacts,
  'subscription.updated': subscriptionFacts,
  'subscription.active': subscriptionFacts,
  'subscription.canceled': subscriptionFacts,
  'subscription.uncanceled': subscriptionFacts,
  'subscription.past_due': subscriptionFacts,
  'subscription.revoked': subscriptionFacts,
};

/** With lists of the API that no webhook tells of. */
const readable: typeof translations = { ...translations, 'dispute.updated': disputeFacts };

/**
 * Polar: https://polar.sh/docs/integrate/webhooks, signed by the Standard Webhooks specification. A merchant of
 * record: it remits the tax. What it kept of an order stands in the order; it tells of no payouts.
 */
export const polar: PaymentProvider = {
  id: 'polar',
  name: 'Polar',
  eventTypes: Object.keys(translations),
  setup: [
    'In Polar, open Settings of your organization, then Webhooks, and add an endpoint.',
    'Paste this address as the URL, with the format "Raw": {url}',
    'Switch on the events that are listed here.',
    'Copy the secret of the endpoint here.',
    'When your app opens a checkout, give its own user id as the external customer id: then each purchase is known by it.',
  ],
  webhookSecret: {
    name: 'webhookSecret',
    label: 'Webhook secret',
    help: 'In Polar under Settings, Webhooks, the secret of the endpoint with this address.',
    secret: true,
    example: 'polar_whs_7Kx2mQ9vR4tYwZ',
  },
  apiKey: {
    name: 'apiKey',
    label: 'Organization access token',
    help: 'In Polar under Settings, Developers. It needs customers:read, orders:read, subscriptions:read, refunds:read and disputes:read.',
    secret: true,
    example: 'polar_oat_5hN8sD1fG6jK',
  },
  merchantOfRecord: true,
  statement: {
    lines: true,
    payouts: false,
    words: 'Polar tells its fee with each order. What it paid out to the bank it does not tell other programs.',
  },
  mixesTest: false,
  verify,
  translate,
  backfill: reading(backfill),
};

const read = reader('Polar');
const envelope = z.object({ type: z.string(), timestamp: isoInstant, data: z.record(z.string(), z.unknown()) });

/** The key is the secret as it is shown, not what it would decode to. */
async function verify({ body, headers, secret, now }: WebhookRequest): Promise<Verified | Refused> {
  const eventId = headers.get('webhook-id');
  const sentAt = headers.get('webhook-timestamp');
  const signatures = headers.get('webhook-signature');
  if (!eventId || !sentAt || !signatures)
    return refused('bad_signature', 'The request has no webhook-signature header, so it is not from Polar.');
  if (!/^\d{1,12}$/.test(sentAt)) return refused('malformed', 'The webhook-timestamp header is no number of seconds.');
  const expected = createHmac('sha256', secret).update(`${eventId}.${sentAt}.`).update(body).digest('base64');
  const given = signatures.split(' ').filter((one) => one.startsWith('v1,'));
  if (given.length === 0)
    return refused('malformed', 'The webhook-signature header cannot be read. It should look like "v1,…".');
  if (secret === '' || !given.some((one) => sameText(one.slice(3), expected)))
    return refused(
      'bad_signature',
      'The signature does not match the body. Check that the secret is the one of this endpoint and that no proxy changes the body.',
    );
  if (Math.abs(now.getTime() / 1000 - Number(sentAt)) > toleranceSeconds)
    return refused(
      'too_old',
      `The signature is older than ${toleranceSeconds / 60} minutes. If this was a fresh event, check this server's clock.`,
    );
  const event = jsonOf(body);
  const parsed = envelope.safeParse(event);
  if (!parsed.success)
    return refused('malformed', `The body is signed but is no event of Polar. ${z.prettifyError(parsed.error)}`);
  const { type, timestamp } = parsed.data;
  return { ok: true, eventId, type, occurredAt: timestamp, livemode: true, event };
}

function translate(event: unknown): MoneyFact[] {
  const { type, timestamp, data } = read(envelope, event, 'event');
  if (!Object.hasOwn(readable, type)) return [];
  return readable[type]?.(data, { type, at: timestamp }) ?? [];
}

const stages = ['customers', 'subscriptions', 'orders', 'refunds', 'disputes'] as const;
const DAY = 86_400_000;
/** An order may be paid, and a dispute decided, long after it was made. */
const LATE = 60 * DAY;

const listed = z.object({
  items: z.array(
    z.looseObject({
      id: z.string(),
      created_at: isoInstant,
      modified_at: isoInstant.nullish(),
      status: z.string().nullish(),
    }),
  ),
  pagination: z.object({ max_page: z.int() }),
});
type Listed = z.output<typeof listed>['items'][number];

/** Lists are read newest first, so that what is added meanwhile shifts nothing out of sight. */
async function backfill(call: HistoryCall): Promise<Outcome<HistoryPage>> {
  const place = placeOf(stages, call.cursor);
  const number = Number(place.after ?? '1');
  const answer = await readApi(
    'Polar',
    call,
    {
      url: `${call.apiUrl ?? 'https://api.polar.sh'}/v1/${place.stage}/?limit=100&page=${number}&sorting=-created_at`,
      headers: { authorization: `Bearer ${call.apiKey}` },
    },
    listed,
  );
  if (!answer.ok) return answer;
  const { items, pagination } = answer.value;
  const from = call.since === null || place.stage === 'subscriptions' ? null : call.since.getTime() - LATE;
  const wanted = from === null ? items : items.filter((item) => item.created_at.getTime() >= from);
  const more = wanted.length === items.length && items.length > 0 && number < pagination.max_page;
  return page(
    wanted.flatMap((item) => eventsOf(place.stage, item)),
    cursorAfter(stages, place, more ? String(number + 1) : null),
  );
}

function eventsOf(stage: (typeof stages)[number], item: Listed): HistoryEvent[] {
  const at = item.modified_at ?? item.created_at;
  if (stage === 'subscriptions') return subscriptionHistory(item, at);
  return [eventOf(`${stage.slice(0, -1)}.updated`, item, at)];
}

/** As it began, as it was when its trial ended, and as it is now or when it ended. */
function subscriptionHistory(item: Listed, at: Date): HistoryEvent[] {
  const { started_at, trial_end, ended_at } = read(
    z.object({ started_at: isoInstant.nullish(), trial_end: isoInstant.nullish(), ended_at: isoInstant.nullish() }),
    item,
    'subscription',
  );
  const begun = started_at ?? (item.status === 'trialing' ? item.created_at : null);
  const running = { ...item, canceled_at: null, cancel_at_period_end: false, ends_at: null, ended_at: null };
  const until = ended_at ?? at;
  const events: HistoryEvent[] = [];
  if (begun && begun < until) {
    const trial = trial_end != null && trial_end > begun;
    events.push(eventOf('subscription.created', { ...running, status: trial ? 'trialing' : 'active' }, begun));
    if (trial && trial_end < until)
      events.push(eventOf('subscription.active', { ...running, status: 'active' }, trial_end));
  }
  return [...events, eventOf(ended_at ? 'subscription.revoked' : 'subscription.updated', item, until)];
}

function eventOf(type: string, data: Record<string, unknown> & { id: string }, at: Date): HistoryEvent {
  const body = { type, timestamp: at.toISOString(), data };
  return historyEvent(translate, { type, objectId: data.id, occurredAt: at, livemode: true, body });
}

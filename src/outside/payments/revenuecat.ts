import { z } from 'zod';
import { reader, text } from './fields.ts';
import type { MoneyFact, PaymentProvider, Refused, Verified, WebhookRequest } from './payment.ts';
import {
  customerOf,
  instant,
  isBought,
  paymentFacts,
  person,
  priceFacts,
  purchase,
  refundFacts,
  subscriptionFacts,
  transfer,
  transferFacts,
} from './revenuecat-purchases.ts';
import { jsonOf, refused, sameText } from './signature.ts';

/**
 * RevenueCat: what the app stores sold. Events and fields by
 * https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields and the sample events beside it
 * (RevenueCat/docs on GitHub, read 2026-11-22).
 *
 * The stores are the sellers. Tax and commission are shares of the price that RevenueCat estimates; what a store really
 * paid stands only in its own reports, so there is no statement. Prices come with purchases and renewals only; the
 * other events say 0. A refund of an earlier period than the latest is not told at all.
 */
export const revenuecat: PaymentProvider = {
  id: 'revenuecat',
  name: 'RevenueCat',
  eventTypes: [],
  setup: [
    'In RevenueCat, open your project, then Integrations, and add a webhook.',
    'Paste this address as the webhook URL: {url}',
    'Make up a long random value, write it there as the Authorization header value, and copy the same value here.',
    'Leave the event types on all, and the environment on production unless you want to try it out first.',
  ],
  webhookSecret: {
    name: 'webhookSecret',
    label: 'Authorization header value',
    help: 'The value you wrote in the Authorization header field of the webhook, exactly as it stands there.',
    secret: true,
    example: 'Bearer 4f9c1e7a2b6d8035',
  },
  apiKey: null,
  merchantOfRecord: true,
  statement: {
    lines: false,
    payouts: false,
    words:
      'RevenueCat estimates tax and the store commission. What Apple and Google paid out stands in their own reports.',
  },
  mixesTest: true,
  verify,
  translate,
  backfill: null,
};

const read = reader('RevenueCat');
const envelope = z.object({
  event: z.looseObject({
    id: z.string().min(1),
    type: z.string(),
    event_timestamp_ms: instant,
    environment: text,
  }),
});

const aboutSubscriptions = new Set([
  'INITIAL_PURCHASE',
  'RENEWAL',
  'CANCELLATION',
  'UNCANCELLATION',
  'SUBSCRIPTION_PAUSED',
  'SUBSCRIPTION_EXTENDED',
  'EXPIRATION',
  'BILLING_ISSUE',
  'REFUND_REVERSED',
]);

/** The header is the person's own secret. A time is not signed, so that an old request is recognised by its id alone. */
async function verify({ body, headers, secret }: WebhookRequest): Promise<Verified | Refused> {
  const given = headers.get('authorization');
  if (given === null || secret === '' || !sameText(given, secret))
    return refused(
      'bad_signature',
      'The Authorization header is not the one that was agreed. Copy the value from the webhook in RevenueCat exactly, with "Bearer" if it is there.',
    );
  const event = jsonOf(body);
  const parsed = envelope.safeParse(event);
  if (!parsed.success) return refused('malformed', `The body is no RevenueCat event. ${z.prettifyError(parsed.error)}`);
  const { id, type, event_timestamp_ms, environment } = parsed.data.event;
  return {
    ok: true,
    eventId: id,
    type,
    occurredAt: event_timestamp_ms,
    livemode: environment !== 'SANDBOX' && type !== 'TEST',
    event,
  };
}

function translate(event: unknown): MoneyFact[] {
  const { event: object } = read(envelope, event, 'event');
  const told = { type: object.type, at: object.event_timestamp_ms };
  if (told.type === 'TRANSFER') return transferFacts(read(transfer, object, told.type), told);
  if (told.type === 'SUBSCRIBER_ALIAS') return [customerOf(read(person, object, told.type), told)];
  if (!isBought(told.type) && !aboutSubscriptions.has(told.type)) return [];
  const about = read(purchase, object, told.type);
  // A cancelled purchase that never expires was no subscription.
  const renews = aboutSubscriptions.has(told.type) && about.expiration_at_ms !== null;
  return [
    customerOf(about, told),
    ...paymentFacts(about, told),
    ...(renews ? [...priceFacts(about, told), ...subscriptionFacts(about, told)] : []),
    ...refundFacts(about, told),
  ];
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { reader } from './fields.ts';
import {
  invoiceFacts,
  type LemonEvent,
  orderFacts,
  priceFacts,
  redemptionFacts,
  subscriptionFacts,
} from './lemonsqueezy-facts.ts';
import { backfillWith } from './lemonsqueezy-history.ts';
import { envelope } from './lemonsqueezy-objects.ts';
import type { MoneyFact, PaymentProvider, Refused, Verified, WebhookRequest } from './payment.ts';
import { hmacHex, jsonOf, refused, sameText } from './signature.ts';

const translations: Record<string, (attributes: unknown, event: LemonEvent) => MoneyFact[]> = {
  order_created: orderFacts,
  order_refunded: orderFacts,
  subscription_created: subscriptionFacts,
  subscription_updated: subscriptionFacts,
  subscription_cancelled: subscriptionFacts,
  subscription_resumed: subscriptionFacts,
  subscription_expired: subscriptionFacts,
  subscription_paused: subscriptionFacts,
  subscription_unpaused: subscriptionFacts,
  subscription_payment_success: invoiceFacts,
  subscription_payment_recovered: invoiceFacts,
  subscription_payment_refunded: invoiceFacts,
};

/** With lists of the API that no webhook tells of. */
const readable: typeof translations = {
  ...translations,
  price: priceFacts,
  discount_redemption: redemptionFacts,
};

/**
 * Lemon Squeezy: https://docs.lemonsqueezy.com/help/webhooks. A merchant of record: it remits the tax. Its amounts are
 * "cents" in every currency, taken for hundredths. Neither its fees nor its payouts are in its API, a chargeback shows
 * as a refund, and its webhooks have no id: an event is known by its content, which a repeat brings again.
 */
export const lemonSqueezy: PaymentProvider = {
  id: 'lemon_squeezy',
  name: 'Lemon Squeezy',
  eventTypes: Object.keys(translations),
  setup: [
    'In Lemon Squeezy, open Settings, then Webhooks, and add one.',
    'Paste this address as the callback URL: {url}',
    'Make up a signing secret of 6 to 40 characters, write it there, and copy the same here.',
    'Switch on the events that are listed here.',
    'When your app opens a checkout, give its own user id as custom data under the name "person".',
    'Give an API key here too: without it the prices of subscriptions are not known, and MRR stays empty.',
  ],
  webhookSecret: {
    name: 'webhookSecret',
    label: 'Signing secret',
    help: 'The signing secret you wrote into the webhook under Settings, Webhooks.',
    secret: true,
    example: 'a-long-random-value',
  },
  apiKey: {
    name: 'apiKey',
    label: 'API key',
    help: 'In Lemon Squeezy under Settings, API. A key sees all stores of the account; Fanfare only reads.',
    secret: true,
    example: 'eyJ0eXAiOiJKV1QiLCJhbGciOi',
  },
  merchantOfRecord: true,
  statement: {
    lines: false,
    payouts: false,
    words: 'Lemon Squeezy tells neither its fees nor its payouts to other programs. Compare with its own payout pages.',
  },
  mixesTest: false,
  verify,
  translate,
  backfill: backfillWith(translate),
};

const read = reader('Lemon Squeezy');

/** No time is signed, so an old request is recognised by what it says alone. */
async function verify({ body, headers, secret }: WebhookRequest): Promise<Verified | Refused> {
  const signature = headers.get('x-signature');
  if (!signature)
    return refused('bad_signature', 'The request has no X-Signature header, so it is not from Lemon Squeezy.');
  if (!/^[0-9a-f]{64}$/i.test(signature))
    return refused('malformed', 'The X-Signature header cannot be read. It should be 64 hexadecimal digits.');
  if (secret === '' || !sameText(signature.toLowerCase(), hmacHex(secret, body)))
    return refused(
      'bad_signature',
      'The signature does not match the body. Check that the signing secret is the one of this webhook and that no proxy changes the body.',
    );
  const event = jsonOf(body);
  const parsed = envelope.safeParse(event);
  if (!parsed.success)
    return refused(
      'malformed',
      `The body is signed but is no event of Lemon Squeezy. ${z.prettifyError(parsed.error)}`,
    );
  const { meta, data } = parsed.data;
  const { attributes } = data;
  return {
    ok: true,
    eventId: `${meta.event_name}:${data.id}:${createHash('sha256').update(body).digest('hex').slice(0, 32)}`,
    type: meta.event_name,
    occurredAt: attributes.updated_at ?? attributes.created_at,
    livemode: !(attributes.test_mode ?? meta.test_mode ?? false),
    event,
  };
}

function translate(event: unknown): MoneyFact[] {
  const { meta, data } = read(envelope, event, 'event');
  const type = meta.event_name;
  if (!Object.hasOwn(readable, type)) return [];
  const at = data.attributes.updated_at ?? data.attributes.created_at;
  return (
    readable[type]?.(plainAttributes(event), {
      type,
      id: data.id,
      at,
      customData: meta.custom_data,
      currency: meta.currency ?? null,
    }) ?? []
  );
}

/** The attributes as they came: the envelope has parsed the moments in them already. */
function plainAttributes(event: unknown): unknown {
  return z.object({ data: z.object({ attributes: z.unknown() }) }).parse(event).data.attributes;
}

import { createHmac } from 'node:crypto';
import { processPayments } from '#src/measure/revenue/process.ts';
import { receiveWebhook } from '#src/measure/revenue/webhooks.ts';
import type { Planned } from './plan.ts';
import { each, type Story, worldAt } from './story.ts';
import type { Signup } from './visits.ts';

/** One in so many who sign up pays in the end, most of them within days. */
const PAYS = 0.37;
const DAY = 86_400_000;
const SECRET = 'whsec_demo_of_driftlog';

const PLANS = {
  solo: { price: 'price_solo', monthly: 1900, yearly: 19_000 },
  team: { price: 'price_team', monthly: 4900, yearly: 49_000 },
} as const;
type Plan = keyof typeof PLANS;

type StripeEvent = { id: string; type: string; at: Date; object: Record<string, unknown> };

/** What Stripe tells of everybody who pays: signed as Stripe signs it, received and processed as in earnest. */
export async function openPayments(story: Story, { appId }: Planned) {
  const source = await story.call.paymentSources.create({ appId, provider: 'stripe', signingSecret: SECRET });
  const path = source.webhookUrl.slice(source.webhookUrl.lastIndexOf('/') + 1);
  let coming: StripeEvent[] = [];

  return {
    /** Decides what becomes of those who signed up. */
    expect(signups: readonly Signup[]) {
      for (const signup of signups) if (signup.chance.happens(PAYS)) coming.push(...lifeOf(signup, story.now));
      coming.sort((a, b) => a.at.getTime() - b.at.getTime());
    },
    /** Hands over what happened until then, and has it processed. */
    async until(moment: Date) {
      const due = coming.filter(({ at }) => at < moment);
      coming = coming.filter(({ at }) => at >= moment);
      await each(due, 4, (event) => deliver(story, path, event));
      story.at(moment);
      await processPayments(story.context);
    },
  };
}

async function deliver(story: Story, path: string, { id, type, at, object }: StripeEvent): Promise<void> {
  const created = seconds(at);
  const event = {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    livemode: true,
    type,
    data: { object },
  };
  const body = JSON.stringify(event);
  const arrived = new Date(at.getTime() + 3000);
  // https://docs.stripe.com/webhooks#verify-manually: an HMAC-SHA-256 over "<timestamp>.<body>".
  const signature = createHmac('sha256', SECRET)
    .update(`${seconds(arrived)}.${body}`)
    .digest('hex');
  const headers = new Headers({ 'stripe-signature': `t=${seconds(arrived)},v1=${signature}` });
  await receiveWebhook(worldAt(story.world, arrived), path, headers, new TextEncoder().encode(body));
}

/** A customer's life: trial, first payment, renewals, sometimes a bigger plan, a refund, an end. */
function lifeOf({ person, at: signedUpAt, chance }: Signup, now: Date): StripeEvent[] {
  const events: StripeEvent[] = [];
  const tell = (type: string, at: Date, object: Record<string, unknown>) =>
    events.push({ id: `evt_${chance.uuid()}`, type, at, object });
  const customer = `cus_${person}`;
  const yearly = chance.happens(0.12);
  const ago = (now.getTime() - signedUpAt.getTime()) / DAY;
  // In the beginning hardly a team came; by now more than half of the customers are one.
  let plan: Plan = chance.happens(0.15 + 0.4 * Math.max(0, 1 - ago / 365)) ? 'team' : 'solo';
  const waits = chance.happens(0.65) ? chance.between(0.01, 2.5) : chance.between(7, 14);
  const startedAt = new Date(signedUpAt.getTime() + waits * DAY);
  const subscription = (more: Record<string, unknown> = {}) => subscriptionOf(customer, plan, yearly, startedAt, more);
  const charge = (at: Date, amount: number) => {
    const intent = `pi_${chance.uuid()}`;
    tell('charge.succeeded', at, chargeOf(customer, intent, at, amount));
    return intent;
  };

  const price = () => PLANS[plan][yearly ? 'yearly' : 'monthly'];
  tell('customer.subscription.created', later(startedAt, 1), subscription());
  const first = charge(later(startedAt, 2), price());
  if (chance.happens(0.035)) {
    const at = later(startedAt, Math.floor(chance.between(1, 6) * 86_400));
    tell('refund.created', at, refundOf(first, price(), at));
    tell('customer.subscription.deleted', later(at, 5), subscription(endedAt(at)));
  } else {
    for (
      let at = later(startedAt, (yearly ? 365 : 30) * 86_400);
      at < now;
      at = later(at, (yearly ? 365 : 30) * 86_400)
    ) {
      if (chance.happens(0.055)) {
        tell('customer.subscription.deleted', at, subscription(endedAt(at)));
        break;
      }
      if (plan === 'solo' && chance.happens(0.04)) {
        plan = 'team';
        tell('customer.subscription.updated', at, subscription());
      }
      charge(later(at, 2), price());
    }
  }
  return events.filter(({ at }) => at < now);
}

function subscriptionOf(customer: string, plan: Plan, yearly: boolean, startedAt: Date, more: Record<string, unknown>) {
  const { price, monthly, yearly: year } = PLANS[plan];
  return {
    id: `sub_${customer}`,
    object: 'subscription',
    customer,
    metadata: { fanfare_person: customer.replace('cus_', '') },
    status: 'active',
    start_date: seconds(startedAt),
    items: {
      data: [
        {
          id: `si_${customer}`,
          quantity: 1,
          price: {
            id: yearly ? `${price}_year` : price,
            product: `prod_${plan}`,
            currency: 'usd',
            unit_amount: yearly ? year : monthly,
            recurring: { interval: yearly ? 'year' : 'month', interval_count: 1, usage_type: 'licensed' },
          },
        },
      ],
    },
    ...more,
  };
}

/** Stripe's price in Europe for most cards: 1.5 % and 25 cents (stripe.com/pricing, 2026). */
function chargeOf(customer: string, intent: string, at: Date, amount: number) {
  return {
    id: intent.replace('pi_', 'ch_'),
    object: 'charge',
    amount,
    amount_captured: amount,
    captured: true,
    paid: true,
    currency: 'usd',
    customer,
    payment_intent: intent,
    balance_transaction: {
      id: intent.replace('pi_', 'txn_'),
      fee: Math.round(amount * 0.015) + 25,
      currency: 'usd',
      created: seconds(at),
    },
    created: seconds(at),
  };
}

function refundOf(intent: string, amount: number, at: Date) {
  return {
    id: intent.replace('pi_', 're_'),
    object: 'refund',
    amount,
    currency: 'usd',
    payment_intent: intent,
    status: 'succeeded',
    created: seconds(at),
  };
}

function endedAt(at: Date) {
  return { status: 'canceled', canceled_at: seconds(at), ended_at: seconds(at) };
}

function later(at: Date, bySeconds: number): Date {
  return new Date(at.getTime() + bySeconds * 1000);
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

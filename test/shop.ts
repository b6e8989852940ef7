import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { transaction } from '#src/context.ts';
import { followLink } from '#src/distribute/links.ts';
import { hooks } from '#src/doors/http/hooks.ts';
import { intake } from '#src/doors/http/intake.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import { openTestWorld } from '#test/world.ts';

export const SECRET = 'whsec_of_the_shop_in_the_test';
export const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';

export type Shop = Awaited<ReturnType<typeof openShop>>;

export const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

/**
 * An app with its tracker, a published post with a tracked link, and a Stripe account that reports to us: what is told
 * comes in by the real doors, signed as Stripe signs it. `signed: false` leaves out the signing secret. Close `world`.
 */
export async function openShop({ now, signed = true }: { now: string; signed?: boolean }) {
  const world = await openTestWorld({ now });
  const maya = await world.join();
  const events = intake(world.world);
  const webhooks = hooks(world.world);
  const appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  const key = (await maya.call.tracking.get({ appId })).publicKey;
  const accountId = await transaction(maya.context, async ({ tx, workspaceId }) => {
    const account = await tx
      .insertInto('accounts')
      .values({ workspaceId, platform: 'x', platformUserId: '1', handle: 'maya', name: 'Maya', status: 'connected' })
      .returning('id')
      .executeTakeFirstOrThrow();
    return account.id;
  });

  /** A post that went out with its tracked link, as the stage before leaves it. */
  const publish = (code: string) =>
    transaction(maya.context, async ({ tx, workspaceId, clock }) => {
      const post = await tx
        .insertInto('posts')
        .values({ workspaceId, appId, title: 'Outpost sends itself', status: 'published', source: 'person' })
        .returning('id')
        .executeTakeFirstOrThrow();
      const publication = await tx
        .insertInto('publications')
        .values({
          workspaceId,
          postId: post.id,
          accountId,
          postVersion: 1,
          dueAt: clock.now(),
          state: 'published',
          scheduledBy: 'system',
          publishedAt: clock.now(),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      const link = await tx
        .insertInto('links')
        .values({
          workspaceId,
          appId,
          code,
          destination: 'https://outpost.dev/',
          postId: post.id,
          publicationId: publication.id,
          createdBy: 'system',
          utmSource: 'x',
          utmMedium: 'social',
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await tx
        .insertInto('linkCodes')
        .values({
          ...{ code, workspaceId, linkId: link.id, appId, postId: post.id },
          ...{ destination: 'https://outpost.dev/', utmSource: 'x', utmMedium: 'social' },
        })
        .execute();
      return post.id;
    });
  const postId = await publish('launch1');
  const source = await maya.call.paymentSources.create({ appId, provider: 'stripe' });
  const hookPath = new URL(source.webhookUrl).pathname;
  const { sources } = await maya.call.paymentSources.list({ appId });
  const sourceId = sources[0]?.id ?? '';
  if (signed) await maya.call.paymentSources.update({ sourceId, signingSecret: SECRET });

  /** Somebody with this browser follows a post's link and sees the page. Returns the click's id (`ff`). */
  async function visit(agent: string, code = 'launch1'): Promise<string> {
    const followed = await followLink(world.world, code, {
      agentClass: 'human',
      agentName: null,
      referrerHost: 't.co',
      country: null,
      visitor: null,
    });
    if (followed.kind !== 'found') throw new Error(followed.kind);
    const event = { app: key, id: randomUUID(), kind: 'pageview', url: followed.location, referrer: 'https://t.co/x' };
    const answer = await events.request('/e', {
      method: 'POST',
      body: JSON.stringify(event),
      headers: { 'user-agent': agent },
    });
    if (answer.status !== 202) throw new Error(await answer.text());
    return new URL(followed.location).searchParams.get('ff') ?? '';
  }

  function stripeEvent(type: string, object: object, options: { id?: string; created?: Date } = {}) {
    return JSON.stringify({
      id: options.id ?? `evt_${randomUUID()}`,
      object: 'event',
      api_version: '2026-10-28.endive',
      created: seconds(options.created ?? world.clock.now()),
      livemode: false,
      pending_webhooks: 1,
      request: null,
      type,
      data: { object },
    });
  }

  async function hook(payload: string, options: { secret?: string; at?: Date; path?: string } = {}) {
    const signature = await Stripe.webhooks.generateTestHeaderStringAsync({
      payload,
      secret: options.secret ?? SECRET,
      timestamp: seconds(options.at ?? world.clock.now()),
    });
    const response = await webhooks.request(options.path ?? hookPath, {
      method: 'POST',
      body: payload,
      headers: { 'stripe-signature': signature },
    });
    return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
  }

  return {
    world,
    maya,
    appId,
    postId,
    sourceId,
    hookPath,
    webhooks,
    publish,
    visit,
    stripeEvent,
    hook,
    /** Stripe tells that something happened, now or at `created`. */
    tell: (type: string, object: object, created?: Date) => hook(stripeEvent(type, object, created ? { created } : {})),
    async settle() {
      await processPayments(maya.context);
      await attribute(maya.context, appId);
    },
    stored: () =>
      transaction(maya.context, ({ tx }) => tx.selectFrom('paymentEvents').selectAll().orderBy('receivedAt').execute()),
    /** MRR in US cents. */
    async mrr(): Promise<bigint> {
      const summary = await maya.call.revenue.summary({ appId });
      return BigInt(summary.currencies.find((each) => each.currency === 'USD')?.mrrMinor ?? 0);
    },
    /** Stripe's objects, as its API of 2026-10-28 shapes them. */
    subscription: (customer: string, over: object = {}, amount = 1200) => ({
      id: `sub_${customer}`,
      object: 'subscription',
      customer,
      status: 'active',
      start_date: seconds(world.clock.now()),
      items: {
        data: [
          {
            id: 'si_1',
            quantity: 1,
            price: {
              id: 'price_pro',
              product: 'prod_1',
              currency: 'usd',
              unit_amount: amount,
              recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
            },
          },
        ],
      },
      discounts: [],
      metadata: {},
      ...over,
    }),
    charge: (customer: string, intent: string, over: object = {}) => ({
      id: `ch_${intent}`,
      object: 'charge',
      amount: 1200,
      amount_captured: 1200,
      captured: true,
      paid: true,
      currency: 'usd',
      customer,
      payment_intent: intent,
      created: seconds(world.clock.now()),
      metadata: {},
      ...over,
    }),
    refund: (intent: string, amount: number, over: object = {}) => ({
      id: `re_${intent}_${amount}`,
      amount,
      currency: 'usd',
      payment_intent: intent,
      status: 'succeeded',
      created: seconds(world.clock.now()),
      ...over,
    }),
    checkout: (customer: string, person: string, intent: string | null = null) => ({
      id: `cs_${customer}`,
      object: 'checkout.session',
      mode: 'subscription',
      customer,
      customer_details: { email: `${person}@example.com` },
      client_reference_id: person,
      metadata: {},
      subscription: `sub_${customer}`,
      invoice: null,
      payment_intent: intent,
      amount_total: 1200,
      currency: 'usd',
      payment_status: 'paid',
    }),
  };
}

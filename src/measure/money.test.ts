import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { followLink } from '#src/distribute/links.ts';
import { hooks } from '#src/doors/http/hooks.ts';
import { intake } from '#src/doors/http/intake.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { recordPurchase } from '#src/measure/conversions.ts';
import { closeLedger } from '#src/measure/ledger.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import { refreshMrr } from '#src/measure/revenue/subscriptions.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const SECRET = 'whsec_of_the_shop_in_the_test';
const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';

let world: TestWorld;
let maya: Person;
let events: ReturnType<typeof intake>;
let webhooks: ReturnType<typeof hooks>;
let appId: string;
let key: string;
let hookPath: string;
let postId: string;
let code: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-10T09:00:00Z' });
  maya = await world.join();
  events = intake(world.world);
  webhooks = hooks(world.world);
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  key = (await maya.call.tracking.get({ appId })).publicKey;
  ({ postId, code } = await publishedPost());
  const source = await maya.call.paymentSources.create({ appId, provider: 'stripe' });
  hookPath = new URL(source.webhookUrl).pathname;
});
afterAll(() => world.close());

/** A post that went out with its tracked link, as the stage before leaves it. */
function publishedPost() {
  return transaction(maya.context, async ({ tx, workspaceId, clock }) => {
    const account = await tx
      .insertInto('accounts')
      .values({ workspaceId, platform: 'x', platformUserId: '1', handle: 'maya', name: 'Maya', status: 'connected' })
      .returning('id')
      .executeTakeFirstOrThrow();
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
        accountId: account.id,
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
        code: 'launch1',
        destination: 'https://outpost.dev/',
        postId: post.id,
        publicationId: publication.id,
        createdBy: 'system',
        utmSource: 'x',
        utmMedium: 'social',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.insertInto('linkCodes').values({ code: 'launch1', workspaceId, linkId: link.id }).execute();
    return { postId: post.id, code: 'launch1' };
  });
}

async function visit(agent: string): Promise<string> {
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
  expect(answer.status).toBe(202);
  return new URL(followed.location).searchParams.get('ff') ?? '';
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

function stripeEvent(type: string, object: Record<string, unknown>, options: { id?: string; created?: Date } = {}) {
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

const settle = async () => {
  await processPayments(maya.context);
  await attribute(maya.context, appId);
};

const stored = () =>
  transaction(maya.context, ({ tx }) => tx.selectFrom('paymentEvents').selectAll().orderBy('receivedAt').execute());

function subscription(customer: string, over: Record<string, unknown> = {}, amount = 1200) {
  return {
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
  };
}

function charge(customer: string, intent: string, over: Record<string, unknown> = {}) {
  return {
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
  };
}

function checkout(customer: string, person: string, intent: string | null = null) {
  return {
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
  };
}

describe('a webhook', () => {
  test('waits for its signing secret, which is kept sealed', async () => {
    expect(await hook(stripeEvent('ping', {}))).toMatchObject({ status: 409, reason: 'no_signing_secret' });
    const { sources } = await maya.call.paymentSources.list({ appId });
    expect(sources).toMatchObject([{ provider: 'stripe', hasSigningSecret: false, lastEventAt: null }]);
    await maya.call.paymentSources.update({ sourceId: sources[0]!.id, signingSecret: SECRET });
    const [row] = await transaction(maya.context, ({ tx }) => tx.selectFrom('paymentSources').selectAll().execute());
    expect(row?.sealedWebhookSecret).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toContain(SECRET);
  });

  test.each([
    ['with a bad signature', { secret: 'whsec_of_someone_else' }, 400, 'bad_signature'],
    ['with an old timestamp', { at: new Date('2026-11-10T08:54:00Z') }, 400, 'too_old'],
    ['to an address nobody has', { path: '/hooks/nobody' }, 404, 'unknown_address'],
  ])('%s is refused in words and leaves nothing', async (_, options, status, reason) => {
    const answer = await hook(stripeEvent('customer.created', { id: 'cus_0' }), options);
    expect(answer).toMatchObject({ status, received: false, reason, message: expect.stringMatching(/\.$/) });
    expect(await stored()).toEqual([]);
  });

  test('that is signed but no event, or not signed at all, or too large, is refused', async () => {
    expect(await hook('{"id": ')).toMatchObject({ status: 400, reason: 'malformed' });
    expect(await hook('{"hello": "world"}')).toMatchObject({ status: 400, reason: 'malformed' });
    const bare = await webhooks.request(hookPath, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(400);
    const huge = await webhooks.request(hookPath, { method: 'POST', body: 'x'.repeat(6 * 1024 * 1024) });
    expect(huge.status).toBe(413);
    expect(await stored()).toEqual([]);
  });

  test('is stored raw once, however often it comes, and queued for processing', async () => {
    const payload = stripeEvent('product.created', { id: 'prod_1' }, { id: 'evt_twice' });
    expect(await hook(payload)).toMatchObject({ status: 200, received: true, duplicate: false });
    expect(await hook(payload)).toMatchObject({ status: 200, received: true, duplicate: true });
    expect(await stored()).toMatchObject([{ body: payload, kind: 'product.created', processedAt: null }]);
    await settle();
    expect(await stored()).toMatchObject([{ outcome: 'ignored' }]);
  });

  test('of a known kind that cannot be read is kept as failed', async () => {
    await hook(stripeEvent('customer.subscription.created', { id: 'sub_broken' }));
    await settle();
    expect((await stored()).at(-1)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('customer.subscription.created'),
    });
    expect(await maya.call.revenue.summary({ appId })).toMatchObject({ failed: 1, waiting: 0 });
    const { sources } = await maya.call.paymentSources.list({ appId });
    expect(await maya.call.paymentSources.replay({ sourceId: sources[0]!.id })).toEqual({ replayed: 1 });
    expect((await stored()).at(-1)).toMatchObject({ outcome: 'failed' });
  });
});

describe('from a click to the money', () => {
  test('click, visit, signup, payment: the post gets the credit, with evidence', async () => {
    world.clock.set('2026-11-12T10:00:00Z');
    const ff = await visit(`${CHROME} A`);
    world.clock.forward('10 min');
    await maya.call.events.send({ appId, events: [{ id: randomUUID(), kind: 'signup', person: 'ann', ff }] });
    world.clock.forward('2 d');
    await hook(stripeEvent('customer.subscription.created', subscription('cus_ann')));
    await hook(stripeEvent('checkout.session.completed', checkout('cus_ann', 'ann')));
    await hook(stripeEvent('charge.succeeded', charge('cus_ann', 'pi_ann')));
    await settle();

    const { conversions } = await maya.call.conversions.list({ appId });
    expect(conversions).toMatchObject([
      { kind: 'purchase', person: 'ann', value: { minor: '1200', currency: 'USD' }, postId },
      { kind: 'signup', person: 'ann', postId, source: 'X' },
    ]);
    const { credits } = await maya.call.attribution.credits({ postId });
    expect(credits.find((each) => each.kind === 'purchase')).toMatchObject({
      amountMinor: '1200',
      share: 1,
      grade: 'click_id',
      evidence: { click: ff, payment: expect.any(String), identityLinks: expect.any(Array) },
    });
    const summary = await maya.call.revenue.summary({ appId });
    expect(summary.currencies).toMatchObject([
      { currency: 'USD', mrrMinor: '1200', arrMinor: '14400', subscriptions: 1 },
    ]);
    const { customers } = await maya.call.customers.list({ appId });
    expect(customers).toMatchObject([{ person: 'ann', payments: 1 }]);
  });

  test('Home shows it', async () => {
    const home = await maya.call.dashboards.home({ range: '30d' });
    expect(home.days).toHaveLength(30);
    expect(home.days.at(-1)).toBe('2026-11-14');
    expect(home.kpis).toMatchObject({
      visitors: { value: 1, previousValue: 0, change: null },
      signups: { value: 1 },
      newMrr: { value: 1200 },
    });
    expect(home.kpis.visitors.series.at(-3)).toBe(1);
    expect(home.markers).toMatchObject([{ day: '2026-11-10', postId, platform: 'x' }]);
    expect(home.postsThatBroughtPeople).toMatchObject([
      { postId, visits: 1, signups: 1, customers: 1, revenue: { minor: '1200', currency: 'USD' }, enough: false },
    ]);
    expect(home.funnel.map((step) => [step.key, step.value])).toEqual([
      ['saw', 0],
      ['visited', 1],
      ['signedUp', 1],
      ['paid', 1],
    ]);
    expect(home.firstSteps).toMatchObject({ appRegistered: true, trackerSeen: true, paymentsConnected: true });
  });

  test('and so does the post, with a receipt', async () => {
    const post = await maya.call.dashboards.post({ postId });
    expect(post.totals).toMatchObject({ visits: 1, clicks: 1, signups: 1 });
    expect(post.revenueByModel.every((row) => row.revenue.minor === '1200')).toBe(true);
    expect(post.receipts).toMatchObject([
      { kind: 'purchase', amount: { minor: '1200' }, person: 'ann' },
      { kind: 'signup', amount: null },
    ]);
    const rival = await world.join('Rival');
    await expect(rival.call.dashboards.post({ postId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('renewals go to what brought the customer', async () => {
    world.clock.forward('60 d');
    await hook(stripeEvent('charge.succeeded', charge('cus_ann', 'pi_ann2')));
    await settle();
    const { credits } = await maya.call.attribution.credits({ postId });
    expect(credits.filter((each) => each.kind === 'purchase').map((each) => each.amountMinor)).toEqual([
      '1200',
      '1200',
    ]);
  });

  test('the payment first, who paid later: it waits, and is joined when it is told', async () => {
    const ff = await visit(`${CHROME} B`);
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'bob', ff }] });
    await hook(stripeEvent('charge.succeeded', charge('cus_bob', 'pi_bob')));
    await settle();
    const purchase = async () =>
      (await maya.call.conversions.list({ appId, kind: 'purchase' })).conversions.find((each) => each.person === 'bob');
    expect(await purchase()).toBeUndefined();
    await hook(stripeEvent('checkout.session.completed', checkout('cus_bob', 'bob')));
    await settle();
    expect(await purchase()).toMatchObject({ postId, value: { minor: '1200' } });
  });

  test('a guest’s payment is joined by the payment itself', async () => {
    const ff = await visit(`${CHROME} C`);
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'cy', ff }] });
    const session = { ...checkout('none', 'cy', 'pi_cy'), customer: null, mode: 'payment', subscription: null };
    await hook(stripeEvent('checkout.session.completed', session));
    await hook(stripeEvent('charge.succeeded', charge('none', 'pi_cy', { customer: null })));
    await settle();
    const { conversions } = await maya.call.conversions.list({ appId, kind: 'purchase' });
    expect(conversions.find((each) => each.person === 'cy')).toMatchObject({ postId });
  });

  test('the same address joins a payment to the person who signs up with it later', async () => {
    await hook(stripeEvent('customer.created', { id: 'cus_ivy', email: 'ivy@example.com', name: 'Ivy', metadata: {} }));
    await hook(stripeEvent('charge.succeeded', charge('cus_ivy', 'pi_ivy')));
    await settle();
    const ff = await visit(`${CHROME} I`);
    world.clock.forward('1 min');
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'ivy', email: 'Ivy@example.com', ff }] });
    await settle();
    const { customers } = await maya.call.customers.list({ appId });
    expect(customers.find((each) => each.person === 'ivy')).toMatchObject({ name: 'Ivy', payments: 1 });
    expect(customers.filter((each) => each.name === 'Ivy')).toHaveLength(1);
  });

  test('nobody knows where they came from: unattributed, after an hour, and attributed when it is told after all', async () => {
    await hook(stripeEvent('charge.succeeded', charge('cus_dan', 'pi_dan')));
    await settle();
    world.clock.forward('2 h');
    await settle();
    const { conversions } = await maya.call.conversions.list({ appId, kind: 'purchase' });
    const own = conversions.find((each) => each.person === null);
    const { credits } = await maya.call.attribution.credits({ conversionId: own!.id });
    expect(credits).toMatchObject([{ postId: null, share: 1, amountMinor: '1200', grade: null, channel: null }]);

    world.clock.forward('1 d');
    const ff = 'ffffffff-0000-4000-8000-000000000000';
    await hook(stripeEvent('customer.updated', { id: 'cus_dan', metadata: { fanfare_person: 'dan', ff } }));
    await settle();
    const after = await maya.call.conversions.list({ appId, kind: 'purchase' });
    expect(after.conversions.find((each) => each.id === own!.id)).toMatchObject({ person: 'dan' });
  });
});

describe('the order of things', () => {
  test('does not matter: twice, backwards, an older description never overwrites a newer one', async () => {
    const t = (minute: number) => new Date(world.clock.now().getTime() + minute * 60_000);
    const told = [
      stripeEvent('customer.subscription.created', subscription('cus_eve', { status: 'incomplete' }), {
        created: t(0),
      }),
      stripeEvent('customer.subscription.updated', subscription('cus_eve'), { created: t(1) }),
      stripeEvent('customer.subscription.updated', subscription('cus_eve', {}, 2900), { created: t(2) }),
      stripeEvent(
        'customer.subscription.deleted',
        subscription('cus_eve', { status: 'canceled', ended_at: seconds(t(3)) }, 2900),
        { created: t(3) },
      ),
    ];
    const before = await mrr();
    for (const payload of [told[2], told[0], told[2], told[1]]) await hook(payload as string).then(settle);
    expect(await mrr()).toBe(before + 2900n);
    for (const payload of [told[3], told[1], told[0]]) await hook(payload as string).then(settle);
    expect(await mrr()).toBe(before);
    const moved = await transaction(maya.context, ({ tx }) =>
      tx
        .selectFrom('mrrMovements')
        .innerJoin('subscriptions', 'subscriptions.id', 'mrrMovements.subscriptionId')
        .select(['kind', 'amountMinor'])
        .where('providerId', '=', 'sub_cus_eve')
        .orderBy('mrrMovements.occurredAt')
        .execute(),
    );
    expect(moved).toEqual([
      { kind: 'new', amountMinor: '2900' },
      { kind: 'churn', amountMinor: '-2900' },
    ]);
  });

  test('movements sum to MRR exactly, and a discount that ends is noticed without an event', async () => {
    const now = world.clock.now();
    const discount = {
      id: 'di_1',
      coupon: { percent_off: 50, duration: 'repeating' },
      start: seconds(now),
      end: seconds(now) + 86_400,
      subscription: 'sub_cus_fay',
      customer: 'cus_fay',
    };
    await hook(stripeEvent('customer.subscription.created', subscription('cus_fay', { discounts: ['di_1'] })));
    await settle();
    expect((await stored()).find((each) => each.message?.includes('di_1'))).toBeDefined();
    const full = await mrr();
    await hook(stripeEvent('customer.discount.created', discount));
    await settle();
    expect(await mrr()).toBe(full - 600n);
    world.clock.forward('2 d');
    await refreshMrr(maya.context);
    expect(await mrr()).toBe(full);
    const sum = await transaction(maya.context, ({ tx }) =>
      tx
        .selectFrom('mrrMovements')
        .select((eb) => eb.fn.sum<string>('amountMinor').as('minor'))
        .executeTakeFirstOrThrow(),
    );
    expect(BigInt(sum.minor)).toBe(await mrr());
  });

  test('invoice, fee and refund find their payment, whichever comes first', async () => {
    const invoice = {
      id: 'in_gus',
      customer: 'cus_gus',
      parent: { subscription_details: { subscription: 'sub_cus_gus' } },
      amount_paid: 1200,
      total_taxes: [{ amount: 200 }],
      currency: 'usd',
      metadata: {},
    };
    const paid = {
      id: 'inpay_gus',
      invoice: 'in_gus',
      amount_paid: 1200,
      currency: 'usd',
      status: 'paid',
      payment: { type: 'payment_intent', payment_intent: 'pi_gus' },
    };
    const refund = {
      id: 're_gus',
      amount: 300,
      currency: 'usd',
      payment_intent: 'pi_gus',
      status: 'succeeded',
      created: seconds(world.clock.now()),
    };
    const fee = { id: 'txn_gus', fee: 65, currency: 'usd', created: seconds(world.clock.now()) };
    await hook(stripeEvent('refund.created', refund));
    await hook(stripeEvent('invoice.paid', invoice));
    await hook(stripeEvent('invoice_payment.paid', paid));
    await hook(stripeEvent('customer.subscription.created', subscription('cus_gus')));
    await hook(stripeEvent('charge.updated', charge('cus_gus', 'pi_gus', { balance_transaction: fee })));
    await settle();
    const payment = await transaction(maya.context, ({ tx }) =>
      tx
        .selectFrom('payments')
        .innerJoin('subscriptions', 'subscriptions.id', 'payments.subscriptionId')
        .innerJoin('refunds', 'refunds.paymentId', 'payments.id')
        .select(['payments.taxMinor', 'payments.feeMinor', 'payments.amountMinor', 'refunds.amountMinor as refunded'])
        .where('payments.providerId', '=', 'pi_gus')
        .executeTakeFirstOrThrow(),
    );
    expect(payment).toEqual({ taxMinor: '200', feeMinor: '65', amountMinor: '1200', refunded: '300' });
  });

  test('the ledger closes', async () => {
    world.clock.forward('2 h');
    await settle();
    const today = world.clock.now().toISOString().slice(0, 10);
    await closeLedger(maya.context, today);
    await closeLedger(maya.context, today);
    const { days } = await maya.call.ledger.days({ appId });
    expect(days).toMatchObject([
      {
        day: today,
        paid: { minor: '835', currency: 'USD' },
        attributed: { minor: '0' },
        unattributed: { minor: '1200' },
        refunded: { minor: '300' },
        fees: { minor: '65' },
        difference: { minor: '0' },
        closes: true,
      },
    ]);
  });

  test('a source that is removed takes nothing more', async () => {
    const { sources } = await maya.call.paymentSources.list({});
    await maya.call.paymentSources.remove({ sourceId: sources[0]!.id });
    expect(await hook(stripeEvent('customer.created', { id: 'cus_late' }))).toMatchObject({ status: 404 });
  });
});

test('whatever was paid and however they came, the credits of each model sum to the money', async () => {
  const journeys = fc.record({
    amount: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    touches: fc.array(fc.record({ hoursBefore: fc.integer({ min: 0, max: 900 }), direct: fc.boolean() }), {
      maxLength: 8,
    }),
  });
  await fc.assert(
    fc.asyncProperty(journeys, async ({ amount, touches }) => {
      const visitor = randomUUID();
      const conversionId = await transaction(maya.context, async (inside) => {
        const { tx, workspaceId, clock } = inside;
        if (touches.length > 0)
          await tx
            .insertInto('touches')
            .values(
              touches.map(({ hoursBefore, direct }) => ({
                workspaceId,
                appId,
                visitor,
                visitId: randomUUID(),
                occurredAt: new Date(clock.now().getTime() - hoursBefore * 3_600_000 - 3_600_000),
                channel: direct ? 'Direct' : 'Referral',
                source: direct ? 'Direct' : 'a.example',
                direct,
              })),
            )
            .execute();
        const id = randomUUID();
        await recordPurchase(inside, {
          id: (
            await tx
              .insertInto('payments')
              .values({
                workspaceId,
                appId,
                paymentSourceId: (await tx.selectFrom('paymentSources').select('id').executeTakeFirstOrThrow()).id,
                providerId: id,
                amountMinor: String(amount),
                currency: 'USD',
                paidAt: clock.now(),
                describedAt: clock.now(),
              })
              .returning('id')
              .executeTakeFirstOrThrow()
          ).id,
          appId,
          customerId: null,
          paidAt: new Date(clock.now().getTime() - 3_600_000),
          amount,
          currency: 'USD',
        });
        const row = await tx
          .updateTable('conversions')
          .from('payments')
          .set({ visitor })
          .whereRef('payments.id', '=', 'conversions.paymentId')
          .where('payments.providerId', '=', id)
          .returning('conversions.id')
          .executeTakeFirstOrThrow();
        return row.id;
      });
      await attribute(maya.context, appId);
      const sums = await transaction(maya.context, ({ tx }) =>
        tx
          .selectFrom('credits')
          .select((eb) => [
            'model',
            eb.fn.sum<string>('amountMinor').as('minor'),
            eb.fn.sum<string>('share').as('share'),
          ])
          .where('conversionId', '=', conversionId)
          .groupBy('model')
          .execute(),
      );
      expect(sums).toHaveLength(6);
      for (const sum of sums) {
        expect(BigInt(sum.minor)).toBe(amount);
        expect(Number(sum.share)).toBeCloseTo(1, 9);
      }
    }),
    { numRuns: 25 },
  );
});

async function mrr(): Promise<bigint> {
  const summary = await maya.call.revenue.summary({ appId });
  return BigInt(summary.currencies.find((each) => each.currency === 'USD')?.mrrMinor ?? 0);
}

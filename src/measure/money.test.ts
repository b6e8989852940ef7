import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { recordPurchase } from '#src/measure/conversions.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

let world: Shop['world'];
let maya: Shop['maya'];
let appId: Shop['appId'];
let postId: Shop['postId'];
let visit: Shop['visit'];
let stripeEvent: Shop['stripeEvent'];
let hook: Shop['hook'];
let settle: Shop['settle'];
let subscription: Shop['subscription'];
let charge: Shop['charge'];
let checkout: Shop['checkout'];

beforeAll(async () => {
  ({ world, maya, appId, postId, visit, stripeEvent, hook, settle, subscription, charge, checkout } = await openShop({
    now: '2026-11-10T09:00:00Z',
  }));
});
afterAll(() => world.close());

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

  test('a trial is one, whoever tells of it first', async () => {
    const trials = async (person: string) =>
      (await maya.call.conversions.list({ appId, kind: 'trial' })).conversions.filter((each) => each.person === person);
    const before = (await maya.call.conversions.list({ appId, kind: 'trial' })).conversions.length;
    const email = 'tess@example.com';
    await hook(stripeEvent('customer.created', { id: 'cus_tess', email, name: 'Tess', metadata: {} }));
    await hook(stripeEvent('customer.subscription.created', subscription('cus_tess', { status: 'trialing' })));
    await settle();
    await maya.call.events.send({ appId, events: [{ kind: 'trial', person: 'tess', email }] });
    expect(await trials('tess')).toHaveLength(1);

    await hook(stripeEvent('customer.created', { id: 'cus_tom', email: null, name: 'Tom', metadata: {} }));
    await hook(stripeEvent('customer.subscription.created', subscription('cus_tom', { status: 'trialing' })));
    await settle();
    world.clock.forward('5 min');
    await maya.call.events.send({ appId, events: [{ kind: 'trial', person: 'tom' }] });
    const told = (await trials('tom'))[0]?.occurredAt.getTime() ?? 0;
    await hook(stripeEvent('checkout.session.completed', checkout('cus_tom', 'tom')));
    await settle();
    const [tom, ...more] = await trials('tom');
    expect(more).toEqual([]);
    expect(tom?.occurredAt).toEqual(new Date(told - 300_000));
    expect((await maya.call.conversions.list({ appId, kind: 'trial' })).conversions).toHaveLength(before + 2);
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

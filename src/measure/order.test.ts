import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { closeLedger } from '#src/measure/ledger.ts';
import { refreshMrr } from '#src/measure/revenue/subscriptions.ts';
import { openShop, type Shop, seconds } from '#test/shop.ts';

let world: Shop['world'];
let maya: Shop['maya'];
let appId: Shop['appId'];
let stripeEvent: Shop['stripeEvent'];
let hook: Shop['hook'];
let settle: Shop['settle'];
let stored: Shop['stored'];
let mrr: Shop['mrr'];
let subscription: Shop['subscription'];
let charge: Shop['charge'];

beforeAll(async () => {
  ({ world, maya, appId, stripeEvent, hook, settle, stored, mrr, subscription, charge } = await openShop({
    now: '2026-12-10T09:00:00Z',
  }));
});
afterAll(() => world.close());

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
      { kind: 'new', amountMinor: '1200' },
      { kind: 'expansion', amountMinor: '1700' },
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

  test('a discount told late counts from when it began, as if it had been told in time', async () => {
    const start = world.clock.now();
    const trial = { discounts: ['di_late'], trial_end: seconds(start) + 86_400 };
    await hook(stripeEvent('customer.subscription.created', subscription('cus_lea', { ...trial, status: 'trialing' })));
    world.clock.forward('2 d');
    await hook(stripeEvent('customer.subscription.updated', subscription('cus_lea', trial)));
    await settle();
    const full = await mrr();
    const late = {
      id: 'di_late',
      coupon: { percent_off: 50, duration: 'forever' },
      start: seconds(start),
      end: null,
      subscription: 'sub_cus_lea',
      customer: 'cus_lea',
    };
    await hook(stripeEvent('customer.discount.created', late, { created: start }));
    await settle();
    expect(await mrr()).toBe(full - 600n);
    const moved = await transaction(maya.context, ({ tx }) =>
      tx
        .selectFrom('mrrMovements')
        .innerJoin('subscriptions', 'subscriptions.id', 'mrrMovements.subscriptionId')
        .select(['kind', 'amountMinor'])
        .where('providerId', '=', 'sub_cus_lea')
        .orderBy('mrrMovements.occurredAt')
        .orderBy('kind', 'desc')
        .execute(),
    );
    expect(moved).toEqual([{ kind: 'new', amountMinor: '600' }]);
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

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Context, transaction } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { continueBackfills, requestBackfills, runBackfill } from '#src/measure/revenue/backfill.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import type { HistoryCall, HistoryEvent, MoneyFact, PaymentProvider } from '#src/outside/payments/payment.ts';
import type { Outcome } from '#src/outside/platform.ts';
import { CHROME, openShop, type Shop, seconds } from '#test/shop.ts';

let shop: Shop;
let context: Context;
const asked: HistoryCall[] = [];
let history: HistoryEvent[][] = [];
/** What the provider answers instead of the page with this number. */
const trouble: Map<number, Outcome<never>> = new Map();

/** Stripe with a history that lies here: what it says in it is in Stripe's own form, or plain facts for its books. */
function withHistory(stripe: PaymentProvider): PaymentProvider {
  return {
    ...stripe,
    translate: (event) => {
      const { facts } = event as { facts?: MoneyFact[] };
      return facts ? (JSON.parse(JSON.stringify(facts), revive) as MoneyFact[]) : stripe.translate(event);
    },
    backfill: async (call) => {
      asked.push(call);
      const page = Number(call.cursor ?? 0);
      const failed = trouble.get(page);
      trouble.delete(page);
      if (failed) return failed;
      return {
        ok: true,
        value: { events: history[page] ?? [], cursor: page + 1 < history.length ? String(page + 1) : null },
      };
    },
  };
}

const DATES = new Set(['occurredAt', 'startedAt']);
const AMOUNTS = new Set(['amount', 'gross', 'fee', 'tax', 'net']);
function revive(key: string, value: unknown): unknown {
  if (DATES.has(key)) return new Date(value as string);
  return AMOUNTS.has(key) && typeof value === 'string' ? BigInt(value) : value;
}

/** An event of the history: an object of Stripe's, or facts. */
function past(type: string, name: string, at: string, object: object | MoneyFact[]): HistoryEvent {
  const occurredAt = new Date(at);
  const body = Array.isArray(object)
    ? JSON.stringify({ facts: object }, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    : JSON.stringify({
        ...{ id: `history:${name}`, object: 'event', type, created: seconds(occurredAt), livemode: true },
        data: { object },
      });
  return { eventId: `history:${name}`, type, occurredAt, livemode: true, body };
}

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  const stripe = shop.world.world.payments.get('stripe') as PaymentProvider;
  const payments = new Map([...shop.world.world.payments, ['stripe', withHistory(stripe)] as const]);
  context = { ...shop.maya.context, payments };
});
afterAll(() => shop.world.close());

const run = () => runBackfill(context, shop.sourceId);
const source = async () => (await shop.maya.call.paymentSources.list({ appId: shop.appId })).sources[0];
const everything = () =>
  transaction(shop.maya.context, async ({ tx }) => ({
    payments: await tx.selectFrom('payments').selectAll().orderBy('providerId').execute(),
    movements: await tx.selectFrom('mrrMovements').selectAll().orderBy('occurredAt').orderBy('id').execute(),
    credits: await tx.selectFrom('credits').selectAll().orderBy('id').execute(),
    fees: await tx.selectFrom('fees').selectAll().orderBy('providerId').execute(),
  }));

describe('reading a provider’s history', () => {
  test('begins with the key, which is sealed, and shows how far it is', async () => {
    const { charge, subscription, sourceId, maya } = shop;
    const june = seconds(new Date('2026-06-01T10:00:00Z'));
    const [old, ended] = ['2026-06-01T10:00:00Z', '2026-09-01T10:00:00Z'];
    history = [
      [
        past('customer.subscription.deleted', 'sub_old:end', ended, {
          ...subscription('cus_old', { status: 'canceled', start_date: june, ended_at: seconds(new Date(ended)) }),
        }),
        past('charge.succeeded', 'ch_2', '2026-07-01T10:00:00Z', {
          ...charge('cus_old', 'pi_old2', { created: seconds(new Date('2026-07-01T10:00:00Z')) }),
        }),
      ],
      [
        past('charge.succeeded', 'ch_1', old, charge('cus_old', 'pi_old1', { created: june })),
        past('customer.subscription.created', 'sub_old:start', old, subscription('cus_old', { start_date: june })),
      ],
    ];
    await maya.call.paymentSources.update({ sourceId, apiKey: 'rk_live_of_the_test' });
    const [row] = await transaction(maya.context, ({ tx }) => tx.selectFrom('paymentSources').selectAll().execute());
    expect(row?.sealedApiKey).toMatch(/^v1\./);
    expect(await source()).toMatchObject({ hasApiKey: true, backfill: { state: 'running', read: 0 } });
    trouble.set(1, {
      ok: false,
      failure: { kind: 'later', until: new Date('2026-11-10T09:20:00Z'), reason: 'Stripe asks for a pause.' },
    });
    await run();
    expect(await source()).toMatchObject({
      waiting: 2,
      backfill: { state: 'waiting', read: 2, fresh: 2, message: 'Stripe asks for a pause.' },
    });
  });

  test('goes on at its place after a pause, while a webhook comes in', async () => {
    const { world, tell, charge } = shop;
    await tell('charge.succeeded', charge('cus_new', 'pi_new'));
    await continueBackfills(context);
    expect(await source()).toMatchObject({ backfill: { state: 'waiting' } });
    world.clock.forward('30 min');
    await continueBackfills(context);
    expect(asked.map((call) => [call.cursor, call.since, call.apiKey])).toEqual([
      [null, null, 'rk_live_of_the_test'],
      ['1', null, 'rk_live_of_the_test'],
      ['1', null, 'rk_live_of_the_test'],
    ]);
    expect(await source()).toMatchObject({ waiting: 0, failed: 0, backfill: { state: 'done', read: 4, fresh: 4 } });
    const { movements } = await shop.maya.call.revenue.movements({ appId: shop.appId });
    expect(movements.map((each) => [each.occurredAt.toISOString().slice(0, 10), each.kind, each.amount.minor])).toEqual(
      [
        ['2026-09-01', 'churn', '-1200'],
        ['2026-06-01', 'new', '1200'],
      ],
    );
    expect((await shop.maya.call.payments.list({ appId: shop.appId })).payments.map((each) => each.reference)).toEqual([
      'pi_new',
      'pi_old2',
      'pi_old1',
    ]);
  });

  test('the same history again changes nothing: not a payment, not a movement, not a credit', async () => {
    const { world, maya, appId } = shop;
    world.clock.forward('2 h');
    await attribute(maya.context, appId);
    const before = await everything();
    world.clock.forward('1 d');
    await requestBackfills(context);
    await run();
    await processPayments(context);
    await attribute(maya.context, appId);
    expect(asked.at(-1)?.since).toEqual(new Date('2026-11-09T09:00:00Z'));
    expect(await source()).toMatchObject({ backfill: { state: 'done', read: 4, fresh: 0 } });
    expect(await everything()).toEqual(before);
  });

  test('what history says of a payment that a webhook told leaves its credits as they were frozen', async () => {
    const { world, maya, appId, visit, tell, settle, charge, checkout, postId } = shop;
    const ff = await visit(`${CHROME} A`);
    world.clock.forward('5 min');
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'ann', ff }] });
    const paid = charge('cus_ann', 'pi_ann');
    await tell('checkout.session.completed', checkout('cus_ann', 'ann'));
    await tell('charge.succeeded', paid);
    await settle();
    const before = (await everything()).credits;
    expect(before.filter((each) => each.postId === postId).length).toBeGreaterThan(0);
    world.clock.forward('1 d');
    // Told once more, later, and without what the webhook knew besides.
    history = [[past('charge.succeeded', 'ch_ann', world.clock.now().toISOString(), { ...paid, metadata: {} })]];
    await requestBackfills(context);
    await run();
    await attribute(maya.context, appId);
    expect((await everything()).credits).toEqual(before);
    expect(await source()).toMatchObject({ backfill: { fresh: 1 } });
  });

  test('what is put together from today yields to what webhooks told in between', async () => {
    const { world, tell, settle, subscription, maya, appId } = shop;
    const now = world.clock.now();
    await tell('customer.subscription.created', subscription('cus_eve'));
    world.clock.forward('1 d');
    const upgraded = subscription('cus_eve', { start_date: seconds(now) }, 2900);
    await tell('customer.subscription.updated', upgraded);
    await settle();
    const moved = async () =>
      (await maya.call.revenue.movements({ appId })).movements
        .filter((each) => each.subscription === 'sub_cus_eve')
        .map((each) => [each.kind, each.amount.minor]);
    const told = await moved();
    expect(told).toEqual([
      ['expansion', '1700'],
      ['new', '1200'],
    ]);
    history = [[past('customer.subscription.created', 'sub_eve:start', now.toISOString(), upgraded)]];
    await requestBackfills(context);
    await run();
    expect(await moved()).toEqual(told);
  });

  test('a key that is no longer accepted is said once; a new one begins again', async () => {
    const { maya, sourceId } = shop;
    trouble.set(0, { ok: false, failure: { kind: 'reconnect', reason: 'Stripe no longer accepts this key.' } });
    await requestBackfills(context);
    await run();
    expect(await source()).toMatchObject({
      backfill: { state: 'failed', message: 'Stripe no longer accepts this key.' },
    });
    const { notices } = await maya.call.notices.list({});
    expect(notices.filter((notice) => notice.kind === 'backfill_failed')).toMatchObject([
      { path: '/settings/payments' },
    ]);
    await maya.call.paymentSources.update({ sourceId, apiKey: 'rk_live_another_one' });
    await run();
    expect(asked.at(-1)).toMatchObject({ apiKey: 'rk_live_another_one' });
    expect(await source()).toMatchObject({ backfill: { state: 'done' } });
    await expect(maya.call.paymentSources.update({ sourceId, apiKey: 'short' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});

describe('the ledger against the provider’s own statement', () => {
  const line = (lineId: string, over: object) => ({
    kind: 'statement' as const,
    lineId,
    about: 'payment' as const,
    paymentId: null,
    gross: 0n,
    fee: 0n,
    tax: 0n,
    net: 0n,
    currency: 'USD',
    converted: null,
    payoutId: 'po_1',
    occurredAt: new Date('2026-07-01T10:00:00Z'),
    ...over,
  });
  const july = async () =>
    (await shop.maya.call.ledger.days({ appId: shop.appId, from: '2026-07-01', until: '2026-07-02' })).days;
  const read = async (page: HistoryEvent[]) => {
    history = [page];
    shop.world.clock.forward('1 d');
    await requestBackfills(context);
    await run();
    await attribute(shop.maya.context, shop.appId);
    await closeDays(context);
  };

  test('is red for what was told and is not in it, and names the payment', async () => {
    await read([]);
    const [day] = await july();
    expect(day).toMatchObject({
      payments: { minor: '1200' },
      paid: { minor: '1200' },
      stated: { minor: '0' },
      difference: { minor: '-1200' },
      closes: false,
    });
    const { explanations } = await shop.maya.call.ledger.explain({
      day: '2026-07-01',
      sourceId: shop.sourceId,
      currency: 'USD',
    });
    expect(explanations).toMatchObject([
      { reason: 'not_in_statement', part: 'payment', payment: 'pi_old2', amount: '-1200', words: expect.any(String) },
    ]);
  });

  test('closes when fee and payment are stated as told: attributed, unattributed, refunds and fees are what was paid', async () => {
    const fee = {
      ...{ kind: 'fee' as const, feeId: 'txn_2', paymentId: 'pi_old2', amount: 65n, currency: 'USD' },
      occurredAt: new Date('2026-07-01T10:00:00Z'),
    };
    const stated = line('txn_2', { paymentId: 'pi_old2', gross: 1200n, fee: 65n, net: 1135n });
    const bill = line('txn_bill', {
      about: 'fee',
      gross: -100n,
      net: -100n,
      occurredAt: new Date('2026-07-01T12:00:00Z'),
    });
    const payout = {
      ...{ kind: 'payout' as const, payoutId: 'po_1', amount: 1035n, currency: 'USD', status: 'paid' as const },
      ...{ startedAt: new Date('2026-07-02T00:00:00Z'), arrivesOn: '2026-07-04' },
      occurredAt: new Date('2026-07-02T00:00:00Z'),
    };
    await read([past('balance', 'txn_2', '2026-07-01T10:00:00Z', [fee, stated, bill, payout])]);
    const [day] = await july();
    expect(day).toMatchObject({
      payments: { minor: '1200' },
      fees: { minor: '65' },
      charges: { minor: '100' },
      paid: { minor: '1035' },
      stated: { minor: '1035' },
      difference: { minor: '0' },
      closes: true,
    });
    const value = (amount: { minor: string } | undefined) => BigInt(amount?.minor ?? 0);
    expect(
      value(day?.attributed) + value(day?.unattributed) - value(day?.refunded) - value(day?.fees) - value(day?.charges),
    ).toBe(value(day?.stated ?? undefined));
    const { payouts } = await shop.maya.call.ledger.payouts({ appId: shop.appId });
    expect(payouts).toMatchObject([
      { payout: 'po_1', amount: { minor: '1035' }, lines: { minor: '1035' }, status: 'paid', payments: 1 },
    ]);
    const [payment] = (await shop.maya.call.payments.list({ appId: shop.appId })).payments.filter(
      (each) => each.reference === 'pi_old2',
    );
    expect(await shop.maya.call.payments.receipt({ paymentId: payment?.id ?? '' })).toMatchObject({
      statement: [{ gross: { minor: '1200' }, net: { minor: '1135' }, payout: 'po_1', arrivesOn: '2026-07-04' }],
    });
  });

  test('in another currency the provider’s own rate is used, so it closes to the cent', async () => {
    const { charge } = shop;
    const at = '2026-08-05T10:00:00Z';
    const created = seconds(new Date(at));
    const stated = line('txn_eur', {
      ...{ paymentId: 'pi_eur', gross: 1087n, fee: 61n, net: 1026n, occurredAt: new Date(at) },
      converted: { amount: '1000', currency: 'EUR', rate: '1.087' },
    });
    const fee = {
      ...{ kind: 'fee' as const, feeId: 'txn_eur', paymentId: 'pi_eur', amount: 61n, currency: 'USD' },
      occurredAt: new Date(at),
    };
    await read([
      past(
        'charge.succeeded',
        'ch_eur',
        at,
        charge('cus_eur', 'pi_eur', { amount: 1000, amount_captured: 1000, currency: 'eur', created }),
      ),
      past('balance', 'txn_eur', at, [stated, fee]),
    ]);
    const { days } = await shop.maya.call.ledger.days({ appId: shop.appId, from: '2026-08-05', until: '2026-08-05' });
    expect(days).toMatchObject([
      {
        payments: { minor: '1087', currency: 'USD' },
        stated: { minor: '1026' },
        difference: { minor: '0' },
        closes: true,
      },
    ]);
  });

  test('what the statement has on another day, or nobody told of, is named', async () => {
    const at = (day: string) => new Date(`${day}T23:00:00Z`);
    await read([
      past('balance', 'late', '2026-06-02T23:00:00Z', [
        line('txn_late', { paymentId: 'pi_old1', gross: 1200n, net: 1200n, occurredAt: at('2026-06-02') }),
        line('txn_lost', { paymentId: 'pi_lost', gross: 700n, net: 700n, occurredAt: at('2026-06-02') }),
      ]),
    ]);
    const explain = (day: string) =>
      shop.maya.call.ledger.explain({ day, sourceId: shop.sourceId, currency: 'USD' }).then((all) => all.explanations);
    expect(await explain('2026-06-01')).toMatchObject([
      { reason: 'other_day', payment: 'pi_old1', amount: '-1200', otherDay: '2026-06-02' },
    ]);
    expect(await explain('2026-06-02')).toMatchObject([
      { reason: 'other_day', payment: 'pi_old1', amount: '1200', otherDay: '2026-06-01' },
      { reason: 'not_told', payment: 'pi_lost', amount: '700' },
    ]);
  });
});

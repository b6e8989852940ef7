import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import { reportMoney, storeRates } from '#src/measure/revenue/rates.ts';
import { openShop, type Shop, seconds } from '#test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-15T09:00:00Z' });
  await transaction(shop.maya.context, (inside) =>
    storeRates(inside, [{ day: '2026-05-29', rates: { USD: '1.25' } }, ...rateDays()]),
  );
});
afterAll(() => shop.world.close());

function rateDays() {
  return Array.from({ length: 200 }, (_, day) => ({
    day: new Date(Date.UTC(2026, 4, 30 + day)).toISOString().slice(0, 10),
    rates: { USD: (1.1 + day / 1000).toFixed(4) },
  }));
}

const figures = (over: object = {}) =>
  shop.maya.call.revenue.figures({
    appId: shop.appId,
    range: 'custom',
    from: '2026-06-01',
    until: '2026-11-15',
    ...over,
  });

type Bridge = Awaited<ReturnType<typeof figures>>['periods'][number];
type Figures = Omit<Bridge, 'period' | 'from' | 'until' | 'paidMinor' | 'refundedMinor' | 'feesMinor' | 'payments'>;

const names = ['newMinor', 'expansionMinor', 'reactivationMinor', 'contractionMinor', 'churnMinor'] as const;

/** Opening and the five movements are closing; nothing has the wrong sign; customers add up as well. */
function holds(bridge: Figures): void {
  const value = (name: (typeof names)[number] | 'openingMinor' | 'closingMinor') => BigInt(bridge[name]);
  expect(names.reduce((sum, name) => sum + value(name), value('openingMinor'))).toBe(value('closingMinor'));
  expect(value('contractionMinor') <= 0n && value('churnMinor') <= 0n).toBe(true);
  expect(value('newMinor') >= 0n && value('expansionMinor') >= 0n && value('reactivationMinor') >= 0n).toBe(true);
  expect(-(value('contractionMinor') + value('churnMinor')) <= value('openingMinor')).toBe(true);
  const { opening, reactivated, lost, closing, new: added } = bridge.customers;
  expect(opening + added + reactivated - lost).toBe(closing);
}

const state = fc.record({
  hour: fc.integer({ min: 0, max: 160 * 24 }),
  status: fc.constantFrom('active', 'active', 'active', 'past_due', 'canceled', 'paused', 'trialing'),
  quantity: fc.integer({ min: 1, max: 4 }),
  price: fc.integer({ min: 1, max: 9999 }),
  interval: fc.constantFrom('month', 'month', 'year', 'week'),
  plan: fc.constantFrom('small', 'large'),
});
const life = fc.record({
  person: fc.constantFrom('ann', 'bob', 'cy'),
  currency: fc.constantFrom('USD', 'EUR'),
  states: fc.uniqueArray(state, { minLength: 1, maxLength: 4, selector: (each) => each.hour }),
});

describe('whatever happens to subscriptions, in whatever order it is told', () => {
  test('movements sum to MRR to the cent, each month, week, day and segment, and do not depend on the order', async () => {
    const { maya, appId } = shop;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        run++;
        const told = lives.flatMap(({ person, currency, states }, index) =>
          states.map(({ hour, price, ...rest }) => ({
            ...rest,
            appId,
            price: { minor: String(price), currency },
            reference: `${run}-${index}`,
            customer: { person: `${person}-${run}` },
            at: new Date(Date.UTC(2026, 5, 1) + hour * 3_600_000).toISOString(),
          })),
        );
        const again = told.map((each) => ({
          ...each,
          reference: `again-${each.reference}`,
          customer: { person: `again-${each.customer.person}` },
        }));
        for (const each of told) await maya.call.subscriptions.record(each);
        await processPayments(maya.context);
        for (const each of again.toReversed()) {
          await maya.call.subscriptions.record(each);
          await processPayments(maya.context);
        }
        const { movements } = await maya.call.revenue.movements({ appId, limit: 500 });
        const of = (prefix: string) =>
          movements
            .filter((each) => each.subscription.startsWith(`${prefix}${run}-`))
            .map(({ occurredAt, kind, amount, reported, subscription }) =>
              [occurredAt.getTime(), subscription.replace('again-', ''), kind, amount.minor, reported?.minor].join(' '),
            )
            .sort();
        expect(of('again-')).toEqual(of(''));
      }),
      { numRuns: 8 },
    );
    const rows = await transaction(maya.context, ({ tx }) => tx.selectFrom('subscriptions').selectAll().execute());
    const sums = await transaction(maya.context, ({ tx }) =>
      tx
        .selectFrom('mrrMovements')
        .select((eb) => [
          'subscriptionId',
          eb.fn.sum<string>('amountMinor').as('minor'),
          eb.fn.sum<string>('reportingMinor').as('reporting'),
        ])
        .groupBy('subscriptionId')
        .execute(),
    );
    for (const row of rows) {
      const sum = sums.find((each) => each.subscriptionId === row.id);
      expect(sum?.minor ?? '0').toBe(row.mrrMinor);
      if (sum) expect(sum.reporting).toBe(row.reportingMrrMinor);
    }
    const monthly = await figures();
    expect(monthly.waiting).toEqual([]);
    const closing = rows.reduce((sum, row) => sum + BigInt(row.reportingMrrMinor ?? 0), 0n);
    expect(BigInt(monthly.total.closingMinor)).toBe(closing);
    expect(BigInt(monthly.total.arrMinor)).toBe(12n * closing);
    for (const grain of ['month', 'week', 'day'] as const) {
      const cut = await figures({ grain });
      for (const period of cut.periods) holds(period);
      holds(cut.total);
      expect(cut.periods.at(-1)?.closingMinor).toBe(monthly.total.closingMinor);
      for (const [index, period] of cut.periods.entries())
        expect(period.openingMinor).toBe(cut.periods[index - 1]?.closingMinor ?? '0');
    }
    const daily = await figures({ grain: 'day' });
    for (const month of monthly.periods) {
      const lastDay = daily.periods.findLast((each) => each.period.startsWith(month.period));
      expect(lastDay?.closingMinor).toBe(month.closingMinor);
    }
    expect(daily.periods.map((period) => period.closingMinor)).toEqual(daily.mrr);
    for (const segment of ['plan', 'channel', 'country', 'audience', 'currency'] as const) {
      const { segments } = await figures({ segment });
      for (const row of segments ?? []) [row.total, ...row.periods].forEach(holds);
      const total = (segments ?? []).reduce((sum, row) => sum + BigInt(row.total.closingMinor), 0n);
      expect(total).toBe(closing);
    }
  }, 60_000);
});

describe('rates and values', () => {
  let month = 0;
  /** Customers who pay 10.00 by the month; `gone` of them leave after the month with that number. */
  const cohort = async (size: number, leaving: Record<number, number>) => {
    const { maya, appId, sourceId, stripeEvent } = shop;
    const started = new Date(Date.UTC(2026, 1, 1 + month++));
    const after = (months: number) => new Date(started.getTime() + months * 30.4 * 86_400_000);
    const fates = Object.entries(leaving).flatMap(([at, count]) => Array.from({ length: count }, () => Number(at)));
    const events = Array.from({ length: size }, (_, index) => {
      const customer = `cus_${month}_${index}`;
      const base = { start_date: seconds(started) };
      const fate = fates[index];
      const end = fate === undefined ? null : after(fate);
      return [
        [
          started,
          stripeEvent('customer.subscription.created', shop.subscription(customer, base, 1000), { created: started }),
        ],
        ...(end
          ? [
              [
                end,
                stripeEvent(
                  'customer.subscription.deleted',
                  shop.subscription(customer, { ...base, status: 'canceled', ended_at: seconds(end) }, 1000),
                  { created: end },
                ),
              ] as const,
            ]
          : []),
      ] as [Date, string][];
    }).flat();
    await transaction(maya.context, ({ tx, workspaceId }) =>
      tx
        .insertInto('paymentEvents')
        .values(
          events.map(([occurredAt, body]) => ({
            ...{ workspaceId, paymentSourceId: sourceId, providerEventId: JSON.parse(body).id },
            ...{ kind: JSON.parse(body).type, body, occurredAt },
          })),
        )
        .execute(),
    );
    await processPayments(maya.context);
    return appId;
  };

  test('say that there is not enough data below the floor, and are shown above it', async () => {
    const early = await figures({ from: '2026-03-05', until: '2026-05-31' });
    expect(early.total).toMatchObject({ enough: false, logoChurn: null, grossChurn: null });
    const { subscriptions, purchases } = await shop.maya.call.revenue.lifetime({ appId: shop.appId });
    expect(subscriptions).toMatchObject({ enough: false, reason: expect.stringContaining('Not enough data') });
    expect(purchases).toMatchObject({ enough: false });
    await cohort(40, { 1: 8, 2: 4, 3: 2 });
    const shown = await figures({ from: '2026-02-15', until: '2026-05-31' });
    expect(shown.total).toMatchObject({ enough: true, logoChurn: 14 / 40, grossChurn: 0.35, netChurn: 0.35 });
    expect(shown.total.customers).toMatchObject({ opening: 40, lost: 14, closing: 26 });
    expect(shown.total.quickRatio).toBe(0);
    expect(shown.total.arpuMinor).toBe('1000');
  }, 60_000);

  test('a lifetime has a horizon, a discount rate and an interval around it', async () => {
    const { maya, appId } = shop;
    const { subscriptions } = await maya.call.revenue.lifetime({ appId, horizonMonths: 24 });
    if (!subscriptions.enough) throw new Error(subscriptions.reason);
    expect(subscriptions).toMatchObject({ confidence: 0.9, horizonMonths: 24, discountYearly: 0.1 });
    const [low, value, high] = [subscriptions.lowMinor, subscriptions.valueMinor, subscriptions.highMinor].map(Number);
    expect(low).toBeLessThan(value ?? 0);
    expect(value).toBeLessThan(high ?? 0);
    expect(value).toBeLessThan(Number(subscriptions.arpuMinor) * 24);
    const model = subscriptions.survival.map((row) => row.model);
    expect(model.toSorted((a, b) => b - a)).toEqual(model);
    const half = await maya.call.revenue.lifetime({ appId, horizonMonths: 24, marginPercent: 50 });
    expect(half.subscriptions.enough && Number(half.subscriptions.valueMinor)).toBeCloseTo((value ?? 0) / 2, -1);
  });

  test('cohorts keep those who stayed; what is missing of a month is said', async () => {
    const { cohorts } = await shop.maya.call.revenue.cohorts({ appId: shop.appId, measure: 'customers' });
    const february = cohorts.find((row) => row.cohort === '2026-02');
    expect(february?.customers).toBe(40);
    expect(february?.cells.slice(0, 5).map((cell) => [cell.month, cell.value])).toEqual([
      ['2026-02', '40'],
      ['2026-03', '32'],
      ['2026-04', '28'],
      ['2026-05', '26'],
      ['2026-06', '26'],
    ]);
    expect(february?.cells.at(-1)).toMatchObject({ month: '2026-11', complete: false });
  });

  test('one-off purchases: who bought again is expected to do so', async () => {
    const { maya, appId } = shop;
    for (let index = 0; index < 40; index++)
      for (let times = 0; times <= index % 4; times++) {
        const paidAt = new Date(Date.UTC(2026, 0, 3 + index * 2 + times * (20 + index))).toISOString();
        if (paidAt > '2026-11-15') continue;
        const amount = { minor: String(1000 + index * 90 + times * 70), currency: 'USD' };
        const customer = { person: `buyer-${index}` };
        await maya.call.payments.record({ appId, reference: `one-${index}-${times}`, amount, customer, paidAt });
      }
    await processPayments(maya.context);
    const { purchases } = await maya.call.revenue.lifetime({ appId });
    if (!purchases.enough) throw new Error(purchases.reason);
    expect(purchases).toMatchObject({ customers: 40, repeaters: 30 });
    expect(purchases.alive).toBeGreaterThan(0);
    expect(purchases.alive).toBeLessThanOrEqual(40);
    expect(Number(purchases.spendMinor)).toBeGreaterThan(1000);
  }, 60_000);
});

test('why this is not Stripe’s number: the lines sum to it', async () => {
  const { maya, appId, tell, subscription, settle, world } = shop;
  const now = world.clock.now();
  const coupon = {
    id: 'di_now',
    source: { coupon: { percent_off: 50, duration: 'repeating' } },
    start: seconds(now),
    end: seconds(now) + 90 * 86_400,
  };
  const before = await maya.call.revenue.definitions({ appId });
  await tell('customer.subscription.created', subscription('cus_half', { discounts: [coupon] }));
  await tell('customer.subscription.created', subscription('cus_going', { cancel_at: seconds(now) + 86_400 }, 500));
  await tell('customer.subscription.created', subscription('cus_late', { status: 'past_due' }, 700));
  await settle();
  await transaction(maya.context, reportMoney);
  const shown = await maya.call.revenue.definitions({ appId });
  expect(BigInt(shown.oursMinor) - BigInt(before.oursMinor)).toBe(600n + 500n + 700n);
  const line = (key: string, of = shown) => [...of.stripe.lines, ...of.alike].find((each) => each.key === key);
  expect(BigInt(line('finite_discounts')?.minor ?? 0) - BigInt(line('finite_discounts', before)?.minor ?? 0)).toBe(
    600n,
  );
  expect(BigInt(line('cancelled')?.minor ?? 0) - BigInt(line('cancelled', before)?.minor ?? 0)).toBe(-500n);
  expect(line('past_due')?.subscriptions).toBeGreaterThan(0);
  expect(shown.stripe.lines.reduce((sum, each) => sum + BigInt(each.minor ?? 0), BigInt(shown.oursMinor))).toBe(
    BigInt(shown.stripe.totalMinor),
  );
});

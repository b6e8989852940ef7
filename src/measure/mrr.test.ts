import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stripe } from '#src/outside/payments/stripe.ts';
import { published } from '#test/published.ts';
import {
  arr,
  customerMrr,
  type MrrDiscount,
  type MrrItem,
  type MrrSubscription,
  movement,
  movements,
  mrrBridge,
  rounded,
  spread,
  subscriptionMrr,
} from './mrr.ts';

const at = new Date('2026-06-15T00:00:00Z');

function item(unitAmount: bigint, interval: MrrItem['interval'], quantity = 1, intervalCount = 1): MrrItem {
  return {
    unitAmount,
    unitAmountDecimal: null,
    interval,
    quantity,
    intervalCount,
    usageType: 'licensed',
    discounts: [],
  };
}

function subscription(items: MrrItem[], changes: Partial<MrrSubscription> = {}): MrrSubscription {
  return { status: 'active', items, discounts: [], trialEnd: null, endedAt: null, pausedAt: null, ...changes };
}

function discount(changes: Partial<MrrDiscount>): MrrDiscount {
  return {
    discountId: 'di',
    percentOff: null,
    amountOff: null,
    duration: 'forever',
    startsAt: null,
    endsAt: null,
    ...changes,
  };
}

const mrrOf = (each: MrrSubscription, options?: { discounts: 'running' | 'forever' }) =>
  customerMrr([each], at, options);

const cases = published('mrr/cases.json');

describe.skipIf(cases === null)('the published cases (skipped where shared/data is absent)', () => {
  type Plan = { n: number; amount: number; interval: 'month' | 'year' };
  type Step = { movement: string; amount: number; mrr_after: number };
  type Case = { id: string; input?: Plan[]; expected?: { mrr: number; arr?: number }; steps?: Step[] };
  const all: Case[] = cases === null ? [] : JSON.parse(cases).cases;
  const cents = (units: number) => BigInt(Math.round(units * 100));

  test.each(all.filter((each) => each.input))('$id', ({ input, expected }) => {
    const total = (input ?? []).reduce(
      (sum, plan) => sum + BigInt(plan.n) * mrrOf(subscription([item(cents(plan.amount), plan.interval)])),
      0n,
    );
    expect(total).toBe(cents(expected?.mrr ?? 0));
    if (expected?.arr !== undefined) expect(arr(total)).toBe(cents(expected.arr));
  });

  test('the life of a customer at ChartMogul', () => {
    const gold = subscription([item(50000n, 'year', 4)]);
    const silver = subscription([item(3000n, 'month', 2)]);
    const ended = { status: 'canceled', endedAt: at };
    const states = [[gold], [gold, silver], [gold], [{ ...gold, ...ended }], [subscription([item(5000n, 'month', 3)])]];
    const named: Record<string, string> = { new_business: 'new' };
    let before = 0n;
    let everPaid = false;
    for (const [index, step] of (all.find((each) => each.steps)?.steps ?? []).entries()) {
      const after = customerMrr(states[index] ?? [], at);
      expect(after).toBe(cents(step.mrr_after));
      expect(movement(before, after, everPaid)).toEqual({
        kind: named[step.movement] ?? step.movement,
        amount: cents(step.amount),
      });
      before = after;
      everPaid ||= after > 0n;
    }
  });
});

test('every interval becomes a month', () => {
  expect(mrrOf(subscription([item(1200n, 'day')]))).toBe(36500n);
  expect(mrrOf(subscription([item(1200n, 'week')]))).toBe(5200n);
  expect(mrrOf(subscription([item(3000n, 'month', 1, 3)]))).toBe(1000n);
  expect(mrrOf(subscription([item(1000n, 'year', 1, 2)]))).toBe(42n);
  expect(mrrOf(subscription([{ ...item(0n, 'month', 1000), unitAmount: null, unitAmountDecimal: '0.25' }]))).toBe(250n);
});

test('trials, pauses, ends, metered items and what is not paid are nothing; past due is', () => {
  const items = [item(1000n, 'month')];
  expect(mrrOf(subscription(items, { status: 'past_due' }))).toBe(1000n);
  for (const status of ['trialing', 'incomplete', 'incomplete_expired', 'unpaid', 'paused', 'canceled']) {
    expect(mrrOf(subscription(items, { status }))).toBe(0n);
  }
  expect(mrrOf(subscription(items, { trialEnd: new Date(at.getTime() + 1) }))).toBe(0n);
  expect(mrrOf(subscription(items, { trialEnd: at }))).toBe(1000n);
  expect(mrrOf(subscription(items, { pausedAt: at }))).toBe(0n);
  expect(mrrOf(subscription(items, { endedAt: at }))).toBe(0n);
  expect(mrrOf(subscription([{ ...item(1000n, 'month'), usageType: 'metered' }]))).toBe(0n);
});

test('discounts come off in order, never below zero, and by the chosen definition', () => {
  const yearly = [item(12000n, 'year')];
  const half = discount({ percentOff: '50' });
  const ten = discount({ amountOff: 1200n });
  expect(mrrOf(subscription(yearly, { discounts: [half, ten] }))).toBe(400n);
  expect(mrrOf(subscription(yearly, { discounts: [ten, half] }))).toBe(450n);
  expect(mrrOf(subscription(yearly, { discounts: [discount({ amountOff: 99999n })] }))).toBe(0n);
  expect(mrrOf(subscription([{ ...item(1000n, 'month'), discounts: [discount({ percentOff: '12.5' })] }]))).toBe(875n);

  const summer = discount({ percentOff: '50', duration: 'repeating', endsAt: new Date('2026-07-01') });
  expect(mrrOf(subscription(yearly, { discounts: [summer] }))).toBe(500n);
  expect(mrrOf(subscription(yearly, { discounts: [summer] }), { discounts: 'forever' })).toBe(1000n);
  const over = { ...summer, endsAt: at };
  expect(mrrOf(subscription(yearly, { discounts: [over] }))).toBe(1000n);
});

test('what a provider tells fits as it is', () => {
  const [fact] = stripe.translate({
    id: 'evt_1',
    object: 'event',
    type: 'customer.subscription.created',
    created: 1,
    livemode: false,
    data: {
      object: {
        id: 'sub_1',
        customer: 'cus_1',
        status: 'active',
        start_date: 1,
        discounts: [{ id: 'di_1', source: { coupon: { percent_off: 33.3, duration: 'forever' } } }],
        items: {
          data: [
            {
              id: 'si_1',
              quantity: 2,
              price: {
                id: 'p',
                currency: 'eur',
                unit_amount: 9900,
                recurring: { interval: 'year', interval_count: 1 },
              },
            },
          ],
        },
      },
    },
  });
  if (fact?.kind !== 'subscription') throw new Error('It is a subscription.');
  // 2 × 99 € × 66.7 % ÷ 12 = 11.0055 €.
  expect(customerMrr([fact], at)).toBe(1101n);
});

test('what is not known is named', () => {
  const tiers = { ...item(0n, 'month'), unitAmount: null };
  expect(subscriptionMrr(subscription([tiers], { discounts: [discount({ discountId: 'di_7' })] }), at).unknown).toEqual(
    ['a price in tiers', 'discount di_7'],
  );
});

test('a yearly payment over twelve months is itself again', () => {
  expect(spread(200000n, 12).reduce((sum, each) => sum + each, 0n)).toBe(200000n);
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.integer({ min: 1, max: 60 }), (amount, months) => {
      const parts = spread(amount, months);
      expect(parts.reduce((sum, each) => sum + each, 0n)).toBe(amount);
      const exact = amount / BigInt(months);
      for (const part of parts) expect(part >= exact - 1n && part <= exact + 1n).toBe(true);
    }),
  );
});

test('movements sum to the change, customer by customer and in all, over any history', () => {
  const state = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.bigInt(0n, 500n), { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(state, { minLength: 2, maxLength: 12 }), (history) => {
      const everPaid = new Set<string>();
      const balance = new Map<string, bigint>();
      let before = new Map<string, bigint>();
      for (const after of history.map((each) => new Map(Object.entries(each)))) {
        const total = (of: Map<string, bigint>) => [...of.values()].reduce((sum, each) => sum + each, 0n);
        const changes = movements(before, after, everPaid);
        const bridge = mrrBridge(total(before), changes);
        expect(bridge.closing).toBe(total(after));
        expect(
          bridge.opening + bridge.new + bridge.expansion + bridge.reactivation + bridge.contraction + bridge.churn,
        ).toBe(total(after));
        if (bridge.grossRetention !== null && bridge.netRetention !== null) {
          expect(bridge.grossRetention).toBeLessThanOrEqual(1);
          expect(bridge.grossRetention).toBeLessThanOrEqual(bridge.netRetention);
          expect(bridge.grossRetention).toBeGreaterThanOrEqual(0);
        }
        for (const change of changes) {
          balance.set(change.customerId, (balance.get(change.customerId) ?? 0n) + change.amount);
          if (change.kind === 'new') expect(everPaid.has(change.customerId)).toBe(false);
          if (change.kind === 'reactivation') expect(everPaid.has(change.customerId)).toBe(true);
        }
        for (const [customer, mrr] of after) {
          expect(balance.get(customer) ?? 0n).toBe(mrr);
          if (mrr > 0n) everPaid.add(customer);
        }
        before = after;
      }
    }),
  );
});

test('a renewal at the same price is no movement', () => {
  expect(movement(1000n, 1000n, true)).toBeNull();
  expect(movement(0n, 0n, false)).toBeNull();
});

test('rounding is half away from zero', () => {
  expect([1n, 3n, -1n, -3n].map((n) => rounded({ n, d: 2n }))).toEqual([1n, 2n, -1n, -2n]);
  expect(rounded({ n: 14n, d: 3n })).toBe(5n);
});

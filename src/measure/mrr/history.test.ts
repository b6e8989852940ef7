import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MrrDiscount, type MrrItem, type MrrSubscription, movement } from '#src/measure/mrr.ts';
import { bridgesOf } from '#src/measure/revenue/bridges.ts';
import { customerMovements, type MrrState, mrrSteps } from './history.ts';

const at = (text: string) => new Date(`${text}Z`);
const now = at('2027-01-01T00:00:00');

function monthly(unitAmount: bigint, discounts: MrrDiscount[] = []): MrrItem {
  return {
    ...{ unitAmount, unitAmountDecimal: null, interval: 'month', intervalCount: 1 },
    ...{ quantity: 1, usageType: 'licensed', discounts },
  };
}

function state(from: string, amount: bigint, over: Partial<MrrSubscription> = {}, currency = 'USD'): MrrState {
  return {
    at: at(from),
    currency,
    subscription: {
      ...{ status: 'active', items: [monthly(amount)], discounts: [] },
      ...{ trialEnd: null, endedAt: null, pausedAt: null },
      ...over,
    },
  };
}

const discount = (over: Partial<MrrDiscount>): MrrDiscount => ({
  ...{ discountId: 'd', percentOff: '50', amountOff: null, duration: 'repeating' },
  ...{ startsAt: null, endsAt: null },
  ...over,
});

const steps = (states: MrrState[], until = now) =>
  mrrSteps(states, until).steps.map((step) => [step.at.toISOString().slice(0, 10), step.mrr]);
const moves = (...lives: MrrState[][]) =>
  customerMovements(
    lives.map((states, index) => ({ subscriptionId: `s${index}`, steps: mrrSteps(states, now).steps })),
  ).map(({ kind, amount, subscriptionId }) => [kind, amount, subscriptionId]);

describe('a subscription over time', () => {
  test('a renewal, a card change, the same told again make no step', () => {
    expect(steps([state('2026-01-01T00:00:00', 1000n), state('2026-02-01T00:00:00', 1000n)])).toEqual([
      ['2026-01-01', 1000n],
    ]);
  });

  test('a discount begins and ends, a trial and a pause end, without anybody telling', () => {
    const summer = discount({ startsAt: at('2026-06-01T00:00:00'), endsAt: at('2026-09-01T00:00:00') });
    expect(steps([state('2026-01-01T00:00:00', 1000n, { discounts: [summer] })])).toEqual([
      ['2026-01-01', 1000n],
      ['2026-06-01', 500n],
      ['2026-09-01', 1000n],
    ]);
    const trial = { trialEnd: at('2026-01-15T00:00:00') };
    expect(steps([state('2026-01-01T00:00:00', 1000n, trial)])).toEqual([['2026-01-15', 1000n]]);
    const before = mrrSteps([state('2026-01-01T00:00:00', 1000n, trial)], at('2026-01-02T00:00:00'));
    expect(before).toMatchObject({ steps: [], nextChange: at('2026-01-15T00:00:00') });
  });

  test('a discount for once lowers its first interval only, whatever month has how many days', () => {
    const once = discount({ duration: 'once', startsAt: at('2026-01-31T00:00:00') });
    expect(steps([state('2026-01-31T00:00:00', 1000n, { discounts: [once] })])).toEqual([
      ['2026-01-31', 500n],
      ['2026-02-28', 1000n],
    ]);
    const yearly = { ...monthly(12000n), interval: 'year' as const };
    expect(
      steps([state('2026-01-31T00:00:00', 0n, { items: [yearly], discounts: [once] })], at('2028-01-01T00:00:00')),
    ).toEqual([
      ['2026-01-31', 500n],
      ['2027-01-31', 1000n],
    ]);
  });
});

describe('the movements of a customer', () => {
  const end = { status: 'canceled', endedAt: null };

  test('subscriptions that begin within an hour are one beginning; later ones are an expansion', () => {
    const first = [state('2026-01-01T10:00:00', 1000n)];
    expect(moves(first, [state('2026-01-01T10:45:00', 300n)])).toEqual([
      ['new', 1000n, 's0'],
      ['new', 300n, 's1'],
    ]);
    expect(moves(first, [state('2026-01-01T11:00:01', 300n)])).toEqual([
      ['new', 1000n, 's0'],
      ['expansion', 300n, 's1'],
    ]);
  });

  test('going over to another subscription at one moment is no churn; only the end of the last one is', () => {
    expect(
      moves(
        [state('2026-01-01T10:00:00', 1000n), state('2026-03-01T10:00:00', 1000n, end)],
        [
          state('2026-03-01T10:00:00', 3000n),
          state('2026-05-01T10:00:00', 3000n, end),
          state('2026-07-01T10:00:00', 500n),
        ],
      ),
    ).toEqual([
      ['new', 1000n, 's0'],
      ['expansion', 3000n, 's1'],
      ['contraction', -1000n, 's0'],
      ['churn', -3000n, 's1'],
      ['reactivation', 500n, 's1'],
    ]);
  });

  test('a subscription that goes over to another currency neither churns nor begins', () => {
    const moved = moves([state('2026-01-01T10:00:00', 1000n), state('2026-02-01T10:00:00', 900n, {}, 'EUR')]);
    expect(moved.map(([kind]) => kind)).toEqual(['new', 'expansion', 'contraction']);
  });

  test('sum to the MRR of each subscription, whatever happens', () => {
    const states = fc.array(
      fc.record({ hour: fc.integer({ min: 0, max: 5000 }), amount: fc.bigInt(0n, 500n), gone: fc.boolean() }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.array(states, { minLength: 1, maxLength: 4 }), (lives) => {
        const told = lives.map((own) =>
          own
            .toSorted((a, b) => a.hour - b.hour)
            .map(({ hour, amount, gone }) => ({
              ...state('2026-01-01T00:00:00', amount, gone ? end : {}),
              at: new Date(Date.UTC(2026, 0, 1) + hour * 3_600_000),
            })),
        );
        const all = told.map((own) => mrrSteps(own, now).steps);
        const made = customerMovements(all.map((own, index) => ({ subscriptionId: `s${index}`, steps: own })));
        for (const [index, own] of all.entries()) {
          const sum = made
            .filter((each) => each.subscriptionId === `s${index}`)
            .reduce((total, each) => total + each.amount, 0n);
          expect(sum).toBe(own.at(-1)?.mrr ?? 0n);
        }
        let balance = 0n;
        for (const each of made) {
          expect(each.amount).not.toBe(0n);
          balance += each.amount;
          if (each.kind === 'churn') expect(balance).toBe(0n);
        }
      }),
    );
  });
});

test('a month split into days ends in the same MRR; ups and downs within a slot are netted', () => {
  const change = fc.record({
    who: fc.constantFrom('a', 'b', 'c'),
    day: fc.integer({ min: 1, max: 30 }),
    amount: fc.bigInt(0n, 300n),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (levels) => {
      const balance = new Map<string, bigint>();
      const changes = levels
        .toSorted((a, b) => a.day - b.day)
        .map(({ who, day, amount }) => {
          const by = amount - (balance.get(who) ?? 0n);
          balance.set(who, amount);
          return { who, slot: day, change: by };
        });
      const days = bridgesOf(changes, 30);
      const month = bridgesOf(
        changes.map((each) => ({ ...each, slot: 1 })),
        1,
      );
      expect(days.whole).toEqual(month.whole);
      expect(days.each.at(-1)?.closing).toBe(month.whole.closing);
      expect(month.whole.grossChurn).toBeNull();
      for (const day of days.each)
        expect(day.opening + day.new + day.expansion + day.reactivation + day.contraction + day.churn).toBe(
          day.closing,
        );
    }),
  );
});

test('a change of nothing is nothing', () => {
  expect(movement(5n, 5n, true)).toBeNull();
});

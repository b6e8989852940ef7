/**
 * Who gets the credit for money: rules over the touches of one conversion. Data-driven models over all paths stand in
 * `./paths.ts`. Credits are whole minor units that sum to the money exactly (largest remainder), refunds included.
 */

export type Touch = { id: string; channel: string; at: Date; direct: boolean };

export const creditModels = ['first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position'] as const;
export type CreditModel = (typeof creditModels)[number];

/** The last touch that was not a direct visit: what most people mean by "where did they come from". */
export const defaultCreditModel: CreditModel = 'last_non_direct';

export type CreditOptions = {
  /** Time decay: after so many days a touch weighs half. 7, as Google Analytics had it in its own time decay model. */
  halfLifeDays?: number;
  /** Position: the parts of the first and the last touch, 0 to 1 and no more than 1 together; 0.4 each. */
  positionShares?: { first: number; last: number };
  /** Touches longer before the conversion do not count; null = all count. */
  lookbackDays?: number | null;
};

export type Credit = { touchId: string; amount: bigint; share: number };

/**
 * Credits one conversion's money to its touches, in order of time. Touches after the conversion or before the lookback
 * do not count; with none left the answer is empty: the money is unattributed. Touches without a share are left out;
 * the amounts of the others sum to `amount`, of either sign. Same input, same credits: of equal remainders the earlier
 * touch gets the odd cent, of touches at one instant the one with the lower id is the earlier.
 */
export function creditTouches(
  model: CreditModel,
  touches: readonly Touch[],
  conversionAt: Date,
  amount: bigint,
  { halfLifeDays = 7, positionShares = { first: 0.4, last: 0.4 }, lookbackDays = null }: CreditOptions = {},
): Credit[] {
  const end = conversionAt.getTime();
  const start = lookbackDays === null ? Number.NEGATIVE_INFINITY : end - lookbackDays * day;
  const counted = touches
    .filter(({ at }) => at.getTime() <= end && at.getTime() >= start)
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  // Measured from the last touch: only ratios matter, and old paths cannot underflow to nothing.
  const last = counted.at(-1)?.at.getTime() ?? end;
  const weights = touchWeights(
    model,
    counted.map(({ at, direct }) => ({ age: (last - at.getTime()) / day, direct })),
    { halfLife: halfLifeDays, positionShares },
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const amounts = apportion(amount, weights);
  return counted.flatMap((touch, index) => {
    const weight = weights[index] ?? 0;
    return weight === 0 ? [] : [{ touchId: touch.id, amount: amounts[index] ?? 0n, share: weight / total }];
  });
}

/**
 * How much each touch weighs, in order of time; only their ratios mean something. `age`: how long before the last touch,
 * in the unit of `halfLife` (days of one conversion, steps of a path without times).
 */
export function touchWeights(
  model: CreditModel,
  touches: readonly { age: number; direct: boolean }[],
  {
    halfLife = 7,
    positionShares = { first: 0.4, last: 0.4 },
  }: { halfLife?: number; positionShares?: { first: number; last: number } } = {},
): number[] {
  const count = touches.length;
  const only = (chosen: number) => touches.map((_, index) => (index === chosen ? 1 : 0));
  switch (model) {
    case 'first':
      return only(0);
    case 'last':
      return only(count - 1);
    case 'last_non_direct': {
      const chosen = touches.findLastIndex((touch) => !touch.direct);
      return only(chosen === -1 ? count - 1 : chosen);
    }
    case 'linear':
      return touches.map(() => 1);
    case 'time_decay':
      if (!(halfLife > 0)) throw new RangeError('The half-life must be longer than zero.');
      return touches.map(({ age }) => 2 ** (-age / halfLife));
    case 'position':
      return positioned(count, positionShares);
  }
}

/** With two touches the parts of first and last keep their ratio; without either of them both are alike. */
function positioned(count: number, { first, last }: { first: number; last: number }): number[] {
  if (!(first >= 0 && last >= 0 && first + last <= 1 + 1e-9)) {
    throw new RangeError('The parts of the first and the last touch are from 0 to 1, together at most 1.');
  }
  if (count < 2) return Array.from({ length: count }, () => 1);
  if (count === 2) return first + last > 0 ? [first, last] : [1, 1];
  const between = Math.max(0, 1 - first - last) / (count - 2);
  return Array.from({ length: count }, (_, index) => (index === 0 ? first : index === count - 1 ? last : between));
}

/**
 * Splits money by weights into whole minor units that sum to it exactly: everyone gets the whole part of their quota,
 * the units left go to the largest remainders (Hamilton's method), of equal ones to the first. Weights are ≥ 0, with at
 * least one above 0 unless there are none. A negative amount is split as its positive, then negated.
 */
export function apportion(amount: bigint, weights: readonly number[]): bigint[] {
  if (weights.length === 0) return [];
  const largest = Math.max(...weights);
  if (!(largest > 0) || weights.some((weight) => !(weight >= 0)) || largest === Number.POSITIVE_INFINITY) {
    throw new RangeError('Money can be split only by weights of which none is negative and one is above zero.');
  }
  // Weights as integers of 53 bits: from here on the arithmetic is exact.
  const parts = weights.map((weight) => BigInt(Math.round((weight / largest) * 2 ** 53)));
  const whole = parts.reduce((sum, part) => sum + part, 0n);
  const size = amount < 0n ? -amount : amount;
  const amounts = parts.map((part) => (size * part) / whole);
  const left = Number(size - amounts.reduce((sum, each) => sum + each, 0n));
  const byRemainder = parts
    .map((part, index) => ({ index, remainder: (size * part) % whole }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, left)) amounts[index] = (amounts[index] ?? 0n) + 1n;
  return amount < 0n ? amounts.map((each) => -each) : amounts;
}

const day = 86_400_000;

import { logGamma } from '#src/measure/distributions.ts';
import { type Fitted, grouped, notEnough, sampled } from './fitted.ts';
import { maximise } from './optimum.ts';
import { type BgNbd, bgNbdFuture, type Summary } from './purchases.ts';

/**
 * What customers spend per purchase: gamma-gamma. Purchases of one customer vary around a mean of their own (Gamma with
 * shape p), and the means vary between customers (inverse gamma: q, v). Source: Fader & Hardie 2013, "The gamma-gamma
 * model of monetary value". v is in units of money.
 */
export type GammaGamma = { p: number; q: number; v: number };

/** `money`: the mean of `frequency` purchases. Rows without purchases tell nothing and are left out. */
export type Spend = { frequency: number; money: number; weight?: number };

/** Maximum likelihood. Throws a RangeError for a mean that is not above zero. */
export function fitGammaGamma(customers: readonly Spend[]): Fitted<GammaGamma> {
  const bought = customers.filter(({ frequency }) => frequency > 0);
  bought.forEach(mustBeSpend);
  const rows = grouped(
    bought,
    (c) => `${c.frequency} ${c.money}`,
    ({ weight = 1 }) => weight,
  );
  const count = rows.reduce((sum, [, weight]) => sum + weight, 0);
  if (rows.length < 2) return notEnough('spending can be compared from two customers who differ.');
  const scale = rows.reduce((sum, [row, weight]) => sum + row.money * weight, 0) / count;
  const parametersOf = (at: readonly number[]): GammaGamma => {
    const [p, q, v] = at.map(Math.exp) as [number, number, number];
    return { p, q, v: v * scale };
  };
  const few = sampled(rows);
  const optimum = maximise(
    (at) => logLikelihood(parametersOf(at), rows),
    [
      [1.8, 1.3, -0.9],
      [0, 0.7, 0],
      [2.3, 1, -1],
      [0.7, 2.3, 1.6],
      [3, 1.5, 0],
    ],
    few === rows ? undefined : (at) => logLikelihood(parametersOf(at), few),
  );
  if (!optimum.found)
    return notEnough('these purchases do not tell how spending differs within and between customers.');
  const parameters = parametersOf(optimum.at);
  const error = (i: number) => Math.sqrt(optimum.covariance[i]![i]!);
  return {
    enough: true,
    parameters,
    logLikelihood: optimum.value,
    customers: count,
    standardErrors: { p: parameters.p * error(0), q: parameters.q * error(1), v: parameters.v * error(2) },
  };
}

export function gammaGammaLogLikelihood(parameters: GammaGamma, customers: readonly Spend[]): number {
  return logLikelihood(
    parameters,
    customers.filter(({ frequency }) => frequency > 0).map((each) => [each, each.weight ?? 1]),
  );
}

function logLikelihood({ p, q, v }: GammaGamma, rows: readonly [Spend, number][]): number {
  const start = q * Math.log(v) - logGamma(q);
  let sum = 0;
  for (const [{ frequency: x, money }, weight] of rows) {
    const shape = p * x;
    const row =
      start +
      logGamma(shape + q) -
      logGamma(shape) +
      (shape - 1) * Math.log(money) +
      shape * Math.log(x) -
      (shape + q) * Math.log(x * money + v);
    sum += weight * row;
  }
  return sum;
}

/**
 * The mean spend per purchase expected of a customer (equation 5), or without one of a new customer: p v / (q − 1). Null
 * where the model has no finite mean.
 */
export function gammaGammaMean({ p, q, v }: GammaGamma, customer?: Spend): number | null {
  const bought = customer && customer.frequency > 0 ? p * customer.frequency : 0;
  const divisor = bought + q - 1;
  if (!(divisor > 0)) return null;
  return (p * (v + (customer && customer.frequency > 0 ? customer.frequency * customer.money : 0))) / divisor;
}

/**
 * What a customer is expected to spend within the next `horizon` units of time, purchases of each unit discounted to
 * now. Purchases and spend are taken as independent, as the models do. Null where no finite mean exists.
 */
export function customerValue(
  purchases: BgNbd,
  spend: GammaGamma,
  customer: Summary & { money: number | null },
  { horizon, discount = 0 }: { horizon: number; discount?: number },
): number | null {
  const { frequency, money } = customer;
  const mean = gammaGammaMean(spend, money === null ? undefined : { frequency, money });
  if (mean === null) return null;
  if (discount === 0) return bgNbdFuture(purchases, customer, horizon) * mean;
  let value = 0;
  let before = 0;
  for (let unit = 1; unit < horizon + 1; unit++) {
    const until = bgNbdFuture(purchases, customer, Math.min(unit, horizon));
    value += (until - before) / (1 + discount) ** unit;
    before = until;
  }
  return value * mean;
}

export function mustBeSpend({ frequency, money }: Spend): void {
  if (!Number.isSafeInteger(frequency) || frequency < 0) {
    throw new RangeError(`A frequency is a whole number from zero, not ${frequency}.`);
  }
  if (frequency > 0 && (!(money > 0) || money === Number.POSITIVE_INFINITY)) {
    throw new RangeError(`A mean spend is above zero, not ${money}.`);
  }
}

import { logGamma } from '#src/measure/distributions.ts';
import { type Fitted, grouped, memo, notEnough, sampled } from './fitted.ts';
import { dampedHypergeometric } from './hypergeometric.ts';
import { maximise } from './optimum.ts';

/**
 * How often customers without a subscription buy again: BG/NBD. While active they buy at random times at a rate of
 * their own (Gamma(r, α)); after each purchase they leave for good with a chance of their own (Beta(a, b)).
 * Source: Fader, Hardie & Lee 2005, "Counting your customers the easy way", Marketing Science 24(2). α is in units of
 * time, those of the summaries.
 */
export type BgNbd = { r: number; alpha: number; a: number; b: number };

/**
 * What is known of a customer: repeat purchases, the time of the last of them since the first purchase (0 without one),
 * and the time observed since the first purchase. `weight`: so many such customers, 1 unless given.
 */
export type Summary = { frequency: number; recency: number; age: number; weight?: number };

/** Maximum likelihood. Throws a RangeError for a summary that cannot be. */
export function fitBgNbd(customers: readonly Summary[]): Fitted<BgNbd> {
  customers.forEach(mustBeSummary);
  const rows = grouped(customers, (c) => `${c.frequency} ${c.recency} ${c.age}`, weightOf);
  const count = rows.reduce((sum, [, weight]) => sum + weight, 0);
  const repeats = rows.reduce((sum, [row, weight]) => sum + row.frequency * weight, 0);
  if (repeats === 0) return notEnough('nobody has bought again yet.');
  const scale = rows.reduce((sum, [row, weight]) => sum + row.age * weight, 0) / count;
  const parametersOf = (at: readonly number[]): BgNbd => {
    const [r, alpha, a, b] = at.map(Math.exp) as [number, number, number, number];
    return { r, alpha: alpha * scale, a, b };
  };
  const few = sampled(rows);
  const optimum = maximise(
    (at) => logLikelihood(parametersOf(at), rows),
    [
      [-1.4, -2, -0.2, 0.9],
      [0, -0.7, 0, 0],
      [0, 0, -0.7, 1.6],
      [1, 0, -2, 2.3],
      [-0.7, -1, 0, 2],
    ],
    few === rows ? undefined : (at) => logLikelihood(parametersOf(at), few),
  );
  if (!optimum.found) return fitAlike(rows, scale, count, optimum.value);
  const parameters = parametersOf(optimum.at);
  const error = (i: number) => Math.sqrt(optimum.covariance[i]![i]!);
  return {
    enough: true,
    parameters,
    logLikelihood: optimum.value,
    customers: count,
    standardErrors: {
      r: parameters.r * error(0),
      alpha: parameters.alpha * error(1),
      a: parameters.a * error(2),
      b: parameters.b * error(3),
    },
  };
}

/** As large as a + b gets: beyond, customers do not differ in leaving by anything that could be seen. */
const ALIKE = 10_000;

/**
 * Where the likelihood rises without end as a + b grows, all customers leave with about the same chance. How much they
 * differ is then not known (standard errors without end), but what to expect of them is.
 */
function fitAlike(rows: [Summary, number][], scale: number, count: number, reached: number): Fitted<BgNbd> {
  const parametersOf = (at: readonly number[]): BgNbd => {
    const [r, alpha, odds] = at.map(Math.exp) as [number, number, number];
    const a = (ALIKE * odds) / (1 + odds);
    return { r, alpha: alpha * scale, a, b: ALIKE - a };
  };
  const optimum = maximise(
    (at) => logLikelihood(parametersOf(at), rows),
    [
      [0, -0.7, -1],
      [-1, -2, 0],
      [1, 0, -2],
    ],
  );
  if (!optimum.found || optimum.value < reached - 0.01)
    return notEnough(
      'these purchases do not tell apart how often customers buy, how they differ, and when they leave.',
    );
  const parameters = parametersOf(optimum.at);
  return {
    enough: true,
    parameters,
    logLikelihood: optimum.value,
    customers: count,
    standardErrors: {
      r: parameters.r * Math.sqrt(optimum.covariance[0]![0]!),
      alpha: parameters.alpha * Math.sqrt(optimum.covariance[1]![1]!),
      a: Number.POSITIVE_INFINITY,
      b: Number.POSITIVE_INFINITY,
    },
  };
}

export function bgNbdLogLikelihood(parameters: BgNbd, customers: readonly Summary[]): number {
  return logLikelihood(
    parameters,
    customers.map((each) => [each, weightOf(each)]),
  );
}

function logLikelihood({ r, alpha, a, b }: BgNbd, rows: readonly [Summary, number][]): number {
  const start = r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b);
  const ofFrequency = memo((x) => start + logGamma(r + x) + logGamma(b + x) - logGamma(a + b + x));
  let sum = 0;
  for (const [{ frequency: x, recency, age }, weight] of rows) {
    const now = Math.log(alpha + age);
    let row = ofFrequency(x) - (r + x) * now;
    if (x > 0) {
      // ln(1 + e^odds) without overflow: the odds that they have left since.
      const odds = Math.log(a / (b + x - 1)) + (r + x) * (now - Math.log(alpha + recency));
      row += odds > 0 ? odds + Math.log1p(Math.exp(-odds)) : Math.log1p(Math.exp(odds));
    }
    sum += weight * row;
  }
  return sum;
}

/** Repeat purchases expected of a new customer within time `t` of the first one: E[X(t)], equation 9. */
export function bgNbdExpected({ r, alpha, a, b }: BgNbd, t: number): number {
  return purchasesWithin(r, alpha, a, b, t);
}

/** Purchases expected of a known customer within the next `t`: E[Y(t) | x, t_x, T], equation 10. */
export function bgNbdFuture(parameters: BgNbd, customer: Summary, t: number): number {
  mustBeSummary(customer);
  const { r, alpha, a, b } = parameters;
  const { frequency: x, age } = customer;
  return purchasesWithin(r + x, alpha + age, a, b + x, t) * bgNbdAlive(parameters, customer);
}

/**
 * The chance that a customer is still active: P(alive | x, t_x, T). Source: Fader, Hardie & Lee 2008, "Computing
 * P(alive) using the BG/NBD model". Without a repeat purchase it is 1: the model lets nobody leave before one.
 */
export function bgNbdAlive({ r, alpha, a, b }: BgNbd, customer: Summary): number {
  mustBeSummary(customer);
  const { frequency: x, recency, age } = customer;
  if (x === 0) return 1;
  const odds = Math.log(a / (b + x - 1)) + (r + x) * Math.log((alpha + age) / (alpha + recency));
  return 1 / (1 + Math.exp(odds));
}

/**
 * (a + b − 1)/(a − 1) · [1 − (α/(α+t))^r ₂F₁(r, b; a+b−1; t/(α+t))]. At a = 1 and at a + b = 1 the formula is 0/0
 * though what it stands for is smooth in a; there it is interpolated from four points beside (good to 1e-10).
 */
function purchasesWithin(r: number, alpha: number, a: number, b: number, t: number): number {
  if (!(t >= 0)) throw new RangeError('A time to come is zero or more.');
  if (t === 0) return 0;
  const at = (shifted: number) => {
    const damped = dampedHypergeometric(r, b, shifted + b - 1, t / (alpha + t));
    return ((shifted + b - 1) / (shifted - 1)) * (1 - damped);
  };
  if (Math.abs(a - 1) > 1e-3 && Math.abs(a + b - 1) > 1e-3) return at(a);
  const beside = [-4.3e-3, -2.1e-3, 2.1e-3, 4.3e-3].map((by) => by * Math.min(1, a));
  return beside.reduce((sum, x, i) => {
    const weight = beside.reduce((product, y, j) => (i === j ? product : (product * -y) / (x - y)), 1);
    return sum + weight * at(a + x);
  }, 0);
}

export type Purchase = { customer: string /** Days, of any beginning. */; day: number; amount?: number };
export type CustomerSummary = Summary & {
  customer: string /** Mean of the repeat purchases; null without. */;
  money: number | null;
};

/**
 * Purchases in any order as summaries: of everyone who bought by the day `until`, from what they bought by then.
 * Purchases of one day are one. Times are in units of `unitDays` days.
 */
export function summarise(
  purchases: Iterable<Purchase>,
  { until, unitDays = 1 }: { until: number; unitDays?: number },
): CustomerSummary[] {
  const byCustomer = new Map<string, Map<number, number>>();
  for (const { customer, day, amount = 0 } of purchases) {
    if (!Number.isFinite(day) || !Number.isFinite(amount)) throw new RangeError('A purchase has a day and an amount.');
    if (day > until) continue;
    const days = byCustomer.get(customer) ?? new Map<number, number>();
    days.set(Math.floor(day), (days.get(Math.floor(day)) ?? 0) + amount);
    byCustomer.set(customer, days);
  }
  return [...byCustomer].map(([customer, byDay]) => {
    const days = [...byDay.keys()].sort((a, b) => a - b);
    const [first, last] = [days[0]!, days.at(-1)!];
    const repeats = days.slice(1);
    return {
      customer,
      frequency: repeats.length,
      recency: (last - first) / unitDays,
      age: (until - first) / unitDays,
      money: repeats.length === 0 ? null : repeats.reduce((sum, day) => sum + byDay.get(day)!, 0) / repeats.length,
    };
  });
}

function weightOf({ weight = 1 }: Summary): number {
  return weight;
}

/** Throws a RangeError that says what is wrong with it. */
export function mustBeSummary({ frequency, recency, age, weight = 1 }: Summary): void {
  const wrong = (what: string) => {
    throw new RangeError(`${what} (frequency ${frequency}, recency ${recency}, age ${age}).`);
  };
  if (!Number.isSafeInteger(frequency) || frequency < 0) wrong('A frequency is a whole number from zero');
  if (!(recency >= 0) || !(age >= 0) || age === Number.POSITIVE_INFINITY) wrong('Recency and age are times from zero');
  if (recency > age) wrong('Nobody buys later than they were seen');
  if (frequency > 0 !== recency > 0) wrong('A recency above zero and repeat purchases go together');
  if (!(weight >= 0) || weight === Number.POSITIVE_INFINITY) wrong('A weight is a number from zero');
}

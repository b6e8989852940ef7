import { chiSquareQuantile } from '#src/measure/distributions.ts';
import { type Fitted, notEnough } from './fitted.ts';
import { logHypergeometric } from './hypergeometric.ts';
import { cholesky, maximise } from './optimum.ts';

/**
 * How long subscribers stay: the shifted-beta-geometric model. Each leaves at the end of each period with a chance of
 * their own, and these chances follow a Beta(α, β) distribution; so retention rises with age without anyone changing.
 * Source: Fader & Hardie 2007, "How to project customer retention", Journal of Interactive Marketing 21(1).
 */
export type Sbg = { alpha: number; beta: number };

/**
 * Customers by tenure, in whole periods. `lost[t]`: left in their t-th period (t = 1, 2, …; index 0 is 0). `kept[t]`:
 * still there after t periods, and not seen further. Cohorts of different ages may be added; counts may be shares.
 */
export type Tenures = { lost: readonly number[]; kept: readonly number[] };

/** One cohort as survivors: at the start, after one period, and so on; never rising. Throws a RangeError otherwise. */
export function tenuresOf(survivors: readonly number[]): Tenures {
  survivors.forEach((count, t) => {
    if (!(count >= 0) || count === Number.POSITIVE_INFINITY)
      throw new RangeError(`Period ${t}: a count is from zero up.`);
    if (t > 0 && count > survivors[t - 1]!) throw new RangeError(`Period ${t}: more survivors than before.`);
  });
  const last = survivors.length - 1;
  return {
    lost: survivors.map((count, t) => (t === 0 ? 0 : survivors[t - 1]! - count)),
    kept: survivors.map((count, t) => (t === last ? count : 0)),
  };
}

/** One row per customer: whole periods completed, and whether they left in the one after. */
export function tenures(customers: Iterable<{ periods: number; lost: boolean }>): Tenures {
  const lost: number[] = [];
  const kept: number[] = [];
  for (const { periods, lost: gone } of customers) {
    if (!Number.isSafeInteger(periods) || periods < 0) throw new RangeError('A tenure is a whole number of periods.');
    const [list, at] = gone ? [lost, periods + 1] : [kept, periods];
    list[at] = (list[at] ?? 0) + 1;
  }
  return { lost: Array.from(lost, (count) => count ?? 0), kept: Array.from(kept, (count) => count ?? 0) };
}

/** Maximum likelihood, customers still there counted as censored. */
export function fitSbg(observed: Tenures): Fitted<Sbg> {
  const gone = total(observed.lost);
  const left = total(observed.kept.slice(1));
  if (gone === 0) return notEnough('nobody has left yet.');
  const periods = observed.lost.filter((count) => count > 0).length;
  if (periods < 2 && left === 0) return notEnough('everybody left in the same period.');
  const optimum = maximise(
    (at) => sbgLogLikelihood(fromLogs(at), observed),
    [
      [0, 0],
      [-0.4, 1.3],
      [1, 3],
      [-1, -1],
      [3, 4],
    ],
  );
  if (!optimum.found) return notEnough('the losses so far do not tell how much customers differ in staying.');
  const parameters = fromLogs(optimum.at);
  return {
    enough: true,
    parameters,
    logLikelihood: optimum.value,
    customers: gone + total(observed.kept),
    standardErrors: {
      alpha: parameters.alpha * Math.sqrt(optimum.covariance[0]![0]!),
      beta: parameters.beta * Math.sqrt(optimum.covariance[1]![1]!),
    },
  };
}

export function sbgLogLikelihood({ alpha, beta }: Sbg, { lost, kept }: Tenures): number {
  let survived = 0;
  let sum = 0;
  for (let t = 1; t < Math.max(lost.length, kept.length); t++) {
    const leaving = alpha / (alpha + beta + t - 1);
    if (lost[t]) sum += lost[t]! * (survived + Math.log(leaving));
    survived += Math.log1p(-leaving);
    if (kept[t]) sum += kept[t]! * survived;
  }
  return sum;
}

/** Share of a cohort still there after `periods`; 1 at 0. */
export function sbgSurvival({ alpha, beta }: Sbg, periods: number): number {
  let survived = 0;
  for (let t = 0; t < periods; t++) survived += Math.log1p(-alpha / (alpha + beta + t));
  return Math.exp(survived);
}

/** Of those who survived `period` − 1 periods, the share who survive the next; `period` from 1. */
export function sbgRetention({ alpha, beta }: Sbg, period: number): number {
  return (beta + period - 1) / (alpha + beta + period - 1);
}

/**
 * Discounted expected residual lifetime: the periods a customer will still pay, seen just before the renewal after
 * `renewals` earlier ones, each discounted by (1 + discount) per period from then. Source: Fader & Hardie 2010,
 * "Customer-base valuation in a contractual setting", Marketing Science 29(1), equation 6. `discount` > 0, per period.
 */
export function sbgResidual({ alpha, beta }: Sbg, renewals: number, discount: number): number {
  if (!(discount > 0)) throw new RangeError('A residual lifetime without an end needs a discount rate above zero.');
  const age = beta + renewals;
  const { log } = logHypergeometric(1, age + 1, alpha + age + 1, 1 / (1 + discount));
  return (age / (alpha + age)) * Math.exp(log);
}

/** Periods a new customer pays within `horizon`, the first at once, each later one discounted. */
export function sbgPeriods({ alpha, beta }: Sbg, { horizon, discount = 0 }: Horizon): number {
  let survived = 1;
  let factor = 1;
  let sum = 0;
  for (let t = 0; t < horizon; t++) {
    sum += survived * factor;
    survived *= (beta + t) / (alpha + beta + t);
    factor /= 1 + discount;
  }
  return sum;
}

export type Horizon = { horizon: number; discount?: number };
export type LifetimePeriods =
  | { enough: true; parameters: Sbg; periods: number; interval: { low: number; high: number }; customers: number }
  | { enough: false; reason: string };

/**
 * `sbgPeriods` from data, with its profile likelihood interval: the smallest and largest value among all parameters
 * whose likelihood ratio is not yet refused (Venzon & Moolgavkar 1988). Times a constant revenue per period it is the
 * lifetime value. Below 30 customers or 10 losses it says that this is not enough.
 */
export function lifetimePeriods(
  observed: Tenures,
  { horizon, discount = 0, confidence = 0.95 }: Horizon & { confidence?: number },
): LifetimePeriods {
  const [gone, all] = [total(observed.lost), total(observed.lost) + total(observed.kept)];
  if (all < 30) return notEnough(`${all} of the 30 customers needed so far.`);
  if (gone < 10) return notEnough(`${gone} of the 10 lost customers needed so far.`);
  const fit = fitSbg(observed);
  if (!fit.enough) return fit;
  const interval = sbgInterval(observed, fit.parameters, confidence, (each) => sbgPeriods(each, { horizon, discount }));
  const periods = sbgPeriods(fit.parameters, { horizon, discount });
  return { enough: true, parameters: fit.parameters, periods, interval, customers: all };
}

/** The range of `quantity` over the likelihood region around the fitted parameters. */
export function sbgInterval(
  observed: Tenures,
  fitted: Sbg,
  confidence: number,
  quantity: (parameters: Sbg) => number,
): { low: number; high: number } {
  const centre = [Math.log(fitted.alpha), Math.log(fitted.beta)] as const;
  const height = (x: number, y: number) => sbgLogLikelihood(fromLogs([x, y]), observed);
  const floor = height(...centre) - chiSquareQuantile(confidence, 1) / 2;
  const shape = cholesky(spreadAt(height, centre)) ?? [
    [1, 0],
    [0, 1],
  ];
  let [low, high] = [quantity(fitted), quantity(fitted)];
  for (let angle = 0; angle < 720; angle++) {
    const [u, v] = [Math.cos((angle * Math.PI) / 360), Math.sin((angle * Math.PI) / 360)];
    const [dx, dy] = [shape[0]![0]! * u, shape[1]![0]! * u + shape[1]![1]! * v];
    const at = (reach: number) => [centre[0] + reach * dx, centre[1] + reach * dy] as const;
    const within = (reach: number) => at(reach).every((each) => Math.abs(each) < 14) && height(...at(reach)) >= floor;
    let [inside, outside] = [0, 1];
    while (within(outside)) [inside, outside] = [outside, outside * 2];
    for (let step = 0; step < 50; step++) {
      const middle = (inside + outside) / 2;
      if (within(middle)) inside = middle;
      else outside = middle;
    }
    const there = quantity(fromLogs(at(inside)));
    low = Math.min(low, there);
    high = Math.max(high, there);
  }
  return { low, high };
}

/** Inverse of the curvature of `height` at its top, by differences. */
function spreadAt(height: (x: number, y: number) => number, [x, y]: readonly [number, number]): number[][] {
  const h = 1e-3;
  const top = height(x, y);
  const xx = (2 * top - height(x + h, y) - height(x - h, y)) / (h * h);
  const yy = (2 * top - height(x, y + h) - height(x, y - h)) / (h * h);
  const xy = (height(x + h, y - h) + height(x - h, y + h) - height(x + h, y + h) - height(x - h, y - h)) / (4 * h * h);
  const determinant = xx * yy - xy * xy;
  return [
    [yy / determinant, -xy / determinant],
    [-xy / determinant, xx / determinant],
  ];
}

function fromLogs(at: readonly number[]): Sbg {
  return { alpha: Math.exp(at[0]!), beta: Math.exp(at[1]!) };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
